"""Strangers' zip files, looked at from outside: what they list, and what they would unpack to."""

import io
import stat
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from digit_core.errors import DigitError

START = b"PK\x03\x04"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # zipfile unpacks the others without a limit
_ENCRYPTED = 1  # a bit of an entry's flags
_END, _ZIP64_LOCATOR = struct.Struct("<4s4H2LH"), 20  # the last record of a zip, the size of the one before


@contextmanager
def opened(
    content: bytes, what: str, max_directory_bytes: int, error: type[DigitError]
) -> Iterator[zipfile.ZipFile]:
    """A zip file whose list of parts was looked at before `zipfile`, which reads one of any size whole.

    Nothing may stand behind the last record, so that `zipfile` cannot find another one. Section 4.3 of PKWARE's APPNOTE.

    Args:
        content: of the file.
        what: it should be, such as "a model of digits".
        max_directory_bytes: that its list of parts may have.
        error: the exception to raise.

    Raises:
        DigitError: of the kind `error`: it is damaged, there or in what the block reads of it, or lists too much.
    """
    is_whole = len(content) >= _END.size and content[-_END.size : -_END.size + 4] == b"PK\x05\x06"
    *_, directory_bytes, _, comment_bytes = _END.unpack(content[-_END.size :]) if is_whole else (0, 0, 1)
    if comment_bytes:
        raise error("The file is damaged: its end is missing, or something else was put there.")
    before = content[-_END.size - _ZIP64_LOCATOR : -_END.size]
    if directory_bytes > max_directory_bytes or before.startswith(b"PK\x06\x07"):
        raise error(f"The file lists far more parts than {what} has.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield archive
    except DigitError:
        raise
    except Exception as cause:  # zipfile, and NumPy's reader of headers, raise nearly anything on wrong bytes
        raise error("The file is damaged: it cannot be unpacked.") from cause


def check_kind(entry: zipfile.ZipInfo, what: str, error: type[DigitError]) -> None:
    """Refuse a part that cannot be read plainly.

    Args:
        entry: the part.
        what: the file should be, such as "a model".
        error: the exception to raise.

    Raises:
        DigitError: of the kind `error`: it is locked, packed in a rare way, or no plain file.
    """
    if entry.flag_bits & _ENCRYPTED:
        raise error("The file is protected with a password. Save it without one.")
    if entry.compress_type not in _METHODS:
        raise error(
            "The file is compressed in a way that cannot be read here. Save it as an ordinary zip file."
        )
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG) and not entry.is_dir():
        raise error(f"The file holds a link or a device instead of {what}.")


def read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, error: type[DigitError]) -> Iterator[bytes]:
    """The content of a part in pieces, no more bytes than the list of parts says there are.

    Raises:
        DigitError: of the kind `error`: there are more.
    """
    left = entry.file_size
    with archive.open(entry) as source:
        while chunk := source.read(min(left + 1, 1 << 16)):
            left -= len(chunk)
            if left < 0:
                raise error("The file is damaged: it holds more than it says.")
            yield chunk
