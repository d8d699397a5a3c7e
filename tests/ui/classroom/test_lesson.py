"""What a lesson did is shown to the class only when the teacher shows it, with what it cost."""

from collections.abc import Iterator

import pytest

from digit_core import runs as all_runs
from digit_core.classroom import Classes
from digit_core.classroom.records import Lesson, SchoolClass
from digit_core.classroom.rules import tasks
from digit_core.inference import model_files
from digit_core.inference.model_files import TrainedModel
from digit_core.metrics.classification import share
from digit_core.runs import Runs
from digit_core.storage.store import Store
from tests import app_pages
from tests.app_pages import html_of, press
from tests.digit_core.classroom.pupils_hand import KEY, TEACHER, now
from tests.digit_core.classroom.test_lessons import fooled
from tests.ui.classroom.conftest import open_page
from ui.classroom import lesson as lesson_view

BEFORE = {
    "mnist": {"count": 9_950, "n": 10_000},
    "held_back": {"count": 1, "n": 2},
    "learnt": {"count": 0, "n": 2},
}
AFTER = {
    "mnist": {"count": 9_940, "n": 10_000},
    "held_back": {"count": 2, "n": 2},
    "learnt": {"count": 2, "n": 2},
}


@pytest.fixture
def runs(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    made = Runs(store)
    monkeypatch.setattr(all_runs, "default", lambda: made)
    yield made
    made.close()


def taught(classes: Classes, runs: Runs) -> SchoolClass:
    """A class whose network has just learnt; its files are a shipped network's."""
    found = fooled(classes)
    folder = model_files.find("tiny")
    names = (model_files.KERAS_FILE, model_files.LITERT_FILE, model_files.LAYERS_FILE)
    card = model_files.read_card("tiny") | {
        "handwriting": {"set": "Class 7b", "before": BEFORE, "after": AFTER}
    }
    run = runs.models.add(
        TrainedModel({name: (folder / name).read_bytes() for name in names}, card), TEACHER, "Taught"
    )
    places = [one.place for one in classes.look(found.id).wall]
    lesson = Lesson(run.id, (places[1], places[3]), (places[2], places[5]))
    classes.press(KEY, now(classes), tasks.START, tasks.LEARN, lesson=lesson)
    return now(classes)


def test_what_learning_did_is_shown_when_the_teacher_shows_it(classes: Classes, runs: Runs) -> None:
    taught(classes, runs)
    projector, control = open_page("Projector"), open_page()
    assert "before" not in html_of(projector)
    press(control, "Show before and after")
    for page in (app_pages.run(projector), control):
        shown = html_of(page)
        assert "<b>50%</b> <span>1 of 2" in shown and "<b>100%</b> <span>2 of 2" in shown
        assert "10 fewer than before" in shown
        assert "7: 1 → 1" in shown  # these files have learnt nothing
        told = [one.value for one in page.markdown]
        assert any("read the same digits correctly" in one for one in told)


def test_the_report_tells_the_lesson_and_who_fooled_the_network(classes: Classes, runs: Runs) -> None:
    found = taught(classes, runs)
    report = classes.report(KEY, found.id, share(9_900, 10_000), lesson_view.effect_of)
    assert "Taught: 2. Held back to judge by: 2." in report
    assert "99.4%" in report
    assert "pupil 1" in report and ">A<" not in report


def test_a_class_is_taught_by_a_press_that_is_there_once_the_network_was_fooled(classes: Classes) -> None:
    page = open_page()
    assert not [label for label in app_pages.buttons(page) if label.startswith("Learn from us")]
    fooled(classes)
    assert "Learn from us: 3 drawings" in app_pages.buttons(open_page())
    assert '<ol class="scores"><li>A <b>1</b></li>' in html_of(open_page("Projector"))


def test_a_lesson_whose_training_is_gone_is_said(classes: Classes) -> None:
    fooled(classes)
    classes.press(KEY, now(classes), tasks.START, tasks.LEARN, lesson=Lesson("0" * 12, (1,), ()))
    page = press(open_page(), "Go on")
    assert "has not learnt from this class" in page.warning[0].value
