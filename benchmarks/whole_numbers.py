"""How well whole numbers are read: rows and pages made from MNIST's validation digits, and other people's.

    python benchmarks/whole_numbers.py [MODEL] [--made N] [--seed N] [--only WORDS] [--data FOLDER] [--rapidocr PYTHON]

The made rows are what the settings of segmentation were chosen on; what tells signs was chosen on made numbers of other
seeds. Of pictures without a number those are right that are refused. The sets of other people's numbers are not part of the
project; those that are absent are named and left out. None of them is ever used to choose anything.

The peer, a reader of any text, reads the same pictures: only the digits of its lines count. It needs an environment of its own
(`pip install rapidocr-onnxruntime`), whose Python --rapidocr names.
"""

import base64
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks import foreign, harness, non_numbers
from digit_core import datasets, segmentation
from digit_core.digits import Digits
from digit_core.errors import PictureError
from digit_core.inference import classifier
from digit_core.metrics import classification
from digit_core.preprocessing.strokes import draw, fitted
from digit_core.synthesis import numbers as made_numbers
from digit_core.synthesis import paper as papers
from digit_core.synthesis import photos, signs

CANVAS = 280, 900  # pixels: height and width of the wide canvas
PEN = 14  # pixels
_DRAWN = 200, 820  # pixels: what a number takes of it at most

Picture = np.ndarray | Image.Image
Numbers = Iterator[tuple[Picture, str]]
# What was read and what is written: how many are right, of how many.
Count = Callable[[str, str], tuple[int, int]]
Peer = Callable[[Picture], str]
Paper = Callable[[tuple[int, int], np.random.Generator], np.ndarray]
Writer = Callable[[np.random.Generator], made_numbers.Hand]
Chooser = Callable[[Digits, np.random.Generator], np.ndarray]


def read(picture: Picture, model: classifier.Classifier) -> list[segmentation.DigitBox]:
    """The digits that are found; none where the picture is refused."""
    try:
        return segmentation.find_digits(picture, model)
    except PictureError:
        return []


