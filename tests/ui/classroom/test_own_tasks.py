"""A teacher writes a task, starts it by a press, and brings a list of them back from a file."""

from collections.abc import Iterator

import pytest

from digit_core import classroom, settings
from digit_core.classroom import Classes, own_tasks, tasks
from digit_core.classroom.own_tasks import OwnTask
from digit_core.storage.store import Store
from tests import app_pages
from tests.app_pages import buttons, press
from tests.digit_core.classroom.pupils_hand import KEY, TEACHER, now, opened
from ui.frame import state

PAGE = settings.PROJECT_FOLDER / "pages" / "6_Class.py"
MEMORY = {state.TEACHER_KEY: KEY, state.VISITOR: TEACHER}


@pytest.fixture
def classes(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Classes]:
    made = Classes(store)
    monkeypatch.setattr(classroom, "default", lambda: made)
    opened(made)
    yield made


def test_a_task_is_written_and_started(classes: Classes) -> None:
    page = app_pages.open_file(PAGE, state=MEMORY)
    press(page, "Add this task")
    assert "Its words are missing" in page.warning[0].value
    page.text_input(key="own-words").set_value("Draw a *4* like a 9.")
    page.selectbox(key="own-state").set_value(tasks.CHECK)
    page.multiselect(key="own-digits").set_value([9, 4])
    press(page, "Add this task")
    assert not page.warning
    press(page, "Draw a *4* like a 9.")
    task = classes.look(now(classes).id).task
    assert task is not None
    assert task.own == OwnTask("Draw a *4* like a 9.", tasks.CHECK, (4, 9))
    assert app_pages.run(page).header[0].value == r"Draw a \*4\* like a 9\."
    assert "Let the class look at them" in buttons(page)


def test_a_vote_of_ones_own_is_on_one_of_its_digits_and_a_file_brings_it(classes: Classes) -> None:
    page = app_pages.open_file(PAGE, state=MEMORY)
    written = (OwnTask("What is this?", tasks.VOTE, (4, 9), "ann"),)
    page.file_uploader[0].upload("tasks.json", own_tasks.to_json(written).encode(), "application/json").run()
    assert not page.exception
    press(app_pages.run(page), "What is this?")
    task = classes.look(now(classes).id).task
    assert task is not None
    assert task.meant in (4, 9)
    assert task.own == written[0]


def test_a_broken_file_is_a_sentence(classes: Classes) -> None:
    page = app_pages.open_file(PAGE, state=MEMORY)
    page.file_uploader[0].upload("tasks.json", b"{}", "application/json").run()
    assert not page.exception
    assert "no list of tasks" in app_pages.run(page).warning[0].value
