"""Watching a run: what is said of it, what is drawn, and who may steer it. One real run, on a real store."""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from digit_core import settings
from digit_core.digits import Digits
from digit_core.inference import model_files
from digit_core.monitoring.events import BatchEnded, EpochEnded, LayerState, RunStarted, Snapshot, Steering
from digit_core.monitoring.progress import measure_pace
from digit_core.monitoring.recordings import Progress
from digit_core.recipes.architectures import Architecture, Dense, Flatten
from digit_core.recipes.configuration import EarlyStopping, TrainingConfig
from digit_core.runs import queue as all_runs
from digit_core.runs.queue import Runs
from digit_core.storage.run_records import Run
from digit_core.storage.store import Store
from tests.app_pages import buttons, html_of, open_function, press, widget
from tests.training_ground import wait_until
from ui.frame import state
from ui.panels import learning_curves
from ui.train.runs import downloads
from ui.train.runs import page as past_runs
from ui.train.watch import inside, inside_pictures, result, status, steering, waiting

ANN, BEN = "a" * 32, "b" * 32
CONFIG = TrainingConfig(
    architecture=Architecture("Tiny", "For a test.", (Flatten(), Dense(8))),
    learning_rate=0.01,
    batch_size=50,
    epochs=2,
)


def _run(state: str, **facts: object) -> Run:
    return replace(Run("0123456789ab", ANN, "Tiny 1", state, "", CONFIG, 0.0), **facts)


def _snapshot(epoch: int, step: int, *, at_the_end: bool = False) -> Snapshot:
    confusion = np.eye(10, dtype=np.int64) * epoch if at_the_end else None
    return Snapshot(
        epoch, step, (), np.zeros((20, 10), np.float32), np.zeros((1, 3, 3), np.float32), confusion
    )


def _progress(batches: int, epochs: int = 0) -> Progress:
    """Ten steps an epoch of 500 digits, a step every half second."""
    return Progress(
        RunStarted(10, 500, 50, 10, 2),
        None,
        tuple(
            BatchEnded(1 + step // 10, 1 + step % 10, 0.5, 0.75, 0.01, step / 2) for step in range(batches)
        ),
        tuple(EpochEnded(epoch, 0.5, 0.75, 0.25 / epoch, 0.9, 0.01, 5.0) for epoch in range(1, epochs + 1)),
    )


def _said(state: str, progress: Progress | None = None, paused: float | None = None, **facts: object) -> str:
    progress = progress or Progress()
    pace = measure_pace(progress, Steering(), CONFIG.batch_size)
    return status.in_words(_run(state, **facts), progress, pace, paused)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("TensorFlow is starting: about 10 s", _said("starting")),
        ("Connecting to the scheduler", _said("starting", reason="Connecting to the scheduler")),
        ("The first step comes in a moment", _said("running")),
        ("Epoch 1 of 2", _said("running", _progress(3))),
        ("Epoch 1 of 2: it reads the validation digits", _said("running", _progress(10))),
        ("Epoch 1 of 2 is done", _said("running", _progress(10, 1))),
        ("Epoch 2 of 2", _said("running", _progress(11, 1))),
        ("Paused: ends by itself in at most 4 min, keeping its weights", _said("paused", _progress(3), 60)),
        ("Keeping the model: about 5 s", _said("saving", _progress(20, 2))),
        ("✓ Finished", _said("finished")),
        ("■ Stopped", _said("stopped")),
        ("✗ Failed", _said("failed")),
        ("⚡ Interrupted", _said("interrupted")),
    ],
)
def test_each_state_is_said_in_words(words: str, said: str) -> None:
    assert said == words


@pytest.mark.parametrize(
    ("place", "visitor", "seconds", "words"),
    [
        (1, ANN, 21.0, "You are next: about 20 s"),
        (1, BEN, 21.0, "This run is next: about 20 s"),
        (1, ANN, 0.0, "You are next: it starts in a moment"),
        (3, ANN, 110.0, "You are at place 3 in the queue: about 2 min"),
        (3, None, None, "This run is at place 3 in the queue"),
    ],
)
def test_who_waits_is_told_the_place_and_the_time(
    place: int, visitor: str | None, seconds: float | None, words: str
) -> None:
    assert waiting.in_words(_run("waiting", place=place), visitor, seconds) == words


