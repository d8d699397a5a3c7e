"""Costly things that all visitors share. Each can be made again, so nothing is lost when a visitor clears the cache."""

from typing import Any

import streamlit as st

from digit_core import classifier as classifiers
from digit_core import datasets, model_files


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
