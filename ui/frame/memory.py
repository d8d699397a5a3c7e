"""How the web process gives memory back to the system."""

import ctypes
import sys
from contextlib import suppress

_MMAP_THRESHOLD = -3  # glibc's M_MMAP_THRESHOLD
_LARGE_BYTES = 1_000_000


def give_back_large_arrays() -> None:
    """Have arrays of a megabyte or more go back to the system as soon as they are freed.

    glibc otherwise takes the largest block that was freed, up to 32 MB, for its new threshold, and keeps all below it, for each
    thread apart: the pictures of 16 visitors, opened one at a time, left 972 MB behind. Elsewhere than on Linux with glibc nothing
    is changed. Source: mallopt(3).
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)
