"""Visitors without a browser: they speak Streamlit's protocol over its WebSocket, as its page in the browser does."""

import asyncio
import base64
import io
import itertools
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
from ui.frame import failures

_MAX_RUN_SECONDS = 300
_FINISHED = ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
# Each digit that is drawn in one stroke, to the corners of that stroke on the canvas.
ONE_STROKE = {digit: strokes[0] for digit, strokes in pen.STROKES.items() if len(strokes) == 1}
_UNSTEADINESS = 3  # pixels that a corner lies beside its place
_POINTS_PER_CORNER = 4


@dataclass
class Run:
    """What one run of a script sent.

    Attributes:
        page: its path in the address.
        seconds: from the request to the end of the run.
        received: bytes of all messages up to that end, as they came over the line (compressed where the server does that).
        elements: all of its elements, in the order in which they came.
        errors: the exceptions it showed, and other ends than success.
    """

    page: str
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

    def check(self) -> "Run":
        """This run, which went well.

        Raises:
            RuntimeError: it showed an error.
        """
        if self.errors:
            raise RuntimeError(f"The page {self.page!r} showed errors: {self.errors}")
        return self


class _Line(ClientConnection):
    """A WebSocket that counts the bytes that come."""

    received = 0

    def data_received(self, data: bytes) -> None:
        self.received += len(data)
        super().data_received(data)


class Visitor:
    """One open tab.

    Attributes:
        pages: path in the address to the page's hash, known after the first page was opened.
        session: the id that the server gave, under which it takes uploads.
        clocks: the parts of the page that ask to be run again by themselves: the ids of their fragments to seconds.
    """

    def __init__(self, socket: _Line, port: int) -> None:
        self._socket, self._port = socket, port
        self._page = self._page_hash = self._query = self._canvas = self._fragment = self._paste = ""
        self._kept: set[str] = set()
        self.pages: dict[str, str] = {}
        self.session = ""
        self.clocks: dict[str, float] = {}

    async def open(self, page: str, query: str = "") -> Run:
        """Open a page by its path in the address, "" for the first, and what stands behind the question mark."""
        self._page, self._page_hash, self._query = page, self.pages.get(page, ""), query
        self._canvas = self._fragment = ""
        return await self._run([])

    async def draw(self, drawing: str) -> Run:
        """Send what the canvas would send, and wait for the answer: the part of the page that the canvas reruns alone."""
        return await self._run([WidgetState(id=self._canvas, json_value=drawing)], self._fragment)

    async def paste(self, pictures: Iterable[bytes]) -> Run:
        """Send pictures as if they were pasted, and wait for the whole page."""
        sent = [{"data": base64.b64encode(content).decode()} for content in pictures]
        value = json.dumps([{"event": "pasted", "value": sent}])
        place = f"$$STREAMLIT_INTERNAL_KEY_{self._paste}__events"
        return await self._run([WidgetState(id=place, json_trigger_value=value)])

    async def set(self, states: Iterable[WidgetState]) -> Run:
        """Send the values of the page's widgets, of which one has changed, and wait for the whole page."""
        return await self._run(states)

    async def tick(self, fragment: str) -> Run:
        """Have one of `clocks` run again, as its time has come."""
        return await self._run([], fragment)

    async def _run(self, states: Iterable[WidgetState], fragment: str = "") -> Run:
        request = BackMsg()
        rerun = request.rerun_script
        rerun.query_string, rerun.fragment_id = self._query, fragment
        rerun.widget_states.widgets.extend(states)
        rerun.is_auto_rerun = fragment in self.clocks
        rerun.cached_message_hashes.extend(self._kept)
        if self._page_hash:
            rerun.page_script_hash = self._page_hash
        else:
            rerun.page_name = self._page
        rerun.context_info.url = f"http://{HOST}:{self._port}/{self._page}"
        rerun.context_info.timezone, rerun.context_info.locale = "UTC", "en-US"
        run, sent, before = Run(self._page), time.perf_counter(), self._socket.received
        async with asyncio.timeout(_MAX_RUN_SECONDS):
            await self._socket.send(request.SerializeToString())
            while True:
                content = await self._socket.recv(decode=False)
                message = ForwardMsg.FromString(content)
                if message.WhichOneof("type") == "script_finished":
                    if message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                        continue  # the same request is answered by the run that follows
                    break
                self._take_in(message, run)
        run.seconds, run.received = time.perf_counter() - sent, self._socket.received - before
        if message.script_finished not in _FINISHED:
            run.errors.append(ForwardMsg.ScriptFinishedStatus.Name(message.script_finished))
        return run

    def _take_in(self, message: ForwardMsg, run: Run) -> None:
        kind = message.WhichOneof("type")
        if message.metadata.cacheable:
            self._kept.add(message.hash)
        if kind == "new_session":
            self.session = message.new_session.initialize.session_id
        if kind == "new_session" and not message.metadata.run.fragment_ids:
            self.clocks = {}  # a run of the whole page winds them up anew
        elif kind == "auto_rerun":
            self.clocks[message.auto_rerun.fragment_id] = message.auto_rerun.interval
        elif kind == "navigation":
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
            if "digit_lab_paste" in element.bidi_component.component_name:
                self._paste = element.bidi_component.id
            if "canvas" in element.bidi_component.component_name:
                self._canvas, self._fragment = element.bidi_component.id, message.delta.fragment_id
            if element.WhichOneof("type") == "exception":
                run.errors.append(element.exception.message)
            if element.WhichOneof("type") == "alert" and element.alert.body.startswith(failures.WORDS):
                run.errors.append(element.alert.body)


