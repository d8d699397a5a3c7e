import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digit_core.datasets import queries
from digit_core.datasets.catalogue import Catalogue
from digit_core.datasets.queries import Query, select
from digit_core.errors import ConfigurationError
from digit_core.inference import model_files
from tests.examples import examples

Arrays = tuple[Catalogue, np.ndarray]


@pytest.fixture(scope="module")
def probabilities() -> np.ndarray:
    return model_files.shipped_answers("ann")


@pytest.fixture(scope="module")
def few() -> Arrays:
    """600 made-up digits whose measures and answers have many equals, for the slow and plain oracle below."""
    random = np.random.default_rng(3)
    n = 600
    found = Catalogue(
        name="few",
        title="A few digits",
        splits=("train", "test"),
        parts=(np.zeros((400, 28, 28), np.uint8), np.zeros((200, 28, 28), np.uint8)),
        labels=random.integers(0, 10, n).astype(np.uint8),
        split=np.repeat(np.array([0, 1], np.uint8), [400, 200]),
        number=np.concatenate([np.arange(400), np.arange(200)]).astype(np.int32),
        ink=(random.integers(0, 40, n) / 100).astype(np.float32),
        slant=random.integers(-60, 61, n).astype(np.float32),
        atypicality=(random.integers(0, 50, n) / 49).astype(np.float32),
        has_label_error=random.random(n) < 0.3,
    )
    answers = random.dirichlet(np.full(10, 0.2), n).round(1).astype(np.float32)
    return found, answers


def _answer(shares: np.ndarray) -> int:
    return max(range(10), key=lambda digit: (float(shares[digit]), -digit))


def _is_shown(found: Catalogue, query: Query, probabilities: np.ndarray, row: int) -> bool:
    """What a query promises, one digit at a time."""
    answer = _answer(probabilities[row])
    thinnest, boldest = np.percentile(found.ink, query.ink)
    lowest, highest = query.slant
    return all(
        [
            not query.splits or found.splits[found.split[row]] in query.splits,
            not query.digits or int(found.labels[row]) in query.digits,
            not query.answers or answer in query.answers,
            query.verdict != "right" or answer == found.labels[row],
            query.verdict != "wrong" or answer != found.labels[row],
            np.float32(query.confidence[0]) <= probabilities[row, answer] or query.confidence[0] == 0,
            probabilities[row, answer] <= np.float32(query.confidence[1]) or query.confidence[1] == 1,
            thinnest <= found.ink[row] <= boldest,
            lowest == -45 or found.slant[row] >= lowest,
            highest == 45 or found.slant[row] <= highest,
            not query.label_errors_only or bool(found.has_label_error[row]),
        ]
    )


def _sorting_key(found: Catalogue, query: Query, probabilities: np.ndarray, row: int) -> tuple[float, int]:
    if query.sort == "typical":
        return float(found.atypicality[row]), row
    if query.sort == "odd":
        return -float(found.atypicality[row]), row
    if query.sort == "hardest":
        share = float(probabilities[row, found.labels[row]])
        return (math.log(share) if share > 0 else -math.inf), row
    if query.sort == "random":
        return float(np.random.default_rng(query.seed).permutation(len(found))[row]), row
    return 0.0, row


def _range(lowest: float, highest: float) -> st.SearchStrategy[tuple[float, float]]:
    ends = st.one_of(
        st.integers(int(lowest), int(highest)), st.floats(lowest, highest, allow_subnormal=False)
    )
    return st.tuples(ends, ends).map(lambda pair: (min(pair), max(pair)))


_DIGITS = st.lists(st.integers(0, 9), unique=True, max_size=10).map(tuple)
QUERIES = st.builds(
    Query,
    splits=st.lists(st.sampled_from(["train", "test"]), unique=True).map(tuple),
    digits=_DIGITS,
    answers=_DIGITS,
    verdict=st.sampled_from(queries.VERDICTS),
    confidence=_range(0, 1),
    ink=_range(0, 100),
    slant=_range(-45, 45),
    label_errors_only=st.booleans(),
    sort=st.sampled_from(list(queries.SORTS)),
    seed=st.integers(0, queries.MAX_SEED),
)


