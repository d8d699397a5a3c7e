import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors

from digit_core import settings
from digit_core.datasets.mnist import Mnist
from digit_core.errors import DatasetError
from digit_core.explanations import embeddings
from digit_core.inference import classifier, model_files

SUBJECTS = (embeddings.PIXELS, *model_files.names())
SCRIPT = settings.PROJECT_FOLDER / "scripts" / "build_embeddings.py"


def _close_up_to_sign(ours: np.ndarray, theirs: np.ndarray) -> None:
    for axis in range(2):
        sign = np.sign(np.dot(ours[:, axis], theirs[:, axis]))
        np.testing.assert_allclose(ours[:, axis], sign * theirs[:, axis], atol=1e-4 * np.abs(theirs).max())


def test_pca_finds_the_line_that_points_lie_on() -> None:
    steps = np.array([-3, -1, 0, 1, 3], np.float32)
    points = np.outer(steps, [0.6, 0.8]).astype(np.float32) + 100
    positions = embeddings.pca(points)
    np.testing.assert_allclose(positions[:, 0], steps, atol=1e-4)  # the larger weight, 0.8, is positive
    np.testing.assert_allclose(positions[:, 1], 0, atol=1e-4)


def test_pca_is_scikit_learns(mnist: Mnist) -> None:
    images = mnist.test.images[:900]
    expected = PCA(2, svd_solver="full").fit_transform(images.reshape(len(images), -1).astype(np.float64))
    positions = embeddings.pca(images)
    assert positions.dtype == np.float32
    _close_up_to_sign(positions, expected)


def test_pca_draws_the_same_embedding_whatever_the_order_of_the_digits(mnist: Mnist) -> None:
    images = mnist.test.images[:700]
    np.testing.assert_allclose(embeddings.pca(images)[::-1], embeddings.pca(images[::-1]), atol=0.05)


def test_agreement_is_counted_by_hand() -> None:
    positions = np.array([[0, 0], [1, 0], [5, 0], [5, 1], [9, 9]], np.float32)
    labels = np.array([3, 3, 4, 5, 5], np.uint8)
    # 0 and 1 are each other's nearest; so are 2 and 3, which differ; 4's nearest is 3.
    assert embeddings.neighbour_agreement(positions, labels) == pytest.approx(3 / 5)


def test_agreement_is_that_of_scikit_learns_neighbours() -> None:
    chance = np.random.default_rng(7)
    positions = chance.normal(size=(1_300, 2)).astype(np.float32)
    labels = chance.integers(0, 10, 1_300)
    neighbours = NearestNeighbors(n_neighbors=2).fit(positions).kneighbors(return_distance=False)
    nearest = neighbours[:, 0]  # without X, a point is not its own neighbour
    assert embeddings.neighbour_agreement(positions, labels) == pytest.approx(
        (labels[nearest] == labels).mean()
    )


@pytest.mark.parametrize("method", embeddings.METHODS)
@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_shipped_embedding_holds_every_test_digit_and_the_agreement_it_claims(
    subject: str, method: str, mnist: Mnist
) -> None:
    found = embeddings.load(subject, method)
    np.testing.assert_array_equal(found.rows, np.arange(60_000, 70_000))
    assert found.positions.shape == (10_000, 2)
    assert found.agreement == pytest.approx(
        embeddings.neighbour_agreement(found.positions, mnist.test.labels)
    )
    assert not found.positions.flags.writeable


def test_there_is_an_embedding_of_every_shipped_model_as_it_is_now() -> None:
    assert embeddings.names() == SUBJECTS
    with np.load(settings.EMBEDDINGS_FILE) as file:
        for name in model_files.names():
            content = (model_files.find(name) / model_files.LAYERS_FILE).read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            assert str(file[f"{name} layers_sha256"]) == digest, "python scripts/build_embeddings.py"


def test_the_file_of_embeddings_is_small() -> None:
    assert settings.EMBEDDINGS_FILE.stat().st_size < 1_500_000


def test_the_shipped_pcan_embedding_of_the_pixels_is_what_is_computed_now(mnist: Mnist) -> None:
    images = mnist.test.images.reshape(10_000, -1)
    stored = embeddings.load(embeddings.PIXELS, "pca")
    computed = embeddings.compute(images, mnist.test.labels, stored.rows)
    np.testing.assert_allclose(stored.positions * 255, computed.positions, atol=0.5)  # stored: of 0 to 1
    assert computed.agreement == pytest.approx(stored.agreement, abs=0.001)


