"""Past runs: listed, chosen, renamed, deleted and brought back, compared, and taken home."""

import csv
import html
import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import create_engine
from streamlit.testing.v1 import AppTest

from digit_core import settings
from digit_core.datasets.mnist import Mnist
from digit_core.digits import Digits
from digit_core.inference import model_files
from digit_core.inference.model_files import KERAS_FILE, LAYERS_FILE, LITERT_FILE
from digit_core.monitoring import recordings
from digit_core.monitoring.events import EpochEnded, RunStarted
from digit_core.monitoring.recordings import Progress
from digit_core.recipes import configuration
from digit_core.recipes.architectures import Architecture, Convolution, Dense, Flatten, Pooling
from digit_core.recipes.configuration import TrainingConfig
from digit_core.runs import memory
from digit_core.runs import queue as all_runs
from digit_core.runs.comparison import Contender, of_run, of_shipped
from digit_core.runs.queue import Runs
from digit_core.storage import processes, run_table
from digit_core.storage.run_records import Run
from digit_core.storage.store import Store
from tests.app_pages import buttons, component, html_of, open_function, press
from tests.training_ground import wait_for_end
from ui.frame import resources, state
from ui.panels import run_formatting
from ui.train.runs import comparison
from ui.train.runs import downloads as file_downloads
from ui.train.runs import run_table as table

ANN, BEN = "a" * 32, "b" * 32
NOW = 1_800_000_000.0
FIRST, SECOND, BENS, FAILED = "1" * 12, "2" * 12, "3" * 12, "4" * 12
SMALL = TrainingConfig(architecture="ann", epochs=5, subset_size=1_000)


def _page() -> None:
    import streamlit as st

    from ui.train.runs import page as history

    def told(what: str) -> object:
        return lambda *values: st.session_state.update(called=[what, *values])

    names = ("open_run", "open_recording", "use_model", "propose", "evaluate")
    history.show(st.session_state.get("who"), history.Actions(**{name: told(name) for name in names}))


def shipped_files(name: str) -> dict[str, bytes]:
    folder = model_files.find(name)
    return {file: (folder / file).read_bytes() for file in (KERAS_FILE, LITERT_FILE, LAYERS_FILE)}


def ended(run_id: str, model: str, owner: str = ANN, **values: Any) -> Run:
    """A run that left the model of a shipped one."""
    card = model_files.read_card(model) | {"chosen_on_test": values.pop("chosen_on_test", False)}
    config = values.pop("config", replace(SMALL, architecture=model))
    facts = {"name": f"run of {model}", "state": "finished", "reason": "All 5 epochs are done."} | values
    return Run(
        run_id, owner=owner, config=config, created=NOW + int(run_id), has_model=True, card=card, **facts
    )


@pytest.fixture
def runs(store: Store, monkeypatch: pytest.MonkeyPatch) -> Runs:
    """Four runs in a real store: Ann's ANN and CNN, Ben's CNN, and one of Ann's that failed in its second epoch."""
    process = processes.this_process()
    store.runs.add(process, [ended(FIRST, "ann", name="first try")], shipped_files("ann"))
    store.runs.add(process, [ended(SECOND, "cnn-2", chosen_on_test=True)], shipped_files("cnn-2"))
    store.runs.add(
        process, [ended(BENS, "cnn-3", BEN, name="Ben's *own* <i>run</i>")], shipped_files("cnn-3")
    )
    wild = replace(SMALL, optimizer="sgd", learning_rate=10.0)
    failed = Run(FAILED, ANN, "wild", "failed", "The loss became NaN.", wild, NOW - 9)
    epoch = EpochEnded(1, 2.3, 0.1, 2.4, 0.125, 10.0, 0.5)
    progress = Progress(RunStarted(101_770, 1_000, 5_000, 16, 5), epochs=(epoch,))
    content = {run_table.RECORDING_FILE: recordings.to_bytes(progress)}
    store.runs.add(process, [failed], content)
    runs = Runs(store)
    monkeypatch.setattr(all_runs, "default", lambda: runs)
    for cache in (resources.answer_size, resources.ended_epochs, resources.exported, resources.is_exported):
        cache.clear()
    return runs


