"""A line between a page and its server that is as slow as a test wants it."""

import re
import time

from playwright.sync_api import Page, WebSocketRoute
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

_ASKING = "digit_lab_id"  # the component that asks, see ui/components/browser_storage.py


class SlowLine:
    """What a server sends to a page, held back at will; of what the page sends, at will, all after the first message."""

    def __init__(self, page: Page):
        self._page = page
        self._is_held = False
        self._waiting: list[tuple[WebSocketRoute, str | bytes]] = []
        self._keeps_answers = False
        self._answers: list[tuple[WebSocketRoute, str | bytes]] = []
        self._sent = 0
        self._lost_after: int | None = None  # elements behind the one that asks who visits
        self._runs, self._elements = 0, -1
        page.route_web_socket(re.compile("_stcore/stream"), self._connect)

    def _connect(self, browser: WebSocketRoute) -> None:
        def take(message: str | bytes) -> None:
            if self._is_lost(message):
                return
            if self._is_held:
                self._waiting.append((browser, message))
            else:
                browser.send(message)

        server = browser.connect_to_server()
        server.on_message(take)

        def give(message: str | bytes) -> None:
            self._sent += 1
            if self._keeps_answers and self._sent > 1:
                self._answers.append((server, message))
            else:
                server.send(message)

        browser.on_message(give)

    def hold(self) -> None:
        self._is_held = True

    def lose_first_run(self, after: int) -> None:
        """Lose the first run's elements, from the so-manieth behind the one that asks the browser who visits: as Streamlit
        drops what it has not sent yet when the second run begins, which the browser's answer starts.
        """
        self._lost_after = after

    def _is_lost(self, message: str | bytes) -> bool:
        if self._lost_after is None or not isinstance(message, bytes):
            return False
        found = ForwardMsg()
        found.ParseFromString(message)
        self._runs += found.WhichOneof("type") == "new_session"
        if self._runs != 1 or found.WhichOneof("type") != "delta":
            return False
        if self._elements >= 0 or found.delta.new_element.bidi_component.component_name.endswith(_ASKING):
            self._elements += 1
        return self._elements > self._lost_after

    def keep_answers(self) -> None:
        """Hold back what the page sends after its first message, which asks for the first run of its script."""
        self._keeps_answers = True

    def give_answers(self, milliseconds: int) -> None:
        """Wait for the page's second message, and let it through so much later."""
        deadline = time.monotonic() + 60
        while not self._answers:
            assert time.monotonic() < deadline, "the page has sent no second message"
            self._page.wait_for_timeout(5)
        self._page.wait_for_timeout(milliseconds)
        self._keeps_answers = False
        for server, message in self._answers:
            server.send(message)
        self._answers.clear()

    def let_pass_until_address(self, words: str) -> None:
        """Let messages through, the first one with such words in the address as the last of them."""
        deadline = time.monotonic() + 30
        while not any(words in _address(message) for _, message in self._waiting):
            assert time.monotonic() < deadline, f"the server has not sent an address with {words}"
            self._page.wait_for_timeout(20)
        sent = ""
        while words not in sent:
            browser, message = self._waiting.pop(0)
            browser.send(message)
            sent = _address(message)

    def release(self) -> None:
        self._is_held = False
        for browser, message in self._waiting:
            browser.send(message)
        self._waiting.clear()


def _address(message: str | bytes) -> str:
    """What a message would make the page's address say; "" if it is about something else."""
    found = ForwardMsg()
    if isinstance(message, bytes):
        found.ParseFromString(message)
    return found.page_info_changed.query_string
