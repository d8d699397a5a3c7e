"""Are faces, shapes and things refused as no digits? Drawn on the canvas with three pens, read as the Draw page reads them.

    python benchmarks/drawings.py [MODEL] [--count N]

The first figures are drawn by code of this file alone, the same kinds as in training. Then come the four of
`digit_core.synthesis.negatives.HELD_BACK`, which no network was trained on. Last come validation digits, written with the same
pens: these are not to be refused. "Told as sure" is what is worst: the verdict that it is a digit. Shares stand with their 95%
interval (Wilson's).
"""

import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks import harness
from digit_core import datasets
from digit_core.inference import classifier, rejection
from digit_core.metrics import classification
from digit_core.preprocessing import images, strokes
from digit_core.settings import PEN_WIDTH
from digit_core.synthesis import doodles, negatives

SEED = 16
Strokes = list[np.ndarray]


def ring(x: float, y: float, radius: float, turns: tuple[float, float] = (0.0, 1.0)) -> np.ndarray:
    angle = 2 * np.pi * np.linspace(*turns, 30)
    return np.stack([x + radius * np.cos(angle), y + radius * np.sin(angle)], axis=1)


def lines(*places: tuple[float, float]) -> np.ndarray:
    """Straight lines: a corner is a point three times, since a canvas rounds all others."""
    return np.repeat(np.array(places, float), 3, axis=0)


def polygon(corners: int, inner: float = 1.0) -> np.ndarray:
    """A star with so many points, its inner corners at that share of its radius."""
    angle = np.pi * np.arange(2 * corners + 1) / corners - np.pi / 2
    radius = np.where(np.arange(2 * corners + 1) % 2, inner, 1.0)
    return lines(*zip(radius * np.cos(angle), radius * np.sin(angle), strict=True))


def smiley(random: np.random.Generator, has_nose: bool) -> Strokes:
    eyes = [ring(side * 0.4, -0.3, random.choice([0.04, 0.12])) for side in (-1, 1)]
    mouth = ring(0, 0.1, random.uniform(0.4, 0.6), (0.05, 0.45))
    return [ring(0, 0, 1, (0.7, 1.7)), *eyes, mouth, *([lines((0, -0.1), (0, 0.15))] if has_nose else [])]


def house(random: np.random.Generator) -> Strokes:
    box = lines((-0.8, -0.1), (0.8, -0.1), (0.8, 1), (-0.8, 1), (-0.8, -0.1))
    door = lines((-0.2, 1), (-0.2, 0.4), (0.2, 0.4), (0.2, 1))
    return [box, lines((-0.95, -0.1), (0, -1), (0.95, -0.1)), *([door] if random.random() < 0.5 else [])]


def heart(random: np.random.Generator) -> Strokes:
    lobes = [ring(side * 0.5, -0.4, 0.5, (0.5, 1.03) if side < 0 else (0.47, 1.0)) for side in (-1, 1)]
    tip = (random.normal(0, 0.05), 1.0)
    return [np.concatenate([lines(tip), lobes[0], lobes[1], lines(tip)])]


FIGURES: dict[str, Callable[[np.random.Generator], Strokes]] = {
    "smiley": lambda random: smiley(random, has_nose=False),
    "smiley with a nose": lambda random: smiley(random, has_nose=True),
    "triangle": lambda random: [lines((random.uniform(-0.4, 0.4), -1), (1, 0.8), (-1, 0.8), (0, -1))],
    "house": house,
    "heart": heart,
    "star": lambda random: [polygon(5, random.uniform(0.35, 0.55))],
    "star in one go": lambda random: [lines(*polygon(5)[12 * np.arange(6) % 30])],
}


def drawn(figure: Callable[[np.random.Generator], Strokes], count: int, seed: int) -> Iterator[np.ndarray]:
    """A figure by so many hands, as preprocessing hands it on: float32 (28, 28)."""
    random = np.random.default_rng((SEED, seed))
    pens = itertools.cycle([PEN_WIDTH / 2, PEN_WIDTH, PEN_WIDTH * 1.5])
    for pen, _ in zip(pens, range(count), strict=False):
        angle = random.normal(0, 0.1)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        hand = turn @ np.diag(random.uniform(0.8, 1, 2))
        parts = [(stroke + random.normal(0, 0.03, 2)) @ hand for stroke in figure(random)]
        yield images.from_canvas(strokes.draw(strokes.fitted(parts, pen)))


def main(model: classifier.Classifier, count: int) -> None:
    kinds = [*FIGURES.items(), *((name, doodles.FIGURES[name]) for name in negatives.HELD_BACK)]
    rows, refused, sure = [], [], []
    for seed, (name, figure) in enumerate(kinds):
        verdicts = model.judge(np.stack(list(drawn(figure, count, seed)))).verdicts
        refused.append(int(np.sum(verdicts == rejection.NO_DIGIT)))
        sure.append(int(np.sum(verdicts == rejection.DIGIT)))
        rows.append(cells(name, refused[-1], sure[-1], count))
    for title, part in (
        ("these figures", slice(len(FIGURES))),
        ("those held back", slice(len(FIGURES), None)),
    ):
        rows.append(cells(title, sum(refused[part]), sum(sure[part]), count * len(refused[part])))
    chosen = datasets.load_mnist().validation.take(np.arange(1_000))
    verdicts = model.judge(
        negatives.rewrite(chosen.images, np.random.default_rng(SEED)) / np.float32(255)
    ).verdicts
    is_refused, is_sure = verdicts == rejection.NO_DIGIT, verdicts == rejection.DIGIT
    rows.append(
        cells("validation digits, drawn over", int(is_refused.sum()), int(is_sure.sum()), len(chosen))
    )
    harness.print_table(["drawn", "n", "refused", "told as sure"], rows)


def cells(name: str, refused: int, sure: int, n: int) -> list[str]:
    return [name, f"{n:,}", str(classification.share(refused, n)), str(classification.share(sure, n))]


if __name__ == "__main__":
    parser = harness.command_line(__doc__)
    parser.add_argument("model", nargs="?", default="default")
    parser.add_argument("--count", type=int, default=100)
    arguments = parser.parse_args()
    main(classifier.load(arguments.model), arguments.count)
