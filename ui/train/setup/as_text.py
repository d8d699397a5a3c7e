"""The settings as text: to be kept, sent to somebody, and put in again."""

import json

import streamlit as st

from digit_core.errors import ConfigurationError
from digit_core.recipes import configuration
from digit_core.recipes.configuration import TrainingConfig
from ui.frame import state
from ui.panels import charts
from ui.train.setup import draft as drafts
from ui.train.setup import form
from ui.train.setup.draft import Draft

LONGEST = 20_000  # characters: a network of 50 layers takes 6,000
_PASTED = "setup pasted text"


def show(draft: Draft) -> None:
    """The settings to copy, and a place for others."""
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**These settings**, to be copied or kept:")
        try:
            text = write(drafts.configs(draft))
        except ConfigurationError as error:
            st.caption(f"There is no text for settings that cannot be. {error}")
        else:
            st.code(text, language="json", height=260)
            charts.download("Keep as a file", text, "digit-lab-settings.json")
    with right:
        st.text_area(
            "Other settings, as text",
            max_chars=LONGEST,
            height=200,
            key=_PASTED,
            persist_state="session",
            placeholder='{"architecture": "ann", "epochs": 3}',
            help="As it stands on the left. What is left out is as it is at first.",
        )
        st.button("Use this text", icon=":material/content_paste_go:", on_click=_take)
        for sentence in st.session_state.get(state.SETUP_FAILURE, ()):
            st.error(sentence, icon=":material/error:")


def write(configs: tuple[TrainingConfig, ...]) -> str:
    """Trainings as JSON: a record of settings, or a list of them."""
    records = [config.as_dict() for config in configs]
    return json.dumps(records[0] if len(records) == 1 else records, indent=2)


def read(text: str) -> tuple[TrainingConfig, ...]:
    """What `write` wrote, or what somebody typed.

    Raises:
        ConfigurationError: it is no such text, or its values cannot be.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(
            [f"This is no text of settings: they stand in curly brackets, as on the left ({error})."]
        ) from error
    records = data if isinstance(data, list) else [data]
    if not 1 <= len(records) <= 4 or not all(isinstance(record, dict) for record in records):
        raise ConfigurationError(
            ["The settings are a record in curly brackets, or a list of one to four of them."]
        )
    return tuple(configuration.from_dict(record) for record in records)


def _take() -> None:
    try:
        form.fill(read(st.session_state[_PASTED]))
    except ConfigurationError as error:
        st.session_state[state.SETUP_FAILURE] = list(error.sentences)
