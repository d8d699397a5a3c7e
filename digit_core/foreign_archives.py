"""A stranger's model file from outside: what kind it is, and what it unpacks to."""

import io
import stat
import struct
import zipfile
from pathlib import Path
from typing import IO

from digit_core import foreign_networks
from digit_core.errors import ModelError

MOST_BYTES = 20 * 1024**2  # of a file; .streamlit/config.toml has the same
CONFIG_FILE, WEIGHTS_FILE = "config.json", "weights.h5"  # as unpacked

_MOST_WEIGHT_BYTES = 80_000_000  # unpacked: 5 million parameters and what their optimizer remembers
_MOST_RATIO = 100  # of unpacked to packed bytes; Keras itself does not pack at all
_CONFIG, _METADATA, _WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
_ENTRIES = {_CONFIG, _METADATA, _WEIGHTS, "assets/"}
_MOST_DIRECTORY_BYTES = 10_000  # of a zip's directory; Keras' three entries take 200
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # zipfile unpacks the others without a limit
_ENCRYPTED = 1  # a bit of an entry's flags
_END, _ZIP64_LOCATOR = struct.Struct("<4s4H2LH"), 20  # the last record of a zip, the size of the one before
_ZIP_START, _HDF5_START = b"PK\x03\x04", b"\x89HDF\r\n\x1a\n"


def unpack(content: bytes, folder: Path) -> None:
    """Look at a model file from outside, and put what it holds into a folder.

    Args:
        content: of a .keras file (a zip) or of an .h5 file; its first bytes say which, not its name.
        folder: gets WEIGHTS_FILE, and of a .keras file CONFIG_FILE.

    Raises:
        ModelError: it is neither, is damaged or too large, would unpack to too much, holds what does not belong into a
            model of digits, or describes a network that is refused.
    """
    if not content:
        raise ModelError("The file is empty.")
    if len(content) > MOST_BYTES:
        raise ModelError(
            f"The file has {len(content) / 1e6:.0f} MB; {MOST_BYTES // 1024**2} MB are the most. Save the model without its "
            "optimizer: model.save(path, include_optimizer=False)."
        )
    if content.startswith(_HDF5_START):
        (folder / WEIGHTS_FILE).write_bytes(content)
    elif content.startswith(_ZIP_START):
        try:
            _unpack_zip(content, folder)
        except (
            zipfile.BadZipFile,
            EOFError,
            OSError,
            ValueError,
            RuntimeError,
            NotImplementedError,
        ) as error:
            raise ModelError("The file is damaged: it cannot be unpacked.") from error
    else:
        raise ModelError(
            "The file is no Keras model, whatever its name says: save yours with model.save('digits.keras')."
        )


def _unpack_zip(content: bytes, folder: Path) -> None:
    _check_end(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        _check_entries(entries)
        with archive.open(_CONFIG) as packed:
            config = packed.read(foreign_networks.MOST_CONFIG_BYTES + 1)
        foreign_networks.read(config)  # most that is wrong shows here, before a process is started
        (folder / CONFIG_FILE).write_bytes(config)
        with archive.open(_WEIGHTS) as source, (folder / WEIGHTS_FILE).open("wb") as target:
            _copy(source, target, archive.getinfo(_WEIGHTS).file_size)


def _check_end(content: bytes) -> None:
    """Look at the end of an archive before `zipfile` does, which reads a directory of any size whole.

    Nothing may stand behind the last record, so that `zipfile` cannot find another one. Section 4.3 of PKWARE's APPNOTE.
    """
    if len(content) < _END.size or content[-_END.size : -_END.size + 4] != b"PK\x05\x06":
        raise ModelError("The file is damaged: its end is missing, or something else was put there.")
    *_, directory_bytes, _, comment_bytes = _END.unpack(content[-_END.size :])
    if comment_bytes:
        raise ModelError("The file is damaged: its end is missing, or something else was put there.")
    before = content[-_END.size - _ZIP64_LOCATOR : -_END.size]
    if directory_bytes > _MOST_DIRECTORY_BYTES or before.startswith(b"PK\x06\x07"):
        raise ModelError("The file lists far more parts than a model of digits has.")


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    """Look at what the directory of an archive says before anything is unpacked."""
    names = [entry.filename for entry in entries]
    if extra := sorted(set(names) - _ENTRIES):
        raise ModelError(f"The file holds something that no .keras file of digits has: {extra[0][:60]!r}.")
    if len(names) != len(set(names)) or not {_CONFIG, _WEIGHTS} <= set(names):
        raise ModelError(
            "The file is no .keras file: it lacks the network or its weights, or has them twice."
        )
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED:
            raise ModelError("The file is locked with a password: save it without one.")
        if entry.compress_type not in _METHODS:
            raise ModelError(
                "The file is packed in a way that Keras does not use: save it anew with model.save('digits.keras')."
            )
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG) and not entry.is_dir():
            raise ModelError("The file holds a link or a device instead of a model.")
        most = _MOST_WEIGHT_BYTES if entry.filename == _WEIGHTS else foreign_networks.MOST_CONFIG_BYTES
        if entry.file_size > most or entry.file_size > _MOST_RATIO * max(entry.compress_size, 100):
            raise ModelError(
                f"Unpacked, the file would grow to {entry.file_size / 1e6:,.0f} MB: that is no model of digits."
            )


def _copy(source: IO[bytes], target: IO[bytes], size: int) -> None:
    """Copy no more bytes than the directory says there are."""
    left = size
    while chunk := source.read(min(left + 1, 1 << 16)):
        left -= len(chunk)
        if left < 0:
            raise ModelError("The file is damaged: it holds more than it says.")
        target.write(chunk)
