import dataclasses

import numpy as np
import pytest

from digit_core import datasets
from digit_core.synthesis import rows

CALM = rows.Hand(26, 3, 0, 1, 0.2, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


@pytest.fixture(scope="module")
def source() -> rows.Material:
    return rows.material(datasets.load_mnist().train.take(np.arange(60)))


def test_the_same_seed_composes_the_same_row(source: rows.Material) -> None:
    def composed() -> rows.Row:
        random = np.random.default_rng(3)
        return rows.compose(source, 240, 8, rows.hand(random), random)

    np.testing.assert_array_equal(composed().ink, composed().ink)
    assert composed().labels == composed().labels


@pytest.mark.parametrize("seed", range(40))
def test_any_hand_writes_a_row_with_every_digit_on_the_paper(source: rows.Material, seed: int) -> None:
    random = np.random.default_rng(seed)
    row = rows.compose(source, 256, 10, rows.hand(random), random)
    assert row.ink.shape == (rows.HEIGHT, 256)
    assert row.ink.dtype == np.uint8
    assert len(row.labels) == len(row.middles) <= 10
    assert all(0 < middle < 256 for middle in row.middles)
    assert row.middles == sorted(row.middles)


def test_a_column_says_the_digit_whose_middle_it_is(source: rows.Material) -> None:
    row = rows.compose(source, 352, 6, CALM, np.random.default_rng(5))
    said = row.columns()
    assert len(row.labels) == 6
    assert [said[int(middle / rows.STRIDE)] for middle in row.middles] == row.labels
    changed = np.append(True, said[1:] != said[:-1])
    assert said[changed & (said != rows.BLANK)].tolist() == row.labels
    for middle in row.middles:  # and there is ink above or below it
        assert row.ink[:, int(middle) - 6 : int(middle) + 7].max() > 60


def test_slanted_digits_lean(source: rows.Material) -> None:
    ones = np.flatnonzero(source.labels == 1)
    upright = rows.Material(source.images[ones], source.fields[ones], source.labels[ones])

    def lean(degrees: float) -> float:
        way = dataclasses.replace(CALM, lean=degrees)
        row = rows.compose(upright, 96, 1, way, np.random.default_rng(0)).ink.astype(float)
        y, x = np.mgrid[: row.shape[0], : row.shape[1]]
        return float(np.polyfit(y.ravel(), x.ravel(), 1, w=np.sqrt(row.ravel()))[0])

    assert lean(35) < lean(0) - 0.4  # further left the further down


def test_what_finds_no_room_is_left_out(source: rows.Material) -> None:
    row = rows.compose(source, 96, 12, CALM, np.random.default_rng(0))
    assert 1 <= len(row.labels) <= 5
