"""Costly things that all visitors share. Each can be made again, so nothing is lost when a visitor clears the cache."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from digit_core import datasets, figures
from digit_core import runs as all_runs
from digit_core.datasets import catalogue as catalogues
from digit_core.datasets import statistics as set_statistics
from digit_core.errors import RunError
from digit_core.evaluation import comparison, robustness
from digit_core.explanations import embeddings, morphometrics
from digit_core.inference import classifier as classifiers
from digit_core.inference import model_files
from digit_core.metrics import bootstrap, calibration, precision_recall, roc
from digit_core.metrics.curves import Curves
from digit_core.monitoring.recordings import Progress
from digit_core.preprocessing import images
from digit_core.runs import estimates
from digit_core.storage import drawing_datasets, run_records
from digit_core.storage import store as stores
from digit_core.storage.run_records import FINISHED, Run
from ui.frame import state

_RUNS_IN_A_RATE = 6


@st.cache_resource(max_entries=16, show_spinner="Opening the model …")
def classifier(model: str) -> classifiers.Classifier:
    """The classifier of a shipped model, or of a run's by `Run.model`.

    Raises:
        ModelError: there is no such model.
        RunError: there is no such run, or it left no model.
    """
    of_run = run_records.run_id(model)
    if of_run is None:
        return classifiers.load(model)
    files = runs().models.get(of_run).files
    answers, layers = files[model_files.LITERT_FILE], files[model_files.LAYERS_FILE]
    return classifiers.Classifier(model, answers, layers, validation=lambda: mnist().validation)


@st.cache_resource(max_entries=1, show_spinner="Opening 70,000 digits …")
def mnist() -> datasets.Mnist:
    """MNIST; its arrays are read-only."""
    return datasets.load_mnist()


@st.cache_resource(max_entries=1, show_spinner=False)
def cards() -> dict[str, dict[str, Any]]:
    """The cards of the shipped models by name, the default model's first. Not to be changed."""
    return {name: model_files.read_card(name) for name in model_files.names()}


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
    """A set of drawings as it stood at one moment, by the name that `drawing_sets.name` gave it.

    Raises:
        StoreError: it is not open to this visitor, or has changed since.
        DatasetError: it has no drawings.
    """
    return _drawn(name, st.session_state.get(state.VISITOR))


@st.cache_resource(max_entries=12, show_spinner="Measuring the drawings …")
def _drawn(name: str, visitor: str | None) -> drawing_datasets.Drawn:
    # The visitor is part of the key: what one was shown, another who has not the code does not find here.
    return drawing_datasets.read(store().drawings, visitor, name)


@st.cache_resource(max_entries=16, show_spinner="The model reads the digits …")
def split_answers(set_name: str, split: str, model: str) -> np.ndarray:
    """What a model answers to one part of a set: float32 of shape (n, 10), in the part's order, read-only."""
    digits = catalogue(set_name)
    place = digits.splits.index(split)
    if set_name == "mnist" and model in cards():
        return model_files.shipped_answers(model)[digits.split == place]
    found = classifier(model).predict(digits.parts[place])
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


@st.cache_resource(max_entries=1, show_spinner=False)
def traits_of_mnist() -> np.ndarray:
    """How the training digits of each class are written: see `morphometrics.load`. Not to be changed."""
    return morphometrics.load()


@st.cache_resource(max_entries=10, show_spinner=False)
def typical_digit(digit: int) -> images.Stages:
    """The most typical training digit of a class, with each step of its preprocessing."""
    digits = catalogue("mnist")
    rows = np.flatnonzero((digits.labels == digit) & (digits.split == 0))
    row = rows[digits.atypicality[rows].argmin()]
    return images.stages_of_ink(images.from_dataset(digits.images(np.array([row]))[0]))


@st.cache_resource(max_entries=4, show_spinner="Counting …")
def statistics(set_name: str) -> set_statistics.SetStatistics:
    """What can be said of a set as a whole."""
    return set_statistics.of(catalogue(set_name))


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


