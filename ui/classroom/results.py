"""What a class sees of its results: the wall of drawings, the votes, the confusion matrix and two accuracies side by side."""

import html
from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from digit_core import figures
from digit_core.classroom.looks import Look
from digit_core.classroom.records import HandIn
from digit_core.classroom.rules import tasks
from digit_core.classroom.rules.scores import Handwriting
from digit_core.digits import CLASSES
from digit_core.metrics.classification import Share, share
from ui.frame import layout, resources, words
from ui.panels import answers
from ui.panels import html as pieces

_MAX_SCORES = 10  # that are shown

_STYLE = """<style>
.joining { display: flex; gap: 1.4rem; align-items: center; flex-wrap: wrap; }
.joining img { width: 13rem; border-radius: .5rem; }
.joining .code { font-size: 3.4rem; line-height: 1.1; font-weight: 700; letter-spacing: .06em; margin: 0; }
.joining p { overflow-wrap: anywhere; }
.big .joining img { width: min(24rem, 44vh); }
.counts { font-size: 1.25rem; margin: .2rem 0; font-variant-numeric: tabular-nums; }
.names { font-size: 1.15rem; overflow-wrap: anywhere; }
.wall { display: grid; grid-template-columns: repeat(auto-fill, minmax(5.2rem, 1fr)); gap: .7rem; }
.wall figure { margin: 0; text-align: center; }
.wall img { width: 100%; height: auto; }
.wall figcaption { font-size: .95rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; min-height: 1.4em; }
.class-matrix { border-collapse: separate; border-spacing: 2px; table-layout: fixed; width: 100%; max-width: 26rem; font-variant-numeric: tabular-nums; }
.class-matrix th { font-weight: 700; padding: 0; text-align: center; }
.class-matrix td { padding: 0; }
.class-matrix i { display: grid; place-items: center; height: 1.9rem; border-radius: 4px; font-style: normal; }
.class-matrix i:not(.on-colour) { background: color-mix(in srgb, currentColor 6%, transparent); }
.scores { columns: 14rem; max-width: 60rem; font-size: 1.15rem; padding-left: 1.6rem; margin: 0; }
.vote { display: flex; flex-wrap: wrap; gap: 1.4rem; align-items: center; }
.vote .bars { grid-template-columns: 1rem minmax(8rem, 24rem) max-content; flex: 1; }
</style>"""


def style() -> None:
    """The look of a class; before the first of its parts."""
    st.html(_STYLE)


def counts(look: Look) -> str:
    """How many are there and have handed in, as HTML."""
    drawn = words.counted(look.drawings, "drawing")
    if look.found.state == tasks.CLOSED:
        joined = words.counted(look.presence.joined, "pupil")
        return f'<p class="counts" data-class-drawings="{look.drawings}">{drawn} · {joined}</p>'
    present = f"{look.presence.present} present"
    if look.task is None:
        return f'<p class="counts" data-class-drawings="0">{present}</p>'
    if look.task.image is not None:
        voted = int(look.votes.sum())
        return f'<p class="counts" data-class-drawings="0">{voted} voted / {present}</p>'
    return f'<p class="counts" data-class-drawings="{look.drawings}">{look.handed_in} handed in / {present} · {drawn}</p>'


def names(look: Look) -> str:
    """The nicknames of those who are there as HTML; nothing where they are hidden."""
    found = [] if look.found.hides_names else sorted(filter(None, look.presence.names))
    return f'<p class="names">{" · ".join(map(html.escape, found))}</p>'


def wall(found: Sequence[HandIn], caption: Callable[[HandIn], str]) -> str:
    """Drawings side by side as HTML.

    Args:
        found: the drawings.
        caption: what stands below one, plain words.
    """
    tiles = "".join(
        f"<figure>{answers.picture(one.image / 255.0, 84, 'A drawing')}<figcaption>{html.escape(caption(one))}</figcaption></figure>"
        for one in found
    )
    return f'<div class="wall">{tiles}</div>'


