"""Label errors: test digits of MNIST whose label people doubted.

C. G. Northcutt, A. Athalye and J. Mueller, "Pervasive Label Errors in Test Sets Destabilize Machine Learning
Benchmarks" (NeurIPS Datasets and Benchmarks, 2021), showed 100 suspects of the MNIST test set to five people each.
For these 15, fewer than three of the five upheld the label.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class LabelError:
    """One suspect.

    Attributes:
        number: its place in the MNIST test set, 0 to 9,999.
        given: the label that MNIST gives it, 0 to 9.
        suggested: what it was suspected to be instead, 0 to 9.
    """

    number: int
    given: int
    suggested: int


LABEL_ERRORS = (
    LabelError(947, 8, 9),
    LabelError(1621, 0, 6),
    LabelError(1901, 9, 4),
    LabelError(2130, 4, 9),
    LabelError(2462, 2, 0),
    LabelError(2597, 5, 3),
    LabelError(2654, 6, 1),
    LabelError(3520, 6, 4),
    LabelError(3558, 5, 0),
    LabelError(5937, 5, 3),
    LabelError(6651, 0, 6),
    LabelError(6783, 1, 6),
    LabelError(8527, 4, 9),
    LabelError(9679, 6, 3),
    LabelError(9729, 5, 6),
)
