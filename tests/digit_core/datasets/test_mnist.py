import hashlib
import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digit_core import datasets
from digit_core.datasets.mnist import Mnist
from digit_core.digits import Digits
from digit_core.errors import DatasetError
from digit_core.settings import MNIST_FILE
from scripts.build_mnist import SHA256
from tests.examples import examples

REBUILD = r"scripts/build_mnist\.py"


@pytest.fixture(scope="module")
def stored() -> dict[str, np.ndarray]:
    with np.load(MNIST_FILE) as file:
        return dict(file)


@pytest.fixture(scope="module")
def small_file() -> bytes:
    """A whole file of 40 digits, in which hypothesis can look for bits whose damage is not noticed."""
    random = np.random.default_rng(0)
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        train_images=random.integers(0, 256, (30, 28, 28), np.uint8),
        train_labels=np.arange(30, dtype=np.uint8) % 10,
        test_images=random.integers(0, 256, (10, 28, 28), np.uint8),
        test_labels=np.arange(10, dtype=np.uint8),
        validation_rows=np.arange(5, dtype=np.int32),
    )
    return buffer.getvalue()


def test_the_splits_have_their_sizes(mnist: Mnist) -> None:
    assert (len(mnist.train), len(mnist.validation), len(mnist.test)) == (55_000, 5_000, 10_000)


@pytest.mark.parametrize(
    ("kind", "images", "labels"),
    [("train", "train_images", "train_labels"), ("t10k", "test_images", "test_labels")],
)
def test_the_digits_are_those_of_mnists_own_files(
    stored: dict[str, np.ndarray], kind: str, images: str, labels: str
) -> None:
    n = len(stored[labels])
    image_file = struct.pack(">4i", 0x803, n, 28, 28) + stored[images].tobytes()
    label_file = struct.pack(">2i", 0x801, n) + stored[labels].tobytes()
    assert hashlib.sha256(image_file).hexdigest() == SHA256[f"{kind}-images"]
    assert hashlib.sha256(label_file).hexdigest() == SHA256[f"{kind}-labels"]


def test_training_and_validation_digits_are_disjoint_and_all(
    mnist: Mnist, stored: dict[str, np.ndarray]
) -> None:
    rows = stored["validation_rows"]
    assert len(np.unique(rows)) == 5_000
    images, labels = np.empty((60_000, 28, 28), np.uint8), np.empty(60_000, np.uint8)
    is_validation = np.isin(np.arange(60_000), rows)
    images[is_validation], labels[is_validation] = mnist.validation.images, mnist.validation.labels
    images[~is_validation], labels[~is_validation] = mnist.train.images, mnist.train.labels
    np.testing.assert_array_equal(images, stored["train_images"])
    np.testing.assert_array_equal(labels, stored["train_labels"])


def test_each_class_has_its_share_of_the_validation_digits(mnist: Mnist) -> None:
    validation = np.bincount(mnist.validation.labels, minlength=10)
    everything = validation + np.bincount(mnist.train.labels, minlength=10)
    assert np.all(np.abs(validation - everything / 12) < 1)


def test_the_validation_rows_come_from_the_seed(stored: dict[str, np.ndarray]) -> None:
    _, drawn = datasets.split_rows(stored["train_labels"], datasets.VALIDATION_SIZE, datasets.SPLIT_SEED)
    np.testing.assert_array_equal(drawn, stored["validation_rows"])


def test_test_digit_63_is_a_3(mnist: Mnist) -> None:
    assert mnist.test.labels[63] == 3


def test_the_digits_cannot_be_changed_by_one_visitor_for_all(mnist: Mnist) -> None:
    for digits in (mnist.train, mnist.validation, mnist.test):
        for array in (digits.images, digits.labels):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0


def test_a_split_is_disjoint_whole_sorted_and_depends_on_the_seed_alone() -> None:
    labels = np.arange(1_000) % 10
    rest, drawn = datasets.split_rows(labels, 200, seed=1)
    assert (len(rest), len(drawn)) == (800, 200)
    np.testing.assert_array_equal(np.sort(np.concatenate([rest, drawn])), np.arange(1_000))
    np.testing.assert_array_equal(drawn, np.sort(drawn))
    np.testing.assert_array_equal(np.bincount(labels[drawn]), np.full(10, 20))
    np.testing.assert_array_equal(drawn, datasets.split_rows(labels, 200, seed=1)[1])
    assert not np.array_equal(drawn, datasets.split_rows(labels, 200, seed=2)[1])


