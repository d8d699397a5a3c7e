"""What a class did, as a page to print: each task with what was drawn and voted, and how well its hands were read."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digit_core.classroom.records import HandIn, SchoolClass, Task
from digit_core.classroom.scores import Handwriting
from digit_core.classroom.tasks import KINDS
from digit_core.digits import CLASSES, brief
from digit_core.evaluation import report_drawings, reports
from digit_core.metrics.classification import Share, percent

_MAX_SHOWN = 60  # drawings of a task


@dataclass(frozen=True, eq=False)
class Round:
    """A task and what the class did.

    Attributes:
        task: the task.
        hand_ins: its drawings, held ones left out.
        votes: how many chose each digit: int64 array of shape (10,).
        fooling: the drawings that people read and the network does not.
    """

    task: Task
    hand_ins: Sequence[HandIn]
    votes: np.ndarray
    fooling: Sequence[HandIn] = ()

    __repr__ = brief


def html_report(
    found: SchoolClass,
    rounds: Sequence[Round],
    mnist: Share,
    handwriting: Handwriting,
    *,
    has_names: bool = False,
) -> str:
    """A report as one self-contained HTML page with no script and no link out.

    Args:
        found: the class.
        rounds: its tasks in their order.
        mnist: how well the network reads MNIST's test digits.
        handwriting: how it reads the class.
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
            *(part for one in rounds for part in _round(one, has_names=has_names)),
            "<h2>What was meant, and what was read</h2>"
            "<p>Late drawings don't count here, nor do those that were drawn to be misread.</p>",
            report_drawings.confusion_table(handwriting.confusion),
            "<p>Made with Digit Lab.</p>",
        ],
    )


def _round(one: Round, *, has_names: bool) -> list[str]:
    heading = f"<h2>{one.task.number}. {html.escape(KINDS[one.task.kind].title)}</h2>"
    if one.task.image is not None and one.task.shares is not None:
        return [heading, *_vote(one, one.task.image, one.task.shares)]
    drawn = len(one.hand_ins)
    right = sum(drawing.answer == drawing.meant for drawing in one.hand_ins)
    told = f"<p>{drawn} drawing{'' if drawn == 1 else 's'}, {right} of them read as meant."
    if KINDS[one.task.kind].is_checked:
        told += f" {len(one.fooling)} fooled the network, but not the class."
    if drawn > _MAX_SHOWN:
        told += f" These are the last {_MAX_SHOWN}."
    shown = one.hand_ins[-_MAX_SHOWN:]
    images = np.array([drawing.image for drawing in shown], np.uint8).reshape(-1, 28, 28)
    captions = [_caption(drawing, has_names=has_names) for drawing in shown]
    return [heading, f"{told}</p>", report_drawings.gallery(images, captions)]


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
