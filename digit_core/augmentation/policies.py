"""Augmentation policies: how far digits may be distorted, the limits, and the policies that have a name."""

from dataclasses import dataclass, fields, replace

from digit_core.errors import ConfigurationError, number_sentences


@dataclass(frozen=True)
class Distortion:
    """The largest distortions; each digit draws its own between minus and plus these. Zero leaves it alone.

    Attributes:
        rotation: degrees.
        shift: pixels, along each axis.
        scale: share of the size; 0.1 draws from 0.9 to 1.1 along each axis.
        shear: degrees by which upright lines lean.
        thickness: pixels by which strokes grow or shrink on each side.
        elastic: pixels, the root mean square of smooth random displacements (Simard et al., 2003).
        noise: standard deviation of Gaussian noise, as a share of full ink, from 0 to this; like all below that start
            from 0, it is rarely near its largest.
        stretch: how far a narrow digit is widened towards a square, as some scanners do; 1 fills it. Most draw little.
        blur: pixels, the standard deviation of a Gaussian, from 0 to this.
        coarseness: share of the resolution that is lost, from 0 to this; 0.7 leaves about 8 x 8 cells.
        gamma: the tones of grey edges: the ink, 0 to 1, to a power between 1 / (1 + gamma) and 1 + gamma.
        contrast: share of the ink that fades, from 0 to this.
        ground: how dark a shadow on the paper gets, as a share of full ink, from 0 to this.
        lines: share of the digits with a stray line across.
        cover: pixels, the side of a square of blank paper that hides a part, from 0 to this.
        habits: share of the 0s, 1s, 5s and 7s that are written in styles that are rare in MNIST; see `writing_styles`.
        recenter: share of the digits that are fitted to 20 pixels and centred by mass again once their form is
            changed, as preprocessing does with every drawing; only then are they shifted, resized and degraded.
        outlier_share: share of the digits that are turned, shifted and resized three times as far.
        low_res_share: share of the digits that look as if from an old scanner: fitted, widened towards a square, shown
            on 10 to 22 cells.
        square_share: share of the digits that are fitted and widened to a square, or nearly, as some scanners do.
        rare_forms: share of the digits that are written in a form that MNIST hardly has, such as a 9 with a foot; see
            `rare_forms`.
        outlines: share of the digits of which only the outline is left.
        zigzags: share of the digits with a bent stray line across.
        inversions: share of the digits of which a band or a half has ink and paper swapped.
        clean_share: share of the digits whose form alone is distorted, half as far; nothing below "elastic" changes
            them.

    Example:
        >>> from digit_core import Distortion, TrainingConfig
        >>> config = TrainingConfig(augmentation=Distortion(rotation=15, shift=2))
        >>> config.augmentation.rotation
        15
    """

    rotation: float = 0.0
    shift: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    thickness: float = 0.0
    elastic: float = 0.0
    noise: float = 0.0
    stretch: float = 0.0
    blur: float = 0.0
    coarseness: float = 0.0
    gamma: float = 0.0
    contrast: float = 0.0
    ground: float = 0.0
    lines: float = 0.0
    cover: float = 0.0
    habits: float = 0.0
    recenter: float = 0.0
    outlier_share: float = 0.0
    low_res_share: float = 0.0
    square_share: float = 0.0
    rare_forms: float = 0.0
    outlines: float = 0.0
    zigzags: float = 0.0
    inversions: float = 0.0
    clean_share: float = 0.0

    def __post_init__(self) -> None:
        sentences = [
            sentence
            for field in fields(self)
            for sentence in number_sentences(
                f"distortion {field.name}", getattr(self, field.name), 0, LIMITS[field.name]
            )
        ]
        if sentences:
            raise ConfigurationError(sentences)


# All that is done to clean digits.
FORM = "rotation", "shift", "scale", "shear", "thickness", "elastic"

LIMITS = {
    "rotation": 180.0,
    "shift": 14.0,
    "scale": 0.9,
    "shear": 60.0,
    "thickness": 4.0,
    "elastic": 5.0,
    "noise": 1.0,
    "stretch": 1.0,
    "blur": 4.0,
    "coarseness": 0.75,
    "gamma": 3.0,
    "contrast": 0.95,
    "ground": 0.9,
    "lines": 1.0,
    "cover": 20.0,
    "habits": 1.0,
    "recenter": 1.0,
    "outlier_share": 1.0,
    "low_res_share": 1.0,
    "square_share": 1.0,
    "rare_forms": 1.0,
    "outlines": 1.0,
    "zigzags": 1.0,
    "inversions": 1.0,
    "clean_share": 1.0,
}

_HANDWRITING = Distortion(
    rotation=15,
    shift=1.5,
    scale=0.14,
    shear=16,
    thickness=1.3,
    elastic=1.2,
    noise=0.35,
    stretch=0.8,
    blur=1.7,
    coarseness=0.65,
    gamma=0.6,
    contrast=0.7,
    ground=0.15,
    lines=0.06,
    cover=9,
    habits=0.3,
    recenter=0.8,
    outlier_share=0.12,
)

POLICIES = {
    "none": Distortion(),
    "gentle": Distortion(rotation=8, shift=1.0, scale=0.06, shear=6, thickness=0.3, elastic=0.5),
    "strong": Distortion(
        rotation=14, shift=1.5, scale=0.12, shear=14, thickness=0.9, elastic=1.1, noise=0.04
    ),
    "handwriting": _HANDWRITING,
    "handwriting, half clean": replace(_HANDWRITING, habits=0.4, low_res_share=0.12, clean_share=0.5),
    "handwriting, any form": replace(
        _HANDWRITING,
        habits=0.4,
        low_res_share=0.1,
        square_share=0.08,
        rare_forms=0.2,
        outlines=0.1,
        zigzags=0.14,
        inversions=0.14,
        outlier_share=0.15,
        clean_share=0.5,
    ),
    "handwriting, mild": Distortion(
        rotation=10,
        shift=1.0,
        scale=0.1,
        shear=10,
        thickness=0.8,
        elastic=0.9,
        noise=0.25,
        stretch=0.6,
        blur=1.4,
        coarseness=0.6,
        gamma=0.5,
        contrast=0.7,
        ground=0.12,
        lines=0.04,
        cover=8,
        habits=0.2,
        recenter=0.7,
        outlier_share=0.08,
    ),
}
