import time
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.time_to_accuracy import (
    CHECKS_AN_EPOCH,
    LONGER,
    Point,
    Stopwatch,
    first,
    ours,
    reached,
    report,
    stock,
    turns,
)
from digit_core.datasets.mnist import Mnist
from digit_core.recipes.presets import PRESETS

RISING = [Point(1, 2, 0.97), Point(2, 4, 0.991), Point(3, 6, 0.985)]
LOW = [Point(5, 9, 0.98)]


def test_the_first_time_counts_whatever_comes_after() -> None:
    assert first(RISING, 0.99) == RISING[1]
    assert first(RISING, 0.991) == RISING[1]
    assert first(LOW, 0.99) is None


def test_a_seed_that_never_arrives_counts_with_all_that_it_took_and_is_named() -> None:
    found = reached([RISING, LOW], 0.99)
    assert (found.seconds, found.processor_seconds, found.missed) == (3.5, 6.5, 1)


def test_the_clock_stands_still_while_digits_are_read() -> None:
    watch = Stopwatch()
    watch.start()
    watch.start()  # a second start changes nothing
    watch.stop()
    trained = watch.point(0.5)
    time.sleep(0.02)
    watch.stop()
    assert watch.point(0.5) == trained
    watch.start()
    time.sleep(0.02)
    watch.stop()
    assert watch.seconds == pytest.approx(trained.seconds + 0.02, abs=0.015)


def test_both_recipes_take_turns_and_each_seed_has_one() -> None:
    order = turns(5, 2)
    assert sorted(order) == [("ours", seed) for seed in range(5)] + [("stock", 0), ("stock", 1)]
    assert [kind for kind, _ in order].index("stock") == 1
    assert order[-1] == ("ours", 4)


def test_the_report_divides_the_stocks_time_by_ours(capsys: pytest.CaptureFixture[str]) -> None:
    stock = [Point(20.0 * (check + 1), 30.0, 0.9 + 0.03 * check) for check in range(CHECKS_AN_EPOCH)]
    report("quick", [RISING], [stock], epochs=1)
    printed = capsys.readouterr().out
    own, goal = printed.splitlines()[-2], printed.splitlines()[-3]
    assert "40.0 times" in goal  # 99.0% at the stock's last check, after 80 s, and at our second, after 2 s
    assert "met" in goal
    assert "the stock's own 99.00% after 1 epochs" in own


def test_a_ratio_is_a_lower_bound_where_the_stock_never_arrives(capsys: pytest.CaptureFixture[str]) -> None:
    stock = [Point(20.0 * (check + 1), 30.0, 0.98) for check in range(CHECKS_AN_EPOCH)]
    report("quick", [RISING], [stock], epochs=1)
    printed = capsys.readouterr().out
    assert "80.0 s (1 of 1 never)" in printed
    assert "≥ 40.0 times" in printed


def test_both_are_trained_for_real_and_their_seconds_and_figures_are_kept(mnist: Mnist) -> None:
    began = time.perf_counter()
    quick = ours(replace(PRESETS["quick"].configs[0], subset_size=1000, epochs=2))
    few = Mnist(mnist.train.take(np.arange(1000)), mnist.validation.take(np.arange(500)), mnist.test)
    plain = stock(few, 1, seed=0)
    took = time.perf_counter() - began
    assert len(quick) == 2
    assert len(plain) == CHECKS_AN_EPOCH * LONGER  # it never read 99.0%, so that it went on as long as it may
    for course in (quick, plain):
        seconds = [point.seconds for point in course]
        assert seconds[0] > 0
        assert seconds == sorted(seconds)
        assert seconds[-1] < took / 2  # start-up and reading are left out
        assert course[-1].accuracy > 0.2
