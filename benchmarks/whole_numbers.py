"""How well whole numbers are read: rows and pages made from MNIST's validation digits, and other people's.

    python benchmarks/whole_numbers.py [MODEL] [--made N] [--data FOLDER]

The made rows are what the settings of segmentation were chosen on. Of pictures without a number those are right that are
refused. The sets of other people's numbers are not part of the project; those that are absent are named and left out. None
of them is ever used to choose anything.
"""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks import foreign, harness, non_numbers
from digit_core import datasets, segmentation
from digit_core.errors import PictureError
from digit_core.inference import classifier
from digit_core.metrics import classification
from digit_core.preprocessing.strokes import draw, fitted
from digit_core.synthesis import numbers as made_numbers
from digit_core.synthesis import paper as papers

CANVAS = 280, 900  # pixels: height and width of the wide canvas
PEN = 14  # pixels
_DRAWN = 200, 820  # pixels: what a number takes of it at most

Picture = np.ndarray | Image.Image
Numbers = Iterator[tuple[Picture, str]]
# What was read and what is written: how many are right, of how many.
Count = Callable[[str, str], tuple[int, int]]
Paper = Callable[[tuple[int, int], np.random.Generator], np.ndarray]


def text(picture: Picture, model: classifier.Classifier) -> str:
    """What is read: one number a line; nothing where the picture is refused."""
    try:
        lines = segmentation.number_lines(segmentation.find_digits(picture, model))
        return "\n".join(line.text for line in lines)
    except PictureError:
        return ""


def distance(read: str, label: str) -> int:
    """The edit distance (Levenshtein, 1966)."""
    costs = list(range(len(label) + 1))
    for row, letter in enumerate(read, 1):
        before, costs[0] = costs[0], row
        for column, wanted in enumerate(label, 1):
            before, costs[column] = (
                costs[column],
                min(costs[column] + 1, costs[column - 1] + 1, before + (letter != wanted)),
            )
    return costs[-1]


def in_place(read: str, label: str) -> tuple[int, int]:
    """How many digits are right in their place, of how many."""
    return sum(one == other for one, other in zip(read, label)), len(label)


def in_order(read: str, label: str) -> tuple[int, int]:
    """How many signs, ends of lines among them, need no mending, of how many."""
    return max(0, len(label) - distance(read, label)), len(label)


def whole(read: str, label: str) -> tuple[int, int]:
    """Whether the number is right as a whole."""
    return int(read == label), 1


def drawn(path: Path) -> Numbers:
    """UNIPEN's numbers as drawn on the wide canvas."""
    for pen_strokes, label in foreign.strokes(path):
        yield draw(fitted(pen_strokes, PEN, CANVAS, _DRAWN), CANVAS), label


def made_drawings(count: int, hand: Callable[[np.random.Generator], made_numbers.Hand]) -> Numbers:
    """Numbers of two to seven validation digits on the wide canvas."""
    digits = datasets.load_mnist().validation
    random = np.random.default_rng(7)
    for _ in range(count):
        chosen = digits.take(random.integers(0, len(digits), int(random.integers(2, 8))))
        parts = made_numbers.write(chosen, hand(random), random)
        height, width = made_numbers.extent(parts)
        ink = np.zeros((max(CANVAS[0], height + 20), max(CANVAS[1], width + 20)), np.uint8)
        made_numbers.paste(parts, ink, (ink.shape[0] - height) / 2, 10)
        black = np.zeros((*ink.shape, 3), np.uint8)  # on a clear ground, as the canvas gives it
        yield np.dstack([black, ink]), "".join(map(str, chosen.labels))


def made_pages(count: int, paper: Paper) -> Numbers:
    """Photos of pages of two to four rows of validation digits."""
    digits = datasets.load_mnist().validation
    random = np.random.default_rng(8)
    for _ in range(count):
        height = float(random.uniform(45, 90))
        rows = int(random.integers(2, 5))
        ink = np.zeros((round(height * (2.1 * rows + 1.5)), 900), np.uint8)
        slope, lines = random.uniform(-3, 3), []
        for row in range(rows):
            chosen = digits.take(random.integers(0, len(digits), int(random.integers(3, 9))))
            hand = made_numbers.Hand(
                height, height * random.uniform(0.05, 0.1), 0.3, 0.1, slope=slope, breaks=0.05, ties=0.05
            )
            parts = made_numbers.write(chosen, hand, random)
            made_numbers.paste(parts, ink, height * (2.1 * row + 1), float(random.uniform(30, 120)))
            lines.append("".join(map(str, chosen.labels)))
        page = papers.written(paper(ink.shape, random), ink, random.uniform(0.1, 0.45))
        page = papers.shaded(papers.dusty(page, 12, 0.08 * height, random), 0.45, random)
        yield Image.fromarray(papers.photographed(page, random)), "\n".join(lines)


