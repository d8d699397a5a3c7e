"""An imported model's file from outside: what kind it is, and what it unpacks to."""

import zipfile
from pathlib import Path

from digit_core.errors import ModelError
from digit_core.files import zips
from digit_core.model_import import network_specs

MAX_BYTES = 20 * 1024**2  # of a file; .streamlit/config.toml has the same
CONFIG_FILE, WEIGHTS_FILE = "config.json", "weights.h5"  # as unpacked

_MAX_WEIGHT_BYTES = 80_000_000  # unpacked: 5 million parameters and what their optimizer remembers
_MAX_RATIO = 100  # of unpacked to packed bytes; Keras itself does not pack at all
_CONFIG, _METADATA, _WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
_ENTRIES = {_CONFIG, _METADATA, _WEIGHTS, "assets/"}
_MAX_DIRECTORY_BYTES = 10_000  # of a zip's directory; Keras' three entries take 200
_HDF5_START = b"\x89HDF\r\n\x1a\n"


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
    if len(content) > MAX_BYTES:
        raise ModelError(
            f"The file has {len(content) / 1e6:.0f} MB; the limit is {MAX_BYTES // 1024**2} MB. Save the model without its "
            "optimizer: model.save(path, include_optimizer=False)."
        )
    if content.startswith(_HDF5_START):
        (folder / WEIGHTS_FILE).write_bytes(content)
    elif content.startswith(zips.START):
        _unpack_zip(content, folder)
    else:
        raise ModelError(
            "The file is not a Keras model, whatever its name says: save yours with model.save('digits.keras')."
        )


def _unpack_zip(content: bytes, folder: Path) -> None:
    with zips.opened(content, "a model of digits", _MAX_DIRECTORY_BYTES, ModelError) as archive:
        entries = archive.infolist()
        _check_entries(entries)
        with archive.open(_CONFIG) as packed:
            config = packed.read(network_specs.MAX_CONFIG_BYTES + 1)
        network_specs.read(config)  # most that is wrong shows here, before a process is started
        (folder / CONFIG_FILE).write_bytes(config)
        with (folder / WEIGHTS_FILE).open("wb") as target:
            target.writelines(zips.read(archive, archive.getinfo(_WEIGHTS), ModelError))


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    """Look at what the directory of an archive says before anything is unpacked."""
    names = [entry.filename for entry in entries]
    if extra := sorted(set(names) - _ENTRIES):
        raise ModelError(f"The file holds something that no .keras file of digits has: {extra[0][:60]!r}.")
    if len(names) != len(set(names)) or not {_CONFIG, _WEIGHTS} <= set(names):
        raise ModelError(
            "The file is not a .keras file: it lacks the network or its weights, or has them twice."
        )
    for entry in entries:
        zips.check_kind(entry, "a model", ModelError)
        most = _MAX_WEIGHT_BYTES if entry.filename == _WEIGHTS else network_specs.MAX_CONFIG_BYTES
        if entry.file_size > most or entry.file_size > _MAX_RATIO * max(entry.compress_size, 100):
            raise ModelError(
                f"Unpacked, the file would grow to {entry.file_size / 1e6:,.0f} MB: that is not a model of digits."
            )
