"""What came out of a run, and where to go with it."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from digit_core.monitoring.diagnostics import Diagnosis
from digit_core.monitoring.recordings import Progress
from digit_core.recipes.configuration import TrainingConfig
from digit_core.storage.run_records import Run
from ui.frame import layout
from ui.panels import fine_tuning_effect, run_formatting

Propose = Callable[[TrainingConfig, str | None], None]


def show(
    run: Run,
    progress: Progress,
    propose: Propose,
    use_model: Callable[[str], None],
    download: Callable[[Run], None],
) -> None:
    """Say what a run came to; its model and its settings are a button away.

    Args:
        run: one that has ended.
        progress: how it went.
        propose: fills the form of the next run from a configuration and the run to go on from, and opens it.
        use_model: makes a model the one in use on every page.
        download: offers all that is left of a run.
    """
    if told := tiles(run, progress):
        st.html(told)
    fine_tuning_effect.show(run.card)
    with st.container(horizontal=True, gap="small"):
        if run.has_model:
            _model_buttons(run, use_model)
        if run.config is not None:
            _next_buttons(run, run.config, propose)
    with st.expander("Download", icon=":material/download:"):
        download(run)


def tiles(run: Run, progress: Progress) -> str:
    """The run's figures as HTML; "" where no epoch was complete."""
    told = facts(run, progress)
    return (
        f'<dl class="outcome">{"".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in told)}</dl>'
        if told
        else ""
    )


def facts(run: Run, progress: Progress) -> list[tuple[str, str]]:
    """What a run came to: pairs of a name and a value, in words for people."""
    if not progress.epochs:
        return []
    kept = (run.card or {}).get("kept_epoch") or min(
        progress.epochs, key=lambda epoch: epoch.validation_loss
    ).epoch
    epoch = next((epoch for epoch in progress.epochs if epoch.epoch == kept), progress.epochs[-1])
    chosen_on = (
        "test digits" if run.config is not None and run.config.validates_on_test else "validation digits"
    )
    told = [
        (f"{chosen_on} read correctly", f"{epoch.validation_accuracy:.1%}"),
        ("epoch whose weights are kept", f"{epoch.epoch} of {progress.epochs[-1].epoch}"),
    ]
    seconds = (run.card or {}).get("training_seconds") or sum(
        epoch.duration_seconds for epoch in progress.epochs
    )
    told.append(("of training", run_formatting.duration(seconds)))
    if progress.started is not None:
        told.append(("parameters", f"{progress.started.parameters:,}"))
    return told


def _model_buttons(run: Run, use_model: Callable[[str], None]) -> None:
    _button(
        "Use this model",
        icon=":material/check_circle:",
        type="primary",
        key=f"use {run.id}",
        on_click=use_model,
        args=(run.model,),
        help="It then reads on every page; the sidebar shows which model is in use.",
    )
    pages = {
        "Draw with it": ("draw", "4_Draw"),
        "Evaluate it": ("query_stats", "3_Evaluate"),
    }
    for label, (icon, page) in pages.items():
        if st.button(
            label, icon=f":material/{icon}:", key=f"{label} {run.id}", on_click=use_model, args=(run.model,)
        ):
            layout.open_page(page)


def _next_buttons(run: Run, config: TrainingConfig, propose: Propose) -> None:
    if run.has_model or run.has_checkpoint:
        _button(
            "Continue",
            icon=":material/resume:",
            key=f"continue {run.id}",
            on_click=propose,
            args=(config, run.id),
            help="A new run that continues from these weights.",
        )
    _button(
        "Again with other settings",
        icon=":material/tune:",
        key=f"again {run.id}",
        on_click=propose,
        args=(config, None),
        help="Opens Set up with these settings, to change one and compare.",
    )


def _button(label: str, **options: Any) -> None:
    """A button of this part of the page that changes what stands outside of it: the sidebar, or the view."""
    if st.button(label, **options):
        st.rerun()


def show_suggestions(found: tuple[Diagnosis, ...], key: str, propose: Propose | None) -> None:
    """Say what the numbers point at: what is wrong, why, and a button for the next run.

    Args:
        found: by `diagnostics.find`.
        key: of the widgets, one a run.
        propose: as in `show`; None for no buttons.
    """
    for diagnosis in found:
        with st.container(border=True, key=f"suggestion-{diagnosis.kind}-{key}"):
            st.markdown(f":material/lightbulb: **{diagnosis.title}.** {diagnosis.why}")
            if propose is not None:
                _button(
                    diagnosis.action,
                    key=f"suggestion {diagnosis.kind} {key}",
                    icon=":material/arrow_forward:",
                    on_click=propose,
                    args=(diagnosis.config, None),
                )
