"""What a training will cost, said before it starts."""

import math
from collections.abc import Sequence

import streamlit as st

from digit_core.datasets.mnist import VALIDATION_SIZE
from digit_core.recipes.configuration import MAX_DIGITS, TrainingConfig
from digit_core.runs import estimates
from ui.panels import run_formatting

_STYLE = """<style>
.cost { display: flex; flex-wrap: wrap; gap: .2rem 1.8rem; margin: 0; line-height: 1.3; }
.cost b { font-size: 1.25rem; font-variant-numeric: tabular-nums; display: block; }
.cost span { font-size: .85rem; max-width: 24rem; }
</style>"""


def show(configs: Sequence[TrainingConfig], rate: estimates.Rate | None) -> None:
    """Time, memory and digits, as far as they can be known before."""
    if not configs:
        st.html(f'{_STYLE}<p class="cost"><span>No estimate: these settings are invalid.</span></p>')
        return
    expected = [estimates.of(config, rate) for config in configs]
    first = configs[0]
    ends_early = any(config.early_stopping for config in configs)
    epochs = f"{first.epochs} epoch{'s' if first.epochs > 1 else ''}"
    per_epoch = " and ".join(duration(found.seconds_per_epoch) for found in expected[:4])
    parts = (
        (
            f"{'at most ' if ends_early else ''}{duration(sum(found.seconds for found in expected))}",
            f"{epochs} of {per_epoch} · {expected[0].basis}",
        ),
        (memory(max(found.megabytes for found in expected)), "of memory"),
        (f"{first.training_size:,}", f"training digits, validated on {_judges(first)}"),
    )
    st.html(
        f'{_STYLE}<div class="cost" role="status">'
        + "".join(f"<span><b>{figure}</b>{words}</span>" for figure, words in parts)
        + "</div>"
    )


def _judges(config: TrainingConfig) -> str:
    """The digits that a run validates on, in words."""
    if config.validates_on_test:
        return "the test digits"
    share = config.validation_share
    return f"{VALIDATION_SIZE if share is None else round(MAX_DIGITS * share):,} others"


def duration(seconds: float) -> str:
    """An estimated time in words, with no more figures than it deserves: "40 s", "3 min", "1 h 20 min"."""
    step = next(step for most, step in ((20, 1), (90, 10), (3_570, 60), (math.inf, 600)) if seconds <= most)
    return run_formatting.duration(max(1, step * round(seconds / step)))


def memory(megabytes: float) -> str:
    """Memory in words: "900 MB", "1.2 GB"."""
    return f"{megabytes / 1000:.1f} GB" if megabytes >= 950 else f"{round(megabytes, -1):.0f} MB"
