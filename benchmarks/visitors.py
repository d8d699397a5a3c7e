"""Visitors without a browser: they speak Streamlit's protocol over its WebSocket, as its page in the browser does."""

import asyncio
import base64
import io
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.server import HOST
from digit_core.preprocessing.strokes import Stroke, draw
from digit_core.settings import PEN_WIDTH
from tests.browser import hand, pen

_MAX_RUN_SECONDS = 60
_FINISHED = ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
# Each digit that is drawn in one stroke, to the corners of that stroke on the canvas.
ONE_STROKE = {digit: strokes[0] for digit, strokes in pen.STROKES.items() if len(strokes) == 1}
_UNSTEADINESS = 3  # pixels that a corner lies beside its place
_POINTS_PER_CORNER = 4


@dataclass
class Run:
    """What one run of a script sent.

    Attributes:
        seconds: from the request to the end of the run.
        received: bytes of all messages up to that end, without the WebSocket's own few.
        elements: all of its elements, in the order in which they came.
        errors: the exceptions it showed, and other ends than success.
    """

    seconds: float = 0.0
    received: int = 0
    elements: list[Element] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def texts(self, kind: str) -> list[str]:
        """The texts of its elements of one kind: "heading", "html" or "markdown"."""
        return [getattr(one, kind).body for one in self.elements if one.WhichOneof("type") == kind]

    def components(self, name: str) -> list[Element]:
        """Its components of one's own with that in their name."""
        return [one for one in self.elements if name in one.bidi_component.component_name]

    def widgets(self) -> dict[str, Element]:
        """Its widgets by key."""
        found = {}
        for element in self.elements:
            shown = getattr(element, element.WhichOneof("type"))
            parts = getattr(shown, "id", "").split("-", 2)  # $$ID-HASH-KEY
            if len(parts) == 3:
                found[parts[2]] = element
        return found

    def check(self, what: str) -> None:
        """Refuse a run that went wrong.

        Raises:
            RuntimeError: it showed an error.
        """
        if self.errors:
            raise RuntimeError(f"{what}: {self.errors}")


class Visitor:
    """One open tab.

    Attributes:
        pages: path in the address to the page's hash, known after the first page was opened.
    """

    def __init__(self, socket: ClientConnection, port: int) -> None:
        self._socket, self._port = socket, port
        self._page = self._page_hash = self._query = self._canvas = self._fragment = ""
        self.pages: dict[str, str] = {}

    async def open(self, page: str, query: str = "") -> Run:
        """Open a page by its path in the address, "" for the first, and what stands behind the question mark."""
        self._page, self._page_hash, self._query = page, self.pages.get(page, ""), query
        self._canvas = self._fragment = ""
        return await self._run([])

    async def draw(self, drawing: str) -> Run:
        """Send what the canvas would send, and wait for the answer."""
        return await self.set([WidgetState(id=self._canvas, json_value=drawing)], is_by_canvas=True)

    async def set(self, states: Iterable[WidgetState], *, is_by_canvas: bool = False) -> Run:
        """Send the values of the page's widgets, of which one has changed, and wait for the whole page.

        Args:
            states: the widgets' values.
            is_by_canvas: whether they stand in the part of the page that the canvas reruns alone; that is waited for.
        """
        return await self._run(states, self._fragment if is_by_canvas else "")

    async def _run(self, states: Iterable[WidgetState], fragment: str = "") -> Run:
        request = BackMsg()
        rerun = request.rerun_script
        rerun.query_string, rerun.fragment_id = self._query, fragment
        rerun.widget_states.widgets.extend(states)
        if self._page_hash:
            rerun.page_script_hash = self._page_hash
        else:
            rerun.page_name = self._page
        rerun.context_info.url = f"http://{HOST}:{self._port}/{self._page}"
        rerun.context_info.timezone, rerun.context_info.locale = "UTC", "en-US"
        run, sent = Run(), time.perf_counter()
        async with asyncio.timeout(_MAX_RUN_SECONDS):
            await self._socket.send(request.SerializeToString())
            while True:
                content = await self._socket.recv(decode=False)
                run.received += len(content)
                message = ForwardMsg.FromString(content)
                if message.WhichOneof("type") == "script_finished":
                    break
                self._take_in(message, run)
        run.seconds = time.perf_counter() - sent
        if message.script_finished not in _FINISHED:
            run.errors.append(ForwardMsg.ScriptFinishedStatus.Name(message.script_finished))
        return run

    def _take_in(self, message: ForwardMsg, run: Run) -> None:
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self._page_hash = message.navigation.page_script_hash
            self.pages = {
                "" if page.is_default else page.url_pathname: page.page_script_hash
                for page in message.navigation.app_pages
            }
        elif kind == "page_info_changed":
            self._query = message.page_info_changed.query_string
        elif kind == "page_not_found":
            run.errors.append("page not found")
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            run.elements.append(element)
            if "canvas" in element.bidi_component.component_name:
                self._canvas, self._fragment = element.bidi_component.id, message.delta.fragment_id
            if element.WhichOneof("type") == "exception":
                run.errors.append(element.exception.message)


