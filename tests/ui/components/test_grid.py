import io

import pytest
from PIL import Image

from ui.components import grid


def _sprite(width: int = 60, height: int = 90) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


LABELS = ["test 0: labelled 7, read as 7", "test 1: labelled 2, read as 2"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"sprite_png": b"GIF89a"}, "A sprite is a PNG"),
        ({"sprite_png": b""}, "A sprite is a PNG"),
        ({"columns": 0}, "no 0 square tiles"),
        ({"columns": 7}, "60 x 90 pixels has no 7 square tiles"),
        ({"sprite_png": _sprite(60, 100)}, "60 x 100 pixels has no 2 square tiles"),
        ({"labels": ["one"] * 7}, "6 tiles has no room for 7 digits"),
        ({"marks": ["red"]}, "2 digits need as many marks"),
        ({"captions": ["8", "9", "7"]}, "2 digits need as many marks or captions, not 3"),
        ({"tile": 43}, "at least 44 pixels for a thumb, not 43"),
    ],
)
def test_what_does_not_fit_together_is_refused(changes: dict[str, object], sentence: str) -> None:
    arguments = {"sprite_png": _sprite(), "columns": 2, "labels": LABELS, "chosen": None, "key": "grid"}
    with pytest.raises(ValueError, match=sentence):
        grid.choose(**(arguments | changes))