@pytest.fixture
def open_as(runs: Runs) -> Callable[..., AppTest]:
    return lambda visitor, *chosen: open_function(_page, **{"who": visitor, state.RUNS_CHOSEN: list(chosen)})


def key(run_id: str) -> str:
    return f"run-{run_id}"


def listed(page: AppTest) -> dict[str, Any]:
    """What the table in the browser is given."""
    return component(page, "digit_run_table")


def names(page: AppTest) -> list[str]:
    return [row["name"] for row in listed(page)["rows"]]


def downloads(page: AppTest) -> list[str]:
    return [element.proto.label for element in page.get("download_button")]


# The table


def test_runs_stand_newest_first_before_the_shipped_models(open_as: Callable[..., AppTest]) -> None:
    page = open_as(ANN)
    assert names(page) == [
        "Ben's *own* <i>run</i>",
        "run of cnn-2",
        "first try",
        "wild",
        *model_files.names(),
    ]
    assert "Tick a run" in page.info[0].value


def test_a_row_tells_the_figures_of_its_run(open_as: Callable[..., AppTest]) -> None:
    row = listed(open_as(ANN))["rows"][2]
    cells = {name: cell["text"] for name, cell in row["cells"].items()}
    size = len(shipped_files("ann")[LITERT_FILE])
    assert cells == {
        "state": "✓ finished",
        "network": "ANN",
        "digits": "55,000",
        "epochs": "5",
        "right": "97.7%",
        "parameters": "101,770",
        "seconds": "30 s",
        "size": f"{round(size / 1_000)} kB",
        "created": None,
    }
    assert row["cells"]["right"]["sort"] == pytest.approx(0.9768)
    assert row["cells"]["created"]["sort"] == NOW + int(FIRST)


def test_the_size_of_a_file_is_told_by_both_kinds_of_store(database_url: str) -> None:
    store = Store(database_url)
    files = shipped_files("ann")
    store.runs.add(processes.this_process(), [ended(FIRST, "ann")], files)
    assert Runs(store).models.answer_size(FIRST) == len(files[LITERT_FILE])
    assert Runs(store).models.answer_size(SECOND) is None
    store.close()


def test_a_run_that_failed_tells_what_is_known_of_it(open_as: Callable[..., AppTest]) -> None:
    cells = {name: cell["text"] for name, cell in listed(open_as(ANN))["rows"][3]["cells"].items()}
    assert (cells["state"], cells["epochs"], cells["right"], cells["size"]) == (
        "✗ failed",
        "1 of 5",
        "12.5%",
        "–",
    )


def test_a_model_chosen_on_the_test_digits_says_so_wherever_it_is_shown(
    open_as: Callable[..., AppTest],
) -> None:
    rows = {row["key"]: row["tags"] for row in listed(open_as(ANN))["rows"]}
    assert rows[key(SECOND)] == ["yours", "chosen on the test digits"]
    assert rows[key(FIRST)] == ["yours"]
    assert rows[key(BENS)] == rows["ann"] == []
    assert "chosen on the test digits" in open_as(ANN, key(SECOND)).warning[0].value
    assert "chosen on the test digits" in html_of(open_as(ANN, key(FIRST), key(SECOND)))
    assert "chosen on the test digits" not in html_of(open_as(ANN, key(FIRST), "ann"))


def test_mine_are_mine(open_as: Callable[..., AppTest]) -> None:
    page = open_as(ANN)
    page.session_state[state.RUNS_LISTED] = "Mine"
    assert names(page.run()) == ["run of cnn-2", "first try", "wild"]
    page = open_as(None)
    page.session_state[state.RUNS_LISTED] = "Mine"
    assert names(page.run()) == []


