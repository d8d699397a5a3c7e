"""How much the server holds of what visitors upload: caps before a body is read, whatever page the visitor is on."""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

MAX_FILE_BYTES = 20 * 1024**2  # .streamlit/config.toml has the same
# That one visitor, and all together, have on the server.
MAX_SESSION_BYTES, MAX_BYTES = 40 * 1024**2, 100 * 1024**2
_OVERHEAD_BYTES = 64 * 1024  # of the form that a browser packs a file into
_PATIENCE_SECONDS = 120  # a file that lay longer goes where another needs its room
_PATH = re.compile(r"/_stcore/upload_file/([^/]+)/([^/]+)$")


class UploadLimits:
    """Refuse uploads beyond the caps: ASGI middleware for `st.App`.

    Streamlit takes files for any session, asked for or not, and holds them in memory until the session ends; pages take
    theirs out as soon as they are read. What is under way counts with the bytes that it says it has.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._under_way: dict[object, tuple[str, int]] = {}
        self._since: dict[tuple[str, str], float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = _PATH.search(scope["path"]) if scope["type"] == "http" and scope["method"] == "PUT" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        session, file = found.groups()
        size = _declared_bytes(scope)
        if sentence := self._refusal(session, size):
            await PlainTextResponse(sentence, 413)(scope, receive, send)
            return
        with self._counted(session, size):
            await self._app(scope, receive, send)
        self._since[session, file] = time.monotonic()

    def _refusal(self, session: str, size: int) -> str:
        """Why an upload is not taken; "" if it is."""
        if size > MAX_FILE_BYTES + _OVERHEAD_BYTES:
            return f"A file may have {MAX_FILE_BYTES // 1024**2} MB at most."
        manager = _manager()
        if self._bytes(manager, session) + size > MAX_SESSION_BYTES + _OVERHEAD_BYTES:
            return f"You can have {MAX_SESSION_BYTES // 1024**2} MB on the server at a time. Remove a file, or reload the page."
        self._make_room(manager, size)
        if self._bytes(manager) + size > MAX_BYTES + _OVERHEAD_BYTES:
            return "Too many files are being uploaded just now: try again in two minutes."
        return ""

    @contextmanager
    def _counted(self, session: str, size: int) -> Iterator[None]:
        mark = object()
        self._under_way[mark] = session, size
        try:
            yield
        finally:
            del self._under_way[mark]

    def _bytes(self, manager: MemoryUploadedFileManager | None, session: str | None = None) -> int:
        """What is held and under way, of one session or of all."""
        under_way = sum(size for of, size in self._under_way.values() if session in (None, of))
        return under_way + sum(size for (of, _), size in _held(manager).items() if session in (None, of))

    def _make_room(self, manager: MemoryUploadedFileManager | None, size: int) -> None:
        """Let go what those who have gone left, and what nobody took for two minutes, the oldest first, until there is room."""
        held = _held(manager)
        self._since = {file: since for file, since in self._since.items() if file in held}
        for (session, file), since in sorted(self._since.items(), key=lambda item: item[1]):
            if manager is None or self._bytes(manager) + size <= MAX_BYTES:
                return
            is_gone = not runtime.get_instance().is_active_session(session)
            if is_gone or time.monotonic() - since > _PATIENCE_SECONDS:
                manager.remove_file(session, file)


def _manager() -> MemoryUploadedFileManager | None:
    if not runtime.exists():
        return None
    manager = runtime.get_instance().uploaded_file_mgr
    return manager if isinstance(manager, MemoryUploadedFileManager) else None


def _held(manager: MemoryUploadedFileManager | None) -> Mapping[tuple[str, str], int]:
    """The bytes of each file that Streamlit holds, by session and file."""
    if manager is None:
        return {}
    sessions = [(session, dict(files)) for session, files in list(manager.file_storage.items())]
    return {(session, name): len(file.data) for session, files in sessions for name, file in files.items()}


def _declared_bytes(scope: Scope) -> int:
    """What a request says that its body has; the most that it may have if it does not say."""
    declared = dict(scope["headers"]).get(b"content-length", b"")
    return int(declared) if declared.isdigit() else MAX_FILE_BYTES
