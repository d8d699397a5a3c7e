"""A teacher, a projector and three pupils go through a class with each task; one pupil is offline for half of it."""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_plus, urlsplit

import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, Response, Route, expect

from digit_core import settings
from digit_core.classroom import Classes
from digit_core.classroom.looks import Look
from digit_core.classroom.tables import class_table
from digit_core.storage import drawing_archives
from digit_core.storage.store import Store
from tests.browser import hand
from tests.browser.axe import expect_no_fault_of_ours
from tests.browser.conftest import VIEWPORTS, App, serve
from tests.browser.looks import choose, expect_to_fit, settle
from tests.browser.pen import STROKES
from tests.browser.test_front_door import BOOTSTRAP

HOME = settings.PROJECT_FOLDER / "Home.py"
MAX_WIRE = 150_000  # bytes of a pupil's whole page, the network that reads along with it
ENGINE = (
    "pupil_live",
    "reader",
    "worker",
    "harm",
    "network",
    "preprocessing",
)  # modules that only reading along needs
# What stands in messages and pages once an answer is shown, and never before.
ANSWERS = re.compile(r'"(answer|shares|share|verdict|drawings|report)"')
ONE = [[(140, 40), (140, 240)]]  # as a 7 it fools the network alone


@dataclass
class Lesson:
    """A running server, its store, and the pages that are open on it."""

    app: App
    url: str
    teacher: Page
    projector: Page
    code: str

    def look(self) -> Look:
        """The class as the store has it."""
        store = Store(self.url)
        try:
            with store.database.reading() as connection:
                found = class_table.by_code(connection, self.code)
            assert found is not None
            return Classes(store).look(found.id)
        finally:
            store.close()


@dataclass
class Pupil:
    """A pupil's page, what the server has told it since an answer was last shown, what it has loaded, and the bytes of all answers."""

    page: Page
    told: list[str]
    files: list[str]
    sizes: list[int]

    def draw(self, strokes: list[list[tuple[int, int]]], meant: int | None = None) -> None:
        """Draw, say which digit it is where that is asked, and hand it in."""
        for stroke in strokes:
            hand.drag(self.page, self.path(stroke))
        if meant is not None:
            self.press(self.page.locator("#meant").get_by_role("button", name=str(meant), exact=True))
        self.press(self.page.locator("[data-hand-in]"))

    def path(self, stroke: list[tuple[int, int]]) -> list[hand.Place]:
        """A stroke's way on the screen."""
        box = self.page.locator("#paper").bounding_box()
        assert box is not None
        scale = box["width"] / 280
        return [(box["x"] + scale * x, box["y"] + scale * y) for x, y in hand.in_small_steps(stroke, 3)]

    def press(self, button: Locator) -> None:
        if hand.has_touch(self.page):
            button.tap()
        else:
            button.click()

    def expect_handed_in(self, count: int) -> None:
        expect(self.page.locator("#handed-in")).to_contain_text(f"Handed in: {count} drawing")

    def expect_state(self, section: str) -> None:
        expect(self.page.locator(f"#{section}")).to_be_visible()

    def expect_told_nothing(self) -> None:
        numbers = [re.search(r'"task":(\d+)', one) for one in self.told]
        tasks = [int(number[1]) if number else 0 for number in numbers]
        latest = max(tasks, default=0)  # a message of the task before may come late
        told = [one for one, task in zip(self.told, tasks, strict=True) if task in (0, latest)]
        assert not [one for one in told if ANSWERS.search(one)]
        assert not re.search(r"Network:|The network answers", self.page.locator("main").inner_text())

    def expect_nothing_reads_along(self) -> None:
        expect(self.page.locator("#live")).to_be_hidden()
        expect(self.page.locator("[data-live-digit]")).to_have_count(0)
        assert not [one for one in self.files if re.search(rf"/({'|'.join(ENGINE)})\.js|\.network", one)]


