"""The panel that takes a model from elsewhere."""

import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from digit_core import settings
from digit_core.datasets.mnist import Mnist
from digit_core.inference.classifier import Classifier
from digit_core.inference.model_files import LAYERS_FILE, LITERT_FILE
from digit_core.runs import queue as all_runs
from digit_core.runs.queue import Runs
from digit_core.storage.store import Store
from tests.app_pages import buttons, html_of, open_function, press
from tests.digit_core.model_import.test_sandbox import BROKEN, keras_file
from ui.frame import state

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limits need Linux")

ANN = "a" * 32


def _page() -> None:
    import streamlit as st

    from ui.train import model_import

    model_import.show(st.session_state.get("who"))


@pytest.fixture
def runs(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    """Real runs in a store of the test, in the place of the app's."""
    runs = Runs(store)
    monkeypatch.setattr(all_runs, "default", lambda: runs)
    yield runs
    runs.close()


@pytest.fixture
def open_as(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> Callable[[str | None], AppTest]:
    monkeypatch.setattr(settings, "ALLOWS_UPLOADED_MODELS", True)

    return lambda visitor: open_function(_page, 200, who=visitor)


def bring(page: AppTest, name: str, content: bytes) -> AppTest:
    page.file_uploader[0].upload(name, content, "application/octet-stream").run()
    assert not page.exception
    return press(page, "Open it")


def test_switched_off_it_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ALLOWS_UPLOADED_MODELS", False)
    page = open_function(_page)
    assert not page.file_uploader
    assert "DIGIT_ALLOW_UPLOADED_MODELS=1" in page.markdown[0].value


def test_the_switch_is_off_unless_somebody_sets_it() -> None:
    assert not settings.ALLOWS_UPLOADED_MODELS


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "not a Keras model"),
        (BROKEN, "NaN or infinite"),
        (b"", "empty"),
    ],
)
def test_a_refused_file_is_a_sentence(open_as: Callable[..., AppTest], content: bytes, said: str) -> None:
    page = bring(open_as(ANN), "digits.keras", content)
    assert page.status[0].label == "The file was not opened."
    assert said in html_of(page)
    assert state.IMPORTED not in page.session_state
    assert buttons(page) == ["Open it"]


def test_a_file_is_opened_seen_and_kept(open_as: Callable[..., AppTest], runs: Runs, mnist: Mnist) -> None:
    kernel = np.random.default_rng(0).normal(size=(784, 10)).astype(np.float32) / 30
    page = bring(open_as(ANN), "<b>mine</b> & co.keras", keras_file([kernel, np.zeros(10, np.float32)]))
    seen = html_of(page)
    assert "of the 5,000 validation digits" in seen
    assert "7,850 parameters" in seen
    assert "10 neurons, softmax" in seen
    assert "reads badly" in page.warning[0].value
    assert page.text_input[0].value == "b> & co"

    page.text_input[0].set_value("From home").run()
    press(page, "Keep it")
    (run,) = runs.all()
    assert (run.name, run.owner, run.state, run.config) == ("From home", ANN, "finished", None)
    assert run.card is not None
    assert run.card["origin"] == "brought"
    assert page.success
    assert page.session_state[state.IMPORTED]["files"] == {}
    files: dict[str, Any] = runs.models.get(run.id).files
    images = mnist.validation.images[:50]
    answers = Classifier("", files[LITERT_FILE], files[LAYERS_FILE]).predict_dataset(images)
    scores = images.reshape(-1, 784) / 255 @ kernel
    np.testing.assert_array_equal(answers.argmax(axis=1), scores.argmax(axis=1))

    press(page, "Use it now")
    assert page.session_state[state.MODEL] == run.model


def test_nobody_can_open_but_not_keep(open_as: Callable[..., AppTest]) -> None:
    """Before the browser has said who is visiting."""
    page = open_as(None)
    page.file_uploader[0].upload("digits.keras", BROKEN, "application/octet-stream").run()
    found = {"file": page.file_uploader[0].value.file_id, "name": "digits.keras", "files": {}, "kept_as": ""}
    share = {"value": 0.9, "n": 5_000}
    pixels = {"words": "from 0 for paper to 1 for ink, as here"}
    brought = {"layers": [], "pixels": pixels, "ending": "softmax"}
    page.session_state[state.IMPORTED] = found | {
        "card": {"figures": {"validation": share}, "parameters": 0, "brought": brought}
    }
    page.run()
    assert next(button for button in page.button if button.label == "Keep it").disabled
