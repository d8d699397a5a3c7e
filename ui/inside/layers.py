"""The digit that is looked at, drawn, of the test set or chosen elsewhere, and the network beside it."""

import base64
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from digit_core import settings
from digit_core.errors import DigitError
from digit_core.preprocessing import images
from ui.canvas import canvas
from ui.components import lab
from ui.digits import chosen_digit
from ui.frame import held, layout, resources, state
from ui.inside import network
from ui.panels import filters

_DRAWING = "My drawing"
_STYLE = f"""<style>@media (min-width: 641px) {{
.st-key-inside-place > :has(> .st-key-inside-network) {{ flex: 1 1 0; min-width: 0; }}
}}
@media (max-width: 640px) {{  /* what is set once, such as the pen's width, comes after the network */
.st-key-inside-place {{ display: grid; grid-template-columns: 100%; gap: .7rem; }}
.st-key-inside-digit, :has(> .st-key-inside-digit) {{ display: contents; }}
:has(> .st-key-inside-network) {{ order: 1; }}
.st-key-inside-network {{ width: 100% !important; }}
:has(> .st-key-{canvas.SETTINGS}) {{ order: 2; }}
}}</style>"""


def show(model: str) -> None:
    """The view: the paper or another digit, and every layer of the network.

    Args:
        model: the name of the model in use.
    """
    if not resources.runs_in_browser(model):
        st.info(
            "This model comes from elsewhere and has layers that your browser can't compute. The server shows what each layer "
            "finds after every stroke; the sums behind the numbers are not written out.",
            icon=":material/info:",
        )
    st.html(_STYLE)
    way = layout.pick_way("The digit to look at", tuple(_WAYS), state.INSIDE_DIGIT)
    runs_in_browser = resources.runs_in_browser(model)
    _look(model, (lab.file_of(model), lab.file_of_digits()) if runs_in_browser else None, way)
    _show_learnt(model)
    if runs_in_browser:
        st.download_button(
            "Take this network home as a web page",
            partial(resources.web_page, model),  # made when it is asked for
            "digit-lab-network.html",
            "text/html",
            on_click="ignore",
            icon=":material/download:",
            help="One file that opens without the Internet and reads as you draw: the network, its weights and the paper.",
        )


def _show_learnt(model: str) -> None:
    """What the first layer looked for before training, beside what it looks for now."""
    found = resources.first_filters(model)
    if found is None:
        return
    with st.expander(
        "What training changed: the first layer before and after", icon=":material/model_training:"
    ):
        before, after = found
        filters.show(("Before training: random numbers", before), ("After training", after))


@st.fragment
def _look(model: str, files: tuple[str, str] | None, way: str) -> None:
    """The digit and the network beside it: a stroke, or another digit, reruns these alone. `files` are the model's and
    the test digits', where the browser can run the model.
    """
    with st.container(horizontal=True, gap="medium", key="inside-place"):
        left = st.container(width=settings.CANVAS_SIDE + 2, key="inside-digit")
        right = st.container(key="inside-network")
    try:
        with left:
            image = _WAYS[way]()
    except DigitError as error:
        left.warning(str(error), icon=":material/error:")
        image = None
    with right:
        if files is None:
            network.show(_described(model, image, way), None, None)
        else:
            network.show(_data(image, way), *files)


def _drawn() -> np.ndarray | None:
    drawn = canvas.draw()
    return None if drawn is None else images.from_canvas(drawn)


def _test_digit() -> np.ndarray:
    test = resources.mnist().test

    def choose_one() -> None:
        st.session_state[state.TEST_NUMBER] = int(np.random.default_rng().integers(len(test)))

    asked = st.session_state.get(state.TEST_NUMBER, 63)
    tie = held.in_session(state.TEST_NUMBER, asked)
    number = st.number_input("Number", 0, len(test) - 1, asked, **tie)
    st.button("Random digit", icon=":material/casino:", on_click=choose_one)
    st.caption(f"Test digit {number:,} of MNIST, labelled {test.labels[number]}. No model learnt from it.")
    return images.from_dataset(test.images[number])


def _chosen() -> np.ndarray | None:
    chosen = chosen_digit.show()
    return None if chosen is None else images.from_dataset(chosen)


_WAYS = {_DRAWING: _drawn, "A test digit": _test_digit, chosen_digit.WAY: _chosen}


def _data(image: np.ndarray | None, way: str) -> dict[str, Any]:
    return {"picture": None if image is None else _text(image), "isDrawing": way == _DRAWING}


def _described(model: str, image: np.ndarray | None, way: str) -> dict[str, Any]:
    """For a model that the browser cannot run: the server's own answers of every layer."""
    classifier = resources.classifier(model)
    found = {} if image is None else classifier.activations(image)
    layers = [
        {"name": name, "kind": "other", "shape": list(shape)}
        for name, shape in classifier.layer_shapes.items()
    ]
    return _data(image, way) | {
        "isDrawing": False,
        "layers": layers,
        "outputs": _text(np.concatenate([values.ravel() for values in found.values()])) if found else "",
    }


def _text(values: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(values, "<f4").tobytes()).decode()
