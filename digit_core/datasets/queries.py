"""Which digits a visitor wants to see, and in which order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from digit_core.datasets.catalogue import Catalogue
from digit_core.digits import CLASSES
from digit_core.errors import ConfigurationError, choice_sentences, number_sentences

Range = tuple[float, float]
VERDICTS = ("any", "right", "wrong")
# "odd": the least typical first; "hardest": the highest loss first.
SORTS = ("number", "typical", "odd", "hardest", "random")
# Degrees: as an end of a range it stands for "that or more".
MAX_SLANT = 45
MAX_SEED = 999_999
_SPLIT_NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")


@dataclass(frozen=True)
class Query:
    """A choice of digits. Conditions combine: a digit is shown if it meets them all. The defaults choose everything.

    Attributes:
        splits: names of splits; none means all.
        digits: what the label says, 0 to 9; none means all.
        answers: what the model read, 0 to 9; none means all.
        verdict: one of `VERDICTS`: whether the model read what the label says.
        confidence: lowest and highest probability that the model gave its answer, 0.0 to 1.0, both allowed.
        ink: from the thinnest to the boldest, as percentiles of the whole set, 0 to 100, both allowed. (0, 10) is
            the thinnest tenth, whatever the set.
        slant: degrees, -45 to 45, both allowed; leaning to the right is positive. The ends are open: -45 stands for -45
            and less, 45 for 45 and more.
        label_errors_only: only digits whose label people doubted.
        sort: one of `SORTS`.
        seed: 0 to 999,999: the same seed gives the same random order, whatever else is chosen.

    Raises:
        ConfigurationError: with a sentence for each invalid value.
    """

    splits: tuple[str, ...] = ()
    digits: tuple[int, ...] = ()
    answers: tuple[int, ...] = ()
    verdict: str = "any"
    confidence: Range = (0, 1)
    ink: Range = (0, 100)
    slant: Range = (-MAX_SLANT, MAX_SLANT)
    label_errors_only: bool = False
    sort: str = "number"
    seed: int = 0

    def __post_init__(self) -> None:
        sentences = (
            _split_sentences(self.splits)
            + _digit_sentences("digits", self.digits)
            + _digit_sentences("answers", self.answers)
            + choice_sentences("verdict", self.verdict, VERDICTS)
            + _range_sentences("confidence", self.confidence, 0, 1)
            + _range_sentences("ink", self.ink, 0, 100)
            + _range_sentences("slant", self.slant, -MAX_SLANT, MAX_SLANT)
            + (
                []
                if isinstance(self.label_errors_only, bool)
                else ["The setting for labels in doubt is true or false."]
            )
            + choice_sentences("sort order", self.sort, SORTS)
            + number_sentences("seed", self.seed, 0, MAX_SEED, is_whole=True)
        )
        if sentences:
            raise ConfigurationError(sentences)

    @property
    def narrowing(self) -> int:
        """How many conditions narrow the choice; the order is not one of them."""
        return sum(
            getattr(self, field.name) != field.default
            for field in fields(self)
            if field.name not in ("sort", "seed")
        )

    @property
    def needs_answers(self) -> bool:
        """Whether a model's answers are needed to select."""
        asks = (self.answers, self.verdict != "any", self.confidence != (0, 1), self.sort == "hardest")
        return any(asks)


def select(catalogue: Catalogue, query: Query, probabilities: np.ndarray | None = None) -> np.ndarray:
    """The digits that a query asks for, in its order.

    Args:
        catalogue: n digits.
        query: what is asked for.
        probabilities: float array of shape (n, 10), a model's answers; of equal probabilities the lower digit is the
            answer. None if there are none.

    Returns:
        int64 array of shape (m,): rows of the catalogue. Of equals the lower row comes first.

    Raises:
        ConfigurationError: the catalogue has no such split, or the query needs answers and there are none.
        ValueError: the probabilities are of another shape.
    """
    sentences = [
        f"{catalogue.title} has no part {split}: it has {', '.join(catalogue.splits)}."
        for split in query.splits
        if split not in catalogue.splits
    ]
    if query.needs_answers and probabilities is None:
        sentences.append("This filter needs a model's answers, and no model has read these digits yet.")
    if sentences:
        raise ConfigurationError(sentences)
    if probabilities is not None and probabilities.shape != (len(catalogue), CLASSES):
        raise ValueError(
            f"{len(catalogue)} digits and {probabilities.shape} probabilities do not fit together."
        )
    chosen = np.ones(len(catalogue), bool)
    for condition in _conditions(catalogue, query, probabilities):
        chosen &= condition
    return _in_order(catalogue, query, probabilities, np.flatnonzero(chosen))