def open_class(app: App, url: str, browser: Browser, stack: ExitStack) -> Lesson:
    context = browser.new_context(viewport=VIEWPORTS["desktop"])
    stack.callback(context.close)
    teacher, projector = context.new_page(), context.new_page()
    teacher.goto(f"{app.address}/Class")
    expect(teacher.get_by_role("button", name="Open a class")).to_be_enabled(timeout=90_000)
    settle(teacher)
    teacher.get_by_role("button", name="Open a class").click()
    card = teacher.locator(".joining")
    expect(card).to_be_visible()
    code = card.get_attribute("data-class-code") or ""
    projector.goto(f"{app.address}/Class?class=Projector")
    expect(projector.locator(".big .joining")).to_be_visible(timeout=60_000)
    return Lesson(app, url, teacher, projector, code)


def join(
    lesson: Lesson,
    browser: Browser,
    stack: ExitStack,
    name: str,
    *,
    touch: bool,
    dark: bool,
    section: str = "lobby",
    path: str = "join/",
) -> Pupil:
    context = browser.new_context(
        viewport=VIEWPORTS["phone"],
        has_touch=touch,
        is_mobile=touch,
        color_scheme="dark" if dark else "light",
    )
    stack.callback(context.close)
    pupil = Pupil(context.new_page(), [], [], [])
    pupil.page.on(
        "response",
        lambda answer: pupil.told.append(answer.text()) if answer.url.endswith("/state") else None,
    )
    pupil.page.on("request", lambda request: pupil.files.append(request.url))
    if path == "join/":
        pupil.page.on("response", lambda answer: pupil.sizes.append(size_on_the_wire(answer)))
    else:  # messages come as the session's
        pupil.page.on(
            "websocket",
            lambda socket: socket.on("framereceived", lambda sent: pupil.told.append(_text(sent))),
        )
    asked: list[str] = []
    pupil.page.on("request", lambda request: asked.append(request.url))
    pupil.page.goto(f"{lesson.app.address}/{path}{lesson.code}")
    pupil.page.get_by_label("Nickname").fill(name)
    pupil.press(pupil.page.get_by_role("button", name="Join"))
    pupil.expect_state(section)
    expect_no_fault_of_ours(pupil.page)
    host = urlsplit(lesson.app.address).netloc
    assert {urlsplit(one).netloc for one in asked if not one.startswith(("data:", "blob:"))} == {host}
    return pupil


def _text(sent: str | bytes) -> str:
    return sent if isinstance(sent, str) else sent.decode(errors="replace")


def size_on_the_wire(answer: Response) -> int:
    """An answer's bytes as they were sent, its headers included."""
    headers = sum(len(name) + len(value) + 4 for name, value in answer.headers.items())
    return headers + int(answer.headers["content-length"])


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def expect_count(lesson: Lesson, count: int) -> None:
    for page in (lesson.teacher, lesson.projector):
        expect(page.locator(f'[data-class-drawings="{count}"]')).to_be_visible()
    assert lesson.look().drawings == count


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{(tmp_path / 'digitlab.db').as_posix()}"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[App, str]]:
    """A server and its store's address for the classes that do no harm to it: each test opens one of its own."""
    url = f"sqlite:///{(tmp_path_factory.mktemp('store') / 'digitlab.db').as_posix()}"
    with serve(HOME, {"DIGIT_DATABASE_URL": url, "DIGIT_DUEL_SECONDS": "600"}) as app:
        yield app, url


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def test_a_class_goes_through_each_task_with_one_pupil_offline_for_half_of_it(
    browser: Browser, shared: tuple[App, str], stack: ExitStack
) -> None:
    lesson = open_class(*shared, browser, stack)
    pupils = [
        join(lesson, browser, stack, name, touch=touch, dark=dark)
        for name, touch, dark in (("Ann", True, True), ("Ben", False, False), ("", True, False))
    ]
    expect(lesson.projector.locator(".counts")).to_have_text("3 present")
    draw_a_seven(lesson, pupils, offline=pupils[2])
    vote_without_her(lesson, pupils)
    pupils[2].page.context.set_offline(False)
    expect(pupils[2].page.locator("#connection")).to_have_text("")
    pupils[2].expect_state(
        "revealed"
    )  # that is told her, too, and must not be taken for the next task's answer
    draw_any_digit(lesson, pupils)
    duel(lesson, pupils)
    draw_misread_ones(lesson, pupils)
    for page in (lesson.teacher, lesson.projector):
        expect_no_fault_of_ours(page)
    expect_to_fit_on_a_phone(lesson.teacher)
    end_and_keep(lesson, pupils)
    for pupil in pupils:  # no task showed what is read
        pupil.expect_nothing_reads_along()


