"""The page Inside, and Draw beside it, for models that the browser can run and for those that it cannot."""

import base64

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from digit_core import load_model, settings
from digit_core.datasets import Mnist
from digit_core.inference.model_files import recording as load_recording
from digit_core.preprocessing import images
from tests.app_pages import component, components, open_file
from ui.digits import chosen_digit
from ui.frame import resources, state

PAGES = settings.PROJECT_FOLDER / "pages"


def open_inside(number: int) -> AppTest:
    return open_file(
        PAGES / "5_Inside.py",
        state={state.INSIDE_DIGIT: "A test digit", state.TEST_NUMBER: number},
        model="tiny",
    )


@pytest.fixture
def foreign(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the shipped models had layers of their own."""
    monkeypatch.setattr(resources, "runs_in_browser", lambda model: False)


def floats(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<f4")


def test_the_digit_and_the_networks_file_go_to_the_browser(mnist: Mnist) -> None:
    data = component(open_inside(7), "network_inside")
    np.testing.assert_array_equal(floats(data["picture"]), images.from_dataset(mnist.test.images[7]).ravel())
    assert data["file"].endswith(".bin")
    assert not data["isDrawing"]
    assert "outputs" not in data


def test_a_digit_that_was_chosen_elsewhere_is_looked_into(mnist: Mnist) -> None:
    memory = {state.INSIDE_DIGIT: chosen_digit.WAY}
    page = open_file(PAGES / "5_Inside.py", state=memory)
    assert component(page, "network_inside")["picture"] is None
    assert "Choose a digit on the page Explore" in page.info[0].value
    memory[state.CHOSEN_DIGIT] = {"pixels": mnist.train.images[5], "words": "Digit 5 of Mine, labelled 2."}
    page = open_file(PAGES / "5_Inside.py", state=memory)
    data = component(page, "network_inside")
    np.testing.assert_array_equal(floats(data["picture"]), images.from_dataset(mnist.train.images[5]).ravel())
    assert [one.value for one in page.caption] == ["Digit 5 of Mine, labelled 2."]


@pytest.mark.parametrize("name", ["tiny", "ann"])
def test_what_the_first_layer_looked_for_before_training_stands_beside_what_it_looks_for_now(
    name: str,
) -> None:
    page = open_file(PAGES / "5_Inside.py", model=name)
    assert [one.label for one in page.expander] == ["What training changed: the first layer before and after"]
    before, after = (one.proto.imgs[0].url for one in page.get("image"))
    assert before != after
    found = resources.first_filters(name)
    assert found is not None
    recorded = load_recording(name).snapshots
    np.testing.assert_array_equal(found[0], recorded[0].filters)
    # Kept in the recording to a 64th of the largest; the model's own are exact.
    np.testing.assert_allclose(found[1], recorded[-1].filters, atol=np.abs(found[1]).max() / 32)


def test_a_blank_paper_asks_for_a_digit() -> None:
    data = component(open_file(PAGES / "5_Inside.py"), "network_inside")
    assert data["picture"] is None
    assert data["isDrawing"]


@pytest.mark.usefixtures("foreign")
def test_of_a_model_that_the_browser_cannot_run_the_server_sends_what_each_layer_finds(mnist: Mnist) -> None:
    page = open_inside(7)
    assert "has layers that your browser can't compute" in page.info[0].value
    data = component(page, "network_inside")
    assert data["file"] is None
    found = load_model("tiny").activations(mnist.test.images[7])
    assert [(layer["name"], tuple(layer["shape"])) for layer in data["layers"]] == [
        (name, values.shape) for name, values in found.items()
    ]
    np.testing.assert_array_equal(
        floats(data["outputs"]), np.concatenate([values.ravel() for values in found.values()])
    )


@pytest.mark.usefixtures("foreign")
def test_draw_has_no_live_answer_of_such_a_model() -> None:
    assert components(open_file(PAGES / "4_Draw.py"), "live_answer") == []


def test_draw_has_a_live_answer_of_ours() -> None:
    assert component(open_file(PAGES / "4_Draw.py"), "live_answer")["strokes"] == 0


@pytest.mark.parametrize("view", ["Where it looked", "Point by point"])
def test_an_explanation_waits_for_a_drawing(view: str) -> None:
    page = open_file(PAGES / "5_Inside.py", inside=view)
    assert "draw a digit under “Layer by layer”" in page.info[0].value
