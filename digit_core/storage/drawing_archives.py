"""A set of drawings as a file: a zip of pictures with a table, or arrays; written here, and read whoever made it."""

import csv
import io
import re
import time
import zipfile
from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from digit_core.digits import SIDE, Digits
from digit_core.errors import DatasetError, PictureError, StoreError
from digit_core.files import names, zips
from digit_core.preprocessing import images, pictures
from digit_core.storage import drawings
from digit_core.storage.drawings import EXAM, MAX_DRAWINGS, PRACTICE, Drawing

MAX_BYTES = 20 * 1024**2  # of a file; .streamlit/config.toml has the same
TABLE = "drawings.csv"
_COLUMNS = (
    "file",
    "label",
    "part",
    "drawing",
    "answer",
    "confidence",
    "model",
    "writer",
    "kept_at",
)
_MAX_PICTURE_BYTES, _MAX_TABLE_BYTES = 2_000_000, 3_000_000  # unpacked
_MAX_UNPACKED_BYTES = 120_000_000
_MAX_RATIO = 200  # of unpacked to packed bytes
_MAX_PIXELS = 4_000_000  # of one picture
_MAX_PIXELS_IN_ALL = 500_000_000  # 5,000 drawings of 316 x 316
_MAX_SECONDS = 60  # of processor time for all pictures together
_MAX_DIRECTORY_BYTES = 2_500_000  # of a zip's list: two pictures a drawing, 250 bytes each
_ENTRY = re.compile(r"(?:[A-Za-z0-9_(][A-Za-z0-9 ._()+-]*/)*[A-Za-z0-9_(][A-Za-z0-9 ._()+-]*")
_JUNK = ("__MACOSX/", ".DS_Store")  # that macOS packs in
_WHAT = "a set of drawings"
_ARRAYS = {"images.npy": "images", "labels.npy": "labels", "held_back.npy": "held_back"}
_HEADER_BYTES = 1_000  # of an array's file, more than NumPy writes


def to_zip(found: Sequence[Drawing]) -> bytes:
    """Drawings as a zip: the 28 x 28 pixels of each as a PNG (ink is white, as in MNIST), what was drawn, and a table.

    The table says of each: its files, its label, whether it is held back, what a model read then, who drew it (as numbers:
    visitors' ids stay here) and when, in UTC. `read` takes it back.
    """
    writers = {visitor: place for place, visitor in enumerate(dict.fromkeys(d.visitor for d in found), 1)}
    packed, table = io.BytesIO(), io.StringIO()
    rows = csv.DictWriter(table, _COLUMNS, lineterminator="\n")
    rows.writeheader()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, drawing in enumerate(found, start=1):
            row = _table_row(place, drawing, writers[drawing.visitor])
            archive.writestr(row["file"], _grey_png(drawing.image))
            if drawing.picture:
                archive.writestr(row["drawing"], drawing.picture)
            rows.writerow(row)
        archive.writestr(TABLE, table.getvalue())
    return packed.getvalue()


def _table_row(place: int, drawing: Drawing, writer: int) -> dict[str, str]:
    confidence = "" if drawing.confidence is None else f"{drawing.confidence:.4f}"
    return {
        "file": f"pixels/{place:04d}-label-{drawing.label}.png",
        "label": str(drawing.label),
        "part": EXAM if drawing.held_back else PRACTICE,
        "drawing": f"drawn/{place:04d}.png" if drawing.picture else "",
        "answer": "" if drawing.answer is None else str(drawing.answer),
        "confidence": confidence,
        "model": names.cell(drawing.model),
        "writer": str(writer),
        "kept_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(drawing.created)),
    }


def _grey_png(image: np.ndarray) -> bytes:
    packed = io.BytesIO()
    Image.fromarray(image).save(packed, "PNG")
    return packed.getvalue()


def to_npz(found: Sequence[Drawing]) -> bytes:
    """Drawings as arrays: images uint8 (n, 28, 28), 255 is ink; labels uint8 (n,); held_back bool (n,)."""
    digits, packed = drawings.as_digits(found), io.BytesIO()
    is_held_back = np.array([bool(drawing.held_back) for drawing in found], bool)
    np.savez_compressed(packed, images=digits.images, labels=digits.labels, held_back=is_held_back)
    return packed.getvalue()