@pytest.mark.long
def test_a_class_does_its_teachers_own_task_and_teaches_the_network_what_fooled_it(
    browser: Browser, shared: tuple[App, str], stack: ExitStack
) -> None:
    lesson = open_class(*shared, browser, stack)
    pupils = [join(lesson, browser, stack, name, touch=True, dark=False) for name in ("Ann", "Ben", "Cat")]
    do_own_task(lesson, pupils)
    draw_misread_ones(lesson, pupils)
    learn(lesson, pupils)


def draw_a_seven(lesson: Lesson, pupils: list[Pupil], offline: Pupil) -> None:
    """One pupil's network goes, and what she draws waits."""
    begin(lesson, pupils, "Draw a 7", "draw")
    offline.page.context.set_offline(True)
    for pupil in pupils:
        pupil.draw(STROKES[7])
    ann, ben, _ = pupils
    for pupil in (ann, ben):
        pupil.expect_handed_in(1)
    expect(offline.page.locator("#connection")).to_contain_text("Not sent yet: 1")
    expect_no_fault_of_ours(ann.page)
    expect_count(lesson, 2)
    expect(lesson.projector.locator(".wall figcaption")).to_have_text(["Ann", "Ben"])
    for pupil in pupils:
        pupil.expect_told_nothing()
    reveal(lesson, [ann, ben])
    expect(ann.page.locator("#revealed")).to_contain_text("Network: a 7")


def vote_without_her(lesson: Lesson, pupils: list[Pupil]) -> None:
    """The first pupil changes her mind; the third one is still offline."""
    ann, ben, _ = pupils
    begin(lesson, [ann, ben], "Vote: what will it answer?", "vote")
    for pupil, digit in ((ann, 2), (ben, 4), (ann, 7)):
        pupil.press(pupil.page.locator("#vote").get_by_role("button", name=str(digit), exact=True))
        expect(pupil.page.locator("#voted")).to_contain_text(f"Your vote: {digit}")
    expect(lesson.projector.locator(".counts")).to_have_text("2 voted / 2 present", timeout=60_000)
    expect_no_fault_of_ours(ann.page)
    for pupil in (ann, ben):
        pupil.expect_told_nothing()
    expect(lesson.projector.get_by_text("The network answers")).to_have_count(0)
    ben.page.context.set_offline(True)
    ben.press(ben.page.locator("#vote").get_by_role("button", name="5", exact=True))
    expect(ben.page.locator("#connection")).to_contain_text("Not sent yet: 1")
    press(lesson.teacher, "End the vote and show the answer")
    ann.expect_state("revealed")
    ben.page.context.set_offline(False)
    ben.expect_state("revealed")
    expect(ben.page.locator("#connection")).to_contain_text("came too late and doesn't count")
    look = lesson.look()
    assert look.votes.tolist() == [0, 0, 0, 0, 1, 0, 0, 1, 0, 0]
    assert look.task is not None
    assert look.task.shares is not None
    expect(ben.page.locator("#revealed h2")).to_have_text(f"The network answers {look.task.shares.argmax()}")
    expect(lesson.projector.get_by_text("The network answers")).to_be_visible()


def draw_any_digit(lesson: Lesson, pupils: list[Pupil]) -> None:
    """Three digits and the two sevens before are the class's handwriting; the late one is not."""
    begin(lesson, pupils, "Draw any digit", "draw")
    for pupil, digit in zip(pupils, (3, 4, 0), strict=True):
        pupil.draw(STROKES[digit], digit)
        pupil.expect_handed_in(1)
    expect_count(lesson, 3)
    for pupil in pupils:
        pupil.expect_told_nothing()
    reveal(lesson, pupils)
    found = lesson.look().revealed
    assert found.accuracy is not None
    assert found.accuracy.n == found.confusion.sum() == 5
    for page in (lesson.teacher, lesson.projector):
        expect(page.locator("dl.shares")).to_contain_text(f"{found.accuracy.count} of 5; with others")
        cells = page.locator(".class-matrix i").all_inner_texts()
        assert [int(cell or 0) for cell in cells] == found.confusion.ravel().tolist()


