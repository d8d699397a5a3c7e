"""The Evaluate page: every view opens for every model and set, and what it says is what scikit-learn finds."""

import json
import re

import numpy as np
import pytest
from sklearn import metrics
from streamlit.testing.v1 import AppTest

from digit_core import datasets, settings
from digit_core.datasets.mnist import Mnist
from digit_core.inference import classifier, model_files
from digit_core.metrics import bootstrap, calibration, classification
from tests import app_pages
from tests.app_pages import component, widget

EVALUATE = settings.PROJECT_FOLDER / "pages" / "3_Evaluate.py"
VIEWS = ("Errors", "Digit by digit", "ROC", "Certainty", "Two models", "Worse pictures", "Download")
QUICK_VIEWS = tuple(view for view in VIEWS if view != "Worse pictures")
SETS = {
    "mnist-test": "MNIST test",
    "mnist-validation": "MNIST validation",
    "sklearn-digits": "scikit-learn's digits",
}
ANN = "ann"


def open_evaluate(**address: str | list[str]) -> AppTest:
    """The page by a link, with nothing pressed yet."""
    return without_error(app_pages.open_file(EVALUATE, 120, **address))


def without_error(page: AppTest) -> AppTest:
    assert not page.error
    return page


def run(page: AppTest) -> AppTest:
    return without_error(app_pages.run(page))


def press(page: AppTest, label: str) -> AppTest:
    return without_error(app_pages.press(page, label))


def text_of(page: AppTest) -> str:
    return "\n".join(element.value for element in (*page.markdown, *page.caption))


def tiles(page: AppTest) -> list[str]:
    return component(page, "digit_grid")["labels"]


@pytest.fixture(scope="module")
def answers() -> np.ndarray:
    """What the ANN answers to the test digits, float32 (10000, 10), as it lies in its file."""
    with np.load(model_files.find(ANN) / model_files.ANSWERS_FILE) as file:
        return file["test"]


@pytest.mark.parametrize("chosen", SETS)
@pytest.mark.parametrize("view", QUICK_VIEWS)
def test_every_view_opens_for_every_set(view: str, chosen: str) -> None:
    page = open_evaluate(evaluate=view, digits=SETS[chosen], model=ANN)
    assert page.title[0].value == "Evaluate"
    assert widget(page.button_group, "evaluate").value == view
    assert widget(page.selectbox, "digits").value == chosen


def test_the_headline_is_the_accuracy_its_interval_and_the_errors(mnist: Mnist, answers: np.ndarray) -> None:
    errors = int((answers.argmax(axis=1) != mnist.test.labels).sum())
    page = open_evaluate(model=ANN)
    accuracy = metrics.accuracy_score(mnist.test.labels, answers.argmax(axis=1))
    assert f"reads **{accuracy:.2%}** correctly: {errors} errors in 10,000 digits" in text_of(page)


def test_the_matrix_holds_scikit_learns_counts(mnist: Mnist, answers: np.ndarray) -> None:
    counts = metrics.confusion_matrix(mnist.test.labels, answers.argmax(axis=1))
    shown = component(open_evaluate(model=ANN), "digit_matrix")
    assert shown["texts"] == [f"{count:,}" if count else "" for count in counts.ravel()]
    assert shown["words"][49] == f"{counts[4, 9]} fours were read as nines"
    # The right answers are not coloured: beside them no error would be seen.
    assert all(shown["shades"][11 * digit] == 0 for digit in range(10)) and max(shown["shades"]) == 1


def test_the_matrix_shows_shares_of_the_true_digit_and_of_the_answer(
    mnist: Mnist, answers: np.ndarray
) -> None:
    for scale, normalize in (("% of the true digit", "true"), ("% of the answer", "pred")):
        shares = metrics.confusion_matrix(mnist.test.labels, answers.argmax(axis=1), normalize=normalize)
        page = open_evaluate(model=ANN, scale=scale)
        assert component(page, "digit_matrix")["texts"][49] == f"{shares[4, 9]:.1%}"


