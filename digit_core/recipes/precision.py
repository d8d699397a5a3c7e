"""The precision in which a network is trained: bfloat16 is quicker where the processor supports it."""

from functools import lru_cache
from pathlib import Path

POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}  # Keras' names; the weights stay float32
PRECISIONS = tuple(POLICIES)
_CPU_FILE = Path("/proc/cpuinfo")
_FLAGS = {"avx512_bf16", "amx_bf16"}  # as Linux names what oneDNN, under TensorFlow, makes use of


@lru_cache(maxsize=1)
def has_bfloat16() -> bool:
    """Whether this processor can multiply in bfloat16; False where that is not known."""
    try:
        return bool(_FLAGS & set(_CPU_FILE.read_text(encoding="utf-8").split()))
    except OSError:  # not Linux
        return False


def used(precision: str) -> str:
    """The precision of a training that asks for `precision` on this machine: without support bfloat16 would be slower."""
    return precision if has_bfloat16() else "float32"