def duel(lesson: Lesson, pupils: list[Pupil]) -> None:
    """A picture is closed by the teacher; the score stands on the projector after it."""
    begin(lesson, pupils, "You or the machine", "duel")
    task = lesson.look().task
    assert task is not None
    assert task.duel is not None
    meant = task.duel.pictures[0].meant
    for pupil, digit in zip(pupils, (meant, meant, (meant + 1) % 10), strict=True):
        pupil.press(pupil.page.locator("#duel").get_by_role("button", name=str(digit), exact=True))
        expect(pupil.page.locator("#duel-answer")).to_contain_text(f"Your answer: {digit}")
    expect(lesson.projector.locator(".counts")).to_contain_text("3 answered")
    for pupil in pupils:
        pupil.expect_told_nothing()
    expect(lesson.projector.locator("[data-duel]")).to_have_count(0)
    press(lesson.teacher, "Show the answer now")
    expect(pupils[0].page.locator("#duel-answer")).to_contain_text("✓ You are right.")
    expect(pupils[2].page.locator("#duel-score")).to_contain_text("After 1: you 0, the class 1,")
    expect(lesson.projector.locator('[data-duel="1"]')).to_contain_text("The network")
    for page in (pupils[0].page, lesson.projector):
        expect_no_fault_of_ours(page)
    press(lesson.teacher, "Next picture")
    expect(pupils[0].page.locator("#duel-title")).to_contain_text("2 of 12")
    press(lesson.teacher, "End the duel")
    for pupil in pupils:
        expect(pupil.page.locator("#duel-title")).to_have_text("The duel is over")


def draw_misread_ones(lesson: Lesson, pupils: list[Pupil]) -> None:
    """A 1 that all call a 7 is looked at by two others each, who are not told."""
    begin(lesson, pupils, "Draw one that it misreads", "draw")
    for pupil in pupils:
        pupil.draw(ONE, 7)
        pupil.expect_handed_in(1)
    press(lesson.teacher, "Let the class look at them")
    for pupil in pupils * 2:
        expect(pupil.page.locator("#check-picture")).to_be_visible()
        pupil.press(pupil.page.locator("#check").get_by_role("button", name="7", exact=True))
    for pupil in pupils:
        expect(pupil.page.locator("#check-words")).to_contain_text("no drawing for you")
        pupil.expect_told_nothing()
    expect(lesson.teacher.get_by_text("Looked at 6 times")).to_be_visible()
    press(lesson.teacher, "Show the answers")
    told = "3 drawings fooled the network, but not the class."
    expect(lesson.projector.get_by_text(told)).to_be_visible()
    expect(lesson.projector.locator(".scores li").first).to_have_text("Ann 1")
    expect(pupils[0].page.locator("#revealed")).to_contain_text("★ You fooled it")


def do_own_task(lesson: Lesson, pupils: list[Pupil]) -> None:
    """The teacher writes a task, the class does it, and its file brings it back."""
    teacher, words = lesson.teacher, "Draw a 3 or a 7."
    teacher.get_by_text("Tasks of your own").click()
    teacher.get_by_role("button", name="Add this task").scroll_into_view_if_needed()
    settle(teacher)
    teacher.get_by_label("What the class has to do").fill(words)
    for digit in "37":
        choose(teacher, "own-digits", digit)
    teacher.keyboard.press("Escape")
    press(teacher, "Add this task")
    begin(lesson, pupils, words, "draw")
    expect(lesson.projector.get_by_role("heading", name=words)).to_be_visible()
    for pupil in pupils:
        expect(pupil.page.locator("#meant button:visible")).to_have_text(["3", "7"])
        pupil.draw(STROKES[3], 3)
        pupil.expect_handed_in(1)
        expect_no_fault_of_ours(pupil.page)
    reveal(lesson, pupils)
    teacher.get_by_text("Tasks of your own").click()
    settle(teacher)
    with teacher.expect_download() as download:
        press(teacher, "Download these tasks")
    press(teacher, "Remove all")
    expect(teacher.get_by_role("button", name=words)).to_have_count(0)
    content = download.value.path().read_bytes()
    file = FilePayload(name="tasks.json", mimeType="application/json", buffer=content)
    teacher.locator('input[type="file"]').set_input_files(file)
    expect(teacher.get_by_role("button", name=words)).to_be_visible()
    expect_no_fault_of_ours(teacher)