def test_the_figures_below_the_bar_are_those_of_the_run() -> None:
    pace = measure_pace(_progress(11, 1), Steering(), CONFIG.batch_size)
    told = status.figures(_run("running"), pace)
    assert told == ["step 1 of 10", "100 images a second", "4 s left", "learning rate 0.01"]
    early = replace(CONFIG, early_stopping=EarlyStopping())
    assert "4 s left, or less" in status.figures(_run("running", config=early), pace)
    assert not any("left" in fact for fact in status.figures(_run("paused"), pace))


def test_speeds_have_two_digits() -> None:
    assert [status.speed(value) for value in (5_287.3, 834.2, 41.7)] == ["5,300", "830", "42"]


@pytest.mark.parametrize("metric", ["loss", "accuracy"])
def test_a_chart_holds_the_epochs_figures_and_no_others(metric: str) -> None:
    progress = _progress(20, 2)
    frame = learning_curves.table(progress, metric, CONFIG.batch_size)
    for series, name in (("training, whole epoch", metric), ("validation", f"validation_{metric}")):
        rows = frame[frame.series == series]
        assert rows.epoch.tolist() == [1, 2]
        assert rows.value.tolist() == [getattr(epoch, name) for epoch in progress.epochs]
    steps = frame[frame.series == "training, as it goes"]
    assert steps.epoch.tolist() == pytest.approx([step / 10 for step in range(1, 21)])
    assert steps.value.tolist() == pytest.approx([getattr(progress.batches[0], metric)] * 20)


def _recorded_page() -> None:
    import streamlit as st

    from digit_core.inference import model_files
    from digit_core.recipes import configuration
    from ui.train.watch import page as watch

    config = configuration.from_dict(model_files.read_card("cnn")["configuration"])
    watch.show_recording(model_files.recording("cnn"), config, "CNN")
    st.session_state["batch size"] = config.batch_size


@pytest.fixture(scope="module")
def recorded() -> AppTest:
    """A recorded run of 70 epochs at its end."""
    return open_function(_recorded_page)


def test_a_chart_is_sent_as_it_was_measured_and_in_few_bytes(recorded: AppTest) -> None:
    """A class that watches a run is sent both charts each second: less than 10 kB, where it was 48."""
    known = model_files.recording("cnn")
    assert known is not None
    charts = [chart.proto for chart in recorded.get("vega_lite_chart")]
    assert sum(chart.ByteSize() for chart in charts) < 10_000
    for chart, metric in zip(charts, ("loss", "accuracy"), strict=True):
        sent = pa.ipc.open_stream(chart.data.data).read_pandas()
        table = learning_curves.table(known, metric, recorded.session_state["batch size"])
        names = np.array(["frame", "change of the learning rate", "training, as it goes"])
        names = np.append(names, ["training, whole epoch", "validation"])
        assert names[sent.series].tolist() == table.series.tolist()
        np.testing.assert_allclose(sent[["epoch", "value"]], table[["epoch", "value"]], rtol=1e-6)
        assert f'"equal": {names.tolist().index("validation")}' in chart.spec


def test_the_pictures_of_the_watched_digits_are_sent_apart_from_what_is_read_in_them(
    recorded: AppTest,
) -> None:
    told = [element.proto.body for element in recorded.get("html") if 'class="watched"' in element.proto.body]
    assert len(told) == 1 and told[0].count("<figure") == 20 and "data:image" not in told[0]
    assert len(told[0].encode()) < 3_200


def test_a_replay_says_what_it_leaves_out(recorded: AppTest) -> None:
    assert "(means of about 63 steps)" in html_of(recorded)  # of 9,460
    assert "The network as it was after epoch 44" in recorded.caption[0].value
    assert "before the first step" in inside.kept_in_words(_snapshot(0, 0))
    assert learning_curves.steps_in_words(_progress(20, 2), CONFIG.batch_size) == ""


@pytest.mark.parametrize(("batches", "end"), [(0, 1), (1, 1), (10, 1), (11, 2), (20, 2)])
def test_the_axis_is_as_long_as_the_epochs_that_have_begun(batches: int, end: int) -> None:
    frame = learning_curves.table(_progress(batches), "loss", CONFIG.batch_size)
    assert frame[frame.series == "frame"].epoch.tolist() == [end]


