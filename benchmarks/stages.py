"""Which stage loses the digits of a page that are not read right: composed pages on all kinds of paper, stage by stage.

    python benchmarks/stages.py [MODEL] [--pages N] [--seed SEED] [--scenes]

Pages of validation digits by fixed seed, whose ink and places are known. Each digit that is missing or misread is counted at the
first stage that lost it. The last row says the same of the page as text: which signs need no mending, by edit distance in reading
order, whatever belongs to which ink.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks import harness, whole_numbers
from benchmarks.whole_numbers import MadePage
from digit_core import segmentation
from digit_core.errors import PictureError
from digit_core.inference import classifier
from digit_core.metrics import classification
from digit_core.preprocessing.page import candidates
from digit_core.segmentation.boxes import DigitBoxes
from digit_core.segmentation.lines import Piece
from digit_core.segmentation.stages import PageStages
from digit_core.synthesis import paper as papers
from digit_core.synthesis.numbers import Part

RIGHT = "read right"
STAGES = {
    "refused": "the whole picture is refused",
    "sheet": "it lies outside of what was taken for the sheet; or no sheet was found on a desk, and the picture is refused",
    "binarization": "less than 70% of its ink was told from the paper, or marks of the paper hang on it",
    "lines": "less than 70% of its ink is left, or a line hangs on it",
    "signs": "it was taken for a sign",
    "rows": "it is in no row, or in another one than its neighbours",
    "cuts": "no parts beside each other are this digit and nothing else",
    "decoder": "other parts than its own were joined, or its row was left out",
    "reader": "it was found, and read as another digit",
}
PAPERS: dict[str, whole_numbers.Paper] = {
    "plain": lambda shape, _: papers.plain(shape),
    "ruled": lambda shape, random: papers.ruled(shape, int(random.integers(40, 90))),
    "squared": lambda shape, random: papers.squared(shape, int(random.integers(20, 60))),
    "patterned": papers.patterned,
}
_KEPT = 0.7  # of a digit's ink
_FOREIGN = 0.35  # of a digit's ink: as much of what hangs on it may be none
_ALIKE = 0.75  # of the ink that either has, both have: the same digit
_MOSTLY = 0.5  # of a digit's ink and of what was read: a broken digit is read right without one of its parts
_MOST_PARTS = 8  # of a digit


def pages(count: int, seed: int, *, in_scenes: bool = False) -> Iterator[tuple[str, MadePage]]:
    """So many pages, as many of each kind of paper as of any other, with the name of the kind; in scenes or half of them on desks."""
    places = ("in a scene",) if in_scenes else ("", "on a desk")
    kinds = [(name, where) for where in places for name in PAPERS]
    for place, (name, where) in enumerate(kinds):
        share = len(range(place, count, len(kinds)))
        made = whole_numbers.composed_pages(
            share, PAPERS[name], seed + place, on_a_desk=where == "on a desk", in_a_scene=in_scenes
        )
        for page in made:
            yield f"{name} {where}".rstrip(), page


@dataclass(frozen=True)
class Judged:
    """What became of a page.

    Attributes:
        digits: of each, row by row, `RIGHT` or the stage that lost it.
        too_many: how many were read that do not stand there.
        in_order: how many signs of its text need no mending, of how many, as `whole_numbers.in_order` counts them.
    """

    digits: list[str]
    too_many: int
    in_order: tuple[int, int]


def judge(page: MadePage, model: classifier.Classifier) -> Judged:
    """Read a page, and say what became of it."""
    text = "\n".join("".join(str(part.label) for part in row) for row in page.rows)
    try:
        found = segmentation.find_digits(page.picture, model)
    except PictureError:
        lost = "sheet" if _is_unseen(page) else "refused"
        return Judged([lost] * sum(map(len, page.rows)), 0, (0, len(text)))
    stages = found.stages
    assert stages is not None
    inks = [[_ink(part, page, stages) for part in row] for row in page.rows]
    told = _Told(found, stages, np.max([ink for row in inks for ink in row], axis=0))
    homes = [told.home(row) for row in inks]
    judged = [
        told.stage(ink, part.label, home)
        for row, parts, home in zip(inks, page.rows, homes)
        for ink, part in zip(row, parts)
    ]
    read = "\n".join(line.text for line in segmentation.number_lines(found))
    return Judged(judged, len(found) - len(told.matched), whole_numbers.in_order(read, text))


def _is_unseen(page: MadePage) -> bool:
    """Whether a page lies on a desk, and no sheet was found there."""
    lies_on_a_desk = not np.allclose(page.matrix, np.eye(3))
    try:
        return lies_on_a_desk and all(one.matrix is None for one in candidates(page.picture))
    except PictureError:  # no ink in it, with or without a sheet
        return False


def _ink(part: Part, page: MadePage, stages: PageStages) -> np.ndarray:
    """The true ink of a digit on the page as it was read: float32 (h, w)."""
    scale = stages.page.scale
    read = stages.page.matrix if stages.page.matrix is not None else np.diag([scale, scale, 1.0])
    moved = np.array([[1, 0, part.left], [0, 1, part.top], [0, 0, 1]], float)
    matrix = np.linalg.inv(read) @ page.matrix @ moved
    height, width = stages.page.ink.shape
    return cv2.warpPerspective(part.ink * np.float32(1 / 255), matrix, (width, height), flags=cv2.INTER_AREA)


class _Told:
    """What was found on a page, to be held against the digits that stand there."""

    def __init__(self, found: DigitBoxes, stages: PageStages, written: np.ndarray) -> None:
        """Args:
        found: the digits that were read.
        stages: their stages.
        written: the true ink of all digits, float32 (h, w).
        """
        self.stages = stages
        self.rows = stages.numbered_rows()
        self.near = _widened(written > 0.2, 5)
        self.boxes = iter(found)
        self.read = {row: [next(self.boxes) for _ in row.digits] for row in stages.rows}
        self.matched: set[tuple[int, int]] = set()
        _, self.pieces = cv2.connectedComponents((stages.page.ink > 0.3).astype(np.uint8), connectivity=8)

    def home(self, inks: list[np.ndarray]) -> int:
        """The number of the row that most digits of a true row stand in; 0 for none."""
        homes = Counter(row for ink in inks if (row := self._row_of(ink)))
        return homes.most_common(1)[0][0] if homes else 0

    def _row_of(self, ink: np.ndarray) -> int:
        """The row that holds enough of a digit's ink; 0 for none."""
        rows = self.rows[(ink > 0.5) & (self.stages.page.ink > 0.3)]
        counts = np.bincount(rows, minlength=2)
        best = int(counts[1:].argmax()) + 1
        return best if counts[best] > _KEPT * counts.sum() else 0

    def stage(self, ink: np.ndarray, label: int, home: int) -> str:
        """The first stage that lost a digit of that ink and label in that row, or `RIGHT`."""
        sure, page = ink > 0.5, self.stages.page
        if sure.sum() < 10:
            return "sheet"
        lines = np.zeros(ink.shape, bool) if page.lines is None else page.lines
        if _covered(sure, (page.ink > 0.3) | lines) < _KEPT:
            return "binarization"
        if _covered(sure, page.ink > 0.3) < _KEPT:
            return "lines"
        own = np.unique(self.pieces[sure & (page.ink > 0.3)])
        foreign = np.isin(self.pieces, own[own > 0]) & ~self.near
        if foreign.sum() > _FOREIGN * sure.sum():
            return "lines" if _covered(foreign, _widened(lines, 9)) > 0.5 else "binarization"
        row = self._row_of(ink)
        if not row:
            signs = np.zeros(ink.shape, bool)
            for sign in self.stages.signs:
                _place(signs, sign.piece)
            return "signs" if _covered(sure, signs) > 0.3 else "rows"
        return "rows" if row != home else self._in_row(ink, label, row)

    def _in_row(self, ink: np.ndarray, label: int, number: int) -> str:
        row = self.stages.rows[number - 1]
        shared = np.array([_shared(part, ink) for part in row.parts])
        whole = float(shared.sum())
        for place, (digit, box) in enumerate(zip(row.digits, self.read[row])):
            own = _shared(digit.piece, ink)
            if own >= _MOSTLY * max(whole, digit.piece.mass):
                self.matched.add((number, place))
                if box.digit == label:
                    return RIGHT
                return "reader" if _alike(own, digit.piece.mass, whole) >= _ALIKE else "decoder"
        masses = np.array([part.mass for part in row.parts])
        runs = [
            (first, end)
            for first in range(len(shared))
            for end in range(first + 1, min(first + _MOST_PARTS, len(shared)) + 1)
        ]
        alike = [_alike(shared[a:b].sum(), masses[a:b].sum(), whole) for a, b in runs]
        return "cuts" if max(alike) < _ALIKE else "decoder"