def learn(lesson: Lesson, pupils: list[Pupil]) -> None:
    """The network learns two of three drawings while the class looks on; then all are read again."""
    press(lesson.teacher, "Learn from us: 3 drawings")
    for pupil in pupils:
        pupil.expect_state("board")
    expect(pupils[0].page.locator("#board-words")).to_contain_text("It learns from 2 drawings of your class")
    expect(lesson.projector.locator(".curve-legend")).to_be_visible(timeout=180_000)
    expect(lesson.projector.get_by_role("button", name="Stop learning")).to_have_count(0)
    expect(lesson.teacher.get_by_role("button", name="Stop learning")).to_be_visible()
    shows = lesson.teacher.get_by_role("button", name="Show before and after")
    expect(shows).to_be_visible(timeout=180_000)
    expect(lesson.projector.locator(".effect")).to_have_count(0)
    shows.click()
    expect(lesson.projector.locator(".effect")).to_contain_text("drawings held back")
    expect(lesson.projector.get_by_text("On MNIST it reads")).to_be_visible()
    for pupil in pupils:
        expect(pupil.page.locator("#board-title")).to_have_text("The network has learnt from your drawings.")
        expect_no_fault_of_ours(pupil.page)
    expect_no_fault_of_ours(lesson.projector)


def end_and_keep(lesson: Lesson, pupils: list[Pupil]) -> None:
    """Each pupil has a report, and the drawings become a set that Explore shows."""
    teacher, (ann, _, cat) = lesson.teacher, pupils
    teacher.get_by_text("Code, names, remote and the end of the class").click()
    choose(teacher, "class-rival", "ANN")
    expect(teacher.locator(".class-matrix")).to_have_count(2)
    press(teacher, "End the class")
    expect(lesson.projector.locator(".class-matrix")).to_have_count(2)
    expect(lesson.projector.get_by_text("read the same digits correctly")).to_be_visible()
    report = ann.page.locator("#revealed")
    expect(report).to_contain_text("The network read 2 of your 3 drawings correctly.")
    expect(report).to_contain_text("People could read 1 of your drawings")
    expect(cat.page.locator("#revealed")).to_contain_text("late: it doesn't count")
    for pupil in pupils:
        expect_no_fault_of_ours(pupil.page)
    expect(teacher.locator('[data-class-drawings="9"]')).to_be_visible()
    expect_report(teacher, has_names=False)
    teacher.get_by_text("Pupils' names in the report").click()
    expect_report(teacher, has_names=True)
    press(teacher, "Keep the drawings as a set")
    expect(teacher.get_by_role("button", name="Kept as a set")).to_be_disabled()
    expect_a_set_like_others(lesson)


def expect_a_set_like_others(lesson: Lesson) -> None:
    """What was kept is browsed, downloaded, evaluated, and offered for fine-tuning: five of nine, for the others are the same."""
    teacher, name, marked = (
        lesson.teacher,
        lesson.look().found.name,
        quote_plus(f"✎ {lesson.look().found.name}"),
    )
    teacher.goto(f"{lesson.app.address}/Explore?set={marked}")
    expect(teacher.locator(".tile")).to_have_count(5, timeout=60_000)
    settle(teacher)
    with teacher.expect_download() as download:
        press(teacher, "Zip of pictures")
    drawings = drawing_archives.read(download.value.path().read_bytes())
    assert sorted(one.label for one in drawings) == [0, 3, 4, 7, 7]
    teacher.goto(f"{lesson.app.address}/Evaluate?digits={marked}")
    expect(teacher.locator("dl.shares")).to_contain_text(f"{name}: all drawings", timeout=60_000)
    expect(teacher.locator("dl.shares")).to_contain_text("of 5; with others")
    teacher.goto(f"{lesson.app.address}/Train?train=Your+drawings")
    expect(teacher.get_by_role("button", name="Teach it")).to_be_enabled(timeout=60_000)


