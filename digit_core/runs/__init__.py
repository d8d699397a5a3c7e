"""Trainings asked for, queued, watched, steered, kept and compared."""

from typing import TYPE_CHECKING

from digit_core import lazily

if TYPE_CHECKING:
    from digit_core.runs.queue import Runs, default

__all__ = [
    "Runs",
    "access",
    "comparison",
    "default",
    "estimates",
    "launched",
    "lineage",
    "live_run",
    "memory",
    "models",
    "queue",
    "run_cache",
    "scheduler",
]
_NAMES = dict.fromkeys(("Runs", "default"), "digit_core.runs.queue")
__getattr__ = lazily(__name__, [name for name in __all__ if name not in _NAMES], _NAMES)
