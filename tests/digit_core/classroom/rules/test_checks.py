"""Drawings are dealt to two others, never to their makers, and again when nobody has answered for a while."""

from digit_core.classroom.records import Check
from digit_core.classroom.rules import checks

MAKERS = {1: "ann", 2: "ben", 3: "cat"}


def test_nobody_is_dealt_their_own() -> None:
    assert checks.deal({1: "ann"}, [], "ann", 0.0) is None
    assert checks.deal(MAKERS, [], "ann", 0.0) == 2


def test_a_pupil_who_asks_twice_sees_the_same_one() -> None:
    dealt = [Check(3, "ann", 0.0), Check(3, "ben", 0.0)]
    assert checks.deal(MAKERS, dealt, "ann", 5.0) == 3


def test_two_look_at_each_drawing_and_no_third() -> None:
    both = [Check(1, "ben", 0.0, 4), Check(1, "cat", 0.0, 4)]
    assert checks.deal({1: "ann"}, both, "dan", 1.0) is None


def test_what_lies_for_twenty_seconds_is_dealt_to_somebody_else() -> None:
    lying = [Check(1, "ben", 0.0), Check(1, "cat", 0.0)]
    assert checks.deal({1: "ann"}, lying, "dan", 19.0) is None
    assert checks.deal({1: "ann"}, lying, "dan", 20.0) == 1


def test_a_whole_class_gets_through_with_two_answers_a_drawing() -> None:
    makers = {place: f"pupil {place}" for place in range(30)}
    dealt: list[Check] = []
    for _ in range(5):
        for pupil in makers.values():
            place = checks.deal(makers, dealt, pupil, 0.0)
            if place is not None:
                dealt.append(Check(place, pupil, 0.0, 1))
    assert sorted(check.place for check in dealt) == sorted([*makers, *makers])
    assert all(makers[check.place] != check.checker for check in dealt)


def test_a_drawing_is_legible_if_two_others_or_the_teacher_saw_what_was_meant_and_nobody_anything_else() -> (
    None
):
    meant = dict.fromkeys(range(1, 8), 4)
    said = [
        Check(1, "ben", 0.0, 4),
        Check(1, "cat", 0.0, 4),
        Check(2, "ben", 0.0, 4),
        Check(2, "cat", 0.0, 9),
        Check(3, "ben", 0.0),
        Check(4, "ben", 0.0, checks.CANNOT_TELL),
        Check(5, "ben", 0.0, 4),
        Check(6, checks.TEACHER, 0.0, 4),
        Check(7, checks.TEACHER, 0.0, 4),
        Check(7, "ben", 0.0, 9),
    ]
    assert set(checks.legible(meant, said)) == {1, 6}
