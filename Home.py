"""The front door: the list of the pages, and the server with the routes of its own."""

# `streamlit run` reads this file in two ways: the server imports it once for `app`, and every run of every visitor executes
# it as `__main__` for the pages. A launcher that looks for no app (Streamlit's `bootstrap.run`) serves the pages alone.

import streamlit as st

if __name__ == "__main__":
    from ui.frame import late_runs, layout
    from ui.home import page as home

    # Comes before the list: otherwise the browser's tab takes each page's icon from the list, and fetches it from Google.
    st.set_page_config(page_icon=layout.page_icon())
    pages = st.navigation(
        [
            st.Page(home.show, title="Home", icon=":material/home:", default=True),
            st.Page("pages/1_Explore.py", title="Explore", icon=":material/grid_view:"),
            st.Page("pages/2_Train.py", title="Train", icon=":material/model_training:"),
            st.Page("pages/3_Evaluate.py", title="Evaluate", icon=":material/troubleshoot:"),
            st.Page("pages/4_Draw.py", title="Draw", icon=":material/draw:"),
            st.Page("pages/5_Inside.py", title="Inside", icon=":material/network_node:"),
            st.Page("pages/6_Class.py", title="Class", icon=":material/groups:"),
        ]
    )
    late_runs.run(pages)
else:
    import logging
    from collections.abc import AsyncIterator
    from contextlib import asynccontextmanager

    from starlette.middleware import Middleware
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route
    from streamlit.runtime.pages_manager import PagesManager

    import digit_core
    from digit_core import settings
    from digit_core.classroom import retention
    from ui.classroom import routes
    from ui.frame import closed_paths, failures, memory, modules, uploads

    memory.give_back()  # before there are threads

    # A private switch of Streamlit's, which finds a folder `pages` here and would show a menu of its file names, without icons
    # and titles, to every visitor who comes by a link such as /Explore before somebody has opened Home. tests/test_pages.py
    # and tests/browser/test_front_door.py fail when Streamlit changes it.
    PagesManager.uses_pages_directory = False

    for sentence in (*settings.PROBLEMS, settings.weakness(settings.TEACHER_CODE)):
        if sentence:
            logging.getLogger("digit_core").warning(sentence)

    async def health(_request: Request) -> JSONResponse:
        """Answer that the server is up, and of which version it is."""
        return JSONResponse({"status": "ok", "version": digit_core.__version__})

    @asynccontextmanager
    async def lifespan(_app: st.App) -> AsyncIterator[None]:
        """Sweep old classes from the start of the server on."""
        retention.sweep_hourly()
        yield

    app = st.App(
        __file__,
        routes=[Route("/lab/health", health), *routes.below(st.get_option("server.baseUrlPath"))],
        middleware=[
            Middleware(closed_paths.ClosedPaths),
            Middleware(uploads.UploadLimits),
            Middleware(modules.Revalidation),
        ],
        on_script_error=failures.say,
        lifespan=lifespan,
    )
