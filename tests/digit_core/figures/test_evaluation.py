"""Of `figures.evaluation`, `figures.curves` and `figures.confidence` together: what holds for every figure."""

import json
from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import pytest

from digit_core.evaluation import corruptions
from digit_core.figures import confidence, evaluation
from digit_core.figures import curves as curve_figures
from digit_core.figures.base import CLASS_COLOURS
from digit_core.inference import model_files
from digit_core.metrics import calibration, classification, precision_recall, roc


def _figures(labels: np.ndarray, first: np.ndarray, second: np.ndarray) -> dict[str, go.Figure]:
    """Every figure of Evaluate, of two models."""
    curves, precisions = roc.curves(labels, first), precision_recall.curves(labels, first)
    points = {name: roc.point(curves, name, 0.5) for name in curves.named()}
    more_points = {name: precision_recall.point(precisions, name, 0.5) for name in precisions.named()}
    micro = {"ann, micro": curves.micro, "cnn, micro": roc.curves(labels, second).micro}
    refusals = {
        "ann": calibration.rejection_curve(labels, first),
        "cnn": calibration.rejection_curve(labels, second),
    }
    shares = tuple(classification.share(1_000 - 150 * strength, 1_000) for strength in range(6))
    rotation = corruptions.CORRUPTIONS["rotation"]
    return {
        "bars": evaluation.class_bars(classification.evaluate(labels, first).report, "recall"),
        "robustness": evaluation.robustness(
            {"ann": shares, "cnn": shares},
            tuple(rotation.words(strength) for strength in range(6)),
            "Rotation",
        ),
        "roc": curve_figures.roc(curves.named(), points),
        "logarithmic roc": curve_figures.roc(curves.named(), points, logarithmic=True),
        "two models": curve_figures.roc(micro, logarithmic=True),
        "precision-recall": curve_figures.precision_recall(precisions.named(), more_points),
        "zoomed": curve_figures.precision_recall(precisions.named(), more_points, zoomed=True),
        "reliability": confidence.reliability(calibration.reliability(labels, first)),
        "histogram": confidence.confidence_histogram(calibration.confidence_histogram(labels, first)),
        "refusals": confidence.rejection_curves(
            refusals, {name: one.at(0.9) for name, one in refusals.items()}
        ),
    }


@pytest.fixture(scope="module")
def shipped() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    from digit_core import datasets

    labels = datasets.load_mnist().test.labels
    return labels, model_files.shipped_answers("ann")[60_000:], model_files.shipped_answers("cnn")[60_000:]


def _random() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """10,000 digits and two models that know next to nothing: curves with as many points as can be."""
    random = np.random.default_rng(0)
    return random.integers(0, 10, 10_000), *(random.dirichlet(np.ones(10), 10_000) for _ in range(2))


def _one_class() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.full(5, 7), np.tile(np.eye(10)[3], (5, 1)), np.tile(np.eye(10)[7], (5, 1))


def test_figures_are_small_clear_and_of_no_fixed_ink(shipped: tuple) -> None:
    for name, figure in _figures(*shipped).items():
        sent = figure.to_json()
        assert len(sent) < 50_000, name
        assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)", name
        assert figure.layout.font.color is None, name
        assert figure.layout.dragmode is False, name
        assert figure.layout.xaxis.title.text, name
        assert figure.layout.yaxis.title.text, name


@pytest.mark.parametrize("digits", [_random, _one_class])
def test_figures_of_any_model_are_small_and_hold_no_nan_in_their_axes(digits: Callable[[], tuple]) -> None:
    for name, figure in _figures(*digits()).items():
        sent = figure.to_json()
        assert len(sent) < 50_000, name
        layout = json.loads(sent)["layout"]
        for axis in ("xaxis", "yaxis"):
            assert None not in layout[axis].get("range", []), name


def test_a_class_has_its_own_colour(shipped: tuple) -> None:
    lines = {
        trace.name: trace.line.color for trace in _figures(*shipped)["roc"].data if trace.mode == "lines"
    }
    assert [lines[str(digit)] for digit in range(10)] == list(CLASS_COLOURS)


def test_the_logarithmic_axis_starts_where_the_data_do(shipped: tuple) -> None:
    labels, first, _ = shipped
    micro = roc.curves(labels, first).micro
    figure = curve_figures.roc({"micro": micro}, logarithmic=True)
    low, high = figure.layout.xaxis.range
    smallest = micro.x[micro.x > 0].min()
    assert 0 < high < 0.1
    assert smallest / 2 < 10**low < smallest
    drawn = np.asarray(figure.data[0].x)
    assert drawn.min() == pytest.approx(10**low)
    assert np.asarray(figure.data[0].customdata).min() == 0  # hovering says what it is
    assert list(figure.layout.xaxis.ticktext) == ["0.001%", "0.01%", "0.1%", "1%", "10%", "100%"]


def test_the_threshold_stands_where_it_is(shipped: tuple) -> None:
    labels, first, _ = shipped
    found = roc.curves(labels, first)
    point = roc.point(found, "4", 0.3)
    figure = curve_figures.roc({"4": found.classes[4]}, {"4": point})
    marker = next(trace for trace in figure.data if trace.mode == "markers")
    assert (marker.x[0], marker.y[0]) == (point.x, point.y)


@pytest.mark.parametrize("threshold", [0.0, 0.5, 0.999, 1.0])
def test_no_threshold_leaves_the_zoomed_axes(shipped: tuple, threshold: float) -> None:
    labels, _, probabilities = shipped
    of_roc, of_precision = roc.curves(labels, probabilities), precision_recall.curves(labels, probabilities)
    points = {name: roc.point(of_roc, name, threshold) for name in of_roc.named()}
    bottom, top = curve_figures.roc(of_roc.named(), points, logarithmic=True).layout.yaxis.range
    assert all(bottom <= point.y <= top for point in points.values())
    points = {name: precision_recall.point(of_precision, name, threshold) for name in of_precision.named()}
    figure = curve_figures.precision_recall(of_precision.named(), points, zoomed=True)
    for point in points.values():
        assert figure.layout.xaxis.range[0] <= point.x <= figure.layout.xaxis.range[1]
        if point.y is not None:
            assert figure.layout.yaxis.range[0] <= point.y <= figure.layout.yaxis.range[1]


def test_a_histogram_shows_one_digit_on_its_logarithmic_axis() -> None:
    found = calibration.confidence_histogram(np.array([3]), np.eye(10)[[3]])
    figure = confidence.confidence_histogram(found)
    low, high = figure.layout.yaxis.range
    assert low < 0 < high


def test_a_class_that_does_not_occur_has_no_bar() -> None:
    report = classification.evaluate(np.array([0, 1]), np.eye(10)[[0, 1]]).report
    figure = evaluation.class_bars(report, "f1-score")
    assert list(figure.data[0].x) == [0, 1]


@pytest.mark.parametrize("name", corruptions.CORRUPTIONS)
def test_below_the_axis_stands_what_differs(name: str) -> None:
    """Six whole sentences ran into each other on a phone."""
    corruption = corruptions.CORRUPTIONS[name]
    words = tuple(corruption.words(strength) for strength in range(6))
    drawn = evaluation.robustness({"ann": (classification.share(1, 2),) * 6}, words, corruption.title)
    first, *ticks = drawn.layout.xaxis.ticktext
    assert first.replace("<br>", " ") == "as it is"
    title, _, wording = drawn.layout.xaxis.title.text.partition(": ")
    assert title == corruption.title
    assert [wording.replace("…", tick) for tick in ticks] == list(words[1:])
    assert max(map(len, ticks)) <= 5