def test_a_logarithmic_axis_holds_every_point_an_accuracy_as_the_share_that_is_misread() -> None:
    """What has no logarithm, a loss or a share of 0, lies at its least value."""
    early = BatchEnded(1, 1, 0.0, 0.25, 0.01, 0.1)
    progress = replace(_progress(20, 2), batches=(early, *_progress(20, 2).batches[2:]))
    for metric in ("accuracy", "loss"):
        plain = learning_curves.table(progress, metric, CONFIG.batch_size)
        logarithmic = learning_curves.table(progress, metric, CONFIG.batch_size, is_logarithmic=True)
        assert plain.height.equals(plain.value)
        assert logarithmic.value.equals(plain.value)  # what is told stays what was measured
        drawn = 1 - plain.value if metric == "accuracy" else plain.value
        pd.testing.assert_series_equal(logarithmic.height, drawn.clip(lower=1e-4), check_names=False)


def test_a_smooth_line_is_a_running_mean_of_the_points() -> None:
    losses = [4.0, 0.0, 2.0, 2.0, 8.0]
    batches = tuple(
        BatchEnded(1, step, np.mean(losses[:step]), 0.5, 0.01, step / 2) for step in range(1, len(losses) + 1)
    )
    progress = replace(_progress(0), batches=batches)

    def line(is_smooth: bool) -> list[float]:
        frame = learning_curves.table(progress, "loss", CONFIG.batch_size, is_smooth=is_smooth)
        return frame[frame.series == "training, as it goes"].value.tolist()

    assert line(False) == pytest.approx(losses)
    weights = 0.9 ** np.arange(len(losses))
    means = [np.average(losses[: n + 1][::-1], weights=weights[: n + 1]) for n in range(len(losses))]
    assert line(True) == pytest.approx(means)


def test_a_mark_stands_where_the_learning_rate_became_another_and_not_under_a_schedule() -> None:
    def marks(rates: list[float]) -> list[tuple[float, float]]:
        batches = tuple(
            replace(batch, learning_rate=rate)
            for batch, rate in zip(_progress(20).batches, rates, strict=False)
        )
        progress = replace(_progress(0), batches=batches)
        frame = learning_curves.table(progress, "loss", CONFIG.batch_size)
        rows = frame[frame.series == "change of the learning rate"]
        return list(zip(rows.epoch, rows.value, strict=True))

    assert marks([0.01] * 5 + [0.03] * 10 + [0.003] * 5) == [(0.6, 0.03), (1.6, 0.003)]
    assert marks([0.01] * 20) == []
    assert marks([0.01 * step for step in range(20)]) == []


def test_mix_ups_are_those_of_the_last_whole_epoch_before() -> None:
    shots = (_snapshot(0, 0), _snapshot(1, 10, at_the_end=True), _snapshot(2, 3))
    assert inside.with_confusion(shots, 0) is None
    assert inside.with_confusion(shots, 1) is shots[1] and inside.with_confusion(shots, 2) is shots[1]
    assert [inside.moment(shot) for shot in shots] == ["before the start", "epoch 1", "now"]


def test_the_worst_mix_up_is_named() -> None:
    counts = np.eye(10, dtype=np.int64) * 9
    assert inside_pictures.worst_in_words(counts) == ""
    counts[9, 4] = 3
    assert inside_pictures.worst_in_words(counts) == "Most often: a 9 read as 4, 3 times."


@pytest.mark.parametrize(
    ("norm", "share"), [(0.0, 0), (1e-9, 0), (1e-2, 0.5), (1e2, 1), (1e9, 1), (math.inf, 1), (math.nan, 0)]
)
def test_a_gradients_bar_grows_by_the_same_length_for_each_tenfold(norm: float, share: float) -> None:
    assert inside_pictures.gradient_share(norm) == pytest.approx(share)


def test_what_is_wrong_in_a_layer_is_said() -> None:
    healthy = LayerState("dense_1", 0.5, 0.1, 0.2)
    assert "Nothing stands out" in inside_pictures.layers_in_words((healthy,))
    assert "In dense_2, 60% of the units are dead" in inside_pictures.layers_in_words(
        (healthy, LayerState("dense_2", 0.5, 0.6, 0.2))
    )
    assert "blown up" in inside_pictures.layers_in_words((LayerState("dense_1", math.nan, 0.6, 0.2),))
    assert "Hardly any gradient reaches dense_1" in inside_pictures.layers_in_words(
        (replace(healthy, gradient_norm=1e-8),)
    )


@pytest.mark.parametrize(
    ("changes", "asked", "rate"),
    [
        ({}, None, 0.01),  # as the latest step had it
        ({}, 0.3, 0.3),
        ({"schedule": "cosine", "learning_rate": 0.2}, None, 0.2),
        ({"schedule": "cosine", "learning_rate": 0.2}, 0.3, 0.3),
    ],
)
def test_a_learning_rate_is_changed_from_what_it_is(
    changes: dict[str, object], asked: float | None, rate: float
) -> None:
    run = _run("running", config=replace(CONFIG, **changes))
    told = Steering(learning_rate=asked)
    assert steering.base_rate(run, told, measure_pace(_progress(5), told, 50)) == rate


