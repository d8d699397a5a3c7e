"""Trainings asked for, queued, watched, steered, kept and compared."""

from typing import TYPE_CHECKING

from digit_core import lazily

if TYPE_CHECKING:
    from digit_core.runs.queue import Runs, default

_NAMES = ("Runs", "default")
__all__, __getattr__ = lazily(__name__, __path__, dict.fromkeys(_NAMES, "queue"))
