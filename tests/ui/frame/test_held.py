"""A widget whose value is kept elsewhere shows that value, whoever has changed it, and says so in each run."""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from digit_core.settings import PROJECT_FOLDER
from tests.app_pages import open_function, press, run, widget
from ui.frame import held, state

SOURCES = [
    PROJECT_FOLDER / "Home.py",
    *(PROJECT_FOLDER / "pages").glob("*.py"),
    *(PROJECT_FOLDER / "ui").rglob("*.py"),
]
# What is set in a session by hand beside the constants of ui/frame/state.py: none of them is a widget's key.
REVIEWED = {
    "ui/canvas/drawing.py": {"key"},  # a drawing, under the key of its paper; its canvas has another
    "ui/components/browser_tab.py": {"key"},  # NUMBER_WAY and TAUGHT, of ui/frame/state.py
    "ui/components/choice.py": {"taken"},  # what a component has told, once
    "ui/components/map_view.py": {"tapped"},
    "ui/draw/sources.py": {'f"{key} uploads"', 'f"{key} photos"'},  # how many were brought
    "ui/explore/augmentation.py": {'"distortion seed"'},
    "ui/frame/held.py": {"name"},  # an entry of the session; the widget's key is another
    "ui/train/runs/run_table.py": {"serial_place"},
    "ui/train/setup/augmentation.py": {'"setup draw"'},
    "ui/train/watch/inside.py": {"kept"},  # the moment that one looks back to
    "ui/train/watch/replay.py": {"place", "since", 'f"{key} since"'},
}
# What is read of a session by its name beside those constants: it is there, and no widget's key.
READ = {
    "ui/components/browser_tab.py": {"key"},
    "ui/frame/held.py": {"key"},  # of a widget, once it is known to be there
    "ui/train/watch/replay.py": {"since", "place", 'f"{key} place"'},
}
_SETTERS = {"setdefault", "update", "__setitem__"}


def _page() -> None:
    import streamlit as st

    from ui.frame import held

    kept = st.session_state.setdefault("kept", 5)
    st.number_input("Number", 0, 100, value=kept, **held.in_session("kept", kept))
    ratio = st.session_state.setdefault("ratio", 0.1)
    st.slider("Ratio", 0.0, 1.0, ratio, 0.1, **held.in_session("ratio", ratio))
    offer = st.session_state.setdefault("offer", ["a", "b"])
    chosen = st.session_state.setdefault("chosen", "b")
    if chosen in offer:
        tie = held.in_session("chosen", chosen, offer)
        st.segmented_control("Letter", offer, default=chosen, required=True, **tie)
    if st.button("Forty"):
        st.session_state["kept"] = 40
        st.rerun()


@pytest.fixture
def page() -> AppTest:
    return open_function(_page)


def declared(page: AppTest, kind: str, name: str) -> Any:
    """The value that the widget's own element says, which is there in each run."""
    return widget(getattr(page, kind), name).proto.default


def test_the_value_is_declared_in_each_run(page: AppTest) -> None:
    for _ in range(3):
        assert declared(page, "number_input", "kept") == 5
        assert not widget(page.number_input, "kept").proto.set_value  # no message that has to arrive
        run(page)


def test_what_somebody_sets_is_kept_and_the_widget_stays_the_same(page: AppTest) -> None:
    key = widget(page.number_input, "kept").key
    widget(page.number_input, "kept").set_value(7)
    run(page)
    assert page.session_state["kept"] == 7
    assert widget(page.number_input, "kept").key == key
    assert declared(page, "number_input", "kept") == 7


def test_what_is_changed_elsewhere_is_shown_by_a_new_widget(page: AppTest) -> None:
    key = widget(page.number_input, "kept").key
    press(page, "Forty")
    shown = widget(page.number_input, "kept")
    assert (shown.value, shown.proto.default) == (40, 40)
    assert shown.key != key
    assert not shown.proto.set_value


def test_a_browser_that_speaks_for_a_widget_that_is_gone_is_not_heard(page: AppTest) -> None:
    """On a slow line a page went back to the view that a button had just led away from."""
    late = page._tree.get_widget_states()
    before = widget(page.number_input, "kept")
    press(page, "Forty")
    assert before.id in [one.id for one in late.widgets]
    page._run(late)
    assert page.session_state["kept"] == 40
    assert widget(page.number_input, "kept").value == 40


def _pages() -> None:
    """Three of them, of which two have widgets with the same keys."""
    import streamlit as st

    from ui.frame import held

    taken = st.session_state.setdefault("taken", [])
    most = {"first": 100, "second": 50, "third": 0}[st.session_state.setdefault("which", "first")]
    if most:
        st.slider("Number", 0, most, 5, **held.by("number", 5, taken.append))

        def told() -> None:
            taken.append(held.told("words"))
            taken.append(held.told_by_component("words", "chosen"))

        st.text_input("Words", key="words", max_chars=most, on_change=told)


def test_a_widget_that_is_gone_says_nothing_and_nothing_fails() -> None:
    """A page had changed twice when its browser spoke for the first one: the teacher saw Streamlit's red box."""
    page = open_function(_pages)
    page.slider[0].set_value(9)
    page.text_input[0].set_value("late")
    late = page._tree.get_widget_states()
    page.slider[0].set_value(5)
    page.text_input[0].set_value("")
    for which in ("second", "third"):
        page.session_state["which"] = which
        run(page)
    page._run(late)
    assert not page.exception
    assert page.session_state["taken"] == [None, None]