def read(content: bytes) -> tuple[Drawing, ...]:
    """The drawings of a file: a zip of pictures with a table in CSV, or .npz; its content says which, not its name.

    Everything is looked at before anything is unpacked: the numbers of parts and bytes, and each part's name.

    Args:
        content: of the file. Of the table, the columns "file" and "label" are needed. A picture of 28 x 28 grey pixels with
            white ink is taken as it is, any other is preprocessed.

    Raises:
        DatasetError: it is empty, too large, damaged, neither of both, or holds what does not belong there; the sentence
            says which part. Then nothing of it is used.
    """
    if not content:
        raise DatasetError("The file is empty.")
    if len(content) > MAX_BYTES:
        raise DatasetError(
            f"The file has {len(content) / 1e6:.0f} MB; the limit is {MAX_BYTES // 1024**2} MB. Split it into several sets."
        )
    if not content.startswith(zips.START):
        raise DatasetError(
            f"The file is not a set of drawings, whatever its name says: use a zip of pictures with {TABLE}, or an .npz file."
        )
    with zips.opened(content, _WHAT, _MAX_DIRECTORY_BYTES, DatasetError) as archive:
        entries = _checked_entries(archive.infolist())
        if entries and entries.keys() <= _ARRAYS.keys():
            return _from_arrays(archive, entries)
        return _from_pictures(archive, entries)


def _checked_entries(listed: Sequence[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """The parts of an archive by name, after a look at what its list says of them."""
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in listed:
        name = entry.filename
        if name.startswith(_JUNK[0]) or name.endswith(_JUNK[1]):
            continue
        _check_name(entry.orig_filename.removesuffix("/"))
        zips.check_kind(entry, _WHAT, DatasetError)
        if entry.is_dir():
            continue
        if name in entries:
            raise DatasetError(f"The file holds {shown(name)} twice.")
        entries[name] = entry
    if len(entries) > 2 * MAX_DRAWINGS + 1:
        raise DatasetError(f"The file holds more than {MAX_DRAWINGS:,} drawings: split it into several sets.")
    for name, entry in entries.items():
        if entry.file_size > _max_bytes(name) or entry.file_size > _MAX_RATIO * max(entry.compress_size, 100):
            raise DatasetError(
                f"Unpacked, {shown(name)} would grow to {entry.file_size / 1e6:,.1f} MB: that is not a drawing."
            )
    if (total := sum(entry.file_size for entry in entries.values())) > _MAX_UNPACKED_BYTES:
        raise DatasetError(
            f"Unpacked, the file would grow to {total / 1e6:,.0f} MB: split it into several sets."
        )
    return entries


def _max_bytes(name: str) -> int:
    if name in _ARRAYS:
        return MAX_DRAWINGS * SIDE * SIDE + _HEADER_BYTES
    return _MAX_TABLE_BYTES if name.endswith(".csv") else _MAX_PICTURE_BYTES


def _check_name(name: str) -> None:
    """Refuse names that lead out of the archive, or that hold more than letters, figures and a few marks."""
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name) or ".." in re.split(r"[/\\]", name):
        raise DatasetError(
            f"The file has a part whose name leads out of it: {shown(name)}. It was not opened."
        )
    if len(name) > 200 or not _ENTRY.fullmatch(name):
        raise DatasetError(
            f"The file has a part with a strange name: {shown(name)}. Use only letters from A to Z, numbers, "
            "spaces and . _ - + ( )."
        )


def shown(name: str) -> str:
    """A stranger's name for a sentence: in quotes, without what turns a line around, shortened."""
    return f"“{ascii(name)[1:-1][:60]}”"


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    return b"".join(zips.read(archive, entry, DatasetError))


def _from_arrays(archive: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo]) -> tuple[Drawing, ...]:
    arrays = {
        _ARRAYS[name]: _array(_content(archive, entry), _ARRAYS[name]) for name, entry in entries.items()
    }
    if missing := [name for name in ("images", "labels") if name not in arrays]:
        raise DatasetError(f"The file has no array “{missing[0]}”: it needs images and labels.")
    digits = Digits(arrays["images"], arrays["labels"])
    held_back = arrays.get("held_back")
    if held_back is not None and (held_back.dtype != bool or held_back.shape != digits.labels.shape):
        raise DatasetError(
            "The array “held_back” must hold true or false for each drawing; this one does not."
        )
    return tuple(
        Drawing(image, int(label), held_back=None if held_back is None else bool(held_back[place]))
        for place, (image, label) in enumerate(zip(digits.images, digits.labels))
    )


def _array(content: bytes, name: str) -> np.ndarray:
    """The array in an .npy file, its header looked at first: `numpy.load` would make room for whatever that says."""
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    headers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    if version not in headers:
        raise DatasetError(f"The array “{name}” is stored in a way that cannot be read here.")
    shape, is_fortran, dtype = headers[version](stream, max_header_size=_HEADER_BYTES)
    size = dtype.itemsize * int(np.prod(shape, dtype=object))
    if dtype.hasobject or is_fortran or size != len(content) - stream.tell():
        raise DatasetError(
            f"The array “{name}” is not a plain one: save it with numpy.savez_compressed(file, images=…, labels=…)."
        )
    return np.frombuffer(content, dtype, offset=stream.tell()).reshape(shape)