@settings(max_examples=examples(75), deadline=None)
@given(query=QUERIES)
def test_any_query_gives_what_a_plain_loop_over_the_digits_gives(few: Arrays, query: Query) -> None:
    found, probabilities = few
    shown = [row for row in range(len(found)) if _is_shown(found, query, probabilities, row)]
    places = np.random.default_rng(query.seed).permutation(len(found))
    if query.sort == "random":
        expected = sorted(shown, key=lambda row: places[row])
    else:
        expected = sorted(shown, key=lambda row: _sorting_key(found, query, probabilities, row))
    rows = select(found, query, probabilities)
    assert rows.dtype == np.int64
    assert rows.tolist() == expected


def test_a_query_of_nothing_asks_for_everything(digits70k: Catalogue) -> None:
    np.testing.assert_array_equal(select(digits70k, Query()), np.arange(70_000))


def test_each_filter_is_numpys_on_all_70000(digits70k: Catalogue, probabilities: np.ndarray) -> None:
    answers, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    ink, slant, labels = digits70k.ink, digits70k.slant, digits70k.labels
    thin, bold = np.quantile(ink, [0.1, 0.25])
    expected = {
        Query(splits=("test",)): digits70k.split == 2,
        Query(splits=("validation", "train")): digits70k.split < 2,
        Query(digits=(4, 9)): (labels == 4) | (labels == 9),
        Query(answers=(0,)): answers == 0,
        Query(verdict="right"): answers == labels,
        Query(verdict="wrong"): answers != labels,
        Query(confidence=(0, 0.5)): sure <= 0.5,
        Query(confidence=(0.25, 0.75)): (sure >= 0.25) & (sure <= 0.75),
        Query(ink=(10, 25)): (ink >= thin) & (ink <= bold),
        Query(ink=(100, 100)): ink == ink.max(),
        Query(slant=(-10, 20)): (slant >= -10) & (slant <= 20),
        Query(slant=(-45, 0)): slant <= 0,
        Query(slant=(45, 45)): slant >= 45,
        Query(label_errors_only=True): digits70k.has_label_error,
        Query(digits=(4,), answers=(9,), splits=("test",)): (labels == 4)
        & (answers == 9)
        & (digits70k.split == 2),
    }
    for query, mask in expected.items():
        assert 0 < mask.sum() < 70_000
        np.testing.assert_array_equal(
            select(digits70k, query, probabilities), np.flatnonzero(mask), str(query)
        )


def test_each_sort_is_numpys_on_all_70000(digits70k: Catalogue, probabilities: np.ndarray) -> None:
    rows = np.arange(70_000)
    true = probabilities[rows, digits70k.labels]
    expected = {
        "number": rows,
        "typical": np.lexsort((rows, digits70k.atypicality)),
        "odd": np.lexsort((rows, -digits70k.atypicality)),
        "hardest": np.lexsort((rows, true)),
    }
    for sort, order in expected.items():
        np.testing.assert_array_equal(select(digits70k, Query(sort=sort), probabilities), order, sort)


def test_the_hardest_digit_is_the_one_of_the_highest_loss(
    digits70k: Catalogue, probabilities: np.ndarray
) -> None:
    rows = select(digits70k, Query(sort="hardest"), probabilities)
    with np.errstate(divide="ignore"):
        losses = -np.log(probabilities[rows, digits70k.labels[rows]])
    assert np.all(losses[:-1] >= losses[1:])


