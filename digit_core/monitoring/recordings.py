"""What a run said, kept in order to be watched while it goes, shown again later, and compared with other runs."""

import base64
import json
import threading
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from digit_core.digits import brief
from digit_core.errors import DatasetError
from digit_core.monitoring.events import (
    BatchEnded,
    Checkpoint,
    DigitsWatched,
    EpochEnded,
    Event,
    LayerState,
    RunEnded,
    RunStarted,
    Snapshot,
)

_KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (RunStarted, DigitsWatched, BatchEnded, EpochEnded, Snapshot, Checkpoint, RunEnded)
}
_MAX_BATCHES = 2_000  # steps kept; above that every second one goes
_SCHEMA_VERSION = 1
_RECORD_BYTES = 300  # of a step or an epoch in memory, its numbers included


@dataclass(frozen=True)
class Progress:
    """How far a run is, and how it went until now.

    Attributes:
        started: None before its first word.
        watched: the digits whose answers the snapshots tell.
        batches: the steps, thinned out evenly where there are very many; the last one is always the last done.
        epochs: the epochs that are done.
        snapshots: one before the first step, one at the end of each epoch, and the latest of the epoch that goes on.
        ended: None while it goes.
    """

    started: RunStarted | None = None
    watched: DigitsWatched | None = None
    batches: tuple[BatchEnded, ...] = ()
    epochs: tuple[EpochEnded, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    ended: RunEnded | None = None

    __repr__ = brief


class Recording:
    """Takes in the events of one run in one thread while others look at its progress."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self._lock = threading.Lock()
        self._started: RunStarted | None = None
        self._watched: DigitsWatched | None = None
        self._ended: RunEnded | None = None
        self._batches: list[BatchEnded] = []
        self._last_batch: BatchEnded | None = None
        self._seen = 0
        self._stride = 1
        self._epochs: list[EpochEnded] = []
        self._snapshots: list[Snapshot] = []
        for event in events:
            self.add(event)

    def add(self, event: Event) -> None:
        """Take in one event. A Checkpoint is not kept: it is no part of what is watched."""
        with self._lock:
            match event:
                case RunStarted():
                    self._started = event
                case DigitsWatched():
                    self._watched = event
                case BatchEnded():
                    self._add_batch(event)
                case EpochEnded():
                    self._epochs.append(event)
                case Snapshot():
                    self._add_snapshot(event)
                case RunEnded():
                    self._ended = event

    def _add_batch(self, event: BatchEnded) -> None:
        self._last_batch = event
        if self._seen % self._stride == 0:
            self._batches.append(event)
        self._seen += 1
        if len(self._batches) > _MAX_BATCHES:
            self._batches = self._batches[::2]
            self._stride *= 2

    def _add_snapshot(self, event: Snapshot) -> None:
        # What was seen within an epoch gives way to what comes later; ends of epochs, which know the confusion, stay.
        if self._snapshots and self._snapshots[-1].confusion is None and self._snapshots[-1].epoch > 0:
            self._snapshots.pop()
        self._snapshots.append(event)

    def progress(self) -> Progress:
        """The state of the run now; the returned record never changes."""
        with self._lock:
            batches = list(self._batches)
            if self._last_batch is not None and batches[-1] is not self._last_batch:
                batches.append(self._last_batch)
            return Progress(
                self._started,
                self._watched,
                tuple(batches),
                tuple(self._epochs),
                tuple(self._snapshots),
                self._ended,
            )


def to_message(event: Event) -> dict[str, Any]:
    """An event as JSON holds it; `from_message` reads it back. Arrays and bytes become text."""
    return {"kind": type(event).__name__} | {
        field.name: _packed(getattr(event, field.name)) for field in fields(event)
    }


def from_message(message: dict[str, Any]) -> Event:
    """Read what `to_message` wrote.

    Raises:
        DatasetError: it is no event.
    """
    values = dict(message)
    kind = _KINDS.get(str(values.pop("kind", "")))
    try:
        if kind is None:
            raise ValueError(message.get("kind"))
        event: Event = kind(**{name: _unpacked(value) for name, value in values.items()})
    except (TypeError, ValueError, KeyError) as error:
        raise DatasetError("This is not an event of a run.") from error
    return event


def condensed(progress: Progress, max_batches: int) -> Progress:
    """The same run in less room: to be shipped.

    Args:
        progress: of a run that has ended.
        max_batches: how many steps are kept, evenly spread, the first and the last among them.

    Returns:
        It with fewer steps, and with filters that are float32 still, but rounded to a 64th of their largest.
    """
    kept = np.unique(np.linspace(0, len(progress.batches) - 1, max_batches).round().astype(int))
    return replace(
        rounded(progress), batches=tuple(progress.batches[row] for row in kept if progress.batches)
    )


def rounded(progress: Progress) -> Progress:
    """The same run with filters rounded to a 64th of their largest, and probabilities to four places: a smaller file."""
    shots = (
        replace(shot, filters=_rounded(shot.filters), probabilities=shot.probabilities.round(4))
        for shot in progress.snapshots
    )
    return replace(progress, snapshots=tuple(shots))


def size(progress: Progress) -> int:
    """About how many bytes of memory it takes: of its arrays, and of all its records."""
    arrays = [
        array for shot in progress.snapshots for array in (shot.filters, shot.probabilities, shot.confusion)
    ]
    records = len(progress.batches) + len(progress.epochs) + len(progress.snapshots)
    return sum(array.nbytes for array in arrays if array is not None) + _RECORD_BYTES * records


def _rounded(filters: np.ndarray) -> np.ndarray:
    # Multiples of a power of two: most bits are zero, and compress away.
    step = np.float32(2.0 ** np.ceil(np.log2(max(float(np.abs(filters).max(initial=0)), 1e-6) / 64)))
    return (filters / step).round().astype(np.float32) * step


def to_bytes(progress: Progress) -> bytes:
    """A recording as a file holds it: JSON, compressed."""
    events = [
        progress.started,
        progress.watched,
        *progress.batches,
        *progress.epochs,
        *progress.snapshots,
        progress.ended,
    ]
    content = {
        "schema_version": _SCHEMA_VERSION,
        "events": [to_message(event) for event in events if event is not None],
    }
    return zlib.compress(json.dumps(content).encode())


def from_bytes(content: bytes) -> Progress:
    """Read what `to_bytes` wrote.

    Raises:
        DatasetError: it is damaged, or of another version.
    """
    try:
        data = json.loads(zlib.decompress(content))
        if data["schema_version"] != _SCHEMA_VERSION:
            raise ValueError(data["schema_version"])
        messages = data["events"]
    except (zlib.error, ValueError, KeyError, TypeError) as error:
        raise DatasetError("This recording of a run is damaged or comes from another version.") from error
    return Recording(from_message(message) for message in messages).progress()


def _packed(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
        return {"dtype": str(value.dtype), "shape": list(value.shape), "data": data}
    if isinstance(value, bytes):
        return {"data": base64.b64encode(value).decode()}
    if isinstance(value, LayerState):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, tuple):
        return [_packed(entry) for entry in value]
    return value


def _unpacked(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_unpacked(entry) for entry in value)
    if isinstance(value, dict):
        if "name" in value:
            return LayerState(**value)
        content = base64.b64decode(value["data"])
        if "dtype" not in value:
            return content
        return np.frombuffer(content, np.dtype(value["dtype"])).reshape(value["shape"])
    return value
