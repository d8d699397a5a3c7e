"""A control group holds a process to its memory, and is gone with the block."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from benchmarks import limits
from benchmarks.limits import Group


@pytest.fixture
def group() -> Iterator[Group]:
    with ExitStack() as stack:
        try:
            entered = stack.enter_context(limits.limit(100, 1.0))
        except OSError:
            pytest.skip("this user may make no control group here")
        yield entered
    assert not entered.memory.exists()


def _take(group: Group, megabytes: int) -> int:
    program = f"taken = bytes(range(250)) * {4_000 * megabytes}; print(len(taken))"
    return subprocess.run([*group.launcher, sys.executable, "-c", program], check=False).returncode


def test_a_process_of_a_group_has_its_memory_and_no_more(group: Group) -> None:
    assert _take(group, 50) == 0
    assert group.kills() == 0
    assert _take(group, 200) < 0  # ended by a signal
    assert group.kills() == 1
