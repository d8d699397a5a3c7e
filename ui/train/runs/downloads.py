"""What can be taken home from a run or a shipped model: its files, its history, its card, and the code."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from digit_core.codegen import script as source_code
from digit_core.errors import DigitError
from digit_core.runs.comparison import Contender
from ui.frame import resources, state

_MAX_MADE = 8  # files that a session remembers as made


@dataclass(frozen=True)
class Souvenir:
    """A file to take home.

    Attributes:
        label: on its button.
        ending: of the file's name.
        meaning: what it is for, in a few words.
        content: makes it. It may raise a DigitError.
        made_by_worker: as which export format, see `Runs.export`; None for what is there at once.
    """

    label: str
    ending: str
    meaning: str
    content: Callable[[], str | bytes]
    made_by_worker: str | None = None


def model_files(contender: Contender) -> list[Souvenir]:
    """The files of its model; none where it left no model."""
    if not contender.has_model:
        return []
    key = contender.key
    return [
        Souvenir(
            ".keras",
            ".keras",
            "to train on and to look into with Keras",
            lambda: resources.runs().models.export(key, "keras"),
        ),
        Souvenir(
            ".tflite",
            ".tflite",
            "small and fast, for phones and for this app",
            lambda: resources.runs().models.export(key, "tflite"),
        ),
        Souvenir(
            ".h5",
            ".h5",
            "Keras' older format, which many tutorials use",
            lambda: resources.exported(key, "h5"),
            "h5",
        ),
        Souvenir(
            "SavedModel (.zip)",
            "-savedmodel.zip",
            "TensorFlow's own format, to serve or to convert",
            lambda: resources.exported(key, "savedmodel"),
            "savedmodel",
        ),
    ]


def papers(contender: Contender) -> list[Souvenir]:
    """What tells how it came to be: history, card and code, as far as they are known."""
    card, config, name = contender.card, contender.config, contender.name
    found = []
    if contender.epochs:
        found.append(
            Souvenir(
                "History (CSV)",
                "-history.csv",
                "one line an epoch, for a spreadsheet",
                contender.history_csv,
            )
        )
    if card:
        found.append(
            Souvenir(
                "Card (JSON)",
                "-card.json",
                "settings, versions, data and every figure",
                lambda: json.dumps(card, indent=1) + "\n",
            )
        )
    if config:
        by_hand = " (without what was changed by hand while it went)" if (card or {}).get("steered") else ""
        script = partial(source_code.script, config, name)
        notebook = partial(source_code.notebook, config, name)
        found += [
            Souvenir("Code (.py)", ".py", f"this training as a script in plain Keras{by_hand}", script),
            Souvenir("Notebook (.ipynb)", ".ipynb", "the same, explained step by step", notebook),
        ]
    return found


@st.fragment
def show(contender: Contender) -> None:
    """Offer all that is left of a run. A press reruns this part of the page alone.

    Args:
        contender: a run or a shipped model.
    """
    for title, souvenirs in (
        ("The model", model_files(contender)),
        ("How it came to be", papers(contender)),
    ):
        st.markdown(f"**{title}**")
        with st.container(horizontal=True, gap="small"):
            places = [(_offer(contender, souvenir), souvenir) for souvenir in souvenirs]
        for place, souvenir in places:
            if place is not None:
                _make(contender, souvenir, place)
        # On a phone nothing hovers: what each file is for stands below.
        st.caption(
            " · ".join(f"**{one.label}** {one.meaning}" for one in souvenirs)
            or "Nothing was left to take away."
        )
    if contender.config and contender.started_from:
        st.caption("The code begins with random weights; this run went on from another's.")
    if (contender.card or {}).get("handwriting"):
        st.caption("This run learnt drawings as well: the page Explore gives their set as a file.")


def _offer(contender: Contender, souvenir: Souvenir) -> DeltaGenerator | None:
    """The file, or a button that has it made first; the button's place if it was pressed."""
    place = st.empty()
    key = _key(contender, souvenir)
    if not souvenir.made_by_worker or key in st.session_state.get(state.FILES_MADE, []):
        _download(contender, souvenir, place)
        return None
    label = f"Make {souvenir.label}"
    pressed = place.button(label, key=f"make {key}", icon=":material/build:")
    return place if pressed else None


def _key(contender: Contender, souvenir: Souvenir) -> str:
    return f"{contender.key} {souvenir.label}"


def _download(contender: Contender, souvenir: Souvenir, place: DeltaGenerator) -> None:
    # The content is made when it is asked for: a rerun of the page reads no megabytes.
    place.download_button(
        souvenir.label,
        souvenir.content,
        contender.file_name(souvenir.ending),
        "application/octet-stream",
        key=f"take {_key(contender, souvenir)}",
        on_click="ignore",
        icon=":material/download:",
    )


def _make(contender: Contender, souvenir: Souvenir, place: DeltaGenerator) -> None:
    words = "A worker makes the file; where TensorFlow has to start first, this takes 10 to 20 s …"
    try:
        with st.spinner(words, show_time=True):
            souvenir.content()
    except DigitError as error:
        st.error(str(error), icon=":material/error:")
        return
    made = [*st.session_state.get(state.FILES_MADE, []), _key(contender, souvenir)]
    st.session_state[state.FILES_MADE] = made[-_MAX_MADE:]
    _download(contender, souvenir, place)
