"""Setting a run up: a preset or your own settings, the network drawn, what it will cost, and Start."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from digit_core.digits import Handwriting
from digit_core.errors import ConfigurationError, DigitError, RunError
from digit_core.figures import networks
from digit_core.recipes import descriptions
from digit_core.recipes.architectures import ARCHITECTURES
from digit_core.recipes.configuration import TrainingConfig
from digit_core.recipes.presets import PRESETS
from digit_core.runs import estimates
from digit_core.storage.run_records import MAX_NAME_LENGTH, WAITING, Run
from ui.frame import held, resources, words
from ui.train.setup import as_text, augmentation, callbacks, cost, form, hyperparameters, layer_editor
from ui.train.setup import draft as drafts
from ui.train.setup.draft import Draft

_GROUPS = {
    "Network": layer_editor.edit,
    "Digits": hyperparameters.digits,
    "Learning": hyperparameters.learning,
    "Callbacks": callbacks.show,
    "Augmentation": augmentation.show,
    "Seed": hyperparameters.seed,
    "As text": as_text.show,
}
_MAX_TOLD = 4  # settings that differ from a recipe's, in the line that tells them


@dataclass(frozen=True)
class Request:
    """What a visitor asked for by pressing Start, as `Runs.start` takes it.

    Attributes:
        configs: the trainings, one after the other.
        name: what was typed, stripped; "" if nothing.
        parent: the run or the shipped model whose weights to go on from.
        digits: drawings to learn beside MNIST; None for MNIST alone.
    """

    configs: tuple[TrainingConfig, ...]
    name: str
    parent: str | None
    digits: Handwriting | None = None


def propose(config: TrainingConfig, parent: str | None = None) -> None:
    """Fill the form with a configuration, for the next time that it is shown; from a callback or from a page.

    Args:
        config: what the form is to stand for.
        parent: the id of the run, or the name of the shipped model, whose weights to go on from.
    """
    form.fill((config,), parent)


def show(visitor: str | None, on_watch_recording: Callable[[str], None]) -> Request | None:
    """The form. What was typed stays, even if it is invalid or the visitor goes to another page in between.

    Args:
        visitor: who would own the run; None, before the browser has answered, cannot start one.
        on_watch_recording: the callback of the buttons that offer the recorded run of a shipped model, by its name, where
            the memory left holds no training.

    Returns:
        What was asked for, in the run of the page in which Start was pressed; else None.
    """
    draft = form.current()
    configs, mistakes = _read(draft)
    left, right = st.columns(2, gap="medium")
    with left:
        recipe = _pick_recipe(draft, configs)
    with right:
        layer_editor.pick_network(draft)
    situation = _look(visitor, configs)
    _show_parent(draft)
    for sentence in mistakes:
        st.error(sentence, icon=":material/error:")
    if draft["validation"] == drafts.TEST:
        _warn_of_test_digits()
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="setup-go"):
        with st.container(width="stretch"):
            cost.show_time(configs, situation.rate)
        is_ready = bool(configs and visitor) and not (situation.obstacle or situation.lacks_room)
        is_pressed = _start(len(configs), is_ready)
    if situation.obstacle:
        st.info(situation.obstacle, icon=":material/hourglass_top:")
    elif situation.lacks_room:
        _offer_recordings(situation.lacks_room, on_watch_recording)
    if situation.warning:
        st.caption(f":material/inventory_2: {situation.warning}")
    _describe(recipe, configs)
    _draw(draft)
    fold = st.expander("Change the settings", icon=":material/tune:", key="setup fold", on_change="rerun")
    if fold.open:  # a browser needs longer for these fifty fields than for all else of the page
        with fold:
            cost.show_details(configs, situation.rate)
            for tab, group in zip(st.tabs(list(_GROUPS)), _GROUPS.values()):
                with tab:
                    group(draft)
    return Request(configs, draft["name"].strip(), draft["parent"]) if is_pressed and is_ready else None


def _pick_recipe(draft: Draft, configs: tuple[TrainingConfig, ...]) -> str | None:
    """The recipes by name; none is chosen when the settings are those of none."""
    matching = (
        name
        for name, preset in PRESETS.items()
        if configs and configs in (preset.configs, preset.authors_way)
    )
    chosen = next(matching, None) if draft["parent"] is None else None
    names = list(PRESETS)
    st.selectbox(
        "Recipe",
        names,
        index=None if chosen is None else names.index(chosen),
        placeholder="Your own settings",
        format_func=lambda name: PRESETS[name].title,
        help="Settings that were tried and work well together. Choosing one sets all the settings.",
        **held.by(form.key_of("preset"), chosen, lambda name: form.fill(PRESETS[name].configs)),
    )
    return chosen


def _describe(recipe: str | None, configs: tuple[TrainingConfig, ...]) -> None:
    """What the recipe is, or which settings differ from the one that comes nearest."""
    if recipe is None:
        st.caption(words.plain(in_words(configs)))
        return
    preset = PRESETS[recipe]
    st.caption(f"{preset.description} {preset.origin}")
    if preset.authors_way:
        is_authors_way = configs == preset.authors_way
        st.toggle(
            "As its author does: validate on the test digits",
            value=is_authors_way,
            key=f"setup authors way {is_authors_way}",  # its state is declared: see the settings, not what was pressed
            on_change=form.fill,
            args=(preset.configs if is_authors_way else preset.authors_way,),
        )


def in_words(configs: tuple[TrainingConfig, ...]) -> str:
    """Settings that are no recipe's, by what differs from the recipe that comes nearest."""
    if not configs:
        return "Your own settings."
    apart = {
        preset.title: descriptions.differences([preset.configs[0], configs[0]]) for preset in PRESETS.values()
    }
    nearest = min(apart, key=lambda title: len(apart[title]))
    changed = [f"{one.setting[0].lower()}{one.setting[1:]}: {one.values[1]}" for one in apart[nearest]]
    if len(changed) > _MAX_TOLD:
        changed[_MAX_TOLD:] = [f"and {len(changed) - _MAX_TOLD} more"]
    told = f", but {' · '.join(changed)}" if changed else ""
    return f"Your own settings: like “{nearest}”{told}."


