"""Open pictures of any common format, safely, as RGBA pixels."""

import io
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from digit_core.errors import PictureError

Source = str | Path | bytes | bytearray | BinaryIO | Image.Image

# None that runs a program, as EPS does.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")
MAX_PIXELS = 50_000_000  # phone photos have up to 50 megapixels
MAX_BYTES = 100_000_000  # of a file: no camera's picture is larger
MIN_SIDE = 5  # pixels
WORKING_SIDE = 1024  # pixels: larger pictures are reduced to this, which is plenty for one digit
_NAMELESS = "The picture"  # what a picture is called that came without a path
_MOVING_FORMATS = ("GIF", "PNG", "WEBP")
_DEEP_MODES = ("I", "I;16", "I;16B", "I;16L", "F")  # more than 8 bits of grey
_DECODER_ERRORS = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, zlib.error)


def read(source: Source, max_pixels: int = MAX_PIXELS) -> np.ndarray:
    """Open a picture.

    EXIF rotation is applied; 16-bit, palette, CMYK, grey and transparent pictures all become RGBA.

    Args:
        source: a path, the bytes of a file, a binary file object or a PIL image.
        max_pixels: pictures of more pixels are refused.

    Returns:
        uint8 array of shape (height, width, 4), the longer side at most WORKING_SIDE.

    Raises:
        PictureError: there is no such file, or it is empty, damaged, not a picture, animated, too small or too
            large. The size is looked at before the picture is unpacked.
    """
    return read_scaled(source, WORKING_SIDE, max_pixels)[0]


def read_scaled(source: Source, side: int, max_pixels: int = MAX_PIXELS) -> tuple[np.ndarray, float]:
    """As `read`, with the longer side at most `side` pixels.

    Returns:
        The pixels, and how many pixels of the picture (upright, as its file has it) one of them is: 1.0 or more.
    """
    name = _name(source)
    picture = source if isinstance(source, Image.Image) else _open(source, name, max_pixels)
    try:
        _check_size(picture, name, max_pixels)
        longer = max(picture.size)
        if picture is not source and picture.format == "JPEG":
            picture.draft(None, (side, side))  # decodes large photos at a fraction of their size
        picture.load()
        pixels = np.asarray(_reduced(_as_rgba(ImageOps.exif_transpose(picture)), side))
        return pixels, longer / max(pixels.shape[:2])
    except _DECODER_ERRORS as error:
        raise PictureError(
            f"{name} is damaged: it starts like a picture but cannot be read to its end."
        ) from error


def check_rgba(pixels: np.ndarray) -> None:
    """Refuse an array that is no picture.

    Raises:
        PictureError: it is not a uint8 array of shape (height, width, 4) with at least a pixel.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 4 or min(pixels.shape[:2]) < 1:
        raise PictureError(
            f"A picture is a uint8 array of shape (height, width, 4), not {pixels.dtype} {pixels.shape}."
        )


def _name(source: Source) -> str:
    if isinstance(source, str | Path):
        return Path(source).name or str(source)
    return _NAMELESS


def _open(source: str | Path | bytes | bytearray | BinaryIO, name: str, max_pixels: int) -> Image.Image:
    try:
        content = _content(source)
    except FileNotFoundError as error:
        raise PictureError(f"There is no file {name}.") from error
    except IsADirectoryError as error:
        raise PictureError(f"{name} is a folder, not a picture.") from error
    except (OSError, ValueError) as error:
        raise PictureError(f"{name} cannot be opened.") from error
    if not content:
        raise PictureError(f"{name} is empty.")
    try:
        return Image.open(io.BytesIO(content), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(name, max_pixels) from error
    except UnidentifiedImageError as error:
        raise PictureError(
            f"{'This file' if name == _NAMELESS else name} is not a picture that can be read: save it as PNG, JPEG, GIF, "
            "BMP, WebP or TIFF, and bring that."
        ) from error
    except _DECODER_ERRORS as error:
        raise PictureError(f"{name} is damaged: it starts like a picture but cannot be read.") from error


def _content(source: str | Path | bytes | bytearray | BinaryIO) -> bytes:
    if isinstance(source, str | Path):
        path = Path(source)
        is_other = path.exists() and not path.is_dir() and not path.is_file()  # a device has no end
        if is_other or (path.is_file() and path.stat().st_size > MAX_BYTES):
            raise PictureError(
                f"{path.name} is no picture: no camera makes files over {MAX_BYTES // 10**6} MB."
            )
        return path.read_bytes()
    if isinstance(source, bytes | bytearray):
        return bytes(source)
    return source.read()


def _too_large(name: str, max_pixels: int) -> PictureError:
    return PictureError(
        f"{name} has more than {max_pixels / 1e6:.0f} megapixels: save it smaller, or cut the digit out."
    )


def _check_size(picture: Image.Image, name: str, max_pixels: int) -> None:
    if picture.width * picture.height > max_pixels:
        raise _too_large(name, max_pixels)
    if min(picture.size) < MIN_SIDE:
        raise PictureError(
            f"{name} has {picture.width} x {picture.height} pixels: too few to hold a digit. "
            f"Each side needs at least {MIN_SIDE}."
        )
    if picture.format in _MOVING_FORMATS and getattr(picture, "is_animated", False):
        raise PictureError(f"{name} is animated: save the one frame that shows the digit.")


def _as_rgba(picture: Image.Image) -> Image.Image:
    if picture.mode in _DEEP_MODES:
        # Cameras and scanners use a part of the 16 bits only: from the least to the most is the whole range.
        values = np.asarray(picture).astype(np.float64)
        if not np.isfinite(values).all():
            raise ValueError("some pixels are not numbers")
        values -= values.min()
        picture = Image.fromarray((255 * values / max(values.max(), 1e-9)).astype(np.uint8))
    if picture.mode not in ("RGBA", "LA", "PA", "P"):
        picture = picture.convert("RGB")  # CMYK and the like have no way to RGBA of their own
    return picture.convert("RGBA")


def _reduced(picture: Image.Image, side: int) -> Image.Image:
    if max(picture.size) > side:
        picture.thumbnail((side, side), Image.Resampling.BOX)
    return picture
