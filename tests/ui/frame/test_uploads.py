"""A real server takes no more uploads than it can hold, whatever page a visitor is on."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack
from http.client import HTTPConnection

import pytest

from benchmarks.server import HOST, Server, serve
from benchmarks.visitors import visit

MEGABYTE = 1024**2
FORM = b'--x\r\nContent-Disposition: form-data; name="a"; filename="a.png"\r\n\r\n%s\r\n--x--\r\n'


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serve() as server:
        yield server


def put(server: Server, session: str, name: str, megabytes: int) -> tuple[int, str]:
    """The status and the sentence that answer an upload."""
    connection = HTTPConnection(HOST, server.port, timeout=60)
    connection.request("GET", "/_stcore/health")
    answer = connection.getresponse()
    answer.read()
    cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
    headers = {
        "Content-Type": "multipart/form-data; boundary=x",
        "Cookie": cookie,
        "X-Xsrftoken": cookie.partition("=")[2],
    }
    address = f"/_stcore/upload_file/{session}/{name}"
    connection.request("PUT", address, FORM % bytes(megabytes * MEGABYTE), headers)
    try:
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_a_visitor_has_40_megabytes_and_all_have_100_on_a_page_that_asks_for_no_file(server: Server) -> None:
    """12 files of 19 MB each were taken and held."""

    async def try_it() -> list[tuple[int, str]]:
        async with AsyncExitStack() as stack:
            visitors = [await stack.enter_async_context(visit(server.port)) for _ in range(3)]
            for visitor in visitors:
                (await visitor.open("Evaluate")).check()
            before = server.anonymous_megabytes()
            files = [(0, 21), (0, 19), (0, 19), (0, 19), (1, 19), (1, 19), (2, 19), (2, 19)]
            answers = [
                await asyncio.to_thread(put, server, visitors[of].session, str(place), size)
                for place, (of, size) in enumerate(files)
            ]
            assert server.anonymous_megabytes() < before + 130  # 95 of files
            return answers

    answers = asyncio.run(try_it())
    assert [status for status, _ in answers] == [413, 204, 204, 413, 204, 204, 204, 413]
    assert answers[0][1] == "A file may have 20 MB at most."
    assert answers[3][1].startswith("You can have 40 MB on the server at a time.")
    assert answers[7][1].startswith("Too many files are being uploaded just now")
    asyncio.run(_has_room_again(server))


async def _has_room_again(server: Server) -> None:
    """The room of those who have gone is free, though Streamlit keeps their sessions for a while."""
    async with visit(server.port) as visitor:
        (await visitor.open("Evaluate")).check()
        async with asyncio.timeout(60):
            while (await asyncio.to_thread(put, server, visitor.session, "again", 19))[0] != 204:
                await asyncio.sleep(1)


def test_other_requests_pass(server: Server) -> None:
    assert json.loads(server.get("lab/health"))["status"] == "ok"
