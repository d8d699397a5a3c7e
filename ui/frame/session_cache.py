"""What visitors leave behind for a while, in this process's memory: bounded in bytes and in time, and nowhere on disk."""

import functools
import threading
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

MAX_BYTES, MAX_BYTES_EACH = 48_000_000, 8_000_000
MAX_SECONDS = 6 * 3600.0  # a day at school


@dataclass(frozen=True)
class _Parcel:
    content: dict[str, Any]
    size: int  # bytes
    moment: float  # monotonic, in seconds


class Shelf:
    """Plain values under the names of those who left them: dicts, lists, text, bytes, numbers and arrays. Any thread may
    call it.
    """

    def __init__(
        self,
        max_bytes: int = MAX_BYTES,
        max_bytes_each: int = MAX_BYTES_EACH,
        max_seconds: float = MAX_SECONDS,
    ) -> None:
        """Hold nothing yet.

        Args:
            max_bytes: of all together: what lies there longest goes first.
            max_bytes_each: under one name: more is not held at all.
            max_seconds: for how long it lies there.
        """
        self._max_bytes, self._max_bytes_each, self._max_seconds = (
            max_bytes,
            max_bytes_each,
            max_seconds,
        )
        self._parcels: dict[str, _Parcel] = {}  # oldest first
        self._lock = threading.Lock()

    def lay(self, name: str, content: dict[str, Any]) -> None:
        """Hold this under a name, in place of what was there. Later changes of its dicts and lists do not change it; text,
        bytes and arrays are shared, and must not be changed.
        """
        size = _size(content, set())
        with self._lock:
            self._parcels.pop(name, None)
            if size <= self._max_bytes_each:
                self._parcels[name] = _Parcel(_copy(content), size, time.monotonic())
            self._tidy()

    def take(self, name: str) -> dict[str, Any] | None:
        """What lies under a name, which stays there; None if nothing does, or no longer."""
        with self._lock:
            self._tidy()
            found = self._parcels.get(name)
        return None if found is None else _copy(found.content)

    def _tidy(self) -> None:
        total = sum(parcel.size for parcel in self._parcels.values())
        for name, parcel in list(self._parcels.items()):
            is_old = time.monotonic() - parcel.moment > self._max_seconds
            if not is_old and total <= self._max_bytes:
                return
            total -= parcel.size
            del self._parcels[name]


@functools.lru_cache(maxsize=1)
def default() -> Shelf:
    """The shelf of this process. No Streamlit cache holds it: any visitor can clear those."""
    return Shelf()


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_copy(one) for one in value]
    return value


def _size(value: Any, seen: set[int]) -> int:
    """About how many bytes a value takes; what stands in it twice counts once."""
    if isinstance(value, dict):
        return 100 + sum(_size(one, seen) for one in value.values())
    if isinstance(value, list):
        return 100 + sum(_size(one, seen) for one in value)
    if id(value) in seen:
        return 0
    seen.add(id(value))
    if isinstance(value, np.ndarray):
        return value.nbytes + 100
    return len(value) + 50 if isinstance(value, str | bytes) else 50
