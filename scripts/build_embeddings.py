"""Build data/embeddings.npz: the 10,000 test digits on a plane, by their pixels and by each shipped model's last hidden layer.

    python scripts/build_embeddings.py          # of the models that are new or were trained anew
    python scripts/build_embeddings.py --again  # all of them

An embedding takes a minute or two: t-SNE (van der Maaten and Hinton, 2008) is what takes long, and why they are shipped. Seeds
are fixed, but t-SNE magnifies the last bit of every sum: another processor may place the same digits otherwise, as
truly as here. For each embedding it prints the share of digits whose nearest neighbour has the same label.
"""

import argparse
import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.manifold import TSNE

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from digit_core import datasets, settings
from digit_core.explanations import embeddings
from digit_core.inference import classifier, model_files

SEED = 20_261_121


def t_sne(features: np.ndarray) -> np.ndarray:
    """float32 (n, 2) positions of the rows of `features`, a float32 array of shape (n, d)."""
    perplexity = min(30.0, (len(features) - 1) / 3)
    return TSNE(init="pca", perplexity=perplexity, random_state=SEED).fit_transform(features)


METHODS: dict[str, Callable[[np.ndarray], np.ndarray]] = {"pca": embeddings.pca, "t-sne": t_sne}


def build(models: tuple[str, ...], count: int, output: Path, kept: dict[str, np.ndarray]) -> None:
    """Write the embeddings of the first `count` test digits; those of `kept` that still fit are taken over."""
    test = datasets.load_mnist().test
    images, labels = test.images[:count], test.labels[:count]
    rows = np.arange(embeddings.FIRST_TEST_ROW, embeddings.FIRST_TEST_ROW + count, dtype=np.int32)
    arrays: dict[str, np.ndarray] = {"names": np.array([embeddings.PIXELS, *models]), "rows": rows}
    for of in (embeddings.PIXELS, *models):
        # The embedding of a model that was trained anew is out of date: a test compares this, too.
        digest = _digest(of)
        if digest:
            arrays[f"{of} layers_sha256"] = np.array(digest)
        is_current = of in kept.get("names", ()) and str(kept.get(f"{of} layers_sha256", "")) == digest
        if is_current and np.array_equal(kept["rows"], rows):
            arrays |= {key: kept[key] for key in kept if key.startswith(f"{of} ")}
            continue
        features = _features(of, images)
        for method, embed in METHODS.items():
            positions = embed(features)
            agreement = embeddings.neighbour_agreement(positions, labels)
            arrays[f"{of} {method}"] = positions
            arrays[f"{of} {method} agreement"] = np.array(agreement)
            print(f"{of:14} {method:6} nearest neighbour has the same label: {agreement:.1%}", flush=True)
    np.savez_compressed(output, **arrays)


def _digest(of: str) -> str:
    """Of the model's layers; nothing for the pixels."""
    if of == embeddings.PIXELS:
        return ""
    return hashlib.sha256((model_files.find(of) / model_files.LAYERS_FILE).read_bytes()).hexdigest()


def _features(of: str, images: np.ndarray) -> np.ndarray:
    """float32 (n, d): pixels, or what a model's last hidden layer says."""
    if of == embeddings.PIXELS:
        return images.reshape(len(images), -1).astype(np.float32) / 255
    model = classifier.load(of)
    return model.layer(images, embeddings.last_hidden_layer(model)).reshape(len(images), -1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", nargs="*", default=model_files.names(), metavar="MODEL")
    parser.add_argument("--digits", type=int, default=10_000, help="the first so many, to try the script")
    parser.add_argument("--again", action="store_true", help="compute also those that still fit")
    parser.add_argument("--output", type=Path, default=settings.EMBEDDINGS_FILE)
    arguments = parser.parse_args()
    kept: dict[str, np.ndarray] = {}
    if not arguments.again and arguments.output.exists():
        with np.load(arguments.output) as file:
            kept = dict(file)
    build(tuple(arguments.models), arguments.digits, arguments.output, kept)
    print(f"{arguments.output}: {arguments.output.stat().st_size / 1e6:.2f} MB")