def _alike(shared: float, mass: float, whole: float) -> float:
    """Of the ink that some parts or a digit have, the share that both have."""
    return shared / (mass + whole - shared)


def _shared(piece: Piece, ink: np.ndarray) -> float:
    """How much of a piece's ink is a digit's."""
    near = _widened(ink[piece.top : piece.bottom, piece.left : piece.right] > 0.2, 5)
    return float(piece.ink[near].sum())


def _place(mask: np.ndarray, piece: Piece) -> None:
    mask[piece.top : piece.bottom, piece.left : piece.right] |= piece.ink > 0


def _covered(mask: np.ndarray, by: np.ndarray) -> float:
    return float(_widened(by, 3)[mask].mean())


def _widened(mask: np.ndarray, side: int) -> np.ndarray:
    return cv2.dilate(mask.astype(np.uint8), np.ones((side, side), np.uint8)) > 0


def show(made: dict[str, list[Judged]]) -> None:
    """Print the table: a row a stage, a column a kind of paper."""
    counts = {kind: Counter(stage for one in judged for stage in one.digits) for kind, judged in made.items()}
    extra = {kind: sum(one.too_many for one in judged) for kind, judged in made.items()}
    total = sum(counts.values(), Counter())
    digits = total.total()
    print(f"\n| digits | {' | '.join(counts)} | all | share |\n|{'---|' * (len(counts) + 3)}")
    sizes = [len(judged) for judged in made.values()]
    print(f"| pages | {' | '.join(map(str, sizes))} | {sum(sizes)} | |")
    print(f"| digits | {' | '.join(str(one.total()) for one in counts.values())} | {digits} | |")
    for stage in (RIGHT, *STAGES):
        cells = " | ".join(str(one[stage]) for one in counts.values())
        print(f"| {stage} | {cells} | {total[stage]} | {classification.share(total[stage], digits)} |")
    print(f"| read where none is | {' | '.join(map(str, extra.values()))} | {sum(extra.values())} | |")
    orders = [np.sum([one.in_order for one in judged], axis=0) for judged in made.values()]
    right, signs = np.sum(orders, axis=0).tolist()
    cells = " | ".join(f"{one} of {of}" for one, of in orders)
    print(f"| signs of the text | {cells} | {right} of {signs} | {classification.share(right, signs)} |\n")
    for stage, meaning in STAGES.items():
        print(f"- {stage}: {meaning}")


if __name__ == "__main__":
    parser = harness.command_line(__doc__)
    parser.add_argument("model", nargs="?", default="default")
    parser.add_argument("--pages", type=int, default=100, help="how many (%(default)s)")
    parser.add_argument("--seed", type=int, default=500, help="other pages (%(default)s)")
    parser.add_argument(
        "--scenes", action="store_true", help="pages on all kinds of desks, under sharp shadows"
    )
    arguments = parser.parse_args()
    opened = classifier.load(arguments.model)
    judged_pages: dict[str, list[Judged]] = {}
    for kind, page in pages(arguments.pages, arguments.seed, in_scenes=arguments.scenes):
        judged_pages.setdefault(kind, []).append(judge(page, opened))
    print(f"read by {opened.name}, seed {arguments.seed}")
    show(judged_pages)
