"""In which numbers a network is trained: short ones are quicker, where the processor can count with them."""

from functools import lru_cache
from pathlib import Path

POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}  # Keras' names: its weights stay float32
PRECISIONS = tuple(POLICIES)
_CPU_FILE = Path("/proc/cpuinfo")
_FLAGS = {"avx512_bf16", "amx_bf16"}  # as Linux names what oneDNN, under TensorFlow, makes use of


@lru_cache(maxsize=1)
def has_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 numbers by itself; False where that cannot be told."""
    try:
        return bool(_FLAGS & set(_CPU_FILE.read_text(encoding="utf-8").split()))
    except OSError:  # not Linux
        return False


def used(precision: str) -> str:
    """The precision a training that asks for `precision` is done in here: elsewhere bfloat16 would be slower."""
    return precision if has_bfloat16() else "float32"