@asynccontextmanager
async def visit(port: int) -> AsyncIterator[Visitor]:
    """A visitor of a server on this machine."""
    address = f"ws://{HOST}:{port}/_stcore/stream"
    async with connect(
        address, subprotocols=["streamlit"], max_size=None, open_timeout=60, proxy=None
    ) as socket:
        yield Visitor(socket, port)


async def all_at_once(port: int, count: int, act: Callable[[Visitor, int], Awaitable[None]]) -> None:
    """So many visitors, each of which does the same with its number."""

    async def one(number: int) -> None:
        async with visit(port) as visitor:
            await act(visitor, number)

    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(one(number))


def state_of(element: Element, value: Any) -> WidgetState:
    """What a browser says when a widget holds a value.

    Args:
        element: a group of buttons (its value is text or a list of it), a checkbox (bool), a selectbox (its label), a
            slider (a number, or a pair of them), a text input, pages (a number), a button (True: it was pressed), a
            component of one's own (its state, as JSON holds it).
        value: of the widget's kind.

    Raises:
        ValueError: another kind of widget.
    """
    kind = element.WhichOneof("type")
    state = WidgetState(id=getattr(element, kind).id)
    match kind:
        case "button_group":
            state.string_array_value.data.extend([value] if isinstance(value, str) else value)
        case "checkbox":
            state.bool_value = value
        case "selectbox" | "text_input":
            state.string_value = value
        case "pagination":
            state.int_value = value
        case "button":
            state.trigger_value = value
        case "bidi_component":
            state.json_value = json.dumps(value)
        case "slider":
            state.double_array_value.data.extend(value if isinstance(value, tuple) else [value])
        case _:
            raise ValueError(f"A {kind} is not set here.")
    return state


def stroke(digit: int, random: np.random.Generator) -> np.ndarray:
    """One of `ONE_STROKE`, each time a little different: float64 array of shape (points, 2), canvas pixels."""
    corners = np.array(ONE_STROKE[digit], float)
    corners += random.normal(0, _UNSTEADINESS, corners.shape)
    return np.array(hand.in_small_steps(corners.tolist(), _POINTS_PER_CORNER))


def message(points: np.ndarray) -> str:
    """What the canvas sends after this stroke: the value of its component, as JSON."""
    middles = (points[:-1] + points[1:]) / 2
    path: list[list[object]] = [["M", *points[0].tolist()]]
    path += [["Q", *near.tolist(), *far.tolist()] for near, far in zip(points[:-1], middles, strict=True)]
    path.append(["L", *points[-1].tolist()])
    drawn = {
        "type": "Path",
        "version": "7.4.0",
        "stroke": "#1c2326",
        "strokeWidth": PEN_WIDTH,
        "path": path,
    }
    png = io.BytesIO()
    Image.fromarray(draw([Stroke(points, PEN_WIDTH)])).save(png, "PNG")
    data = "data:image/png;base64," + base64.b64encode(png.getvalue()).decode()
    return json.dumps({"drawing": {"raw": {"version": "7.4.0", "objects": [drawn]}, "data": data}})


def drawings(count: int) -> list[tuple[int, str]]:
    """Digits by turns with the messages in which the canvas sends them."""
    random = np.random.default_rng(0)
    digits = [list(ONE_STROKE)[number % len(ONE_STROKE)] for number in range(count)]
    return [(digit, message(stroke(digit, random))) for digit in digits]
