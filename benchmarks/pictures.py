"""How well the door takes in pictures of every kind: MNIST's validation digits, dressed up as people's pictures.

    python benchmarks/pictures.py [MODEL] [--digits N]

This is what the settings of `digit_core.preprocessing.binarization` and `digit_core.preprocessing.normalization` were chosen on. Prints, for each kind of picture, the
share read right behind the door next to that of the same digits as MNIST has them.
"""

import io
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks import harness
from digit_core import datasets
from digit_core.errors import NoInkError
from digit_core.inference import classifier
from digit_core.inference.rejection import DIGIT
from digit_core.metrics import classification
from digit_core.preprocessing import images
from digit_core.synthesis import photos

SIDE = 280
Random = np.random.Generator
Dress = Callable[[np.ndarray, Random], Image.Image]


def enlarge(digit: np.ndarray, side: int = SIDE) -> np.ndarray:
    """A digit of uint8 (28, 28) as crisp ink of float32 (side, side), 0 to 1."""
    smooth = cv2.resize(digit / np.float32(255), (side, side), interpolation=cv2.INTER_CUBIC)
    return np.clip((smooth - 0.5) * side / SIDE * 4 + 0.5, 0, 1)


def written(ink: np.ndarray, paper: np.ndarray | float = 0.95, pen: np.ndarray | float = 0.1) -> np.ndarray:
    """Ink on paper, as brightness."""
    return paper + (pen - paper) * ink


def grey(brightness: np.ndarray) -> Image.Image:
    """Brightness, 0 to 1, as a picture."""
    return Image.fromarray((255 * np.clip(brightness, 0, 1) + 0.5).astype(np.uint8))


def jpeg(picture: Image.Image, quality: int) -> Image.Image:
    """The picture after it was saved as a JPEG."""
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "JPEG", quality=quality)
    return Image.open(io.BytesIO(buffer.getvalue()))


def tight(digit: np.ndarray) -> np.ndarray:
    """The digit cut out at its ink, uint8; a 1, which would be nothing but ink, with some ground beside it."""
    rows, columns = np.flatnonzero(digit.max(axis=1) > 60), np.flatnonzero(digit.max(axis=0) > 60)
    cut = digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    lacking = max(0, cut.shape[0] // 3 - cut.shape[1])
    return np.pad(cut, ((0, 0), (lacking, lacking)))


def coloured(ink: np.ndarray, pen: tuple[int, int, int], paper: tuple[int, int, int]) -> Image.Image:
    """Ink of one colour on paper of another."""
    mixed = ink[..., None] * np.float32(pen) + (1 - ink[..., None]) * np.float32(paper)
    return Image.fromarray(mixed.astype(np.uint8))


def clear(ink: np.ndarray, level: int) -> Image.Image:
    """Ink of one grey on a clear ground."""
    alpha = (255 * ink).astype(np.uint8)
    return Image.fromarray(np.dstack([np.full((*ink.shape, 3), level, np.uint8), alpha]), "RGBA")


def light(random: Random, low: float) -> np.ndarray:
    """Light that falls off in a random direction, from 1 to `low`."""
    angle = random.uniform(0, 2 * np.pi)
    y, x = np.mgrid[-0.5 : 0.5 : SIDE * 1j, -0.5 : 0.5 : SIDE * 1j]
    along = x * np.cos(angle) + y * np.sin(angle)
    return (low + (1 - low) * (along - along.min()) / np.ptp(along)).astype(np.float32)


def shadow(random: Random, depth: float) -> np.ndarray:
    """Light with one shadow that has a nearly sharp edge across the picture."""
    edge = light(random, 0.0)
    return 1 - depth * np.clip((edge - random.uniform(0.25, 0.75)) * 25, 0, 1)


def grain(random: Random, size: float, strength: float) -> np.ndarray:
    """Random texture with features of about `size` pixels."""
    noise = random.standard_normal((SIDE, SIDE)).astype(np.float32)
    if size > 1:
        noise = cv2.GaussianBlur(noise, (0, 0), size)
        noise /= noise.std()
    return noise * strength


def framed(digit: np.ndarray, random: Random) -> Image.Image:
    """A sheet on a dark table: a dark band along one to four sides."""
    brightness = written(enlarge(digit))
    band = int(random.integers(4, 24))
    for turn in range(4):
        if turn == 0 or random.random() < 0.6:
            np.rot90(brightness, turn)[:band] = 0.15
    return grey(brightness)


def distant(digit: np.ndarray, random: Random) -> Image.Image:
    """A small digit somewhere on a large sheet."""
    sheet = np.full((600, 800), 0.93, np.float32)
    ink = enlarge(digit, 100)
    top, left = int(random.integers(0, 500)), int(random.integers(0, 700))
    sheet[top : top + 100, left : left + 100] = written(ink, 0.93, 0.2)
    return jpeg(grey(sheet + random.normal(0, 0.02, sheet.shape)), 80)


def bold(digit: np.ndarray) -> np.ndarray:
    """The ink of a marker, cut out tightly."""
    ink = enlarge(digit)
    ink = cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (15, 15)))
    return tight((255 * ink).astype(np.uint8)) / np.float32(255)


