from collections.abc import Iterator, Mapping

import pytest

from benchmarks import harness
from benchmarks.harness import Case, Claim, Series, Table

SLOW, QUICK = Series("slow", [30, 10, 20], "s", over="quick"), Series("quick", [5], "s")


def cells_of(title: str, printed: str) -> list[str]:
    (line,) = [line for line in printed.splitlines() if line.startswith(f"| {title} ")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_row_has_median_spread_ratio_and_goals(capsys: pytest.CaptureFixture[str]) -> None:
    assert harness.show([SLOW, QUICK], {"slow": "median ≤ 20, 95th ≤ 28, ratio ≥ 5"})
    printed = capsys.readouterr().out
    verdicts = "median ≤ 20: met, 95th ≤ 28: MISSED, ratio ≥ 5: MISSED"
    assert cells_of("slow", printed) == ["slow", "3", "20.0 s", "29.0 s", "4.00 × quick", verdicts]
    assert cells_of("quick", printed) == ["quick", "1", "5.00 s", "", "", ""]


def test_a_goal_for_a_ratio_is_missed_where_there_is_no_peer(capsys: pytest.CaptureFixture[str]) -> None:
    harness.show([SLOW], {"slow": "ratio ≥ 1"})
    assert "ratio ≥ 1: MISSED" in capsys.readouterr().out


def test_a_goal_for_what_was_not_measured_is_refused() -> None:
    with pytest.raises(ValueError, match="not measured: quik"):
        harness.show([QUICK], {"quik": "median ≤ 1"})


def test_tables_claims_and_words_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    results = [Table(["a", "long heading"], [["1", "2"]]), Claim("all there", True), "By the way."]
    assert harness.show(results, {})
    assert "| 1 | 2            |" in (printed := capsys.readouterr().out)
    assert "all there: met" in printed
    assert "By the way." in printed
    assert not harness.show([*results, Claim("none twice", False)], {})
    assert "none twice: MISSED" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "seen", "status"),
    [
        ([], [("a", 10, 2.5), ("b", 0, 0)], 1),
        (["a"], [("a", 10, 2.5)], 0),
        (["a", "--quick"], [("a", 1, 2.5)], 0),
        (["a", "b", "--quick", "--set", "n=7", "other=3"], [("a", 7, 2.5), ("b", 0, 0)], 1),
    ],
)
def test_the_command_line_chooses_cases_and_their_settings(
    arguments: list[str], seen: list[tuple[str, int, float]], status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = []

    def measure(n: int, seconds: float) -> Iterator[Series]:
        measured.append(("a", n, seconds))
        yield Series("one", [1])  # its goal is missed, which changes nothing

    def fail() -> list[Claim]:
        measured.append(("b", 0, 0))
        return [Claim("it holds", False)]

    settings: Mapping[str, float] = {"n": 10, "seconds": 2.5}
    cases = {
        "a": Case("a", "", measure, settings, {"n": 1}, {"one": "median ≤ 0.5"}),
        "b": Case("b", "its peer", fail),
    }
    monkeypatch.setattr("sys.argv", ["benchmark", *arguments])
    for variable in (
        "CUDA_VISIBLE_DEVICES",
        "TF_CPP_MIN_LOG_LEVEL",
    ):  # which `run` sets where they are not set
        monkeypatch.setenv(variable, "-1")
    assert harness.run("Words.", cases) == status
    assert measured == seen


def test_turns_are_blocks_and_the_first_of_each_does_not_count() -> None:
    calls: list[tuple[str, int]] = []
    actions = {name: (lambda item, name=name: calls.append((name, item))) for name in "ab"}
    times = harness.by_turns(actions, [1, 2, 3], block=2)
    assert {name: len(values) for name, values in times.items()} == {"a": 3, "b": 3}
    assert calls == [
        *[("a", 1), ("a", 1), ("a", 2), ("b", 1), ("b", 1), ("b", 2)],
        *[("a", 3), ("a", 3), ("b", 3), ("b", 3)],
    ]


@pytest.mark.parametrize(
    ("value", "words"), [(0, "0"), (0.0671, "0.0671"), (4.312, "4.31"), (52.44, "52.4"), (1240.3, "1,240")]
)
def test_a_number_has_three_digits_that_count(value: float, words: str) -> None:
    assert harness.figure(value) == words
