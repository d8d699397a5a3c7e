"""The models that runs left, and imported ones: read, added, exported."""

import secrets
import time
from collections.abc import Callable
from typing import Any

from digit_core.errors import RunError
from digit_core.inference import model_files
from digit_core.inference.model_files import (
    EXPORT_FORMATS,
    KERAS_FILE,
    LAYERS_FILE,
    LITERT_FILE,
    TrainedModel,
)
from digit_core.storage import run_records
from digit_core.storage.processes import Process
from digit_core.storage.run_records import FINISHED, Run
from digit_core.storage.run_table import RunTable

_EXPORT_SECONDS = 120.0


class RunModels:
    """The models of all runs of a store. Any thread may call it; each call may raise StoreError."""

    def __init__(
        self,
        table: RunTable,
        process: Process,
        run: Callable[[str], Run],
        convert: Callable[[bytes, str, dict[str, Any] | None, float], bytes],
        on_written: Callable[[], object],
    ) -> None:
        """Look into nothing yet.

        Args:
            table: where runs are written down.
            process: whose runs those are that are added.
            run: gives a run by its id; RunError if there is none.
            convert: `LiveRuns.export`.
            on_written: called when the store knows something new.
        """
        self._table, self._process, self._run = table, process, run
        self._convert, self._on_written = convert, on_written

    def get(self, run_id: str) -> TrainedModel:
        """The model that a run left.

        Raises:
            RunError: there is none.
        """
        run = self._run(run_id)
        files = {name: self._table.file(run_id, name) for name in (KERAS_FILE, LITERT_FILE, LAYERS_FILE)}
        contents = {name: content for name, content in files.items() if content is not None}
        if run.card is None or len(contents) < len(files):
            raise RunError("This run has no model.")
        return TrainedModel(contents, run.card)

    def answer_size(self, run_id: str) -> int | None:
        """How many bytes the .tflite file of a run's model has; None where it has no model."""
        return self._table.file_size(run_id, LITERT_FILE)

    def add(self, trained: TrainedModel, owner: str, name: str) -> Run:
        """Write down a model that was trained elsewhere, as a finished run without a configuration."""
        now = time.time()
        run = Run(
            secrets.token_hex(6),
            owner,
            run_records.checked_name(name),
            FINISHED,
            trained.card.get("ended", ""),
            None,
            now,
            now,
            now,
            series=secrets.token_hex(6),
            has_model=True,
            card=trained.card,
        )
        self._table.add(self._process, [run], trained.files)
        self._on_written()
        return run

    def export(self, model: str, export_format: str) -> bytes:
        """A model as another program's file. Unless it `is_ready`, a worker makes it: 10 to 20 s when none is up.

        Args:
            model: `Run.model`, or the name of a shipped model.
            export_format: one of "keras", "h5", "savedmodel", "tflite".

        Raises:
            RunError: there is no such model, no memory, or no worker could do it.
        """
        if export_format not in EXPORT_FORMATS:
            raise RunError(f"A model is exported as {', '.join(EXPORT_FORMATS)}, not as {export_format!r}.")
        config = self._config(model)
        ready = model_files.ready(export_format, config, lambda name: self._file(model, name))
        if ready is not None:
            return ready
        return self._convert(self._file(model, KERAS_FILE), export_format, config, _EXPORT_SECONDS)

    def is_ready(self, model: str, export_format: str) -> bool:
        """Whether `export` hands out what is there already.

        Raises:
            RunError: there is no such model.
        """
        found = model_files.ready(export_format, self._config(model), lambda name: self._file(model, name))
        return found is not None

    def _config(self, model: str) -> dict[str, Any] | None:
        """What a model was trained with; None where that is not known."""
        if model in model_files.names():
            return model_files.read_card(model).get("configuration")
        run_id = run_records.run_id(model)
        return ((self._run(run_id).card if run_id else None) or {}).get("configuration")

    def _file(self, model: str, name: str) -> bytes:
        if model in model_files.names():
            return (model_files.find(model) / name).read_bytes()
        run_id = run_records.run_id(model)
        content = self._table.file(run_id, name) if run_id and self._run(run_id).has_model else None
        if content is None:
            raise RunError("There is no such model: perhaps its run was deleted.")
        return content