def rapidocr(python: Path) -> Peer:
    """RapidOCR in a process of that Python's; where a picture is a drawing on a clear ground, it sees black ink on white."""
    child = Path(__file__).with_name("rapidocr_child.py")
    process = subprocess.Popen([python, child], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def read(picture: Picture) -> str:
        pixels = np.asarray(picture)
        if pixels.shape[-1] == 4:
            pixels = 255 - pixels[..., 3]
        elif pixels.ndim == 3:
            pixels = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
        assert process.stdin
        assert process.stdout
        process.stdin.write(base64.b64encode(cv2.imencode(".png", pixels)[1]).decode() + "\n")
        process.stdin.flush()
        lines = (re.sub(r"\D", "", line) for line in json.loads(process.stdout.readline()))
        return "\n".join(filter(None, lines))

    return read


@dataclass
class Told:
    """How sure the reader was, 0.0 to 1.0, and whether it was right: of digits and of whole numbers."""

    digits: list[tuple[float, bool]] = field(default_factory=list)
    numbers: list[tuple[float, bool]] = field(default_factory=list)

    def add(self, found: list[segmentation.DigitBox], label: str) -> None:
        """Add what was found where one number stands. Of the digits those are right that are the label's in its order."""
        lines = segmentation.number_lines(found, ())
        text = "".join(line.text for line in lines)
        blocks = SequenceMatcher(None, text, label, autojunk=False).get_matching_blocks()
        right = {place for block in blocks for place in range(block.a, block.a + block.size)}
        if len(text) == len(label):
            right = {place for place, (one, other) in enumerate(zip(text, label)) if one == other}
        ordered = sorted(found, key=lambda box: (box.line, box.box[1] + box.box[3]))
        self.digits += [(box.confidence, place in right) for place, box in enumerate(ordered)]
        if lines:
            self.numbers.append((float(np.prod([line.certainty for line in lines])), text == label))


def show_certainty(told: Told) -> None:
    """Print how often those are right that the reader is sure of, and how far certainty and that share lie apart."""
    print("\n| told | n | right | mean certainty |\n|---|---|---|---|")
    for name, entries in (("digits", told.digits), ("numbers", told.numbers)):
        for low, high in ((0.99, 1.01), (0.9, 0.99), (0.5, 0.9), (0.0, 0.5)):
            here = [(sure, right) for sure, right in entries if low <= sure < high]
            if here:
                share = str(classification.share(sum(right for _, right in here), len(here)))
                mean = np.mean([sure for sure, _ in here])
                print(
                    f"| {name} told at {low:.0%} to {min(high, 1):.0%} | {len(here):,} | {share} | {mean:.2%} |"
                )


def page_seconds(model: classifier.Classifier) -> list[float]:
    """Seconds of the processor for photos of 4 megapixels of a page of 12 digits, each."""
    digits = datasets.load_mnist().validation
    random, seconds = np.random.default_rng(10), []
    for _ in range(5):
        ink = np.zeros((580, 770), np.uint8)
        for row in range(3):
            chosen = digits.take(random.integers(0, len(digits), 4))
            parts = made_numbers.write(chosen, made_numbers.Hand(90, 8, 0.3, ties=0.2), random)
            made_numbers.paste(parts, ink, 40 + 180 * row, 60)
        sheet = papers.shaded(papers.written(papers.ruled(ink.shape, 60), ink), 0.4, random)
        photo = cv2.resize(sheet, (2310, 1740), interpolation=cv2.INTER_CUBIC)
        picture = Image.fromarray(papers.photographed(photo, random))
        start = time.process_time()
        read(picture, model)
        seconds.append(time.process_time() - start)
    return seconds


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


def _any(digits: Digits, random: np.random.Generator) -> np.ndarray:
    """Which digits make a number: two to seven."""
    return random.integers(0, len(digits), int(random.integers(2, 8)))


def _round(digits: Digits, random: np.random.Generator) -> np.ndarray:
    """Which digits make a round number: one to three, then two to four zeros."""
    zeros = random.choice(np.flatnonzero(digits.labels == 0), int(random.integers(2, 5)))
    return np.append(random.integers(0, len(digits), int(random.integers(1, 4))), zeros)


def made_drawings(count: int, hand: Writer, choose: Chooser = _any, seed: int = 7) -> Numbers:
    """Numbers of validation digits on the wide canvas."""
    digits = datasets.load_mnist().validation
    random = np.random.default_rng(seed)
    for _ in range(count):
        chosen = digits.take(choose(digits, random))
        parts = made_numbers.write(chosen, hand(random), random)
        height, width = made_numbers.extent(parts)
        ink = np.zeros((max(CANVAS[0], height + 20), max(CANVAS[1], width + 20)), np.uint8)
        made_numbers.paste(parts, ink, (ink.shape[0] - height) / 2, 10)
        black = np.zeros((*ink.shape, 3), np.uint8)  # on a clear ground, as the canvas gives it
        yield np.dstack([black, ink]), "".join(map(str, chosen.labels))


def made_amounts(count: int, seed: int = 9) -> Numbers:
    """Scans of amounts, some 45 px high, on a patterned ground."""
    digits = datasets.load_mnist().validation
    random = np.random.default_rng(seed)
    for _ in range(count):
        choose = _round if random.random() < 0.5 else _any
        chosen = digits.take(choose(digits, random))
        height = float(random.uniform(70, 140))
        hand = made_numbers.Hand(
            height,
            height * random.uniform(0.05, 0.12),
            random.uniform(-0.05, 0.25),
            0.1,
            slant=random.choice([0, 0, random.uniform(5, 30)]),
            slope=random.uniform(-4, 4),
            breaks=0.05,
            ties=random.choice([0, 0.3]),
        )
        parts = made_numbers.write(chosen, hand, random)
        rows, columns = made_numbers.extent(parts)
        ink = np.zeros((round(rows + 0.4 * height), round(columns + 0.8 * height)), np.uint8)
        made_numbers.paste(parts, ink, 0.2 * height, 0.4 * height)
        sheet = papers.written(papers.patterned(ink.shape, random), ink, random.uniform(0.1, 0.4))
        share = 45 / len(sheet)
        small = cv2.resize(sheet, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
        seen = papers.photographed(small, random, blur=0.4, noise=0.03)
        yield Image.fromarray(seen), "".join(map(str, chosen.labels))


def made_signs(
    count: int, make: Callable[[np.random.Generator], str], seed: int = 31, *, on_paper: bool
) -> Numbers:
    """Numbers with signs by validation writers, on the wide canvas or in photos."""
    digits = datasets.load_mnist().validation
    random = np.random.default_rng(seed)
    for _ in range(count):
        text, height = make(random), float(random.uniform(70, 140))
        hand = made_numbers.Hand(
            height,
            height * random.uniform(0.05, 0.12) if on_paper else float(random.uniform(8, 16)),
            random.uniform(0.08, 0.35),
            slant=random.choice([0, 0, random.uniform(5, 25)]),
            slope=random.uniform(-3, 3),
        )
        parts = signs.write(text, digits, hand, random)
        rows, columns = made_numbers.extent(parts)
        ink = np.zeros((round(max(CANVAS[0], rows + 0.8 * height)), round(columns + height)), np.uint8)
        made_numbers.paste(parts, ink, 0.4 * height, 0.5 * height)
        if on_paper:
            page = papers.written(papers.plain(ink.shape), ink, random.uniform(0.1, 0.4))
            yield Image.fromarray(papers.photographed(papers.shaded(page, 0.2, random), random)), text
        else:
            yield np.dstack([np.zeros((*ink.shape, 3), np.uint8), ink]), text


@dataclass(frozen=True, eq=False)
class MadePage:
    """A photo of a page of numbers.

    Attributes:
        picture: the photo.
        rows: the digits of each row where they stand on the sheet.
        matrix: float64 array of shape (3, 3), from places (x, y, 1) of the sheet to those of the photo.
    """

    picture: Image.Image
    rows: list[list[made_numbers.Part]]
    matrix: np.ndarray


def made_pages(count: int, paper: Paper, seed: int = 8, *, on_a_desk: bool = False) -> Numbers:
    """Photos of pages of numbers, and what stands there."""
    for page in composed_pages(count, paper, seed, on_a_desk=on_a_desk):
        yield page.picture, "\n".join("".join(str(part.label) for part in row) for row in page.rows)


def composed_pages(
    count: int, paper: Paper, seed: int = 8, *, on_a_desk: bool = False, in_a_scene: bool = False
) -> Iterator[MadePage]:
    """Photos of pages of two to four rows of validation digits, which fill the picture or lie on a desk, or of one to four rows in scenes."""
    digits = datasets.load_mnist().validation
    random = np.random.default_rng(seed)
    for _ in range(count):
        height = float(random.uniform(45, 90))
        rows = int(random.integers(1 if in_a_scene else 2, 5))
        ink = np.zeros((round(height * (2.1 * rows + 1.5)), 900), np.uint8)
        slope, written = random.uniform(-3, 3), []
        for row in range(rows):
            chosen = digits.take(random.integers(0, len(digits), int(random.integers(3, 9))))
            hand = made_numbers.Hand(
                height, height * random.uniform(0.05, 0.1), 0.3, 0.1, slope=slope, breaks=0.05, ties=0.05
            )
            parts = made_numbers.write(chosen, hand, random)
            top, left = height * (2.1 * row + 1), float(random.uniform(30, 120))
            written.append(made_numbers.paste(parts, ink, top, left))
        matrix = np.eye(3)
        page = papers.written(paper(ink.shape, random), ink, random.uniform(0.1, 0.45))
        if on_a_desk:
            in_colour, matrix = photos.laid_on_a_desk(np.repeat(page[..., None], 3, axis=2), random)
            page = cv2.cvtColor(in_colour, cv2.COLOR_RGB2GRAY)
        page = papers.dusty(page, 12, 0.08 * height, random)
        if in_a_scene:
            page, matrix = photos.laid_in_a_scene(np.repeat(page[..., None], 3, axis=2), random)
        else:
            page = papers.shaded(page, 0.45, random)
        yield MadePage(Image.fromarray(papers.photographed(page, random)), written, matrix)


def without_number(found: Iterator[Image.Image]) -> Numbers:
    """Pictures on which there is nothing to read."""
    return ((picture, "") for picture in found)


def _hand(
    breaks: float, ties: float, gap: float, pen: tuple[float, float] = (PEN, PEN), slant: float = 0.0
) -> Writer:
    return lambda random: made_numbers.Hand(
        random.uniform(70, 170),
        random.uniform(*pen) if pen[1] > pen[0] else PEN,
        gap,
        random.uniform(0.05, 0.13),
        slant=random.uniform(0.3, 1) * slant if slant else 0.0,
        slope=random.uniform(-5, 5),
        breaks=breaks,
        ties=ties,
    )


def _lined(draw_lines: Callable[[tuple[int, int], int], np.ndarray], low: int, high: int) -> Paper:
    """Paper with lines that lie so many pixels apart, from and to."""
    return lambda shape, random: draw_lines(shape, int(random.integers(low, high)))


# How many, and what is added to the seeds.
MADE: dict[str, tuple[Callable[[int, int], Numbers], Count]] = {
    "made drawings, apart": (lambda n, more: made_drawings(n, _hand(0, 0, 0.25), seed=7 + more), whole),
    "made drawings, touching": (lambda n, more: made_drawings(n, _hand(0, 0.35, 0.1), seed=7 + more), whole),
    "made drawings, broken": (lambda n, more: made_drawings(n, _hand(0.35, 0, 0.15), seed=7 + more), whole),
    "made drawings, slanted": (
        lambda n, more: made_drawings(n, _hand(0, 0.1, 0.15, slant=38), seed=7 + more),
        whole,
    ),
    "made drawings, overlapping": (
        lambda n, more: made_drawings(n, _hand(0, 0, -0.05), seed=7 + more),
        whole,
    ),
    "made drawings, any pen": (
        lambda n, more: made_drawings(n, _hand(0.1, 0.2, 0.15, (4, 26)), seed=7 + more),
        whole,
    ),
    "made drawings, round": (
        lambda n, more: made_drawings(n, _hand(0, 0.3, 0.02), _round, seed=7 + more),
        whole,
    ),
    "made amounts": (lambda n, more: made_amounts(n, 9 + more), whole),
    **{
        f"made {name} {ground}": (
            lambda n, more, make=make, on_paper=on_paper: made_signs(n, make, 31 + more, on_paper=on_paper),
            whole,
        )
        for ground, on_paper in (("drawn", False), ("on paper", True))
        for name, make in signs.TEXTS.items()
    },
    "made pages, plain": (
        lambda n, more: made_pages(n // 5, lambda shape, _: papers.plain(shape), 8 + more),
        in_order,
    ),
    "made pages, ruled": (
        lambda n, more: made_pages(n // 5, _lined(papers.ruled, 40, 90), 8 + more),
        in_order,
    ),
    "made pages, squared": (
        lambda n, more: made_pages(n // 5, _lined(papers.squared, 20, 60), 8 + more),
        in_order,
    ),
    **{
        f"made pages on desks, {name}": (
            lambda n, more, paper=paper: made_pages(n // 5, paper, 14 + more, on_a_desk=True),
            in_order,
        )
        for name, paper in {
            "plain": lambda shape, _: papers.plain(shape),
            "ruled": _lined(papers.ruled, 40, 90),
            "squared": _lined(papers.squared, 20, 60),
        }.items()
    },
    "made photos of things": (lambda n, more: without_number(non_numbers.photos(n // 2, 11 + more)), whole),
    "made pages of text": (lambda n, more: without_number(non_numbers.text_pages(n // 5, 12 + more)), whole),
}
SETS: dict[str, tuple[str, Callable[[Path], Numbers], Count, str]] = {
    "number_lines": ("number_lines.npz", foreign.photos, in_place, "99% of digits in place"),
    "number_pages": ("number_pages.npz", foreign.photos, in_order, "98% by edit distance"),
    "orand_numbers": ("orand_numbers.npz", foreign.photos, whole, "75% of amounts whole"),
    "unipen_numbers": ("unipen_numbers.npz", drawn, whole, "94% of numbers whole"),
}


def show(
    title: str,
    numbers: Numbers,
    model: classifier.Classifier,
    count: Count,
    goal: str,
    told: Told | None = None,
    *,
    digits_alone: bool = False,
    peer: Peer | None = None,
) -> None:
    """Print how many are right, of how many, the processor's seconds for the slowest picture, and how many the peer has right.

    Labels of other people's numbers leave out the signs: `digits_alone` leaves those out that are read, too.
    """
    right = total = peers = 0
    slowest = 0.0
    for picture, label in numbers:
        start = time.process_time()
        found = read(picture, model)
        slowest = max(slowest, time.process_time() - start)
        lines = segmentation.number_lines(found, () if digits_alone else None)
        one, of = count("\n".join(line.text for line in lines), label)
        right, total = right + one, total + of
        if peer:
            peers += count(peer(picture), label)[0]
        if told is not None:
            told.add(found, label)
    shares = [str(classification.share(one, total)) for one in ([right, peers] if peer else [right])]
    cells = [f"{title:32}", f"{total:5}", f"{shares[0]:>26}", f"{slowest:4.1f} s", *shares[1:], goal]
    print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    parser = harness.command_line(__doc__)
    parser.add_argument("model", nargs="?", default="default")
    parser.add_argument("--made", type=int, default=100, help="numbers made of each kind (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="makes other numbers (%(default)s)")
    parser.add_argument("--only", default="", help="kinds of made numbers whose names hold this")
    parser.add_argument("--data", type=Path, default=foreign.DATA_FOLDER, help="the folder (%(default)s)")
    parser.add_argument("--rapidocr", type=Path, help="a Python that has it: the peer")
    parser.add_argument("--no-sets", action="store_true", help="made numbers alone")
    arguments = parser.parse_args()
    opened, certainty = classifier.load(arguments.model), Told()
    print(f"read by {opened.name}\n")
    peer = rapidocr(arguments.rapidocr) if arguments.rapidocr else None
    headings = ["numbers", "n", "right", "slowest", *(["RapidOCR"] if peer else []), "goal"]
    print(f"| {' | '.join(headings)} |\n{'|---' * len(headings)}|")
    for title, (make, count) in MADE.items():
        if arguments.only not in title:
            continue
        is_number = "drawings" in title or title == "made amounts"
        told = certainty if is_number else None
        show(title, make(arguments.made, arguments.seed), opened, count, "", told, peer=peer)
    for title in foreign.present({} if arguments.no_sets else SETS, arguments.data):
        file, pictures, count, goal = SETS[title]
        show(title, pictures(arguments.data / file), opened, count, goal, digits_alone=True, peer=peer)
    show_certainty(certainty)
    middle = float(np.median(page_seconds(opened)))
    print(f"\nA page of 12 digits, 4 megapixels: {middle:.2f} s of processor time, median of 5")
