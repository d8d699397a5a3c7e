import csv
import io
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from digit_core.datasets.label_errors import LABEL_ERRORS
from digit_core.datasets.mnist import Mnist
from digit_core.evaluation import reports
from digit_core.inference import model_files
from digit_core.metrics import classification

IN_DOUBT = np.array([label.number for label in LABEL_ERRORS])


class _Page(HTMLParser):
    """The tags, attributes and text of a page; void tags aside, each that opens must close in its order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attributes if name in ("src", "href")]
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data + "\n"


@pytest.fixture(scope="module")
def report(mnist: Mnist) -> str:
    answers = model_files.shipped_answers("ann")[60_000:]
    card = model_files.read_card("ann")
    return reports.html_report(
        "ann",
        "MNIST test",
        mnist.test.images,
        mnist.test.labels,
        answers,
        card=card,
        without=IN_DOUBT,
    )


def test_a_report_is_one_small_page_that_loads_nothing(report: str) -> None:
    page = _Page(report)
    assert len(report) < 200_000
    assert not {"script", "link", "iframe", "object", "a"} & set(page.tags)
    assert page.addresses
    assert all(address.startswith("data:image/png;base64,") for address in page.addresses)
    assert not re.search(r"https?://", report)


def test_a_report_says_the_figures(report: str, mnist: Mnist) -> None:
    text = _Page(report).text
    answers = model_files.shipped_answers("ann")[60_000:]
    whole = classification.evaluate(mnist.test.labels, answers)
    kept = classification.evaluate(mnist.test.labels, answers, IN_DOUBT)
    for result in (whole, kept):
        assert f"{result.accuracy.value:.2%}" in text
        assert f"{result.log_loss:.4f}" in text
    assert "without 15 whose label is in doubt" in text
    assert "13 fours were read as nines" in text
    assert "101,770" in text  # parameters
    assert text.count("read as") > 60


def test_a_model_chosen_on_the_test_digits_says_so(mnist: Mnist) -> None:
    few = mnist.test.take(np.arange(50))
    answers = model_files.shipped_answers("ann")[60_000:60_050]
    warning = "chosen on the test digits"
    for card, says in (({"chosen_on_test": True}, True), ({}, False), (None, False)):
        page = reports.html_report("a", "b", few.images, few.labels, answers, card=card)
        assert (warning in page) == says


def test_a_models_name_cannot_put_anything_into_the_page(mnist: Mnist) -> None:
    name = '<script>alert("1")</script>'
    few = mnist.test.take(np.arange(20))
    answers = model_files.shipped_answers("ann")[60_000:60_020]
    card = {"architecture": {"title": name}, "configuration": {name: name}}
    page = reports.html_report(name, name, few.images, few.labels, answers, card=card)
    assert "script" not in _Page(page).tags
    assert name in _Page(page).text


@pytest.mark.parametrize("answer", [3, 7])
def test_a_set_of_one_class_and_a_model_of_one_answer_are_reported(answer: int) -> None:
    page = reports.html_report(
        "m",
        "sevens",
        np.zeros((5, 28, 28), np.uint8),
        np.full(5, 7),
        np.tile(np.eye(10, dtype=np.float32)[answer], (5, 1)),
    )
    text = _Page(page).text
    assert "Every digit of this set is a 7" in text
    assert ("No digit was misread" in text) == (answer == 7)
    assert "nan" not in text.lower()


def test_predictions_are_a_table_that_opens_anywhere(mnist: Mnist) -> None:
    answers = model_files.shipped_answers("ann")[60_000:]
    text = reports.predictions_csv(np.arange(10_000), mnist.test.labels, answers)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 10_000
    assert list(rows[0])[:6] == ["number", "true", "answer", "confidence", "right", "loss"]
    for place in (0, 321, 9_999):
        row = rows[place]
        shares = [float(row[f"p{digit}"]) for digit in range(10)]
        np.testing.assert_allclose(shares, answers[place], atol=1e-6)
        assert int(row["answer"]) == answers[place].argmax()
        assert (row["right"] == "yes") == (row["answer"] == row["true"])
    assert sum(row["right"] == "yes" for row in rows) == np.sum(answers.argmax(axis=1) == mnist.test.labels)


def test_nan_is_refused() -> None:
    bad = np.full((1, 10), np.nan)
    with pytest.raises(ValueError, match="NaN"):
        reports.html_report("m", "s", np.zeros((1, 28, 28), np.uint8), np.array([1]), bad)
    with pytest.raises(ValueError, match="NaN"):
        reports.predictions_csv(np.array([0]), np.array([1]), bad)


def test_what_a_brought_model_does_not_tell_is_left_out(mnist: Mnist) -> None:
    few = mnist.test.take(np.arange(20))
    answers = model_files.shipped_answers("ann")[60_000:60_020]
    card = {
        "architecture": {"title": "Brought"},
        "parameters": None,
        "training_seconds": None,
        "data": {"training_digits": None},
        "configuration": None,
    }
    page = reports.html_report("Brought", "b", few.images, few.labels, answers, card=card)
    assert "Brought" in page and "None" not in page