def vote(look: Look, *, is_revealed: bool) -> None:
    """The picture that is voted on; with how many chose what, and the network's answer, once that is shown."""
    task = look.task
    if task is None or task.image is None or task.shares is None:
        return
    picture = answers.picture(task.image / 255.0, 224, "The picture that the class votes on")
    if not is_revealed:
        st.html(f'<div class="vote">{picture}</div>')
        return
    answer = int(task.shares.argmax())
    foreseen = int(look.votes[answer])
    st.html(
        f'<div class="vote">{picture}{bars(look.votes, answer, "How many chose each digit")}</div>'
        f'<p class="counts">The network answers <b>{answer}</b> ({figures.percent(float(task.shares[answer]))} sure). '
        f"{foreseen} of {int(look.votes.sum())} foresaw that. It was meant to be {words.a(int(task.meant or 0))}.</p>"
    )


def fooled(look: Look) -> str:
    """How many drawings people read and the network does not, in a sentence."""
    return f"{words.counted(len(look.fooling), 'drawing')} fooled the network, but not the class."


def bars(counts: np.ndarray, marked: int, description: str) -> str:
    """How many chose each digit, as HTML.

    Args:
        counts: int64 array of shape (10,).
        marked: the digit that stands out.
        description: the text for those who do not see it.
    """
    most = max(1, int(counts.max()))
    rows = "".join(
        f'<span class="{"is-answer" if digit == marked else ""}">{digit}</span>'
        f'<span class="track"><div class="bar" style="width:{count / most:.0%};background:{figures.CLASS_COLOURS[digit]}"></div></span>'
        f"<span>{count}</span>"
        for digit, count in enumerate(counts.tolist())
    )
    return f'<div class="bars" aria-label="{html.escape(description)}">{rows}</div>'


def scores(look: Look, *, hides_names: bool) -> None:
    """Who fooled the network how often, as a list; nothing where nobody did."""
    if not look.scores:
        return
    rows = "".join(
        f"<li>{html.escape(one.called(hides_names=hides_names))} <b>{one.fooled}</b></li>"
        for one in look.scores[:_MAX_SCORES]
    )
    st.html(f'<p class="shares-title">Who fooled the network how often</p><ol class="scores">{rows}</ol>')


def checked(look: Look) -> str:
    """How far the looking is, in a sentence."""
    done = sum(check.choice is not None for check in look.checked)
    return f"Looked at {words.counted(done, 'time')}."


def accuracies(model: str, found: Handwriting) -> None:
    """How well the network reads MNIST and how well this class, each with its count and interval."""
    shares: dict[str, Share] = {"MNIST, the test digits": mnist(model)}
    if found.accuracy is not None:
        shares["Our handwriting"] = found.accuracy
    st.html(answers.shares(f"{resources.model_title(model)} reads", shares))


def matrix(found: Handwriting) -> None:
    """The confusion matrix of the class: what was meant, what the network read."""
    deepest = max(1, int(found.confusion.max()))
    rows = [
        [str(meant), *(_cell(count, deepest, meant == answer) for answer, count in enumerate(row))]
        for meant, row in enumerate(found.confusion.tolist())
    ]
    table = pieces.table_html(
        ["", *map(str, range(CLASSES))],
        rows,
        "class-matrix",
        "Confusion matrix: rows are what was meant, columns what was read",
    )
    st.html(table)
    st.caption("Rows: the digit that was meant. Columns: what the network read.")


def _cell(count: int, deepest: int, is_right: bool) -> str:
    if not count:
        return "<i></i>"
    colour = figures.LESS if is_right else figures.MORE
    depth = round(100 * np.sqrt(count / deepest))
    return f'<i class="on-colour" style="--fill:color-mix(in srgb, {colour} {depth}%, {layout.paper()})">{count}</i>'


def mnist(model: str) -> Share:
    """How well a network reads MNIST's test digits."""
    labels = resources.split_labels("mnist", "test")
    read = resources.split_answers("mnist", "test", model).argmax(axis=1)
    return share(int((read == labels).sum()), len(labels))
