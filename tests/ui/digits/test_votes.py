"""A vote on a label in doubt: three answers, one vote, counted at once."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from streamlit.testing.v1 import AppTest

from digit_core.storage import store as stores
from digit_core.storage.store import DigitKey, Store, Votes
from tests.app_pages import buttons, html_of, open_function, press

ANN, BEN = "a" * 32, "b" * 32
DIGIT, OTHER = DigitKey("mnist", "test", 947), DigitKey("mnist", "test", 1621)


def _page() -> None:
    import numpy as np
    import streamlit as st

    from digit_core.storage.store import DigitKey
    from ui.digits import votes

    image = np.zeros((28, 28), np.float32)
    visitor = st.session_state.get("who")
    votes.show(DigitKey("mnist", "test", 947), 8, 9, image, visitor)
    votes.show(DigitKey("mnist", "test", 1621), 0, 6, image, visitor)


@pytest.fixture
def store(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A real store in a folder of the test, in the place of the app's."""
    monkeypatch.setattr(stores, "default", lambda: store)
    return store


@pytest.fixture
def open_as() -> Callable[[str | None], AppTest]:
    return lambda visitor: open_function(_page, who=visitor)


def counts(page: AppTest) -> list[str]:
    """What stands beside the bars, in their order."""
    return re.findall(r">(\d+ votes?[^<]*)<", html_of(page))


def chosen(page: AppTest) -> list[str]:
    return [button.label for button in page.button if button.proto.type == "primary"]


def test_three_answers_and_no_votes_yet(store: Store, open_as: Callable[..., AppTest]) -> None:
    page = open_as(ANN)
    assert buttons(page)[:3] == ["8, as labelled", "9, as suggested", "Can't tell"]
    assert chosen(page) == []
    assert "No votes yet" in page.get("html")[1].proto.body


@pytest.mark.parametrize(
    ("label", "choice"),
    [("8, as labelled", "given"), ("9, as suggested", "suggested")],
)
def test_a_press_is_a_vote(store: Store, open_as: Callable[..., AppTest], label: str, choice: str) -> None:
    page = press(open_as(ANN), label)
    assert store.votes([DIGIT, OTHER], ANN) == {DIGIT: Votes(**{choice: 1}, mine=choice), OTHER: Votes()}
    assert chosen(page) == [label]
    assert "1 vote · yours" in counts(page)


def test_another_press_replaces_it(store: Store, open_as: Callable[..., AppTest]) -> None:
    page = press(press(open_as(ANN), "8, as labelled"), "Can't tell")
    assert store.votes([DIGIT])[DIGIT] == Votes(unclear=1)
    assert chosen(page) == ["Can't tell"]
    assert counts(page) == ["0 votes", "0 votes", "1 vote · yours"]


def test_the_votes_of_others_are_shown_and_which_is_mine(
    store: Store, open_as: Callable[..., AppTest]
) -> None:
    store.cast_vote(BEN, DIGIT, "suggested")
    assert counts(open_as(ANN)) == ["0 votes", "1 vote", "0 votes"]
    page = press(open_as(ANN), "9, as suggested")
    assert counts(page) == ["0 votes", "2 votes · yours", "0 votes"]
    assert chosen(open_as(BEN)) == ["9, as suggested"]


def test_nobody_cannot_vote_but_sees_the_votes(store: Store, open_as: Callable[..., AppTest]) -> None:
    """Before the browser has said who is visiting."""
    store.cast_vote(BEN, DIGIT, "unclear")
    page = open_as(None)
    assert all(button.disabled for button in page.button)
    assert counts(page) == ["0 votes", "0 votes", "1 vote"]


def test_a_vote_that_cannot_be_kept_is_a_sentence_beside_its_digit(
    store: Store, sqlite_url: str, open_as: Callable[..., AppTest]
) -> None:
    page = open_as(ANN)
    engine = create_engine(sqlite_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM digitlab_votes")  # holds the lock
        press(page, "8, as labelled")
        connection.rollback()
    engine.dispose()
    assert [warning.value for warning in page.warning] == [
        "The database is busy, so nothing was read or saved: try again in a moment."
    ]
    assert chosen(page) == []
    page = press(page, "8, as labelled")
    assert not page.warning
    assert chosen(page) == ["8, as labelled"]


def test_a_store_out_of_reach_is_a_sentence_and_the_digit_is_still_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_as: Callable[..., AppTest]
) -> None:
    (tmp_path / "var").write_text("a file, no folder")
    broken = Store(f"sqlite:///{tmp_path / 'var' / 'digitlab.db'}")
    monkeypatch.setattr(stores, "default", lambda: broken)
    page = open_as(ANN)
    assert "folder cannot be created" in page.warning[0].value
    assert "labelled <b>8</b>" in page.get("html")[0].proto.body
    assert not page.button
