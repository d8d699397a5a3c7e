import threading
import time

import pytest

from digit_core.preprocessing.turns import Turns


def test_turns_go_in_the_order_in_which_they_were_asked_for() -> None:
    turns, done = Turns(), []

    def take(number: int) -> None:
        for _ in range(2):  # who asks again stands behind those who wait
            with turns, turns:  # again, while it has it
                done.append(number)

    threads = [threading.Thread(target=take, args=[number]) for number in range(4)]
    with turns:
        for number, thread in enumerate(threads):
            thread.start()
            while len(turns._waiting) <= number:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert done[:4] == [0, 1, 2, 3]
    assert sorted(done[4:]) == [0, 1, 2, 3]


def test_a_failure_gives_the_turn_on() -> None:
    turns = Turns()
    with pytest.raises(ValueError), turns:
        raise ValueError
    with turns:
        pass
