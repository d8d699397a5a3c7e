from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from benchmarks import stages
from benchmarks.whole_numbers import MadePage, composed_pages
from digit_core.inference import classifier
from digit_core.preprocessing.normalization import box_of
from digit_core.synthesis import numbers


@pytest.fixture(scope="module")
def reader() -> classifier.Classifier:
    return classifier.load()


@pytest.fixture(scope="module")
def page(reader: classifier.Classifier) -> MadePage:
    """A page on a desk that is read right."""
    made = composed_pages(6, stages.PAPERS["ruled"], 3, on_a_desk=True)
    return next(one for one in made if set(stages.judge(one, reader).digits) == {stages.RIGHT})


def test_no_stage_loses_a_digit_that_is_read_right(page: MadePage, reader: classifier.Classifier) -> None:
    judged = stages.judge(page, reader)
    assert len(judged.digits) == sum(map(len, page.rows))
    assert judged.too_many == 0
    signs = len(judged.digits) + len(page.rows) - 1  # the ends of lines among them
    assert judged.in_order == (signs, signs)


def test_a_digit_that_is_misread_is_lost_by_the_reader(page: MadePage, reader: classifier.Classifier) -> None:
    (first, *rest), *rows = page.rows
    other = replace(page, rows=[[replace(first, label=(first.label + 1) % 10), *rest], *rows])
    judged = stages.judge(other, reader)
    assert judged.digits[0] == "reader" and set(judged.digits[1:]) == {stages.RIGHT}
    assert judged.in_order[0] == judged.in_order[1] - 1


def test_a_digit_is_read_right_without_a_smaller_part_of_it(
    page: MadePage, reader: classifier.Classifier
) -> None:
    """As a broken one is, a part of which goes to its neighbour: here the first digit has some ink of the second one."""
    (first, second, *rest), *rows = page.rows
    stolen = int(np.argmax(second.ink.sum(axis=0).cumsum() > 0.45 * first.ink.sum())) + 1
    parts = [first, replace(second, ink=second.ink[:, :stolen])]
    ink = np.zeros((page.picture.height, page.picture.width), np.uint8)
    numbers.paste(parts, ink, min(part.top for part in parts), first.left)
    top, left, bottom, right = box_of(ink > 0)
    both = replace(first, ink=ink[top:bottom, left:right], top=top, left=left)
    judged = stages.judge(replace(page, rows=[[both, second, *rest], *rows]), reader)
    assert judged.digits[0] == stages.RIGHT


def test_a_digit_that_left_no_ink_is_lost_by_the_binarization(
    page: MadePage, reader: classifier.Classifier
) -> None:
    (first, *rest), *rows = page.rows
    beside = replace(first, top=first.top - first.ink.shape[0])  # where nothing is written
    judged = stages.judge(replace(page, rows=[[beside, *rest], *rows]), reader)
    assert judged.digits[0] == "binarization" and judged.too_many == 1


def test_a_digit_beyond_the_sheet_is_lost_with_it(page: MadePage, reader: classifier.Classifier) -> None:
    (first, *rest), *rows = page.rows
    judged = stages.judge(replace(page, rows=[[replace(first, left=-900), *rest], *rows]), reader)
    assert judged.digits[0] == "sheet"


def test_a_digit_in_the_row_of_others_is_lost_by_the_rows(
    page: MadePage, reader: classifier.Classifier
) -> None:
    (first, *rest), (second, *more), *rows = page.rows
    judged = stages.judge(replace(page, rows=[[second, *rest], [first, *more], *rows]), reader)
    assert judged.digits[0] == "rows" and judged.digits[len(rest) + 1] == "rows"


def test_a_picture_without_ink_is_refused_as_a_whole(page: MadePage, reader: classifier.Classifier) -> None:
    blank = Image.new("L", page.picture.size, 200)
    assert set(stages.judge(replace(page, picture=blank), reader).digits) == {"refused"}


def test_pages_are_of_every_kind_of_paper_and_the_same_each_time() -> None:
    made = list(stages.pages(10, 1))
    assert Counter(kind for kind, _ in made) == Counter(
        {f"{name}{desk}": 1 for name in stages.PAPERS for desk in ("", " on a desk")}
    ) + Counter(list(stages.PAPERS)[:2])
    again = next(iter(stages.pages(10, 1)))[1]
    np.testing.assert_array_equal(np.asarray(again.picture), np.asarray(made[0][1].picture))
