"""A drawing is kept with what it was meant to be, and its set is browsed, evaluated and taught by who has its code."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from digit_core import settings
from digit_core.datasets.mnist import Mnist
from digit_core.recipes import fine_tuning
from digit_core.runs import queue as all_runs
from digit_core.runs.queue import Runs
from digit_core.storage import drawing_archives, drawings
from digit_core.storage import store as stores
from digit_core.storage.drawings import Drawing
from digit_core.storage.store import Store
from tests.app_pages import buttons, html_of, open_file, open_function, press, run, widget
from ui.frame import state
from ui.panels import fine_tuning_effect

ANN, BEN = "a" * 32, "b" * 32
PAGES = settings.PROJECT_FOLDER / "pages"
EVALUATE_VIEWS = ("Errors", "Digit by digit", "ROC", "Certainty", "Two models", "Download")
MINE = {"set": "✎ Mine"}  # in the address


def _panel() -> None:
    import numpy as np
    import streamlit as st

    from ui.draw import teach

    image = np.zeros((28, 28), np.float32)
    image[4:24, 12 : 14 + st.session_state.get("thickness", 0)] = 1
    answer = np.full(10, 0.05, np.float32)
    answer[7] = 0.55
    teach.show("ann", image, st.session_state.get("picture", b""), answer)


@pytest.fixture
def store(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A real store in a folder of the test, in the place of the app's, with runs that nobody starts."""
    monkeypatch.setattr(stores, "default", lambda: store)
    monkeypatch.setattr(all_runs, "default", lambda: Runs(store))
    return store


def open_panel(visitor: str | None, **session: object) -> AppTest:
    return open_function(_panel, **({state.VISITOR: visitor} if visitor else {}), **session)


def open_page(name: str, visitor: str | None = ANN, **address: str) -> AppTest:
    page = open_file(PAGES / name, 120, {state.VISITOR: visitor} if visitor else None, **address)
    assert not page.error
    return page


def text_of(page: AppTest) -> str:
    return "\n".join(
        one.value for one in (*page.markdown, *page.caption, *page.info, *page.success, *page.warning)
    )


@pytest.fixture
def mine(store: Store, mnist: Mnist) -> str:
    """The id of a set of Ann's with nine test digits, three of each of three classes, one of them mislabelled."""
    made = store.drawing_sets.make(ANN, "Mine")
    rows = np.concatenate([np.flatnonzero(mnist.test.labels == label)[:3] for label in (1, 4, 7)])
    labels = [1, 1, 1, 4, 4, 4, 7, 7, 2]
    kept = [Drawing(mnist.test.images[row], label, b"", 7, 0.5, "ANN") for row, label in zip(rows, labels)]
    store.drawings.keep(ANN, made.id, kept)
    return made.id


def test_one_press_keeps_a_drawing_in_a_set_of_ones_own(store: Store) -> None:
    page = open_panel(ANN)
    assert "a set of your own" in text_of(page)
    press(page, "1")
    assert "Kept as a **1**: “My drawings” has 1 drawing." in text_of(page)
    (made,) = store.drawing_sets.of(ANN)
    (kept,) = store.drawings.read(ANN, made.id)[1]
    assert (kept.label, kept.answer, kept.model, kept.visitor) == (1, 7, "ANN", ANN)
    assert kept.confidence == pytest.approx(0.55)
    assert kept.image[10, 12] == 255


def test_a_set_of_ones_own_is_shared_under_the_name_of_the_class(store: Store) -> None:
    page = press(open_panel(ANN), "1")
    (made,) = store.drawing_sets.of(ANN)
    assert not page.code  # nobody is to join "My drawings"
    next(one for one in page.text_input if one.label == "Name of this set").set_value("Class 7b")
    page = press(page, "Share it")
    assert [code.value for code in page.code] == [drawings.shown_code(made.code)]
    assert "“Class 7b” has 1 drawing." in text_of(page)
    other = open_panel(BEN)
    widget(other.text_input, "code typed").set_value(made.code)
    other = press(other, "Join")
    assert "“Class 7b” is open to you now" in text_of(other)
    assert "Name of this set" not in [one.label for one in other.text_input]


def test_a_set_that_is_renamed_stays_chosen(store: Store, mine: str) -> None:
    page = open_page("1_Explore.py", **MINE)
    next(one for one in page.text_input if one.label == "Name of this set").set_value("Class 7b")
    page = press(page, "Rename it")
    assert widget(page.selectbox, "set").value == mine
    assert page.query_params["set"] in ("✎ Class 7b", ["✎ Class 7b"])


def test_a_link_to_a_set_that_has_another_name_now_says_so(mine: str) -> None:
    page = open_page("1_Explore.py", set="✎ Class *9*")
    assert [toast.value for toast in page.toast] == [
        r"You have no set “Class \*9\*”: it has another name now, or is gone."
    ]
    assert not page.run().toast
    assert not open_page("1_Explore.py", **MINE).toast


