import numpy as np
import pytest

from digit_core import datasets, segmentation
from digit_core.digits import CLASSES
from digit_core.inference import classifier
from digit_core.segmentation import line_reader
from digit_core.segmentation.boxes import DigitBoxes
from digit_core.synthesis import numbers, photos
from digit_core.synthesis import paper as papers
from digit_core.synthesis.numbers import Hand

SHAPE = 420, 800
STEP = 60  # pixels, from ruled line to ruled line


def written() -> np.ndarray:
    """Ink of two rows of validation digits, five and three."""
    validation = datasets.load_mnist().validation
    ink, random = np.zeros(SHAPE, np.uint8), np.random.default_rng(0)
    for top, first, end in ((60, 0, 5), (250, 5, 8)):
        parts = numbers.write(validation.take(np.arange(first, end)), Hand(80, 7, 0.3, 0.03), random)
        numbers.paste(parts, ink, top, 60)
    return ink


@pytest.fixture(scope="module")
def read() -> DigitBoxes:
    sheet = papers.written(papers.ruled(SHAPE, STEP), written())
    return segmentation.find_digits(papers.photographed(sheet, np.random.default_rng(1)), classifier.load())


def test_lines_are_shown_as_taken_off_and_ink_is_not(read: DigitBoxes) -> None:
    assert read.stages is not None
    page = read.stages.page
    assert page.lines is not None
    ruled = np.zeros(SHAPE, bool)
    ruled[STEP // 2 :: STEP] = True
    free = ruled & (written() == 0)
    assert page.lines[free].mean() > 0.9
    assert not (page.lines & (page.ink > 0)).any()
    assert page.lines[written() > 200].mean() < 0.1


def test_each_stage_of_each_row_is_what_its_digits_are_made_of(read: DigitBoxes) -> None:
    stages = read.stages
    assert stages is not None and stages.corners is None
    texts = [line.text for line in segmentation.number_lines(read)]
    assert [row.readings[0][0] for row in stages.rows] == texts
    assert [len(text) for text in texts] == [5, 3]
    rows, parts = stages.numbered_rows(), stages.numbered_parts()
    for line, row in enumerate(stages.rows):
        mine = rows == line + 1
        assert parts[mine].min() >= 1 and parts[mine].max() == len(row.parts)
        assert sum(part.mass for part in row.parts) == pytest.approx(
            sum(p.mass for p in row.line.pieces), rel=0.02
        )
        assert sum(share for _, share in row.readings) <= 1 + 1e-6
        assert [found.piece.ink.shape for found in row.digits] == [
            box.ink.shape for box in read if box.line == line
        ]
        assert row.columns.shape[1] == CLASSES + 1
    seen = stages.seen_rows()
    assert [row.shape for row in seen] == [(40, 2 * len(row.columns)) for row in stages.rows]
    assert [line_reader.said_digits(row.columns) for row in stages.rows] == texts


def test_the_sheet_is_shown_where_it_lies() -> None:
    page = papers.written(papers.plain(SHAPE), written())
    photo = photos.on_a_desk(np.repeat(page[..., None], 3, axis=2), np.random.default_rng(3))
    bright = photo.mean(axis=2) > 0.8
    rows, columns = np.flatnonzero(bright.any(axis=1)), np.flatnonzero(bright.any(axis=0))
    found = segmentation.find_digits(papers.photographed(photo, np.random.default_rng(0)), classifier.load())
    assert found.stages is not None and found.stages.corners is not None
    x, y = found.stages.corners.T
    sides = np.array([x.min(), x.max(), y.min(), y.max()])
    # Without its rim, which is no longer looked at.
    assert np.abs(sides - [columns[0], columns[-1], rows[0], rows[-1]]).max() < 0.04 * max(photo.shape)


def test_boxes_that_somebody_put_together_have_no_stages(read: DigitBoxes) -> None:
    assert DigitBoxes(read[:2]).stages is None
