"""Teaching a model the visitor's drawings: which model, which set, what will happen, and Start."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from digit_core import figures
from digit_core.datasets.mnist import VALIDATION_SIZE
from digit_core.errors import DigitError
from digit_core.inference import model_files
from digit_core.recipes import fine_tuning
from digit_core.recipes.configuration import MAX_DIGITS
from digit_core.storage import drawings, run_records
from digit_core.storage.drawings import Drawing, DrawingSet
from digit_core.storage.run_records import MAX_NAME_LENGTH
from ui.frame import layout, resources, state, words
from ui.panels import drawing_sets
from ui.train.setup import cost
from ui.train.setup.page import Request, obstacle

_EMPTY = (
    "A model can learn your handwriting. Draw digits on the **Draw** page and say below each one what it was. They are kept "
    "in a set that a model can learn from here. Or join the set of your class with its code."
)


def show(model: str, who: str | None) -> Request | None:
    """The view.

    Args:
        model: the name of the model in use, which is taught.
        who: the visitor; None, before the browser has answered, can start nothing.

    Returns:
        What was asked for, in the run of the page in which Start was pressed; else None.
    """
    sets = drawing_sets.of(who)
    chosen = drawing_sets.current(sets)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        drawing_sets.manage(sets, who)
        if st.button("Draw some", icon=":material/draw:"):
            layout.open_page("4_Draw")
    drawing_sets.say_news()
    if chosen is None or not chosen.count:
        st.info(_EMPTY, icon=":material/edit:")
        return None
    kept = resources.store().drawings.read(who, chosen.id, with_pictures=False)[1]
    _say_what_is_there(chosen, kept)
    practice, exam = drawings.parts(kept)
    if not practice:
        st.info(
            "All drawings of this set are held back for testing: keep one more to learn from.",
            icon=":material/edit:",
        )
        return None
    return _offer(model, who, chosen, practice, exam)


def _say_what_is_there(chosen: DrawingSet, kept: Sequence[Drawing]) -> None:
    counts = np.bincount([drawing.label for drawing in kept], minlength=10)
    tiles = "".join(
        f'<span style="border-color:{figures.CLASS_COLOURS[digit]}"><b>{digit}</b> {count}</span>'
        for digit, count in enumerate(counts)
    )
    st.markdown(f"**{words.plain(chosen.name)}** has {drawing_sets.count(chosen)}, of each digit:")
    st.html(f'<p class="set-counts" role="status">{tiles}</p>')
    if missing := [str(digit) for digit in range(10) if not counts[digit]]:
        st.caption(f"No drawings yet of {', '.join(missing)}. The model can't learn these.")


def _offer(
    model: str, who: str | None, chosen: DrawingSet, practice: list[Drawing], exam: list[Drawing]
) -> Request | None:
    """What will happen, in words, what it will cost, and Start."""
    try:
        card = resources.card(model)
        config = fine_tuning.recipe(card)
        rate = resources.training_rate(resources.runs().all())
    except DigitError as error:
        st.warning(str(error), icon=":material/error:")
        return None
    title = resources.model_title(model)
    times = fine_tuning.repeats(len(practice), config.training_size)
    st.markdown(
        f"**{words.plain(title)}**, the model in use (see the sidebar), continues to learn: from {_many(practice)}, "
        f"each {times} times in an epoch and each time turned, leaned and bent a little, **mixed with "
        f"{config.training_size:,} digits of MNIST**. Without those it would soon forget how other people write."
    )
    st.markdown(
        f"**{_many(exam).capitalize()}** of this set {'is' if len(exam) == 1 else 'are'} held back for testing: "
        "no model learns from that part, and nothing is chosen with it. Afterwards, together with MNIST's 10,000 test digits, it "
        "shows what the training did: how your handwriting is read, and how MNIST is read."
    )
    if len(practice) + len(exam) < fine_tuning.FEW:
        st.info(
            f"{_many([*practice, *exam]).capitalize()} {'is' if chosen.count == 1 else 'are'} not many: the model will learn "
            f"them, but nobody can tell whether it then reads your handwriting better. Keep {fine_tuning.FEW} or more, some of each digit.",
            icon=":material/lightbulb:",
        )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        with st.container(width="stretch"):
            every = min(config.training_size + times * len(practice), MAX_DIGITS - VALIDATION_SIZE)
            cost.show((replace(config, subset_size=every),), rate)
        sentence = obstacle(who, (config,))
        is_pressed = st.button(
            "Teach it",
            type="primary",
            icon=":material/model_training:",
            key="teach start",
            disabled=who is None or bool(sentence),
        )
    if sentence:
        st.info(sentence, icon=":material/hourglass_top:")
    if not is_pressed or sentence or who is None:
        return None
    name = drawing_sets.given_name(chosen)
    handwriting = drawings.as_handwriting(chosen.id, [*practice, *exam], name)
    st.session_state[state.DRAWING_SET] = chosen.id
    return Request(
        (config,), f"{title}, taught {name}".strip()[:MAX_NAME_LENGTH], _parent(model), handwriting
    )


def _many(some: Sequence[Drawing]) -> str:
    return "no drawing" if not some else "1 drawing" if len(some) == 1 else f"{len(some):,} drawings"


def _parent(model: str) -> str:
    """A model as `Runs.start` names what to go on from."""
    return model if model in model_files.names() else str(run_records.run_id(model))
