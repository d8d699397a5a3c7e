"""Drawings that people keep with what they were meant to be, and the sets in which a class pools them."""

import hashlib
import io
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from digit_core.digits import SIDE, Digits, Handwriting, brief
from digit_core.errors import StoreError, number_sentences
from digit_core.preprocessing import pictures

MAX_DRAWINGS = 10_000  # of a set: of a school of 1,000 pupils, ten each
MAX_SETS = 20  # that one visitor makes
MAX_NAME_LENGTH = 60
# Of each three drawings one is held back: prime to 10, so that drawing 0 to 9 in turn holds back all.
HELD_BACK_EACH = 3
PRACTICE, EXAM = "practice", "exam"  # the parts of a set: to learn from, and held back to judge by
PICTURE_SIDE = 140  # pixels of the longer side of what is kept of a drawing beside its 28 x 28
_MODEL_LENGTH = 80
# Without 0 and o, 1, i and l, which are taken for each other.
_CODE_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
_CODE_LENGTH = 8  # 31 to the power of 8: a guess a millisecond finds one code in 27 years
_IN_WORDS = {6: "six", 8: "eight"}
_BETWEEN = re.compile(r"[\s-]+")


@dataclass(frozen=True, eq=False)
class Drawing:
    """One drawing with its label.

    Attributes:
        image: uint8 array of shape (28, 28), 255 is ink, as preprocessing gives it.
        label: what it was meant to be, 0 to 9.
        picture: what was drawn, as a small PNG, dark on light; empty if only the 28 x 28 pixels are known.
        answer: what a model read, 0 to 9; None if none was asked.
        confidence: how sure it was, 0.0 to 1.0; None if none was asked.
        model: what that model is called; "" if none was asked.
        visitor: the id of who kept it; "" until the store knows.
        created: when it was kept, in seconds since 1970, UTC; 0.0 until the store knows.
        number: its own in its set, from 1, never given again; 0 until the store knows.
        held_back: whether it is kept from learning, to judge by; None until the store or an archive says.
    """

    image: np.ndarray
    label: int
    picture: bytes = b""
    answer: int | None = None
    confidence: float | None = None
    model: str = ""
    visitor: str = ""
    created: float = 0.0
    number: int = 0
    held_back: bool | None = None

    __repr__ = brief

    def __post_init__(self) -> None:
        if self.image.dtype != np.uint8 or self.image.shape != (SIDE, SIDE):
            raise StoreError(
                f"A drawing is kept as uint8 (28, 28), not as {self.image.dtype} {self.image.shape}."
            )
        sentences = number_sentences("label", self.label, 0, 9, is_whole=True)
        if self.answer is not None:
            sentences += number_sentences("answer", self.answer, 0, 9, is_whole=True)
        if self.confidence is not None:
            sentences += number_sentences("confidence", self.confidence, 0, 1)
        if sentences:
            raise StoreError(" ".join(sentences))
        object.__setattr__(self, "model", self.model[:_MODEL_LENGTH])

    @property
    def digest(self) -> str:
        """What tells its pixels from others': 32 hexadecimal figures."""
        return hashlib.sha256(self.image.tobytes()).hexdigest()[:32]


@dataclass(frozen=True)
class DrawingSet:
    """A set of drawings, without the drawings.

    Attributes:
        id: 12 small letters and figures. It opens nothing: a model's card may name it.
        code: what opens it: eight letters and figures; see `shown_code`.
        name: for people.
        owner: the id of the visitor who made it.
        created: seconds since 1970, UTC.
        revision: another number after each change of its drawings.
        count: how many drawings it has.
    """

    id: str
    code: str
    name: str
    owner: str
    created: float
    revision: int
    count: int


def new_code(length: int = _CODE_LENGTH) -> str:
    """A code of so many of 31 letters and figures; nobody guesses that of a set, which has eight."""
    return "".join(secrets.choice(_CODE_LETTERS) for _ in range(length))


def shown_code(code: str) -> str:
    """A code as it is read out and written on the board: "ABCD-2345"; that of a class in two halves, "CD2-345"."""
    half = len(code) // 2
    return f"{code[:half]}-{code[half:]}".upper()


def typed_code(text: str, length: int = _CODE_LENGTH) -> str:
    """A code as somebody typed it, in the form in which it is kept: without spaces and hyphens, in small letters.

    Raises:
        StoreError: it cannot be a code of this length.
    """
    found = _BETWEEN.sub("", text).lower()
    if len(found) != length or not set(found) <= set(_CODE_LETTERS):
        example = shown_code("abcd2345"[-length:])
        raise StoreError(
            f"A code has {_IN_WORDS[length]} letters and numbers, such as {example}, and never 0, 1, I, L or O. "
            "Check the code."
        )
    return found


def checked_name(name: str) -> str:
    """A set's name with single spaces, and without what turns a line around.

    Raises:
        StoreError: nothing is left of it, or too much.
    """
    found = " ".join("".join(letter for letter in name if letter.isprintable() or letter.isspace()).split())
    if not 1 <= len(found) <= MAX_NAME_LENGTH:
        raise StoreError(f"The name of a set has 1 to {MAX_NAME_LENGTH} characters.")
    return found


def small_picture(source: pictures.Source) -> bytes:
    """What is kept of the picture that somebody drew or brought: a small PNG in grey, dark ink on light ground.

    It is drawn anew from its pixels, so that nothing else that the file held is kept.

    Args:
        source: of a picture, as `pictures.read` takes it; where its ground is clear, what is opaque is ink.

    Raises:
        PictureError: it cannot be read.
    """
    rgba = pictures.read(source)
    is_clear = rgba[..., 3].min() < 255
    grey = 255 - rgba[..., 3] if is_clear else np.asarray(Image.fromarray(rgba).convert("L"))
    reduced = Image.fromarray(grey)
    reduced.thumbnail((PICTURE_SIDE, PICTURE_SIDE), Image.Resampling.BOX)
    packed = io.BytesIO()
    reduced.save(packed, "PNG")
    return packed.getvalue()


def as_digits(drawings: Sequence[Drawing]) -> Digits:
    """Drawings as a set of digits, in their order."""
    images = np.array([drawing.image for drawing in drawings], np.uint8).reshape(-1, SIDE, SIDE)
    return Digits(images, np.array([drawing.label for drawing in drawings], np.uint8))


def as_handwriting(set_id: str, found: Sequence[Drawing], name: str = "") -> Handwriting:
    """The drawings of a set as a training takes them.

    Args:
        set_id, name: as Handwriting has them.
        found: all of the set.

    Raises:
        DatasetError: there is none to learn from.
    """
    practice, exam = parts(found)
    return Handwriting(set_id, as_digits(practice), as_digits(exam), name)


def parts(found: Sequence[Drawing]) -> tuple[list[Drawing], list[Drawing]]:
    """The drawings to learn from and those that are held back, each in their order."""
    return [one for one in found if not one.held_back], [one for one in found if one.held_back]
