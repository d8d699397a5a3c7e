"""Models that were trained elsewhere: their files are opened only in a process of their own, with limits.

This module's `read` and `title` are the face of the whole package: nothing outside uses anything else of it.
"""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

from digit_core import errors, settings
from digit_core.errors import ModelError
from digit_core.inference.model_files import KERAS_FILE, LAYERS_FILE, LITERT_FILE, TrainedModel
from digit_core.model_import import archives

SECONDS = 120  # that an import may take by the clock; on two free cores it takes 12
CPU_SECONDS = 60  # that it may compute
# Of address space, the least in which TensorFlow opens a model; half of it is ever filled.
MEMORY_BYTES = 3_000_000_000

_MAX_RESULT_BYTES = 100_000_000
_MAX_ANSWER_BYTES = 2_000_000
ANSWER_FILE = "answer.json"  # what the child leaves

_is_importing = threading.Lock()


def read(
    content: bytes,
    name: str,
    on_step: Callable[[str], object] | None = None,
    seconds: float = SECONDS,
    memory_bytes: int = MEMORY_BYTES,
    cpu_seconds: int = CPU_SECONDS,
) -> TrainedModel:
    """Import a model file: turn it into a model as every other one here.

    The file's network is read as data and made anew from layers of Keras' own; the file itself is never run and never
    given to Keras. All that needs TensorFlow happens in a child process, which takes 10 to 20 seconds, some 900 MB of
    memory and is gone afterwards.

    Args:
        content: of a .keras or .h5 file.
        name: of the file; for people only.
        on_step: called with a word on what happens now.
        seconds: that it may take.
        memory_bytes: of address space that it may have.
        cpu_seconds: that it may compute.

    Returns:
        The model, taking digits as all of ours do. Its card has "origin": "brought", no configuration and no history;
        what was found is under "brought" and "figures".

    Raises:
        ModelError: the file is refused, with a sentence why; or another one is being opened; or this is not Linux.
        MissingExtraError: what opens models is not installed.

    Example:
        >>> from digit_core import model_import
        >>> model_import.read(b"anything else", "my-model.keras")  # such a file is refused
        Traceback (most recent call last):
        digit_core.errors.ModelError: The file is not a Keras model, whatever its name says: save yours with model.save('digits.keras').
    """
    if sys.platform != "linux":
        raise ModelError(
            "Models from elsewhere can be opened only if the app runs on Linux, which keeps them within limits."
        )
    errors.require("train")
    if not _is_importing.acquire(blocking=False):
        raise ModelError("Another model is being opened right now: try again in half a minute.")
    try:
        with tempfile.TemporaryDirectory(prefix="digit-lab-model-") as place:
            folder = Path(place)
            archives.unpack(content, folder)
            _run(folder, title(name), on_step or (lambda word: None), seconds, memory_bytes, cpu_seconds)
            return _result(folder)
    finally:
        _is_importing.release()


def title(name: str) -> str:
    """What a model from the file `name` is called: its stem without invisible characters, 60 characters at most.

    Example:
        >>> from digit_core import model_import
        >>> model_import.title("models/my first model.keras")
        'my first model'
    """
    stem = name.replace("\\", "/").rsplit("/", 1)[-1]
    for ending in (".keras", ".h5", ".hdf5"):
        stem = stem.removesuffix(ending)
    seen = "".join(char if unicodedata.category(char)[0] != "C" else " " for char in stem)
    return " ".join(seen.split())[:60] or "A model from elsewhere"


def _environment(folder: Path) -> dict[str, str]:
    """What the child knows of the environment: nothing secret, and no more threads than two cores need."""
    passed = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "LANG") if name in os.environ}
    return passed | {
        "PYTHONPATH": settings.search_path(),
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "KERAS_BACKEND": "tensorflow",
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_NUM_INTRAOP_THREADS": "2",
        "TF_NUM_INTEROP_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",  # each arena reserves 64 MB of the address space
        "HDF5_PLUGIN_PRELOAD": "::",  # a file can name a plugin for HDF5 to load; this forbids it
        "HDF5_USE_FILE_LOCKING": "FALSE",
    }


def _run(
    folder: Path,
    name: str,
    on_step: Callable[[str], object],
    seconds: float,
    memory_bytes: int,
    cpu_seconds: int,
) -> None:
    """Have the child open what lies in `folder`; it is gone when this returns or raises."""
    deadline = time.monotonic() + seconds
    child = subprocess.Popen(
        [
            sys.executable,
            "-P",
            "-m",
            "digit_core.model_import.child_process",
            str(folder),
            name,
            str(memory_bytes),
            str(cpu_seconds),
        ],
        cwd=folder,
        env=_environment(folder),
        stdin=subprocess.PIPE,  # it ends when this closes, so it does not outlive this process
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        assert child.stdout is not None
        _follow(child.stdout.fileno(), on_step, deadline)
        code = child.wait(max(0.1, deadline - time.monotonic()))
    except (TimeoutError, subprocess.TimeoutExpired) as error:
        raise ModelError(
            f"Opening the model took longer than {seconds:g} seconds, so it was stopped."
        ) from error
    finally:
        if child.returncode is None:
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                stream.close()
    if code == -signal.SIGXCPU:
        raise ModelError(
            f"Opening the model took more than {cpu_seconds} seconds of computing, so it was stopped."
        )
    if code != 0:
        raise ModelError(
            f"Opening the model failed. Most likely it needs more than the {memory_bytes / 1e9:.2g} GB of memory it may "
            "have."
        )


def _follow(source: int, on_step: Callable[[str], object], deadline: float) -> None:
    """Pass on each line that the child says until it closes its output.

    Raises:
        TimeoutError: it is still open at the deadline.
    """
    text = b""
    while True:
        ready, _, _ = select.select([source], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            raise TimeoutError
        chunk = os.read(source, 4096)
        if not chunk:
            return
        *lines, text = (text + chunk).split(b"\n")
        text = text[-200:]
        for line in lines:
            on_step(line[:200].decode(errors="replace"))


def _result(folder: Path) -> TrainedModel:
    answer = _answer(_read_file(folder / ANSWER_FILE, _MAX_ANSWER_BYTES))
    if "card" not in answer:
        raise ModelError(str(answer.get("refused"))[:600])
    names = (KERAS_FILE, LITERT_FILE, LAYERS_FILE)
    return TrainedModel(
        {name: _read_file(folder / name, _MAX_RESULT_BYTES) for name in names}, answer["card"]
    )


def _answer(content: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(content)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise ModelError("Opening the model failed without a reason.")
    return answer


def _read_file(path: Path, most: int) -> bytes:
    """The content of a plain file that the child left."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise ModelError("Opening the model failed without a reason.") from error
    if len(content) > most:
        raise ModelError("The converted model is too large to be used here.")
    return content