def reveal(lesson: Lesson, pupils: list[Pupil]) -> None:
    """Show the answers, and wait until these pupils see them."""
    press(lesson.teacher, "Show the answers")
    for pupil in pupils:
        pupil.expect_state("revealed")


def expect_report(teacher: Page, *, has_names: bool) -> None:
    """The report to print has the pupils' names where the teacher wants them."""
    with teacher.expect_download() as download:
        press(teacher, "Report with names" if has_names else "Report to print")
    report = download.value.path().read_text(encoding="utf-8")
    assert "meant 7, read as 7" in report
    assert [name in report for name in ("Ann: meant", "Ben: meant")] == [has_names, has_names]


def begin(lesson: Lesson, pupils: list[Pupil], task: str, section: str) -> None:
    """Start a task, and wait until these pupils see it."""
    for pupil in pupils:
        pupil.told.clear()
    press(lesson.teacher, task)
    for pupil in pupils:
        pupil.expect_state(section)
        # A question that was on its way at the press is answered about the task before.
        pupil.told[:] = [one for one in pupil.told if '"state":"revealed"' not in one]


def expect_to_fit_on_a_phone(page: Page) -> None:
    """The remote in a teacher's hand."""
    page.set_viewport_size(VIEWPORTS["phone"])
    expect_to_fit(page)
    expect_no_fault_of_ours(page)
    page.set_viewport_size(VIEWPORTS["desktop"])


def test_a_small_network_reads_along_in_the_tasks_that_show_it(
    browser: Browser, shared: tuple[App, str], stack: ExitStack
) -> None:
    lesson = open_class(*shared, browser, stack)
    pupils = [
        join(lesson, browser, stack, name, touch=touch, dark=dark)
        for name, touch, dark in (("Ann", True, True), ("Ben", False, False))
    ]
    begin(lesson, pupils, "Draw a 7", "draw")
    expect_nothing_read_along(pupils)
    reveal(lesson, pupils)
    lesson.teacher.get_by_text("Phones show a live reading").click()
    begin(lesson, pupils, "Draw any digit", "draw")
    for pupil in pupils:
        expect_read_along(pupil)
        pupil.expect_handed_in(1)
        pupil.expect_told_nothing()
        expect(pupil.page.locator("[data-live-digit]")).to_have_count(0)  # the paper is bare again
        assert sum(pupil.sizes) <= MAX_WIRE
    reveal(lesson, pupils)
    for pupil in pupils:
        pupil.files.clear()
    begin(lesson, pupils, "Draw a 7", "draw")
    expect_nothing_read_along(pupils)


def expect_nothing_read_along(pupils: list[Pupil]) -> None:
    for pupil in pupils:
        with hand.pen_down(pupil.page, pupil.path(STROKES[7][0])):
            pupil.page.wait_for_timeout(500)
            pupil.expect_nothing_reads_along()
        pupil.press(pupil.page.get_by_role("button", name="Clear"))


def expect_read_along(pupil: Pupil) -> None:
    """The answer follows the pen, by mouse, finger and keys; the stroke then is handed in as the digit that it is."""
    live = pupil.page.locator("#live")
    expect(live).to_contain_text("Draw to see")
    for digit in (0, 3):
        with hand.pen_down(pupil.page, pupil.path(STROKES[digit][0])):
            expect(live).to_have_attribute("data-live-digit", str(digit))
            assert 0.1 < float(live.get_attribute("data-live-confidence") or 0) <= 1
            expect(live.locator(".is-answer")).to_have_text(str(digit))
            expect_no_fault_of_ours(pupil.page)
        pupil.press(pupil.page.get_by_role("button", name="Clear"))
        expect(live).to_contain_text("Draw to see")
    pupil.page.locator("#paper").focus()
    for key in ["ArrowUp"] * 15 + ["Space"] + ["ArrowDown"] * 30:
        pupil.page.keyboard.press(key)
    expect(live).to_have_attribute("data-live-digit", "1")
    pupil.press(pupil.page.get_by_role("button", name="Clear"))
    asked = {name for name in ENGINE for file in pupil.files if file.endswith(f"/{name}.js")}
    assert asked == set(ENGINE)
    pupil.draw(STROKES[3], 3)


