"""Runs: asked for here, trained by Dask's workers, watched and steered from any page, written down in the store."""

import functools
from collections.abc import Sequence

from digit_core import store as stores
from digit_core.configuration import TrainingConfig
from digit_core.datasets import Digits
from digit_core.events import Steering
from digit_core.model_files import TrainedModel
from digit_core.recordings import Progress
from digit_core.run_records import Run


class Runs:
    """All runs of this process's store, the live ones among them. Any thread may call it; no call trains anything here.

    Nothing is started before the first `start`. While runs wait or go, a thread of this object listens to them and
    writes each change down.
    """

    def __init__(self, store: stores.Store) -> None:
        """Look into nothing yet.

        Args:
            store: where runs and their models are written down.
        """
        self._store = store

    def start(
        self,
        configs: Sequence[TrainingConfig],
        owner: str,
        name: str = "",
        parent: str | None = None,
        digits: Digits | None = None,
    ) -> tuple[Run, ...]:
        """Ask for trainings, one after the other; they wait in the queue until a place is free.

        Args:
            configs: one or more; more than one are a series, such as ANN against CNN.
            owner: the id of the visitor who asks.
            name: for people; made up from the architecture and the number of runs if empty.
            parent: the id of an ended run, or the name of a shipped model, whose weights to go on from.
            digits: what to train on; MNIST if None.

        Returns:
            The runs as written down.

        Raises:
            RunError: this visitor has a run waiting already, the memory left holds no worker, or `parent` has no weights.
            StoreError: it could not be written down.
        """
        raise NotImplementedError

    def all(self) -> list[Run]:
        """Every run, newest first, without those that were deleted."""
        raise NotImplementedError

    def get(self, run_id: str) -> Run:
        """One run.

        Raises:
            RunError: there is none, or it was deleted.
        """
        raise NotImplementedError

    def progress(self, run_id: str) -> Progress:
        """How a run went until now, live or from the store.

        Raises:
            RunError: there is no such run.
        """
        raise NotImplementedError

    def steering(self, run_id: str) -> Steering:
        """What a live run was last told."""
        raise NotImplementedError

    def steer(
        self, run_id: str, visitor: str | None, code: str = "", **changes: bool | float | int | None
    ) -> None:
        """Tell a live run something: fields of Steering, such as is_stopped=True. A waiting run that is stopped leaves
        the queue.

        Args:
            run_id: of the run.
            visitor: who asks.
            code: the teacher's, where it is not the owner who asks.
            changes: fields of Steering with their new values.

        Raises:
            RunError: this visitor may not, or the run is over.
            ConfigurationError: a value cannot be.
        """
        raise NotImplementedError

    def may_change(self, run: Run, visitor: str | None, code: str = "") -> bool:
        """Whether this visitor steers, renames and deletes this run: its owner does, and who knows DIGIT_TEACHER_CODE."""
        raise NotImplementedError

    def rename(self, run_id: str, visitor: str | None, name: str, code: str = "") -> None:
        """Give a run another name, 1 to 60 characters.

        Raises:
            RunError: this visitor may not, or the name is empty or too long.
        """
        raise NotImplementedError

    def delete(self, run_id: str, visitor: str | None, code: str = "") -> None:
        """Take an ended run out of sight; `restore` brings it back within the hour, then it is gone with its model.

        Raises:
            RunError: this visitor may not, or the run is live.
        """
        raise NotImplementedError

    def restore(self, run_id: str, visitor: str | None, code: str = "") -> None:
        """Bring a deleted run back.

        Raises:
            RunError: this visitor may not, or it is gone.
        """
        raise NotImplementedError

    def model(self, run_id: str) -> TrainedModel:
        """The model that a run left.

        Raises:
            RunError: there is none.
        """
        raise NotImplementedError

    def add_model(self, trained: TrainedModel, owner: str, name: str) -> Run:
        """Write down a model that was trained elsewhere, as a finished run without a configuration."""
        raise NotImplementedError

    def export(self, model: str, export_format: str) -> bytes:
        """A model as another program's file. Made by a worker, so it takes some seconds: 10 to 20 when none is up.

        Args:
            model: `Run.model`, or the name of a shipped model.
            export_format: one of "keras", "h5", "savedmodel", "tflite".

        Raises:
            RunError: there is no such model, or no worker could do it.
        """
        raise NotImplementedError

    def lacks_room(self) -> str:
        """A sentence if the memory left does not hold a worker, else ""."""
        raise NotImplementedError

    def close(self) -> None:
        """End what is live, keeping what it learnt, and the engine with it."""
        raise NotImplementedError


@functools.lru_cache(maxsize=1)
def default() -> Runs:
    """The runs of this process, in its store. No Streamlit cache holds them: any visitor can clear those."""
    return Runs(stores.default())