def test_what_is_chosen_but_not_shown_is_not_compared(open_as: Callable[..., AppTest]) -> None:
    page = open_as(ANN, key(BENS), key(FIRST))
    assert "What differs" in page.markdown[0].value
    page.session_state[state.RUNS_LISTED] = "Mine"
    assert listed(page.run())["chosen"] == [key(FIRST)]
    assert "first try" in html_of(page)


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ({"keys": ["a", "b"], "serial": 3}, (["a", "b"], 3)),
        ({"keys": ["b", "a", "b", "gone", 7, None], "serial": 0}, (["b", "a"], 0)),
        ({"keys": list("abcdefgh"), "serial": 1}, (list("abcdef"), 1)),
        ({"keys": [], "serial": 1}, ([], 1)),
        (None, (None, 0)),
        ("a", (None, 0)),
        ({"keys": "a", "serial": 1}, (None, 0)),
        ({"keys": ["a"]}, (None, 0)),
        ({"keys": ["a"], "serial": True}, (None, 0)),
        ({"keys": ["a"], "serial": -1}, (None, 0)),
        ({"keys": ["a"], "serial": 2**40}, (None, 0)),
    ],
)
def test_a_choice_that_comes_from_anybody_is_looked_at_first(message: object, found: object) -> None:
    assert table._choice(message, list("abcdefgh")) == found


def test_a_store_out_of_reach_is_a_sentence_and_the_shipped_models_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_as: Callable[..., AppTest]
) -> None:
    (tmp_path / "file").write_text("a file, no folder")
    broken = Runs(Store(f"sqlite:///{tmp_path / 'file' / 'digitlab.db'}"))
    monkeypatch.setattr(all_runs, "default", lambda: broken)
    page = open_as(ANN)
    assert "folder cannot be created" in page.error[0].value
    assert names(page) == list(model_files.names())


# One run


def test_the_owner_may_do_everything(open_as: Callable[..., AppTest]) -> None:
    page = open_as(ANN, key(FIRST))
    expected = {
        "Watch",
        "Use this model",
        "Evaluate it",
        "Continue",
        "Again with other settings",
        "Save",
        "Delete",
    }
    assert expected <= set(buttons(page))
    assert "97.7% (97.2% to 98.1%) of 5,000 validation digits right" in html_of(page)


def test_a_stranger_looks_and_takes_but_changes_nothing(open_as: Callable[..., AppTest]) -> None:
    page = open_as(BEN, key(FIRST))
    assert {"Watch", "Use this model", "Continue"} <= set(buttons(page))
    assert not {"Save", "Delete"} & set(buttons(page))
    assert any("Only the person who started this run" in caption.value for caption in page.caption)
    assert ".tflite" in downloads(page)
    assert "Make .h5" in buttons(page)
    assert not {"Save", "Delete"} & set(buttons(open_as(None, key(FIRST))))


def test_a_teacher_with_the_code_may_change_anybodys_run(
    runs: Runs, open_as: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "TEACHER_CODE", "chalk")
    page = open_as(BEN, key(FIRST))
    (code,) = [field for field in page.text_input if field.label == "Teacher's code"]
    code.input("cheese").run()
    assert "Delete" not in buttons(page)
    code.input("chalk").run()
    press(page, "Delete")
    assert [run.id for run in runs.all()] == [BENS, SECOND, FAILED]


def test_a_shipped_model_is_used_and_taken_but_not_changed(open_as: Callable[..., AppTest]) -> None:
    page = open_as(ANN, "cnn-2")
    assert {"Watch its training", "Use this model", "Continue"} <= set(buttons(page))
    assert not {"Save", "Delete", "Watch"} & set(buttons(page))
    assert not any("Only the person" in caption.value for caption in page.caption)


def test_a_run_without_a_model_cannot_be_used(open_as: Callable[..., AppTest]) -> None:
    page = open_as(ANN, key(FAILED))
    assert not {"Use this model", "Evaluate it", "Continue"} & set(buttons(page))
    assert downloads(page) == ["History (CSV)", "Code (.py)", "Notebook (.ipynb)"]
    assert "The loss became NaN." in html_of(page)


@pytest.mark.parametrize(
    ("chosen", "label", "called"),
    [
        (key(FIRST), "Watch", ["open_run", FIRST]),
        ("ann", "Watch its training", ["open_recording", "ann"]),
        (key(FIRST), "Use this model", ["use_model", key(FIRST)]),
        (key(FIRST), "Continue", ["propose", SMALL, FIRST]),
        (key(FIRST), "Again with other settings", ["propose", SMALL, None]),
        (key(FIRST), "Evaluate it", ["evaluate", key(FIRST)]),
    ],
)
def test_a_button_asks_the_page_for_what_it_says(
    open_as: Callable[..., AppTest], chosen: str, label: str, called: list[object]
) -> None:
    assert press(open_as(ANN, chosen), label).session_state["called"] == called