def test_random_is_a_shuffle_that_its_seed_repeats(digits70k: Catalogue) -> None:
    first, again, other = (select(digits70k, Query(sort="random", seed=seed)) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    np.testing.assert_array_equal(np.sort(first), np.arange(70_000))
    assert abs(np.corrcoef(first, np.arange(70_000))[0, 1]) < 0.02


def test_a_filter_leaves_the_random_order_of_what_stays(digits70k: Catalogue) -> None:
    everything = select(digits70k, Query(sort="random", seed=1))
    sevens = select(digits70k, Query(sort="random", seed=1, digits=(7,)))
    np.testing.assert_array_equal(sevens, everything[digits70k.labels[everything] == 7])


def test_a_query_that_nothing_meets_gives_no_rows(digits70k: Catalogue) -> None:
    rows = select(digits70k, Query(splits=("train",), label_errors_only=True, sort="odd"))
    assert (rows.shape, rows.dtype) == ((0,), np.int64)


@pytest.mark.parametrize(
    "query",
    [Query(answers=(3,)), Query(verdict="wrong"), Query(confidence=(0, 0.9)), Query(sort="hardest")],
    ids=str,
)
def test_what_asks_for_answers_says_so_when_there_are_none(digits70k: Catalogue, query: Query) -> None:
    assert query.needs_answers
    with pytest.raises(ConfigurationError, match="no model has read"):
        select(digits70k, query)


def test_the_rest_needs_no_answers(digits70k: Catalogue) -> None:
    query = Query(("test",), (1,), ink=(0, 50), slant=(0, 45), label_errors_only=True, sort="typical", seed=3)
    assert not query.needs_answers
    assert len(select(digits70k, query)) <= 1


def test_conditions_that_choose_are_counted_and_the_order_is_none() -> None:
    assert Query(confidence=(0.0, 1.0), sort="random", seed=3).narrowing == 0
    assert Query(("test",), (4,), (9,), "wrong", (0.5, 1), (0, 50), (0, 45), True).narrowing == 8


def test_a_split_that_the_set_has_not_is_a_sentence(digits70k: Catalogue) -> None:
    with pytest.raises(ConfigurationError, match="MNIST has no part all: it has train, validation, test"):
        select(digits70k, Query(splits=("all",)))


def test_answers_of_another_set_are_refused(digits70k: Catalogue) -> None:
    with pytest.raises(ValueError, match="do not fit together"):
        select(digits70k, Query(), np.zeros((10_000, 10), np.float32))


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("splits", "train", "names of lower-case letters"),
        ("splits", ("TRAIN",), "names of lower-case letters"),
        ("splits", (3,), "names of lower-case letters"),
        ("digits", (10,), "digits is a whole number from 0 to 9, not 10"),
        ("digits", 4, "digits are a tuple"),
        ("digits", (True,), "digits is a whole number"),
        ("answers", (4, -1), "answers is a whole number from 0 to 9, not -1"),
        ("verdict", "maybe", "verdict is one of any, right, wrong, not 'maybe'"),
        ("verdict", ["any"], "verdict is one of"),
        ("confidence", (0.9, 0.1), "from its lowest to its highest value, not from 0.9 to 0.1"),
        ("confidence", (0, 1.1), "confidence is a number from 0 to 1, not 1.1"),
        ("confidence", (math.nan, 1), "confidence is a number from 0 to 1, not nan"),
        ("confidence", 0.5, "a lowest and a highest value"),
        ("ink", (-1, 100), "ink is a number from 0 to 100"),
        ("ink", (0, 50, 100), "a lowest and a highest value"),
        ("slant", (-46, 0), "slant is a number from -45 to 45"),
        ("slant", ("0", "1"), "slant is a number"),
        ("label_errors_only", "yes", "true or false"),
        ("sort", "size", "sort order is one of number, typical, odd, hardest, random"),
        ("seed", -1, "seed is a whole number from 0 to 999,999"),
        ("seed", 1.5, "seed is a whole number"),
    ],
)
def test_a_value_that_cannot_be_is_a_sentence(field: str, value: Any, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence) as caught:
        Query(**{field: value})
    assert all(text.endswith(".") for text in caught.value.sentences)


def test_every_wrong_value_has_its_sentence() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Query(verdict="maybe", sort="size", digits=(10, 11))
    assert len(caught.value.sentences) == 4
