"""Runs as the store holds them: what was asked for, what became of it, and the model that is left."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from digit_core.digits import brief
from digit_core.errors import RunError
from digit_core.recipes.configuration import TrainingConfig

WAITING, STARTING, RUNNING, PAUSED, SAVING = "waiting", "starting", "running", "paused", "saving"
FINISHED, STOPPED, FAILED, INTERRUPTED = "finished", "stopped", "failed", "interrupted"
LIVE_STATES = (WAITING, STARTING, RUNNING, PAUSED, SAVING)
MAX_NAME_LENGTH = 60
_MODEL = re.compile(r"run-([a-z0-9]{12})")


@dataclass(frozen=True)
class Run:
    """A training that somebody asked for, as it stands.

    Attributes:
        id: 12 small letters and figures.
        owner: the id of the visitor who may steer, rename and delete it.
        name: for people; never empty.
        state: one of LIVE_STATES, or of those that ended: FINISHED and STOPPED have a model; FAILED ended by itself
            without one; INTERRUPTED was cut short, by a kill, a full disk or a lost connection.
        reason: a sentence on why it ended; "" before.
        config: what was asked for; None for a model that was trained elsewhere.
        created, started, ended: seconds since 1970, UTC; None before.
        place: in the queue, from 1; None when it does not wait.
        series: runs that were asked for together have the same.
        parent: the id of the run (or the name of the shipped model) that this one goes on from; None for random weights.
        has_model: its files stand in the store.
        has_checkpoint: it can be continued from the best weights that were kept, though it has no model.
        card: of the model; None without one.
    """

    id: str
    owner: str
    name: str
    state: str
    reason: str
    config: TrainingConfig | None
    created: float
    started: float | None = None
    ended: float | None = None
    place: int | None = None
    series: str = ""
    parent: str | None = None
    has_model: bool = False
    has_checkpoint: bool = False
    card: dict[str, Any] | None = None

    __repr__ = brief

    @property
    def is_live(self) -> bool:
        """Whether it still waits or goes."""
        return self.state in LIVE_STATES

    @property
    def model(self) -> str:
        """The name under which its model is used, beside the names of the shipped ones."""
        return f"run-{self.id}"


def in_turn(runs: Iterable[Run]) -> list[Run]:
    """The runs that wait, in the order in which they start.

    Who has fewer runs that go or come before comes first; among those, who asked first. So a series of ten lets others in
    between.

    Args:
        runs: those that share a queue, the ones that go among them.
    """
    live = sorted((run for run in runs if run.is_live), key=lambda run: run.created)
    ahead = Counter(run.owner for run in live if run.state != WAITING)
    ranked = []
    for run in live:
        if run.state == WAITING:
            ranked.append((ahead[run.owner], run))
            ahead[run.owner] += 1
    return [run for _, run in sorted(ranked, key=lambda pair: pair[0])]


def run_id(model: str) -> str | None:
    """The id of the run whose `Run.model` this is; None if it has not that form."""
    match = _MODEL.fullmatch(model)
    return match and match[1]


def checked_name(name: str) -> str:
    """The name of a run without needless spaces.

    Raises:
        RunError: it is empty or longer than MAX_NAME_LENGTH.
    """
    found = " ".join(name.split())
    if not 1 <= len(found) <= MAX_NAME_LENGTH:
        raise RunError(f"A name has 1 to {MAX_NAME_LENGTH} characters.")
    return found
