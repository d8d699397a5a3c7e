"""Files of arrays (.npz) that ship with the project: a missing or damaged one is said in a sentence."""

import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from digit_core import settings
from digit_core.errors import DatasetError, DigitError

# What NumPy and zipfile raise when bytes of an .npz file are wrong: each was seen in one with a single bit flipped.
_DAMAGES = (
    zipfile.BadZipFile,
    zlib.error,
    tokenize.TokenError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    DatasetError,
)


@contextmanager
def said_in_a_sentence(
    path: Path, what: str, script: str, error: type[DigitError] = DatasetError
) -> Iterator[None]:
    """Turn whatever a missing or damaged file makes go wrong in the `with` block into one sentence.

    Args:
        path: the file that is read.
        what: its content in the plural, such as "digits".
        script: what makes the file again, such as "scripts/build_mnist.py".
        error: the exception to raise.

    Raises:
        DigitError: of the kind `error`; its sentence names the file and the command that makes it again.
    """
    remedy = settings.remedy(script)
    try:
        yield
    except FileNotFoundError as cause:
        raise error(f"The {what} are missing: there is no {path.name}. {remedy}") from cause
    except _DAMAGES as cause:
        raise error(f"The {what} are damaged: {path.name} cannot be read. {remedy}") from cause


def read(path: Path) -> dict[str, np.ndarray]:
    """All arrays of an .npz file by name. It raises what NumPy raises: see `said_in_a_sentence`."""
    with path.open("rb") as stream, np.load(stream) as file:
        return {name: file[name] for name in file.files}
