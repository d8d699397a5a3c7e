"""How the web process gives memory back to the system."""

import ctypes
import sys
from contextlib import suppress

_MMAP_THRESHOLD, _ARENA_MAX = -3, -8  # glibc's M_MMAP_THRESHOLD and M_ARENA_MAX
_LARGE_BYTES, _ARENAS = 1_000_000, 2


def give_back() -> None:
    """Have arrays of a megabyte or more go back to the system as soon as they are freed.

    glibc otherwise takes the largest block that was freed, up to 32 MB, for its new threshold, and keeps all below it, for each
    thread apart: the pictures of 16 visitors, opened one at a time, left 972 MB behind. For what is smaller, two arenas serve all
    threads, of which Python lets one run at a time: each further one keeps what its threads freed (30 visitors: 37 MB).
    Elsewhere than on Linux with glibc nothing is changed. Source: mallopt(3).
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            libc = ctypes.CDLL(None)
            libc.mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)
            libc.mallopt(_ARENA_MAX, _ARENAS)