def test_continuing_a_shipped_model_goes_on_from_its_name(open_as: Callable[..., AppTest]) -> None:
    what, config, parent = press(open_as(ANN, "ann"), "Continue").session_state["called"]
    assert (what, parent) == ("propose", "ann")
    assert config == configuration.from_dict(model_files.read_card("ann")["configuration"])


def test_a_new_name_is_kept(runs: Runs, open_as: Callable[..., AppTest]) -> None:
    page = open_as(ANN, key(FIRST))
    page.text_input[0].input("  the <b>best</b> one ")
    press(page, "Save")
    assert runs.get(FIRST).name == "the <b>best</b> one"
    assert "the <b>best</b> one" in names(page)
    assert "the &lt;b&gt;best&lt;/b&gt; one" in html_of(page)
    assert "the <b>best</b> one" not in html_of(page)


def test_an_empty_name_is_refused_with_a_sentence(runs: Runs, open_as: Callable[..., AppTest]) -> None:
    page = open_as(ANN, key(FIRST))
    page.text_input[0].input("   ")
    press(page, "Save")
    assert [error.value for error in page.error] == ["A name has 1 to 60 characters."]
    assert runs.get(FIRST).name == "first try"
    assert not page.run().error


def test_what_is_deleted_is_gone_and_undo_brings_it_back(runs: Runs, open_as: Callable[..., AppTest]) -> None:
    page = press(open_as(ANN, key(FIRST)), "Delete")
    assert "first try" not in names(page)
    assert listed(page)["chosen"] == []
    assert "Deleted: <b>first try</b>" in html_of(page)
    press(page, "Undo")
    assert "first try" in names(page)
    assert listed(page)["chosen"] == [key(FIRST)]
    assert "Undo" not in buttons(page)
    assert runs.models.get(FIRST).files[LITERT_FILE] == shipped_files("ann")[LITERT_FILE]


def test_a_run_that_is_gone_for_ever_is_said_to_be(store: Store, open_as: Callable[..., AppTest]) -> None:
    page = press(open_as(ANN, key(FIRST)), "Delete")
    store.runs.delete(FIRST, time.time() - run_table.DELETED_SECONDS - 1)
    press(page, "Undo")
    assert "gone for good" in page.error[0].value


def test_a_locked_store_is_a_sentence_and_nothing_is_deleted(
    runs: Runs, sqlite_url: str, open_as: Callable[..., AppTest]
) -> None:
    page = open_as(ANN, key(FIRST))
    engine = create_engine(sqlite_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM digitlab_runs")  # holds the lock
        press(page, "Delete")
        connection.rollback()
    engine.dispose()
    assert "The database is busy" in page.error[0].value
    assert runs.get(FIRST).name == "first try"
    assert "Undo" not in buttons(page)


# The comparison


def test_ann_against_cnn_is_one_press(open_as: Callable[..., AppTest]) -> None:
    page = open_as(ANN)
    page.session_state[state.RUNS_LISTED] = "Mine"
    press(page.run(), "ANN against CNN")
    assert listed(page)["chosen"] == [key(FIRST), key(BENS)]
    assert len(listed(page)["rows"]) == 4 + len(model_files.names())
    html = html_of(page)
    assert "ANN: 128 neurons, dropout 20%" in html
    assert "Ben&#x27;s *own* &lt;i&gt;run&lt;/i&gt;" in html
    assert "<i>run</i>" not in html
    assert len(page.get("plotly_chart")) == 2


def test_shipped_models_compare_with_runs(open_as: Callable[..., AppTest]) -> None:
    page = open_as(ANN, key(FIRST), "ann", key(FAILED))
    html = html_of(page)
    for words in ("116 of 5,000", "4,375 of 5,000", "101,770", "SGD", "1,000", "55,000"):
        assert words in html
    assert press(page, "Clear").info[0].value.startswith("Tick a run")


def contender(**values: Any) -> Contender:
    return Contender(**({"key": "run-1", "name": "one", "state": "finished"} | values))


def test_the_longest_bar_is_the_largest_figure() -> None:
    html = comparison.measures_html([contender(parameters=50, seconds=8.0), contender(parameters=200)])
    assert html.count("width:100.0%") == 2
    assert "width:25.0%" in html
    assert ">8 s<" in html
    assert ">–<" in html


def test_same_settings_are_said_to_be_the_same() -> None:
    assert "same settings" in comparison.differences_html((), 2)


def test_every_figure_stands_in_the_table_behind() -> None:
    ann = of_shipped("ann", model_files.read_card("ann"), 409_892)
    (row,) = comparison.figures_table([ann]).to_dict("records")
    assert row == {
        "Letter": "A",
        "Name": "ann",
        "State": "★ comes with the app",
        "Validation digits read correctly": "97.7% (97.2% to 98.1%)",
        "Epochs": "5",
        "Kept epoch": "5",
        "Training digits": "55,000",
        "Parameters": "101,770",
        "Training time": "30 s",
        ".tflite": "410 kB",
        "Chosen on the test digits": "no",
    }


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "–"),
        (0.04, "0 s"),
        (8.12, "8.1 s"),
        (8, "8 s"),
        (40.4, "40 s"),
        (94.2, "2 min"),
        (3_599, "1 h"),
        (7_810, "2 h 10 min"),
    ],
)
def test_a_duration_has_as_many_figures_as_it_deserves(seconds: float | None, words: str) -> None:
    assert run_formatting.duration(seconds) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [(None, "–"), (90, "1 kB"), (409_892, "410 kB"), (999_600, "1.0 MB"), (1_234_567, "1.2 MB")],
)
def test_a_size_is_told_as_files_are(count: int | None, words: str) -> None:
    assert run_formatting.size(count) == words


