"""What a class's drawings and votes add up to: the confusion matrix, accuracies, and how a vote went."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from digit_core.classroom.records import HandIn
from digit_core.digits import CLASSES, brief
from digit_core.metrics.classification import Share, share


@dataclass(frozen=True, eq=False)
class Handwriting:
    """How the network reads a class's hand.

    Attributes:
        confusion: int64 array of shape (10, 10): digit that was meant, answer.
        accuracy: the share read as it was meant; None without a drawing.
    """

    confusion: np.ndarray
    accuracy: Share | None

    __repr__ = brief


def handwriting(counts: Mapping[tuple[int, int], int]) -> Handwriting:
    """How the network reads a class's hand.

    Args:
        counts: how many drawings there are of each digit that was meant and each answer.
    """
    confusion = np.zeros((CLASSES, CLASSES), np.int64)
    for (meant, answer), count in counts.items():
        confusion[meant, answer] = count
    n = int(confusion.sum())
    return Handwriting(confusion, share(int(np.trace(confusion)), n) if n else None)


def shares_of_votes(choices: Iterable[int]) -> np.ndarray:
    """How many chose each digit: int64 array of shape (10,)."""
    counted = Counter(choices)
    return np.array([counted[digit] for digit in range(CLASSES)], np.int64)


@dataclass(frozen=True)
class Score:
    """How often a pupil fooled the network.

    Attributes:
        name: the nickname, "" for none.
        number: the pupil's in the class, from 1, in the order of their first drawings.
        fooled: how many drawings people read and the network does not.
    """

    name: str
    number: int
    fooled: int

    def called(self, *, hides_names: bool = False) -> str:
        """What this pupil is called on the wall: the nickname, or "pupil 7"."""
        return self.name if self.name and not hides_names else f"pupil {self.number}"


def ranked(found: Sequence[HandIn], numbers: Mapping[str, int]) -> list[Score]:
    """Who fooled the network how often, the best first.

    Args:
        found: the drawings that did; see `fooling`.
        numbers: of each pupil's id the number.
    """
    names, counted = {one.pupil: one.name for one in found}, Counter(one.pupil for one in found)
    scores = [Score(names[pupil], numbers[pupil], count) for pupil, count in counted.items()]
    return sorted(scores, key=lambda one: (-one.fooled, one.number))


def fooling(found: Iterable[HandIn], legible: Iterable[int]) -> list[HandIn]:
    """The drawings that people read and the network does not.

    Args:
        found: the drawings of a task.
        legible: the places of those that people read as they were meant; see `checks.legible`.
    """
    read = set(legible)
    return [one for one in found if one.place in read and one.answer != one.meant]