def _conditions(catalogue: Catalogue, query: Query, probabilities: np.ndarray | None) -> list[np.ndarray]:
    """A bool array of shape (n,) for each condition that a query makes; what leaves out nothing is not computed."""
    conditions = []
    if query.splits:
        indices = [catalogue.splits.index(split) for split in query.splits]
        conditions.append(_is_one_of(catalogue.split, indices))
    if query.digits:
        conditions.append(_is_one_of(catalogue.labels, query.digits))
    if query.ink != (0, 100):
        conditions.append(_within(catalogue.ink, *np.percentile(catalogue.ink, query.ink)))
    lowest, highest = query.slant
    if lowest > -MAX_SLANT:
        conditions.append(catalogue.slant >= lowest)
    if highest < MAX_SLANT:
        conditions.append(catalogue.slant <= highest)
    if query.label_errors_only:
        conditions.append(catalogue.has_label_error)
    if probabilities is not None and (query.answers or query.verdict != "any"):
        answers = probabilities.argmax(axis=1)
        if query.answers:
            conditions.append(_is_one_of(answers, query.answers))
        if query.verdict != "any":
            conditions.append((answers == catalogue.labels) == (query.verdict == "right"))
    if probabilities is not None and query.confidence != (0, 1):
        conditions.append(_within(probabilities.max(axis=1), *query.confidence))
    return conditions


def _is_one_of(values: np.ndarray, wanted: Sequence[int]) -> np.ndarray:
    """As `np.isin` for values from 0 to 255, but several times as fast."""
    is_wanted = np.zeros(256, bool)
    is_wanted[list(wanted)] = True
    return is_wanted[values]


def _sorted(rows: np.ndarray, values: np.ndarray, *, is_descending: bool = False) -> np.ndarray:
    """The rows in the order of their values, float32 (m,), none negative; of equals the lower row first.

    The bits of floats that are not negative are in the order of the floats (IEEE 754). With the row below them they make
    whole numbers no two of which are equal, which NumPy sorts several times as fast as it sorts floats stably.
    """
    keys = (values + np.float32(0)).view(np.uint32).astype(np.int64)  # + 0: of -0 makes 0
    if is_descending:
        keys = 0xFFFFFFFF - keys
    keys = keys << 32 | rows
    keys.sort()
    return keys & 0xFFFFFFFF


def _within(values: np.ndarray, lowest: float, highest: float) -> np.ndarray:
    return (values >= lowest) & (values <= highest)


def _in_order(
    catalogue: Catalogue, query: Query, probabilities: np.ndarray | None, rows: np.ndarray
) -> np.ndarray:
    match query.sort:
        case "typical":
            return _sorted(rows, catalogue.atypicality[rows])
        case "odd":
            return _sorted(rows, catalogue.atypicality[rows], is_descending=True)
        case "hardest" if probabilities is not None:
            # The lowest probability of the true digit is the highest loss.
            return _sorted(rows, probabilities[rows, catalogue.labels[rows]].astype(np.float32))
        case "random":
            # Shuffled with all the others, so that a digit keeps its place among the rest when a filter changes.
            places = np.random.default_rng(query.seed).permutation(len(catalogue))
            return rows[places[rows].argsort()]
    return rows


def _split_sentences(splits: object) -> list[str]:
    if isinstance(splits, tuple) and all(
        isinstance(name, str) and _SPLIT_NAME.fullmatch(name) for name in splits
    ):
        return []
    return ["The splits are names of lower-case letters, such as ('train', 'test')."]


def _digit_sentences(name: str, digits: object) -> list[str]:
    if not isinstance(digits, tuple):
        return [f"The {name} are a tuple of whole numbers from 0 to 9, not {digits!r}."]
    return [
        sentence
        for digit in digits
        for sentence in number_sentences(name, digit, 0, CLASSES - 1, is_whole=True)
    ]


def _range_sentences(name: str, ends: object, lowest: float, highest: float) -> list[str]:
    if not isinstance(ends, tuple) or len(ends) != 2:
        return [f"The {name} has a lowest and a highest value, not {ends!r}."]
    sentences = [sentence for end in ends for sentence in number_sentences(name, end, lowest, highest)]
    if not sentences and ends[0] > ends[1]:
        return [f"The {name} goes from its lowest to its highest value, not from {ends[0]:g} to {ends[1]:g}."]
    return sentences
