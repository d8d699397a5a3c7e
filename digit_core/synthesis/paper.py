"""Paper to write on, and the light it is photographed in: for pictures that the project makes itself."""

import cv2
import numpy as np

Random = np.random.Generator


def plain(shape: tuple[int, int], level: float = 0.93) -> np.ndarray:
    """Bare paper: float32 of that shape, the brightness."""
    return np.full(shape, level, np.float32)


def ruled(
    shape: tuple[int, int], step: int, level: float = 0.93, ink: float = 0.72, width: int = 2
) -> np.ndarray:
    """Paper with lines across.

    Args:
        shape: height and width, pixels.
        step: pixels from line to line.
        level: brightness of the paper.
        ink: brightness of the lines.
        width: pixels, of a line.
    """
    paper = plain(shape, level)
    for offset in range(width):
        paper[step // 2 + offset :: step] = ink
    return paper


def squared(shape: tuple[int, int], step: int) -> np.ndarray:
    """Paper with squares; arguments as in `ruled`."""
    return np.minimum(ruled(shape, step, ink=0.75), ruled(shape[::-1], step, ink=0.75).T)


def patterned(shape: tuple[int, int], random: Random, level: float = 0.9) -> np.ndarray:
    """Paper with a fine print of waves and a tint that changes across it, as cheques have: arguments as in `ruled`."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    tint = random.uniform(0, 0.2) * (
        0.5 + 0.5 * np.sin(random.normal(0, 0.02) * x + random.normal(0, 0.02) * y)
    )
    angle = random.uniform(0, np.pi)
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    waves = np.sin(
        (across + random.uniform(2, 8) * np.sin(along / random.uniform(8, 30))) * random.uniform(0.3, 1.2)
    )
    depth = random.uniform(0.02, 0.14)
    return (level - tint - depth * (waves > random.uniform(0, 0.8))).astype(np.float32)


def written(paper: np.ndarray, ink: np.ndarray, pen: float = 0.15) -> np.ndarray:
    """Ink of uint8 (h, w) written on paper with a pen of that brightness: float32 (h, w)."""
    share = ink * np.float32(1 / 255)
    return paper * (1 - share) + np.minimum(paper, np.float32(pen)) * share


def turned(brightness: np.ndarray, degrees: float) -> np.ndarray:
    """A page, grey or in colour, photographed askew; what lies beyond the page looks like its edge."""
    height, width = brightness.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return cv2.warpAffine(
        brightness, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )


def shaded(brightness: np.ndarray, depth: float, random: Random) -> np.ndarray:
    """A page in light that falls off to one side, with the soft shadow of a hand on it, each of up to `depth`."""
    height, width = brightness.shape
    y, x = np.mgrid[-0.5 : 0.5 : height * 1j, -0.5 : 0.5 : width * 1j]
    angle = random.uniform(0, 2 * np.pi)
    along = x * np.cos(angle) + y * np.sin(angle)
    light = 1 - depth * random.uniform(0.3, 1) * (along - along.min()) / np.ptp(along)
    edge = x * np.cos(angle + 1) + y * np.sin(angle + 1) - random.uniform(-0.4, 0.4)
    shadow = 1 - depth * random.uniform(0.2, 1) / (1 + np.exp(-edge * random.uniform(15, 120)))
    return (brightness * light * shadow).astype(np.float32)


def dusty(brightness: np.ndarray, count: int, size: float, random: Random) -> np.ndarray:
    """A page with so many dark specks of up to `size` pixels."""
    page = brightness.copy()
    for _ in range(count):
        centre = int(random.integers(page.shape[1])), int(random.integers(page.shape[0]))
        cv2.circle(page, centre, max(1, round(random.uniform(0.3, 0.5) * size)), random.uniform(0.2, 0.6), -1)
    return page


def photographed(
    brightness: np.ndarray, random: Random, blur: float = 0.7, noise: float = 0.015
) -> np.ndarray:
    """What a camera makes of a page: uint8 of the same shape."""
    seen = cv2.GaussianBlur(brightness, (0, 0), blur) if blur else brightness
    seen = seen + random.normal(0, noise, seen.shape).astype(np.float32)
    return (255 * np.clip(seen, 0, 1) + 0.5).astype(np.uint8)
