"""What a run's numbers say about its settings, and what to try next."""

from dataclasses import dataclass

from digit_core.configuration import TrainingConfig
from digit_core.recordings import Progress


@dataclass(frozen=True)
class Hint:
    """One thing that the numbers say, and one change that does something about it.

    Attributes:
        kind: one of "rate-too-high", "rate-too-low", "overfitting", "underfitting", "dead-units", "more-epochs".
        title: for people, a few words: "The learning rate is too high".
        why: one or two sentences with the numbers that it rests on.
        action: the label of a button, such as "Try a third of the learning rate".
        config: what the button starts as the next run; a valid configuration that differs from the run's own.
    """

    kind: str
    title: str
    why: str
    action: str
    config: TrainingConfig


def find(config: TrainingConfig, progress: Progress) -> tuple[Hint, ...]:
    """The hints that a run's numbers give so far, the gravest first; while it goes as well as when it has ended.

    Args:
        config: what the run was started with.
        progress: what it has said until now; with nothing said yet there are no hints.

    Returns:
        At most one hint of a kind; none for a healthy run.
    """
    return ()
