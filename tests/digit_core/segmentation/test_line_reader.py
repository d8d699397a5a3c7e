import itertools
from collections.abc import Callable
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import pytest

from digit_core import datasets, settings
from digit_core.digits import CLASSES
from digit_core.errors import ModelError
from digit_core.segmentation import line_reader, lines
from digit_core.segmentation.lines import Piece, TextLine
from digit_core.synthesis import numbers, rows


def bars(*tops: int, height: int = 60, slope: float = 0.0) -> TextLine:
    """A line of upright bars 10 pixels wide, 50 apart, each beginning at its own row."""
    ink = np.ones((height, 10), np.float32)
    return TextLine(
        tuple(Piece(ink, top, 100 + 50 * number) for number, top in enumerate(tops)), height, slope
    )


def test_a_row_is_as_high_as_what_the_network_learned_from() -> None:
    assert line_reader.row_of(bars(30, 30)).shape[0] == line_reader.HEIGHT == rows.HEIGHT


@pytest.mark.parametrize("height", [13, 60, 400])
def test_digits_of_any_size_stand_equally_high_in_the_middle(height: int) -> None:
    row = line_reader.row_of(bars(30, 30, height=height))
    inked = np.flatnonzero(row.max(axis=1) > 0.5)
    assert abs(len(inked) - 26) <= 2
    assert abs((inked[0] + inked[-1] + 1) / 2 - 20) <= 1


def test_a_falling_line_is_levelled() -> None:
    row = line_reader.row_of(bars(30, 45, 60, 75, slope=15 / 50))
    starts = [np.flatnonzero(column > 0.5)[0] for column in row.T if column.max() > 0.9]
    assert np.ptp(starts) <= 2


def test_a_reading_is_as_likely_as_all_ways_to_place_its_digits() -> None:
    random = np.random.default_rng(1)
    said = random.dirichlet(np.full(CLASSES + 1, 0.5), 5)
    said[:, 3:10] = 1e-12  # few digits, so that all ways can be counted
    readings = ["", "0", "1", "01", "00", "110", "212", "000"]
    told = dict.fromkeys(readings, 0.0)
    for way in itertools.product([0, 1, 2, CLASSES], repeat=5):
        text = "".join(str(label) for label, _ in itertools.groupby(way) if label != CLASSES)
        if text in told:
            told[text] += float(np.prod(said[np.arange(5), way]))
    np.testing.assert_allclose(
        np.exp(line_reader.log_likelihoods(said, readings)), list(told.values()), rtol=1e-4
    )


def test_a_reading_with_more_digits_than_columns_is_out_of_the_question() -> None:
    said = np.full((2, CLASSES + 1), 1 / (CLASSES + 1))
    short, long = line_reader.log_likelihoods(said, ["12", "123"])
    assert short > np.log(1e-3)
    assert long < -100


def test_a_long_row_neither_overflows_nor_vanishes() -> None:
    said = np.random.default_rng(2).dirichlet(np.full(CLASSES + 1, 0.1), 2_000)
    (told,) = line_reader.log_likelihoods(said, ["0123456789" * 30])
    assert np.isfinite(told)
    assert told < -1_000


def written(count: int, gap: float) -> tuple[TextLine, list[numbers.Part]]:
    """A line of validation digits, and where each is."""
    digits = datasets.load_mnist().validation.take(np.arange(count))
    random = np.random.default_rng(4)
    ink = np.zeros((160, 140 * count), np.uint8)
    parts = numbers.write(digits, numbers.Hand(100, 10, gap, 0.03), random)
    placed = numbers.paste(parts, ink, 30, 20)
    (line,) = lines.text_lines(lines.pieces_of(ink / np.float32(255)))
    return line, placed


def test_the_network_reads_a_row_by_itself() -> None:
    line, parts = written(9, 0.2)
    said = line_reader.columns(line)
    assert said.shape == (line_reader.row_of(line).shape[1] / rows.STRIDE, CLASSES + 1)
    np.testing.assert_allclose(said.sum(axis=1), 1, atol=1e-4)
    wanted = "".join(str(part.label) for part in parts)
    read = line_reader.said_digits(said)
    right = sum(block.size for block in SequenceMatcher(None, read, wanted).get_matching_blocks())
    assert right >= 8
    assert len(read) - right <= 1


def test_it_says_where_one_digit_ends_and_the_next_begins() -> None:
    line, parts = written(6, 0.05)
    joints = line_reader.joints(line, line_reader.columns(line))
    ends = [part.left + part.ink.shape[1] for part in parts[:-1]]
    assert np.abs(np.subtract(joints, ends)).max() < 30  # of digits 100 pixels high


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_text("{}")])
def test_a_missing_or_damaged_network_is_a_sentence(
    spoil: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / line_reader.NETWORK_FILE
    file.write_bytes(b"")
    spoil(file)
    monkeypatch.setattr(settings, "LINE_READER_FOLDER", tmp_path)
    with pytest.raises(ModelError, match="train_line_reader"):
        line_reader.columns(bars(30))
