"""How well models read digits that are spoilt in 15 ways, as MNIST-C has them (Mu and Gilmer, 2019); the corruptions are ours.

    python benchmarks/corrupted.py [MODEL ...] [--test]

Networks are chosen on the 5,000 validation digits under these corruptions; `--test` reports on the 10,000 test digits. None of the
functions here is one that a training distorts with. Seven of the kinds have a counterpart among our distortions
(`digit_core.augmentation`), so that a network can be trained on them; eight have none: their means stand apart. Of the shipped networks
`cnn` alone was. Shares stand with their 95% interval (Wilson's); a mean with
the interval of as many digits as there are, for they are the same ones under each corruption.
"""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import itertools

from benchmarks import harness
from digit_core import datasets
from digit_core.digits import SIDE, Digits
from digit_core.inference import classifier
from digit_core.inference.classifier import Classifier
from digit_core.metrics import classification

SEED = 20
# One digit and a source of chance in; one digit out: float32 (28, 28), 0.0 to 1.0, ink is 1.0.
Corrupt = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def _moved(ink: np.ndarray, matrix: list[list[float]], shift: tuple[float, float] = (0, 0)) -> np.ndarray:
    """Ink under a matrix about its middle, then shifted by x and y pixels."""
    inner, middle = np.array(matrix), np.full(2, (SIDE - 1) / 2)
    outer = np.column_stack([inner, middle - inner @ middle + shift])
    return cv2.warpAffine(ink, outer, (SIDE, SIDE))


