"""Find the costs in `digit_core.row_reading`: what speaks how strongly against a part of a row being one digit.

    python scripts/weigh_rows.py        # a minute on two cores

Rows are written with MNIST's validation digits, on a wide canvas and on paper that is photographed, some touching, some
broken, with other people's habits. A row can be read in as many ways as there are paths through its candidates; the
costs are those under which the true paths are the likeliest (a semi-Markov conditional random field: S. Sarawagi and
W. W. Cohen, 2004). It prints them, with how many rows are cut right with these and with those in place.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from scipy.optimize import minimize

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from digit_core import (
    augmentation,
    classifier,
    composition,
    datasets,
    ground,
    lattice,
    papers,
    row_reading,
    rows,
    sheets,
)
from digit_core.composition import Hand, Part
from digit_core.datasets import Digits

SEED = 20_261_121
ROWS = 240  # of each kind
HABITS = augmentation.Distortion(
    rotation=8, shift=1.0, scale=0.06, shear=6, thickness=0.3, elastic=0.5, habits=0.25
)
CANVAS_PEN = 14.0  # pixels
SHARED = 0.6  # of a candidate's and a digit's ink together: from here on it is rather that digit than none
PENALTY = 1e-4  # of squared costs: keeps those small that hardly matter
Random = np.random.Generator


@dataclass(frozen=True, eq=False)
class Ways:
    """All ways to read a row.

    Attributes:
        first, end: int arrays of shape (n,): the parts of each candidate, from `first` to the one before `end`.
        doubts: float array of shape (n, 5), as `row_reading.doubts` gives them.
        losses: float array of shape (parts, 2), as `row_reading.losses` gives them.
        true: the numbers of the candidates that are the row's digits, as nearly as they can be found.
    """

    first: np.ndarray
    end: np.ndarray
    doubts: np.ndarray
    losses: np.ndarray
    true: list[int]


def canvas_hand(random: Random) -> Hand:
    """A way to write on the wide canvas."""
    return _hand(random, float(random.uniform(70, 170)), CANVAS_PEN, broken=0.25, tied=0.3)


def paper_hand(random: Random) -> Hand:
    """A way to write on paper."""
    height = float(random.uniform(35, 110))
    pen = max(2.0, height * float(np.exp(random.uniform(np.log(0.035), np.log(0.13)))))
    return _hand(random, height, pen, broken=0.05, tied=0.2)


def _hand(random: Random, height: float, pen: float, broken: float, tied: float) -> Hand:
    return Hand(
        height,
        pen,
        gap=random.uniform(0.03, 0.38),
        unevenness=random.uniform(0.04, 0.12),
        lean=14,
        slope=random.uniform(-5, 5),
        breaks=random.choice([0, broken]),
        ties=random.choice([0, 0, tied]),
    )


def written(source: Digits, count: int, random: Random) -> Iterator[tuple[np.ndarray, list[Part]]]:
    """Rows of two to seven digits, every second one on paper: their ink, float32 (h, w), and their digits."""
    for number in range(count):
        chosen = source.take(random.integers(0, len(source), int(random.integers(2, 8))))
        digits = Digits(augmentation.distort(chosen.images, HABITS, random, chosen.labels), chosen.labels)
        hand = (paper_hand if number % 2 else canvas_hand)(random)
        parts = composition.write(digits, hand, random)
        margin = round(hand.height * random.uniform(0.15, 0.8))
        height, width = composition.extent(parts)
        page = np.zeros((height + 2 * margin, width + 2 * margin), np.uint8)
        placed = composition.paste(parts, page, margin, margin)
        yield _photographed(page, hand, random) if number % 2 else page / np.float32(255), placed


def _photographed(page: np.ndarray, hand: Hand, random: Random) -> np.ndarray:
    """The ink that is found on a photo of a page with some dust."""
    paper = papers.written(papers.plain(page.shape), page, random.uniform(0.1, 0.45))
    paper = papers.dusty(paper, int(random.integers(0, 6)), 0.08 * hand.height, random)
    return sheets.read(Image.fromarray(papers.photographed(papers.shaded(paper, 0.4, random), random))).ink


def ways_of(ink: np.ndarray, digits: list[Part], reader: classifier.Classifier) -> Iterator[Ways]:
    """All ways to read each row of a page."""
    pen = ground.stroke_width(ink > 0.5)
    places = [_spread(digit, ink.shape) & (ink > 0.4) for digit in digits]
    for row in rows.rows_of(rows.pieces_of(ink)):
        parts, found = row_reading.ways(row, pen)
        if found:
            shares = _shares(parts, found, places)
            yield Ways(
                np.array([candidate.first for candidate in found]),
                np.array([candidate.end for candidate in found]),
                row_reading.doubts(found, parts, row.height, reader),
                row_reading.losses(parts, row.height, pen),
                lattice.best_path(found, shares - SHARED, np.zeros(len(parts)))[0],
            )


def _spread(digit: Part, shape: tuple[int, ...]) -> np.ndarray:
    """Where a digit's ink may be found, a pixel's blur allowed: bool of that shape."""
    page = np.zeros(shape, np.uint8)
    composition.paste([digit], page, digit.top, digit.left)
    return cv2.dilate(page, np.ones((3, 3), np.uint8)) > 128


def _shares(parts: list[rows.Piece], found: list[lattice.Candidate], places: list[np.ndarray]) -> np.ndarray:
    """How far each candidate is one digit: its ink shared with its best digit, of both together, 0.0 to 1.0."""
    inside = np.array(
        [
            [
                np.sum(place[part.top : part.bottom, part.left : part.right] & (part.ink > 0.4))
                for place in places
            ]
            for part in parts
        ]
    )  # (parts, digits)
    masses = np.array([np.sum(part.ink > 0.4) for part in parts])
    wholes = np.array([place.sum() for place in places])
    shared = np.stack([inside[one.first : one.end].sum(axis=0) for one in found])  # (n, digits)
    own = np.array([masses[one.first : one.end].sum() for one in found])
    return (shared / np.maximum(own[:, None] + wholes - shared, 1)).max(axis=1)


def surprise(costs: np.ndarray, rows_read: list[Ways]) -> tuple[float, np.ndarray]:
    """Minus the mean logarithm of the probability of the true paths, and its slope along each cost."""
    total, slope = 0.0, np.zeros_like(costs)
    for one in rows_read:
        scores, skipping = -one.doubts @ costs[:5], -one.losses @ costs[5:]
        before, behind = _sums(one, scores, skipping)
        likely = np.exp(before[one.first] + scores + behind[one.end] - before[-1])
        left_out = np.exp(before[:-1] + skipping + behind[1:] - before[-1])
        is_lost = np.ones(len(skipping), bool)
        for number in one.true:
            is_lost[one.first[number] : one.end[number]] = False
        total += before[-1] - scores[one.true].sum() - skipping[is_lost].sum()
        slope[:5] += one.doubts[one.true].sum(axis=0) - likely @ one.doubts
        slope[5:] += one.losses[is_lost].sum(axis=0) - left_out @ one.losses
    count = len(rows_read)
    return total / count + PENALTY * float(costs @ costs), slope / count + 2 * PENALTY * costs


def _sums(one: Ways, scores: np.ndarray, skipping: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The logarithms of the sums over all paths up to each place between parts, and from there on."""
    count = len(skipping)
    before, behind = np.full(count + 1, -np.inf), np.full(count + 1, -np.inf)
    before[0] = behind[count] = 0.0
    for place in range(1, count + 1):
        ending = np.flatnonzero(one.end == place)
        ways = np.append(before[one.first[ending]] + scores[ending], before[place - 1] + skipping[place - 1])
        before[place] = np.logaddexp.reduce(ways)
    for place in range(count - 1, -1, -1):
        starting = np.flatnonzero(one.first == place)
        ways = np.append(behind[one.end[starting]] + scores[starting], behind[place + 1] + skipping[place])
        behind[place] = np.logaddexp.reduce(ways)
    return before, behind