def test_a_link_to_a_cell_shows_its_very_digits(mnist: Mnist, answers: np.ndarray) -> None:
    readings = answers.argmax(axis=1)
    rows = np.flatnonzero((mnist.test.labels == 4) & (readings == 9))
    page = open_evaluate(model=ANN, cell="4-9")
    assert sorted(tiles(page)) == sorted(f"test {row}: labelled 4, read as 9" for row in rows)
    assert component(page, "digit_matrix")["chosen"] == 49
    # The error that the network is most sure of comes first.
    surest = rows[answers[rows, 9].argmax()]
    assert tiles(page)[0] == f"test {surest}: labelled 4, read as 9"


def test_a_heading_shows_all_errors_of_its_row_or_column(mnist: Mnist, answers: np.ndarray) -> None:
    readings = answers.argmax(axis=1)
    wrong = readings != mnist.test.labels
    page = open_evaluate(model=ANN, cell="4-any")
    assert f"**{(wrong & (mnist.test.labels == 4)).sum()}** of 10,000 digits" in text_of(page)
    assert component(page, "digit_matrix")["chosen"] == 104
    page = open_evaluate(model=ANN, cell="any-9")
    assert f"**{(wrong & (readings == 9)).sum()}** of 10,000 digits" in text_of(page)


def test_a_row_without_an_error_says_so(mnist: Mnist) -> None:
    readings = model_files.shipped_answers("cnn")[-10_000:].argmax(axis=1)
    wrong = readings != mnist.test.labels
    never = next(digit for digit in range(10) if not (wrong & (readings == digit)).any())
    page = open_evaluate(model="cnn", cell=f"any-{never}")
    assert f"No digits wrongly read as {never}" in text_of(page)
    assert "red edge" not in text_of(page)
    assert page.info[0].value == "No digits here. Choose another cell or widen the range."


def test_a_cell_of_the_diagonal_shows_what_was_read_right(mnist: Mnist, answers: np.ndarray) -> None:
    right = int(((mnist.test.labels == 5) & (answers.argmax(axis=1) == 5)).sum())
    page = open_evaluate(model=ANN, cell="5-5")
    assert f"**{right}** of 10,000 digits" in text_of(page)


def test_a_button_of_a_confused_pair_chooses_its_cell_and_all_errors_takes_it_back(
    mnist: Mnist, answers: np.ndarray
) -> None:
    readings = answers.argmax(axis=1)
    counts = metrics.confusion_matrix(mnist.test.labels, readings) * (1 - np.eye(10, dtype=int))
    true, answer = np.unravel_index(counts.argmax(), counts.shape)
    page = press(open_evaluate(model=ANN), f"{true}→{answer}: {counts.max()}")
    assert f"**{counts.max()}** of 10,000 digits" in text_of(page)
    page = press(page, "All errors")
    assert f"**{counts.sum()}** of 10,000 digits" in text_of(page)


def test_the_gallery_is_narrowed_by_confidence(mnist: Mnist, answers: np.ndarray) -> None:
    page = open_evaluate(model=ANN)
    widget(page.slider, "sure").set_range(90, 100)
    run(page)
    wrong = answers.argmax(axis=1) != mnist.test.labels
    sure = int((wrong & (answers.max(axis=1) >= 0.9)).sum())
    assert f"**{sure}** of 10,000 digits" in text_of(page)


@pytest.mark.parametrize(
    "address",
    [
        {"cell": "4-10"},
        {"cell": "x"},
        {"cell": "--"},
        {"cell": "any-any"},
        {"evaluate": "Nowhere"},
        {"digits": "EMNIST"},
        {"digit": "train-5"},
        {"digit": "test-99999"},
        {"scale": "no"},
        {"sure": ["100", "0"]},
        {"threshold": "1000"},
        {"against": "../ann"},
    ],
)
def test_nonsense_in_the_address_never_raises(address: dict) -> None:
    open_evaluate(model=ANN, **address)


