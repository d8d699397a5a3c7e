"""Pictures on which no number stands: photos of things, and printed pages of text. Made up."""

from collections.abc import Iterator

import cv2
import numpy as np
from PIL import Image

from digit_core.synthesis import paper

_PHOTO = 480, 640  # pixels
_PAGE = 800, 900
_FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
)
_LETTERS = "eeeeettttaaaaooiinnssrrhhlldduccmmffyywwggppbbvvkxqjz"  # about as often as in English
_SHADES = 0.1, 0.85  # brightness of a thing, from and to


def photos(count: int, seed: int) -> Iterator[Image.Image]:
    """Things of many forms and shades before a wall in uneven light."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        wall = paper.shaded(paper.plain(_PHOTO, random.uniform(0.4, 0.9)), 0.6, random)
        for _ in range(int(random.integers(3, 14))):
            _place_thing(wall, random)
        yield Image.fromarray(
            paper.photographed(wall, random, blur=random.uniform(0.6, 2), noise=random.uniform(0.005, 0.03))
        )


def _place_thing(wall: np.ndarray, random: np.random.Generator) -> None:
    """A ball, a box, a leaf or a twig, anywhere."""
    shade = float(random.uniform(*_SHADES))
    centre = random.uniform((0, 0), wall.shape[::-1])
    size = random.uniform(15, 140) * random.uniform(0.5, 1, 2)
    angle = float(random.uniform(0, 180))
    kind = random.integers(4)
    place = int(centre[0]), int(centre[1])
    if kind == 0:
        axes = int(size[0] / 2) + 1, int(size[1] / 2) + 1
        cv2.ellipse(wall, place, axes, angle, 0, 360, shade, -1, cv2.LINE_AA)
    elif kind == 1:
        box = cv2.boxPoints((tuple(map(float, centre)), tuple(map(float, size)), angle))
        cv2.fillPoly(wall, [box.astype(np.int32)], shade, cv2.LINE_AA)
    elif kind == 2:
        corners = centre + random.normal(0, size.mean() / 2, (int(random.integers(3, 7)), 2))
        cv2.fillPoly(wall, [corners.astype(np.int32)], shade, cv2.LINE_AA)
    else:
        bends = centre + np.cumsum(random.normal(0, size.mean() / 2, (int(random.integers(2, 5)), 2)), axis=0)
        cv2.polylines(wall, [bends.astype(np.int32)], False, shade, int(random.integers(2, 12)), cv2.LINE_AA)


def text_pages(count: int, seed: int) -> Iterator[Image.Image]:
    """Pages printed full of words, in several type faces and sizes, photographed."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        ink = np.zeros(_PAGE, np.uint8)
        font, size = _FONTS[int(random.integers(len(_FONTS)))], float(random.uniform(0.7, 1.8))
        thickness = max(1, round(1.6 * size))
        height = cv2.getTextSize("h", font, size, thickness)[0][1]
        for line in range(int(1.5 * height), _PAGE[0] - height, int(2.1 * height)):
            words = "".join(random.choice(list(_LETTERS + 9 * " "), 80)).strip()
            cv2.putText(ink, words, (20, line), font, size, 255, thickness, cv2.LINE_AA)
        page = paper.shaded(paper.written(paper.plain(_PAGE), ink), 0.3, random)
        yield Image.fromarray(paper.photographed(page, random))
