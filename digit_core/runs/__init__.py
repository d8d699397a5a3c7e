"""Trainings asked for, queued, watched, steered, kept and compared."""

from typing import TYPE_CHECKING

from digit_core import lazily

if TYPE_CHECKING:
    from digit_core.runs.queue import Runs, default

_MODULES = (
    "comparison",
    "estimates",
    "history_csv",
    "lineage",
    "live_run",
    "memory",
    "models",
    "queue",
    "run_cache",
    "scheduler",
)
__all__ = [
    "Runs",
    "comparison",
    "default",
    "estimates",
    "history_csv",
    "lineage",
    "live_run",
    "memory",
    "models",
    "queue",
    "run_cache",
    "scheduler",
]
__getattr__ = lazily(__name__, _MODULES, {name: f"digit_core.runs.queue.{name}" for name in __all__})
