"""What Streamlit's server tells everybody and this app tells nobody: figures of its sessions and caches."""

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_CLOSED = "/_stcore/metrics"


class ClosedPaths:
    """Middleware of `st.App`: answers 404 where a path is closed, and passes all else on."""

    def __init__(self, app: ASGIApp) -> None:
        """Take in the server behind it."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["path"].rstrip("/").endswith(_CLOSED):
            await PlainTextResponse("Not Found", 404)(scope, receive, send)
            return
        await self._app(scope, receive, send)
