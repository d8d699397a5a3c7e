"""Open pictures of any common format, safely, as RGBA pixels.

A file of some kilobytes may unpack to gigabytes: what a picture will take is reckoned before it is unpacked, large ones are
unpacked one at a time, and reduced strip by strip, so that no second picture of their size is held.
"""

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import ExifTags, Image, ImageOps, JpegImagePlugin, UnidentifiedImageError

from digit_core.errors import PictureError
from digit_core.preprocessing import unpacking
from digit_core.preprocessing.turns import Turns

Source = str | Path | bytes | bytearray | BinaryIO | Image.Image | np.ndarray

# None that runs a program, as EPS does.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "AVIF")
_HEIC = "HEIF"  # what Pillow calls it once it has been told of it
_UNPACKED_ELSEWHERE = (_HEIC, "AVIF", "WEBP")
NAMED = "PNG, JPEG, HEIC, GIF, BMP, WebP, AVIF or TIFF"  # for people
MAX_PIXELS = 50_000_000  # phone photos have up to 50 megapixels
# Of a picture: a page scanned in grey at 600 dots to the inch, 12 megapixels in colour.
MAX_UNPACKED_BYTES = 48 * 1024**2
# Formats whose decoders hold a picture several times over, and the megapixels with which they keep within the same memory.
_MAX_MEGAPIXELS_OF = {_HEIC: 24.5, "WEBP": 9}
_MAX_MEGAPIXELS_IN_PYTHON = 1  # of kinds that Pillow unpacks in Python, a second or more a megapixel
_MAX_COEFFICIENT_BYTES = 96 * 1024**2  # of a JPEG in several scans, which is held whole before it is drawn
MAX_BYTES = 100_000_000  # of a file: no camera's picture is larger
MIN_SIDE = 5  # pixels
WORKING_SIDE = 1024  # pixels: larger pictures are reduced to this, which is plenty for one digit
_NAMELESS = "The picture"  # what a picture is called that came without a path
_MOVING_FORMATS = ("GIF", "PNG", "WEBP", "AVIF")
_DEEP_MODES = ("I", "I;16", "I;16B", "I;16L", "F")  # more than 8 bits of grey
# A pixel in memory; of all others 4.
_BYTES_OF_MODES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}
_STRIP_PIXELS = 500_000  # that are converted at once
_LARGE_BYTES = 10_000_000  # unpacked: what a canvas sends is less
# Held while a large picture is unpacked; also by whoever works on pictures that strangers bring, from bytes to digit.
ONE_AT_A_TIME = Turns()


