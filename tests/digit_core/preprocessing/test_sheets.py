import cv2
import numpy as np
import pytest

from digit_core.datasets.mnist import Mnist
from digit_core.preprocessing import sheets
from digit_core.synthesis import photos
from tests.examples import others_long

CORNERS = np.array([(90, 60), (430, 90), (400, 330), (60, 300)], np.float32)


def photo(corners: np.ndarray = CORNERS, desk: int = 90, sheet: int = 220) -> np.ndarray:
    """A sheet with these corners on a desk: uint8 (400, 500, 4)."""
    grey = np.full((400, 500), desk, np.uint8)
    cv2.fillConvexPoly(grey, corners.astype(np.int32), sheet)
    noise = np.random.default_rng(0).normal(0, 3, grey.shape)
    grey = np.clip(cv2.GaussianBlur(grey, (0, 0), 1) + noise, 0, 255).astype(np.uint8)
    return np.dstack([grey, grey, grey, np.full_like(grey, 255)])


def test_the_corners_of_a_sheet_are_found() -> None:
    found = sheets.find(photo())
    assert found is not None
    np.testing.assert_allclose(found, CORNERS, atol=5)


def test_a_corner_beyond_the_picture_is_reckoned() -> None:
    corners = CORNERS + np.array([120, 0], np.float32)  # the right ones lie at 550 and 520 of 500 pixels
    found = sheets.find(photo(corners))
    assert found is not None
    np.testing.assert_allclose(found[[0, 3]], corners[[0, 3]], atol=6)


@pytest.mark.parametrize(
    ("corners", "desk"),
    [
        (CORNERS, 218),  # on a desk as light as itself
        (np.array([(-9, -9), (520, -9), (520, 420), (-9, 420)]), 90),  # it fills the picture
        (np.array([(230, 40), (270, 40), (270, 360), (230, 360)]), 20),  # a bold 1 in chalk
        (np.array([(100, 200), (250, 60), (400, 200), (300, 390), (200, 390)]), 90),  # five corners
    ],
)
def test_what_is_no_sheet_is_none(corners: np.ndarray, desk: int) -> None:
    assert sheets.find(photo(corners, desk)) is None


def test_the_edge_of_a_shadow_is_no_edge_of_a_sheet() -> None:
    shaded = photo().copy()
    shaded[:, 250:, :3] = (0.75 * shaded[:, 250:, :3]).astype(np.uint8)
    found = sheets.find(shaded)
    assert found is not None
    np.testing.assert_allclose(found, CORNERS, atol=6)


def test_a_sheet_is_seen_from_straight_above_without_its_rim() -> None:
    upright = sheets.straightened(photo(), CORNERS)
    height, width = upright.shape[:2]
    assert width / height == pytest.approx(341 / 242, rel=0.03)
    assert upright[..., :3].min() > 190


# A photo takes up to a second to make. Squared sheets are found least often: few of them would say little.
ON_DESKS = [
    (kind, count)
    for kind in ("on a desk", "on a black desk", "ruled paper on a desk", "squared paper on a desk")
    for count in (6, 12)
]
AT_ONCE = [("squared paper on a desk", 12), *ON_DESKS[:6:2]]


@pytest.mark.parametrize(("kind", "count"), others_long(ON_DESKS, *AT_ONCE))
def test_sheets_on_desks_are_found(mnist: Mnist, kind: str, count: int) -> None:
    random = np.random.default_rng(3)
    digits = mnist.validation.images[:count]
    found = [sheets.find(_rgba(photos.photo(digit, kind, random))) for digit in digits]
    assert np.mean([corners is not None for corners in found]) >= 0.75


@pytest.mark.parametrize("count", others_long((6, 12), 6))
@pytest.mark.parametrize("kind", ["plain paper", "ruled paper", "squared paper", "squared paper, turned"])
def test_no_sheet_is_found_where_it_fills_the_picture(mnist: Mnist, kind: str, count: int) -> None:
    random = np.random.default_rng(3)
    for digit in mnist.validation.images[:count]:
        assert sheets.find(_rgba(photos.photo(digit, kind, random))) is None


def test_a_light_digit_on_dark_ground_is_no_sheet(mnist: Mnist) -> None:
    zeros = mnist.validation.images[mnist.validation.labels == 0][:50]
    for digit in zeros:
        enlarged = cv2.resize(digit, (140, 140), interpolation=cv2.INTER_CUBIC)
        assert sheets.find(_rgba(np.dstack([enlarged] * 3))) is None


def _rgba(photo: np.ndarray) -> np.ndarray:
    return np.dstack([photo, np.full(photo.shape[:2], 255, np.uint8)])


def test_a_corner_that_a_shadow_swallows_is_found_where_its_sides_meet() -> None:
    shaded = photo().copy()
    swallowed = np.array(
        [(40, 250), (150, 420), (40, 420)], np.int32
    )  # the sheet's lower left corner and the desk around it
    mask = cv2.fillConvexPoly(np.zeros(shaded.shape[:2], np.uint8), swallowed, 1) > 0
    shaded[mask, :3] = 60
    found = sheets.find(shaded)
    assert found is not None
    np.testing.assert_allclose(found, CORNERS, atol=8)


def test_the_sharp_edge_of_a_shadow_across_sheet_and_desk_hides_no_side() -> None:
    shaded = photo().copy()
    shaded[:, 250:, :3] = (0.4 * shaded[:, 250:, :3]).astype(
        np.uint8
    )  # the sheet's right half is as dark as the desk's left one
    found = sheets.find(shaded)
    assert found is not None
    np.testing.assert_allclose(found, CORNERS, atol=6)


def test_a_long_strip_of_paper_with_writing_is_a_sheet() -> None:
    corners = np.array([(40, 160), (460, 160), (460, 240), (40, 240)], np.float32)
    assert sheets.find(photo(corners)) is None
    written = photo(corners)
    cv2.putText(written, "2025", (120, 222), cv2.FONT_HERSHEY_SIMPLEX, 1.8, (60, 60, 60, 255), 5)
    found = sheets.find(written)
    assert found is not None
    np.testing.assert_allclose(found, corners, atol=6)


def test_sheets_in_scenes_are_found_where_they_lie() -> None:
    overlaps = []
    for seed in range(300, 316):
        random = np.random.default_rng(seed)
        page = np.full((400, int(random.integers(300, 800)), 3), 0.93, np.float32)
        cv2.ellipse(page, (120, 200), (50, 90), 0, 0, 360, (0.1, 0.1, 0.1), 12)
        picture, matrix = photos.laid_in_a_scene(page, random)
        edges = np.array([[(0, 0), (page.shape[1], 0), (page.shape[1], 400), (0, 400)]], np.float32)
        corners = cv2.perspectiveTransform(edges, matrix)[0]
        found = sheets.find(_rgba((255 * np.clip(picture, 0, 1)).astype(np.uint8)))
        overlaps.append(0.0 if found is None else _overlap(found, corners))
    assert np.mean(np.array(overlaps) > 0.9) >= 0.9


def _overlap(one: np.ndarray, other: np.ndarray) -> float:
    """The intersection of two quadrilaterals over their union."""
    shared, _ = cv2.intersectConvexConvex(one.astype(np.float32), other.astype(np.float32))
    return shared / (cv2.contourArea(one) + cv2.contourArea(other) - shared)
