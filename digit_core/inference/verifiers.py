"""Two small networks, the same for all models, that check what is to be read: is it a digit, and is it one whole digit?

Each gives eleven probabilities, of ten digits and of "none". The out-of-distribution network has seen made-up scribbles,
letters and shapes (`scripts/train_ood.py`); the segment verifier has seen parts of digits and joined neighbours, as
`digit_core.segmentation.cuts` cuts them (`scripts/train_segment_verifier.py`).
"""

import functools
from pathlib import Path

import numpy as np

from digit_core import settings
from digit_core.digits import CLASSES
from digit_core.errors import ModelError
from digit_core.inference import litert, model_files

NETWORK_FILE = "verifier.tflite"
# The last of the eleven answers.
NONE = CLASSES
_OOD_SCRIPT, _SEGMENT_SCRIPT = "train_ood.py", "train_segment_verifier.py"


def ood_score(images: np.ndarray) -> np.ndarray:
    """The out-of-distribution score: how probable it is that an image is no digit.

    Args:
        images: array of shape (n, 28, 28), as preprocessing makes them: float32, 0.0 to 1.0, ink is 1.0; or uint8, ink
            is 255. n may be 0.

    Returns:
        float32 array of shape (n,), 0.0 to 1.0; 1 where there is no ink at all.

    Raises:
        ValueError: another shape or dtype, or a value outside the range.
        ModelError: the network is missing or damaged.
    """
    none = _probabilities_of_none(images, settings.OOD_FOLDER, _OOD_SCRIPT)
    # Preprocessing lets no blank through: the network has never seen one.
    return np.where(images.any(axis=(1, 2)), none, np.float32(1))


@functools.cache
def refused_above() -> float:
    """The out-of-distribution score, 0.0 to 1.0, above which an image is called no digit.

    Raises:
        ModelError: the network's card is missing or damaged.
    """
    try:
        # The card has it the other way round: the probability of a digit below which an image is refused.
        return 1 - float(model_files.read_card_in(settings.OOD_FOLDER)["refused_below"])
    except (ModelError, KeyError, TypeError, ValueError) as error:
        raise _spoilt(settings.OOD_FOLDER, _OOD_SCRIPT) from error


def segment_score(images: np.ndarray) -> np.ndarray:
    """How probable it is that some ink is one whole digit: no part of one, nor two, nor one with a part of its neighbour.

    Args:
        images: as for `ood_score`.

    Returns:
        float32 array of shape (n,), 0.0 to 1.0.

    Raises:
        ValueError, ModelError: as `ood_score`.
    """
    return 1 - _probabilities_of_none(images, settings.SEGMENT_VERIFIER_FOLDER, _SEGMENT_SCRIPT)


def _probabilities_of_none(images: np.ndarray, folder: Path, script: str) -> np.ndarray:
    return np.clip(_network(folder, script).read(images)[:, NONE], 0, 1)


@functools.cache
def _network(folder: Path, script: str) -> litert.Reader:
    """The network in a folder, opened once; `script` makes it again."""
    try:
        content = (folder / NETWORK_FILE).read_bytes()
        return litert.Reader(content, CLASSES + 1, "It does not give eleven answers.")
    except (OSError, ModelError) as error:
        raise _spoilt(folder, script) from error


def _spoilt(folder: Path, script: str) -> ModelError:
    return ModelError(
        f"The network {folder.name} is missing or damaged. {settings.remedy(f'scripts/{script}')}"
    )
