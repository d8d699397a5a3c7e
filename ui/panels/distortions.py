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
    "handwriting, mild": "Handwriting, mild",
}

DESCRIPTIONS = {
    "none": "The digits as they are.",
    "gentle": "Turned, leaned, moved and bent a little.",
    "strong": "Turned, leaned, moved and bent more, with bolder and finer pens and a little grain.",
    "handwriting": "As strong, and three in ten 0s, 1s, 5s and 7s written in styles that are rare in MNIST: with a slash, a flag, a bar. "
    "A few are blurred, faded, covered, shadowed or crossed by a line.",
    "handwriting, half clean": "As handwriting, for every other digit; the rest are only turned, leaned, moved and bent a little, "
    "so that the network reads plain digits best.",
    "handwriting, mild": "As handwriting, with less of each: for the last lessons of a network that knows the stronger ones.",
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
        "shear": Slider("Shear, degrees", 1.0, 40.0, "Upright lines lean, as handwriting does."),
        "scale": Slider("Size, share", 0.01, 0.5, "0.1 draws widths and heights from 0.9 to 1.1."),
        "shift": Slider("Shift, pixels", 0.5, 6.0, "Moved along each axis by up to this much."),
        "stretch": Slider(
            "Stretch, share", 0.05, 1.0, "Narrow digits are widened; 1 widens some until they fill a square."
        ),
        "outlier_share": Slider(
            "Outliers (share of digits)",
            0.01,
            1.0,
            "So many are turned, moved and resized three times as far.",
        ),
        "clean_share": Slider(
            "Clean (share of digits)",
            0.05,
            1.0,
            "So many are only turned, leaned, moved, resized, bent and thickened, half as far; nothing else is done to them.",
        ),
        "recenter": Slider(
            "Re-centred (share of digits)",
            0.05,
            1.0,
            "So many are fitted to 20 pixels and centred once more, as the Draw page does with your drawing.",
        ),
    },
    "Pen and hand": {
        "thickness": Slider("Thickness, pixels", 0.1, 2.0, "Bolder and finer pens."),
        "elastic": Slider("Elastic, pixels", 0.1, 3.0, "Bent as rubber would be (Simard et al., 2003)."),
        "habits": Slider(
            "Other ways of writing, share",
            0.05,
            1.0,
            "So many 0s get a slash, 1s a flag or a foot, 7s a bar and 5s a top of their own, which are rare in MNIST.",
        ),
    },
    "Picture": {
        "gamma": Slider("Tones", 0.1, 2.0, "The grey edges of strokes get lighter or darker."),
        "contrast": Slider(
            "Faded ink, share", 0.05, 0.95, "Up to this much of the ink fades; in most digits little."
        ),
        "blur": Slider("Blur, pixels", 0.1, 4.0, "Out of focus by up to this much; most digits hardly."),
        "coarseness": Slider(
            "Lost resolution, share",
            0.05,
            0.75,
            "As on a coarser screen: 0.5 leaves some digits 14 by 14 cells.",
        ),
        "low_res_share": Slider(
            "Low resolution (share of digits)",
            0.02,
            1.0,
            "So many look as in the first public sets of digits: widened towards a square, on 8 to 16 cells.",
        ),
        "noise": Slider(
            "Noise, share of full ink", 0.01, 0.5, "Grain, as in a bad photo; in most digits little."
        ),
        "ground": Slider("Shadow, share of full ink", 0.05, 0.9, "The paper gets darker towards one side."),
        "lines": Slider(
            "Stray lines, share of the digits", 0.02, 1.0, "So many have a line across, as on ruled paper."
        ),
        "cover": Slider(
            "Covered, pixels", 1.0, 20.0, "A square of blank paper, up to this large, hides a part."
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
