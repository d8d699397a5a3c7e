"""How many examples Hypothesis draws."""

import os


def examples(count: int) -> int:
    """So many; as many times that as DIGIT_EXAMPLES says where it is set, as for `make check-long`."""
    return count * int(os.environ.get("DIGIT_EXAMPLES", "1"))
