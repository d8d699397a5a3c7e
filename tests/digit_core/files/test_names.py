"""Names from strangers are shown harmlessly."""

import pytest

from digit_core.files import names


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("seven.png", "seven.png"),
        ("../../x.png", "x.png"),
        ("C:\\Users\\me\\x.png", "x.png"),
        ("photo\u202egnp.exe", "photognp.exe"),  # right-to-left override: it would end in "exe.png"
        ("\u2067\u200f7\u0000\u001b[31m.png", "7[31m.png"),
        ("two\nlines\t.png", "two lines .png"),
        ("ציפור.png", "ציפור.png"),
        ("..", "picture"),
        ("/", "picture"),
        ("\u200b", "picture"),
        ("\ud800.png", "png"),
        ("<img src=x onerror=alert(1)>.png", "<img src=x onerror=alert(1)>.png"),
    ],
)
def test_a_name_loses_what_is_not_seen(given: str, shown: str) -> None:
    assert names.shown(given) == shown


def test_a_long_name_keeps_both_ends() -> None:
    name = names.shown("a" * 5_000 + ".jpeg")
    assert len(name) <= names.MAX_LENGTH
    assert name.startswith("aaa")
    assert name.endswith("….jpeg"[-4:])


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_a_spreadsheet_runs_no_name(formula: str) -> None:
    assert names.cell(formula) == "'" + formula


def test_a_plain_cell_stays_as_it_is() -> None:
    assert names.cell("7=x.png") == "7=x.png"
