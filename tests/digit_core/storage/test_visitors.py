"""The teacher's code cannot be guessed by trying, and a class that mistypes it keeps nobody out for long."""

import logging

import pytest

from digit_core.storage.visitors import CodeGuesses

ANN, BEN = "a" * 32, "b" * 32


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_guessing_for_a_day_tries_few_codes_over_all_sessions() -> None:
    clock = Clock()
    guesses = CodeGuesses("chalkboard", clock)
    tried = 0
    for second in range(24 * 3600):
        clock.now = float(second)
        if guesses.wait_seconds() == 0:
            assert not guesses.is_right(f"guess {second}", f"{second:032x}")
            tried += 1
    assert tried < 1_500


def test_a_mistyped_code_costs_no_wait_and_a_page_that_asks_again_is_no_new_guess() -> None:
    guesses = CodeGuesses("chalkboard", Clock())
    for _ in range(1_000):
        assert not guesses.is_right("chalkbord", ANN)
    assert guesses.wait_seconds() == 0
    assert guesses.is_right("chalkboard", ANN)


def test_while_all_wait_the_right_code_opens_nothing_but_to_whom_it_was_open() -> None:
    clock = Clock()
    guesses = CodeGuesses("chalkboard", clock)
    assert guesses.is_right("chalkboard", ANN)
    for number in range(6):
        guesses.is_right(f"guess {number}", BEN)
    assert guesses.wait_seconds() == 2
    assert not guesses.is_right("chalkboard", BEN)
    assert guesses.is_right("chalkboard", ANN)
    clock.now = 2.0
    assert guesses.is_right("chalkboard", BEN)


def test_a_wrong_code_is_in_the_log_without_what_was_typed(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        CodeGuesses("chalkboard").is_right("chalkbord", ANN)
    assert "wrong teacher's code" in caplog.text
    assert "chalkbord" not in caplog.text
