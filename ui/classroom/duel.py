"""You or the machine, as the teacher and the projector see it: the open picture, and the running score after each one."""

from functools import partial

import numpy as np
import streamlit as st

from digit_core import classroom, figures
from digit_core.classroom.looks import Look
from digit_core.classroom.records import Duel, Picture
from digit_core.classroom.rules import duels, tasks
from ui.classroom import results, teacher
from ui.frame import resources, words
from ui.panels import answers


def pictures(model: str) -> list[Picture]:
    """Test digits of which the shipped networks together are least sure; whether they read them rightly plays no part.

    Args:
        model: the class's network, which answers.
    """
    known = [resources.split_answers("mnist", "test", name) for name in resources.cards()]
    shares, test = resources.split_answers("mnist", "test", model), resources.mnist().test
    rows = duels.hardest(known, np.random.default_rng())
    return [Picture(test.images[row], int(test.labels[row]), shares[row]) for row in rows]


def steer(look: Look, duel: Duel, key: str) -> None:
    """The presses that lead through a duel."""
    classes, is_over = classroom.default(), duel.done(look.now) == duel.round
    label, act = (
        ("Next picture", classes.next_picture) if is_over else ("Show the answer now", classes.close_picture)
    )
    with st.container(horizontal=True):
        if not is_over or duel.round < len(duel.pictures):
            st.button(
                label,
                key="duel-on",
                type="primary",
                on_click=teacher.attempt,
                args=(partial(act, key, look.found, duel.round),),
            )
        st.button(
            "End the duel",
            key="class-end",
            on_click=teacher.attempt,
            args=(partial(classes.press, key, look.found, tasks.END),),
        )
    show(look, duel)


def show(look: Look, duel: Duel) -> None:
    """The picture that is open or was open last; its answers and the score only once it is closed."""
    picture, done = duel.pictures[duel.round - 1], duel.done(look.now)
    shown = answers.picture(picture.image / 255.0, 224, "The picture that the class and the network read")
    said = duels.votes(look.answers, duel.round)
    if done < duel.round:
        waits = duel.begins - look.now
        left = f"Get ready: {waits:.0f}" if waits > 0 else f"{max(0.0, duel.until - look.now):.0f} s left"
        st.html(
            f'<p class="counts">Picture {duel.round} of {len(duel.pictures)} · {left} · {int(said.sum())} answered</p>'
            + ("" if waits > 0 else f'<div class="vote">{shown}</div>')
        )
    else:
        answer = int(picture.shares.argmax())
        is_right = "correct" if answer == picture.meant else "wrong"
        st.html(
            f'<p class="counts">Picture {duel.round} of {len(duel.pictures)} is {words.a(picture.meant)}. '
            f"The network answers {answer} ({figures.percent(float(picture.shares[answer]))} sure): {is_right}.</p>"
            f'<div class="vote">{shown}{results.bars(said, picture.meant, "How many of you chose each digit")}</div>'
        )
    if done:
        show_score(look, duel, done)


def show_score(look: Look, duel: Duel, done: int) -> None:
    """How the class, the network and the best pupil stand after so many pictures."""
    found = duels.score(duel, look.answers, done)
    tiles = "".join(
        f"<div><dt>{name}</dt><dd><b>{count}</b> <span>of {found.n}</span></dd></div>"
        for name, count in (
            ("The class: what most of you chose", found.crowd),
            ("The network", found.network),
            ("The best of you", found.best),
        )
    )
    st.html(
        f'<p class="shares-title">Read correctly</p><dl class="shares" data-duel="{found.n}">{tiles}</dl>'
    )
