"""What a pupil's page is made of: the modules of static/lab and the small network that reads along, at addresses for ever."""

import functools
import hashlib
from dataclasses import dataclass

from digit_core import settings
from ui.frame import resources

NETWORK = "tiny"  # a shipped one: with it the whole page stays within 150 KB, whatever network the class has
_FOLDER = settings.PROJECT_FOLDER / "static" / "lab"
HTML, CSS = _FOLDER / "pupil.html", _FOLDER / "pupil.css"
_KINDS = {".js": "text/javascript", ".css": "text/css", ".network": "application/octet-stream"}


@dataclass(frozen=True)
class PageFile:
    """A file as it is sent.

    Attributes:
        content: its bytes.
        media_type: what they are.
    """

    content: bytes
    media_type: str


@functools.cache
def _files() -> dict[str, PageFile]:
    found = {path.name: path.read_bytes() for path in sorted(_FOLDER.iterdir()) if path.suffix in _KINDS}
    found[f"{NETWORK}.network"] = resources.browser_network(NETWORK)
    return {name: PageFile(content, _KINDS[f".{name.rpartition('.')[2]}"]) for name, content in found.items()}


@functools.cache
def version() -> str:
    """Another text for each content of the files. It is in their addresses, so that a page never has files of two versions."""
    digest = hashlib.sha256()
    for name, file in _files().items():
        digest.update(f"{name} {len(file.content)}\n".encode() + file.content)
    return digest.hexdigest()[:16]


def find(of_version: str, name: str) -> PageFile | None:
    """A file by its name; None if there is none, or this server has another version."""
    return _files().get(name) if of_version == version() else None
