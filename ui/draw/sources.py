"""Where pictures come from: files, the clipboard, the camera, and samples that the project made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from digit_core.files import names
from digit_core.preprocessing import pictures
from ui.components import clipboard
from ui.frame import layout

FILES, CAMERA, SAMPLES = "File or clipboard", "Camera", "Samples"
MAX_AT_ONCE = 100  # pictures
MAX_MEGABYTES = 20  # of a file
_NO_CAMERA = (
    "There is no camera here: browsers allow it only for pages that come over **https://** or from this computer, "
    "and this page came over plain HTTP. Take the photo with your phone's camera app, and choose it under "
    f"“{FILES}”."
)


@dataclass(frozen=True)
class NewPicture:
    """A picture that a visitor brought, not looked at yet.

    Attributes:
        name: fit to be shown; "" where `refusal` is of no single picture.
        content: the bytes of a file.
        refusal: why it is not even to be opened: a sentence, or "".
    """

    name: str
    content: bytes
    refusal: str = ""


def ask(key: str, samples: Mapping[str, Callable[[], bytes]], *, is_several: bool) -> list[NewPicture]:
    """Ask for pictures.

    Args:
        key: of the widgets.
        samples: what can be tried without a picture of one's own: name to what makes it.
        is_several: whether more than one can be brought at once.

    Returns:
        The pictures that were brought just now, once; mostly none. If there are too many, the first one has no name, and
        its refusal is of the rest.
    """
    way = layout.pick_way("Where from", (FILES, CAMERA, SAMPLES), f"{key} from")
    if way == CAMERA:
        return _from_camera(key)
    if way == SAMPLES:
        return _from_samples(key, samples)
    return _from_files(key, is_several)


def has_camera(address: str) -> bool:
    """Whether browsers lend a camera to a page of this address."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    return parts.scheme == "https" or host in ("localhost", "127.0.0.1", "::1") or host.endswith(".localhost")


def _from_files(key: str, is_several: bool) -> list[NewPicture]:
    # A new number is an empty uploader: each file is taken once, and what was read on it is kept elsewhere.
    number = st.session_state.setdefault(f"{key} uploads", 0)
    chosen = st.file_uploader(
        "Pictures of one digit each" if is_several else "A picture of a number",
        accept_multiple_files=is_several,
        max_upload_size=MAX_MEGABYTES,
        key=f"{key} files {number}",
        help=f"{pictures.NAMED}: dark on light or light on dark, drawn or photographed.",
    )
    pasted = [NewPicture("pasted picture", content) for content in clipboard.pictures(f"{key} paste")]
    files = chosen if isinstance(chosen, list) else [chosen] if chosen else []
    if files:
        st.session_state[f"{key} uploads"] += 1
        pasted += [_uploaded(file) for file in files[:MAX_AT_ONCE]]
        _let_go(files)
    if (left := len(files) - MAX_AT_ONCE) > 0:
        told = (
            f"You added {len(files)} pictures; the limit is {MAX_AT_ONCE} at a time. The first {MAX_AT_ONCE} are read, the "
            f"other {left} are not. You can add those now, up to {MAX_AT_ONCE} at a time."
        )
        pasted.insert(0, NewPicture("", b"", told))
    return pasted if is_several else pasted[:1]


def _uploaded(file: UploadedFile) -> NewPicture:
    name = names.shown(file.name)
    if file.size > MAX_MEGABYTES * 10**6:
        size = f"It has {file.size / 1e6:.0f} MB; the limit is {MAX_MEGABYTES} MB. Save it smaller."
        return NewPicture(name, b"", size)
    return NewPicture(name, file.getvalue())


def _let_go(files: list[UploadedFile]) -> None:
    """Give the server's memory back: Streamlit keeps what was uploaded until the visitor has gone."""
    context = get_script_run_ctx()
    if context is None or not isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        return
    for file in files:
        context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)


def _from_camera(key: str) -> list[NewPicture]:
    if not has_camera(st.context.url or ""):
        st.info(_NO_CAMERA, icon=":material/no_photography:")
        return []
    number = st.session_state.setdefault(f"{key} photos", 0)
    photo = st.camera_input("Hold it so that it fills the picture", key=f"{key} photo {number}", width=480)
    if photo is None:
        return []
    st.session_state[f"{key} photos"] += 1
    _let_go([photo])
    return [NewPicture(f"photo {number + 1}", photo.getvalue())]


def _from_samples(key: str, samples: Mapping[str, Callable[[], bytes]]) -> list[NewPicture]:
    with st.container(horizontal=True, gap="small"):
        pressed = [name for name in samples if st.button(name, key=f"{key} sample {name}")]
    return [NewPicture(name, samples[name]()) for name in pressed]
