import gzip
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from digit_core.settings import MNIST_FILE, PROJECT_FOLDER

SCRIPT = PROJECT_FOLDER / "scripts" / "build_mnist.py"
STEMS = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
ARRAYS = ("train_images", "train_labels", "test_images", "test_labels")


def _build(folder: Path, output: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT, folder, "--output", output], capture_output=True, text=True, check=False
    )


def _idx(array: np.ndarray) -> bytes:
    return struct.pack(f">{array.ndim + 1}i", 0x800 + array.ndim, *array.shape) + array.tobytes()


def _write_tiny(folder: Path) -> None:
    """Well-formed files of 20 digits each, which are not MNIST's."""
    for stem, _array in zip(STEMS, ARRAYS, strict=True):
        shape = (20, 28, 28) if "images" in stem else (20,)
        (folder / stem).write_bytes(_idx(np.zeros(shape, np.uint8)))


def test_the_embedded_file_is_what_the_script_builds_from_mnists_files(tmp_path: Path) -> None:
    with np.load(MNIST_FILE) as file:
        stored = dict(file)
    for stem, array in zip(STEMS, ARRAYS, strict=True):
        content = _idx(stored[array])
        if "labels" in stem:  # both forms are found about: packed and unpacked
            (tmp_path / f"{stem}.gz").write_bytes(gzip.compress(content, 1))
        else:
            (tmp_path / stem).write_bytes(content)
    output = tmp_path / "built.npz"
    run = _build(tmp_path, output)
    assert run.returncode == 0, run.stderr
    assert "MB" in run.stdout
    with np.load(output) as file:
        assert set(file.files) == set(stored)
        for name, array in stored.items():
            assert file[name].dtype == array.dtype
            np.testing.assert_array_equal(file[name], array)


@pytest.mark.parametrize("kind", ["other digits", "no gzip", "missing", "cut"])
def test_a_file_that_is_not_mnists_is_refused_in_one_sentence(kind: str, tmp_path: Path) -> None:
    _write_tiny(tmp_path)
    labels = tmp_path / STEMS[1]  # the first that the script reads
    sentence = "train-labels-idx1-ubyte is not MNIST's: its SHA-256 differs"
    if kind == "no gzip":
        labels.rename(labels.with_suffix(".gz"))
        sentence = "train-labels-idx1-ubyte.gz cannot be read"
    elif kind == "missing":
        labels.unlink()
        sentence = "There is no train-labels-idx?-ubyte file"
    elif kind == "cut":
        packed = gzip.compress(labels.read_bytes())
        labels.unlink()
        (tmp_path / f"{STEMS[1]}.gz").write_bytes(packed[:-9])
        sentence = "train-labels-idx1-ubyte.gz cannot be read"
    output = tmp_path / "built.npz"
    run = _build(tmp_path, output)
    assert run.returncode == 1
    assert run.stderr.startswith(sentence)
    assert run.stderr.count("\n") == 1
    assert not output.exists()
