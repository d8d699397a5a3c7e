"""The teacher's page leads a class; the projector shows nothing that was not revealed."""

import base64
import io

import cv2
import numpy as np
import pytest
from PIL import Image

from digit_core import settings
from digit_core.classroom import Classes
from digit_core.classroom.records import SchoolClass
from digit_core.classroom.rules import tasks
from digit_core.datasets import Mnist
from digit_core.storage.store import Store
from tests import app_pages
from tests.app_pages import html_of, press
from tests.digit_core.classroom.pupils_hand import (
    ANN,
    BEN,
    CROSS,
    KEY,
    TEACHER,
    drawing,
    hand_in,
    now,
    opened,
    picture,
    start,
)
from tests.ui.classroom.conftest import MEMORY, PAGE, open_page
from ui.classroom import joining
from ui.frame import state


def test_a_class_is_opened_in_one_press_and_led_to_its_end(classes: Classes, store: Store) -> None:
    page = press(open_page(), "Open a class")
    found = now(classes)
    shown = html_of(page)
    assert f'data-class-code="{found.code}"' in shown
    assert found.code[:3].upper() + "-" + found.code[3:].upper() in shown
    classes.pupils.enter(found.code, ANN, "<i>Ann</i>")
    press(page, "Draw any digit")
    hand_in(classes, found, ANN, drawing(1, 1, 3))
    hand_in(classes, found, ANN, drawing(1, 2, 1, meant=7))
    app_pages.run(page)
    assert 'data-class-drawings="2"' in html_of(page)
    assert "1 handed in / 1 present" in html_of(page)
    press(page, "Show the answers")
    assert now(classes).state == tasks.REVEALED
    assert "1 of 2; with others" in html_of(page)
    press(page, "End the class")
    app_pages.run(page)
    assert "2 drawings · 1 pupil" in html_of(page)
    labels = [button.proto.label for button in page.get("download_button")]
    assert labels == ["Report to print"]
    page.toggle(key="class-report-names").set_value(True)
    labels = [button.proto.label for button in app_pages.run(page).get("download_button")]
    assert labels == ["Report with names"]
    press(page, "Keep the drawings as a set")
    assert [one.count for one in store.drawing_sets.of(TEACHER)] == [2]
    press(page, "Delete it")
    assert classes.of(KEY) is None
    assert "Open a class" in app_pages.buttons(app_pages.run(page))


def test_the_phones_read_along_in_the_task_that_is_opened_so_and_not_in_the_next(classes: Classes) -> None:
    found = opened(classes, ANN)
    page = open_page()
    press(page, "Draw a 7")
    assert not is_live(classes, found)
    press(page, "Show the answers")
    toggle = page.toggle(key="class-live")
    assert not toggle.value
    toggle.set_value(True)
    press(page, "Draw any digit")
    assert is_live(classes, found)
    press(page, "Show the answers")
    assert not page.toggle(key="class-live").value
    press(page, "Draw a 7")
    assert not is_live(classes, found)


def is_live(classes: Classes, found: SchoolClass) -> bool:
    task = classes.look(found.id).task
    assert task is not None
    return task.is_live


def test_a_held_drawing_is_let_in_by_a_tap(classes: Classes) -> None:
    found = opened(classes, ANN)
    found = start(classes, tasks.DRAW_SEVEN)
    hand_in(classes, found, ANN, {"task": 1, "number": 1, "strokes": CROSS})
    page = open_page()
    assert 'data-class-drawings="0"' in html_of(page)
    assert app_pages.component(page, "digit_grid")["captions"] == ["held"]
    page.session_state[state.CLASS_DRAWING] = classes.look(found.id).wall[0].place
    press(app_pages.run(page), "Let it in")
    assert 'data-class-drawings="1"' in html_of(app_pages.run(page))
    press(page, "Remove it")
    assert classes.look(found.id).wall == ()


def test_with_two_pupils_the_teacher_says_what_a_drawing_is(classes: Classes) -> None:
    found = opened(classes, ANN, BEN)
    found = start(classes, tasks.MISREAD)
    hand_in(classes, found, ANN, drawing(1, 1, 1, meant=7))
    page = press(open_page(), "Let the class look at them")
    page.session_state[state.CLASS_DRAWING] = classes.look(found.id).wall[0].place
    press(app_pages.run(page), "7")
    assert len(classes.look(found.id).fooling) == 1


