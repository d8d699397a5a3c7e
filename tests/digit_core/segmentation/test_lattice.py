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


def as_sevens(scores: np.ndarray) -> np.ndarray:
    """Scores (n,) of candidates that can be nothing but a 7."""
    return np.where(np.arange(10) == 7, scores[:, None], -np.inf)


def best(found: list[Candidate], scores: list[float], skipping: list[float]) -> tuple[tuple[int, ...], float]:
    (reading,) = lattice.best_readings(found, as_sevens(np.array(scores)), np.array(skipping), most=1)
    assert reading.text == "7" * len(reading.path)
    return reading.path, reading.score


def test_two_parts_are_joined_where_that_is_likelier() -> None:
    found = runs(2)  # (0, 1), (0, 2), (1, 2)
    assert best(found, [-3.0, -1.0, -3.0], [-9.0, -9.0]) == ((1,), -1.0)
    assert best(found, [-1.0, -3.0, -1.0], [-9.0, -9.0]) == ((0, 2), -2.0)


def test_a_speck_is_skipped() -> None:
    path, score = best(runs(2), [-0.1, -8.0, -8.0], [-9.0, -1.0])
    assert path == (0,)
    assert score == pytest.approx(-1.1)


@pytest.mark.parametrize("seed", range(5))
def test_no_other_ways_to_read_a_row_score_higher(seed: int) -> None:
    random = np.random.default_rng(seed)
    found = runs(4)
    scores, skipping = random.normal(-2, 2, (len(found), 10)), random.normal(-2, 1, 4)
    scores[:, 2:] = -np.inf  # each is a 0 or a 1
    told: dict[str, float] = {}
    ways = (path for size in range(5) for path in itertools.combinations(range(len(found)), size))
    for path in ways:
        covered = [part for number in path for part in range(found[number].first, found[number].end)]
        if len(covered) != len(set(covered)):
            continue
        left = skipping[[part for part in range(4) if part not in covered]].sum()
        for digits in itertools.product((0, 1), repeat=len(path)):
            text = "".join(map(str, digits))
            total = float(scores[list(path), list(digits)].sum() + left)
            told[text] = max(total, told.get(text, -np.inf))
    readings = lattice.best_readings(found, scores, skipping, most=6)
    wanted = sorted(told.items(), key=lambda entry: -entry[1])[:6]
    assert [reading.text for reading in readings] == [text for text, _ in wanted]
    np.testing.assert_allclose([reading.score for reading in readings], [score for _, score in wanted])
    for text in ("", "0110", "01100"):
        reading = lattice.spelt(found, scores, skipping, text)
        if reading is None:
            assert text not in told
            continue
        assert reading.score == pytest.approx(told[text])
        covered = [part for number in reading.path for part in range(found[number].first, found[number].end)]
        own = [scores[number, int(digit)] for number, digit in zip(reading.path, text, strict=True)]
        assert sum(own) + skipping[np.setdiff1d(np.arange(4), covered)].sum() == pytest.approx(reading.score)