@asynccontextmanager
async def visit(port: int) -> AsyncIterator[Visitor]:
    """A visitor of a server on this machine."""
    address = f"ws://{HOST}:{port}/_stcore/stream"
    async with connect(
        address,
        subprotocols=["streamlit"],
        max_size=None,
        open_timeout=60,
        proxy=None,
        create_connection=_Line,
    ) as socket:
        yield Visitor(socket, port)


async def open_once(port: int, page: str) -> Run:
    """Open a page as a new visitor, who then goes."""
    async with visit(port) as visitor:
        return (await visitor.open(page)).check()


async def all_at_once(port: int, count: int, act: Callable[[Visitor, int], Awaitable[None]]) -> None:
    """So many visitors, each of which does the same with its number."""

    async def one(number: int) -> None:
        async with visit(port) as visitor:
            await act(visitor, number)

    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(one(number))


def state_of(widget: Element, value: Any) -> WidgetState:
    """What a browser says when a widget of one of `KINDS` holds a value.

    Args:
        widget: as its server sent it.
        value: a list of texts for a group of buttons, of its ends for a slider; else a bool, a number or a text.
    """
    kind = widget.WhichOneof("type")
    state, name = WidgetState(id=getattr(widget, kind).id), KINDS[kind][0]
    if name.endswith("array_value"):
        getattr(state, name).data.extend(value)
    else:
        setattr(state, name, value)
    return state


def some_value(widget: Element, random: np.random.Generator) -> Any:
    """What a person may set a widget to, for `state_of`; in one of three cases what lets most through."""
    kind = widget.WhichOneof("type")
    return KINDS[kind][1](getattr(widget, kind), random, random.random() < 1 / 3)


def _some_buttons(group: Any, random: np.random.Generator, is_open: bool) -> list[str]:
    options = [option.content for option in group.options]
    if group.click_mode == group.SINGLE_SELECT:
        return [str(random.choice(options))]
    most = min(4, len(options))
    return [] if is_open else random.choice(options, random.integers(1, most + 1), replace=False).tolist()


def _some_ends(slider: Any, random: np.random.Generator, is_open: bool) -> list[int]:
    ends = [int(slider.min), int(slider.max)]
    count = len(slider.default)
    return ends if is_open and count == 2 else sorted(random.integers(ends[0], ends[1] + 1, count).tolist())


# A widget's kind: what of its state holds its value, and what it may be set to.
KINDS: dict[str, tuple[str, Callable[[Any, np.random.Generator, bool], Any]]] = {
    "button_group": ("string_array_value", _some_buttons),
    "slider": ("double_array_value", _some_ends),
    "checkbox": ("bool_value", lambda box, random, is_open: not is_open and bool(random.integers(2))),
    "selectbox": ("string_value", lambda box, random, is_open: str(random.choice(list(box.options)))),
    "pagination": ("int_value", lambda pages, random, _: int(random.integers(1, pages.num_pages + 1))),
    "text_input": ("string_value", lambda box, random, is_open: ""),
}


def strokes(count: int) -> list[tuple[int, np.ndarray]]:
    """Digits of `ONE_STROKE` by turns, each time a little different: float64 array of shape (points, 2), canvas pixels."""
    random, found = np.random.default_rng(0), []
    for digit, _ in zip(itertools.cycle(ONE_STROKE), range(count)):
        corners = np.array(ONE_STROKE[digit], float)
        corners += random.normal(0, _UNSTEADINESS, corners.shape)
        found.append((digit, np.array(hand.in_small_steps(corners.tolist(), _POINTS_PER_CORNER))))
    return found


def message(points: np.ndarray) -> str:
    """What the canvas sends after this stroke: the value of its component, as JSON."""
    middles = (points[:-1] + points[1:]) / 2
    bends = np.hstack([points[:-1], middles]).tolist()
    path = [["M", *points[0].tolist()], *(["Q", *bend] for bend in bends), ["L", *points[-1].tolist()]]
    drawn = {"type": "Path", "stroke": "#1c2326", "strokeWidth": PEN_WIDTH, "path": path}
    png = io.BytesIO()
    Image.fromarray(draw([Stroke(points, PEN_WIDTH)])).save(png, "PNG")
    data = "data:image/png;base64," + base64.b64encode(png.getvalue()).decode()
    return json.dumps({"drawing": {"raw": {"version": "7.4.0", "objects": [drawn]}, "data": data}})
