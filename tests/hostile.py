"""Pictures that are small as files and as large as they may be once they are unpacked: the worst of each kind."""

import io
import struct
import zlib
from collections.abc import Callable

from PIL import Image


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(side: int, depth: int, colour: int) -> bytes:
    """A white PNG of side x side pixels, packed row by row, so that it is never held whole.

    Args:
        side: pixels.
        depth: bits of a sample.
        colour: PNG's own number: 0 grey, 2 RGB, 3 palette, 4 grey with opacity, 6 RGBA.
    """
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    row = b"\0" + b"\xff" * ((side * depth * samples + 7) // 8)
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, depth, colour, 0, 0, 0)
    palette = _chunk(b"PLTE", bytes(range(256)) * 3) if colour == 3 else b""
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + palette
        + _chunk(b"IDAT", packed)
        + _chunk(b"IEND", b"")
    )


def saved(mode: str, side: int, form: str, **options: object) -> bytes:
    """A blank picture of side x side pixels, as Pillow writes it."""
    packed = io.BytesIO()
    Image.new(mode, (side, side), 1 if mode in ("I;16", "F", "I") else None).save(packed, form, **options)
    return packed.getvalue()


def tiff_of_huge_tiles(side: int) -> bytes:
    """A TIFF of 64 x 64 pixels whose one tile has side x side."""
    packed = zlib.compress(bytes(side * side), 9)
    tags = [
        (256, 3, 64), (257, 3, 64), (258, 3, 8), (259, 3, 8), (262, 3, 1), (277, 3, 1),
        (322, 4, side), (323, 4, side), (324, 4, 8), (325, 4, len(packed)),
    ]  # fmt: skip
    directory = struct.pack("<H", len(tags))
    for tag, kind, value in tags:
        directory += struct.pack("<HHI", tag, kind, 1) + (
            struct.pack("<HH", value, 0) if kind == 3 else struct.pack("<I", value)
        )
    return struct.pack("<2sHI", b"II", 42, 8 + len(packed)) + packed + directory + bytes(4)


def bmp_of_runs(side: int) -> bytes:
    """A grey BMP of side x side pixels in runs of 255."""
    runs, rest = divmod(side, 255)
    row = (b"\xff\x40" * runs + bytes([rest, 0x40]) * bool(rest)) + b"\0\0"
    palette = b"".join(bytes([value, value, value, 0]) for value in range(256))
    data = row * side + b"\0\1"
    head = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, len(data), 0, 0, 256, 0)
    offset = 14 + len(head) + len(palette)
    return struct.pack("<2sIHHI", b"BM", offset + len(data), 0, 0, offset) + head + palette + data


def _tiff(mode: str, side: int) -> bytes:
    return saved(mode, side, "TIFF", compression="tiff_deflate", strip_size=1 << 30)  # in one strip


def _heic(side: int) -> bytes:
    import pillow_heif

    pillow_heif.register_heif_opener()
    return saved("RGB", side, "HEIF", quality=1)


def avif_that_lies(side: int) -> bytes:
    """An AVIF of side x side pixels whose box "ispe" says 200 x 200."""
    content = saved("RGB", side, "AVIF", speed=10, quality=1)
    return content.replace(
        b"ispe" + struct.pack(">III", 0, side, side), b"ispe" + struct.pack(">III", 0, 200, 200)
    )


# Those that are read, as large as they may be; then those that are refused, as the report of this fault had them.
WORST: dict[str, Callable[[], bytes]] = {
    "16-bit PNG": lambda: png(5_000, 16, 0),
    "grey PNG": lambda: png(7_070, 8, 0),
    "palette PNG": lambda: png(7_070, 8, 3),
    "RGBA PNG": lambda: png(3_540, 8, 6),
    "float TIFF": lambda: _tiff("F", 3_540),
    "CMYK TIFF": lambda: _tiff("CMYK", 3_540),
    "fax": lambda: saved("1", 7_070, "TIFF", compression="group4"),
    "JPEG": lambda: saved("RGB", 7_070, "JPEG"),
    "progressive JPEG": lambda: saved("RGB", 5_700, "JPEG", progressive=True),
    "GIF": lambda: saved("P", 7_070, "GIF"),
    "WebP": lambda: saved("RGBA", 2_990, "WEBP", method=0, quality=1),
    "AVIF": lambda: saved("RGB", 3_540, "AVIF", speed=10, quality=1, subsampling="4:4:4"),
    "HEIC": lambda: _heic(4_940),
    "AVIF that lies": lambda: avif_that_lies(7_070),
    "16-bit PNG of 50 megapixels": lambda: png(7_070, 16, 0),
    "RGB PNG of 50 megapixels": lambda: png(7_070, 8, 2),
    "progressive JPEG of 50 megapixels": lambda: saved("RGB", 7_070, "JPEG", progressive=True, subsampling=0),
    "WebP of 50 megapixels": lambda: saved("RGB", 7_070, "WEBP", method=0, quality=1),
    "TIFF of huge tiles": lambda: tiff_of_huge_tiles(16_384),
    "BMP of runs": lambda: bmp_of_runs(7_070),
    "PGM of 1,000 greys": lambda: b"P5 3000 3000 1000\n" + bytes(18_000_000),
}
