"""Two networks read the same drawings, and whether one is better is told apart from luck."""

from digit_core.classroom import Classes
from digit_core.classroom.rules import tasks
from tests import app_pages
from tests.app_pages import html_of, widget
from tests.digit_core.classroom.pupils_hand import (
    ANN,
    KEY,
    drawing,
    end,
    hand_in,
    now,
    opened,
    start,
)
from tests.ui.classroom.conftest import open_page


def test_a_second_network_stands_beside_the_first_on_wall_and_matrix(classes: Classes) -> None:
    found = opened(classes, ANN)
    start(classes, tasks.DRAW_ANY)
    for number, digit in enumerate((3, 4, 7), 1):
        hand_in(classes, found, ANN, drawing(1, number, digit))
    page = open_page()
    assert html_of(page).count('class="class-matrix"') == 1
    widget(page.selectbox, "class rival").set_value("ann")
    app_pages.run(page)
    assert classes.look(found.id).rival == "ann"
    assert html_of(app_pages.run(page)).count('class="class-matrix"') == 2
    assert any("read the same digits correctly" in one.value for one in page.markdown)
    projector = open_page("Projector")
    assert "3 →" not in html_of(projector)  # nothing was revealed
    end(classes)
    shown = html_of(app_pages.run(projector))
    assert shown.count('class="class-matrix"') == 2
    assert "3 → 3 | 3" in shown
    classes.compare_with(KEY, now(classes).id, "")
    assert html_of(app_pages.run(projector)).count('class="class-matrix"') == 1
