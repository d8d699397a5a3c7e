"""The server's own routes for pupils: their page at /join/CODE, its files, and what it sends and asks for.

No Streamlit session is behind it. What is sent is packed by Streamlit's own gzip.
"""

import functools
import json
from collections.abc import Callable
from string import Template
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from digit_core import classroom, settings
from digit_core.classroom.hand_ins import MAX_BYTES
from digit_core.errors import DigitError, NoClassError, NotNowError, StoreError
from ui.classroom import page_files
from ui.frame import resources

_PAGE = settings.PROJECT_FOLDER / "static" / "lab" / "pupil.html"
_MAX_BODY = MAX_BYTES + 500  # bytes: a drawing's strokes, and what says whose they are
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}

Message = dict[str, Any]


def _enter(code: str, pupil: str, message: Message) -> Message:
    found = classroom.default().pupils.enter(code, pupil, message.get("name", ""))
    return {"code": found.code, "class": found.name}


def _look(code: str, pupil: str, message: Message) -> Message:
    known = message.get("known")
    return classroom.default().pupils.look(code, pupil, known if type(known) is int else 0)


def _hand_in(code: str, pupil: str, message: Message) -> Message:
    classroom.default().pupils.hand_in(code, pupil, message, resources.classifier)
    return {}


def _vote(code: str, pupil: str, message: Message) -> Message:
    classroom.default().pupils.vote(code, pupil, message)
    return {}


def _check(code: str, pupil: str, message: Message) -> Message:
    classroom.default().pupils.check(code, pupil, message)
    return {}


_ACTIONS: dict[str, Callable[[str, str, Message], Message]] = {
    "enter": _enter,
    "state": _look,
    "hand-in": _hand_in,
    "vote": _vote,
    "check": _check,
}


@functools.cache
def _html() -> str:
    return Template(_PAGE.read_text(encoding="utf-8")).substitute(version=page_files.version())


def _page(_request: Request) -> Response:
    return HTMLResponse(_html(), headers=_HEADERS)


def _file(request: Request) -> Response:
    found = page_files.find(request.path_params["version"], request.path_params["name"])
    if found is None:
        return PlainTextResponse("Not Found", 404)
    return Response(found.content, media_type=found.media_type, headers=_FOR_EVER)


async def _to_page(_request: Request) -> Response:
    return RedirectResponse("join/")


async def _health(_request: Request) -> Response:
    """What the teacher's browser looks for: where a host lets no such route through, another page answers."""
    return JSONResponse({"join": "ok"})


async def _answer(request: Request) -> Response:
    """Do what a pupil's page asks for; a refusal is a sentence: 409 for good, 503 for now, 404 for another class or none."""
    message = await _message(request)
    if message is None:
        return _refusal(413, "This drawing is too long to be sent: clear the paper and draw it again.")
    act = _ACTIONS.get(request.path_params["action"])
    if act is None:
        return _refusal(404, "There is nothing at this address.")
    code = request.path_params["code"]
    try:
        return JSONResponse(await run_in_threadpool(act, code, message.get("pupil", ""), message))
    except NoClassError as error:
        return _refusal(404, str(error))
    except (NotNowError, StoreError) as error:
        return _refusal(503, str(error))
    except DigitError as error:
        return _refusal(409, str(error))


def _refusal(status: int, sentence: str) -> Response:
    return JSONResponse({"sentence": sentence}, status)


async def _message(request: Request) -> Message | None:
    """What was sent, {} where it is no JSON object; None if it is too long, which is found before all of it is read."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MAX_BODY:
            return None
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def below(base_path: str) -> list[Route]:
    """The routes of a server whose pages stand below a path, such as "school/lab"; "" for none."""
    base = f"/{base_path.strip('/')}".rstrip("/")
    return [
        Route(f"{base}/join", _to_page),
        Route(f"{base}/join/", _page),
        Route(f"{base}/join/health", _health),
        Route(f"{base}/join/files/{{version:str}}/{{name:str}}", _file),
        Route(f"{base}/join/{{code:str}}", _page),
        Route(f"{base}/join/{{code:str}}/{{action:str}}", _answer, methods=["POST"]),
    ]
