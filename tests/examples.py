"""How many of the examples and cases of a test are tried: some by `make test`, all by `make check-long`."""

import os
from collections.abc import Iterable
from typing import Any

import pytest


def examples(count: int) -> int:
    """Of Hypothesis: so many; as many times that as DIGIT_EXAMPLES says where it is set, as for `make check-long`."""
    return count * int(os.environ.get("DIGIT_EXAMPLES", "1"))


def others_long(cases: Iterable[Any], *at_once: Any) -> list[Any]:
    """Cases to parametrize a test with, of which `make test` tries these, and `make check-long` all others.

    A tuple has a value for each argument.
    """
    return [
        pytest.param(
            *(case if isinstance(case, tuple) else (case,)),
            marks=[] if case in at_once else pytest.mark.long,
        )
        for case in cases
    ]
