"""What is evaluated: a model and the digits that it read."""

from dataclasses import dataclass

import numpy as np

from digit_core import misreadings
from digit_core.catalogue import Catalogue
from digit_core.misreadings import Readings
from ui import resources, words

# Name in the address -> what it is called, its catalogue, and the part of it.
SETS = {
    "mnist-test": ("MNIST test", "mnist", "test"),
    "mnist-validation": ("MNIST validation", "mnist", "validation"),
    "sklearn-digits": ("scikit-learn's digits", "sklearn-digits", "all"),
}


@dataclass(frozen=True, eq=False)
class Subject:
    """A model and a set of n digits.

    Attributes:
        model: the name of the model.
        title: what the model is called on screen.
        set_name: a key of SETS.
        catalogue: where the digits stand.
        rows: int64 array of shape (n,): the digits' rows in the catalogue, rising.
        probabilities: float32 array of shape (n, 10), read-only.
        readings: what these come to, digit by digit.
    """

    model: str
    title: str
    set_name: str
    catalogue: Catalogue
    rows: np.ndarray
    probabilities: np.ndarray
    readings: Readings

    @property
    def labels(self) -> np.ndarray:
        """uint8 array of shape (n,)."""
        return self.catalogue.labels[self.rows]

    @property
    def images(self) -> np.ndarray:
        """uint8 array of shape (n, 28, 28), read-only; no copy."""
        return self.catalogue.parts[self.catalogue.splits.index(SETS[self.set_name][2])]

    @property
    def in_doubt(self) -> np.ndarray:
        """int64 array: which of the n have a label in doubt."""
        return np.flatnonzero(self.catalogue.in_doubt[self.rows])

    def in_catalogue(self) -> np.ndarray:
        """The probabilities at the catalogue's rows: float32 of shape (whole set, 10), NaN where nothing was asked."""
        spread = np.full((len(self.catalogue), 10), np.nan, np.float32)
        spread[self.rows] = self.probabilities
        return spread


def of(model: str, set_name: str) -> Subject:
    """A model and a set by their names; the answers are computed once for all visitors.

    Raises:
        DigitError: there is no such model.
    """
    _, of_catalogue, split = SETS[set_name]
    catalogue = resources.catalogue(of_catalogue)
    rows = np.flatnonzero(catalogue.split == catalogue.splits.index(split))
    probabilities = resources.split_answers(of_catalogue, split, model)
    readings = misreadings.read(catalogue.labels[rows], probabilities)
    title = resources.model_title(model)
    return Subject(model, title, set_name, catalogue, rows, probabilities, readings)


def warning(subject: Subject) -> str:
    """A sentence where the figures flatter the model, else ""."""
    card = resources.card(subject.model)
    name = words.plain(subject.title)
    if subject.set_name == "mnist-test" and card.get("chosen_on_test"):
        return (
            f"{name} was chosen on these very test digits: its figures here flatter it, as they do in many tutorials. "
            "Look at scikit-learn's digits, too."
        )
    if subject.set_name == "mnist-validation":
        return learnt_from_validation(subject.model) or (
            ""
            if card.get("chosen_on_test")
            else f"{name} was chosen on these digits: the test digits are fairer."
        )
    return ""


def learnt_from_validation(model: str) -> str:
    """A sentence where a model has learnt from MNIST's validation digits, or may have, else ""."""
    card, name = resources.card(model), words.plain(resources.model_title(model))
    configuration = card.get("configuration")
    if configuration is None:
        return f"{name} was trained elsewhere, so it may have learnt from the validation digits."
    if configuration.get("validation_share") is not None:
        return f"{name} held back a share of its own, so it learnt from most of these validation digits."
    return ""