def test_without_the_network_that_reads_along_a_drawing_is_handed_in_all_the_same(
    browser: Browser, shared: tuple[App, str], stack: ExitStack
) -> None:
    lesson = open_class(*shared, browser, stack)
    ann = join(lesson, browser, stack, "Ann", touch=True, dark=False)
    ann.page.route("**/*.network", lambda route: route.abort())
    lesson.teacher.get_by_text("Phones show a live reading").click()
    begin(lesson, [ann], "Draw a 7", "draw")
    ann.draw(STROKES[7])
    ann.expect_handed_in(1)
    expect(ann.page.locator("#live")).to_be_hidden()


def test_a_server_that_is_killed_in_mid_class_loses_nothing(
    browser: Browser, url: str, stack: ExitStack
) -> None:
    first = stack.enter_context(serve(HOME, {"DIGIT_DATABASE_URL": url}))
    lesson = open_class(first, url, browser, stack)
    ann = join(lesson, browser, stack, "Ann", touch=True, dark=True)
    press(lesson.teacher, "Draw a 7")
    ann.expect_state("draw")
    ann.draw(STROKES[7])
    ann.expect_handed_in(1)
    os.kill(first.process_id, signal.SIGKILL)
    ann.draw(STROKES[7])
    expect(ann.page.locator("#connection")).to_have_text("No connection: trying again … Not sent yet: 1")
    ann.expect_state("draw")
    port = urlsplit(first.address).port or 0
    stack.enter_context(serve(HOME, {"DIGIT_DATABASE_URL": url}, port=port))
    ann.expect_handed_in(2)
    expect(ann.page.locator("#connection")).to_have_text("")
    expect(lesson.teacher.locator('[data-class-drawings="2"]')).to_be_visible(timeout=90_000)
    assert [one.number for one in lesson.look().wall] == [1, 2]


def test_a_class_is_drawn_by_keys_alone(browser: Browser, shared: tuple[App, str], stack: ExitStack) -> None:
    lesson = open_class(*shared, browser, stack)
    ann = join(lesson, browser, stack, "Ann", touch=False, dark=False)
    press(lesson.teacher, "Draw a 7")
    ann.expect_state("draw")
    ann.page.locator("#paper").focus()
    way = ["ArrowUp"] * 10 + ["ArrowLeft"] * 8 + ["Space"] + ["ArrowRight"] * 16 + ["ArrowDown"] * 24
    for key in [*way, "Space", "Tab", "Tab", "Tab", "Enter"]:
        ann.page.keyboard.press(key)
    ann.expect_handed_in(1)
    (drawn,) = lesson.look().wall
    assert drawn.answer == 7


def test_a_pupil_is_the_same_after_a_reload_and_another_one_can_share_the_device(
    browser: Browser, shared: tuple[App, str], stack: ExitStack
) -> None:
    lesson = open_class(*shared, browser, stack)
    press(lesson.teacher, "Draw a 7")
    ann = join(lesson, browser, stack, "Ann", touch=True, dark=False, section="draw")
    ann.draw(STROKES[7])
    ann.expect_handed_in(1)
    ann.page.reload()
    ann.expect_handed_in(1)
    assert lesson.look().presence.joined == 1
    ann.press(ann.page.get_by_role("button", name="Another pupil"))
    ann.page.get_by_label("Nickname").fill("Ben")
    ann.press(ann.page.get_by_role("button", name="Join"))
    ann.expect_state("draw")
    ann.draw(STROKES[1])
    ann.expect_handed_in(1)
    # What a closed page could not send is sent by the next one.
    context = ann.page.context
    context.set_offline(True)
    ann.draw(STROKES[3])
    expect(ann.page.locator("#connection")).to_contain_text("Not sent yet: 1")
    ann.page.close()
    context.set_offline(False)
    ann.page = context.new_page()
    ann.page.goto(f"{lesson.app.address}/join/{lesson.code}")
    ann.expect_handed_in(2)
    look = lesson.look()
    assert [(one.name, one.answer) for one in look.wall] == [("Ann", 7), ("Ben", 1), ("Ben", 3)]
    assert look.presence.joined == 2


