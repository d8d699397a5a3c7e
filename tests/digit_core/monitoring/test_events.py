from concurrent.futures import ThreadPoolExecutor

import pytest

from digit_core.errors import ConfigurationError
from digit_core.monitoring.events import Control, Steering


def test_nothing_is_wanted_at_first() -> None:
    assert Control().read() == Steering(is_stopped=False, is_paused=False, learning_rate=None)


def test_what_is_wanted_adds_up() -> None:
    control = Control()
    control.change(learning_rate=0.1)
    control.change(is_paused=True)
    assert control.read() == Steering(is_paused=True, learning_rate=0.1)
    control.change(is_paused=False)
    control.change(is_stopped=True)
    assert control.read() == Steering(is_stopped=True, learning_rate=0.1)


def test_no_wish_is_lost_between_threads() -> None:
    """A change reads the whole record and writes it back: without a lock one of two would be lost."""
    for _ in range(50):
        control = Control()
        with ThreadPoolExecutor(3) as pool:
            for wish in ({"is_stopped": True}, {"is_paused": True}, {"learning_rate": 0.5}):
                pool.submit(control.change, **wish)
        assert control.read() == Steering(is_stopped=True, is_paused=True, learning_rate=0.5)


@pytest.mark.parametrize("rate", [float("nan"), -0.1, 0, 11, "fast"])
def test_a_learning_rate_that_cannot_be_is_refused(rate: float) -> None:
    control = Control()
    with pytest.raises(ConfigurationError, match="The learning rate is a number"):
        control.change(learning_rate=rate)
    assert control.read().learning_rate is None
