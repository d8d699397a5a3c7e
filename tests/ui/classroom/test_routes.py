"""The pupils' routes answer in JSON, refuse in sentences, and read no more than a drawing."""

import asyncio
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Router

from digit_core import settings
from digit_core.classroom import Classes
from digit_core.classroom.retention import OPEN_SECONDS
from digit_core.classroom.rules import tasks
from digit_core.storage.store import Store
from tests.browser.conftest import serve
from tests.digit_core.classroom.pupils_hand import ANN, KEY, drawing, now, opened, start
from ui.classroom import page_files, routes


def ask(
    path: str, body: bytes = b"", method: str = "POST", base_path: str = ""
) -> tuple[int, bytes, dict[str, str]]:
    """The status, the body and the headers that a path answers with."""
    sent: list[dict[str, Any]] = []
    waiting = [
        {"type": "http.request", "body": body[at : at + 8_000], "more_body": at + 8_000 < len(body)}
        for at in range(0, max(1, len(body)), 8_000)
    ]

    async def receive() -> dict[str, Any]:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "root_path": "",
        "query_string": b"",
        "headers": [],
        "extensions": {},
    }
    asyncio.run(Router(routes.below(base_path))(scope, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent), headers


def post(path: str, **message: Any) -> tuple[int, dict[str, Any]]:
    status, body, _ = ask(path, json.dumps(message).encode())
    return status, json.loads(body)


def test_a_pupil_comes_in_draws_and_is_told(classes: Classes) -> None:
    found = opened(classes)
    address = f"/join/{found.code}"
    assert post(f"{address}/enter", pupil=ANN, name="Ann") == (200, {"code": found.code, "class": "Class 7b"})
    start(classes, tasks.DRAW_SEVEN)
    status, told = post(f"{address}/state", pupil=ANN)
    assert (status, told["state"], told["task"]) == (200, "collect", 1)
    assert post(f"{address}/state", pupil=ANN, known=told["revision"]) == (
        200,
        {"revision": told["revision"], "wait": 2.0},
    )
    for _ in range(2):
        assert post(f"{address}/hand-in", pupil=ANN, **drawing(1, 1, 7)) == (200, {})
    assert classes.look(found.id).drawings == 1


def test_refusals_are_sentences_with_a_status_that_says_whether_to_try_again(classes: Classes) -> None:
    found = opened(classes, ANN)
    address = f"/join/{found.code}"
    status, said = post("/join/222222/state", pupil=ANN)
    assert (status, said["sentence"]) == (
        404,
        "There is no class with this code. Check the code on the board.",
    )
    assert post(f"{address}/hand-in", pupil=ANN, task=1, number=1)[0] == 409
    start(classes, tasks.DRAW_SEVEN)
    classes.switch(KEY, now(classes).id, is_paused=True)
    assert post(f"{address}/hand-in", pupil=ANN, **drawing(1, 1, 7))[0] == 503
    assert post(f"{address}/no-such-action", pupil=ANN)[0] == 404


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 20_000, b'{"pupil": 7}', b'{"pupil": []}'])
def test_what_is_no_message_is_refused(classes: Classes, body: bytes) -> None:
    found = opened(classes, ANN)
    assert ask(f"/join/{found.code}/state", body)[0] == 404


def test_more_than_a_drawing_is_not_read(classes: Classes) -> None:
    found = opened(classes, ANN)
    assert ask(f"/join/{found.code}/hand-in", b"x" * 1_000_000)[0] == 413


def test_where_more_comes_in_than_can_be_read_a_page_is_told_to_wait(
    classes: Classes, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = opened(classes, ANN)
    start(classes, tasks.DRAW_SEVEN)
    address = f"/join/{found.code}"
    monkeypatch.setattr(routes, "_MAX_WAITING", 0)
    status, said = post(f"{address}/hand-in", pupil=ANN, **drawing(1, 1, 7))
    assert (status, said["sentence"]) == (
        503,
        "Many drawings are coming in at once: yours waits on this page and is sent in a moment.",
    )
    assert post(f"{address}/state", pupil=ANN)[0] == 200


def test_the_page_asks_nobody_else(classes: Classes) -> None:
    for path in ("/join/", "/join/abc234"):
        status, body, headers = ask(path, method="GET")
        assert status == 200
        assert b"data-hand-in" in body
        assert b"://" not in body
        assert headers["content-security-policy"].startswith("default-src 'self'")
    assert json.loads(ask("/join/health", method="GET")[1]) == {"join": "ok"}
    assert ask("/join", method="GET")[2]["location"] == "join/"


def test_the_pages_files_have_addresses_that_change_with_them() -> None:
    page = ask("/join/abc234", method="GET")[1].decode()
    address = re.search(r'src="(files/\w+/)pupil_page\.js"', page)
    assert address is not None
    for name, kind in (
        ("pupil.js", "text/javascript"),
        ("pupil.css", "text/css"),
        ("tiny.network", "octet-stream"),
    ):
        status, body, headers = ask(f"/join/{address[1]}{name}", method="GET")
        assert (status, headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
        assert kind in headers["content-type"]
        assert body
        # Another version's page would mix what it has with what is here now.
        assert ask(f"/join/files/0000000000000000/{name}", method="GET")[0] == 404
    for name in ("pupil.html", "inside.py", "..%2f..%2fHome.py"):
        assert ask(f"/join/{address[1]}{name}", method="GET")[0] == 404


def test_a_changed_module_has_another_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for cached in (page_files._files, page_files.version):
        monkeypatch.setattr(page_files, cached.__name__, cached.__wrapped__)
    monkeypatch.setattr(page_files, "_FOLDER", tmp_path)
    (tmp_path / "pupil.js").write_text("1", encoding="utf-8")
    before = page_files.version()
    assert page_files.version() == before
    (tmp_path / "pupil.js").write_text("2", encoding="utf-8")
    assert page_files.version() != before
    assert page_files.find(before, "pupil.js") is None


def test_a_server_ends_old_classes_when_it_starts(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    before = Classes(store, lambda: time.time() - OPEN_SECONDS)
    opened(before)
    with serve(settings.PROJECT_FOLDER / "Home.py", {"DIGIT_DATABASE_URL": sqlite_url}):
        deadline = time.monotonic() + 30
        while now(before).state != tasks.CLOSED and time.monotonic() < deadline:
            time.sleep(0.1)
    assert now(before).state == tasks.CLOSED
    store.close()


def test_below_a_path_the_routes_are_below_it_too() -> None:
    assert json.loads(ask("/school/lab/join/health", method="GET", base_path="school/lab/")[1]) == {
        "join": "ok"
    }
    assert ask("/school/lab/join", method="GET", base_path="/school/lab")[2]["location"] == "join/"
