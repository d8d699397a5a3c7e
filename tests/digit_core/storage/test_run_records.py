"""A run knows whether it is live, and what its model is called."""

import pytest

from digit_core.storage.run_records import ENDED_STATES, LIVE_STATES, Run


@pytest.mark.parametrize("state", LIVE_STATES + ENDED_STATES)
def test_a_run_is_live_until_it_has_ended(state: str) -> None:
    run = Run("0123456789ab", "a" * 32, "first", state, "", None, 0.0)
    assert run.is_live == (state in LIVE_STATES)
    assert run.model == "run-0123456789ab"


def test_no_state_is_both_live_and_ended() -> None:
    assert not set(LIVE_STATES) & set(ENDED_STATES)