@st.cache_resource(max_entries=1_000, show_spinner=False)
def answer_size(model: str) -> int | None:
    """How many bytes the .tflite file of a shipped model or of an ended run (`Run.model`) has; None where there is none.

    Raises:
        StoreError: it could not be read.
    """
    of_run = run_records.run_id(model)
    if of_run is None:
        return (model_files.find(model) / model_files.LITERT_FILE).stat().st_size
    return runs().models.answer_size(of_run)


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
    return runs().models.export(model, export_format)


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


def training_rate(known: Sequence[Run]) -> estimates.Rate | None:
    """How fast this machine trains, from the latest of these runs that finished; None before the first."""
    finished = [run.id for run in known if run.state == FINISHED and run.config is not None]
    return _rate_of(tuple(finished[:_RUNS_IN_A_RATE]))


@st.cache_resource(max_entries=16, show_spinner=False)
def _rate_of(run_ids: tuple[str, ...]) -> estimates.Rate | None:
    records = ((runs().get(run_id).config, runs().progress(run_id)) for run_id in run_ids)
    return estimates.rate_from((config, progress) for config, progress in records if config is not None)


@st.cache_resource(max_entries=1, show_spinner=False)
def recorded_models() -> tuple[str, ...]:
    """The shipped models whose training was recorded."""
    return tuple(name for name in cards() if recording(name) is not None)


@st.cache_resource(max_entries=8, show_spinner="Opening the recording …")
def recording(model: str) -> Progress | None:
    """How a shipped model learnt; None where that was not recorded."""
    return model_files.recording(model)


@st.cache_resource(max_entries=8, show_spinner="Drawing curves …")
def curves(set_name: str, split: str, model: str) -> tuple[Curves, Curves]:
    """A model's ROC curves and its precision-recall curves on one part of a set."""
    labels, probabilities = split_labels(set_name, split), split_answers(set_name, split, model)
    return roc.curves(labels, probabilities), precision_recall.curves(labels, probabilities)


@st.cache_resource(max_entries=16, show_spinner="Drawing samples again and again …")
def auc_intervals(set_name: str, split: str, model: str) -> dict[str, bootstrap.Interval]:
    """The bootstrap interval of each AUC, by the name of its curve."""
    return bootstrap.auc_intervals(split_labels(set_name, split), split_answers(set_name, split, model))


@st.cache_resource(max_entries=32, show_spinner=False)
def temperature(model: str) -> calibration.Temperature:
    """The temperature of a model, fitted on MNIST's validation digits."""
    return calibration.fit_temperature(
        split_labels("mnist", "validation"), split_answers("mnist", "validation", model)
    )


@st.cache_resource(max_entries=32, show_spinner="Timing …")
def milliseconds_an_image(model: str) -> float:
    """How long a model takes for one digit, measured once on this server."""
    return comparison.milliseconds_an_image(classifier(model), mnist().test.images)


@st.cache_resource(max_entries=32, show_spinner=False)
def spoilt_readings(model: str) -> list[robustness.RobustnessPoint]:
    """What was measured of a model on spoilt digits: empty until somebody has waited for all of it."""
    return []


def split_labels(set_name: str, split: str) -> np.ndarray:
    """The labels of one part of a set: uint8 of shape (n,)."""
    digits = catalogue(set_name)
    return digits.labels[digits.split == digits.splits.index(split)]


def card(model: str) -> dict[str, Any]:
    """How a model came to be: a shipped one's card, or that of a run by `Run.model`. Not to be changed.

    Raises:
        RunError: there is no such run, or it left no model.
    """
    of_run = run_records.run_id(model)
    if of_run is None:
        return cards()[model]
    found = runs().get(of_run)
    if found.card is None:
        raise RunError("This run has left no model.")
    return found.card


def model_title(model: str) -> str:
    """What a model is called on screen.

    Raises:
        RunError: there is no such run.
    """
    of_run = run_records.run_id(model)
    return cards()[model]["architecture"]["title"] if of_run is None else runs().get(of_run).name
