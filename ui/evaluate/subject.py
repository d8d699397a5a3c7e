"""What is evaluated: a model and the digits that it read."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from digit_core.datasets.catalogue import Catalogue
from digit_core.inference import provenance
from digit_core.metrics import misclassified
from digit_core.metrics.misclassified import Predictions
from digit_core.storage import drawing_datasets
from digit_core.storage.drawings import DrawingSet
from ui.frame import resources, state, words
from ui.panels import drawing_sets

_KEY = "digits"


@dataclass(frozen=True)
class DigitSet:
    """Some digits to be read.

    Attributes:
        name: in file names.
        title: what it is called on screen.
        catalogue: the name of its catalogue.
        split: the part of that.
        drawings: the set of drawings that it is; None for one of the app's own.
        held_back: whether only its drawings are meant that are held back from learning.
    """

    name: str
    title: str
    catalogue: str
    split: str
    drawings: DrawingSet | None = None
    held_back: bool = False


MNIST_TEST = DigitSet("mnist-test", "MNIST test", "mnist", "test")
SETS = {
    found.name: found
    for found in (
        MNIST_TEST,
        DigitSet("mnist-validation", "MNIST validation", "mnist", "validation"),
        DigitSet("sklearn-digits", "scikit-learn's digits", "sklearn-digits", "all"),
    )
}


def choose(model: str, who: str | None) -> DigitSet:
    """Ask which digits are to be read: the app's own, or a set of drawings that is open to the visitor.

    Args:
        model: the name of the model; of drawings that it has learnt from only those that were held back count.
        who: the visitor; None before the browser has answered.

    Raises:
        DigitError: there is no such model.
    """
    titles = {name: found.title for name, found in SETS.items()}
    explanation = "The test digits were used neither for training nor for any choice. scikit-learn's digits come from other people."
    chosen = drawing_sets.choose(who, drawing_sets.of(who), titles, _KEY, explanation)
    return SETS[chosen] if isinstance(chosen, str) else _of_drawings(model, chosen)


def _of_drawings(model: str, drawings: DrawingSet) -> DigitSet:
    has_learnt = drawings.id in resources.card(model).get("learnt_sets", ())
    part = drawing_datasets.EXAM if has_learnt else drawing_datasets.ALL
    catalogue = drawing_datasets.name(drawings, part)
    return DigitSet(f"drawings-{part}", drawings.name, catalogue, part, drawings, has_learnt)


@dataclass(frozen=True, eq=False)
class Subject:
    """A model and a set of n digits.

    Attributes:
        model: the name of the model.
        title: what the model is called on screen.
        digits: what is read.
        catalogue: where the digits stand.
        rows: int64 array of shape (n,): the digits' rows in the catalogue, rising.
        probabilities: float32 array of shape (n, 10), read-only.
        predictions: what these come to, digit by digit.
    """

    model: str
    title: str
    digits: DigitSet
    catalogue: Catalogue
    rows: np.ndarray
    probabilities: np.ndarray
    predictions: Predictions

    @property
    def labels(self) -> np.ndarray:
        """uint8 array of shape (n,)."""
        return self.catalogue.labels[self.rows]

    @property
    def images(self) -> np.ndarray:
        """uint8 array of shape (n, 28, 28), read-only; no copy."""
        return self.catalogue.parts[self.catalogue.splits.index(self.digits.split)]

    @property
    def label_errors(self) -> np.ndarray:
        """int64 array: which of the n have a label in doubt."""
        return np.flatnonzero(self.catalogue.has_label_error[self.rows])

    def in_catalogue(self) -> np.ndarray:
        """The probabilities at the catalogue's rows: float32 of shape (whole set, 10), NaN where nothing was asked."""
        spread = np.full((len(self.catalogue), 10), np.nan, np.float32)
        spread[self.rows] = self.probabilities
        return spread


def of(model: str, digits: DigitSet) -> Subject:
    """A model and some digits; the answers are computed once for all visitors.

    Raises:
        DigitError: there is no such model, or there are no such digits.
    """
    catalogue = resources.catalogue(digits.catalogue)
    rows = np.flatnonzero(catalogue.split == catalogue.splits.index(digits.split))
    probabilities = resources.split_answers(digits.catalogue, digits.split, model)
    predictions = misclassified.predictions(catalogue.labels[rows], probabilities)
    title = resources.model_title(model)
    return Subject(model, title, digits, catalogue, rows, probabilities, predictions)


def models() -> dict[str, str]:
    """The models to choose from: name to title, no two alike; the shipped ones, then those this visitor has used."""
    known = (*resources.cards(), *st.session_state.get(state.OWN_MODELS, ()))
    return words.distinct({model: resources.model_title(model) for model in known})


def warning(subject: Subject) -> str:
    """A sentence where the figures flatter the model, else ""."""
    if subject.digits.catalogue != "mnist":
        return ""
    return provenance.warning(resources.card(subject.model), words.plain(subject.title), subject.digits.split)
