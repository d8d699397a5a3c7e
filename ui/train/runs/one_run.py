"""One run or shipped model of the history: what it is, what can be done with it, and what can be downloaded."""

import html
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from digit_core.errors import RunError, StoreError
from digit_core.recipes import descriptions, fine_tuning
from digit_core.recipes.configuration import TrainingConfig
from digit_core.runs.comparison import Contender
from digit_core.storage import visitors
from digit_core.storage.run_records import MAX_NAME_LENGTH, Run
from ui.frame import address, held, resources, state
from ui.panels import fine_tuning_effect, run_formatting, teacher_code
from ui.panels.html import table_html
from ui.train.runs import comparison, downloads


@dataclass(frozen=True)
class Actions:
    """What the page does when a button of the history is pressed.

    The first four are called as Streamlit's callbacks, before the page runs again: they may set widgets' keys.

    Attributes:
        open_run: show a run, by its id, in the view "Watch".
        open_recording: show the recorded run of a shipped model, by its name.
        use_model: make a model, by `Contender.key`, the one in use.
        propose: fill the form of the view "Set up" with a configuration and, to go on from a run (its id) or a shipped
            model (its name), that; and show that view.
        evaluate: open the page Evaluate; called in the run of the page after `use_model`, so that it may switch pages.
    """

    open_run: Callable[[str], None]
    open_recording: Callable[[str], None]
    use_model: Callable[[str], None]
    propose: Callable[[TrainingConfig, str | None], None]
    evaluate: Callable[[str], None]


def show(contender: Contender, names: dict[str, str], visitor: str | None, actions: Actions) -> None:
    """Show one run.

    Args:
        contender: the run or shipped model.
        names: of all runs and models for people, by `Contender.key`.
        visitor: who looks.
        actions: of the page.
    """
    comparison.style()
    st.html(_heading(contender, names))
    if contender.chosen_on_test:
        st.warning(
            "The settings or weights of this model were chosen on the test digits: its test figures flatter it.",
            icon=":material/warning:",
        )
    with st.container(horizontal=True, gap="small"):
        _go_on(contender, actions)
        if contender.run is not None:
            _change(contender.run, visitor)
    if contender.run is not None and not _may_change(contender.run, visitor):
        teacher_code.explain(
            "Only the person who started this run, or a teacher, can rename or delete it.",
            without="Only the person who started this run can rename or delete it.",
        )
    fine_tuning_effect.show(contender.card)
    if contender.epochs:
        comparison.curves([contender])
    if contender.config is not None:
        with st.expander("Its settings"):
            rows = {"Starts from": run_formatting.started_from(contender, names)}
            st.html(_settings(rows | descriptions.describe(contender.config)))
    st.markdown("## Download")
    downloads.show(contender)


def _heading(contender: Contender, names: dict[str, str]) -> str:
    right = run_formatting.accuracy_with_range(contender)
    facts = [
        f"{right} of {run_formatting.whole(contender.validation_digits)} validation digits right"
        if contender.validation_accuracy is not None
        else "no figures yet",
        run_formatting.network(contender),
        f"{run_formatting.whole(contender.parameters)} parameters",
        f"trained {run_formatting.duration(contender.seconds)}",
        f"epochs: {run_formatting.epochs(contender)}",
    ]
    facts = [
        fact
        for fact in facts
        if not fact.startswith(run_formatting.NOT_KNOWN) and not fact.endswith(run_formatting.NOT_KNOWN)
    ]
    if contender.started_from:
        facts.append(f"started from {run_formatting.started_from(contender, names)}")
    if (taught := fine_tuning.effect_of(contender.card)) and taught.name:
        facts.append(f"learnt the drawings of {taught.name}")
    reason = contender.run.reason if contender.run else (contender.card or {}).get("ended", "")
    return (
        f'<h2 style="margin:0;padding:0;overflow-wrap:anywhere">{html.escape(contender.name)}</h2>'
        f"<p style='margin:.2rem 0'><b>{html.escape(run_formatting.state(contender))}</b> {html.escape(reason)}</p>"
        f'<p style="margin:0;opacity:.85">{html.escape(" · ".join(facts))}</p>'
    )


