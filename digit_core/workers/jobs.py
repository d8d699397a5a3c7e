"""What a worker executes: a training that talks back and can be steered, and a model turned into another file.

The web process only names these functions; Keras is imported where they run. Dask knows three variables a run:
what the one who watches wants (with a beat, so that a run knows whether anybody is still there), how often it was
begun, and its latest checkpoint, which is too large for the event log.
"""

import json
import logging
import os
import platform
import threading
import time
import traceback
from dataclasses import asdict
from typing import Any

from digit_core.digits import Digits, Handwriting
from digit_core.errors import DigitError, TrainingError
from digit_core.monitoring import recordings
from digit_core.monitoring.events import BatchEnded, Checkpoint, Event, RunStarted, Steering
from digit_core.recipes import configuration
from digit_core.recipes.warm_start import Parent

BATCH_SECONDS = 0.2  # the steps that are told are at least so far apart; an epoch's last one is always told
_POLL_SECONDS = 0.25
_log = logging.getLogger(__name__)


def variable(run_id: str, what: str) -> str:
    """The name of a run's variable: "steering", "attempts" or "checkpoint"."""
    return f"digit-lab-{run_id}-{what}"


def steering_message(steering: Steering, beat: int) -> str:
    """What the steering variable holds; `beat` is another number each time."""
    return json.dumps({"steering": asdict(steering), "beat": beat})


class _Connection:
    """A run's connection to the one who watches: it tells what happens, and is the run's control."""

    def __init__(self, run_id: str, topic: str, patience_seconds: float) -> None:
        from distributed import Variable, get_client, get_worker

        self._worker, client = get_worker(), get_client()
        self._run_id, self._topic, self._patience_seconds = run_id, topic, patience_seconds
        self._wanted, self._attempts, self._checkpoint = (
            Variable(variable(run_id, what), client) for what in ("steering", "attempts", "checkpoint")
        )
        self._steering = Steering()
        self._held: BatchEnded | None = None
        self._batch_said = 0.0
        self._steps = 0
        self._is_over, self._is_unheard = threading.Event(), False
        self._follower = threading.Thread(target=self._follow, daemon=True, name=f"steering of {run_id}")

    def begin(self) -> int:
        """Say that the run begins, and listen from now on. Returns how often it was begun, this time included."""
        attempt = int(self._attempts.get(timeout="30s")) + 1
        self._attempts.set(attempt)
        self._say("begun", {"worker": self._worker.address, "attempt": attempt})
        self._take(json.loads(self._wanted.get(timeout="30s")))
        self._follower.start()
        return attempt

    def read(self) -> Steering:
        """What is wanted now; to stop, if nobody is there any more."""
        return self._steering

    def tell(self, event: Event) -> None:
        """Pass an event on, steps thinned out."""
        if isinstance(event, RunStarted):
            self._steps = event.steps_per_epoch
        if isinstance(event, BatchEnded):
            self._held = event
            if event.step < self._steps and time.monotonic() - self._batch_said < BATCH_SECONDS:
                return
        self._say_held()
        if isinstance(event, Checkpoint):
            if self._steering.is_stopped:  # its model comes next, or nobody fetches it
                return
            self._checkpoint.set({"epoch": event.epoch, "content": event.content})
            self._say("checkpoint", {})
        elif not isinstance(event, BatchEnded):
            self._say("event", recordings.to_message(event))

    def end(self) -> None:
        """Listen no longer."""
        self._is_over.set()
        if self._follower.is_alive():
            self._follower.join()
        if self._is_unheard:  # nobody else lets the scheduler forget it
            try:
                self._checkpoint.delete()
            except (OSError, TimeoutError, RuntimeError) as error:
                _log.info("The checkpoint cannot be forgotten: %s", error)

    def _say_held(self) -> None:
        if self._held is not None:
            self._say("event", recordings.to_message(self._held))
            self._held, self._batch_said = None, time.monotonic()

    def _say(self, kind: str, content: dict[str, Any]) -> None:
        # As text: on its way, MessagePack would make tuples of lists.
        self._worker.log_event(self._topic, json.dumps({"run": self._run_id, kind: content}))

    def _follow(self) -> None:
        """Ask for what is wanted, in a thread of its own: the training does not wait for the net."""
        beat, heard = -1, time.monotonic()
        while not self._is_over.wait(_POLL_SECONDS):
            try:
                wanted = json.loads(self._wanted.get(timeout="5s"))
                self._take(wanted)
                if wanted["beat"] != beat:
                    beat, heard = wanted["beat"], time.monotonic()
            except (OSError, TimeoutError, RuntimeError, ValueError) as error:
                _log.info("The steering cannot be read: %s", error)
            if time.monotonic() - heard > self._patience_seconds:
                self._is_unheard = True
                self._steering = Steering(is_stopped=True, stop_reason=_unheard(self._patience_seconds))
                return

    def _take(self, wanted: dict[str, Any]) -> None:
        self._steering = Steering(**wanted["steering"])


