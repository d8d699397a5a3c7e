import itertools

import numpy as np
import pytest

from digit_core.segmentation import lattice
from digit_core.segmentation.lattice import Candidate
from digit_core.segmentation.lines import Piece

BAR = np.ones((40, 6), np.float32)


def bars(*lefts: int) -> list[Piece]:
    return [Piece(BAR, 0, left) for left in lefts]


def runs(parts: int) -> list[Candidate]:
    image = np.zeros((28, 28), np.float32)
    return [
        Candidate(first, end, Piece(BAR, 0, 0), image)
        for first in range(parts)
        for end in range(first + 1, parts + 1)
    ]


def test_a_run_of_parts_wider_than_a_digit_is_no_candidate() -> None:
    found = lattice.candidates(bars(0, 20, 100), height=40)
    assert [(one.first, one.end) for one in found] == [(0, 1), (0, 2), (1, 2), (2, 3)]


def test_candidates_are_preprocessed() -> None:
    (candidate,) = lattice.candidates(bars(0), height=40)
    assert candidate.image.shape == (28, 28)
    assert candidate.image.max() == 1
    rows = np.flatnonzero(candidate.image.max(axis=1) > 0.5)
    assert rows[-1] - rows[0] + 1 == 20  # the longer side, as MNIST has it


def test_two_parts_are_joined_where_that_is_likelier() -> None:
    found = runs(2)  # (0, 1), (0, 2), (1, 2)
    assert lattice.best_path(found, np.array([-3.0, -1.0, -3.0]), np.array([-9.0, -9.0])) == ([1], -1.0)
    assert lattice.best_path(found, np.array([-1.0, -3.0, -1.0]), np.array([-9.0, -9.0])) == ([0, 2], -2.0)


def test_a_speck_is_skipped() -> None:
    path, score = lattice.best_path(runs(2), np.array([-0.1, -8.0, -8.0]), np.array([-9.0, -1.0]))
    assert path == [0]
    assert score == pytest.approx(-1.1)


@pytest.mark.parametrize("seed", range(5))
def test_no_other_way_to_read_a_row_scores_higher(seed: int) -> None:
    random = np.random.default_rng(seed)
    found = runs(5)
    scores, skipping = random.normal(-2, 2, len(found)), random.normal(-2, 1, 5)

    def total(path: tuple[int, ...]) -> float:
        covered = [part for number in path for part in range(found[number].first, found[number].end)]
        if len(covered) != len(set(covered)):
            return -np.inf
        return float(
            scores[list(path)].sum() + skipping[[part for part in range(5) if part not in covered]].sum()
        )

    ways = (path for size in range(6) for path in itertools.combinations(range(len(found)), size))
    path, score = lattice.best_path(found, scores, skipping)
    assert total(tuple(path)) == pytest.approx(score)
    assert score == pytest.approx(max(map(total, ways)))
