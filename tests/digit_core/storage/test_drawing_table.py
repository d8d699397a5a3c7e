"""Drawings are kept once and seen only by who has the code, on SQLite and PostgreSQL alike, however many press at once."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sqlalchemy import create_engine

from digit_core import settings
from digit_core.errors import StoreError
from digit_core.storage import drawings
from digit_core.storage.drawings import Drawing
from digit_core.storage.store import DigitKey, Store
from digit_core.storage.tables import DRAWING_SET_MEMBERS, DRAWING_SETS, DRAWINGS, SCHEMA, SCHEMA_VERSION

ANN, BEN, CAT = "a" * 32, "b" * 32, "c" * 32
DIGIT = DigitKey("mnist", "test", 947)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store(database_url)
    yield opened
    opened.close()


def drawn(seed: int, label: int = 4) -> Drawing:
    image = np.random.default_rng(seed).integers(0, 256, (28, 28)).astype(np.uint8)
    return Drawing(image, label, b"PNG", answer=9, confidence=0.75, model="CNN")


def seeds(count: int) -> list[Drawing]:
    return [drawn(seed, seed % 10) for seed in range(count)]


def test_a_drawing_comes_back_as_it_was_kept(store: Store) -> None:
    made = store.drawing_sets.make(ANN, "Class  7b")
    assert store.drawing_sets.get(ANN, made.id) == made
    assert store.drawings.keep(ANN, made.id, [drawn(1)]) == 1
    found, (kept,) = store.drawings.read(ANN, made.id)
    assert (found.name, found.count, found.owner) == ("Class 7b", 1, ANN)
    assert (kept.image == drawn(1).image).all()
    assert (kept.label, kept.picture, kept.answer, kept.confidence) == (4, b"PNG", 9, 0.75)
    assert (kept.model, kept.visitor, kept.number, kept.held_back) == ("CNN", ANN, 1, False)
    assert kept.created >= found.created > 0
    assert store.drawings.picture(ANN, made.id, 1) == b"PNG"
    assert store.drawings.picture(ANN, made.id, 2) == b""
    assert store.drawings.read(ANN, made.id, with_pictures=False)[1][0].picture == b""


def test_a_set_is_renamed_by_its_maker_or_a_teacher_for_everybody(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = store.drawing_sets.make(ANN, "Mine")
    store.drawing_sets.join(BEN, made.code)
    with pytest.raises(StoreError, match="Only the person who made this set"):
        store.drawing_sets.rename(BEN, made.id, "His")
    with pytest.raises(StoreError, match="1 to 60 characters"):
        store.drawing_sets.rename(ANN, made.id, " ")
    store.drawing_sets.rename(ANN, made.id, " Class  7b ")
    assert [one.name for one in store.drawing_sets.of(BEN)] == ["Class 7b"]
    monkeypatch.setattr(settings, "TEACHER_CODE", "chalk")
    store.drawing_sets.rename(BEN, made.id, "Class 8b", "chalk")
    assert store.drawing_sets.get(ANN, made.id).name == "Class 8b"


def test_a_drawing_pressed_twice_is_kept_once_with_its_last_label(store: Store) -> None:
    made = store.drawing_sets.make(ANN, "Mine")
    assert [store.drawings.keep(ANN, made.id, [drawn(1, label)]) for label in (4, 4, 9)] == [1, 0, 0]
    found, (kept,) = store.drawings.read(ANN, made.id)
    assert (kept.label, kept.number, found.count) == (9, 1, 1)


def test_the_same_drawing_of_two_people_is_there_twice(store: Store) -> None:
    """Two straight strokes for a 1 may well be the same pixels."""
    made = store.drawing_sets.make(ANN, "Ours")
    store.drawing_sets.join(BEN, made.code)
    assert store.drawings.keep(ANN, made.id, [drawn(1)]) + store.drawings.keep(BEN, made.id, [drawn(1)]) == 2


def test_a_revision_tells_each_change(store: Store) -> None:
    made = store.drawing_sets.make(ANN, "Mine")
    revisions = [made.revision]
    for change in (
        lambda: store.drawings.keep(ANN, made.id, [drawn(1)]),
        lambda: store.drawings.keep(ANN, made.id, [drawn(1, 9)]),
        lambda: store.drawings.remove(ANN, made.id, [1]),
    ):
        change()
        revisions.append(store.drawing_sets.get(ANN, made.id).revision)
    assert revisions == sorted(set(revisions))
    store.drawings.keep(ANN, made.id, [])
    assert store.drawing_sets.get(ANN, made.id).revision == revisions[-1]


def test_each_third_is_held_back_and_stays_so_whatever_is_removed(store: Store) -> None:
    made = store.drawing_sets.make(ANN, "Mine")
    store.drawings.keep(ANN, made.id, seeds(9))
    assert [one.held_back for one in store.drawings.read(ANN, made.id)[1]] == [False, False, True] * 3
    store.drawings.remove(ANN, made.id, [1])
    store.drawings.keep(ANN, made.id, [drawn(100)])
    left = store.drawings.read(ANN, made.id)[1]
    assert [one.number for one in left] == [*range(2, 11)]  # no number is given again
    assert [one.number for one in left if one.held_back] == [3, 6, 9]


def test_zero_to_nine_drawn_in_turn_hold_each_digit_back(store: Store) -> None:
    made = store.drawing_sets.make(ANN, "Mine")
    store.drawings.keep(ANN, made.id, seeds(30))
    held_back = [one.label for one in store.drawings.read(ANN, made.id)[1] if one.held_back]
    assert sorted(held_back) == list(range(10))


def test_without_the_code_nobody_sees_a_set_or_writes_into_it(store: Store) -> None:
    made = store.drawing_sets.make(ANN, "Mine")
    store.drawings.keep(ANN, made.id, [drawn(1)])
    assert store.drawing_sets.of(BEN) == store.drawing_sets.of(None) == []
    for forbidden in (
        lambda: store.drawings.read(BEN, made.id),
        lambda: store.drawings.read(None, made.id),
        lambda: store.drawing_sets.get(BEN, made.id),
        lambda: store.drawings.picture(BEN, made.id, 1),
        lambda: store.drawings.take_back(BEN, made.id, drawn(1).digest),
        lambda: store.drawings.keep(BEN, made.id, [drawn(2)]),
        lambda: store.drawings.bring_in(BEN, made.id, [drawn(2)]),
        lambda: store.drawings.remove(BEN, made.id, [1]),
        lambda: store.drawing_sets.remove(BEN, made.id),
    ):
        with pytest.raises(StoreError, match="not open to you"):
            forbidden()
    assert store.drawing_sets.get(ANN, made.id).count == 1


@pytest.mark.parametrize("typed", ["{}", " {} ", "{:.4} {}"])
def test_the_code_opens_it_however_it_is_typed(store: Store, typed: str) -> None:
    made = store.drawing_sets.make(ANN, "Mine")
    code = drawings.shown_code(made.code)
    text = f"{code[:4]} {code[5:]}" if typed.count("{") > 1 else typed.format(code)
    assert store.drawing_sets.join(BEN, text).id == made.id
    assert store.drawing_sets.join(BEN, made.code).id == made.id  # twice is no harm
    assert [one.id for one in store.drawing_sets.of(BEN)] == [made.id]
    assert store.drawings.keep(BEN, made.id, [drawn(2)]) == 1
    store.drawing_sets.leave(BEN, made.id)
    assert store.drawing_sets.of(BEN) == []
    assert store.drawing_sets.get(ANN, made.id).count == 1


@pytest.mark.parametrize("typed", ["", "abc", "abcd-efg0", "abcd-efgo", "l" * 8, "<b>abcd</b>", "ä" * 8])
def test_what_can_be_no_code_is_said_so(store: Store, typed: str) -> None:
    with pytest.raises(StoreError, match="eight letters and numbers"):
        store.drawing_sets.join(BEN, typed)


def test_a_code_of_no_set_opens_none(store: Store) -> None:
    with pytest.raises(StoreError, match="no set of drawings with this code"):
        store.drawing_sets.join(BEN, "abcd-2345")


def test_codes_are_unlike_each_other_and_hold_nothing_that_looks_like_another() -> None:
    codes = [drawings.new_code() for _ in range(2_000)]
    assert len(set(codes)) == len(codes)
    assert not set("".join(codes)) & set("01ilo")
    assert len(set("".join(codes))) == 31


def test_only_its_maker_or_the_teacher_removes_what_others_drew(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = store.drawing_sets.make(ANN, "Ours")
    for visitor in (BEN, CAT):
        store.drawing_sets.join(visitor, made.code)
    store.drawings.keep(ANN, made.id, [drawn(1)])
    store.drawings.keep(BEN, made.id, [drawn(2), drawn(3)])
    with pytest.raises(StoreError, match="Only the person who made this set"):
        store.drawings.remove(BEN, made.id, [1, 2])
    assert store.drawings.take_back(BEN, made.id, drawn(1).digest) == 0  # Ann's
    assert store.drawings.take_back(BEN, made.id, drawn(2).digest) == 1  # one's own
    for forbidden in (
        lambda: store.drawings.remove(BEN, made.id, [3]),
        lambda: store.drawing_sets.remove(BEN, made.id, "chalk"),
        lambda: store.drawings.bring_in(BEN, made.id, [drawn(9)], "chalk"),
    ):
        with pytest.raises(StoreError, match="Only the person who made this set"):
            forbidden()
    monkeypatch.setattr(settings, "TEACHER_CODE", "chalk")
    assert store.drawings.remove(CAT, made.id, [1, 2, 3], "chalk") == 2
    store.drawing_sets.remove(CAT, made.id, "chalk")
    assert store.drawing_sets.of(ANN) == []
    with pytest.raises(StoreError, match="no set of drawings with this code"):
        store.drawing_sets.join(ANN, made.code)


def test_what_is_brought_in_is_not_there_twice_whoever_drew_it(store: Store) -> None:
    made = store.drawing_sets.make(ANN, "Ours")
    store.drawing_sets.join(BEN, made.code)
    store.drawings.keep(BEN, made.id, seeds(3))
    assert store.drawings.bring_in(ANN, made.id, [*seeds(5), *seeds(5)]) == 2
    assert store.drawing_sets.get(ANN, made.id).count == 5


def test_a_set_has_bounds(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digit_core.storage.drawing_table.MAX_DRAWINGS", 3)
    monkeypatch.setattr("digit_core.storage.drawing_set_table.MAX_SETS", 1)
    made = store.drawing_sets.make(ANN, "Mine")
    store.drawings.keep(ANN, made.id, seeds(3))
    with pytest.raises(StoreError, match="at most 3 drawings"):
        store.drawings.keep(ANN, made.id, [drawn(50)])
    assert store.drawing_sets.get(ANN, made.id).count == 3
    with pytest.raises(StoreError, match="already made 1 sets"):
        store.drawing_sets.make(ANN, "Another")


@pytest.mark.parametrize("name", ["", "  ", "\u202e", "x" * 61])
def test_a_set_without_a_name_is_refused(store: Store, name: str) -> None:
    with pytest.raises(StoreError, match="1 to 60 characters"):
        store.drawing_sets.make(ANN, name)


def test_a_class_of_thirty_fills_one_set_at_once(database_url: str) -> None:
    """Each draws twenty, presses one of them twice, and two of them draw into a set of their own as well.

    Thirty threads without a pause are far more than thirty people, and other tests run meanwhile: hence the patience.
    """
    store = Store(database_url, patience_seconds=60)
    ours, theirs = store.drawing_sets.make(ANN, "Ours"), store.drawing_sets.make(BEN, "Theirs")
    together = threading.Barrier(30)

    def pupil(number: int) -> None:
        visitor = f"{number:032x}"
        together.wait()
        store.drawing_sets.join(visitor, ours.code)
        for turn in range(20):
            store.drawings.keep(visitor, ours.id, [drawn(1_000 * number + turn, turn % 10)])
        store.drawings.keep(visitor, ours.id, [drawn(1_000 * number, 0)])
        if number < 2:
            store.drawing_sets.join(visitor, theirs.code)
            store.drawings.keep(visitor, theirs.id, [drawn(1_000 * number)])

    with ThreadPoolExecutor(30) as threads:
        list(threads.map(pupil, range(30)))
    found, kept = store.drawings.read(ANN, ours.id)
    assert found.count == len(kept) == 600
    assert Counter(one.visitor for one in kept) == {f"{number:032x}": 20 for number in range(30)}
    assert len({one.digest for one in kept}) == 600
    assert [one.number for one in kept] == [*range(1, 601)]
    assert Counter(one.label for one in kept) == dict.fromkeys(range(10), 60)
    assert store.drawing_sets.get(BEN, theirs.id).count == 2
    assert store.drawing_sets.of(CAT) == []
    store.close()


def test_a_store_of_the_version_before_gets_its_sets_and_keeps_what_it_has(
    store: Store, database_url: str
) -> None:
    engine = create_engine(database_url.replace("postgresql:", "postgresql+psycopg:"))
    store.cast_vote(ANN, DIGIT, "given")  # makes the folder and the tables
    store.close()
    with engine.begin() as connection:
        for table in (DRAWINGS, DRAWING_SET_MEMBERS, DRAWING_SETS):
            table.drop(connection)
        connection.execute(SCHEMA.update().values(version=2))
    upgraded = Store(database_url)
    made = upgraded.drawing_sets.make(ANN, "New")
    assert upgraded.drawings.keep(ANN, made.id, [drawn(1)]) == 1
    assert upgraded.votes([DIGIT], ANN)[DIGIT].mine == "given"
    with engine.begin() as connection:
        assert connection.execute(SCHEMA.select()).scalar() == SCHEMA_VERSION
    upgraded.close()
    engine.dispose()
