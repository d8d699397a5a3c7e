"""A teacher's own tasks go through a class as the others do, and a file of them says what is wrong with it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digit_core.classroom import Classes
from digit_core.classroom.rules import own_tasks, tasks
from digit_core.classroom.rules.own_tasks import OwnTask
from digit_core.datasets import Mnist
from digit_core.errors import ClassError
from digit_core.metrics.classification import share
from digit_core.storage.store import Store
from tests.digit_core.classroom.pupils_hand import (
    ANN,
    BEN,
    CAT,
    KEY,
    drawing,
    end,
    hand_in,
    now,
    opened,
    picture,
)

MODELS = ("ann", "tiny")
TASK = {"words": "Draw a 4 like a 9.", "state": "collect", "digits": [4, 9], "model": "ann"}


def file_of(*found: Any) -> str:
    return json.dumps({"format": "digit-lab-tasks", "tasks": list(found)})


def test_a_file_of_tasks_comes_back_as_it_was() -> None:
    found = (
        own_tasks.written(" Draw\n a 7 ", tasks.COLLECT, {7}, "", MODELS),
        own_tasks.written("Welche Ziffer? 四", tasks.VOTE, range(10), "tiny", MODELS),
    )
    assert found[0].words == "Draw a 7"
    assert own_tasks.from_json(own_tasks.to_json(found), MODELS) == found


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "no list of tasks"),
        ("[" * 60_000, "no list of tasks"),
        ("[]", "no list of tasks"),
        ('{"format": "digit-lab-tasks", "tasks": 7}', "no list of tasks"),
        (b"\xff\xfe", "no list of tasks"),
        (" " * 64_001, "at most 64 KB"),
        (file_of(*[TASK] * 51), "51 tasks: 50 is the limit"),
        (file_of(TASK, 7), "Task 2: A task has words"),
        (file_of(TASK | {"run": "rm"}), "nothing else"),
        (file_of(TASK | {"words": " \n"}), "Task 1: Its words are missing"),
        (file_of(TASK | {"words": "x" * 201}), "longer than 200"),
        (file_of(TASK | {"state": "closed"}), "one of collect, check, vote"),
        (file_of(TASK | {"state": ["vote"]}), "one of collect, check, vote"),
        (file_of(TASK | {"digits": []}), "0 to 9"),
        (file_of(TASK | {"digits": [True]}), "0 to 9"),
        (file_of(TASK | {"digits": [10]}), "0 to 9"),
        (file_of(TASK | {"model": "../../etc"}), "none of those that come with this app"),
        (file_of(TASK | {"model": {}}), "none of those that come with this app"),
    ],
)
def test_a_file_that_is_none_is_refused_in_a_sentence(content: str | bytes, said: str) -> None:
    with pytest.raises(ClassError, match=said):
        own_tasks.from_json(content, MODELS)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.sampled_from(["vote", "check"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(list(TASK)), inner),
    max_leaves=8,
)


@given(st.lists(JSON, max_size=3) | JSON)
def test_whatever_stands_in_a_file_it_is_tasks_or_a_sentence(found: Any) -> None:
    for content in (json.dumps(found), json.dumps({"format": "digit-lab-tasks", "tasks": found})):
        try:
            read = own_tasks.from_json(content, MODELS)
        except ClassError as error:
            assert str(error).endswith(".")
        else:
            assert own_tasks.from_json(own_tasks.to_json(read), MODELS) == read


@given(st.binary(max_size=200))
def test_any_bytes_are_tasks_or_a_sentence(content: bytes) -> None:
    with pytest.raises(ClassError):
        own_tasks.from_json(content, MODELS)


@pytest.fixture
def classes(store: Store) -> Classes:
    return Classes(store)


def begin(classes: Classes, own: OwnTask, **options: Any) -> None:
    classes.press(KEY, now(classes), tasks.START, tasks.OWN, own=own, **options)


def test_a_task_asks_for_its_digits_alone_and_its_own_network_reads(classes: Classes) -> None:
    found = opened(classes, ANN)
    begin(classes, OwnTask("Draw a 3 or a 7.", tasks.COLLECT, (3, 7), "ann"))
    told = classes.pupils.look(found.code, ANN)
    assert (told["instruction"], told["asks"], told["digits"]) == ("Draw a 3 or a 7.", True, [3, 7])
    with pytest.raises(ClassError, match="asks for 3, 7"):
        hand_in(classes, found, ANN, drawing(1, 1, 4))
    hand_in(classes, found, ANN, drawing(1, 1, 3))
    # What another network read says nothing of how well the class's network reads.
    assert classes.look(found.id).handwriting.accuracy is None
    end(classes)
    begin(classes, OwnTask("Draw a 7.", tasks.COLLECT, (7,)))
    assert not classes.pupils.look(found.code, ANN)["asks"]
    hand_in(classes, found, ANN, drawing(2, 1, 7))
    accuracy = classes.look(found.id).handwriting.accuracy
    assert accuracy is not None
    assert (accuracy.count, accuracy.n) == (1, 1)


def test_a_task_to_check_is_looked_at_and_scores(classes: Classes) -> None:
    found = opened(classes, ANN, BEN, CAT)
    begin(classes, OwnTask("Fool it with a 7.", tasks.CHECK, (7,)))
    hand_in(classes, found, ANN, drawing(1, 1, 1))
    assert end(classes).state == tasks.CHECK
    for pupil in (BEN, CAT):
        place = classes.pupils.look(found.code, pupil)["check"]["place"]
        classes.pupils.check(found.code, pupil, {"place": place, "choice": 7})
    end(classes)
    look = classes.look(found.id)
    assert [one.name for one in look.scores] == ["A"]
    assert look.handwriting.accuracy is None
    assert "Fool it with a 7." in classes.report(KEY, found.id, share(99, 100))


def test_a_vote_of_ones_own_has_a_picture(classes: Classes, mnist: Mnist) -> None:
    found = opened(classes, ANN)
    with pytest.raises(ClassError, match="needs a picture"):
        begin(classes, OwnTask("What is this?", tasks.VOTE, (7,)))
    begin(classes, OwnTask("What is this?", tasks.VOTE, (7,)), picture=picture(mnist))
    assert classes.pupils.look(found.code, ANN)["instruction"] == "What is this?"
    classes.pupils.vote(found.code, ANN, {"task": 1, "choice": 7})
    assert end(classes).state == tasks.REVEALED
