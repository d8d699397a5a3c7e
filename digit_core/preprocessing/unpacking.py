"""Unpack a picture in a process of its own: `python -m digit_core.preprocessing.unpacking SIDE MEMORY_BYTES < picture > array`.

For formats whose decoders hold a picture several times over, and unpack what its stream holds, however small its file says it
is: 16,384 pixels square are 800 MB. Here that ends this process alone.
"""

import io
import os
import subprocess
import sys

import numpy as np
from PIL import Image

from digit_core import settings

MAX_MEMORY_BYTES = 400_000_000  # a HEIC of 24 megapixels takes half of that
_MAX_SECONDS = 20
_LAST_CPU_SECONDS = 2  # between SIGXCPU and SIGKILL


def unpack(content: bytes, side: int, memory_bytes: int = MAX_MEMORY_BYTES) -> Image.Image:
    """What `pictures` makes of a picture, unpacked elsewhere.

    Args:
        content: of the file.
        side: pixels, the most of the longer side.
        memory_bytes: that it may take, libraries' own with it; on Linux alone.

    Returns:
        As RGBA, upright.

    Raises:
        ValueError: it cannot be unpacked, or not within memory and time.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "digit_core.preprocessing.unpacking", str(side), str(memory_bytes)],
            input=content,
            capture_output=True,
            timeout=2 * _MAX_SECONDS,
            # Each thread of OpenBLAS, which nothing here needs, has memory put aside.
            env=os.environ | {"PYTHONPATH": settings.search_path(), "OPENBLAS_NUM_THREADS": "1"},
            check=True,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise ValueError("a decoder ended without a picture") from error
    pixels = np.load(io.BytesIO(done.stdout), allow_pickle=False)
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 4 or max(pixels.shape) > side:
        raise ValueError("a decoder gave no picture")
    return Image.fromarray(pixels)


def _limit(memory_bytes: int) -> None:
    if sys.platform != "linux":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (_MAX_SECONDS, _MAX_SECONDS + _LAST_CPU_SECONDS))


if __name__ == "__main__":
    from digit_core.preprocessing import pictures

    longest, most_bytes = map(int, sys.argv[1:])
    _limit(most_bytes)
    told = io.BytesIO()
    np.save(told, np.asarray(pictures.unpacked_here(sys.stdin.buffer.read(), longest)))
    sys.stdout.buffer.write(told.getvalue())