def rotate(ink: np.ndarray, random: np.random.Generator) -> np.ndarray:
    angle = np.deg2rad(random.choice([-1, 1]) * random.uniform(20, 35))
    return _moved(ink, [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def shear(ink: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return _moved(ink, [[1, random.choice([-1, 1]) * random.uniform(0.3, 0.6)], [0, 1]])


def shrink(ink: np.ndarray, random: np.random.Generator) -> np.ndarray:
    size = random.uniform(0.5, 0.7)
    return _moved(ink, [[size, 0], [0, size]])


def shift(ink: np.ndarray, random: np.random.Generator) -> np.ndarray:
    angle = random.uniform(0, 2 * np.pi)
    return _moved(ink, [[1, 0], [0, 1]], (4.5 * np.cos(angle), 4.5 * np.sin(angle)))


def shot_noise(ink: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Few particles of light a pixel."""
    return random.poisson(ink * 8 + 0.25) / 8


def impulse_noise(ink: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """One pixel in eight is black or white."""
    chance = random.random(ink.shape)
    return np.where(chance < 1 / 16, 0, np.where(chance > 15 / 16, 1, ink))


def glass(ink: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """As through frosted glass: each pixel shows one of its neighbours, then out of focus."""
    y, x = np.mgrid[:SIDE, :SIDE] + random.integers(-1, 2, (2, SIDE, SIDE))
    return cv2.GaussianBlur(ink[np.clip(y, 0, SIDE - 1), np.clip(x, 0, SIDE - 1)], (0, 0), 0.8)


def motion(ink: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Wiped over 7 pixels in one direction."""
    angle = random.uniform(0, np.pi)
    step = 3 * np.array([np.cos(angle), np.sin(angle)])
    return np.mean(
        [_moved(ink, [[1, 0], [0, 1]], tuple(part * step)) for part in np.linspace(-1, 1, 9)], axis=0
    )


def brighten(ink: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The whole picture is lighter: the paper is nearer to the ink."""
    return np.clip(ink + random.uniform(0.35, 0.55), 0, 1)


def fog(ink: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Clouds of three sizes over it."""
    cloud = sum(
        weight * cv2.resize(random.random((cells, cells)), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
        for cells, weight in ((3, 0.5), (6, 0.3), (12, 0.2))
    )
    return 0.6 * ink + 0.5 * np.clip(cloud, 0, 1)


def spatter(ink: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Drops of ink on it."""
    wet = cv2.GaussianBlur(random.standard_normal(ink.shape), (0, 0), 1.2)
    return np.maximum(ink, np.clip((wet - np.quantile(wet, 0.93)) * 12, 0, 1) * 0.8)


def dotted_line(ink: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A straight line of dots from side to side."""
    start, end = (0, random.uniform(4, 24)), (SIDE - 1, random.uniform(4, 24))
    places = np.linspace(start, end, 13)
    turned = places if random.random() < 0.5 else places[:, ::-1]
    return _dabbed(ink, turned, 0.9)


def zigzag(ink: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A jagged line from side to side."""
    corners = np.stack([np.linspace(-1, SIDE, 8), np.empty(8)], axis=1)
    corners[:, 1] = random.uniform(9, 18) + random.uniform(2, 7) * np.where(np.arange(8) % 2, 1, -1)
    turned = corners if random.random() < 0.5 else corners[:, ::-1]
    dense = np.concatenate([np.linspace(a, b, 12) for a, b in itertools.pairwise(turned)])
    return _dabbed(ink, dense, 0.9)


def _dabbed(ink: np.ndarray, places: np.ndarray, radius: float) -> np.ndarray:
    """Round dabs of a pen at places (n, 2)."""
    y, x = np.mgrid[:SIDE, :SIDE]
    distance = np.hypot(x - places[:, 0, None, None], y - places[:, 1, None, None]).min(axis=0)
    return np.maximum(ink, np.clip(radius + 0.5 - distance, 0, 1))


def stripe(ink: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Ink and paper are swapped in an upright or level stripe through the digit."""
    first = int(random.integers(7, 14))
    place = (slice(None), slice(first, first + 8)) if random.random() < 0.5 else slice(first, first + 8)
    changed = ink.copy()
    changed[place] = 1 - changed[place]
    return changed


def edges(ink: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The edges that Canny's detector finds (OpenCV's)."""
    return cv2.Canny((255 * ink).astype(np.uint8), 100, 200) / 255


KINDS: dict[str, Corrupt] = {  # those that our distortions have in a form of their own
    "turned": rotate,
    "leaned": shear,
    "shrunk": shrink,
    "shifted": shift,
    "inverted stripe": stripe,
    "zigzag line": zigzag,
    "edges only": edges,
}
UNSEEN: dict[str, Corrupt] = {
    "shot noise": shot_noise,
    "impulse noise": impulse_noise,
    "frosted glass": glass,
    "motion blur": motion,
    "brighter": brighten,
    "fog": fog,
    "spatter": spatter,
    "dotted line": dotted_line,
}


def corrupt(images: np.ndarray, kind: Corrupt) -> np.ndarray:
    """Each of uint8 (n, 28, 28) by its own chance, the same in each call: uint8 of the same shape."""
    random = np.random.default_rng(SEED)
    floats = images / np.float32(255)
    return np.stack([(255 * np.clip(kind(one, random), 0, 1) + 0.5).astype(np.uint8) for one in floats])


def right(models: list[Classifier], digits: Digits, kind: Corrupt) -> list[int]:
    """How many of the corrupted digits each model reads right."""
    images = corrupt(digits.images, kind)
    return [int(np.sum(model.predict_dataset(images).argmax(axis=1) == digits.labels)) for model in models]


def _shares(counts: Iterable[float], n: int) -> list[str]:
    return [str(classification.share(round(count), n)) for count in counts]


def main(models: list[Classifier], digits: Digits) -> None:
    n = len(digits)
    rows, counts = [], []
    for kinds, title in (
        (KINDS, "mean of the kinds that our distortions have"),
        (UNSEEN, "mean of the kinds that they do not have"),
    ):
        found = {name: right(models, digits, kind) for name, kind in kinds.items()}
        rows += [[name, *_shares(each, n)] for name, each in found.items()]
        counts += list(found.values())
        means = np.mean(list(found.values()), axis=0)
        rows.append([title, *_shares(means, n)])
    means = np.mean(counts, axis=0)
    rows.append([f"mean of all {len(counts)}", *_shares(means, n)])
    harness.print_table(["corruption", *(model.name for model in models)], rows)
    print(f"n = {n:,} digits each")


if __name__ == "__main__":
    parser = harness.command_line(__doc__)
    parser.add_argument("models", nargs="*", default=["default"])
    parser.add_argument("--test", action="store_true", help="the 10,000 test digits")
    arguments = parser.parse_args()
    mnist = datasets.load_mnist()
    main(
        [classifier.load(name) for name in arguments.models],
        mnist.test if arguments.test else mnist.validation,
    )
