import cv2
import numpy as np
import pytest

from digit_core.segmentation import cuts
from digit_core.segmentation.lines import Piece


def two_blocks(bridge: int) -> np.ndarray:
    """Two blocks of 40 x 30, 20 pixels apart, joined by a bridge of that height."""
    ink = np.zeros((40, 80), np.float32)
    ink[:, :30] = ink[:, 50:] = 1
    ink[20 - bridge // 2 : 20 + bridge // 2, 30:50] = 1
    return ink


def test_touching_blocks_are_cut_at_their_bridge() -> None:
    parts = cuts.cut(Piece(two_blocks(4), 5, 7), height=40, pen=6)
    assert min(part.left for part in parts) == 7
    edges = [part.right for part in parts[:-1]]
    assert any(7 + 28 <= edge <= 7 + 52 for edge in edges)


def test_what_is_cut_is_neither_lost_nor_doubled() -> None:
    piece = Piece(two_blocks(4), 5, 7)
    parts = cuts.cut(piece, height=40, pen=6)
    assert sum(part.mass for part in parts) == pytest.approx(piece.mass)
    whole = cuts.joined(parts)
    np.testing.assert_array_equal(whole.ink, piece.ink)
    assert (whole.top, whole.left) == (5, 7)


def test_a_solid_block_is_not_cut() -> None:
    piece = Piece(np.ones((40, 60), np.float32), 0, 0)
    assert cuts.cut(piece, height=40, pen=40) == [piece]


def test_a_narrow_stroke_is_not_cut() -> None:
    piece = Piece(np.ones((40, 8), np.float32), 0, 0)
    assert cuts.cut(piece, height=40, pen=8) == [piece]


def test_a_slanting_gap_is_followed() -> None:
    ink = np.ones((48, 60), np.float32)
    for row in range(48):
        ink[row, 26 + row // 6 : 30 + row // 6] = 0
    ink[0, 26:30] = 1  # they touch at the top
    parts = cuts.cut(Piece(ink, 0, 0), height=48, pen=10)
    assert len(parts) >= 2
    left = cuts.joined(parts[:1])
    assert left.mass <= ink[:, :40].sum() / 2 + 48 * 12
    assert not (left.ink[40:, :].any() and left.right > 45)


def test_nothing_is_trimmed_to_none() -> None:
    assert cuts.trimmed(np.zeros((5, 5), np.float32), 0, 0) is None
    piece = cuts.trimmed(np.pad(np.ones((2, 3), np.float32), 4), 10, 20)
    assert piece is not None
    assert (piece.top, piece.left, piece.bottom, piece.right) == (14, 24, 16, 27)


def rings(lean: int) -> np.ndarray:
    """Two rings, 60 pixels high, whose strokes have become one where they meet; the upper half stands that far to the right."""
    ink = np.zeros((60, 130), np.float32)
    for middle in (35, 85):
        cv2.ellipse(ink, (middle, 30), (28, 28), 0, 0, 360, 1, 7)
    shear = np.array([[1, -lean / 60, lean / 2], [0, 1, 0]], np.float32)
    return cv2.warpAffine(ink, shear, (130, 60))


@pytest.mark.parametrize("lean", [0, 20])
def test_touching_rings_are_cut_where_they_meet(lean: int) -> None:
    ink = rings(lean)
    parts = sorted(cuts.cut(Piece(ink, 0, 0), height=60, pen=7), key=lambda part: part.middle[1])
    masses = np.cumsum([part.mass for part in parts]) / ink.sum()
    assert np.abs(masses - 0.5).min() < 0.02