def _settings(rows: dict[str, str]) -> str:
    lines = ((html.escape(setting), html.escape(words)) for setting, words in rows.items())
    return f'<div class="run-differences">{table_html((), lines)}</div>'


def _go_on(contender: Contender, actions: Actions) -> None:
    """The buttons that change nothing of the run."""
    key, run, config = contender.key, contender.run, contender.config
    if run is not None and run.config is not None:
        _button("Watch", "visibility", key, actions.open_run, run.id)
    elif run is None and key in resources.recorded_models():
        _button("Watch its training", "visibility", key, actions.open_recording, key)
    if contender.has_model:
        _button("Use this model", "check_circle", key, actions.use_model, key)
        if _button("Evaluate it", "query_stats", key, actions.use_model, key):
            actions.evaluate(key)
    if config is None:
        return
    if _can_continue(contender):
        _button("Continue", "play_arrow", key, actions.propose, config, run.id if run else key)
    _button("Again with other settings", "replay", key, actions.propose, config, None)


def _can_continue(contender: Contender) -> bool:
    run = contender.run
    return contender.has_model if run is None else not run.is_live and (run.has_model or run.has_checkpoint)


def _button(label: str, icon: str, key: str, action: Callable[..., None], *arguments: object) -> bool:
    return st.button(
        label, key=f"{label} {key}", icon=f":material/{icon}:", on_click=action, args=arguments, wrap=False
    )


def _change(run: Run, visitor: str | None) -> None:
    """The buttons of those who may change the run."""
    if not _may_change(run, visitor):
        return
    # Its key holds the name, so that it is closed again once the name is another.
    place = f"new name {run.id}"
    popover = st.popover("Rename", icon=":material/edit:", key=f"rename {run.id} {run.name}")
    with popover, st.form(f"rename form {run.id}", border=False):
        st.text_input("New name", run.name, max_chars=MAX_NAME_LENGTH, key=place)
        st.form_submit_button("Save", type="primary", on_click=_rename, args=(run.id, visitor, place))
    st.button(
        "Delete",
        key=f"Delete {run.id}",
        icon=":material/delete:",
        on_click=delete,
        args=(run, visitor),
        disabled=run.is_live,
    )
    if run.is_live:
        st.caption("It is not over yet: stop it before you delete it.")


def _may_change(run: Run, visitor: str | None) -> bool:
    return visitors.may_change(run.owner, visitor, teacher_code.typed())


def _rename(run_id: str, visitor: str | None, place: str) -> None:
    name = held.told(place)
    if name is None:
        return
    try:
        resources.runs().access.rename(run_id, visitor, name, teacher_code.typed())
    except (RunError, StoreError) as error:
        st.session_state[state.RUN_FAILURE] = str(error)


def delete(run: Run, visitor: str | None) -> None:
    """Take a run out of sight; the visitor can bring it back."""
    try:
        resources.runs().access.delete(run.id, visitor, teacher_code.typed())
    except (RunError, StoreError) as error:
        st.session_state[state.RUN_FAILURE] = str(error)
        return
    st.session_state[state.RUN_DELETED] = (run.id, run.name)
    if address.chosen(address.RUN) == run.id:
        address.choose(address.RUN, None)


def restore(run_id: str, visitor: str | None) -> None:
    """Bring the run back that was deleted last, and choose it."""
    st.session_state.pop(state.RUN_DELETED, None)
    try:
        resources.runs().access.restore(run_id, visitor, teacher_code.typed())
    except (RunError, StoreError) as error:
        st.session_state[state.RUN_FAILURE] = str(error)
        return
    st.session_state[state.RUNS_CHOSEN] = [run_formatting.model_of(run_id)]
