"""A visitor without a browser: speaks Streamlit's protocol over its WebSocket, as its page in the browser does."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from _server import HOST
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

_LONGEST_RUN = 60  # seconds


@dataclass
class Run:
    """What one run of a script sent.

    Attributes:
        seconds: from the request to the end of the run.
        received: bytes of all messages up to that end, without the WebSocket's own few.
        headings: the texts of its titles.
        html: the content of its `st.html` elements.
        elements: all of its elements, in the order in which they came.
        errors: the exceptions it showed, and other ends than success.
    """

    seconds: float = 0.0
    received: int = 0
    headings: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    elements: list[Element] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Visitor:
    """One open tab.

    Attributes:
        pages: path in the address to the page's hash, known after the first page was opened.
    """

    def __init__(self, socket: ClientConnection, port: int) -> None:
        self._socket, self._port = socket, port
        self._page = self._canvas = self._fragment = ""
        self._page_hash = self._query = ""
        self.pages: dict[str, str] = {}

    async def open(self, page: str, query: str = "") -> Run:
        """Open a page by its path in the address, "" for the first, and what stands behind the question mark."""
        self._page, self._page_hash = page, self.pages.get(page, "")
        self._canvas = self._fragment = ""
        self._query = query
        return await self._run(self._request())

    async def draw(self, drawing: str) -> Run:
        """Send what the canvas would send, and wait for the answer."""
        request = self._request()
        request.rerun_script.fragment_id = self._fragment
        request.rerun_script.widget_states.widgets.add(id=self._canvas, json_value=drawing)
        return await self._run(request)

    async def set(self, states: Iterable[WidgetState], *, is_by_canvas: bool = False) -> Run:
        """Send the values of the page's widgets, of which one has changed, and wait for the whole page.

        Args:
            states: the widgets' values.
            is_by_canvas: whether they stand in the part of the page that the canvas reruns alone; that is waited for.
        """
        request = self._request()
        if is_by_canvas:
            request.rerun_script.fragment_id = self._fragment
        request.rerun_script.widget_states.widgets.extend(states)
        return await self._run(request)

    def _request(self) -> BackMsg:
        request = BackMsg()
        request.rerun_script.query_string = self._query
        if self._page_hash:
            request.rerun_script.page_script_hash = self._page_hash
        else:
            request.rerun_script.page_name = self._page
        context = request.rerun_script.context_info
        context.url, context.timezone, context.locale = (
            f"http://{HOST}:{self._port}/{self._page}",
            "UTC",
            "en-US",
        )
        return request

    async def _run(self, request: BackMsg) -> Run:
        run, sent = Run(), time.perf_counter()
        async with asyncio.timeout(_LONGEST_RUN):
            await self._socket.send(request.SerializeToString())
            while True:
                content = await self._socket.recv(decode=False)
                run.received += len(content)
                message = ForwardMsg.FromString(content)
                if message.WhichOneof("type") == "script_finished":
                    break
                self._take_in(message, run)
        run.seconds = time.perf_counter() - sent
        finished = ForwardMsg.ScriptFinishedStatus
        good = (finished.FINISHED_SUCCESSFULLY, finished.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
        if message.script_finished not in good:
            run.errors.append(finished.Name(message.script_finished))
        return run

    def _take_in(self, message: ForwardMsg, run: Run) -> None:
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self._page_hash = message.navigation.page_script_hash
            pages = message.navigation.app_pages
            self.pages = {
                "" if page.is_default else page.url_pathname: page.page_script_hash for page in pages
            }
        elif kind == "page_info_changed":
            self._query = message.page_info_changed.query_string
        elif kind == "page_not_found":
            run.errors.append("page not found")
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            run.elements.append(element)
            match element.WhichOneof("type"):
                case "bidi_component" if "canvas" in element.bidi_component.component_name:
                    self._canvas, self._fragment = element.bidi_component.id, message.delta.fragment_id
                case "heading":
                    run.headings.append(element.heading.body)
                case "html":
                    run.html.append(element.html.body)
                case "exception":
                    run.errors.append(element.exception.message)


@asynccontextmanager
async def visit(port: int) -> AsyncIterator[Visitor]:
    """A visitor of a server on this machine."""
    address = f"ws://{HOST}:{port}/_stcore/stream"
    async with connect(
        address, subprotocols=["streamlit"], max_size=None, open_timeout=60, proxy=None
    ) as socket:
        yield Visitor(socket, port)
