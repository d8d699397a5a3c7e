"""Numbers with signs as people write them: amounts, dates, times, fractions, numbers below zero, by many made-up hands."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from digit_core.digits import Digits
from digit_core.synthesis import numbers, pen
from digit_core.synthesis.numbers import Hand, Part

SIGN = -1  # the label of a sign among the parts

_FRACTION_BITS = 4  # OpenCV takes points in sixteenths of a pixel
Random = np.random.Generator


def _amount(random: Random) -> str:
    whole, cents = int(random.integers(1, 10_000)), int(random.integers(100))
    point, comma = (".", ",") if random.random() < 0.5 else (",", ".")
    grouped = f"{whole:,}".replace(",", point) if random.random() < 0.5 else str(whole)
    return f"{grouped}{comma}{cents:02}"


def _date(random: Random) -> str:
    day, month, year = random.integers(1, 29), random.integers(1, 13), random.integers(2000, 2030)
    kinds = f"{day}.{month}.{year}", f"{day:02}/{month:02}/{year % 100:02}", f"{year}-{month:02}-{day:02}"
    return kinds[random.integers(len(kinds))]


def _time(random: Random) -> str:
    return f"{random.integers(24)}:{random.integers(60):02}"


def _fraction(random: Random) -> str:
    return f"{random.integers(1, 20)}/{random.integers(2, 20)}"


def _below_zero(random: Random) -> str:
    whole = f"-{random.integers(1, 1000)}"
    return whole if random.random() < 0.6 else f"{whole},{random.integers(10)}"


TEXTS: dict[str, Callable[[Random], str]] = {
    "amounts": _amount,
    "dates": _date,
    "times": _time,
    "fractions": _fraction,
    "numbers below zero": _below_zero,
}


def write(text: str, digits: Digits, hand: Hand, random: Random) -> list[Part]:
    """Write a number with signs in one row.

    Args:
        text: digits and the signs "-", ".", ",", "/" and ":".
        digits: to choose from, with every digit of the text among them.
        hand: how; its breaks and ties are left out.
        random: where the unevenness comes from.

    Returns:
        One part a digit or stroke of a sign, left to right, the label of a sign is `SIGN`; places may be below zero.
    """
    lean = hand.slant + random.uniform(-hand.lean, hand.lean)
    fall = float(np.tan(np.deg2rad(hand.slope)))
    parts: list[Part] = []
    right = 0.0
    for place, letter in enumerate(text):
        gap = hand.height * random.normal(hand.gap, hand.unevenness) if place else 0.0
        if letter.isdigit():
            own = digits.take(random.choice(np.flatnonzero(digits.labels == int(letter)), 1))
            height = hand.height * float(np.clip(random.normal(1, hand.unevenness), 0.6, 1.4))
            ink = numbers.draw(numbers.skeletons(own.images)[0], height, hand.pen, lean + random.normal(0, 3))
            low = hand.height * random.normal(0, hand.unevenness / 2)
            left = right + gap
            parts.append(Part(ink, round(left * fall + low - len(ink)), round(left), int(letter)))
            right = left + ink.shape[1]
            continue
        # Signs stand closer, but for a slash no digit reaches above or below them.
        left = right + max(gap * random.uniform(0.4, 1), (-0.05 if letter == "/" else 0.06) * hand.height)
        strokes = _strokes(letter, lean, random)
        start = min(x for stroke in strokes for x, _ in stroke)
        for stroke in strokes:
            points = [(hand.height * (x - start), hand.height * y) for x, y in stroke]
            thickness = hand.pen * (random.uniform(1, 1.5) if letter in ".:" else 1)
            parts.append(_drawn(points, max(1.0, thickness), left, left * fall))
        right = max(part.left + part.ink.shape[1] for part in parts[-len(strokes) :])
    return parts


def _strokes(letter: str, lean: float, random: Random) -> list[Sequence[tuple[float, float]]]:
    """The strokes of a sign: points, x to the right and y downwards from the digits' ground, in heights of a digit."""
    if letter == "-":
        length, y, rise = random.uniform(0.22, 0.65), -random.uniform(0.35, 0.62), random.normal(0, 0.03)
        return [[(0, y), (length, y - rise)]]
    if letter == "/":
        low, high = random.uniform(-0.02, 0.22), -random.uniform(1.0, 1.3)
        angle = float(np.clip(lean + random.uniform(14, 36), 16, 48))
        across = (low - high) * float(np.tan(np.deg2rad(angle)))
        bow = random.normal(0, 0.02)
        return [[(0, low), (across / 2 + bow, (low + high) / 2), (across, high)]]
    low = -random.uniform(-0.04, 0.1)
    if letter == ",":
        return [[(0, low), (-random.uniform(0, 0.16), low + random.uniform(0.15, 0.36))]]
    dot = [(0.0, low), (random.uniform(0, 0.02), low)]
    if letter == ".":
        return [dot]
    high, beside = low - random.uniform(0.3, 0.55), random.normal(0.03, 0.04)
    return [dot, [(beside, high), (beside + random.uniform(0, 0.02), high)]]


def _drawn(points: Sequence[tuple[float, float]], width: float, left: float, ground: float) -> Part:
    """A stroke with round ends as a part: its points from `left` and `ground`, pixels."""
    xy = pen.smooth(np.array(points)) if len(points) > 2 else np.array(points)
    margin = width + 2
    low = xy.min(axis=0) - margin
    columns, rows = np.ceil(np.ptp(xy, axis=0) + 2 * margin).astype(int)
    ink = np.zeros((rows, columns), np.uint8)
    fixed = np.round((xy - low) * (1 << _FRACTION_BITS)).astype(np.int32)
    cv2.polylines(ink, [fixed], False, 255, max(1, round(width)), cv2.LINE_AA, _FRACTION_BITS)
    marked = np.argwhere(ink > 60)
    top, first = marked.min(axis=0)
    bottom, end = marked.max(axis=0) + 1
    cut = ink[top:bottom, first:end]
    return Part(cut, round(ground + low[1] + top), round(left + low[0] + first), SIGN)
