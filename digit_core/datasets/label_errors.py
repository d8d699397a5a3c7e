"""Test digits of MNIST whose label people doubted.

C. G. Northcutt, A. Athalye and J. Mueller, "Pervasive Label Errors in Test Sets Destabilize Machine Learning
Benchmarks" (NeurIPS Datasets and Benchmarks, 2021), showed 100 suspects of the MNIST test set to five people each.
For these 15, fewer than three of the five upheld the label.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class LabelInDoubt:
    """One suspect.

    Attributes:
        number: its place in the MNIST test set, 0 to 9,999.
        given: the label that MNIST gives it, 0 to 9.
        suggested: what it was suspected to be instead, 0 to 9.
    """

    number: int
    given: int
    suggested: int


LABELS_IN_DOUBT = (
    LabelInDoubt(947, 8, 9),
    LabelInDoubt(1621, 0, 6),
    LabelInDoubt(1901, 9, 4),
    LabelInDoubt(2130, 4, 9),
    LabelInDoubt(2462, 2, 0),
    LabelInDoubt(2597, 5, 3),
    LabelInDoubt(2654, 6, 1),
    LabelInDoubt(3520, 6, 4),
    LabelInDoubt(3558, 5, 0),
    LabelInDoubt(5937, 5, 3),
    LabelInDoubt(6651, 0, 6),
    LabelInDoubt(6783, 1, 6),
    LabelInDoubt(8527, 4, 9),
    LabelInDoubt(9679, 6, 3),
    LabelInDoubt(9729, 5, 6),
)
