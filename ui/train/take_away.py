"""What can be taken home from a run or a shipped model: its files, its history, its card, and the code."""

import json
from collections.abc import Callable

import streamlit as st

from digit_core import source_code, take_away
from digit_core.errors import DigitError
from digit_core.run_comparison import Contender
from ui import resources, state

_MOST_MADE = 8  # files that a session remembers as made
_MADE_BY_WORKERS = {"h5": ".h5", "savedmodel": "SavedModel (.zip)"}
_ENDINGS = {"h5": ".h5", "savedmodel": "-savedmodel.zip"}
_MEANINGS = {
    "h5": "Keras' older format, which many tutorials use.",
    "savedmodel": "TensorFlow's own format: a zipped folder, to serve or to convert.",
}


@st.fragment
def show(contender: Contender) -> None:
    """Offer all that is left of a run. A press reruns this part of the page alone.

    Args:
        contender: a run or a shipped model.
    """
    if contender.has_model:
        st.markdown("**The model**")
        with st.container(horizontal=True, gap="small"):
            _download(
                contender,
                ".keras",
                ".keras",
                lambda: resources.runs().export(contender.key, "keras"),
                "Keras' own format: to train on, to look into.",
            )
            _download(
                contender,
                ".tflite",
                ".tflite",
                lambda: resources.runs().export(contender.key, "tflite"),
                "Small and fast: for phones, and for this app.",
            )
            asked = [export_format for export_format in _MADE_BY_WORKERS if _offer(contender, export_format)]
        for export_format in asked:
            _make(contender, export_format)
    else:
        st.caption("This run left no model to take away.")
    st.markdown("**How it came to be**")
    with st.container(horizontal=True, gap="small"):
        if contender.epochs:
            _download(
                contender,
                "History (CSV)",
                "-history.csv",
                lambda: take_away.history_csv(contender.epochs),
                "One line an epoch, for a spreadsheet.",
            )
        if contender.card:
            _download(
                contender,
                "Card (JSON)",
                "-card.json",
                lambda: json.dumps(contender.card, indent=1),
                "Settings, versions, data and every figure.",
            )
        if contender.config:
            _download(
                contender,
                "Code (.py)",
                ".py",
                lambda: source_code.script(contender.config, contender.name),
                "This training as a script in plain Keras.",
            )
            _download(
                contender,
                "Notebook (.ipynb)",
                ".ipynb",
                lambda: source_code.notebook(contender.config, contender.name),
                "The same with a word before each step.",
            )
    if contender.config and contender.started_from:
        st.caption("The code begins with random weights; this run went on from another's.")


def _download(
    contender: Contender, label: str, ending: str, content: Callable[[], str | bytes], meaning: str
) -> None:
    # The content is made when it is asked for: a rerun of the page reads no megabytes.
    st.download_button(
        label,
        content,
        take_away.file_name(contender.name, contender.key, ending),
        "application/octet-stream",
        key=f"take {contender.key} {label}",
        on_click="ignore",
        help=meaning,
        icon=":material/download:",
    )


def _offer(contender: Contender, export_format: str) -> bool:
    """The file where it was made, else a button that makes it; whether that was pressed."""
    label, meaning = _MADE_BY_WORKERS[export_format], _MEANINGS[export_format]
    if [contender.key, export_format] in st.session_state.get(state.FILES_MADE, []):
        made = _ENDINGS[export_format]
        _download(contender, label, made, lambda: resources.exported(contender.key, export_format), meaning)
        return False
    key = f"make {contender.key} {export_format}"
    return st.button(f"Make {label}", key=key, help=meaning, icon=":material/build:")


def _make(contender: Contender, export_format: str) -> None:
    words = "A worker makes the file; where TensorFlow has to start first, this takes 10 to 20 s …"
    try:
        with st.spinner(words, show_time=True):
            resources.exported(contender.key, export_format)
    except DigitError as error:
        st.error(str(error), icon=":material/error:")
        return
    made = [*st.session_state.get(state.FILES_MADE, []), [contender.key, export_format]]
    st.session_state[state.FILES_MADE] = made[-_MOST_MADE:]
    st.rerun(scope="fragment")
