"""Two networks read the same drawings, and whether one is better is told apart from luck."""

from collections.abc import Iterator

import pytest

from digit_core import classroom, settings
from digit_core.classroom import Classes, tasks
from digit_core.storage.store import Store
from tests import app_pages
from tests.app_pages import html_of, widget
from tests.digit_core.classroom.pupils_hand import (
    ANN,
    KEY,
    TEACHER,
    drawing,
    end,
    hand_in,
    now,
    opened,
    start,
)
from ui.frame import state

PAGE = settings.PROJECT_FOLDER / "pages" / "6_Class.py"
MEMORY = {state.TEACHER_KEY: KEY, state.VISITOR: TEACHER}


@pytest.fixture
def classes(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Classes]:
    made = Classes(store)
    monkeypatch.setattr(classroom, "default", lambda: made)
    yield made


def test_a_second_network_stands_beside_the_first_on_wall_and_matrix(classes: Classes) -> None:
    found = opened(classes, ANN)
    start(classes, tasks.DRAW_ANY)
    for number, digit in enumerate((3, 4, 7), 1):
        hand_in(classes, found, ANN, drawing(1, number, digit))
    page = app_pages.open_file(PAGE, state=MEMORY)
    assert html_of(page).count('class="class-matrix"') == 1
    widget(page.selectbox, "class rival").set_value("ann")
    app_pages.run(page)
    assert classes.look(found.id).rival == "ann"
    assert html_of(app_pages.run(page)).count('class="class-matrix"') == 2
    assert any("read the same digits correctly" in one.value for one in page.markdown)
    projector = app_pages.open_file(PAGE, state=MEMORY, **{"class": "Projector"})
    assert "3 →" not in html_of(projector)  # nothing was revealed
    end(classes)
    shown = html_of(app_pages.run(projector))
    assert shown.count('class="class-matrix"') == 2
    assert "3 → 3 | 3" in shown
    classes.compare_with(KEY, now(classes).id, "")
    assert html_of(app_pages.run(projector)).count('class="class-matrix"') == 1
