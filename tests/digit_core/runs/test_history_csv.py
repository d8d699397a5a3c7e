"""Names of files that say what they hold, and a history that other programs read."""

import csv
import io

import pytest

from digit_core.monitoring.events import EpochEnded
from digit_core.runs import history_csv


@pytest.mark.parametrize(
    ("name", "key", "file"),
    [
        ("cnn-2", "run-3f2a9c01bd77", "cnn-2-run-3f2a.h5"),
        ("cnn-2", "cnn-2", "cnn-2.h5"),
        ("Zoë's 2nd try!", "run-3f2a9c01bd77", "zoe-s-2nd-try-run-3f2a.h5"),
        ("../../etc/passwd", "run-3f2a9c01bd77", "etc-passwd-run-3f2a.h5"),
        ("数字", "run-3f2a9c01bd77", "run-3f2a.h5"),
        ("a" * 60, "ann", "a" * 40 + "-ann.h5"),
        ('a\r\nb"; filename="c.exe', "ann", "a-b-filename-c-exe-ann.h5"),
    ],
)
def test_a_file_is_named_after_its_run(name: str, key: str, file: str) -> None:
    assert history_csv.file_name(name, key, ".h5") == file


def test_a_history_as_a_table_gives_back_every_number() -> None:
    epochs = (
        EpochEnded(1, 0.3021016120910644, 0.9119, 0.16, 0.9538, 0.001, 4.7),
        EpochEnded(2, 0.1, 0.97, float("nan"), 0.96, 1e-05, 3.8),
    )
    text = history_csv.history_csv(epochs)
    assert text.splitlines()[0] == (
        "epoch,loss,accuracy,validation_loss,validation_accuracy,learning_rate,duration_seconds"
    )
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert float(rows[0]["loss"]) == epochs[0].loss
    assert rows[1]["validation_loss"] == "nan"
    assert len(text.splitlines()) == 3
