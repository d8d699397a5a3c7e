"""The Train page: every view opens, leads to the others, and a run that is asked for is a run that trains."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from digit_core import datasets, settings
from digit_core.metrics import calibration
from digit_core.recipes.architectures import Architecture, Dense, Flatten
from digit_core.recipes.configuration import TrainingConfig
from digit_core.runs import queue as all_runs
from digit_core.runs.queue import Runs
from digit_core.storage.run_records import FINISHED
from digit_core.storage.store import Store
from tests.app_pages import buttons, open_file, press, run, widget
from tests.training_ground import wait_for_end
from ui.frame import address, state
from ui.train.setup import draft as drafts

TRAIN = settings.PROJECT_FOLDER / "pages" / "2_Train.py"
VIEWS = ("Set up", "Watch", "Runs", "Import a model")
OWNER = "0123456789abcdef0123456789abcdef"
TINY = TrainingConfig(
    architecture=Architecture("Tiny", "Eight neurons.", (Flatten(), Dense(8))),
    epochs=2,
    subset_size=1_000,
    validation_share=0.3,
)


@pytest.fixture(scope="module", autouse=True)
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """The page's own runs, in a store of the tests'."""
    database: Path = tmp_path_factory.mktemp("store") / "digitlab.db"
    known = Runs(Store(f"sqlite:///{database.as_posix()}"))
    patch = pytest.MonkeyPatch()
    patch.setattr(all_runs, "default", lambda: known)
    yield known
    patch.undo()
    known.close()


def open_train(visitor: str | None = OWNER, **address: str) -> AppTest:
    return open_file(TRAIN, state={state.VISITOR: visitor} if visitor else None, **address)


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_before_anything_was_trained(view: str) -> None:
    page = open_train(train=view)
    assert page.title[0].value == "Train"
    assert widget(page.button_group, state.TRAIN_VIEW).value == view
    assert not page.error


@pytest.mark.parametrize(
    "address",
    [{"run": "nonsense"}, {"run": "0123456789ab"}, {"run": "recorded-../cnn"}, {"train": "Nowhere"}],
)
def test_nonsense_in_the_address_never_raises(address: dict[str, str]) -> None:
    open_train(**({"train": "Watch"} | address))


def test_a_recorded_run_of_a_shipped_model_can_be_watched() -> None:
    page = open_train(train="Watch", run="recorded-ann")
    assert widget(page.selectbox, address.RUN).value == "recorded-ann"
    assert page.get("vega_lite_chart") or page.get("arrow_vega_lite_chart")


@pytest.fixture(scope="module")
def finished(runs: Runs) -> str:
    """The id of a run that the page's Start button asked for, and that has finished."""
    filled = {state.VISITOR: OWNER, state.SETUP: drafts.from_configs([TINY])}
    page = press(open_file(TRAIN, state=filled), "Start")
    (asked,) = runs.all()
    # Start leads to the run at once.
    assert widget(page.button_group, state.TRAIN_VIEW).value == "Watch"
    assert widget(page.selectbox, address.RUN).value == asked.id
    assert (asked.owner, asked.config) == (OWNER, TINY)
    assert wait_for_end(runs, asked).state == FINISHED
    return asked.id


def test_a_finished_run_is_watched_and_its_model_taken_into_use(finished: str) -> None:
    page = open_train(train="Watch", run=finished)
    page = press(page, "Use this model")
    assert widget(page.selectbox, state.MODEL).value == f"run-{finished}"
    label = widget(page.selectbox, state.MODEL).options[-1]
    assert "of validation digits" in label


@pytest.mark.parametrize("name", ["1_Explore.py", "3_Evaluate.py", "4_Draw.py"])
def test_the_model_of_a_run_is_read_with_on_every_page(finished: str, name: str) -> None:
    address = {state.MODEL: f"run-{finished}"}
    page = open_file(settings.PROJECT_FOLDER / "pages" / name, 120, **address)
    assert not page.error
    assert widget(page.selectbox, state.MODEL).value == f"run-{finished}"


def test_the_model_of_a_run_is_calibrated_on_the_share_that_it_held_back(
    finished: str, mnist: datasets.Mnist
) -> None:
    from ui.frame import resources

    model = resources.classifier(f"run-{finished}")
    _, held_back = datasets.training_and_validation(mnist, 0.3)
    expected = calibration.fit_temperature(held_back.labels, model.predict_dataset(held_back.images))
    assert resources.temperature(f"run-{finished}").fitted == pytest.approx(expected.fitted, abs=1e-4)
    assert model.trust.temperature == pytest.approx(expected.value, abs=1e-4)
    of_others = calibration.fit_temperature(
        mnist.validation.labels, model.predict_dataset(mnist.validation.images)
    )
    assert abs(of_others.fitted - expected.fitted) > 1e-3  # it is not MNIST's validation digits that count


def test_the_history_leads_to_the_run_and_to_its_settings(finished: str) -> None:
    page = open_train(train="Runs")
    assert not page.error
    page.session_state[state.RUNS_CHOSEN] = (f"run-{finished}",)
    page = run(page)
    page = press(page, "Watch")
    assert widget(page.button_group, state.TRAIN_VIEW).value == "Watch"
    assert widget(page.selectbox, address.RUN).value == finished


def test_a_stranger_sees_the_run_but_gets_no_button_to_steer_it(finished: str, runs: Runs) -> None:
    (asked,) = runs.start([replace(TINY, epochs=200)], OWNER, "Long run")
    try:
        ends = {"Stop", "Leave the queue"}
        assert ends & set(buttons(open_train(train="Watch", run=asked.id)))
        page = open_train("f" * 32, train="Watch", run=asked.id)
        assert widget(page.selectbox, address.RUN).value == asked.id
        assert not ends & set(buttons(page))
    finally:
        runs.access.steer(asked.id, OWNER, is_stopped=True)
        wait_for_end(runs, asked)