def test_the_report_holds_scikit_learns_figures(mnist: Mnist, answers: np.ndarray) -> None:
    report = metrics.classification_report(mnist.test.labels, answers.argmax(axis=1), output_dict=True)
    table = open_evaluate(model=ANN, evaluate="Digit by digit").dataframe[0].value
    for digit in range(10):
        row = table[table["digit"] == str(digit)].iloc[0]
        for figure in ("precision", "recall", "f1-score", "support"):
            assert row[figure] == pytest.approx(report[str(digit)][figure])


def test_the_roc_view_says_what_the_threshold_does_to_class_0(mnist: Mnist, answers: np.ndarray) -> None:
    page = open_evaluate(model=ANN, evaluate="ROC", threshold="80")
    areas = page.dataframe[-1].value.set_index("curve")
    zeros = mnist.test.labels == 0
    found, false = (answers[zeros, 0] >= 0.8).mean(), (answers[~zeros, 0] >= 0.8).mean()
    assert f"at 80%, the hits are {found:.1%} of the zeros and the false alarms {false:.2%}" in text_of(page)
    assert f"AUC {metrics.roc_auc_score(zeros, answers[:, 0]):.5f}" in text_of(page)
    intervals = bootstrap.auc_intervals(mnist.test.labels, answers)
    for name, interval in intervals.items():
        assert areas.loc[name, "95% interval"] == f"{interval.low:.5f} to {interval.high:.5f}"
    for name in ("micro", "macro"):
        area = metrics.roc_auc_score(mnist.test.labels, answers, average=name, multi_class="ovr")
        interval = intervals[name]
        assert f"{name} {area:.5f} ({interval.low:.5f} to {interval.high:.5f})" in text_of(page)


def test_the_threshold_moves_the_point_on_both_curves() -> None:
    def points(page: AppTest) -> list[list]:
        figures = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
        return [
            [(trace["x"], trace["y"]) for trace in figure["data"] if trace.get("mode") == "markers"]
            for figure in figures
        ]

    before = points(open_evaluate(model=ANN, evaluate="ROC", threshold="50"))
    after = points(open_evaluate(model=ANN, evaluate="ROC", threshold="95"))
    assert len(before) == len(after) == 2 and all(before)
    assert before[0] != after[0] and before[1] != after[1]


def test_refusing_below_a_threshold_says_what_is_answered_and_what_is_right(
    mnist: Mnist, answers: np.ndarray
) -> None:
    page = open_evaluate(model=ANN, evaluate="Certainty", refuse="95")
    is_answered = answers.max(axis=1) >= 0.95
    wrong = int((is_answered & (answers.argmax(axis=1) != mnist.test.labels)).sum())
    assert f"answers {is_answered.sum():,} of 10,000 digits" in text_of(page)
    assert f"Wrong answers left: {wrong}." in text_of(page)


@pytest.mark.parametrize(("name", "share"), [("cnn", None), ("tiny", None), ("cnn-3", 0.3)])
def test_the_temperature_is_fitted_on_digits_that_the_model_did_not_learn_from(
    name: str, share: float | None, mnist: Mnist
) -> None:
    _, held_back = datasets.training_and_validation(mnist, share)
    answers = classifier.load(name).predict_dataset(held_back.images)
    found = calibration.fit_temperature(held_back.labels, answers)
    text = text_of(open_evaluate(model=name, evaluate="Certainty"))
    assert f"best-fitting temperature is {found.fitted:.2f}" in text
    assert f"95% interval {found.low:.2f} to {found.high:.2f}" in text
    assert ("stays at 1" in text) == (found.value == 1) == (name == "cnn")
    assert ("digits that the model held back" in text) == (share is not None)
    assert "it learnt from most of these" not in text


