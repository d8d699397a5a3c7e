"""What runs go on from: a shipped model or an earlier run, its weights, and what it must not be mixed with."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from digit_core.digits import Digits, Handwriting
from digit_core.errors import ConfigurationError, RunError
from digit_core.inference import model_files
from digit_core.inference.model_files import KERAS_FILE
from digit_core.recipes import architectures, warm_start
from digit_core.recipes.configuration import TrainingConfig
from digit_core.recipes.layers import Layer
from digit_core.recipes.warm_start import Parent
from digit_core.storage import run_table
from digit_core.storage.run_records import Run
from digit_core.storage.run_table import RunTable


def _layers(card: dict[str, Any]) -> tuple[Layer, ...] | None:
    """The layers that weights must fit, whatever their network is called; None if they are none of ours.

    Read, not compared as they were written: an older card lacks settings that came later.
    """
    try:
        return architectures.from_dict(card).layers
    except ConfigurationError:
        return None


class Lineage:
    """Looks up parents among the shipped models and the runs."""

    def __init__(self, table: RunTable, get: Callable[[str], Run], all_runs: Callable[[], list[Run]]) -> None:
        """Look into nothing yet.

        Args:
            table: where weights are kept.
            get: a run by its id, or a RunError.
            all_runs: every run that is not deleted.
        """
        self._table, self._get, self._all = table, get, all_runs

    def check(self, parent: str, configs: Sequence[TrainingConfig]) -> Parent:
        """What is to be known of the parent of these trainings.

        Raises:
            RunError: there is none, or it has no weights, other layers, or was validated on other digits.
            StoreError: it could not be read.
        """
        layers = _layers(self._architecture(parent))
        if any(config.network.layers != layers for config in configs):
            raise RunError(
                "A training goes on from weights of the same layers only: choose that architecture."
            )
        known = self._parent(parent)
        for config in configs:
            if objection := known.objection(config):
                raise RunError(objection)
        return known

    def _parent(self, parent: str) -> Parent:
        if parent in model_files.names():
            return warm_start.of_card(parent, model_files.read_card(parent))
        run = self._get(parent)
        if run.card or run.config is None:
            return warm_start.of_card(parent, run.card or {})
        return warm_start.of_config(
            parent, run.config, self.was_chosen_on_test(run), self._sets_learnt_without_a_card(parent)
        )

    def _sets_learnt_without_a_card(self, run_id: str) -> tuple[str, ...]:
        """The sets of drawings of a run that was torn off: those that its weights have learnt, or might have."""
        content = self._table.file(run_id, run_table.LEARNT_FILE)
        return () if content is None else tuple(json.loads(content))

    def was_chosen_on_test(self, run: Run) -> bool:
        """Whether a run, or one that it went on from, was chosen on the test digits; as far as those are still there."""
        if run.card:
            return bool(run.card.get("chosen_on_test"))
        if run.config is not None and run.config.validates_on_test:
            return True
        if run.parent is None or run.parent in model_files.names():
            return bool(run.parent and model_files.read_card(run.parent).get("chosen_on_test"))
        before = next((found for found in self._all() if found.id == run.parent), None)
        return before is not None and self.was_chosen_on_test(before)

    def _architecture(self, parent: str) -> dict[str, Any]:
        if parent in model_files.names():
            return model_files.read_card(parent)["architecture"]
        run = self._get(parent)
        if not run.is_live and run.has_model and run.card:
            return run.card["architecture"]
        if not run.is_live and run.has_checkpoint and run.config:
            return run.config.network.as_dict()
        raise RunError("This run has no weights to go on from.")

    @staticmethod
    def written_sets(known: Parent | None, digits: Digits | Handwriting | None) -> dict[str, bytes]:
        """The file, if any, that tells which sets of drawings a run's weights will have learnt, should it leave no card."""
        learnt = set(known.learnt_sets if known else ())
        if isinstance(digits, Handwriting):
            learnt.add(digits.set_id)
        return {run_table.LEARNT_FILE: json.dumps(sorted(learnt)).encode()} if learnt else {}

    def weights(self, parent: str) -> bytes:
        """The .keras file to go on from: of the model, or, of a run that has left none, of its last checkpoint.

        Raises:
            RunError: it is gone.
            StoreError: it could not be read.
        """
        if parent in model_files.names():
            return (model_files.find(parent) / KERAS_FILE).read_bytes()
        for name in (KERAS_FILE, run_table.CHECKPOINT_FILE):
            if content := self._table.file(parent, name):
                return content
        raise RunError("The run to go on from is gone.")