def test_a_set_that_somebody_shared_without_a_name_is_not_called_mine(store: Store) -> None:
    made = store.drawing_sets.make(ANN, "My drawings")
    store.drawing_sets.join(BEN, made.code)
    page = open_page("1_Explore.py", BEN)
    assert f"✎ Drawings {drawings.shown_code(made.code)}" in widget(page.selectbox, "set").options
    assert "My drawings" not in str(page)


def test_a_set_keeps_its_very_name_beside_one_that_begins_alike(store: Store) -> None:
    for name in ("Class 7", "Class 7b", "Class 7"):
        store.drawing_sets.make(ANN, name)
    offered = widget(open_page("1_Explore.py").selectbox, "set").options
    assert {"✎ Class 7", "✎ Class 7 (2)", "✎ Class 7b"} <= set(offered)


def test_another_digit_corrects_the_label_and_a_press_takes_it_back(store: Store) -> None:
    page = press(press(open_panel(ANN), "1"), "2")
    assert "Kept as a **2**: “My drawings” has 1 drawing." in text_of(page)
    page = press(page, "Take it back")
    assert store.drawing_sets.of(ANN)[0].count == 0
    assert "The drawing is no longer kept." in text_of(page)
    assert "(no drawing yet)" in text_of(page)


def test_the_next_drawing_starts_with_no_label(store: Store) -> None:
    page = press(open_panel(ANN), "1")
    page.session_state["thickness"] = 3
    assert "Take it back" not in buttons(run(page))


def test_what_was_drawn_is_kept_small_and_dark_on_light(store: Store) -> None:
    rgba = np.zeros((560, 560, 4), np.uint8)
    rgba[100:400, 200:240] = (236, 234, 228, 255)  # the light ink of the dark theme
    packed = io.BytesIO()
    Image.fromarray(rgba).save(packed, "PNG")
    press(open_panel(ANN, picture=packed.getvalue()), "1")
    (made,) = store.drawing_sets.of(ANN)
    small = np.asarray(Image.open(io.BytesIO(store.drawings.picture(ANN, made.id, 1))))
    assert small.shape == (140, 140)
    assert (small[0, 0], small[60, 55]) == (255, 0)


def test_before_the_browser_has_said_who_it_is_nothing_can_be_pressed(store: Store) -> None:
    page = open_panel(None)
    assert all(button.disabled for button in page.button if len(button.label) == 1)


def test_a_class_pools_its_drawings_by_a_code(store: Store) -> None:
    page = open_panel(ANN)
    widget(page.text_input, "set name").set_value("Class <b>7b</b>")
    press(page, "Make it")
    (made,) = store.drawing_sets.of(ANN)
    other = open_panel(BEN)
    widget(other.text_input, "code typed").set_value(drawings.shown_code(made.code).lower())
    press(press(other, "Join"), "1")
    assert store.drawing_sets.get(ANN, made.id).count == 1
    assert store.drawing_sets.of(BEN)[0].id == made.id
    assert "Class \\<b\\>7b\\</b\\>" in text_of(other)  # harmless in Markdown


def test_a_set_is_joined_before_anything_is_drawn(store: Store) -> None:
    made = store.drawing_sets.make(ANN, "Class 7b")
    page = open_page("4_Draw.py", BEN)
    assert "Nothing drawn yet" in text_of(page)
    widget(page.text_input, "code typed").set_value(made.code)
    assert "“Class 7b” is open to you now" in text_of(press(page, "Join"))
    assert store.drawing_sets.of(BEN)[0].id == made.id


def test_a_wrong_code_is_said(store: Store) -> None:
    page = open_panel(BEN)
    widget(page.text_input, "code typed").set_value("abcd-2345")
    assert "no set of drawings with this code" in text_of(press(page, "Join"))


def test_a_store_that_does_not_answer_leaves_a_sentence(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "default", lambda: Store("sqlite:////proc/no/such.db", patience_seconds=1))
    page = press(open_panel(ANN), "1")
    assert "folder cannot be created" in text_of(page)


def test_explore_shows_the_set_in_practice_and_exam(mine: str) -> None:
    page = open_page("1_Explore.py", **MINE)
    assert "**9** of 9 digits" in text_of(page)
    assert widget(page.selectbox, "set").value == mine
    assert widget(page.pills, "split").options == ["practice", "exam"]


@pytest.mark.parametrize("view", ["The whole set", "Map", "Labels in doubt", "Distort"])
def test_each_view_of_explore_opens_for_a_small_set(mine: str, view: str) -> None:
    open_page("1_Explore.py", view=view, **MINE)


def test_explore_tells_of_a_drawing_where_it_comes_from_and_removes_it(store: Store, mine: str) -> None:
    page = open_page("1_Explore.py", part="Label wrong?", digit="practice-0", **MINE)
    assert "Kept as a 1 on" in html_of(page) and "ANN read it as 7, 50.0% sure." in html_of(page)
    press(page, "Delete this drawing")
    assert store.drawing_sets.get(ANN, mine).count == 8


def test_a_stranger_with_the_link_sees_mnist(mine: str) -> None:
    page = open_page("1_Explore.py", BEN, **MINE)
    assert widget(page.selectbox, "set").value == "mnist"
    assert "✎" not in str(widget(page.selectbox, "set").options)


