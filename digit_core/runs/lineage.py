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
        """The parent of these trainings, with what must be known of it.

        Raises:
            RunError: there is none, or it has no weights, other layers, or was validated on other digits.
            StoreError: it could not be read.
        """
        known, architecture = self._found(parent)
        layers = _layers(architecture)
        if any(config.network.layers != layers for config in configs):
            raise RunError(
                "A training can continue only from weights of the same layers: choose that architecture."
            )
        for config in configs:
            if objection := known.objection(config):
                raise RunError(objection)
        return known

    def _found(self, parent: str) -> tuple[Parent, dict[str, Any]]:
        """A parent, and its architecture as JSON holds it."""
        if parent in model_files.names():
            card = model_files.read_card(parent)
            return warm_start.of_card(parent, card), card["architecture"]
        run = self._get(parent)
        if not run.is_live and run.card:
            return warm_start.of_card(parent, run.card), run.card["architecture"]
        if not run.is_live and run.has_checkpoint and run.config:
            content = self._table.file(parent, run_table.LEARNT_FILE)
            learnt_sets = () if content is None else tuple(json.loads(content))
            known = warm_start.of_config(parent, run.config, self.was_chosen_on_test(run), learnt_sets)
            return known, run.config.network.as_dict()
        raise RunError("This run has no weights to continue from.")

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
        raise RunError("The run to continue from is gone.")