@pytest.mark.parametrize("size", [5, 995], ids=["fewer than the classes", "fewer left than the classes"])
def test_a_split_that_cannot_have_every_class_is_refused(size: int) -> None:
    sentence = f"1000 digits cannot be split into {size} and the rest .*: 10 classes need at least 10 digits in each part"
    with pytest.raises(DatasetError, match=sentence):
        datasets.split_rows(np.arange(1_000) % 10, size, seed=0)


def test_a_class_of_one_digit_cannot_be_split() -> None:
    labels = np.append(np.arange(100) % 9, 9)
    with pytest.raises(
        DatasetError, match=r"there is only one 9, and each class needs two\. Add another one"
    ):
        datasets.split_rows(labels, 20, seed=0)
    with pytest.raises(DatasetError, match="Add more digits"):
        datasets.split_rows(labels[:0], 0, seed=0)


def test_joined_digits_keep_their_labels(digits: Callable[[int], Digits]) -> None:
    first, second = digits(20), digits(30).take(np.arange(29, -1, -1))
    joined = datasets.join(first, second)
    assert len(joined) == 50
    np.testing.assert_array_equal(joined.take(np.arange(20)).images, first.images)
    np.testing.assert_array_equal(joined.take(np.arange(20, 50)).labels, second.labels)


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        (np.zeros((2, 28, 28), np.float32), np.zeros(2, np.uint8)),
        (np.zeros((2, 784), np.uint8), np.zeros(2, np.uint8)),
        (np.zeros((2, 28, 27), np.uint8), np.zeros(2, np.uint8)),
        (np.zeros((2, 28, 28), np.uint8), np.zeros(3, np.uint8)),
        (np.zeros((2, 28, 28), np.uint8), np.zeros((2, 1), np.uint8)),
        (np.zeros((2, 28, 28), np.uint8), np.zeros(2, np.float32)),
        (np.zeros((2, 28, 28), np.uint8), np.array([0, 10])),
        (np.zeros((2, 28, 28), np.uint8), np.array([0, -1])),
    ],
    ids=["float", "flat", "narrow", "a label too many", "one-hot", "float labels", "label 10", "label -1"],
)
def test_what_is_no_set_of_digits_is_refused(images: np.ndarray, labels: np.ndarray) -> None:
    with pytest.raises(DatasetError):
        Digits(images, labels)


def test_a_missing_file_names_the_script_that_rebuilds_it(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=f"missing.*mnist.npz.*{REBUILD}"):
        datasets.load_mnist(tmp_path / "mnist.npz")


def _without(content: bytes, name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
    return buffer.getvalue()


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: b"not a zip at all",
        lambda content: content[: len(content) // 2],
        lambda content: content[:-1],
        lambda content: _without(content, "validation_rows.npy"),
        lambda content: _without(content, "train_images.npy"),
        lambda content: content[:5_000] + bytes(500) + content[5_500:],
        lambda content: zipfile.ZipFile(io.BytesIO(content)).read("test_labels.npy"),
    ],
    ids=["empty", "text", "half", "a byte short", "no validation rows", "no images", "zeros", "one array"],
)
def test_a_damaged_file_names_the_script_that_rebuilds_it(
    small_file: bytes, damage: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    path = tmp_path / "mnist.npz"
    path.write_bytes(small_file)
    assert len(datasets.load_mnist(path).validation) == 5
    path.write_bytes(damage(small_file))
    with pytest.raises(DatasetError, match=f"damaged.*mnist.npz.*{REBUILD}"):
        datasets.load_mnist(path)


# zipfile alone has a handful of exceptions of its own: NotImplementedError for a flipped compression method, say.
@settings(
    max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(where=st.floats(0, 1, exclude_max=True), from_end=st.booleans(), bit=st.integers(0, 7))
@pytest.mark.filterwarnings("ignore:.*:UserWarning")  # zipfile warns of names that occur twice
def test_no_flipped_bit_changes_a_digit_unnoticed(
    small_file: bytes, where: float, from_end: bool, bit: int, tmp_path: Path
) -> None:
    path = tmp_path / "mnist.npz"
    path.write_bytes(small_file)
    whole = datasets.load_mnist(path)
    content = bytearray(small_file)
    # The directory, where zipfile's own checks are, is the last 400 bytes of some 30,000.
    content[-1 - int(where * 400) if from_end else int(where * len(content))] ^= 1 << bit
    path.write_bytes(content)
    try:
        read = datasets.load_mnist(path)
    except DatasetError:
        return
    np.testing.assert_array_equal(read.train.images, whole.train.images)
    np.testing.assert_array_equal(read.test.images, whole.test.images)
    np.testing.assert_array_equal(read.validation.labels, whole.validation.labels)
