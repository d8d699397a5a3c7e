"""Sets of digits, and what can be said of them whatever model reads them."""

import numpy as np
import streamlit as st

from digit_core import datasets
from digit_core.datasets import catalogue as catalogues
from digit_core.datasets import statistics as set_statistics
from digit_core.explanations import morphometrics
from digit_core.preprocessing import images, normalization
from digit_core.storage import drawing_datasets
from ui.frame import state
from ui.frame.resources.trainings import store


@st.cache_resource(max_entries=1, show_spinner="Opening 70,000 digits …")
def mnist() -> datasets.Mnist:
    """MNIST; its arrays are read-only."""
    return datasets.load_mnist()


def catalogue(name: str) -> catalogues.Catalogue:
    """A set of digits to browse: one of `catalogue.CATALOGUES`, or the `name` of a set of drawings as it stands.

    Raises:
        DigitError: there is none, or it is not open to this visitor.
    """
    of_drawings = drawing_datasets.parse(name)
    return _catalogue(name) if of_drawings is None else drawn(name).catalogue


@st.cache_resource(max_entries=4, show_spinner="Measuring the digits …")
def _catalogue(name: str) -> catalogues.Catalogue:
    """One of `catalogue.CATALOGUES`; MNIST's shares its pixels with `mnist`."""
    return catalogues.load(name, mnist())


def drawn(name: str) -> drawing_datasets.Drawn:
    """A set of drawings as it stood at one moment, by the name that `drawing_datasets.name` gave it.

    Raises:
        StoreError: it is not open to this visitor, or has changed since.
        DatasetError: it has no drawings.
    """
    return _drawn(name, st.session_state.get(state.VISITOR))


@st.cache_resource(max_entries=12, show_spinner="Measuring the drawings …")
def _drawn(name: str, visitor: str | None) -> drawing_datasets.Drawn:
    # The visitor is part of the key: what one was shown, another who has not the code does not find here.
    return drawing_datasets.read(store().drawings, visitor, name)


def split_labels(set_name: str, split: str) -> np.ndarray:
    """The labels of one part of a set: uint8 of shape (n,)."""
    digits = catalogue(set_name)
    return digits.labels[digits.split == digits.splits.index(split)]


@st.cache_resource(max_entries=4, show_spinner="Counting …")
def statistics(set_name: str) -> set_statistics.SetStatistics:
    """What can be said of a set as a whole."""
    return set_statistics.of(catalogue(set_name))


@st.cache_resource(max_entries=1, show_spinner=False)
def training_morphometrics() -> np.ndarray:
    """How the training digits of each class are written: see `morphometrics.load`. Not to be changed."""
    return morphometrics.load()


@st.cache_resource(max_entries=10, show_spinner=False)
def typical_digit(digit: int) -> normalization.Stages:
    """The most typical training digit of a class, with each step of its preprocessing."""
    digits = catalogue("mnist")
    rows = np.flatnonzero((digits.labels == digit) & (digits.split == 0))
    row = rows[digits.atypicality[rows].argmin()]
    return images.stages_of_ink(images.from_dataset(digits.images(np.array([row]))[0]))