def _unheard(seconds: float) -> str:
    return f"Ended because nothing was heard from the app for {seconds:g} seconds,"


def versions() -> dict[str, str]:
    """What must be alike here and on a worker: nothing is imported to find it out."""
    from importlib import metadata

    from digit_core import __version__

    found = {"Digit Lab": __version__, "Python": ".".join(platform.python_version_tuple()[:2])}
    try:
        found["Keras"] = metadata.version("keras")
    except metadata.PackageNotFoundError:  # a web process that only sends trainings elsewhere
        _log.info("Keras is not installed here")
    return found


def _check_versions(wanted: dict[str, str]) -> None:
    """Raises TrainingError if this worker has other versions than the app."""
    here = versions()
    apart = [
        f"{name} {here.get(name, 'missing')} instead of {version}"
        for name, version in wanted.items()
        if here.get(name) != version
    ]
    if apart:
        raise TrainingError(
            f"The worker has {' and '.join(apart)}. Whoever runs this app can install the same versions there."
        )


def train(
    run_id: str,
    topic: str,
    config: dict[str, Any],
    digits: Digits | Handwriting | None,
    start: bytes | None,
    patience_seconds: float,
    parent: Parent | None = None,
    wanted_versions: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Train, in a task of Dask's.

    It raises nothing of TensorFlow's: the web process could not read it without importing TensorFlow.

    Args:
        run_id: of the run.
        topic: under which its events are logged, each as JSON: {"run": run_id, KIND: {...}}.
        config: as `TrainingConfig.as_dict` gives it.
        digits, start, parent: as `training.train` takes them.
        patience_seconds: without a beat for so long, the run ends itself.
        wanted_versions: those of `versions` where the run was asked for; None to take any.

    Returns:
        {"model": TrainedModel}, {"failure": a sentence}, {"again": True} if the worker of an earlier attempt was lost,
        or {} if it was stopped before it began. An unforeseen failure comes with a "traceback".
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    connection = _Connection(run_id, topic, patience_seconds)
    try:
        if connection.begin() > 1:
            return {"again": True}
        if connection.read().is_stopped:
            return {}
        _check_versions(wanted_versions or {})
        from digit_core.training import lean_import

        lean_import.import_keras()
        from digit_core.training import trainer
        from digit_core.training.export import free_memory

        wanted = configuration.from_dict(config)
        try:
            model = trainer.train(wanted, digits, start, connection.tell, connection, parent=parent)
        finally:
            free_memory()  # the worker may have more to do
        return {"model": model}
    except DigitError as error:
        return {"failure": str(error)}
    except MemoryError:
        return {
            "failure": "The worker has too little memory for this training: choose a smaller network or batch."
        }
    except Exception as error:  # noqa: BLE001 - see above
        sentence = f"The training failed: {type(error).__name__}: {error}"[:500]
        return {"failure": sentence, "traceback": traceback.format_exc()}
    finally:
        connection.end()


def export(content: bytes, export_format: str, config: dict[str, Any] | None) -> dict[str, Any]:
    """Turn a .keras file that this project wrote into another file, in a task of Dask's.

    Args:
        content: of the .keras file.
        export_format: one of `training.export.EXPORTS`.
        config: what the model was trained with, as `TrainingConfig.as_dict` gives it; None where that is not known.

    Returns:
        {"content": the bytes}, or {"failure": a sentence}.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        from digit_core.training import lean_import

        lean_import.import_keras()
        from digit_core.training.export import convert

        known = None if config is None else configuration.from_dict(config)
        return {"content": convert(content, export_format, known)}
    except DigitError as error:
        return {"failure": str(error)}
    except Exception as error:  # noqa: BLE001 - as in train
        _log.exception("An export broke")
        sentence = f"The model could not be turned into this format: {type(error).__name__}: {error}"
        return {"failure": sentence[:500]}
