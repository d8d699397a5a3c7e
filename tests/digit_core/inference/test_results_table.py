"""The table of what was read, as other programs open it."""

import csv
import io

import numpy as np

from digit_core.inference import results_table
from digit_core.inference.results_table import Result


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_reading_is_a_row() -> None:
    probabilities = np.zeros(10, np.float32)
    probabilities[[4, 9]] = 0.75, 0.25
    heads, row = rows(results_table.as_csv([Result("four.png", probabilities)]))
    assert tuple(heads) == results_table.COLUMNS
    assert row == ["four.png", "4", "0.7500", "9", "0.2500", ""]


def test_what_could_not_be_read_says_why() -> None:
    _, row = rows(results_table.as_csv([Result("blank.png", None, "Nothing is written here yet.")]))
    assert row == ["blank.png", "", "", "", "", "Nothing is written here yet."]


def test_a_name_with_commas_quotes_lines_and_formulas_stays_one_harmless_cell() -> None:
    name = '=HYPERLINK("http://x","y"),\nz'
    _, row = rows(results_table.as_csv([Result(name, None, "-")]))
    assert row[0] == "'" + name
    assert row[-1] == "'-"
    assert len(row) == len(results_table.COLUMNS)


def test_no_pictures_are_a_table_without_rows() -> None:
    assert rows(results_table.as_csv([])) == [list(results_table.COLUMNS)]
