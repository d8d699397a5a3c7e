import json
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from digit_core.augmentation.policies import Distortion
from digit_core.digits import Digits
from digit_core.monitoring.events import EpochEnded, Event
from digit_core.recipes.architectures import Architecture
from digit_core.recipes.configuration import EarlyStopping, TrainingConfig
from digit_core.recipes.layers import Dense, Dropout, Flatten, Pooling
from digit_core.training import export, trainer

CONFIG = TrainingConfig(
    architecture=Architecture(
        "Small", "With all that chance decides.", (Pooling(2), Flatten(), Dense(12), Dropout(0.3))
    ),
    batch_size=50,
    epochs=4,
    schedule="one-cycle",
    learning_rate=0.01,
    keeps_best_weights=False,
    augmentation=Distortion(rotation=10, noise=0.1),
    seed=1,
)
# Trains the same in a process of its own, which kills itself at the start of the third epoch.
KILLED = """
    import json, os, signal, sys
    from pathlib import Path
    import numpy as np
    from digit_core.digits import Digits
    from digit_core.monitoring.events import BatchEnded
    from digit_core.recipes import configuration
    from digit_core.training import trainer

    def show(event):
        if isinstance(event, BatchEnded) and event.epoch == 3:
            os.kill(os.getpid(), signal.SIGKILL)

    folder = Path(sys.argv[1])
    arrays = np.load(folder / "digits.npz")
    config = configuration.from_dict(json.loads((folder / "config.json").read_text()))
    trainer.train(config, Digits(arrays["images"], arrays["labels"]), on_event=show, backup=folder / "backup")
"""


def test_a_killed_training_is_taken_up_and_ends_with_the_weights_of_one_that_was_not(
    tmp_path: Path, made_up: Digits
) -> None:
    np.savez(tmp_path / "digits.npz", images=made_up.images, labels=made_up.labels)
    (tmp_path / "config.json").write_text(json.dumps(CONFIG.as_dict()))
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(tmp_path)]
    killed = subprocess.run(
        command, check=False, cwd=Path(__file__).parents[3], capture_output=True, timeout=120
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    told: list[Event] = []
    taken_up = trainer.train(CONFIG, made_up, on_event=told.append, backup=tmp_path / "backup")
    whole = trainer.train(CONFIG, made_up)
    for found, expected in zip(
        *(export.load_keras(run.files["model.keras"]).get_weights() for run in (taken_up, whole)),
        strict=True,
    ):
        np.testing.assert_array_equal(found, expected)
    epochs = [event.epoch for event in told if isinstance(event, EpochEnded)]
    assert epochs == [1, 2, 3, 4]  # those before the kill are told again
    for found, expected in zip(taken_up.history, whole.history, strict=True):
        del found["duration_seconds"], expected["duration_seconds"]
        assert found == pytest.approx(expected)
    assert not (tmp_path / "backup").exists()


def test_a_run_that_remembers_more_than_its_weights_is_not_backed_up(tmp_path: Path, made_up: Digits) -> None:
    for config in (replace(CONFIG, keeps_best_weights=True), replace(CONFIG, early_stopping=EarlyStopping())):
        with pytest.raises(ValueError, match="goes to its last epoch by its schedule"):
            trainer.train(config, made_up, backup=tmp_path / "backup")
