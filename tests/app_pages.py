"""What tests do with a page that Streamlit's AppTest runs: open it, press its buttons, read what stands there."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest


def open_file(
    path: Path, seconds: float = 60, state: dict[str, Any] | None = None, **address: Any
) -> AppTest:
    """A page by a link, with nothing pressed yet.

    Args:
        path: of its script.
        seconds: that a run of it may take.
        state: what the session holds before.
        address: what stands in the link behind the question mark.
    """
    page = AppTest.from_file(str(path), default_timeout=seconds)
    for name, value in address.items():
        page.query_params[name] = value
    return _opened(page, state or {})


def open_function(script: Callable[[], None], seconds: float = 60, **state: Any) -> AppTest:
    """A page that is a function; `state` is what the session holds before."""
    return _opened(AppTest.from_function(script, default_timeout=seconds), state)


def _opened(page: AppTest, state: dict[str, Any]) -> AppTest:
    for name, value in state.items():
        page.session_state[name] = value
    return run(page)


def run(page: AppTest) -> AppTest:
    """Run it again: nothing may be raised."""
    page.run()
    assert not page.exception
    return page


def widget(widgets: Any, name: str) -> Any:
    """The widget of a name, whichever its key has become (see ui/frame/held.py).

    Args:
        widgets: those of its kind: `page.selectbox`.
        name: its first key, or the entry of the session that it shows.
    """
    whole = re.compile(rf"{re.escape(name)}( shown)?( \d+)?")
    return next(one for one in widgets if one.key and whole.fullmatch(one.key))


def press(page: AppTest, label: str) -> AppTest:
    """Press the first button of that label."""
    next(button for button in page.button if button.label == label).click()
    return run(page)


def buttons(page: AppTest) -> list[str]:
    """The labels of all buttons, in their order."""
    return [button.label for button in page.button]


def html_of(page: AppTest) -> str:
    """All that st.html shows."""
    return "".join(element.proto.body for element in page.get("html"))


def component(page: AppTest, name: str) -> dict[str, Any]:
    """What the one component of that name is given in the browser."""
    (found,) = components(page, name)
    return found


def components(page: AppTest, name: str) -> list[dict[str, Any]]:
    """What each component of that name is given in the browser."""
    found = (one.proto for one in page.get("bidi_component") if one.proto.component_name == name)
    return [json.loads(proto.json) for proto in found]
