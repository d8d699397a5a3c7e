"""A line from the server that is as slow as a test wants it."""

import re
import time

from playwright.sync_api import Page, WebSocketRoute
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


class SlowLine:
    """What a server sends to a page, held back at will; what the page sends goes on."""

    def __init__(self, page: Page):
        self._page = page
        self._is_held = False
        self._waiting: list[tuple[WebSocketRoute, str | bytes]] = []
        page.route_web_socket(re.compile("_stcore/stream"), self._connect)

    def _connect(self, browser: WebSocketRoute) -> None:
        def take(message: str | bytes) -> None:
            if self._is_held:
                self._waiting.append((browser, message))
            else:
                browser.send(message)

        browser.connect_to_server().on_message(take)

    def hold(self) -> None:
        self._is_held = True

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