def _from_pictures(archive: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo]) -> tuple[Drawing, ...]:
    tables = [name for name in entries if name.lower().endswith(".csv")]
    if len(tables) != 1:
        raise DatasetError(
            f"The file needs one table in CSV, such as {TABLE}, with the columns “file” and “label”; it has {len(tables)}."
        )
    folder = tables[0].rpartition("/")[0]
    named: set[str] = set()
    found, budget = [], _Budget()
    for row in _rows(_content(archive, entries[tables[0]])):
        names_here = [
            f"{folder}/{name}" if folder else name for name in (row["file"], row.get("drawing")) if name
        ]
        if (name := names_here[0] if row["file"] else "") not in entries:
            raise DatasetError(f"The table names {shown(row['file'])}, which the file does not hold.")
        if twice := named.intersection(names_here):
            raise DatasetError(
                f"The table names {shown(min(twice))} twice: each drawing is a picture of its own."
            )
        named.update(names_here)
        drawn = entries.get(names_here[1]) if len(names_here) > 1 else None
        content, picture = _content(archive, entries[name]), _content(archive, drawn) if drawn else None
        found.append(_drawing(row, content, picture, budget))
    if not found:
        raise DatasetError(f"The table {shown(tables[0])} lists no drawings.")
    return tuple(found)


def _rows(content: bytes) -> list[dict[str, str]]:
    try:
        text = content.decode("utf-8-sig")
        rows = [
            {key: value for key, value in row.items() if isinstance(key, str) and isinstance(value, str)}
            for row in csv.DictReader(io.StringIO(text, newline=""))
        ]
    except (UnicodeDecodeError, csv.Error) as error:
        raise DatasetError("The table cannot be read: save it as CSV in UTF-8, with commas.") from error
    if any(not {"file", "label"} <= row.keys() for row in rows):
        raise DatasetError("The table needs the columns “file” and “label” in each row.")
    if len(rows) > MAX_DRAWINGS:
        raise DatasetError(
            f"The table lists {len(rows):,} drawings; the limit is {MAX_DRAWINGS:,}. Split it into several sets."
        )
    return rows


class _Budget:
    """What the pictures of one archive may cost, all together."""

    def __init__(self) -> None:
        self._pixels_left = float(_MAX_PIXELS_IN_ALL)
        self._end = (
            time.thread_time() + _MAX_SECONDS
        )  # processor time of this thread: what others do is not counted

    def read(self, content: bytes) -> np.ndarray:
        """A picture as `pictures.read` gives it.

        Raises:
            DatasetError: the pictures are more than an archive may hold, or take too long.
            PictureError: it cannot be read.
        """
        rgba, scale = pictures.read_scaled(content, pictures.WORKING_SIDE, _MAX_PIXELS)
        self._pixels_left -= rgba.shape[0] * rgba.shape[1] * scale**2
        if self._pixels_left < 0 or time.thread_time() > self._end:
            raise DatasetError(
                "The pictures in this file are too large, taken together: save them smaller (280 x 280 pixels are plenty), or "
                "split the file into several sets."
            )
        return rgba


def _drawing(row: Mapping[str, str], content: bytes, drawn: bytes | None, budget: _Budget) -> Drawing:
    name = shown(row["file"])
    if not re.fullmatch(r"[0-9]", row["label"].strip()):
        raise DatasetError(f"The label of {name} is a digit from 0 to 9, not {shown(row['label'])}.")
    try:
        rgba = budget.read(content)
        image, is_as_written = _pixels(rgba)
        picture = budget.read(drawn) if drawn else None if is_as_written else rgba
        is_known = row.get("part") in (PRACTICE, EXAM)
        return Drawing(
            image,
            int(row["label"]),
            b"" if picture is None else drawings.small_picture(picture),
            int(row["answer"]) if row.get("answer") else None,
            float(row["confidence"]) if row.get("confidence") else None,
            row.get("model") or "",
            held_back=row["part"] == EXAM if is_known else None,
        )
    except (PictureError, StoreError) as error:
        raise DatasetError(f"{name} cannot be imported: {error}") from error
    except ValueError as error:
        raise DatasetError(
            f"The table's row for {name} cannot be read: an answer is a digit, a confidence is a number from 0 to 1."
        ) from error


def _pixels(rgba: np.ndarray) -> tuple[np.ndarray, bool]:
    """A picture as it is kept, uint8 (28, 28), and whether that is as it was, pixel by pixel: it looks as `to_zip` writes it."""
    grey = rgba[..., 0]
    is_plain = rgba.shape[:2] == (SIDE, SIDE) and (rgba[..., :3] == grey[..., None]).all()
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    if is_plain and rgba[..., 3].min() == 255 and np.median(border) == 0 and grey.any():
        return grey.copy(), True
    return images.to_dataset(images.from_picture(rgba)), False
