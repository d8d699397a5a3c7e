"""What runs left, without a cluster: on SQLite and PostgreSQL alike."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from digit_core.errors import RunError
from digit_core.inference import model_files
from digit_core.inference.model_files import KERAS_FILE, LAYERS_FILE, LITERT_FILE, TrainedModel
from digit_core.recipes.configuration import TrainingConfig
from digit_core.runs.models import RunModels
from digit_core.runs.queue import Runs
from digit_core.storage import processes
from digit_core.storage.run_records import FINISHED, Run
from digit_core.storage.store import Store

ANN = "a" * 32
FILES = {KERAS_FILE: b"whole", LITERT_FILE: b"answers", LAYERS_FILE: b"each layer"}


@pytest.fixture
def runs(database_url: str) -> Iterator[Runs]:
    store = Store(database_url)
    yield Runs(store)
    store.close()


def test_what_is_brought_along_is_a_finished_run_with_all_of_its_files(runs: Runs) -> None:
    brought = TrainedModel(FILES, {"ended": "Brought along."})
    run = runs.models.add(brought, ANN, "  my   own ")
    assert (run.name, run.state, run.reason, run.config) == ("my own", FINISHED, "Brought along.", None)
    assert run.has_model and runs.get(run.id) == run
    assert runs.models.get(run.id) == brought
    assert runs.models.answer_size(run.id) == len(b"answers")
    assert runs.models.export(run.model, "keras") == b"whole"
    assert runs.models.export(run.model, "tflite") == b"answers"


def test_a_shipped_model_is_taken_away_as_it_lies_there(runs: Runs) -> None:
    name = model_files.default_name()
    assert runs.models.export(name, "tflite") == (model_files.find(name) / LITERT_FILE).read_bytes()


def test_a_keras_file_of_before_is_compiled_for_what_it_was_trained_with(database_url: str) -> None:
    """A shipped file that is compiled already is handed out as it lies there."""
    asked: list[tuple[str, Any]] = []

    def convert(content: bytes, export_format: str, config: dict[str, Any] | None, seconds: float) -> bytes:
        asked.append((export_format, config))
        return b"compiled"

    store = Store(database_url)

    def store_run(run_id: str) -> Run:
        return next(run for run in store.runs.all() if run.id == run_id)

    models = RunModels(store.runs, processes.this_process(), store_run, convert, lambda: None)
    card = {"ended": "", "configuration": TrainingConfig("ann", optimizer="nadam").as_dict()}
    before = _keras_file({})
    after = _keras_file({"optimizer": "adam"})
    for content, is_ready in ((before, False), (b"no zip", False), (after, True)):
        run = models.add(TrainedModel(FILES | {KERAS_FILE: content}, card), ANN, "mine")
        assert models.is_ready(run.model, "keras") is is_ready
        assert models.is_ready(run.model, "tflite")
        assert not models.is_ready(run.model, "h5")
        assert models.export(run.model, "keras") == (content if is_ready else b"compiled")
    assert asked == [("keras", card["configuration"])] * 2
    store.close()


def _keras_file(compile_config: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(
            "config.json", json.dumps({"class_name": "Sequential", "compile_config": compile_config})
        )
    return buffer.getvalue()


def test_a_run_without_all_of_its_files_has_left_no_model(runs: Runs) -> None:
    run = runs.models.add(TrainedModel({KERAS_FILE: b"whole"}, {"ended": ""}), ANN, "half")
    with pytest.raises(RunError, match="has no model"):
        runs.models.get(run.id)
    assert runs.models.answer_size(run.id) is None


def test_what_there_is_not_is_said_so(runs: Runs) -> None:
    with pytest.raises(RunError, match="no such run"):
        runs.models.get("0" * 12)
    with pytest.raises(RunError, match="no such run"):
        runs.models.export("run-000000000000", "tflite")
    with pytest.raises(RunError, match="no such model"):
        runs.models.export("nobody", "tflite")
    with pytest.raises(RunError, match="exported as keras, h5, savedmodel, tflite, not as 'onnx'"):
        runs.models.export("ann", "onnx")
    with pytest.raises(RunError, match="1 to 60 characters"):
        runs.models.add(TrainedModel(FILES, {"ended": ""}), ANN, " ")
