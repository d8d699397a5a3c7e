"""What models answer to sets of digits, and what is measured on it."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from digit_core import figures
from digit_core.evaluation import comparison, robustness
from digit_core.explanations import embeddings
from digit_core.inference import model_files, provenance
from digit_core.metrics import bootstrap, calibration, precision_recall, roc
from digit_core.metrics.curves import Curves
from ui.frame.resources.digits import catalogue, mnist, split_labels
from ui.frame.resources.models import card, cards, classifier


@st.cache_resource(max_entries=16, show_spinner="The model reads the digits …")
def split_answers(set_name: str, split: str, model: str) -> np.ndarray:
    """What a model answers to one part of a set: float32 of shape (n, 10), in the part's order, read-only."""
    digits = catalogue(set_name)
    place = digits.splits.index(split)
    if set_name == "mnist" and model in cards():
        return model_files.shipped_answers(model)[digits.split == place]
    found = classifier(model).predict_dataset(digits.parts[place])
    found.flags.writeable = False
    return found


@st.cache_resource(max_entries=8, show_spinner="The model reads the digits …")
def answers(set_name: str, model: str) -> np.ndarray:
    """What a model answers to a whole set: float32 of shape (n, 10), in the catalogue's order, read-only."""
    if set_name == "mnist" and model in cards():
        return model_files.shipped_answers(model)
    found = np.concatenate([split_answers(set_name, split, model) for split in catalogue(set_name).splits])
    found.flags.writeable = False
    return found


@st.cache_resource(max_entries=8, show_spinner="Drawing curves …")
def curves(set_name: str, split: str, model: str) -> tuple[Curves, Curves]:
    """A model's ROC curves and its precision-recall curves on one part of a set."""
    labels, probabilities = split_labels(set_name, split), split_answers(set_name, split, model)
    return roc.curves(labels, probabilities), precision_recall.curves(labels, probabilities)


@st.cache_resource(max_entries=16, show_spinner="Resampling the digits …")
def auc_intervals(set_name: str, split: str, model: str) -> dict[str, bootstrap.Interval]:
    """The bootstrap interval of each AUC, by the name of its curve."""
    return bootstrap.auc_intervals(split_labels(set_name, split), split_answers(set_name, split, model))


@st.cache_resource(max_entries=32, show_spinner=False)
def temperature(model: str) -> calibration.Temperature:
    """The temperature of a model, fitted on digits of MNIST that it did not learn from."""
    held_back = provenance.held_back(card(model), mnist())
    return calibration.fit_temperature(held_back.labels, classifier(model).predict_dataset(held_back.images))


@st.cache_resource(max_entries=32, show_spinner="Timing …")
def milliseconds_an_image(model: str) -> float:
    """How long a model takes for one digit, measured once on this server."""
    return comparison.milliseconds_an_image(classifier(model), mnist().test.images)


@st.cache_resource(max_entries=32, show_spinner=False)
def measured_robustness(model: str) -> list[robustness.RobustnessPoint]:
    """What was measured of a model on corrupted digits: empty until somebody has waited for all of it."""
    return []


@st.cache_resource(max_entries=8, show_spinner="Drawing the map …")
def digit_map(subject: str, method: str) -> embeddings.Embedding:
    """A map of the test digits, of their pixels or of a model's last hidden layer.

    Raises:
        DatasetError: there is none: of a model that the project does not ship there is only the one by PCA.
    """
    if method != "pca" or subject in embeddings.names():
        return embeddings.load(subject, method)
    model, test = classifier(subject), mnist().test
    rows = embeddings.FIRST_TEST_ROW + np.arange(len(test))
    return embeddings.compute(
        model.layer(test.images, embeddings.last_hidden_layer(model)), test.labels, rows
    )


@st.cache_resource(max_entries=8, show_spinner="Drawing the map …")
def map_figure(subject: str, method: str, model: str, tool: str) -> go.Figure:
    """The figure of a map, with what a model reads; `tool` is what dragging does on it. Not to be changed."""
    found, digits = digit_map(subject, method), catalogue("mnist")
    readings = answers("mnist", model)[found.rows].argmax(axis=1)
    return figures.embedding(
        found.positions,
        digits.labels[found.rows],
        digits.number[found.rows],
        readings,
        split=digits.splits[-1],
        dragmode=tool,
    )


@st.cache_resource(max_entries=50, show_spinner=False)
def known_answers(model: str, class_id: str) -> dict[int, int]:
    """What a model answered to drawings of a class, by their places: whoever reads further ones adds them."""
    return {}
