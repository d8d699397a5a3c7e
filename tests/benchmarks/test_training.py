import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks import harness, training
from benchmarks.training import (
    CASES,
    CHECKS_AN_EPOCH,
    LONGER,
    Course,
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
from tests.clock import Clock

RISING = [Point(1, 2, 0.97), Point(2, 4, 0.991), Point(3, 6, 0.985)]
LOW = [Point(5, 9, 0.98)]


def test_the_first_time_counts_whatever_comes_after() -> None:
    assert first(RISING, 0.99) == RISING[1]
    assert first(RISING, 0.991) == RISING[1]
    assert first(LOW, 0.99) is None


def test_a_seed_that_never_arrives_counts_with_all_that_it_took_and_is_named() -> None:
    seconds, never = reached([RISING, LOW], 0.99)
    assert (seconds.tolist(), never) == ([3.5, 6.5], 1)


def test_the_clock_stands_still_while_digits_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(training, "now", lambda: (clock.perf_counter(), 0.0))
    watch = Stopwatch()
    watch.start()
    watch.start()  # a second start changes nothing
    watch.stop()
    trained = watch.point(0.5)
    clock.sleep(20)
    watch.stop()
    assert watch.point(0.5) == trained
    watch.start()
    clock.sleep(30)
    watch.stop()
    assert watch.point(0.5).seconds == pytest.approx(trained.seconds + 30)


def test_both_recipes_take_turns_and_each_seed_has_one() -> None:
    order = turns(5, 2)
    assert sorted(order) == [("ours", seed) for seed in range(5)] + [("stock", 0), ("stock", 1)]
    assert [kind for kind, _ in order].index("stock") == 1
    assert order[-1] == ("ours", 4)


def printed(mine: list[Course], stocks: list[Course], capsys: pytest.CaptureFixture[str]) -> str:
    harness.show(report("quick", mine, stocks, epochs=1), CASES["accuracy"].goals)
    return capsys.readouterr().out


def test_the_report_divides_the_stocks_time_by_ours(capsys: pytest.CaptureFixture[str]) -> None:
    stock = [Point(20.0 * (check + 1), 30.0, 0.9 + 0.03 * check) for check in range(CHECKS_AN_EPOCH)]
    found = printed([RISING], [stock], capsys)
    # 99.0% at the stock's last check, after 80 s, and at our second, after 2 s
    assert "40.0 × quick to 99.0% by the clock" in found
    assert "ratio ≥ 8: met" in found
    assert "The stock's own result after 1 epochs is 99.00%" in found


def test_what_the_stock_took_counts_where_it_never_arrives(capsys: pytest.CaptureFixture[str]) -> None:
    stock = [Point(20.0 * (check + 1), 30.0, 0.98) for check in range(CHECKS_AN_EPOCH)]
    found = printed([RISING], [stock], capsys)
    assert "40.0 × quick to 99.0% by the clock" in found
    assert "1 of 1 of the stock never read 99.00%: what they took counts." in found


def test_the_goal_is_missed_where_ours_never_arrives(capsys: pytest.CaptureFixture[str]) -> None:
    stock = [Point(20.0 * (check + 1), 30.0, 0.98) for check in range(CHECKS_AN_EPOCH)]
    found = printed([RISING, LOW], [stock], capsys)
    assert "× quick to 99.0%" not in found
    assert "ratio ≥ 8: MISSED" in found
    assert "1 of 2 of quick never read 99.00%" in found
    assert "To 99.0% by the clock the stock takes 22.9 times as long as they took." in found  # 80 s, 3.5 s


@pytest.mark.long
def test_both_are_trained_for_real_and_their_seconds_and_figures_are_kept(
    mnist: Mnist, monkeypatch: pytest.MonkeyPatch
) -> None:
    hour, hours = 3_600, 0

    def slowly(work: Callable[..., Any]) -> Callable[..., Any]:
        def an_hour_later(*arguments: Any, **options: Any) -> Any:
            nonlocal hours
            hours += 1
            return work(*arguments, **options)

        return an_hour_later

    import keras

    from digit_core.training.probes import Probe

    for place, name in ((training, "accuracy"), (Probe, "validate"), (keras.utils, "set_random_seed")):
        monkeypatch.setattr(place, name, slowly(getattr(place, name)))
    monkeypatch.setattr(training, "now", lambda: (time.perf_counter() + hours * hour, time.process_time()))
    quick = ours(replace(PRESETS["quick"].configs[0], subset_size=1000, epochs=2))
    few = Mnist(mnist.train.take(np.arange(1000)), mnist.validation.take(np.arange(500)), mnist.test)
    plain = stock(few, 1, seed=0)
    assert hours > 4
    assert len(quick) == 2
    assert len(plain) == CHECKS_AN_EPOCH * LONGER  # it never read 99.0%, so that it went on as long as it may
    for course in (quick, plain):
        seconds = [point.seconds for point in course]
        assert seconds[0] > 0
        assert seconds == sorted(seconds)
        assert seconds[-1] < hour  # neither the start nor any reading is counted
        assert course[-1].accuracy > 0.2
