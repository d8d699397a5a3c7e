"""Two networks on the same drawings of a class, side by side: chosen by the teacher, and told apart from luck."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import streamlit as st

from digit_core import classroom
from digit_core.classroom.looks import Look
from digit_core.classroom.records import HandIn
from digit_core.classroom.rules import scores
from digit_core.evaluation import comparison
from ui.classroom import results, teacher
from ui.frame import held, resources

_NONE = ""


def choose(look: Look, model: str, key: str) -> None:
    """Which second network reads what the class draws.

    Args:
        look: the class.
        model: the one in use on this page: a run's own is offered by being chosen in the sidebar.
        key: the teacher's.
    """
    found = look.found
    names = dict.fromkeys([*resources.cards(), model, look.rival])
    options = [_NONE, *(name for name in names if name not in (_NONE, found.model))]

    def take(name: str) -> None:
        teacher.attempt(lambda: classroom.default().compare_with(key, found.id, name))

    st.selectbox(
        "A second network reads the same drawings",
        options,
        index=options.index(look.rival) if look.rival in options else 0,
        format_func=lambda name: resources.model_title(name) if name else "none",
        **held.by("class rival", look.rival, take, options),
        help="Both are shown side by side. Choose a model of your own in the sidebar to have it in this list.",
    )


def show(look: Look, *, revealed_alone: bool) -> None:
    """How well the class's network reads MNIST and the class, and beside it the second one where there is one.

    Args:
        look: the class.
        revealed_alone: whether drawings whose answers were not shown yet are left out.
    """
    found = look.revealed if revealed_alone else look.handwriting
    if not look.rival:
        results.accuracies(look.found.model, found)
        results.matrix(found)
        return
    drawn = classroom.default().drawings.counted(look.found.id, revealed_alone=revealed_alone)
    known = resources.known_answers(look.rival, look.found.id)
    answers = _filled(look.rival, known, drawn.places.tolist(), drawn.images)
    second = scores.handwriting(Counter(zip(drawn.meant.tolist(), answers.tolist(), strict=True)))
    for column, model, one in zip(
        st.columns(2), (look.found.model, look.rival), (found, second), strict=True
    ):
        with column:
            results.accuracies(model, one)
            results.matrix(one)
    if len(answers):
        is_right, is_other_right = drawn.answers == drawn.meant, answers == drawn.meant
        test = comparison.mcnemar(
            int((is_right & ~is_other_right).sum()), int((~is_right & is_other_right).sum())
        )
        names = (resources.model_title(name) for name in (look.found.model, look.rival))
        st.markdown(f"**{test.sentence(*names)}**")


def wall(look: Look, found: Sequence[HandIn]) -> str:
    """Drawings with what both networks read, as HTML."""
    answers = dict(
        zip((one.place for one in found), read(look.rival, look.found.id, found).tolist(), strict=True)
    )
    return results.wall(found, lambda one: f"{one.meant} → {one.answer} | {answers[one.place]}")


def read(model: str, class_id: str, found: Sequence[HandIn]) -> np.ndarray:
    """What a network answers to drawings of a class: int64 array of shape (n,). Each is read once."""
    images = np.array([one.image for one in found], np.uint8).reshape(-1, 28, 28)
    return _filled(model, resources.known_answers(model, class_id), [one.place for one in found], images)


def _filled(model: str, known: dict[int, int], places: Sequence[int], images: np.ndarray) -> np.ndarray:
    missing = [row for row, place in enumerate(places) if place not in known]
    if missing:
        answers = resources.classifier(model).predict_dataset(images[missing]).argmax(axis=1)
        known.update(zip((places[row] for row in missing), answers.tolist(), strict=True))
    return np.array([known[place] for place in places], np.int64)
