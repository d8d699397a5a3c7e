"""Models as folders: the files of a model, its card, and which models are shipped."""

import io
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from digit_core import settings
from digit_core.datasets.mnist import MNIST_SIZE, Mnist
from digit_core.digits import CLASSES
from digit_core.errors import DatasetError, ModelError
from digit_core.files import npz
from digit_core.monitoring import recordings
from digit_core.monitoring.recordings import Progress

CARD_SCHEMA_VERSION = 1
EXPORT_FORMATS = ("keras", "h5", "savedmodel", "tflite")  # what a model can be written as
KERAS_FILE, LITERT_FILE, LAYERS_FILE, CARD_FILE = "model.keras", "model.tflite", "layers.tflite", "card.json"
# Shipped models only, and not all: what their training said, to be watched again.
RECORDING_FILE = "recording.bin"
# Shipped models only: float32 (n, 10) for each of train, validation and test.
ANSWERS_FILE = "answers.npz"


@dataclass(frozen=True)
class TrainedModel:
    """The result of a training.

    Attributes:
        files: name to bytes: model.keras (to train on, to export), model.tflite (answers), layers.tflite (every
            layer's output). All hold the same weights.
        card: how the model was made, as JSON: architecture, configuration, data, versions, history.

    Example:
        >>> from digit_core import TrainedModel
        >>> card = {"architecture": {"title": "ANN"}, "parameters": 101_770, "history": []}
        >>> model = TrainedModel({"model.keras": b"..."}, card)
        >>> model
        TrainedModel('ANN', 101,770 parameters, 0 epochs)
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model.save(Path(folder) / "my-ann")
        ...     sorted(path.name for path in (Path(folder) / "my-ann").iterdir())
        ['card.json', 'model.keras']
    """

    files: dict[str, bytes]
    card: dict[str, Any]

    def __repr__(self) -> str:
        title, epochs = self.card["architecture"]["title"], len(self.history)
        return (
            f"TrainedModel({title!r}, {self.card['parameters']:,} parameters, "
            f"{epochs} {'epoch' if epochs == 1 else 'epochs'})"
        )

    @property
    def history(self) -> list[dict[str, float]]:
        """One record for each epoch, with the fields of `training.EpochEnded`."""
        return self.card["history"]

    def save(self, folder: Path) -> None:
        """Write the files and the card to a new folder, all or nothing.

        Raises:
            ModelError: the folder already exists.
        """
        if folder.exists():
            raise ModelError(f"{folder} already exists: choose another name or remove it first.")
        folder.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            for name, content in self.files.items():
                (unfinished / name).write_bytes(content)
            write_card(unfinished, self.card)
            unfinished.chmod(0o755)
            unfinished.rename(folder)
        except BaseException:
            shutil.rmtree(unfinished)
            raise


def refuse_unwritable(output: Path) -> None:
    """Check before the work starts that its result can be written; create the folder for it.

    Raises:
        ModelError: the file or folder already exists, or its folder cannot be written to.
    """
    if output.exists():
        raise ModelError(f"{output} already exists: choose another name or remove it first.")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(f"The folder {output.parent} cannot be created.") from error
    if not os.access(output.parent, os.W_OK):
        raise ModelError(f"Nothing can be written to the folder {output.parent}.")


def names() -> tuple[str, ...]:
    """The shipped models, the default one first, the others by name."""
    found = sorted(path.parent.name for path in settings.MODELS_FOLDER.glob(f"*/{LITERT_FILE}"))
    default = default_name()
    return tuple(sorted(found, key=lambda name: (name != default, name)))


def default_name() -> str:
    """The name of the model that the app opens with.

    Raises:
        ModelError: no model is named.
    """
    try:
        return settings.DEFAULT_MODEL_FILE.read_text(encoding="utf-8").strip()
    except FileNotFoundError as error:
        raise ModelError(
            f"The file {settings.DEFAULT_MODEL_FILE.name}, which names the model to open with, is missing. "
            + settings.remedy("scripts/train_models.py")
        ) from error


