"""What the paper relies on in the component that it is made of."""

import importlib.util
from pathlib import Path

from digit_core import settings
from tests.app_pages import open_file

COMPONENT = "streamlit-drawable-canvas.streamlit_drawable_canvas"
# Found, not imported: outside of an app it cannot be.
(FOLDER,) = importlib.util.find_spec("streamlit_drawable_canvas").submodule_search_locations
BUILD = Path(FOLDER) / "frontend" / "build"


def test_the_component_stands_in_the_page_where_our_style_sheet_reaches_it() -> None:
    """`st_canvas` shows what its module calls `out`; ui/canvas/canvas.py puts another there, without a shadow root."""
    page = open_file(settings.PROJECT_FOLDER / "pages" / "4_Draw.py")
    (canvas,) = (one.proto for one in page.get("bidi_component") if one.proto.component_name == COMPONENT)
    assert canvas.isolate_styles is False
    assert canvas.html_content == '<div class="canvas-root"></div>'
    assert (canvas.js_source_path, canvas.css_source_path) == (
        next(BUILD.glob("index-*.js")).name,
        next(BUILD.glob("index-*.css")).name,
    )


def test_the_components_toolbar_is_called_as_our_style_sheet_calls_it() -> None:
    (script,), (sheet,) = BUILD.glob("index-*.js"), BUILD.glob("index-*.css")
    assert 'className = "dc-toolbar"' in script.read_text(encoding="utf-8")
    assert 'querySelector(".canvas-root")' in script.read_text(encoding="utf-8")
    assert ".dc-toolbar{" in sheet.read_text(encoding="utf-8")
    ours = (settings.PROJECT_FOLDER / "ui" / "frame" / "style.css").read_text(encoding="utf-8")
    assert ".dc-toolbar { display: none !important; }" in ours
