"""Keras callbacks: a run that tells what happens, is steered and keeps its best weights; and its backup."""

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np

from digit_core.monitoring.events import BatchEnded, Checkpoint, EpochEnded, Event, Steering
from digit_core.recipes.configuration import TrainingConfig
from digit_core.training.batches import Batches
from digit_core.training.probes import Probe

STATE_FILE = "epochs.json"  # of a backup
_STEERING_INTERVAL = 0.2  # seconds between two looks at the control, which may be on another machine
_SNAPSHOT_INTERVAL = 2.0  # seconds
_SLOW_SNAPSHOT_INTERVAL = 0.5  # in slow motion, where each step is looked at
_SNAPSHOT_SHARE = 0.03  # of the time, at most, goes into looking on within an epoch
_CHECKPOINT_INTERVAL = 10.0
_DIVERGED = "The loss is no longer a number"


class RunCallback(keras.callbacks.Callback):
    """Follows one `fit` from its first step to its last.

    It validates by itself at the end of each epoch and puts val_loss and val_accuracy into Keras' logs, so it must be
    listed before all callbacks that judge by them. `fit` must be given MAX_EPOCHS: this callback ends it.

    Attributes:
        history: what was said of each epoch.
        total_epochs: how many there will be, as last asked for.
        reason: a sentence where the run was ended before its time; else "".
        best_weights: those with the lowest validation loss, None before the first epoch's end.
        best_epoch: the epoch that they come from.
        waited_seconds: how long it was paused or in slow motion's pauses.
        steered: what was changed, each change as JSON holds it.
    """

    def __init__(
        self,
        config: TrainingConfig,
        batches: Batches,
        probe: Probe,
        control: Any,
        on_event: Callable[[Event], object] | None,
        to_checkpoint: Callable[[list[np.ndarray]], bytes],
        max_pause_seconds: float,
    ) -> None:
        """Be ready for `fit`.

        Args:
            config: how the learning rate goes, and how many epochs there are.
            batches: what `fit` goes through; told which epoch it is.
            probe: looks into the model that is trained.
            control: asked with `read` what is wanted.
            on_event: told what happens; None spares the work of looking into the network.
            to_checkpoint: makes a .keras file of weights.
            max_pause_seconds: a pause longer than this ends the run.
        """
        super().__init__()
        self.history: list[EpochEnded] = []
        self.total_epochs = config.epochs
        self.reason = ""
        self.best_weights: list[np.ndarray] | None = None
        self.best_epoch = 0
        self.waited_seconds = 0.0
        self.steered: list[dict[str, float]] = []
        self._config, self._batches, self._probe, self._control = config, batches, probe, control
        self._on_event = on_event or (lambda event: None)
        self._is_watched = on_event is not None
        self._to_checkpoint, self._max_pause = to_checkpoint, max_pause_seconds
        self._peak_rate = config.learning_rate
        self._wanted = Steering()
        self._epoch = self._step = self._done = 0
        self._started = self._epoch_started = time.perf_counter()
        self._looked_at = (-1, -1)  # the epoch and the step of the last look
        self._single_steps = 0  # taken, of those that were asked for
        self._steered_at = -math.inf  # so that it is asked after the first step
        self._next_look = 0.0
        self._kept_epoch, self._kept_at = 0, -math.inf

    @property
    def has_diverged(self) -> bool:
        """Whether the weights are no numbers any more."""
        return self.reason.startswith(_DIVERGED)

    @property
    def ending(self) -> str:
        """A sentence on why the run has ended."""
        epochs = len(self.history)
        many = "1 epoch" if epochs == 1 else f"{epochs} epochs"
        if not self.reason and epochs < self.total_epochs:
            return f"Stopped early after {many}: it no longer improved."
        return self.reason or ("All epochs are done." if epochs == 1 else f"All {many} are done.")

    def _rate(self) -> float:
        return float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))

    def _elapsed(self) -> float:
        """Seconds since the first step, without those waited."""
        return time.perf_counter() - self._started - self.waited_seconds

    def resume(self, history: list[EpochEnded]) -> None:
        """Go on after these epochs of an earlier run of the same configuration."""
        for epoch in history:
            self.history.append(epoch)
            self._on_event(epoch)
        self._done = len(history) * len(self._batches)

    # What Keras calls

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self._look()
        self._started = time.perf_counter()

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._keep_best()
        self._epoch, self._step = epoch + 1, 0
        self._batches.epoch = self._epoch
        self._epoch_started = self._elapsed()

    def on_train_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:
        if self._config.schedule != "constant":
            progress = min(1.0, self._done / (len(self._batches) * self.total_epochs))
            self.model.optimizer.learning_rate = self._peak_rate * self._config.schedule_factor(progress)

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        logs = logs or {}
        self._done += 1
        self._step = batch + 1
        loss, accuracy = float(logs["loss"]), float(logs["accuracy"])
        self._on_event(BatchEnded(self._epoch, self._step, loss, accuracy, self._rate(), self._elapsed()))
        if not math.isfinite(loss):
            self._end(
                f"{_DIVERGED} since epoch {self._epoch}, step {self._step}: "
                "the learning rate is probably too high."
            )
            return
        now = time.perf_counter()
        if now > self._next_look:
            self._look()
        is_slow = self._wanted.step_pause_seconds or self._wanted.is_paused  # paused, it goes step by step
        if is_slow or now - self._steered_at > _STEERING_INTERVAL:
            self._follow_control()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        logs = logs if logs is not None else {}
        if self.has_diverged:
            return
        validation = self._probe.validate()
        if not math.isfinite(validation.loss):  # the epoch's last step was the one too large
            self._end(f"{_DIVERGED} in epoch {self._epoch}: the learning rate is probably too high.")
            return
        logs |= {"val_loss": validation.loss, "val_accuracy": validation.accuracy}
        ended = EpochEnded(
            self._epoch,
            float(logs["loss"]),
            float(logs["accuracy"]),
            validation.loss,
            validation.accuracy,
            self._rate(),
            self._elapsed() - self._epoch_started,
        )
        self.history.append(ended)
        if ended.validation_loss <= min(past.validation_loss for past in self.history):
            self.best_weights, self.best_epoch = self.model.get_weights(), self._epoch
        self._look(validation.confusion)
        self._on_event(ended)
        if not self.reason:
            self._follow_control()  # before it is decided whether this was the last: epochs may be added
        if self._epoch >= self.total_epochs:
            self.model.stop_training = True

    # What is wanted

    def _follow_control(self) -> None:
        """Do what is wanted now, and wait as long as it is wanted."""
        began = time.perf_counter()
        has_looked = self._looked_at == (self._epoch, self._step)  # a slow step is looked at by itself
        while True:
            self._steered_at = time.perf_counter()
            waited = self._steered_at - began
            wanted = self._control.read()
            self._change(wanted)
            if wanted.is_stopped:
                self._end(f"{wanted.stop_reason or 'Stopped by hand'} in epoch {self._epoch}.")
            if wanted.is_paused and waited > self._max_pause:
                self._end(
                    f"Ended in epoch {self._epoch}: it was paused for more than {_span(self._max_pause)}."
                )
            left = _STEERING_INTERVAL if wanted.is_paused else wanted.step_pause_seconds - waited
            if self.reason or left <= 0:
                break
            if wanted.is_paused and not has_looked:
                self._look()
                has_looked = True
            if wanted.is_paused and self._single_steps < wanted.single_steps:
                self._single_steps += 1
                break
            time.sleep(min(left, _STEERING_INTERVAL))
        self.waited_seconds += waited

    def _change(self, wanted: Steering) -> None:
        before, self._wanted = self._wanted, wanted
        if wanted.step_pause_seconds and not before.step_pause_seconds and self._is_watched:
            # Slow motion is there to be looked at: its first look does not wait as long as one at full speed.
            self._next_look = min(self._next_look, time.perf_counter() + _SLOW_SNAPSHOT_INTERVAL)
        where = {"epoch": self._epoch, "step": self._step}
        if wanted.learning_rate is not None and wanted.learning_rate != before.learning_rate:
            self._peak_rate = wanted.learning_rate
            self.model.optimizer.learning_rate = wanted.learning_rate
            self.steered.append({**where, "learning_rate": wanted.learning_rate})
        if wanted.epochs is not None and wanted.epochs != before.epochs:
            self.total_epochs = wanted.epochs
            self.steered.append({**where, "epochs": wanted.epochs})

    def _end(self, reason: str) -> None:
        self.reason = reason
        self.model.stop_training = True

    # What is told and kept

    def _look(self, confusion: np.ndarray | None = None) -> None:
        if not self._is_watched:
            self._next_look = math.inf
            return
        began = time.perf_counter()
        self._looked_at = (self._epoch, self._step)
        if snapshot := self._probe.look(self._epoch, self._step, confusion):
            self._on_event(snapshot)
        now = time.perf_counter()
        interval = _SLOW_SNAPSHOT_INTERVAL if self._wanted.step_pause_seconds else _SNAPSHOT_INTERVAL
        first = self._epoch == 0  # which took its time to be built
        self._next_look = now + (interval if first else max(interval, (now - began) / _SNAPSHOT_SHARE))

    def _keep_best(self) -> None:
        """Tell the best weights, at the start of an epoch: a run that has ended leaves its model itself."""
        now = time.perf_counter()
        if not self._is_watched or self.best_weights is None or self.best_epoch == self._kept_epoch:
            return
        if now - self._kept_at >= _CHECKPOINT_INTERVAL:
            self._on_event(Checkpoint(self.best_epoch, self._to_checkpoint(self.best_weights)))
            self._kept_epoch, self._kept_at = self.best_epoch, now


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:g} seconds"


class Backup(keras.callbacks.BackupAndRestore):
    """Keras' BackupAndRestore, which keeps weights and optimizer, with random states and what was said of each epoch.

    It must be listed after the RunCallback, and deletes its folder when the training ends.
    """

    def __init__(self, folder: Path, run: RunCallback) -> None:
        """Be ready for `fit`.

        Args:
            folder: made where it is missing; the training goes on from what an earlier one of the same configuration left
                there.
            run: gets the earlier history back; its own is kept.
        """
        super().__init__(str(folder), double_checkpoint=True)
        self._folder, self._run = folder, run
        self._entries: list[dict[str, Any]] = []  # one an epoch

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        super().on_train_begin(logs)
        # A kill between the two files leaves a history that is one epoch longer than the weights are old.
        if epochs := self.model._initial_epoch or 0:
            self._entries = json.loads((self._folder / STATE_FILE).read_text(encoding="utf-8"))[:epochs]
            self._run.resume([EpochEnded(**entry["ended"]) for entry in self._entries])
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
        """The states of the dropouts' random generators, which Keras does not save with the weights."""
        return [
            variable for variable in self.model.non_trainable_variables if "seed_generator" in variable.path
        ]
