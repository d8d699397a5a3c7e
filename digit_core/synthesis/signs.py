"""Numbers with signs as people write them: amounts, prices, dates, times, fractions, numbers below zero, by many made-up hands."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from digit_core.digits import Digits
from digit_core.synthesis import numbers, pen
from digit_core.synthesis.numbers import Hand, Part

SIGN = -1  # the label of a sign among the parts

_FRACTION_BITS = 4  # OpenCV takes points in sixteenths of a pixel
Random = np.random.Generator


def _curves(*strokes: str) -> tuple[tuple[tuple[float, float], ...], ...]:
    """Strokes from their points, x and y in hundredths of a digit's height."""
    points = [[point.split(",") for point in stroke.split()] for stroke in strokes]
    return tuple(tuple((int(x) / 100, int(y) / 100) for x, y in stroke) for stroke in points)


# How hands write each of them; points as in `_strokes`. No network is trained on the last model of each: they show whether others are
# told, too.
CURRENCIES = {
    "€": (
        _curves("62,-88 40,-100 14,-82 6,-50 14,-16 38,0 62,-14", "-8,-60 42,-62", "-10,-40 38,-41"),
        _curves("58,-92 30,-98 8,-70 8,-28 30,0 60,-8", "-12,-58 50,-60", "-12,-38 44,-40"),
        _curves("66,-80 50,-98 22,-90 10,-52 18,-8 46,2 64,-20", "-4,-62 44,-66", "-6,-42 36,-46"),
        _curves("60,-86 34,-99 12,-78 7,-48 16,-14 40,-1 60,-10", "-8,-50 44,-52"),
        _curves("56,-90 24,-96 10,-70 30,-54 30,-54 8,-36 18,-4 56,-8", "-10,-62 40,-62", "-10,-44 36,-44"),
        _curves("64,-84 44,-100 18,-90 4,-50 16,-12 42,2 66,-18", "-16,-56 38,-64", "-14,-38 34,-46"),
    ),
    "$": (
        _curves("50,-82 28,-96 6,-80 12,-58 36,-46 48,-24 30,-2 2,-14", "30,-116 24,16"),
        _curves("52,-84 26,-94 8,-74 28,-52 50,-36 42,-8 16,-2 0,-18", "28,-112 28,12"),
        _curves("48,-80 22,-92 6,-72 24,-54 46,-32 30,-4 0,-12", "24,-112 24,-86", "24,-8 24,14"),
        _curves("50,-82 28,-96 6,-80 12,-58 36,-46 48,-24 30,-2 2,-14", "22,-114 19,14", "34,-114 31,14"),
        _curves("56,-78 30,-94 4,-76 20,-56 46,-44 54,-22 26,0 0,-20", "38,-118 18,18"),
        _curves("46,-88 20,-90 8,-70 30,-52 44,-30 26,-6 4,-10", "26,-108 26,8"),
    ),
    "£": (
        _curves("58,-82 44,-98 28,-86 26,-56 24,-22 4,-2 4,-2 24,-8 44,2 60,-8", "4,-48 46,-50"),
        _curves("56,-84 38,-98 24,-78 26,-40 14,-6 2,-6 10,-16 34,0 60,-4", "4,-50 44,-52"),
        _curves("60,-80 46,-98 30,-90 24,-60 24,0 24,0 0,0 60,0", "6,-46 46,-48"),
        _curves("54,-86 36,-96 24,-74 26,-30 6,0 6,0 60,-2", "2,-40 46,-42", "2,-54 46,-56"),
        _curves("56,-76 48,-94 32,-94 22,-70 28,-40 20,-10 2,0 14,-12 34,-4 58,-10", "0,-44 50,-44"),
    ),
}


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


def _price(random: Random) -> str:
    amount = _amount(random) if random.random() < 0.5 else str(random.integers(1, 1000))
    currency = "€$£"[random.integers(3)]
    return f"{currency}{amount}" if random.random() < 0.6 else f"{amount}{currency}"


TEXTS: dict[str, Callable[[Random], str]] = {
    "amounts": _amount,
    "prices": _price,
    "dates": _date,
    "times": _time,
    "fractions": _fraction,
    "numbers below zero": _below_zero,
}


def write(text: str, digits: Digits, hand: Hand, random: Random) -> list[Part]:
    """Write a number with signs in one row.

    Args:
        text: digits, the signs "-", ".", ",", "/" and ":", and the currencies "€", "$" and "£".
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
        if letter not in CURRENCIES:
            gap *= random.uniform(0.4, 1)
        left = right + (max(gap, (-0.05 if letter == "/" else 0.06) * hand.height) if place else 0.0)
        if letter in CURRENCIES:
            parts += currency(letter, hand, lean, random, left=left, ground=left * fall)
            right = max(part.left + part.ink.shape[1] for part in parts)
            continue
        strokes = _strokes(letter, lean, random)
        start = min(x for stroke in strokes for x, _ in stroke)
        for stroke in strokes:
            points = [(hand.height * (x - start), hand.height * y) for x, y in stroke]
            thickness = hand.pen * (random.uniform(1, 1.5) if letter in ".:" else 1)
            parts.append(_drawn(points, max(1.0, thickness), left, left * fall))
        right = max(part.left + part.ink.shape[1] for part in parts[-len(strokes) :])
    return parts


def currency(
    letter: str,
    hand: Hand,
    lean: float,
    random: Random,
    *,
    left: float = 0.0,
    ground: float = 0.0,
    held_back: bool | None = None,
) -> list[Part]:
    """Write a currency sign.

    Args:
        letter: a key of `CURRENCIES`.
        hand: how high, and with which pen.
        lean: degrees to the right.
        random: where the unevenness comes from.
        left: pixels, where it begins.
        ground: pixels, what it stands on.
        held_back: by the model that no network is trained on, by the others, or by any if None.

    Returns:
        One part a stroke.
    """
    models = CURRENCIES[letter]
    first, end = (0, len(models)) if held_back is None else (-1, None) if held_back else (0, -1)
    strokes = models[first:end][random.integers(len(models[first:end]))]
    wide, high = random.uniform(0.75, 1.2), random.uniform(0.9, 1.2)
    slope = float(np.tan(np.deg2rad(lean + random.normal(0, 3))))
    points = [
        [
            (wide * (x + random.normal(0, 0.02)) - slope * y, high * (y + random.normal(0, 0.02)))
            for x, y in stroke
        ]
        for stroke in strokes
    ]
    start = min(x for stroke in points for x, _ in stroke)
    pen_width = max(1.0, hand.pen * random.uniform(0.85, 1.15))
    return [
        _drawn([(hand.height * (x - start), hand.height * y) for x, y in stroke], pen_width, left, ground)
        for stroke in points
    ]


def _strokes(letter: str, lean: float, random: Random) -> list[Sequence[tuple[float, float]]]:
    """The strokes of a sign: points, x to the right and y downwards from the digits' ground, in heights of a digit."""
    if letter == "-":
        length, y, rise = random.uniform(0.22, 0.65), -random.uniform(0.35, 0.62), random.normal(0, 0.03)
        return [[(0, y), (length, y - rise)]]
    if letter == "/":
        low, high = random.uniform(-0.02, 0.22), -random.uniform(1.0, 1.3)
        angle = float(np.clip(lean + random.uniform(0, 36), 16, 48))  # like its row, or further
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
