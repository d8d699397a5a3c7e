"""Models, shipped with the app or left by a run: their cards, their files, and what answers."""

from typing import Any

import numpy as np
import streamlit as st

from digit_core import figures
from digit_core.errors import RunError
from digit_core.inference import browser, litert, model_files, provenance
from digit_core.inference import classifier as classifiers
from digit_core.monitoring.recordings import Progress
from digit_core.storage import run_records
from ui.frame.resources.digits import mnist
from ui.frame.resources.trainings import runs


@st.cache_resource(max_entries=1, show_spinner=False)
def cards() -> dict[str, dict[str, Any]]:
    """The cards of the shipped models by name, the default model's first. Not to be changed."""
    return {name: model_files.read_card(name) for name in model_files.names()}


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
        raise RunError("This run has no model.")
    return found.card


def model_title(model: str) -> str:
    """What a model is called on screen.

    Raises:
        RunError: there is no such run.
    """
    of_run = run_records.run_id(model)
    return cards()[model]["architecture"]["title"] if of_run is None else runs().get(of_run).name


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
    files, told = runs().models.get(of_run).files, card(model)
    answers, layers = files[model_files.LITERT_FILE], files[model_files.LAYERS_FILE]
    return classifiers.Classifier(
        model,
        answers,
        layers,
        validation=lambda: provenance.held_back(told, mnist()),
        parameters=told.get("parameters"),
    )


def runs_in_browser(model: str) -> bool:
    """Whether the browser's engine knows all layers of a shipped model, or of a run's by `Run.model`.

    Raises:
        RunError: there is no such model.
    """
    return browser.runs_there(card(model))


@st.cache_resource(max_entries=4, show_spinner="Opening the model …")  # of the largest network 20 MB each
def browser_network(model: str) -> bytes:
    """A shipped model, or a run's by `Run.model`, as `browser.packed` makes it for the browser.

    Raises:
        ModelError: there is no such model, or it has layers of its own.
        RunError: there is no such run, or it left no model.
    """
    return browser.packed(card(model), _layers(model), classifier(model).trust.temperature)


def _layers(model: str) -> bytes:
    of_run = run_records.run_id(model)
    if of_run is None:
        return (model_files.find(model) / model_files.LAYERS_FILE).read_bytes()
    return runs().models.get(of_run).files[model_files.LAYERS_FILE]


@st.cache_resource(max_entries=50, show_spinner=False)
def first_filters(model: str) -> tuple[np.ndarray, np.ndarray] | None:
    """What the first layer of a model looked for before the first step of its training, and what it looks for now.

    Args:
        model: a shipped one's name, or `Run.model`.

    Returns:
        Two float32 arrays of shape (n, side, side), as `events.Snapshot.filters`; None where the training was not recorded from
        its first step on.

    Raises:
        RunError: there is no such model.
    """
    of_run = run_records.run_id(model)
    progress = recording(model) if of_run is None else runs().progress(of_run)
    if progress is None or not progress.snapshots or progress.snapshots[0].epoch > 0:
        return None
    before = progress.snapshots[0].filters
    if not before.size:
        return None
    kernel = litert.weights(_layers(model))[0][0][
        : len(before)
    ]  # (n, side, side, 1) or, of a dense layer, (n, side * side)
    return before, kernel.reshape(before.shape)


def web_page(model: str) -> str:
    """A shipped model, or a run's by `Run.model`, as one HTML file that reads as one draws.

    Raises:
        ModelError: as `browser_network`.
        RunError: as `browser_network`.
    """
    return browser.web_page(model_title(model), browser_network(model), figures.CLASS_COLOURS)


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


@st.cache_resource(max_entries=1_000, show_spinner=False)
def is_exported(model: str, export_format: str) -> bool:
    """Whether a model is there as that file already, so that no worker has to make it.

    Raises:
        RunError: there is no such model.
    """
    return runs().models.is_ready(model, export_format)


@st.cache_resource(max_entries=4, show_spinner=False)
def exported(model: str, export_format: str) -> bytes:
    """A model as another program's file, made by a worker: 10 to 20 s where none is up. A model never changes.

    Raises:
        RunError: there is no such model, or no worker could do it.
    """
    return runs().models.export(model, export_format)


@st.cache_resource(max_entries=1, show_spinner=False)
def recorded_models() -> tuple[str, ...]:
    """The shipped models whose training was recorded."""
    return tuple(name for name in cards() if recording(name) is not None)


@st.cache_resource(max_entries=8, show_spinner="Opening the recording …")
def recording(model: str) -> Progress | None:
    """How a shipped model learnt; None where that was not recorded."""
    return model_files.recording(model)
