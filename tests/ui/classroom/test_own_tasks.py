"""A teacher writes a task, starts it by a press, and brings a list of them back from a file."""

import pytest

from digit_core.classroom import Classes
from digit_core.classroom.rules import own_tasks, tasks
from digit_core.classroom.rules.own_tasks import OwnTask
from tests import app_pages
from tests.app_pages import buttons, press
from tests.digit_core.classroom.pupils_hand import now, opened
from tests.ui.classroom.conftest import open_page


@pytest.fixture(autouse=True)
def an_open_class(classes: Classes) -> None:
    opened(classes)


def test_a_task_is_written_and_started(classes: Classes) -> None:
    page = open_page()
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
    page = open_page()
    written = (OwnTask("What is this?", tasks.VOTE, (4, 9), "ann"),)
    page.file_uploader[0].upload("tasks.json", own_tasks.to_json(written).encode(), "application/json").run()
    assert not page.exception
    press(app_pages.run(page), "What is this?")
    task = classes.look(now(classes).id).task
    assert task is not None
    assert task.meant in (4, 9)
    assert task.own == written[0]


def test_a_broken_file_is_a_sentence(classes: Classes) -> None:
    page = open_page()
    page.file_uploader[0].upload("tasks.json", b"{}", "application/json").run()
    assert not page.exception
    assert "no list of tasks" in app_pages.run(page).warning[0].value