def _warn_of_test_digits() -> None:
    st.warning(
        "The 10,000 test digits are the exam. A run that looks at them after each epoch, and keeps the weights that "
        "did best there, has seen the exam: its test figure then **flatters** it, and nobody can say by how much. "
        "Many tutorials do it. The model's card will say so wherever the model is shown.",
        icon=":material/visibility:",
    )


def _read(draft: Draft) -> tuple[tuple[TrainingConfig, ...], tuple[str, ...]]:
    """The trainings that the form stands for, or none and the reasons why there are none."""
    try:
        return drafts.configs(draft), ()
    except ConfigurationError as error:
        return (), error.sentences


@dataclass(frozen=True)
class _Situation:
    """What the runs that there are mean for another one.

    Attributes:
        obstacle: why this visitor cannot start one now; "" if nothing forbids it.
        lacks_room: why this machine cannot; "" if it can.
        rate: how fast it trains, as far as its runs tell.
        warning: that this visitor will soon have as many runs as one may; "" if not.
    """

    obstacle: str
    lacks_room: str = ""
    rate: estimates.Rate | None = None
    warning: str = ""


def _look(visitor: str | None, configs: Sequence[TrainingConfig]) -> _Situation:
    try:
        runs = resources.runs()
        known = runs.all()
        waiting = next((run for run in known if run.state == WAITING and run.owner == visitor), None)
        lacks = (runs.lacks_room(config) for config in configs or (None,))
        lack = next((sentence for sentence in lacks if sentence), "")
        warning = runs.quota_warning(visitor) if visitor else ""
        return _Situation(_queue_sentence(waiting), lack, resources.training_rate(known), warning)
    except DigitError as error:
        return _Situation(str(error))


def obstacle(visitor: str | None, configs: Sequence[TrainingConfig]) -> str:
    """Why this visitor cannot start these trainings now, in a sentence; "" if nothing forbids it."""
    situation = _look(visitor, configs)
    return situation.obstacle or situation.lacks_room


def _queue_sentence(waiting: Run | None) -> str:
    if waiting is None:
        return ""
    place = f" at place {waiting.place}" if waiting.place else ""
    return (
        f"Your run “{words.plain(waiting.name)}” waits in the queue{place}. You can queue one run at a time: wait until it starts, or "
        "cancel it."
    )


def _show_parent(draft: Draft) -> None:
    parent = draft["parent"]
    if parent is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(
            f"Continues from what **{words.plain(_name_of(parent))}** has learnt, instead of starting from random weights.",
            icon=":material/redo:",
            width="stretch",
        )
        st.button("Start from random weights", on_click=_forget_parent)


def _name_of(parent: str) -> str:
    if parent in resources.cards():
        return resources.cards()[parent]["architecture"]["title"]
    try:
        return resources.runs().get(parent).name
    except RunError:
        return f"run {parent}"


def _forget_parent() -> None:
    form.current()["parent"] = None


def _start(count: int, is_ready: bool) -> bool:
    st.text_input(
        "Name",
        placeholder="Name (optional)",
        max_chars=MAX_NAME_LENGTH,
        label_visibility="collapsed",
        width=210,
        **form.entry("name"),
    )
    return st.button(
        f"Start {count} runs" if count > 1 else "Start",
        type="primary",
        icon=":material/play_arrow:",
        disabled=not is_ready,
        key="setup start",
    )


def _offer_recordings(lacks_room: str, on_watch: Callable[[str], None]) -> None:
    st.warning(lacks_room, icon=":material/memory:")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("Watch how a ready-made model was trained:", width="content")
        for name in resources.recorded_models():
            st.button(
                resources.model_title(name),
                key=f"watch recording {name}",
                icon=":material/replay:",
                on_click=on_watch,
                args=(name,),
            )


def _draw(draft: Draft) -> None:
    """Every network that will be trained, as it stands."""
    named = ARCHITECTURES.get(draft["network"])
    title, chosen = (named.title, None) if named else (draft["title"], draft["layer"])
    with st.container(border=True, key="setup-network"):
        st.html(networks.draw(drafts.layers(draft), title, chosen))
        for rival in draft["rivals"]:
            st.html(networks.draw(ARCHITECTURES[rival].layers, ARCHITECTURES[rival].title))