def test_an_outcome_tells_the_epoch_that_was_kept() -> None:
    told = dict(result.facts(_run("stopped"), _progress(20, 2)))
    assert told["epoch whose weights are kept"] == "2 of 2"
    told = dict(
        result.facts(_run("stopped", card={"kept_epoch": 1, "training_seconds": 90}), _progress(20, 2))
    )
    assert told == {
        "validation digits read correctly": "90.0%",
        "epoch whose weights are kept": "1 of 2",
        "of training": "90 s",
        "parameters": "10",
    }
    assert result.facts(_run("failed"), _progress(3)) == []


def test_an_outcome_on_test_digits_says_so() -> None:
    run = _run("finished", config=replace(CONFIG, validates_on_test=True))
    assert result.facts(run, _progress(20, 2))[0] == ("test digits read correctly", "90.0%")


# What follows is one real run: a worker with TensorFlow trains it, Streamlit's own test runner watches it.


def _page() -> None:
    import streamlit as st

    from ui.train import views
    from ui.train.watch import page as watch

    def propose(config: object, parent: object) -> None:
        st.session_state["proposed"] = (config, parent)

    def use_model(name: str) -> None:
        st.session_state["used"] = name

    watch.show(
        st.session_state["id"],
        st.session_state["who"],
        propose=propose,
        use_model=use_model,
        download=views.download,
    )


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    store = Store(f"sqlite:///{(tmp_path_factory.mktemp('store') / 'digitlab.db').as_posix()}")
    runs = Runs(store, idle_seconds=1)
    yield runs
    runs.close()
    store.close()


@pytest.fixture(scope="module")
def live(runs: Runs, made_up: Digits) -> str:
    """The id of a run that goes on in slow motion, past its first epoch."""
    config = replace(CONFIG, epochs=20)
    run_id = runs.start([config], ANN, "Tiny", digits=made_up)[0].id
    runs.access.steer(run_id, ANN, step_pause_seconds=0.5)
    wait_until(lambda: bool(runs.progress(run_id).epochs) or not runs.get(run_id).is_live)
    assert runs.get(run_id).is_live, runs.get(run_id).reason
    return run_id


