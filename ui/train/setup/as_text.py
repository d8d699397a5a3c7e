"""The settings as text: to be kept, sent to somebody, and put in again."""

import json

import streamlit as st

from digit_core.errors import ConfigurationError
from digit_core.recipes import configuration
from digit_core.recipes.configuration import TrainingConfig
from ui.frame import held, state
from ui.panels import charts
from ui.train.setup import draft as drafts
from ui.train.setup import form
from ui.train.setup.draft import Draft

MAX_LETTERS = 20_000  # characters: a network of 50 layers takes 6,000
_PASTED = "setup pasted text"


def show(draft: Draft) -> None:
    """The settings to copy, and a place for others."""
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**These settings**, to copy or keep:")
        try:
            text = write(drafts.configs(draft))
        except ConfigurationError as error:
            st.caption(f"No text: these settings are invalid. {error}")
        else:
            st.code(text, language="json", height=260)
            charts.download("Download as a file", text, "digit-lab-settings.json")
    with right:
        st.text_area(
            "Other settings, as text",
            max_chars=MAX_LETTERS,
            height=200,
            key=_PASTED,
            persist_state="session",
            placeholder='{"architecture": "ann", "epochs": 3}',
            help="In the form shown on the left. Anything you leave out keeps its default.",
        )
        st.button("Use this text", icon=":material/content_paste_go:", on_click=_take)
        for sentence in st.session_state.get(state.SETUP_FAILURE, ()):
            st.error(sentence, icon=":material/error:")


def write(configs: tuple[TrainingConfig, ...]) -> str:
    """Trainings as JSON: a record of settings, or a list of them."""
    records = [config.as_dict() for config in configs]
    return json.dumps(records[0] if len(records) == 1 else records, indent=2)


def read(text: str) -> tuple[TrainingConfig, ...]:
    """What `write` wrote, in this version or an earlier one, or what somebody typed.

    Raises:
        ConfigurationError: it is not such a text, or a value is invalid.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(
            [f"This isn't valid JSON: settings go in curly braces, as on the left ({error})."]
        ) from error
    records = data if isinstance(data, list) else [data]
    if not 1 <= len(records) <= 4 or not all(isinstance(record, dict) for record in records):
        raise ConfigurationError(["Settings go in curly braces; a list may have one to four of them."])
    return tuple(configuration.from_dict(record) for record in records)


def _take() -> None:
    pasted = held.told(_PASTED)
    if pasted is None:
        return
    try:
        form.fill(read(pasted))
    except ConfigurationError as error:
        st.session_state[state.SETUP_FAILURE] = list(error.sentences)
