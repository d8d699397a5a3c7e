"""The modules in static/, which a browser must never have of two versions at a time."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PATH = "/app/static/"


class Revalidation:
    """Middleware of `st.App`: makes a browser ask each time whether the file that it has is still the latest.

    Streamlit sends these files with an ETag and without a word on how long they hold, and a browser then keeps each for a tenth of
    the file's age (RFC 9111, 4.2.2): after an upgrade it has old modules beside new ones. Who has the latest is sent no body.
    A launcher that looks for no app (see Home.py) runs without this, and browsers guess as before.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Take in the server behind it."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or _PATH not in scope["path"]:
            await self._app(scope, receive, send)
            return
        known, is_known = Headers(scope=scope).get("if-none-match", ""), False

        async def say(message: Message) -> None:
            nonlocal is_known
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Cache-Control"] = "no-cache"
                etag = headers.get("etag")
                is_known = message["status"] == 200 and etag is not None and etag in known
                if is_known:
                    message["status"] = 304
                    for name in ("content-length", "content-type", "content-encoding"):
                        del headers[name]
            elif is_known:
                message["body"] = b""
            await send(message)

        await self._app(scope, receive, say)