def read(source: Source, max_pixels: int = MAX_PIXELS) -> np.ndarray:
    """Open a picture.

    A rotation that EXIF or an AVIF or HEIC file itself asks for is applied; 16-bit, palette, CMYK, grey and transparent pictures all become RGBA.

    Args:
        source: a path, the bytes of a file, a binary file object, a PIL image, or an array as `from_array` takes it.
        max_pixels: pictures of more pixels are refused; of some formats those of fewer already.

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
    if isinstance(source, np.ndarray):
        source = Image.fromarray(from_array(source))
    if isinstance(source, Image.Image):
        _check_sides(source, name, max_pixels)
        with _decoding(name):
            return _pixels(source, side, max(source.size))
    content = _checked_content(source, name)
    with _decoding(name):
        picture = _open(content)
        _check_sides(picture, name, max_pixels)
        longer = max(picture.size)
        if isinstance(picture, JpegImagePlugin.JpegImageFile):
            _check_coefficients(picture, content, name)
            # A large photo is unpacked at a fraction of its size.
            picture.draft(None, _fitted(picture.size, side))
        unpacked = _check_unpacked(picture, name)
        with ONE_AT_A_TIME if unpacked > _LARGE_BYTES else nullcontext():
            if picture.format in _UNPACKED_ELSEWHERE:
                return _scaled(unpacking.unpack(content, side), longer)
            return _pixels(picture, side, longer)


def unpacked_here(content: bytes, side: int) -> Image.Image:
    """A picture whose size was looked at, unpacked whatever its decoder takes for that.

    Args:
        content: of the file.
        side: pixels, the most of the longer side.

    Returns:
        As RGBA, upright.

    Raises:
        Exception: whatever a decoder raises.
    """
    picture = _open(content)
    return _upright(_reduced(picture, side), picture)


def _pixels(picture: Image.Image, side: int, longer: int) -> tuple[np.ndarray, float]:
    return _scaled(_upright(_reduced(picture, side), picture), longer)


def _scaled(picture: Image.Image, longer: int) -> tuple[np.ndarray, float]:
    pixels = np.asarray(picture)
    return pixels, longer / max(pixels.shape[:2])


def from_array(pixels: np.ndarray) -> np.ndarray:
    """A picture that somebody has as an array, as RGBA.

    Args:
        pixels: grey of shape (height, width) or (height, width, 1), colour (height, width, 3), or colour with opacity
            (height, width, 4). uint8, 0 to 255, or floats, 0.0 to 1.0; 0 is black.

    Returns:
        uint8 array of shape (height, width, 4): `pixels` itself where it is such an array.

    Raises:
        PictureError: another shape or dtype, or floats out of range.
    """
    channels = pixels.shape[2] if pixels.ndim == 3 else 1
    if pixels.ndim not in (2, 3) or channels not in (1, 3, 4) or not pixels.size:
        raise PictureError(
            "A picture is an array of shape (height, width), (height, width, 3) or (height, width, 4), "
            f"not {pixels.shape}."
        )
    if pixels.dtype.kind == "f":
        pixels = _from_floats(pixels)
    elif pixels.dtype != np.uint8:
        raise PictureError(
            f"A picture is an array of uint8 (0 to 255) or of floats (0.0 to 1.0), not of {pixels.dtype}."
        )
    if channels == 4:
        return pixels
    colours = np.broadcast_to(pixels.reshape(*pixels.shape[:2], channels), (*pixels.shape[:2], 3))
    return np.dstack([colours, np.full(pixels.shape[:2], 255, np.uint8)])


def _from_floats(pixels: np.ndarray) -> np.ndarray:
    # Written so that NaN fails, too.
    if not (pixels.min() >= 0 and pixels.max() <= 1):
        raise PictureError(
            "A picture of floats has values from 0.0 to 1.0; these do not, or hold NaN. If they go to 255, divide them "
            "by 255.0."
        )
    return np.round(pixels * 255).astype(np.uint8)


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


@contextmanager
def _decoding(name: str) -> Iterator[None]:
    """The one place where what a decoder raises becomes a sentence: on bytes of a stranger's choice, that may be anything."""
    try:
        yield
    except PictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(name, MAX_PIXELS) from error
    except UnidentifiedImageError as error:
        raise PictureError(
            f"{'This file' if name == _NAMELESS else name} is not a picture that can be read: save it as {NAMED}, "
            "and try again."
        ) from error
    except Exception as error:
        raise PictureError(
            f"{name} is damaged: it starts like a picture but cannot be read to its end."
        ) from error


def _open(content: bytes) -> Image.Image:
    formats: tuple[str, ...] = FORMATS
    if content[4:8] == b"ftyp":  # HEIC's container, and AVIF's
        import pillow_heif

        pillow_heif.register_heif_opener()
        formats = (*FORMATS, _HEIC)
    picture = Image.open(io.BytesIO(content), formats=formats)
    if picture.format == _HEIC:
        _keep_orientation(picture, content)
    return picture


def _keep_orientation(picture: Image.Image, content: bytes) -> None:
    """Have EXIF turn a HEIC picture that does not turn itself.

    libheif turns one by the boxes "irot" and "imir" of its file, and pillow-heif takes the orientation out of EXIF, whether
    these said the same, as a phone's do, or were not there.
    """
    orientation = picture.info.get("original_orientation")
    if orientation and b"irot" not in content and b"imir" not in content:
        picture.getexif()[ExifTags.Base.Orientation] = orientation


def _checked_content(source: str | Path | bytes | bytearray | BinaryIO, name: str) -> bytes:
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
    return content


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


def _check_sides(picture: Image.Image, name: str, max_pixels: int) -> None:
    if picture.width * picture.height > max_pixels:
        raise _too_large(name, max_pixels)
    if min(picture.size) < MIN_SIDE:
        raise PictureError(
            f"{name} has {picture.width} x {picture.height} pixels: too few to hold a digit. "
            f"Each side needs at least {MIN_SIDE}."
        )
    if picture.format in _MOVING_FORMATS and getattr(picture, "is_animated", False):
        raise PictureError(f"{name} is animated: save the one frame that shows the digit.")


def _check_unpacked(picture: Image.Image, name: str) -> int:
    """Refuse a picture that takes too much room or time to unpack; return how many bytes its pixels will take."""
    megapixels = picture.width * picture.height / 1e6
    unpacked = picture.width * picture.height * _BYTES_OF_MODES.get(picture.mode, 4)
    most = _MAX_MEGAPIXELS_OF.get(str(picture.format))
    if any(tile[0] in Image.DECODERS for tile in getattr(picture, "tile", ())):
        most = _MAX_MEGAPIXELS_IN_PYTHON
    if most is not None:
        if megapixels > most:
            kind = {_HEIC: "a HEIC", "WEBP": "a WebP"}.get(str(picture.format), f"such a {picture.format}")
            raise PictureError(
                f"{name} has more than {most:g} megapixel{'s' * (most > 1)}, the most for {kind} picture: save it as JPEG, or "
                "smaller."
            )
    elif max(unpacked, _tile_bytes(picture)) > MAX_UNPACKED_BYTES:
        raise PictureError(
            f"{name} takes more than {MAX_UNPACKED_BYTES // 1024**2} MB when it is unpacked: save it as JPEG, or smaller."
        )
    return unpacked