@pytest.fixture
def open_as(runs: Runs, live: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    def open_page(visitor: str | None, run_id: str = live, code: str = "") -> AppTest:
        return open_function(_page, **{"id": run_id, "who": visitor, state.TEACHER_CODE: code})

    monkeypatch.setattr(all_runs, "default", lambda: runs)
    return open_page


def test_its_owner_has_the_buttons_and_sees_it_go(open_as: Callable[..., AppTest]) -> None:
    page = open_as(ANN)
    assert {"Pause", "Stop", "+5 epochs", "÷ 3", "× 3"} <= set(buttons(page))
    assert (
        "of 20" in html_of(page) and "images a second" in html_of(page) and 'class="watched"' in html_of(page)
    )


@pytest.mark.parametrize("visitor", [BEN, None])
def test_a_stranger_sees_it_too_but_has_no_buttons(
    open_as: Callable[..., AppTest], visitor: str | None
) -> None:
    page = open_as(visitor)
    assert buttons(page) == [] and 'class="watched"' in html_of(page)
    assert "Only the person who started this run" in page.caption[0].value


def test_the_teachers_code_gives_the_buttons_to_a_stranger(
    open_as: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "TEACHER_CODE", "secret")
    assert "Stop" in buttons(open_as(BEN, code="secret"))
    page = open_as(BEN, code="wrong")
    assert "Stop" not in buttons(page) and [field.label for field in page.text_input] == ["Teacher's code"]


def test_the_buttons_reach_the_run(open_as: Callable[..., AppTest], runs: Runs, live: str) -> None:
    page = press(press(press(open_as(ANN), "+5 epochs"), "× 3"), "× 3")
    assert runs.steering(live).epochs == 25
    assert runs.steering(live).learning_rate == pytest.approx(0.09)
    page = widget(page.text_input, f"rate {live}").set_value("0,02").run()
    assert runs.steering(live).learning_rate == 0.02
    press(page, "Pause")
    assert runs.steering(live).is_paused
    wait_until(lambda: runs.get(live).state == "paused")
    page.run()
    assert "Paused: ends by itself" in html_of(page)
    done = runs.progress(live).batches[-1]
    page = press(page, "One step")
    assert runs.steering(live).single_steps == 1
    wait_until(lambda: runs.progress(live).batches[-1] != done)
    assert runs.get(live).state == "paused"
    press(page, "Go on")
    assert not runs.steering(live).is_paused


@pytest.mark.parametrize(
    ("typed", "sentence"), [("fast", "is a number such as 0.001, not “fast”"), ("-1", "learning rate")]
)
def test_a_rate_that_cannot_be_is_refused_with_a_sentence(
    open_as: Callable[..., AppTest], runs: Runs, live: str, typed: str, sentence: str
) -> None:
    before = runs.steering(live)
    page = open_as(ANN)
    widget(page.text_input, f"rate {live}").set_value(typed).run()
    assert sentence in page.warning[0].value and runs.steering(live) == before


@pytest.mark.parametrize("view", ["Twenty digits", "Mix-ups", "Layers", "Filters", "Epochs"])
def test_each_view_of_the_inside_opens(open_as: Callable[..., AppTest], live: str, view: str) -> None:
    page = open_as(ANN)
    widget(page.button_group, f"inside {live}").set_value([view]).run()
    assert not page.exception and not page.error


def test_looking_back_stays_and_the_right_end_follows(
    open_as: Callable[..., AppTest], runs: Runs, live: str
) -> None:
    page = open_as(ANN)
    assert page.select_slider[0].value == len(page.select_slider[0].options) - 1
    page.select_slider[0].set_value(0).run()
    seen = len(runs.progress(live).epochs)
    wait_until(lambda: len(runs.progress(live).epochs) > seen)
    page.run()
    assert page.select_slider[0].value == 0
    page.select_slider[0].set_value(len(page.select_slider[0].options) - 1).run()
    seen = len(runs.progress(live).epochs)
    wait_until(lambda: len(runs.progress(live).epochs) > seen)
    page.run()
    assert page.select_slider[0].value == len(page.select_slider[0].options) - 1


def test_who_waits_sees_the_run_that_goes_and_can_leave_the_queue(
    open_as: Callable[..., AppTest], runs: Runs, live: str, made_up: Digits
) -> None:
    (queued,) = runs.start([CONFIG], BEN, "Mine", digits=made_up)
    page = open_as(BEN, queued.id)
    told = html_of(page)
    assert "You are next: about" in told and "Now training: “Tiny”. You can watch it below" in told
    assert re.search(r"Epoch \d+ of \d+", told) and ANN not in told  # not whose it is
    assert len(page.get("vega_lite_chart")) == 2
    assert "You are" not in html_of(open_as(ANN, queued.id))
    assert "Now training: your run “Tiny”." in html_of(open_as(ANN, queued.id))
    press(page, "Leave the queue")
    wait_until(lambda: not runs.get(queued.id).is_live)
    page.run()
    assert "Leave the queue" not in buttons(page) and "You are next" not in html_of(page)


def test_a_stopped_run_tells_its_outcome_and_its_model_is_a_press_away(
    open_as: Callable[..., AppTest], runs: Runs, live: str
) -> None:
    """The last test of this run: it ends here."""
    page = press(open_as(ANN), "Stop")
    wait_until(lambda: not runs.get(live).is_live)
    page.run()
    assert "■ Stopped" in html_of(page) and "validation digits read correctly" in html_of(page)
    assert {"Use this model", "Draw with it", "Evaluate it", "Continue"} <= set(buttons(page))
    # The same downloads as the view Runs has.
    contender = past_runs.of_run(runs.get(live))
    offered = [*downloads.model_files(contender), *downloads.records(contender)]
    files = [button.proto.label for button in page.get("download_button")]
    assert files == [one.label for one in offered if one.is_ready]
    assert {".keras", ".tflite", "History (CSV)", "Card (JSON)", "Notebook (.ipynb)"} <= set(files)
    press(page, "Use this model")
    assert page.session_state["used"] == f"run-{live}"
    press(page, "Continue")
    assert page.session_state["proposed"] == (runs.get(live).config, live)
    press(page, "Again with other settings")
    assert page.session_state["proposed"] == (runs.get(live).config, None)


def test_a_run_that_is_not_there_is_said(open_as: Callable[..., AppTest]) -> None:
    assert "There is no such run" in open_as(ANN, run_id="nothing").error[0].value
