"""What can be downloaded of a run or a shipped model: its files, its history, its card, and the code."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from digit_core.codegen import script
from digit_core.errors import DigitError
from digit_core.recipes import fine_tuning
from digit_core.runs.comparison import Contender
from ui.frame import resources, state, words

_MAX_MADE = 8  # files that a session remembers as made
# Label, ending, meaning, export format.
_MODEL_FILES = (
    (".keras", ".keras", "to train further or look into with Keras", "keras"),
    (".tflite", ".tflite", "small and fast, for phones and for this app", "tflite"),
    (".h5", ".h5", "Keras' older format, which many tutorials use", "h5"),
    (
        "SavedModel (.zip)",
        "-savedmodel.zip",
        "TensorFlow's own format, to serve or to convert",
        "savedmodel",
    ),
)


@dataclass(frozen=True)
class Download:
    """A file to download.

    Attributes:
        label: on its button.
        ending: of the file's name.
        meaning: what it is for, in a few words.
        content: makes it. It may raise a DigitError.
        is_ready: it is there at once; else a worker makes it, which takes some seconds.
    """

    label: str
    ending: str
    meaning: str
    content: Callable[[], str | bytes]
    is_ready: bool = True


def model_files(contender: Contender) -> list[Download]:
    """The files of its model; none where it left no model."""
    if not contender.has_model:
        return []
    key = contender.key
    found = []
    for label, ending, meaning, made_as in _MODEL_FILES:
        is_ready = resources.is_exported(key, made_as)
        export = resources.runs().models.export if is_ready else resources.exported
        found.append(Download(label, ending, meaning, partial(export, key, made_as), is_ready))
    if resources.runs_in_browser(key):
        meaning = "one file that opens without the Internet and reads as you draw"
        found.append(Download("Web page (.html)", ".html", meaning, partial(resources.web_page, key)))
    return found


def records(contender: Contender) -> list[Download]:
    """How it was made: history, card and code, as far as they are known."""
    card, config, name = contender.card, contender.config, contender.name
    found = []
    if contender.epochs:
        found.append(
            Download(
                "History (CSV)",
                "-history.csv",
                "one line per epoch, for a spreadsheet",
                contender.history_csv,
            )
        )
    if card:
        found.append(
            Download(
                "Card (JSON)",
                "-card.json",
                "settings, versions, data and every figure",
                lambda: json.dumps(card, indent=1) + "\n",
            )
        )
    if config:
        by_hand = " (without what was changed by hand during the run)" if (card or {}).get("steered") else ""
        code, notebook = partial(script.script, config, name), partial(script.notebook, config, name)
        found += [
            Download("Code (.py)", ".py", f"this training as a script in plain Keras{by_hand}", code),
            Download("Notebook (.ipynb)", ".ipynb", "the same, explained step by step", notebook),
        ]
    return found


@st.fragment
def show(contender: Contender) -> None:
    """Offer all that is left of a run. A press reruns this part of the page alone.

    Args:
        contender: a run or a shipped model.
    """
    for title, downloads in (
        ("The model", model_files(contender)),
        ("How it was made", records(contender)),
    ):
        st.markdown(f"**{title}**")
        with st.container(horizontal=True, gap="small"):
            places = [(_offer(contender, download), download) for download in downloads]
        for place, download in places:
            if place is not None:
                _make(contender, download, place)
        # On a phone nothing hovers: what each file is for stands below.
        st.caption(
            " · ".join(f"**{one.label}** {one.meaning}" for one in downloads)
            or "There is nothing to download."
        )
    if contender.config and contender.started_from:
        st.caption("The code starts from random weights; this run started from another model's weights.")
    if taught := fine_tuning.effect_of(contender.card):
        name = f" those of {words.plain(taught.name)}" if taught.name else ""
        st.caption(
            f"This run also learnt drawings{':' if name else ''}{name}. Download their set on the Explore page."
        )


def _offer(contender: Contender, download: Download) -> DeltaGenerator | None:
    """The file, or a button that has it made first; the button's place if it was pressed."""
    place = st.empty()
    key = _key(contender, download)
    if download.is_ready or key in st.session_state.get(state.FILES_MADE, []):
        _download(contender, download, place)
        return None
    label = f"Make {download.label}"
    pressed = place.button(label, key=f"make {key}", icon=":material/build:")
    return place if pressed else None


def _key(contender: Contender, download: Download) -> str:
    return f"{contender.key} {download.label}"


def _download(contender: Contender, download: Download, place: DeltaGenerator) -> None:
    # The content is made when it is asked for: a rerun of the page reads no megabytes.
    place.download_button(
        download.label,
        download.content,
        contender.file_name(download.ending),
        "application/octet-stream",
        key=f"take {_key(contender, download)}",
        on_click="ignore",
        icon=":material/download:",
    )


def _make(contender: Contender, download: Download, place: DeltaGenerator) -> None:
    told = "A worker makes the file. If TensorFlow has to start first, this takes 10 to 20 s …"
    try:
        with st.spinner(told, show_time=True):
            download.content()
    except DigitError as error:
        st.error(str(error), icon=":material/error:")
        return
    made = [*st.session_state.get(state.FILES_MADE, []), _key(contender, download)]
    st.session_state[state.FILES_MADE] = made[-_MAX_MADE:]
    _download(contender, download, place)