def cut_right(costs: np.ndarray, rows_read: list[Ways]) -> int:
    """How many rows are cut into their digits."""
    right = 0
    for one in rows_read:
        found = [
            lattice.Candidate(first, end, None, None) for first, end in zip(one.first, one.end, strict=True)
        ]
        path, _ = lattice.best_path(found, -one.doubts @ costs[:5], -one.losses @ costs[5:])
        right += path == one.true
    return right


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--rows", type=int, default=2 * ROWS, help="on canvas and paper together (%(default)s)"
    )
    parser.add_argument("--model", default="default", help="the reader (%(default)s)")
    arguments = parser.parse_args()
    reader, random = classifier.load(arguments.model), np.random.default_rng(SEED)
    pages = written(datasets.load_mnist().validation, arguments.rows, random)
    rows_read = [one for ink, digits in pages for one in ways_of(ink, digits, reader)]
    half = len(rows_read) // 2
    fitted, kept = rows_read[:half], rows_read[half:]
    placed = np.append(row_reading.COSTS, row_reading.LOSS_COSTS)
    found = minimize(surprise, placed, args=(fitted,), jac=True, method="L-BFGS-B").x
    print(f"COSTS {np.round(found[:5], 2).tolist()}, LOSS_COSTS {np.round(found[5:], 2).tolist()}")
    for title, costs in (("those in place", placed), ("these", found)):
        print(
            f"with {title}: of {len(fitted)} rows that they were fitted on {cut_right(costs, fitted)} are cut right, "
            f"of {len(kept)} others {cut_right(costs, kept)}; surprise {surprise(costs, kept)[0]:.3f}"
        )


if __name__ == "__main__":
    main()
