from pathlib import Path

import pytest

from digit_core.recipes import precision


@pytest.fixture
def flags(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Let the processor say these flags."""

    def say(text: str) -> None:
        file = tmp_path / "cpuinfo"
        file.write_text(f"processor : 0\nflags : fpu {text} sse\n")
        monkeypatch.setattr(precision, "_CPU_FILE", file)
        precision.has_bfloat16.cache_clear()

    yield say
    precision.has_bfloat16.cache_clear()


@pytest.mark.parametrize("flag", ["avx512_bf16", "amx_bf16"])
def test_bfloat16_is_used_where_the_processor_has_it(flag: str, flags) -> None:
    flags(flag)
    assert precision.used("bfloat16") == "bfloat16"
    assert precision.used("float32") == "float32"


def test_elsewhere_float32_is_used(flags) -> None:
    flags("avx2 avx512_vnni")
    assert precision.used("bfloat16") == "float32"


def test_a_machine_that_does_not_say_counts_in_float32(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags
) -> None:
    flags("avx512_bf16")
    monkeypatch.setattr(precision, "_CPU_FILE", tmp_path / "absent")
    precision.has_bfloat16.cache_clear()
    assert precision.used("bfloat16") == "float32"
