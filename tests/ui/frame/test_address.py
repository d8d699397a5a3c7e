"""What stands in an address is shown, what is chosen stands in the address, and nonsense is as good as nothing."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from tests.app_pages import open_file, press, run, widget
from tests.examples import examples
from tests.test_pages import PAGES

FIRST = {
    "letter": "a",
    "list": "a",
    "letters": ["a", "b"],
    "digits": [],
    "whole": 5,
    "share": 0.5,
    "range": (0, 10),
    "sheet": 1,
    "is_on": True,
}


def _page() -> None:
    import streamlit as st

    from ui.frame import address

    address.enter("Page")
    letters = ["a", "b", "c"]
    title = str.upper
    found = {
        "letter": st.pills("1", required=True, **address.one("letter", letters, named=title)),
        "list": st.selectbox("2", **address.listed("list", letters, named=title)),
        "letters": st.pills(
            "3", selection_mode="multi", **address.several("letters", letters, ("a", "b"), named=title)
        ),
        "digits": st.pills("4", selection_mode="multi", **address.several("digits", range(10))),
        "whole": st.number_input("5", **address.number("whole", 0, 10, 5)),
        "share": st.slider("6", **address.number("share", 0.0, 1.0, 0.5)),
        "range": st.slider("7", **address.number("range", 0, 10, (0, 10))),
        "sheet": st.pagination(**address.page_of("sheet", 4)),
        "is_on": st.toggle("8", **address.switch("is_on", first=True)),
    }
    st.session_state["found"] = found
    if st.button("All first"):
        for word in found:
            address.choose(word, None)
        st.rerun()
    address.leave()


def open_at(**words: Any) -> AppTest:
    page = AppTest.from_function(_page)
    for word, said in words.items():
        page.query_params[word] = said
    return run(page)


def found(page: AppTest) -> dict[str, Any]:
    return page.session_state["found"]


def said(page: AppTest) -> dict[str, list[str]]:
    return {
        word: text if isinstance(text, list) else [text] for word, text in dict(page.query_params).items()
    }


def test_an_address_without_words_shows_what_is_first_and_stays_so() -> None:
    page = open_at()
    assert found(page) == FIRST
    assert said(page) == {}


@pytest.mark.parametrize(
    ("word", "text", "value"),
    [
        ("letter", "C", "c"),
        ("list", "B", "b"),
        ("letters", ["C", "A"], ["a", "c"]),
        ("letters", "", []),
        ("digits", ["3", "8"], [3, 8]),
        ("whole", "7", 7),
        ("share", "0.25", 0.25),
        ("range", ["8", "2"], (2, 8)),
        ("sheet", "3", 3),
        ("is_on", "false", False),
        ("is_on", "FALSE", False),
    ],
)
def test_an_address_is_shown(word: str, text: Any, value: Any) -> None:
    page = open_at(**{word: text})
    assert found(page) == FIRST | {word: value}
    assert said(page).keys() == {word}
    run(page)
    assert found(page) == FIRST | {word: value}


@pytest.mark.parametrize(
    "text", ["", "nonsense", "a", "nan", "inf", "-1e999", "½", "0x1", ["", ""], "9" * 5_000]
)
@pytest.mark.parametrize("word", FIRST)
def test_nothing_or_nonsense_behind_a_word_is_what_is_first(word: str, text: Any) -> None:
    page = open_at(**{word: text})
    if word == "letters" and text == "":
        assert found(page)["letters"] == []  # that none is chosen can be said
        return
    assert found(page) == FIRST
    assert said(page) == {}


def test_numbers_beyond_their_limits_are_taken_to_them() -> None:
    page = open_at(whole="11", share="-0.5", range=["-3", "7"])
    assert found(page) == FIRST | {"whole": 10, "share": 0.0, "range": (0, 7)}
    assert said(page) == {"whole": ["10"], "share": ["0"], "range": ["0", "7"]}


def test_a_page_that_is_not_there_is_the_first() -> None:
    assert found(open_at(sheet="5"))["sheet"] == 1


@pytest.mark.parametrize(
    ("kind", "word", "value", "text"),
    [
        ("button_group", "letter", "b", ["B"]),
        ("selectbox", "list", "c", ["C"]),
        ("button_group", "letters", [], [""]),
        ("button_group", "letters", ["c"], ["C"]),
        ("button_group", "digits", [4, 9], ["4", "9"]),
        ("number_input", "whole", 9, ["9"]),
        ("slider", "share", 0.75, ["0.75"]),
        ("pagination", "sheet", 2, ["2"]),
        ("toggle", "is_on", False, ["false"]),
    ],
)
def test_what_is_chosen_stands_in_the_address_until_it_is_taken_back(
    kind: str, word: str, value: Any, text: list[str]
) -> None:
    page = open_at()
    widget(getattr(page, kind), word).set_value(value)
    run(page)
    assert found(page)[word] == value
    assert said(page) == {word: text}
    press(page, "All first")
    assert found(page) == FIRST
    assert said(page) == {}


def test_a_word_that_no_widget_shows_leaves_the_address() -> None:
    assert said(open_at(whole="7", unknown="x")) == {"whole": ["7"]}


WORDS = (
    "view",
    "train",
    "evaluate",
    "draw",
    "part",
    "binning",
    "lines",
    "page",
    "sure",
    "digit",
    "cell",
    "run",
)


@pytest.mark.parametrize("text", ["", "nonsense", "\0", ["Watch", ""]], ids=repr)
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_page_opens_whatever_stands_behind_its_words(path: Path, text: str | list[str]) -> None:
    assert open_file(path, **dict.fromkeys(WORDS, text)).title[0].value


_WORDS = st.sampled_from(["", "a", "-1", "1e999", "nan", "0,10", "10,0", "9" * 400, "٣", "²", "\0", "a,b,a"])
_SAID = st.lists(_WORDS | st.text(max_size=12), min_size=1, max_size=3)


@settings(max_examples=examples(5), deadline=None)
@given(words=st.dictionaries(st.sampled_from(sorted(FIRST)), _SAID, max_size=9))
def test_whatever_stands_in_an_address_the_page_opens(words: dict[str, list[str]]) -> None:
    open_at(**words)
