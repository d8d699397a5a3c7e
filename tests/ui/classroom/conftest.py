"""What the tests of the page Class begin with: the classes of a store of their own, and the page as their teacher opens it."""

import pytest
from streamlit.testing.v1 import AppTest

from digit_core import classroom, settings
from digit_core.classroom import Classes
from digit_core.storage import store as stores
from digit_core.storage.store import Store
from tests import app_pages
from tests.digit_core.classroom.pupils_hand import KEY, TEACHER
from ui.frame import state

PAGE = settings.PROJECT_FOLDER / "pages" / "6_Class.py"
MEMORY = {state.TEACHER_KEY: KEY, state.VISITOR: TEACHER}


@pytest.fixture
def classes(store: Store, monkeypatch: pytest.MonkeyPatch) -> Classes:
    made = Classes(store)
    monkeypatch.setattr(classroom, "default", lambda: made)
    monkeypatch.setattr(stores, "default", lambda: store)
    return made


def open_page(view: str = "Control") -> AppTest:
    """The page in the browser that steers the class."""
    return app_pages.open_file(PAGE, state=MEMORY, **{"class": view})