def test_until_the_browser_has_answered_the_link_is_kept(mine: str) -> None:
    page = open_page("1_Explore.py", None, **MINE)
    assert page.query_params["set"] in ("✎ Mine", ["✎ Mine"])
    assert not page.get("bidi_component") or "digit_grid" not in str(page.get("bidi_component"))


def test_a_member_cannot_take_the_set_home_but_its_maker_and_the_teacher_can(
    store: Store, mine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = lambda page: [one.label for one in page.get("download_button")]  # noqa: E731
    assert "Zip of pictures" in labels(open_page("1_Explore.py", **MINE))
    store.drawing_sets.join(BEN, store.drawing_sets.get(ANN, mine).code)
    page = open_page("1_Explore.py", BEN, **MINE)
    assert "Zip of pictures" not in labels(page)
    assert "Only the set's creator can download" in text_of(page)
    monkeypatch.setattr(settings, "TEACHER_CODE", "chalk")
    page = open_page("1_Explore.py", BEN, **MINE)
    widget(page.text_input, state.TEACHER_CODE).set_value("chalk")
    assert "Zip of pictures" in labels(run(page))


def bring(page: AppTest, name: str, content: bytes) -> AppTest:
    page.file_uploader(key="set file").set_value((name, content, "application/zip"))
    return press(run(page), "Add them to this set")


def test_a_file_is_brought_in_once(store: Store, mine: str) -> None:
    content = drawing_archives.to_zip(store.drawings.read(ANN, mine)[1])
    other = store.drawing_sets.make(ANN, "Other")
    page = bring(open_page("1_Explore.py", set="✎ Other"), "mine.zip", content)
    assert store.drawing_sets.get(ANN, other.id).count == 9
    assert "New drawings: 9." in text_of(page)
    assert [one.held_back for one in store.drawings.read(ANN, other.id)[1]] == [False, False, True] * 3


def test_a_bad_file_is_a_sentence(store: Store, mine: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../<b>.png", b"")
    page = open_page("1_Explore.py", **MINE)
    page = bring(page, "bad.zip", packed.getvalue())
    assert "leads out of it" in page.error[0].value
    assert "<b>" not in page.error[0].value.replace("\\<b\\>", "")
    assert store.drawing_sets.get(ANN, mine).count == 9


@pytest.mark.parametrize("view", EVALUATE_VIEWS)
def test_evaluate_shows_two_accuracies_side_by_side_in_every_view(mine: str, view: str) -> None:
    page = open_page("3_Evaluate.py", evaluate=view, digits="✎ Mine", model="ann")
    told = html_of(page)
    assert "MNIST, the test digits" in told and "Mine: all drawings" in told
    assert "of 10,000" in told and "8 of 9; with others of this kind it might be 57% to 98%" in told


def test_of_a_set_that_the_model_has_learnt_only_the_held_back_drawings_count(
    store: Store, mine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ui.frame import resources

    card = resources.cards()["ann"]
    monkeypatch.setitem(card, "learnt_sets", [mine])
    page = open_page("3_Evaluate.py", digits="✎ Mine", model="ann")
    assert "the drawings held back" in html_of(page) and "2 of 3;" in html_of(page)
    assert "only those that were held back count here" in text_of(page)


def test_train_says_what_teaching_will_do(mine: str) -> None:
    page = open_page("2_Train.py", train="Your drawings", model="ann")
    told = text_of(page)
    assert "from 6 drawings, each 60 times in an epoch" in told
    assert "**3 drawings** of this set are held back" in told
    assert "9 drawings are not many" in told
    assert "No drawings yet of 0, 3, 5, 6, 8, 9." in told
    assert "Teach it" in buttons(page)


def _teaching() -> None:
    import streamlit as st

    from ui.frame import state
    from ui.train.setup import fine_tuning

    request = fine_tuning.show("ann", st.session_state[state.VISITOR])
    if request is not None:
        st.text(f"{request.name} / {request.digits.name}")


def test_a_run_and_its_card_are_told_the_name_of_the_set(store: Store, mine: str) -> None:
    for name, told in (("Class 7b", "ANN, taught Class 7b / Class 7b"), ("My drawings", "ANN, taught / ")):
        store.drawing_sets.rename(ANN, mine, name)
        page = press(open_function(_teaching, **{state.VISITOR: ANN}), "Teach it")
        assert [one.value.strip() for one in page.text] == [told.strip()]


def test_what_a_set_did_is_told_by_its_name() -> None:
    some = {"held_back": {"count": 1, "n": 2}}
    found = fine_tuning.effect_of({"handwriting": {"set": "Class <b>7b", "before": some, "after": some}})
    assert "Class &lt;b&gt;7b: the drawings held back" in fine_tuning_effect.table(found)
    earlier = fine_tuning.effect_of({"handwriting": {"before": some, "after": some}})
    assert "Your handwriting: the drawings held back" in fine_tuning_effect.table(earlier)


def test_train_says_how_to_begin_where_no_drawing_is(store: Store) -> None:
    page = open_page("2_Train.py", train="Your drawings")
    assert "A model can learn your handwriting." in text_of(page)
    assert "Teach it" not in buttons(page)
