"""What sessions leave behind for a while, in this process's memory: bounded in bytes and in time, and nowhere on disk."""

import functools
import threading
from typing import Any

import numpy as np
from cachetools import TTLCache

MAX_BYTES, MAX_BYTES_EACH = 48_000_000, 8_000_000
MAX_SECONDS = 6 * 3600.0  # a day at school


class SessionCache:
    """Plain values by name: dicts, lists, text, bytes, numbers and arrays. Any thread may call it."""

    def __init__(
        self,
        max_bytes: int = MAX_BYTES,
        max_bytes_each: int = MAX_BYTES_EACH,
        max_seconds: float = MAX_SECONDS,
    ) -> None:
        """Hold nothing yet.

        Args:
            max_bytes: of all together: what was not used for the longest time goes first.
            max_bytes_each: under one name: more is not held at all.
            max_seconds: for how long each is held after it was put there.
        """
        self._max_bytes_each = min(max_bytes, max_bytes_each)
        self._held = TTLCache(max_bytes, max_seconds, getsizeof=lambda entry: entry[1])
        self._lock = threading.Lock()  # cachetools leaves that to its callers

    def put(self, name: str, content: dict[str, Any]) -> None:
        """Hold this under a name, in place of what was there. Later changes of its dicts and lists do not change it; text,
        bytes and arrays are shared, and must not be changed.
        """
        entry = _copy(content), _size(content, set())
        with self._lock:
            self._held.pop(name, None)
            if entry[1] <= self._max_bytes_each:
                self._held[name] = entry

    def get(self, name: str) -> dict[str, Any] | None:
        """What is held under a name, as a copy; None if nothing is, or no longer."""
        with self._lock:
            content, _ = self._held.get(name, (None, 0))
        return _copy(content)


@functools.lru_cache(maxsize=1)
def default() -> SessionCache:
    """The cache of this process. It is none of Streamlit's: any visitor can clear those."""
    return SessionCache()


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_copy(one) for one in value]
    return value


def _size(value: Any, seen: set[int]) -> int:
    """About how many bytes a value takes; what stands in it twice counts once."""
    if isinstance(value, dict | list):
        parts = value.values() if isinstance(value, dict) else value
        return 100 + sum(_size(one, seen) for one in parts)
    if id(value) in seen:
        return 0
    seen.add(id(value))
    if isinstance(value, np.ndarray):
        return value.nbytes + 100
    return len(value) + 50 if isinstance(value, str | bytes) else 50
