"""A run knows whether it is live, and what its model is called."""

import pytest

from digit_core.storage.run_records import Run

LIVE, ENDED = (
    ("waiting", "starting", "running", "paused", "saving"),
    ("finished", "stopped", "failed", "interrupted"),
)


@pytest.mark.parametrize("state", LIVE + ENDED)
def test_a_run_is_live_until_it_has_ended(state: str) -> None:
    run = Run("0123456789ab", "a" * 32, "first", state, "", None, 0.0)
    assert run.is_live == (state in LIVE)
    assert run.model == "run-0123456789ab"