def test_an_emptied_number_comes_back(page: AppTest) -> None:
    widget(page.number_input, "kept").set_value(None)
    run(page)
    assert page.session_state["kept"] == 5
    assert widget(page.number_input, "kept").value == 5


def test_the_steps_of_a_slider_do_not_make_it_another_widget(page: AppTest) -> None:
    key = widget(page.slider, "ratio").key
    widget(page.slider, "ratio").set_value(0.1 + 0.2)
    run(page)
    assert page.session_state["ratio"] == 0.3
    assert widget(page.slider, "ratio").key == key


def test_another_offer_is_another_widget(page: AppTest) -> None:
    page.session_state["offer"] = ["b", "a", "c"]
    run(page)
    assert widget(page.segmented_control, "chosen").value == "b"
    assert widget(page.segmented_control, "chosen").key == "chosen shown 1"


def test_what_counts_of_a_value() -> None:
    assert held.plain((0.1 + 0.2, 1)) == [0.3, 1]
    assert held.plain("0.30000000000000004") == "0.30000000000000004"


def _is_session(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "session_state"


def _names(tree: ast.Module) -> Callable[[ast.AST], bool]:
    """Whether a node of a module is the session, by its own name or by another one."""
    aliases = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _is_session(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return lambda node: _is_session(node) or (isinstance(node, ast.Name) and node.id in aliases)


def _set_by_hand(tree: ast.Module) -> set[str]:
    """The keys that a module sets in the session: of assignments, and of the methods that set."""
    is_session = _names(tree)
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and is_session(node.value) and isinstance(node.ctx, ast.Store):
            found.add(ast.unparse(node.slice))
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and is_session(node.value):
            found.add(repr(node.attr))
        if isinstance(node, ast.Call):
            for called in (node.func, *node.args):  # `partial(st.session_state.__setitem__, place)`, too
                if isinstance(called, ast.Attribute) and called.attr in _SETTERS and is_session(called.value):
                    of_it = node.args if called is node.func else node.args[node.args.index(called) + 1 :]
                    found |= {ast.unparse(of_it[0]) if of_it else "many at once"}
    return found


def _read_by_name(tree: ast.Module) -> set[str]:
    """The keys that a module reads of the session in square brackets, which fails where they are not there."""
    is_session = _names(tree)
    return {
        ast.unparse(node.slice)
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and is_session(node.value) and isinstance(node.ctx, ast.Load)
    }


def _keys_of_widgets(tree: ast.Module) -> set[str]:
    return {
        ast.unparse(word.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for word in node.keywords
        if word.arg == "key"
    }


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.relative_to(PROJECT_FOLDER).as_posix())
def test_no_widgets_state_is_set_by_hand(source: Path) -> None:
    """Such a value reaches the browser in one message, which may be lost: see ui/frame/held.py."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    name = source.relative_to(PROJECT_FOLDER).as_posix()
    set_here = _set_by_hand(tree)
    records = {key for key in set_here if key.startswith("state.")}
    reviewed = {ast.unparse(ast.parse(key, mode="eval")) for key in REVIEWED.get(name, set())}
    assert set_here - records == reviewed


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.relative_to(PROJECT_FOLDER).as_posix())
def test_no_widget_is_asked_for_what_it_may_no_longer_say(source: Path) -> None:
    """In a callback it may be gone: `held.told` is what asks it."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    read = {key for key in _read_by_name(tree) if not key.startswith("state.")}
    reviewed = READ.get(source.relative_to(PROJECT_FOLDER).as_posix(), set())
    assert read == {ast.unparse(ast.parse(key, mode="eval")) for key in reviewed}


def test_no_record_of_the_session_is_a_widgets_key() -> None:
    trees = [ast.parse(source.read_text(encoding="utf-8")) for source in SOURCES]
    set_somewhere = set().union(*map(_set_by_hand, trees))
    keys = set().union(*map(_keys_of_widgets, trees))
    assert keys & {key for key in set_somewhere if key.startswith(("state.", "'", '"', "f'", 'f"'))} == set()


@pytest.mark.parametrize(
    "line",
    [
        'st.session_state["setup epochs"] = 3',
        'st.session_state.setdefault("setup epochs", 3)',
        "st.session_state.epochs = 3",
        'now = st.session_state\nnow["setup epochs"] += 3',
        "st.session_state.update(epochs=3)",
        'partial(st.session_state.__setitem__, "setup epochs")',
    ],
)
def test_each_way_to_set_one_by_hand_is_found(line: str) -> None:
    assert _set_by_hand(ast.parse(line))


def test_the_reviewed_list_is_of_files_that_are_there() -> None:
    assert set(REVIEWED) <= {source.relative_to(PROJECT_FOLDER).as_posix() for source in SOURCES}


def test_the_generations_are_plain_values(page: AppTest) -> None:
    """A session outlives a reload of the code."""
    assert page.session_state[state.HELD]["kept shown"] == (0, [])
