"""What was read on pictures, as a table that other programs open."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digit_core.digits import brief
from digit_core.files import names

COLUMNS = ("picture", "digit", "confidence", "second guess", "its confidence", "remark")


@dataclass(frozen=True, eq=False)
class Result:
    """One picture and what was read on it.

    Attributes:
        name: of the picture.
        probabilities: float32 array of shape (10,), 0.0 to 1.0; None where it could not be read.
        remark: a sentence, such as why it could not be read, or "".
    """

    name: str
    probabilities: np.ndarray | None
    remark: str = ""

    __repr__ = brief

    @property
    def guesses(self) -> tuple[int, int]:
        """The likeliest digit and the next one; there must be probabilities."""
        assert self.probabilities is not None
        second, first = (int(digit) for digit in self.probabilities.argsort(kind="stable")[-2:])
        return first, second


def as_csv(results: Sequence[Result]) -> bytes:
    """Results as a CSV file: a row for each picture, its probabilities with four digits behind the point.

    It starts with a byte order mark, without which spreadsheets take it for another encoding than UTF-8.
    """
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    for result in results:
        figures: list[object] = ["", "", "", ""]
        if result.probabilities is not None:
            first, second = result.guesses
            shares = [f"{float(result.probabilities[digit]):.4f}" for digit in (first, second)]
            figures = [first, shares[0], second, shares[1]]
        rows.writerow([names.cell(result.name), *figures, names.cell(result.remark)])
    return text.getvalue().encode("utf-8-sig")