def find(name_or_path: str | Path) -> Path:
    """The folder of a model.

    Args:
        name_or_path: "default", a name of `names()`, or the path of a model's folder.

    Raises:
        ModelError: there is no such model.
    """
    name = default_name() if name_or_path == "default" else name_or_path
    for folder in (settings.MODELS_FOLDER / name, Path(name)):
        if (folder / LITERT_FILE).is_file():
            return folder
    raise ModelError(f"There is no model {str(name)!r}. The ready-made models: {', '.join(names())}.")


def read_card(name_or_path: str | Path) -> dict[str, Any]:
    """The card of a model: how it was made and every figure measured on it.

    Raises:
        ModelError: there is no such model, or its card is missing, damaged or of another version.
    """
    return read_card_in(find(name_or_path))


def read_card_in(folder: Path) -> dict[str, Any]:
    """The card in a folder, which need not be a model's that reads digits.

    Raises:
        ModelError: it is missing, damaged or of another version.
    """
    path = folder / CARD_FILE
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"The card of the model {path.parent.name} is missing or damaged.") from error
    if not isinstance(card, dict) or card.get("schema_version") != CARD_SCHEMA_VERSION:
        raise ModelError(
            f"The card of the model {path.parent.name} comes from another version of Digit Lab and cannot be read."
        )
    return card


def shipped_answers(model_name: str) -> np.ndarray:
    """What a shipped model answered to all of MNIST, so that nothing needs to be computed.

    Args:
        model_name: "default" or a name of `names()`.

    Returns:
        float32 array of shape (70000, 10), read-only: each digit's probabilities, in the order of the "mnist"
        catalogue, which is train, validation, test.

    Raises:
        ModelError: there is no such model, or its answers are missing or damaged.
    """
    path = find(model_name) / ANSWERS_FILE
    what = f"answers of the model {path.parent.name}"
    with npz.said_in_a_sentence(path, what, "scripts/train_models.py", ModelError):
        arrays = npz.read(path)
        answers = np.concatenate([arrays[split.name] for split in fields(Mnist)])
        if answers.dtype != np.float32 or answers.shape != (MNIST_SIZE, CLASSES):
            raise ValueError(f"{answers.dtype} {answers.shape} are not answers.")
    answers.flags.writeable = False
    return answers


def recording(model_name: str) -> Progress | None:
    """The recording of a shipped model's training.

    Args:
        model_name: "default" or a name of `names()`.

    Returns:
        The whole run, or None where it was not recorded.

    Raises:
        ModelError: there is no such model, or its recording is damaged.
    """
    path = find(model_name) / RECORDING_FILE
    if not path.exists():
        return None
    try:
        return recordings.from_bytes(path.read_bytes())
    except (OSError, DatasetError) as error:
        raise ModelError(
            f"The recording of how {path.parent.name} was trained is damaged. "
            + settings.remedy(f"scripts/train_models.py --record {path.parent.name}")
        ) from error


def ready(export_format: str, config: dict[str, Any] | None, read: Callable[[str], bytes]) -> bytes | None:
    """What a model is exported as without Keras: a file that it has already.

    Args:
        export_format: one of EXPORT_FORMATS.
        config: what the model was trained with, as `TrainingConfig.as_dict` gives it; None where that is not known.
        read: gives a file of the model by its name.

    Returns:
        The file's bytes; None where it must be made: `training.export.convert`. A .keras file of before, which was not
        compiled, must be, if it is known for what.
    """
    if export_format == "tflite":
        return read(LITERT_FILE)
    if export_format == "keras" and (config is None or _is_compiled(read(KERAS_FILE))):
        return read(KERAS_FILE)
    return None


def _is_compiled(content: bytes) -> bool:
    """Whether a .keras file says with which optimizer and loss it is trained and judged."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return bool(json.loads(archive.read("config.json")).get("compile_config"))
    except (
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        AttributeError,
    ):  # whoever makes the file says what is wrong
        return False


def validation_accuracy(card: dict[str, Any]) -> float:
    """The share of its own validation digits, 0.0 to 1.0, that a model read right with the weights that were kept."""
    measured = card.get("figures", {}).get("validation")
    if measured:  # trained elsewhere, or averaged of two trainings: no epoch's figure is its own
        return float(measured["value"])
    return float(card["history"][card["kept_epoch"] - 1]["validation_accuracy"])


def write_card(folder: Path, card: dict[str, Any]) -> None:
    """Write a model's card."""
    (folder / CARD_FILE).write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