def small(digit: np.ndarray, side: int) -> np.ndarray:
    """The digit, cut out and squeezed into a low square with one grey pixel's margin, as old scanners stored them."""
    cut = tight(digit)
    scale = (side - 2) / max(cut.shape)
    size = max(1, round(cut.shape[1] * scale)), max(1, round(cut.shape[0] * scale))
    fitted = cv2.resize(cut, size, interpolation=cv2.INTER_AREA)
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    out = np.zeros((side, side), np.uint8)
    out[top : top + size[1], left : left + size[0]] = fitted
    return out / np.float32(255)


KINDS: dict[str, Dress] = {
    "as it is": lambda d, r: Image.fromarray(d),
    "dark on light, 28 px": lambda d, r: Image.fromarray(255 - d),
    "dark on light": lambda d, r: grey(written(enlarge(d))),
    "light on dark": lambda d, r: grey(written(enlarge(d), 0.05, 0.9)),
    "tight, dark on light": lambda d, r: Image.fromarray(255 - tight(d)),
    "tight, light on dark": lambda d, r: Image.fromarray(tight(d)),
    "16 px, light on dark": lambda d, r: grey(small(d, 16)),
    "16 px, dark on light": lambda d, r: grey(1 - small(d, 16)),
    "16 px enlarged": lambda d, r: grey(cv2.resize(small(d, 16), (64, 64), interpolation=cv2.INTER_CUBIC)),
    "marker, tight": lambda d, r: grey(written(bold(d))),
    "chalk, tight": lambda d, r: grey(written(bold(d), 0.1, 0.9)),
    "pencil": lambda d, r: jpeg(grey(written(enlarge(d), 0.85, 0.65) + grain(r, 1, 0.02)), 75),
    "noise": lambda d, r: grey(written(enlarge(d)) + grain(r, 1, 0.08)),
    "texture": lambda d, r: grey(written(enlarge(d)) + grain(r, 6, 0.03)),
    "JPEG at 20": lambda d, r: jpeg(grey(written(enlarge(d))), 20),
    "falling light": lambda d, r: grey(written(enlarge(d)) * light(r, 0.35) + grain(r, 1, 0.015)),
    "falling light on chalk": lambda d, r: grey(
        written(enlarge(d), 0.2, 0.9) * light(r, 0.4) + grain(r, 1, 0.015)
    ),
    "a shadow": lambda d, r: jpeg(grey(written(enlarge(d)) * shadow(r, 0.45) + grain(r, 1, 0.015)), 80),
    "on a dark table": framed,
    "small on a large sheet": distant,
    "red on white": lambda d, r: coloured(enlarge(d), (220, 30, 30), (250, 250, 250)),
    "blue on yellow": lambda d, r: coloured(enlarge(d), (40, 40, 200), (250, 240, 120)),
    "green on red": lambda d, r: coloured(enlarge(d), (40, 150, 40), (205, 70, 60)),
    "black on clear": lambda d, r: clear(enlarge(d), 0),
    "white on clear": lambda d, r: clear(enlarge(d), 255),
    "palette": lambda d, r: grey(written(enlarge(d))).convert("P"),
    "CMYK": lambda d, r: grey(written(enlarge(d))).convert("CMYK"),
    "16 bits": lambda d, r: Image.fromarray((written(enlarge(d)) * 4095).astype(np.uint16)),
}


KINDS |= {
    f"photo: {kind}": lambda d, r, kind=kind: Image.fromarray(photos.photo(d, kind, r))
    for kind in photos.KINDS
}


def read(picture: Image.Image, model: classifier.Classifier) -> tuple[int, bool, int]:
    """What is read behind the door, whether it is told as sure, and what is read in the likeliest way by geometry alone; -1 for no ink."""
    try:
        candidates = images.candidates(picture)
    except NoInkError:
        return -1, False, -1
    judgements = model.judge(np.stack([stages.image for stages in candidates]))
    reading = judgements[judgements.likeliest]
    return reading.digit, reading.verdict == DIGIT, judgements[0].digit


if __name__ == "__main__":
    parser = harness.command_line(__doc__)
    parser.add_argument("model", nargs="?", default="default")
    parser.add_argument("--digits", type=int, default=500)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS), metavar="KIND")
    arguments = parser.parse_args()
    model = classifier.load(arguments.model)
    digits = datasets.load_mnist().validation.take(np.arange(arguments.digits))
    plain = np.mean(model.predict_dataset(digits.images).argmax(axis=1) == digits.labels)
    print(f"{arguments.digits} validation digits, {model.name}: {plain:.1%} as MNIST has them\n")
    print(
        "| picture | read right | told as sure, of these right | by geometry alone | no ink found |\n|---|---|---|---|---|"
    )
    for kind in arguments.kinds:
        random = np.random.default_rng(0)
        read_as, is_sure, alone = np.array(
            [read(KINDS[kind](digit, random), model) for digit in digits.images]
        ).T
        is_right, is_sure = read_as == digits.labels, is_sure > 0
        print(
            f"| {kind:24} | {classification.share(int(is_right.sum()), len(digits))} | {is_sure.mean():.1%}, "
            f"{is_right[is_sure].mean() if is_sure.any() else 0:.1%} | {np.mean(alone == digits.labels):.1%} | "
            f"{np.mean(read_as == -1):.1%} |",
            flush=True,
        )