def without_number(found: Iterator[Image.Image]) -> Numbers:
    """Pictures on which there is nothing to read."""
    return ((picture, "") for picture in found)


def _hand(breaks: float, ties: float, gap: float) -> Callable[[np.random.Generator], made_numbers.Hand]:
    return lambda random: made_numbers.Hand(
        random.uniform(70, 170),
        PEN,
        gap,
        random.uniform(0.05, 0.13),
        slope=random.uniform(-5, 5),
        breaks=breaks,
        ties=ties,
    )


def _lined(draw_lines: Callable[[tuple[int, int], int], np.ndarray], low: int, high: int) -> Paper:
    """Paper with lines that lie so many pixels apart, from and to."""
    return lambda shape, random: draw_lines(shape, int(random.integers(low, high)))


MADE: dict[str, tuple[Callable[[int], Numbers], Count]] = {
    "made drawings, apart": (lambda n: made_drawings(n, _hand(0, 0, 0.25)), whole),
    "made drawings, touching": (lambda n: made_drawings(n, _hand(0, 0.35, 0.1)), whole),
    "made drawings, broken": (lambda n: made_drawings(n, _hand(0.35, 0, 0.15)), whole),
    "made pages, plain": (lambda n: made_pages(n // 5, lambda shape, _: papers.plain(shape)), in_order),
    "made pages, ruled": (lambda n: made_pages(n // 5, _lined(papers.ruled, 40, 90)), in_order),
    "made pages, squared": (lambda n: made_pages(n // 5, _lined(papers.squared, 20, 60)), in_order),
    "made photos of things": (lambda n: without_number(non_numbers.photos(n // 2, 11)), whole),
    "made pages of text": (lambda n: without_number(non_numbers.text_pages(n // 5, 12)), whole),
}
SETS: dict[str, tuple[str, Callable[[Path], Numbers], Count, str]] = {
    "number_lines": ("number_lines.npz", foreign.photos, in_place, "99% of digits in place"),
    "number_pages": ("number_pages.npz", foreign.photos, in_order, "98% by edit distance"),
    "unipen_numbers": ("unipen_numbers.npz", drawn, whole, "93% of numbers whole"),
}


def show(title: str, numbers: Numbers, model: classifier.Classifier, count: Count, goal: str) -> None:
    """Print how many are right, of how many, and the seconds that the slowest picture took."""
    right = total = 0
    slowest = 0.0
    for picture, label in numbers:
        start = time.perf_counter()
        read = text(picture, model)
        slowest = max(slowest, time.perf_counter() - start)
        one, of = count(read, label)
        right, total = right + one, total + of
    share = str(classification.share(right, total))
    print(f"| {title:25} | {total:5} | {share:>26} | {slowest:4.1f} s | {goal} |", flush=True)


if __name__ == "__main__":
    parser = harness.command_line(__doc__)
    parser.add_argument("model", nargs="?", default="default")
    parser.add_argument("--made", type=int, default=100, help="numbers made of each kind (%(default)s)")
    parser.add_argument("--data", type=Path, default=foreign.DATA_FOLDER, help="the folder (%(default)s)")
    parser.add_argument("--no-sets", action="store_true", help="made numbers alone")
    arguments = parser.parse_args()
    opened = classifier.load(arguments.model)
    print(f"read by {opened.name}\n")
    print("| numbers | n | right | slowest | goal |\n|---|---|---|---|---|")
    for title, (make, count) in MADE.items():
        show(title, make(arguments.made), opened, count, "")
    for title in foreign.present({} if arguments.no_sets else SETS, arguments.data):
        file, read, count, goal = SETS[title]
        show(title, read(arguments.data / file), opened, count, goal)