def test_what_a_run_started_from_has_a_name() -> None:
    child = contender(run=Run("2" * 12, ANN, "two", "finished", "", SMALL, NOW), config=SMALL)
    for parent, words in (
        (None, "random weights"),
        ("ann", "the weights of ann"),
        (FIRST, "the weights of first try"),
        ("9" * 12, "the weights of a run that is gone"),
    ):
        names = {"ann": "ann", key(FIRST): "first try"}
        assert run_formatting.started_from(replace(child, started_from=parent), names) == words


# Downloads


def content(offered: list[file_downloads.Download], label: str) -> str | bytes:
    return next(one for one in offered if one.label == label).content()


def test_everything_can_be_downloaded_from_a_finished_run(open_as: Callable[..., AppTest]) -> None:
    page = open_as(ANN, key(FIRST))
    assert downloads(page) == [
        ".keras",
        ".tflite",
        "Web page (.html)",
        "History (CSV)",
        "Card (JSON)",
        "Code (.py)",
        "Notebook (.ipynb)",
    ]
    assert {"Make .h5", "Make SavedModel (.zip)"} <= set(buttons(page))


def test_a_compiled_keras_file_is_there_at_once(
    trained: tuple[Runs, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    runs, run = trained
    monkeypatch.setattr(all_runs, "default", lambda: runs)
    offered = {one.label: one for one in file_downloads.model_files(of_run(run))}
    assert [label for label, one in offered.items() if one.is_ready] == [
        ".keras",
        ".tflite",
        "Web page (.html)",
    ]
    assert offered[".keras"].content() == runs.models.get(run.id).files[KERAS_FILE]


def test_a_runs_model_is_there_as_a_web_page_under_its_name(
    trained: tuple[Runs, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    runs, run = trained
    monkeypatch.setattr(all_runs, "default", lambda: runs)
    offered = {one.label: one for one in file_downloads.model_files(of_run(run))}
    page = offered["Web page (.html)"].content()
    assert page.startswith("<!doctype html>")
    assert f"<h1>{html.escape(run.name)}</h1>" in page


def test_records_say_what_the_run_was(runs: Runs) -> None:
    records = file_downloads.records(of_run(runs.get(FIRST)))
    card = json.loads(content(records, "Card (JSON)"))
    assert card == model_files.read_card("ann")
    rows = list(csv.DictReader(io.StringIO(content(records, "History (CSV)"))))
    assert [float(row["validation_accuracy"]) for row in rows] == [
        epoch["validation_accuracy"] for epoch in card["history"]
    ]
    compile(content(records, "Code (.py)"), "code.py", "exec")
    assert json.loads(content(records, "Notebook (.ipynb)"))["nbformat"] == 4


def test_a_file_that_cannot_be_made_is_a_sentence(
    open_as: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "WORKER_BYTES", 10**18)  # more than any machine has
    page = press(open_as(ANN, key(FIRST)), "Make .h5")
    assert "memory" in page.error[0].value
    assert "Make .h5" in buttons(page)


TINY = Architecture("tiny", "", (Convolution(4), Pooling(4), Flatten(), Dense(8)))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, made_up: Digits) -> Iterator[tuple[Runs, Run]]:
    """A run that was really trained, by a worker of a real engine."""
    store = Store(f"sqlite:///{(tmp_path_factory.mktemp('runs') / 'digitlab.db').as_posix()}")
    runs = Runs(store)
    config = TrainingConfig(architecture=TINY, batch_size=32, epochs=2, learning_rate=0.01)
    (run,) = runs.start([config], ANN, "Tiny one", digits=made_up)
    yield runs, wait_for_end(runs, run)
    runs.close()
    store.close()


@pytest.fixture
def taken(
    trained: tuple[Runs, Run], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[str], Path]:
    """`taken(".h5")`: that file of the run, as the history page hands it out."""
    runs, run = trained
    assert run.state == "finished", run.reason
    monkeypatch.setattr(all_runs, "default", lambda: runs)

    def take(label: str) -> Path:
        (one,) = [one for one in file_downloads.model_files(of_run(run)) if one.label == label]
        path = tmp_path / f"model{one.ending}"
        path.write_bytes(one.content())
        return path

    return take


@pytest.fixture
def images(mnist: Mnist) -> np.ndarray:
    return (mnist.test.images[:100, ..., None] / np.float32(255)).astype(np.float32)


@pytest.fixture
def expected(trained: tuple[Runs, Run], images: np.ndarray) -> np.ndarray:
    """What the run's own model answers to 100 digits."""
    from digit_core.inference.classifier import Classifier

    files = trained[0].models.get(trained[1].id).files
    return Classifier("run", files[LITERT_FILE], files[LAYERS_FILE]).predict(images[..., 0])


@pytest.mark.parametrize("label", [".keras", ".h5"])
def test_keras_reopens_what_was_taken_compiled_and_with_the_same_answers(
    taken: Callable[[str], Path], images: np.ndarray, expected: np.ndarray, label: str, mnist: Mnist
) -> None:
    import keras

    opened = keras.models.load_model(taken(label))
    np.testing.assert_allclose(np.asarray(opened(images)), expected, atol=1e-5)
    _, accuracy = opened.evaluate(images, mnist.test.labels[:100], verbose=0)
    assert accuracy == pytest.approx(np.mean(expected.argmax(axis=1) == mnist.test.labels[:100]))


def test_tensorflow_reopens_the_saved_model_with_the_same_answers(
    taken: Callable[[str], Path], images: np.ndarray, expected: np.ndarray, tmp_path: Path
) -> None:
    import tensorflow as tf

    with zipfile.ZipFile(taken("SavedModel (.zip)")) as file:
        file.extractall(tmp_path / "opened")
    opened = tf.saved_model.load(tmp_path / "opened" / "saved_model")
    np.testing.assert_allclose(opened.serve(images).numpy(), expected, atol=1e-5)


def test_litert_reopens_the_tflite_file_with_the_same_answers(
    taken: Callable[[str], Path], images: np.ndarray, expected: np.ndarray
) -> None:
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(model_path=str(taken(".tflite"))).get_signature_runner()
    (name,) = runner.get_input_details()
    (answers,) = runner(**{name: images}).values()
    np.testing.assert_allclose(answers, expected, atol=1e-5)


def test_a_made_file_is_offered_in_the_place_of_its_button(
    trained: tuple[Runs, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    runs, run = trained
    monkeypatch.setattr(all_runs, "default", lambda: runs)
    page = AppTest.from_function(_page, default_timeout=120)
    page.session_state["who"] = ANN
    page.session_state[state.RUNS_CHOSEN] = [run.model]
    press(page.run(), "Make .h5")
    assert ".h5" in downloads(page)
    assert "Make .h5" not in buttons(page)
    assert "Tiny one" in names(page)