def test_t_sne_keeps_neighbours_together(mnist: Mnist) -> None:
    some = np.arange(0, 10_000, 10)
    images = mnist.test.images[some].reshape(len(some), -1) / 255
    positions = embeddings.load(embeddings.PIXELS, "t-sne").positions[some]
    assert trustworthiness(images, positions, n_neighbors=5) > 0.95


def test_every_networks_last_layer_separates_the_digits_better_than_pixels_do() -> None:
    for method in embeddings.METHODS:
        of_pixels = embeddings.load(embeddings.PIXELS, method).agreement
        for name in model_files.names():
            assert embeddings.load(name, method).agreement > of_pixels


@pytest.mark.parametrize(
    ("name", "layer"), [("ann", "dense_1"), ("cnn", "dense_1"), ("cnn-3", "dense_2"), ("cnn-2", "dense_1")]
)
def test_the_last_hidden_layer_is_the_one_before_the_answer_without_dropout(name: str, layer: str) -> None:
    assert embeddings.last_hidden_layer(classifier.load(name)) == layer


def test_an_embedding_of_a_model_that_has_none_can_be_computed(mnist: Mnist) -> None:
    model = classifier.load("ann")
    some = mnist.test.take(np.arange(400))
    features = model.layer(some.images, embeddings.last_hidden_layer(model))
    found = embeddings.compute(features, some.labels, np.arange(60_000, 60_400))
    assert found.rows.dtype == np.int32
    assert found.agreement > 0.35


@pytest.mark.parametrize(("subject", "method"), [("nobody", "pca"), ("pixels", "umap")])
def test_an_embedding_that_is_not_there_is_refused_and_the_script_named(subject: str, method: str) -> None:
    with pytest.raises(DatasetError, match=rf"no .*{subject}.*scripts/build_embeddings\.py"):
        embeddings.load(subject, method)


def test_a_missing_file_names_the_script(tmp_path: Path) -> None:
    with pytest.raises(
        DatasetError, match=r"The embeddings are missing: .*embeddings\.npz.*scripts/build_embeddings\.py"
    ):
        embeddings.load("pixels", "pca", tmp_path / "embeddings.npz")


@pytest.mark.parametrize("kind", ["empty", "text", "cut", "flipped", "other arrays", "wrong shape", "nan"])
def test_a_damaged_file_is_said_in_a_sentence(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "embeddings.npz"
    content = settings.EMBEDDINGS_FILE.read_bytes()
    with np.load(settings.EMBEDDINGS_FILE) as file:
        arrays = {key: file[key] for key in ("names", "rows", "pixels pca", "pixels pca agreement")}
    if kind == "other arrays":
        np.savez(path, rows=arrays["rows"])
    elif kind == "wrong shape":
        np.savez(path, **arrays | {"pixels pca": arrays["pixels pca"][:-1]})
    elif kind == "nan":
        np.savez(path, **arrays | {"pixels pca": arrays["pixels pca"] * np.float32(np.nan)})
    elif kind == "flipped":
        np.savez(path, **arrays)
        damaged = bytearray(path.read_bytes())
        damaged[len(damaged) // 2] ^= 255
        path.write_bytes(damaged)
    else:
        path.write_bytes({"empty": b"", "text": b"no archive", "cut": content[: len(content) // 2]}[kind])
    with pytest.raises(DatasetError, match=r"The embeddings are damaged: .*scripts/build_embeddings\.py"):
        embeddings.load("pixels", "pca", path)


def test_the_script_builds_embeddings_and_prints_how_well_each_separates(tmp_path: Path) -> None:
    path = tmp_path / "embeddings.npz"
    command = [sys.executable, SCRIPT, "--models", "ann", "--digits", "120", "--output", path]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert embeddings.names(path) == ("pixels", "ann")
    for subject in ("pixels", "ann"):
        for method in embeddings.METHODS:
            found = embeddings.load(subject, method, path)
            np.testing.assert_array_equal(found.rows, np.arange(60_000, 60_120))
            assert f"{found.agreement:.1%}" in run.stdout