def _tile_bytes(picture: Image.Image) -> int:
    """What one tile of a TIFF takes, which may be larger than the picture."""
    tags = getattr(picture, "tag_v2", {})
    width, height = (tags.get(tag, 0) for tag in (ExifTags.Base.TileWidth, ExifTags.Base.TileLength))
    return int(width) * int(height) * 4


def _check_coefficients(picture: JpegImagePlugin.JpegImageFile, content: bytes, name: str) -> None:
    """Refuse a large JPEG in several scans: libjpeg holds two bytes for each sample of its full size before it draws one."""
    across, down = (max(layer[place] for layer in picture.layer) for place in (1, 2))
    share = sum(layer[1] * layer[2] for layer in picture.layer) / (across * down)
    if 2 * share * picture.width * picture.height <= _MAX_COEFFICIENT_BYTES:
        return
    if picture.info.get("progressive") or _components_of_first_scan(content) < picture.layers:
        raise PictureError(
            f"{name} is a progressive JPEG of too many megapixels: save it as an ordinary JPEG, or smaller."
        )


def _components_of_first_scan(content: bytes) -> int:
    """How many components are in a JPEG's first scan: markers as B.1.1.3 of ITU-T T.81 has them; 0 if there is no scan."""
    place = 2
    while (place := content.find(b"\xff", place)) >= 0 and place + 5 <= len(content):
        marker = content[place + 1]
        if marker == 0xDA:
            return content[place + 4]
        if marker == 0xFF:
            place += 1
        elif marker in (0x00, 0x01) or 0xD0 <= marker <= 0xD9:
            place += 2
        else:
            place += 2 + int.from_bytes(content[place + 2 : place + 4], "big")
    return 0


def _fitted(size: tuple[int, int], side: int) -> tuple[int, int]:
    """A size with its longer side at most `side`."""
    scale = max(1.0, max(size) / side)
    return max(1, round(size[0] / scale)), max(1, round(size[1] / scale))


def _reduced(picture: Image.Image, side: int) -> Image.Image:
    """A picture as RGBA, each of its pixels the mean of those that it covers."""
    width, height = _fitted(picture.size, side)
    scale = picture.height / height
    rows = max(1, int(_STRIP_PIXELS / (picture.width * scale)))  # of the result at a time
    values = _range(picture) if picture.mode in _DEEP_MODES else None
    reduced = Image.new("RGBA", (width, height))
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        first, last = math.floor(top * scale), min(math.ceil(bottom * scale), picture.height)
        strip = _in_8_bits(picture.crop((0, first, picture.width, last)), values)
        covered = (0, top * scale - first, picture.width, min(bottom * scale - first, last - first))
        strip = strip.resize((width, bottom - top), Image.Resampling.BOX, covered)
        reduced.paste(strip.convert("RGBA"), (0, top))
    return reduced


def _in_8_bits(strip: Image.Image, values: tuple[float, float] | None) -> Image.Image:
    """A strip as grey, RGB or RGBA."""
    if values is not None:
        least, most = values
        grey = 255 * (np.asarray(strip).astype(np.float64) - least) / max(most - least, 1e-9)
        return Image.fromarray(grey.astype(np.uint8))
    if strip.mode in ("RGBA", "LA", "PA", "P") or "transparency" in strip.info:
        return strip.convert("RGBA")
    return strip if strip.mode in ("L", "RGB") else strip.convert("L" if strip.mode == "1" else "RGB")


def _range(picture: Image.Image) -> tuple[float, float]:
    """The least and the most of a deep picture: cameras and scanners use a part of the 16 bits only.

    Raises:
        ValueError: some pixels are not numbers.
    """
    rows = max(1, _STRIP_PIXELS // picture.width)
    ends = []
    for top in range(0, picture.height, rows):
        strip = picture.crop((0, top, picture.width, min(top + rows, picture.height)))
        ends += [np.asarray(strip).min(), np.asarray(strip).max()]
    if not np.isfinite(ends).all():
        raise ValueError("some pixels are not numbers")
    return float(min(ends)), float(max(ends))


def _upright(reduced: Image.Image, picture: Image.Image) -> Image.Image:
    """What was made of a picture, turned as EXIF asks."""
    reduced.getexif()[ExifTags.Base.Orientation] = picture.getexif().get(ExifTags.Base.Orientation, 1)
    return ImageOps.exif_transpose(reduced)
