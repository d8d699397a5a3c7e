"""The server's own routes for pupils: their page at /join/CODE, its files, and what it sends and asks for.

No Streamlit session is behind it. What is sent is packed by Streamlit's own gzip.
"""

import functools
from string import Template

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from ui.classroom import messages, page_files

_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}

# Threads of their own, so that who asks how the class stands does not wait for them.
_HAND_INS = CapacityLimiter(32)
_MAX_WAITING = 64  # hand-ins that wait for these; whoever comes then is told so, and sends again


@functools.cache
def _html() -> str:
    return Template(page_files.HTML.read_text(encoding="utf-8")).substitute(version=page_files.version())


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
    """Do what a pupil's page asks for; see `messages.answer`."""
    body = await _body(request)
    code, action = request.path_params["code"], request.path_params["action"]
    hands_in = action == "hand-in"
    if body is None:
        status, said = messages.too_long()
    elif hands_in and _HAND_INS.statistics().tasks_waiting >= _MAX_WAITING:
        status, said = messages.too_many()
    else:
        message = messages.parsed(body)
        status, said = await to_thread.run_sync(
            messages.answer,
            code,
            action,
            message if isinstance(message, dict) else {},
            limiter=_HAND_INS if hands_in else None,
        )
    return JSONResponse(said, status)


async def _body(request: Request) -> bytes | None:
    """What was sent; None if it is too long, which is found before all of it is read."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > messages.MAX_BYTES:
            return None
    return body


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