def test_where_a_host_lets_no_own_route_through_the_pupils_page_is_a_part_of_the_page_class(
    browser: Browser, url: str, stack: ExitStack
) -> None:
    """There Streamlit's own page answers at /join, with status 200."""
    app = stack.enter_context(serve(HOME, {"DIGIT_DATABASE_URL": url}, ("-c", BOOTSTRAP)))
    lesson = open_class(app, url, browser, stack)
    for page in (lesson.teacher, lesson.projector):
        expect(page.locator(".joining b")).to_contain_text(f"/Class?join={lesson.code}")
    ann = join(lesson, browser, stack, "Rebecca", touch=True, dark=True, path="Class?join=")
    expect(ann.page.get_by_test_id("stSidebar")).to_be_hidden()
    expect_to_fit(ann.page)
    lesson.teacher.get_by_text("Phones show a live reading").click()
    begin(lesson, [ann], "Draw any digit", "draw")
    expect_read_along(ann)
    ann.expect_handed_in(1)
    ann.expect_told_nothing()
    expect_count(lesson, 1)
    (drawn,) = lesson.look().wall
    assert (drawn.name, drawn.meant, drawn.answer) == ("Rebecca", 3, 3)
    ann.page.reload()
    ann.expect_handed_in(1)
    ann.page.context.set_offline(True)
    ann.draw(ONE, 7)
    expect(ann.page.locator("#connection")).to_contain_text("Not sent yet: 1")
    ann.page.context.set_offline(False)
    ann.expect_handed_in(2)
    reveal(lesson, [ann])
    expect(ann.page.locator("#revealed")).to_contain_text("Network: a 3")
    expect_no_fault_of_ours(ann.page)
    look_inside(lesson.teacher)


def test_nobody_can_press_join_before_the_page_hears_it(
    browser: Browser, shared: tuple[App, str], stack: ExitStack
) -> None:
    """On a slow network the page stands before its modules: pressed then, "Join" did nothing at all."""
    lesson = open_class(*shared, browser, stack)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    for path in ("join/", "Class?join="):
        context = browser.new_context(viewport=VIEWPORTS["phone"], has_touch=True, is_mobile=True)
        stack.callback(context.close)
        page = context.new_page()
        page.route("**/pupil.js", hold)
        with page.expect_request("**/pupil.js"):
            page.goto(f"{lesson.app.address}/{path}{lesson.code}", wait_until="commit")
        expect(page.get_by_role("status").filter(has_text="One moment")).to_be_visible()
        expect(page.get_by_role("button", name="Join")).to_have_count(0)
        held.pop().continue_()
        page.get_by_role("button", name="Join").tap()
        expect(page.locator("#lobby")).to_be_visible()


def look_inside(teacher: Page) -> None:
    """The first drawing of the wall, a 3: every sum behind its answer."""
    teacher.locator(".tile").first.click()
    press(teacher, "See its sums inside the network")
    expect(teacher.get_by_text(re.compile(r"^A drawing of .*, meant as a 3\.$"))).to_be_visible()
    expect(teacher.locator(".inside")).to_have_attribute("data-digit", "3")
    expect(teacher.locator(".panel .value")).to_be_visible()


def test_the_teacher_chooses_another_address_for_the_pupils(
    browser: Browser, shared: tuple[App, str], stack: ExitStack
) -> None:
    lesson = open_class(*shared, browser, stack)
    box = lesson.teacher.get_by_role("combobox", name="Address of this computer for pupils")
    box.fill("http://room-12.school:8501")
    box.press("Enter")
    expect(lesson.teacher.get_by_text("Pupils can't join here")).to_have_count(0)
    expect(lesson.teacher.locator(".joining b")).to_have_text(
        f"http://room-12.school:8501/join/{lesson.code}"
    )
    expect(lesson.projector.locator(".joining b")).to_have_text(
        f"http://room-12.school:8501/join/{lesson.code}"
    )
