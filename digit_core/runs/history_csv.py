"""What is taken home from a run: names of files that are safe and telling, and its history as a table."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, fields

from digit_core.monitoring.events import EpochEnded

_LONGEST = 40  # letters of a run's name in a file's name
_RUN_LETTERS = 8  # "run-" and the first four of its id: enough to tell two runs of a name apart


def file_name(name: str, key: str, ending: str) -> str:
    """A name for a file, such as "cnn-2-run-3f2a.h5": small letters, figures and hyphens before the ending.

    Args:
        name: of the run or model, for people; anything.
        key: under which its model is used: "run-3f2a9c01bd77", or the name of a shipped model.
        ending: of the file, such as ".h5" or "-history.csv".
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST].strip("-")
    mark = re.sub(r"[^a-z0-9-]+", "", key.lower())
    mark = mark[:_RUN_LETTERS] if mark.startswith("run-") else mark
    parts = [words] if words == mark else [words, mark]
    return "-".join(part for part in parts if part) + ending


def history_csv(epochs: Iterable[EpochEnded]) -> str:
    """The history of a run as a table with a line an epoch, as precise as it was measured.

    Columns: the fields of `EpochEnded`; accuracies are 0 to 1, durations are seconds.
    """
    text = io.StringIO()
    table = csv.DictWriter(text, [field.name for field in fields(EpochEnded)], lineterminator="\n")
    table.writeheader()
    table.writerows(asdict(epoch) for epoch in epochs)
    return text.getvalue()
