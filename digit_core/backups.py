"""A training's state kept on disk after each epoch, so that a killed one is taken up where it was."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np

from digit_core.events import EpochEnded
from digit_core.steered_run import SteeredRun

STATE_FILE = "epochs.json"


class Backup(keras.callbacks.BackupAndRestore):
    """Keras' BackupAndRestore, which keeps weights and optimizer, with random states and what was said of each epoch.

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
        self._entries: list[dict[str, Any]] = []  # one an epoch

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        super().on_train_begin(logs)
        # A kill between the two files leaves a history that is one epoch longer than the weights are old.
        if epochs := self.model._initial_epoch or 0:
            self._entries = json.loads((self._folder / STATE_FILE).read_text(encoding="utf-8"))[:epochs]
            self._run.take_up([EpochEnded(**entry["ended"]) for entry in self._entries])
            for state, numbers in zip(self._random_states(), self._entries[-1]["random_states"], strict=True):
                state.assign(np.array(numbers, state.dtype))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        states = [keras.ops.convert_to_numpy(state).tolist() for state in self._random_states()]
        self._entries.append({"ended": asdict(self._run.history[-1]), "random_states": states})
        unfinished = self._folder / f"{STATE_FILE}.part"
        unfinished.write_text(json.dumps(self._entries), encoding="utf-8")
        unfinished.replace(self._folder / STATE_FILE)
        super().on_epoch_end(epoch, logs)

    def _random_states(self) -> list[keras.Variable]:
        """Where the dropouts' chance stands, which Keras does not write with the weights."""
        return [
            variable for variable in self.model.non_trainable_variables if "seed_generator" in variable.path
        ]
