from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from benchmarks import stages
from benchmarks.whole_numbers import MadePage, composed_pages
from digit_core.inference import classifier


@pytest.fixture(scope="module")
def reader() -> classifier.Classifier:
    return classifier.load()


@pytest.fixture(scope="module")
def page(reader: classifier.Classifier) -> MadePage:
    """A page on a desk that is read right."""
    made = composed_pages(6, stages.PAPERS["ruled"], 3, on_a_desk=True)
    return next(one for one in made if set(stages.lost_at(one, reader)[0]) == {stages.RIGHT})


def test_no_stage_loses_a_digit_that_is_read_right(page: MadePage, reader: classifier.Classifier) -> None:
    judged, too_many = stages.lost_at(page, reader)
    assert len(judged) == sum(map(len, page.rows))
    assert too_many == 0


def test_a_digit_that_is_misread_is_lost_by_the_reader(page: MadePage, reader: classifier.Classifier) -> None:
    (first, *rest), *rows = page.rows
    other = replace(page, rows=[[replace(first, label=(first.label + 1) % 10), *rest], *rows])
    judged, _ = stages.lost_at(other, reader)
    assert judged[0] == "reader" and set(judged[1:]) == {stages.RIGHT}


def test_a_digit_that_left_no_ink_is_lost_by_the_binarization(
    page: MadePage, reader: classifier.Classifier
) -> None:
    (first, *rest), *rows = page.rows
    beside = replace(first, top=first.top - first.ink.shape[0])  # where nothing is written
    judged, too_many = stages.lost_at(replace(page, rows=[[beside, *rest], *rows]), reader)
    assert judged[0] == "binarization" and too_many == 1


def test_a_digit_beyond_the_sheet_is_lost_with_it(page: MadePage, reader: classifier.Classifier) -> None:
    (first, *rest), *rows = page.rows
    judged, _ = stages.lost_at(replace(page, rows=[[replace(first, left=-900), *rest], *rows]), reader)
    assert judged[0] == "sheet"


def test_a_digit_in_the_row_of_others_is_lost_by_the_rows(
    page: MadePage, reader: classifier.Classifier
) -> None:
    (first, *rest), (second, *more), *rows = page.rows
    judged, _ = stages.lost_at(replace(page, rows=[[second, *rest], [first, *more], *rows]), reader)
    assert judged[0] == "rows" and judged[len(rest) + 1] == "rows"


def test_a_picture_without_ink_is_refused_as_a_whole(page: MadePage, reader: classifier.Classifier) -> None:
    blank = Image.new("L", page.picture.size, 200)
    assert set(stages.lost_at(replace(page, picture=blank), reader)[0]) == {"refused"}


def test_pages_are_of_every_kind_of_paper_and_the_same_each_time() -> None:
    made = list(stages.pages(10, 1))
    assert Counter(kind for kind, _ in made) == Counter(
        {f"{name}{desk}": 1 for name in stages.PAPERS for desk in ("", " on a desk")}
    ) + Counter(list(stages.PAPERS)[:2])
    again = next(iter(stages.pages(10, 1)))[1]
    np.testing.assert_array_equal(np.asarray(again.picture), np.asarray(made[0][1].picture))