def test_the_projector_shows_no_answer_before_it_is_revealed(classes: Classes, mnist: Mnist) -> None:
    found = opened(classes, ANN)
    found = start(classes, tasks.DRAW_ANY)
    hand_in(classes, found, ANN, drawing(1, 1, 3))
    hand_in(classes, found, ANN, {"task": 1, "number": 2, "strokes": CROSS, "meant": 4})
    page = open_page("Projector")
    shown = html_of(page)
    assert shown.count("<figure>") == 1  # the other one is held
    assert ">A</figcaption>" in shown
    assert "→" not in shown and "Our handwriting" not in shown
    assert "Pause" not in app_pages.buttons(page)
    classes.switch(KEY, found.id, hides_names=True)
    assert ">A</figcaption>" not in html_of(app_pages.run(page))
    classes.press(KEY, now(classes), tasks.END)
    assert "3 → 3" in html_of(app_pages.run(page))
    assert "Our handwriting" in html_of(page)
    start(classes, tasks.GUESS, picture(mnist))
    classes.pupils.vote(found.code, ANN, {"task": 2, "choice": 7})
    assert "1 voted / 1 present" in html_of(app_pages.run(page))
    assert "The network answers" not in html_of(page)
    classes.press(KEY, now(classes), tasks.END)
    assert "The network answers <b>7</b>" in html_of(app_pages.run(page))
    assert "1 of 1 foresaw that" in html_of(page)


def test_a_phone_that_comes_by_the_one_time_link_steers_the_class(classes: Classes) -> None:
    found = opened(classes, ANN)
    offered = classes.offer_remote(KEY, found.id)
    phone = {state.TEACHER_KEY: "p" * 32, state.VISITOR: "v" * 32}
    page = app_pages.open_file(PAGE, state=phone, remote=offered)
    press(page, "Draw a 7")
    assert now(classes).state == tasks.COLLECT
    second = app_pages.open_file(PAGE, state=phone | {state.TEACHER_KEY: "q" * 32}, remote=offered)
    assert "used up or too old" in second.warning[0].value


def test_a_qr_picture_says_its_text() -> None:
    text = "http://192.168.100.101:8501/join/abc234"
    png = base64.b64decode(joining.qr(text).partition(",")[2])
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("L"))
    assert cv2.QRCodeDetector().detectAndDecode(pixels)[0] == text


def test_pupils_are_sent_to_where_they_can_reach_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    assert joining._bases("https://digits.school.org/lab/Class") == ["https://digits.school.org/lab"]
    monkeypatch.setattr(joining, "_hosts", lambda: ["192.168.1.7", "10.0.0.2"])
    assert joining._bases("http://localhost:8501/Class") == [
        "http://192.168.1.7:8501",
        "http://10.0.0.2:8501",
    ]
    monkeypatch.setattr(joining, "_hosts", list)
    assert joining._bases("http://localhost:8501/Class") == ["http://localhost:8501"]
    monkeypatch.setattr(settings, "PUBLIC_URL", "https://digits.school.org")
    assert joining._bases("http://localhost:8501/Class") == ["https://digits.school.org"]


def test_where_a_teachers_code_is_set_it_opens_a_class(
    classes: Classes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "TEACHER_CODE", "chalk-and-cheese")
    page = open_page()
    assert app_pages.buttons(page) == ["Open a class"]
    assert page.button[0].disabled
    page.text_input(key=state.TEACHER_CODE).set_value("chalk-and-cheese")
    press(app_pages.run(page), "Open a class")
    assert now(classes).state == tasks.LOBBY


def test_where_a_host_lets_no_pupils_page_through_the_qr_picture_leads_to_this_page(classes: Classes) -> None:
    found = opened(classes)
    for view in ("Control", "Projector"):
        for is_reached, path in ((True, f"/join/{found.code}"), (False, f"/Class?join={found.code}")):
            page = app_pages.open_file(
                PAGE, state=MEMORY | {state.JOIN_HEALTH: is_reached}, **{"class": view}
            )
            assert f"{path}</b>" in html_of(page)
