"""A duel is led by the teacher; the projector shows the score after each picture and no answer before it is closed."""

from collections.abc import Iterator

import pytest

from digit_core import classroom
from digit_core.classroom import Classes
from digit_core.classroom.rules import duels, tasks
from digit_core.storage.store import Store
from tests import app_pages
from tests.app_pages import buttons, html_of, press
from tests.digit_core.classroom.pupils_hand import ANN, BEN, Clock, now, opened
from tests.ui.classroom.conftest import open_page


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def classes(store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Classes]:
    made = Classes(store, clock)
    monkeypatch.setattr(classroom, "default", lambda: made)
    yield made


def test_the_score_stands_on_the_projector_after_each_picture(classes: Classes, clock: Clock) -> None:
    found = opened(classes, ANN, BEN)
    control = press(open_page(), "You or the machine")
    task = classes.look(found.id).task
    assert task is not None
    assert task.duel is not None
    assert len(task.duel.pictures) == duels.PICTURES
    projector = open_page("Projector")
    assert "Get ready" in html_of(projector)
    assert "<img" not in html_of(projector)
    clock.now += duels.LEAD_SECONDS
    meant = task.duel.pictures[0].meant
    for pupil, choice in ((ANN, meant), (BEN, meant)):
        classes.pupils.answer(found.code, pupil, {"task": 1, "round": 1, "choice": choice})
    shown = html_of(app_pages.run(projector))
    assert "2 answered" in shown
    assert "<img" in shown
    assert "The network answers" not in shown
    assert "data-duel" not in shown
    press(app_pages.run(control), "Show the answer now")
    for page in (control, app_pages.run(projector)):
        shown = html_of(page)
        assert "The network answers" in shown
        assert 'data-duel="1"' in shown
        assert shown.count("<b>1</b> <span>of 1</span>") >= 2  # the class and the best pupil
    assert "Show the answer now" not in buttons(control)
    press(control, "Next picture")
    press(control, "End the duel")
    assert now(classes).state == tasks.REVEALED
    assert 'data-duel="2"' in html_of(app_pages.run(projector))
