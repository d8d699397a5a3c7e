"""The distortions of digits in words: what each is called, by how much it goes, and what it does."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

TITLES = {  # as `digit_core.augmentation.policies.POLICIES`
    "none": "None",
    "gentle": "Gentle",
    "strong": "Strong",
    "handwriting": "Handwriting",
    "handwriting, half clean": "Handwriting, half of them clean",
    "handwriting, any form": "Handwriting, any form",
    "handwriting, mild": "Handwriting, mild",
}

DESCRIPTIONS = {
    "none": "The digits as they are.",
    "gentle": "Turned, leaned, moved and bent a little.",
    "strong": "Turned, leaned, moved and bent more, with bolder and finer pens and a little noise.",
    "handwriting": "Like “Strong”, and three in ten 0s, 1s, 5s and 7s are written in styles that are rare in MNIST: with a slash, a flag, a bar. "
    "A few are blurred, faded, covered, shadowed or crossed by a line.",
    "handwriting, half clean": "Every other digit as in “Handwriting”; the rest are only turned, leaned, moved and bent a little, "
    "so that the network reads plain digits best.",
    "handwriting, any form": "As “Handwriting, half of them clean”, with more forms of digits, outlines, zigzag lines across, and "
    "parts in which ink and paper are swapped.",
    "handwriting, mild": "Like “Handwriting”, but weaker: for the last epochs of a network that has learnt the stronger ones.",
}


@dataclass(frozen=True)
class Slider:
    """One distortion for people.

    Attributes:
        label: its name and unit.
        step: of its slider.
        most: what is worth a look; more can be asked for, and is hardly a digit any more.
        words: one sentence on what it does.
    """

    label: str
    step: float
    most: float
    words: str


GROUPS: dict[str, dict[str, Slider]] = {
    "Place and form": {
        "rotation": Slider("Rotation, degrees", 1.0, 45.0, "Turned to either side by up to this much."),
        "shear": Slider("Shear, degrees", 1.0, 40.0, "Upright lines lean, as in handwriting."),
        "scale": Slider(
            "Size, share", 0.01, 0.5, "With 0.1, widths and heights are multiplied by 0.9 to 1.1."
        ),
        "shift": Slider("Shift, pixels", 0.5, 6.0, "Moved along each axis by up to this much."),
        "stretch": Slider(
            "Stretch, share", 0.05, 1.0, "Narrow digits are widened; 1 widens some until they fill a square."
        ),
        "square_share": Slider(
            "Squared (share of digits)",
            0.02,
            1.0,
            "This share is widened until it fills a square, or nearly. A thin 1 becomes a block.",
        ),
        "outlier_share": Slider(
            "Outliers (share of digits)",
            0.01,
            1.0,
            "This share is turned, moved and resized three times as far.",
        ),
        "clean_share": Slider(
            "Clean (share of digits)",
            0.05,
            1.0,
            "This share is only turned, leaned, moved, resized, bent and thickened, and only half as far; nothing else is done to it.",
        ),
        "recenter": Slider(
            "Re-centred (share of digits)",
            0.05,
            1.0,
            "This share is fitted to 20 pixels and centred again, as the Draw page does with your drawing.",
        ),
    },
    "Pen and hand": {
        "thickness": Slider("Thickness, pixels", 0.1, 2.0, "Bolder and finer pens."),
        "elastic": Slider("Elastic, pixels", 0.1, 3.0, "Bent like rubber (Simard et al., 2003)."),
        "habits": Slider(
            "Rare styles (share of digits)",
            0.05,
            1.0,
            "This share of 0s gets a slash, of 1s a flag or a foot, of 7s a bar and of 5s a separate top. All are rare in MNIST.",
        ),
        "rare_forms": Slider(
            "Rare forms (share of digits)",
            0.05,
            1.0,
            "This share is written in a form that MNIST hardly has: a 1 with a long upstroke, a 9 with a foot, digits as on a clock.",
        ),
    },
    "Picture": {
        "gamma": Slider("Tones", 0.1, 2.0, "The grey edges of strokes get lighter or darker."),
        "contrast": Slider(
            "Faded ink, share", 0.05, 0.95, "Up to this much of the ink fades, but little in most digits."
        ),
        "blur": Slider(
            "Blur, pixels", 0.1, 4.0, "Out of focus by up to this much, but little in most digits."
        ),
        "coarseness": Slider(
            "Lost resolution, share",
            0.05,
            0.75,
            "As on a coarser screen: with 0.5, some digits have only 14 by 14 cells.",
        ),
        "low_res_share": Slider(
            "Low resolution (share of digits)",
            0.02,
            1.0,
            "This share looks as if from an old scanner: widened towards a square, on 10 to 22 cells.",
        ),
        "noise": Slider(
            "Noise, share of full ink", 0.01, 0.5, "Like a bad photo, but little in most digits."
        ),
        "ground": Slider("Shadow, share of full ink", 0.05, 0.9, "The paper gets darker towards one side."),
        "lines": Slider(
            "Stray lines (share of digits)", 0.02, 1.0, "This share has a line across, as on ruled paper."
        ),
        "zigzags": Slider(
            "Zigzag lines (share of digits)", 0.02, 1.0, "This share has a line across that goes to and fro."
        ),
        "outlines": Slider(
            "Outlines (share of digits)",
            0.02,
            1.0,
            "Only the outline of this share is left, as from a hollow pen.",
        ),
        "inversions": Slider(
            "Inverted parts (share of digits)",
            0.02,
            1.0,
            "In this share, ink and paper are swapped in a band or in about a half.",
        ),
        "cover": Slider(
            "Covered, pixels",
            1.0,
            20.0,
            "A square of blank paper, up to this large, hides a part of the digit.",
        ),
    },
}


def sliders(show: Callable[[str, Slider], float]) -> dict[str, float]:
    """All distortions, in tabs of a few.

    Args:
        show: shows the slider of one, given its field of `Distortion`, and returns its value.

    Returns:
        The values by field.
    """
    tabs = zip(st.tabs(list(GROUPS)), GROUPS.values(), strict=True)
    found = {}
    for tab, group in tabs:
        with tab:
            found |= {field: show(field, slider) for field, slider in group.items()}
    return found
