"""A training's state kept on disk after each epoch, so that a killed one is taken up where it was."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras

from digit_core.events import EpochEnded
from digit_core.steered_run import SteeredRun

HISTORY_FILE = "history.json"


class Backup(keras.callbacks.BackupAndRestore):
    """Keras' BackupAndRestore, which keeps weights, optimizer and random states, with what was said of each epoch.

    It stands behind the run in the list of callbacks, and deletes its folder when the training ends.
    """

    def __init__(self, folder: Path, run: SteeredRun) -> None:
        """Be ready for `fit`.

        Args:
            folder: made where it is missing; what an earlier training of the same configuration left there is taken up.
            run: what is taken up, and whose history is kept.
        """
        super().__init__(str(folder), double_checkpoint=True)
        self._folder, self._run = folder, run

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        super().on_train_begin(logs)
        # A kill between the two files leaves a history that is one epoch longer than the weights are old.
        if epochs := self.model._initial_epoch or 0:
            entries = json.loads((self._folder / HISTORY_FILE).read_text(encoding="utf-8"))
            self._run.take_up([EpochEnded(**entry) for entry in entries[:epochs]])

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._folder / f"{HISTORY_FILE}.part"
        unfinished.write_text(json.dumps([asdict(entry) for entry in self._run.history]), encoding="utf-8")
        unfinished.replace(self._folder / HISTORY_FILE)
        super().on_epoch_end(epoch, logs)
