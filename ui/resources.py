"""Costly things that all visitors share. Each can be made again, so nothing is lost when a visitor clears the cache."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from digit_core import catalogue as catalogues
from digit_core import classifier as classifiers
from digit_core import datasets, figures, maps, model_files, set_statistics
from digit_core import runs as all_runs
from digit_core import store as stores
from digit_core.recordings import Progress


@st.cache_resource(max_entries=16, show_spinner="Opening the model …")
def classifier(model: str) -> classifiers.Classifier:
    """The classifier of a shipped model."""
    return classifiers.load(model)


@st.cache_resource(max_entries=1, show_spinner="Opening 70,000 digits …")
def mnist() -> datasets.Mnist:
    """MNIST; its arrays are read-only."""
    return datasets.load_mnist()


@st.cache_resource(max_entries=1, show_spinner=False)
def cards() -> dict[str, dict[str, Any]]:
    """The cards of the shipped models by name, the default model's first. Not to be changed."""
    return {name: model_files.read_card(name) for name in model_files.names()}


@st.cache_resource(max_entries=4, show_spinner="Measuring the digits …")
def catalogue(name: str) -> catalogues.Catalogue:
    """A set of digits to browse; MNIST's shares its pixels with `mnist`."""
    return catalogues.load(name, mnist())


@st.cache_resource(max_entries=8, show_spinner="The model reads the digits …")
def answers(set_name: str, model: str) -> np.ndarray:
    """What a shipped model answers to a whole set: float32 of shape (n, 10), in the catalogue's order, read-only."""
    if set_name == "mnist":
        return model_files.shipped_answers(model)
    digits = catalogue(set_name)
    found = classifier(model).predict(digits.images(np.arange(len(digits))))
    found.flags.writeable = False
    return found


@st.cache_resource(max_entries=4, show_spinner="Counting …")
def statistics(set_name: str) -> set_statistics.SetStatistics:
    """What can be said of a set as a whole."""
    return set_statistics.of(catalogue(set_name))


@st.cache_resource(max_entries=8, show_spinner="Opening the map …")
def digit_map(subject: str, method: str) -> maps.DigitMap:
    """A map of the test digits, of their pixels or of a shipped model's last hidden layer."""
    return maps.load(subject, method)


@st.cache_resource(max_entries=8, show_spinner="Drawing the map …")
def map_figure(subject: str, method: str, model: str, tool: str) -> go.Figure:
    """The figure of a map, with what a shipped model reads; `tool` is what dragging does on it. Not to be changed."""
    found, digits = digit_map(subject, method), catalogue("mnist")
    readings = answers("mnist", model)[found.rows].argmax(axis=1)
    return figures.digit_map(
        found.positions,
        digits.labels[found.rows],
        digits.number[found.rows],
        readings,
        split=digits.splits[-1],
        dragmode=tool,
    )


@st.cache_resource(max_entries=1_000, show_spinner=False)
def answer_size(model: str) -> int:
    """How many bytes the .tflite file of a shipped model or of an ended run (`Run.model`) has.

    Raises:
        RunError: the run is gone.
        StoreError: it could not be read.
    """
    if model in cards():
        return (model_files.find(model) / model_files.LITERT_FILE).stat().st_size
    return len(runs().model(model.removeprefix("run-")).files[model_files.LITERT_FILE])


@st.cache_resource(max_entries=100, show_spinner=False)
def ended_epochs(run_id: str) -> Progress:
    """How an ended run went that left no card: its epochs and its last step alone, which is little to keep.

    Raises:
        RunError: the run is gone.
        StoreError: it could not be read.
    """
    progress = runs().progress(run_id)
    return Progress(progress.started, None, progress.batches[-1:], progress.epochs, (), progress.ended)


@st.cache_resource(max_entries=4, show_spinner=False)
def exported(model: str, export_format: str) -> bytes:
    """A model as another program's file, made by a worker: 10 to 20 s where none is up. A model never changes.

    Raises:
        RunError: there is no such model, or no worker could do it.
    """
    return runs().export(model, export_format)


def store() -> stores.Store:
    """What outlasts a restart. It is no cache: `digit_core` holds it, so that no visitor can clear it.

    Raises:
        StoreError: DIGIT_DATABASE_URL is no address of a database.
    """
    return stores.default()


def runs() -> all_runs.Runs:
    """The trainings, live and past. It is no cache either: a visitor who clears one must not end a run.

    Raises:
        StoreError: DIGIT_DATABASE_URL is no address of a database.
    """
    return all_runs.default()
