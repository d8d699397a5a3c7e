"""What a class did, as a page to print: each task with what was drawn and voted, and how well its hands were read."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digit_core.classroom.records import HandIn, SchoolClass, Task
from digit_core.classroom.rules import duels
from digit_core.classroom.rules.scores import Handwriting, Score
from digit_core.digits import CLASSES, brief
from digit_core.evaluation import report_drawings, reports
from digit_core.metrics.classification import Share, percent
from digit_core.recipes.fine_tuning import Effect

_MAX_SHOWN = 60  # drawings of a task


@dataclass(frozen=True, eq=False)
class Round:
    """A task and what the class did.

    Attributes:
        task: the task.
        hand_ins: its drawings, held ones left out.
        votes: how many chose each digit: int64 array of shape (10,).
        fooling: the drawings that people read and the network does not.
        effect: what a lesson did; None where there was none, or it did not end well.
        duel: how one ended; None where there was none.
    """

    task: Task
    hand_ins: Sequence[HandIn]
    votes: np.ndarray
    fooling: Sequence[HandIn] = ()
    effect: Effect | None = None
    duel: duels.Score | None = None

    __repr__ = brief


def html_report(
    found: SchoolClass,
    rounds: Sequence[Round],
    mnist: Share,
    handwriting: Handwriting,
    scores: Sequence[Score] = (),
    *,
    has_names: bool = False,
) -> str:
    """A report as one self-contained HTML page with no script and no link out.

    Args:
        found: the class.
        rounds: its tasks in their order.
        mnist: how well the network reads MNIST's test digits.
        handwriting: how it reads the class.
        scores: who fooled the network how often.
        has_names: whether the pupils' names stand below their drawings.
    """
    shares = {"MNIST, the test digits": mnist}
    if handwriting.accuracy is not None:
        shares["Our handwriting"] = handwriting.accuracy
    rows = [
        (name, f"{one.n:,}", f"{one.value:.1%}", f"{one.low:.1%} to {one.high:.1%}")
        for name, one in shares.items()
    ]
    return reports.page(
        found.name,
        [
            f"<h1>{html.escape(found.name)}</h1>",
            report_drawings.table(("", "digits", "read correctly", "95% interval"), rows),
            *_scores(scores, has_names=has_names),
            *(part for one in rounds for part in _round(one, has_names=has_names)),
            "<h2>What was meant, and what was read</h2>"
            "<p>Late drawings don't count here, nor do those that were drawn to be misread.</p>",
            report_drawings.confusion_table(handwriting.confusion),
            "<p>Made with Digit Lab.</p>",
        ],
    )


def _scores(found: Sequence[Score], *, has_names: bool) -> list[str]:
    if not found:
        return []
    rows = [(one.called(hides_names=not has_names), str(one.fooled)) for one in found]
    return ["<h2>Who fooled the network</h2>", report_drawings.table(("", "drawings"), rows)]


def _round(one: Round, *, has_names: bool) -> list[str]:
    heading = f"<h2>{one.task.number}. {html.escape(one.task.rules.title)}</h2>"
    if one.task.lesson is not None:
        learnt, held_back = len(one.task.lesson.taught), len(one.task.lesson.held_back)
        return [
            heading,
            f"<p>Taught: {learnt}. Held back to judge by: {held_back}.</p>",
            *_effect(one.effect),
        ]
    if one.duel is not None:
        told = f"Of {one.duel.n} pictures the class reads {one.duel.crowd} correctly, the network {one.duel.network}, the best pupil {one.duel.best}."
        return [heading, f"<p>{told}</p>"]
    if one.task.image is not None and one.task.shares is not None:
        return [heading, *_vote(one, one.task.image, one.task.shares)]
    drawn = len(one.hand_ins)
    right = sum(drawing.answer == drawing.meant for drawing in one.hand_ins)
    told = f"<p>{drawn} drawing{'' if drawn == 1 else 's'}, {right} of them read as meant."
    if one.task.rules.is_checked:
        told += f" {len(one.fooling)} fooled the network, but not the class."
    if drawn > _MAX_SHOWN:
        told += f" These are the last {_MAX_SHOWN}."
    shown = one.hand_ins[-_MAX_SHOWN:]
    images = np.array([drawing.image for drawing in shown], np.uint8).reshape(-1, 28, 28)
    captions = [_caption(drawing, has_names=has_names) for drawing in shown]
    return [heading, f"{told}</p>", report_drawings.gallery(images, captions)]


def _effect(found: Effect | None) -> list[str]:
    """What a lesson did to the network, as a table."""
    if found is None:
        return []
    names = {
        "mnist": "MNIST, the test digits",
        "held_back": "Our drawings, held back",
        "learnt": "Our drawings, taught (not a test)",
    }
    rows = [
        (
            names[part],
            f"{after.n:,}",
            *(f"{one.value:.1%} ({one.low:.1%} to {one.high:.1%})" for one in (found.before[part], after)),
        )
        for part, after in found.after.items()
    ]
    return [report_drawings.table(("", "digits", "before (95% interval)", "after (95% interval)"), rows)]


def _caption(one: HandIn, *, has_names: bool) -> str:
    late = ", late" if one.is_late else ""
    by = f"{one.name}: " if has_names and one.name else ""
    return f"{by}meant {one.meant}, read as {one.answer}{late}"


def _vote(one: Round, image: np.ndarray, shares: np.ndarray) -> list[str]:
    answer = int(shares.argmax())
    told = (
        f"<p>{int(one.votes[answer])} of {int(one.votes.sum())} foresaw the answer: {answer}, "
        f"{percent(float(shares[answer]))} sure.</p>"
    )
    rows = [("voted", *(str(count) for count in one.votes.tolist()))]
    return [
        told,
        report_drawings.gallery(image[None], [f"meant {one.task.meant}"]),
        report_drawings.table(("", *map(str, range(CLASSES))), rows),
    ]