def test_two_models_are_compared_by_a_test_in_words(mnist: Mnist, answers: np.ndarray) -> None:
    with np.load(model_files.find("cnn") / model_files.ANSWERS_FILE) as file:
        other = file["test"]
    only_ann = int(((answers.argmax(1) == mnist.test.labels) & (other.argmax(1) != mnist.test.labels)).sum())
    page = open_evaluate(model="cnn", evaluate="Two models", against="ANN")
    html = app_pages.html_of(page)
    for card in (model_files.read_card("cnn"), model_files.read_card(ANN)):
        assert f"{card['parameters']:,}" in html
    assert f"only ANN is right: {only_ann}" in widget(page.button_group, "kind").options
    assert "Is that luck?" in text_of(page)


def test_a_model_chosen_on_the_test_digits_says_so_where_they_are_shown() -> None:
    """No shipped model was, so the warning is asked for one that was; it comes from the card."""
    from ui.evaluate import subject

    found = subject.of(ANN, subject.SETS["mnist-test"])
    assert subject.warning(found) == ""
    assert subject.warning(subject.of("cnn-3", subject.SETS["sklearn-digits"])) == ""
    of_share = subject.warning(subject.of("cnn-3", subject.SETS["mnist-validation"]))
    assert "learnt from most of these validation digits" in of_share
    assert "chosen on these digits" in subject.warning(subject.of(ANN, subject.SETS["mnist-validation"]))


def test_models_with_the_same_name_are_told_apart() -> None:
    from ui.frame import words

    labels = {"ann": "ANN", "run-0123456789ab": "Mine", "run-ba9876543210": "Mine"}
    assert words.distinct(labels) == {
        "ann": "ANN",
        "run-0123456789ab": "Mine · 012345",
        "run-ba9876543210": "Mine · ba9876",
    }


@pytest.mark.parametrize(
    "name", ["![x](https://a.example/p.png)", "[log in](https://a.example)", "a*b*c", "$5$"]
)
def test_a_name_is_no_markup(name: str) -> None:
    from ui.frame import words

    page = AppTest.from_string(f"import streamlit as st\nst.markdown({words.plain(name)!r})").run()
    assert page.markdown[0].value.replace("\\", "") == name
    # Every mark stands behind a backslash.
    assert re.fullmatch(r"(\\.|[\w\s/,])*", page.markdown[0].value)


def test_a_digit_outside_of_the_gallery_is_not_shown_beside_it() -> None:
    page = open_evaluate(model=ANN, cell="4-9", digit="test-1")
    assert any("true 4, read as 9" in one.value for one in page.markdown)


def test_spoilt_digits_are_read_once_and_drawn_for_each_model(mnist: Mnist) -> None:
    page = open_evaluate(model=ANN, evaluate="Worse pictures")
    text = text_of(page)
    assert re.search(r"Mean over the five strengths: ANN \d\d\.\d%", text)
    assert len(page.get("plotly_chart")) == 1
    widget(page.selectbox, "corruption").select_index(3)
    assert len(run(page).get("plotly_chart")) == 1


def test_the_answers_are_the_classifiers(mnist: Mnist) -> None:
    from ui.frame import resources

    found = resources.split_answers("mnist", "validation", ANN)
    np.testing.assert_allclose(
        found[:50], classifier.load(ANN).predict_dataset(mnist.validation.images[:50]), atol=1e-5
    )


def test_the_table_of_two_models_comes_from_their_cards_and_says_what_is_unknown() -> None:
    open_evaluate()  # the canvas can only be imported where a page runs
    from ui.evaluate import model_comparison

    accuracy = classification.share(97, 100)
    card = {"parameters": 101_770, "training_seconds": 12.3}
    column = model_comparison.table_column(card, accuracy, 410_000, 0.07)
    assert (column["errors"], column["parameters"], column["training"]) == ("3 of 100", "101,770", "12 s")
    bare = model_comparison.table_column({}, accuracy, 410_000, 0.07)
    assert (bare["parameters"], bare["training"]) == ("unknown", "unknown")


def test_a_link_with_an_earlier_name_of_a_view_opens_it() -> None:
    page = open_evaluate(model=ANN, evaluate="Take away")
    assert widget(page.button_group, "evaluate").value == "Download"
    assert "Report (HTML)" in [button.proto.label for button in page.get("download_button")]
