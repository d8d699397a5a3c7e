"""Digits, and how they show at Python's prompt and in a notebook."""

import base64
import importlib
import inspect
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from xml.etree import ElementTree

import numpy as np
from PIL import Image

from digit_core.digits import Digits, brief, picture_html
from digit_core.settings import PROJECT_FOLDER

SVG = "{http://www.w3.org/2000/svg}"


def ink_of(html: str) -> np.ndarray:
    """The pixels of what a notebook shows, ink is 255, which must be there as they are."""
    (image,) = ElementTree.fromstring(html).iter(f"{SVG}image")
    assert image.attrib["style"] == "image-rendering:pixelated"
    kind, data = image.attrib["href"].split(",")
    assert kind == "data:image/png;base64"
    pixels = 255 - np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))
    assert (int(image.attrib["height"]), int(image.attrib["width"])) == pixels.shape
    return pixels


def words_of(html: str) -> list[str]:
    return [word.text or "" for word in ElementTree.fromstring(html).iter(f"{SVG}text")]


def test_one_digit_is_shown_large_with_its_label(digits: Callable[[int], Digits]) -> None:
    one = digits(8).take([7])
    html = one._repr_html_()
    np.testing.assert_array_equal(ink_of(html)[:28, :28], one.images[0])
    assert words_of(html) == ["7"]
    (svg,) = ElementTree.fromstring(html).iter(f"{SVG}svg")
    assert int(svg.attrib["width"]) == 5 * ink_of(html).shape[1]


def test_a_batch_is_shown_in_rows_of_ten_each_digit_with_its_label(digits: Callable[[int], Digits]) -> None:
    batch = digits(13)
    html = batch._repr_html_()
    np.testing.assert_array_equal(ink_of(html)[38 : 38 + 28, 64 : 64 + 28], batch.images[12])
    assert words_of(html) == list("0123456789012")
    assert html.count("Digits(13 x 28x28)") == 2  # below, and to be read out


def test_of_many_digits_fifty_are_shown_and_it_is_said(digits: Callable[[int], Digits]) -> None:
    html = digits(2_000)._repr_html_()
    assert len(words_of(html)) == 50
    assert "Digits(2,000 x 28x28), the first 50" in html
    assert len(html) < 100_000


def test_no_digits_are_shown_as_what_they_are(digits: Callable[[int], Digits]) -> None:
    assert digits(0)._repr_html_() == repr(digits(0)) == "Digits(0 x 28x28)"


def test_a_notebook_fetches_nothing(digits: Callable[[int], Digits]) -> None:
    html = digits(3)._repr_html_().replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"https?:|url\(|<script|<link|//", re.sub(r"base64,[^\"]*", "", html))


def test_what_is_written_cannot_become_html() -> None:
    html = picture_html(np.zeros((4, 4), np.float32), '<b>"&', words=[(0, 0, "<i>")])
    assert words_of(html) == ["<i>"]
    assert "<b>" not in html and ElementTree.fromstring(html).find("figcaption").text == '<b>"&'  # type: ignore[union-attr]


def test_floats_are_shown_as_the_grey_that_they_are() -> None:
    ink = np.array([[0.0, 0.5, 1.0]], np.float32)
    assert ink_of(picture_html(ink, "")).tolist() == [[0, 128, 255]]


@dataclass(frozen=True)
class _Record:
    name: str
    values: np.ndarray
    content: bytes
    parts: tuple[np.ndarray, ...]
    settings: dict[str, int]

    __repr__ = brief


def test_a_record_tells_of_its_arrays_and_does_not_print_them() -> None:
    record = _Record("one", np.zeros((5, 28, 28)), bytes(1200), (np.zeros(100),) * 3, {"epochs": 3})
    assert repr(record) == (
        "_Record(name='one', values=float64 (5, 28, 28), content=1,200 bytes, parts=tuple of 3, settings={'epochs': 3})"
    )


def _records() -> Iterator[type]:
    """The public dataclasses of digit_core that hold arrays or files."""
    for path in sorted((PROJECT_FOLDER / "digit_core").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "@dataclass" not in text or "import keras" in text:
            continue
        module = importlib.import_module(".".join(path.relative_to(PROJECT_FOLDER).with_suffix("").parts))
        for name, thing in vars(module).items():
            is_own = inspect.isclass(thing) and thing.__module__ == module.__name__
            if is_own and is_dataclass(thing) and not name.startswith("_"):
                hints = [str(field.type) for field in fields(thing)]
                if any(re.search(r"ndarray|\bbytes\b", hint) and "Callable" not in hint for hint in hints):
                    yield thing


def _prints_all(record: type) -> bool:
    """Whether its repr is the one that dataclasses make, with every number of every array."""
    return record.__repr__.__qualname__.startswith("__create_fn__") or hasattr(record.__repr__, "__wrapped__")


def test_no_public_record_prints_its_arrays() -> None:
    @dataclass
    class Plain:
        values: np.ndarray

    records = list(_records())
    assert _prints_all(Plain) and len(records) > 30
    assert [record.__name__ for record in records if _prints_all(record)] == []
