"""What a training will cost, said before it starts."""

from collections.abc import Sequence

import streamlit as st

from digit_core.datasets.mnist import VALIDATION_SIZE
from digit_core.recipes.configuration import MAX_DIGITS, TrainingConfig
from digit_core.runs import estimates
from ui.frame import words
from ui.panels import run_formatting

_STYLE = """<style>
.cost { margin: 0; line-height: 1.3; font-size: .85rem; }
.cost b { font-variant-numeric: tabular-nums; margin-right: .3em; }
.cost .time { font-size: 1.25rem; }
.cost span { display: inline-block; margin-right: 1.4rem; }
</style>"""


def show(configs: Sequence[TrainingConfig], rate: estimates.Rate | None) -> None:
    """Time, memory and digits, as far as they can be known before."""
    show_time(configs, rate)
    show_details(configs, rate)


def show_time(configs: Sequence[TrainingConfig], rate: estimates.Rate | None) -> None:
    """How long it will take, in words."""
    told = "No estimate: these settings are invalid."
    if configs:
        seconds = sum(estimates.of(config, rate).seconds for config in configs)
        early = " or less: it stops early" if any(config.early_stopping for config in configs) else ""
        told = f'<b class="time">about {run_formatting.rough_duration(seconds)}</b>{early}'
    st.html(f'{_STYLE}<p class="cost" role="status">{told}</p>')


def show_details(configs: Sequence[TrainingConfig], rate: estimates.Rate | None) -> None:
    """What the time is made of, the memory and the digits."""
    if not configs:
        return
    expected = [estimates.of(config, rate) for config in configs]
    first = configs[0]
    epochs = words.counted(first.epochs, "epoch")
    per_epoch = " and ".join(run_formatting.rough_duration(found.seconds_per_epoch) for found in expected[:4])
    parts = (
        f"{epochs} of {per_epoch}",
        f"<b>{memory(max(found.megabytes for found in expected))}</b>of memory",
        f"<b>{first.training_size:,}</b>training digits, validated on {_judges(first)}",
        expected[0].basis,
    )
    st.html(f'{_STYLE}<p class="cost">{"".join(f"<span>{part}</span>" for part in parts)}</p>')


def _judges(config: TrainingConfig) -> str:
    """The digits that a run validates on, in words."""
    if config.validates_on_test:
        return "the test digits"
    share = config.validation_share
    return f"{VALIDATION_SIZE if share is None else round(MAX_DIGITS * share):,} others"


def memory(megabytes: float) -> str:
    """Memory in words: "900 MB", "1.2 GB"."""
    return f"{megabytes / 1000:.1f} GB" if megabytes >= 950 else f"{round(megabytes, -1):.0f} MB"
