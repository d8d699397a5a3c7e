"""Score-CAM and the layers: against the paper's formula, a network whose filters are known, and Keras-free limits of time."""

import time
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from digit_core.datasets.mnist import Mnist
from digit_core.explanations import saliency
from digit_core.inference import classifier, model_files
from digit_core.inference.classifier import Classifier
from digit_core.preprocessing import images


@pytest.fixture(scope="module")
def models() -> dict[str, Classifier]:
    return {name: classifier.load(name) for name in model_files.names()}


@pytest.fixture(scope="module")
def model(models: dict[str, Classifier]) -> Classifier:
    return models["cnn-2"]


class _Halves:
    """Filter 0 sees the left half, filter 1 the right one, filter 2 nothing. Ink on the left says 1, on the right 7."""

    def __init__(self) -> None:
        self.layer_shapes = {"convolution_1": (28, 28, 3), "answer": (10,)}

    def predict(self, digits: np.ndarray) -> np.ndarray:
        scores = np.zeros((len(digits), 10), np.float32)
        scores[:, 1], scores[:, 7] = digits[:, :, :14].sum(axis=(1, 2)), digits[:, :, 14:].sum(axis=(1, 2))
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    def activations(self, image: np.ndarray) -> dict[str, np.ndarray]:
        maps = np.zeros((28, 28, 3), np.float32)
        maps[:, :14, 0], maps[:, 14:, 1] = image[:, :14], image[:, 14:]
        return {"convolution_1": maps, "answer": self.predict(image[None])[0]}


def _two_dots() -> np.ndarray:
    image = np.zeros((28, 28), np.float32)
    image[10, 5], image[10, 20] = 1, 0.5
    return image


def test_what_speaks_for_a_digit_lies_where_its_filter_saw_it() -> None:
    found = saliency.score_cam(_Halves(), _two_dots(), 1)
    assert found is not None
    assert found.balance[10, 5] > 0 > found.balance[10, 20]
    assert found.filters.tolist() == [0, 1]  # the third found nothing
    assert found.speaks_for.min() >= 0
    other = saliency.score_cam(_Halves(), _two_dots(), 7)
    assert other is not None
    assert other.filters.tolist() == [1, 0]
    assert other.balance[10, 20] > 0 > other.balance[10, 5]


def test_weights_and_gains_are_those_of_the_formula_by_hand() -> None:
    found = saliency.score_cam(_Halves(), _two_dots(), 1)
    assert found is not None
    # The log-odds of a 1: of blank paper, of the left dot alone, and of the right one, which its own map makes as black
    # as 0.5 * 1 = 0.5.
    blank, left, right = np.log(1 / 9), np.log(np.e / 9), np.log(1 / (8 + np.exp(0.5)))
    np.testing.assert_allclose(found.gains, [left - blank, right - blank], rtol=1e-5)
    powers = np.exp(found.gains / found.gains.std())
    np.testing.assert_allclose(found.weights, powers / powers.sum(), rtol=1e-5)


def _paper(model: Classifier, image: np.ndarray, digit: int) -> np.ndarray:
    """Algorithm 1 of the paper as it is written, a filter at a time, with log-odds in standard deviations as scores."""
    answers = model.activations(image)[saliency.last_convolution(model)]
    maps, scores = [], []
    for k in range(answers.shape[2]):
        enlarged = cv2.resize(answers[:, :, k].copy(), (28, 28), interpolation=cv2.INTER_LINEAR)
        if enlarged.max() - enlarged.min() < 1e-6:
            continue
        stencil = (enlarged - enlarged.min()) / (enlarged.max() - enlarged.min())
        p = model.predict((image * stencil)[None].astype(np.float32))[0].astype(np.float64)
        maps.append(enlarged)
        scores.append(np.log(p[digit]) - np.log(np.delete(p, digit).sum()))
    scores = np.array(scores) / np.std(scores)
    weights = np.exp(scores) / np.exp(scores).sum()
    return np.maximum(sum(weight * one for weight, one in zip(weights, maps, strict=True)), 0)


@pytest.mark.parametrize("digit", [7, 2])
def test_the_map_is_that_of_the_paper(digit: int, model: Classifier, mnist: Mnist) -> None:
    image = images.from_dataset(mnist.test.images[0])
    found = saliency.score_cam(model, image, digit)
    assert found is not None
    np.testing.assert_allclose(found.speaks_for, _paper(model, image, digit), rtol=1e-3, atol=1e-4)
    assert found.weights.sum() == pytest.approx(1, abs=1e-5)
    assert (np.diff(found.weights) <= 0).all()
    assert found.maps.min() == 0
    assert found.maps.max() == 1


def test_what_speaks_for_all_others_speaks_against() -> None:
    """Two digits alone: what the map gives to one it takes from the other."""
    for_one = saliency.score_cam(_Halves(), _two_dots(), 1)
    assert for_one is not None
    assert for_one.balance[10, 5] == pytest.approx(-for_one.balance[10, 20] * 2, rel=1e-5)


def test_the_answer_is_asked_about_unless_a_digit_is(model: Classifier, mnist: Mnist) -> None:
    found = saliency.score_cam(model, mnist.test.images[0])
    assert found is not None
    assert found.digit == 7
    asked = saliency.score_cam(model, images.from_dataset(mnist.test.images[0]), 7)
    assert asked is not None
    np.testing.assert_allclose(found.balance, asked.balance, atol=1e-5)


def test_blank_paper_has_nothing_that_speaks(model: Classifier) -> None:
    found = saliency.score_cam(model, np.zeros((28, 28), np.float32))
    assert found is not None
    assert np.isfinite(found.balance).all()
    assert np.isfinite(found.speaks_for).all()


def test_filters_that_see_the_same_everywhere_are_left_out() -> None:
    shapes = {"convolution_1": (3, 3, 2), "answer": (10,)}
    flat = SimpleNamespace(
        layer_shapes=shapes,
        predict=lambda digits: np.full((len(digits), 10), 0.1, np.float32),
        activations=lambda image: {"convolution_1": np.ones((3, 3, 2), np.float32)},
    )
    found = saliency.score_cam(flat, np.zeros((28, 28), np.float32))
    assert found is not None
    assert len(found.filters) == 0
    assert not found.speaks_for.any()
    assert not found.balance.any()


def test_a_network_of_dense_layers_has_no_score_cam(models: dict[str, Classifier], mnist: Mnist) -> None:
    assert saliency.last_convolution(models["ann"]) is None
    assert saliency.score_cam(models["ann"], mnist.test.images[0]) is None


@pytest.mark.parametrize(
    ("shapes", "name"),
    [
        ({"conv2d": (26, 26, 8), "max_pooling2d": (13, 13, 8), "dense": (10,)}, "conv2d"),
        ({"first": (26, 26, 8), "second": (24, 24, 8), "answer": (10,)}, "second"),
        (
            {"convolution_1": (26, 26, 8), "convolution_2": (24, 24, 8), "pooling_1": (12, 12, 8)},
            "convolution_2",
        ),
        ({"flatten": (784,), "conv_like_dense": (10,)}, None),
    ],
)
def test_the_last_convolution_is_found_whatever_it_is_called(shapes: dict, name: str | None) -> None:
    assert saliency.last_convolution(SimpleNamespace(layer_shapes=shapes)) == name


def test_every_explanation_of_every_shipped_model_takes_less_than_200_ms(
    models: dict[str, Classifier], mnist: Mnist
) -> None:
    for model in models.values():
        for method in (saliency.score_cam, saliency.occlusion, saliency.layer_activations):
            method(model, mnist.test.images[0])
            started = time.process_time()
            method(model, mnist.test.images[1])
            assert time.process_time() - started < 0.2, f"{method.__name__} of {model.name}"


@pytest.mark.parametrize("name", ["cnn", "ann"])  # the second one begins with such a layer
def test_layers_that_only_pass_on_are_left_out(
    name: str, models: dict[str, Classifier], mnist: Mnist
) -> None:
    image = mnist.test.images[0]
    shown = saliency.layer_activations(models[name], image)
    assert not any(layer.startswith(("dropout", "flatten")) for layer in shown)
    assert list(shown)[-1] == "answer"
    whole = models[name].activations(image)
    for layer, answers in shown.items():
        np.testing.assert_array_equal(answers, whole[layer])
    assert list(saliency.layer_activations(models[name], images.from_dataset(image))) == list(shown)


def test_a_layers_shape_is_that_of_its_answer(model: Classifier, mnist: Mnist) -> None:
    answers = model.activations(mnist.test.images[0])
    assert {name: found.shape for name, found in answers.items()} == model.layer_shapes


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"image": np.zeros((1, 28, 28), np.uint8)}, r"shape \(28, 28\)"),
        ({"digit": 10}, "from 0 to 9, not 10"),
        ({"image": np.full((28, 28), np.nan, np.float32)}, "NaN"),
    ],
)
def test_what_cannot_be_explained_is_refused(arguments: dict, sentence: str, model: Classifier) -> None:
    with pytest.raises(ValueError, match=sentence):
        saliency.score_cam(model, **{"image": np.zeros((28, 28), np.uint8), **arguments})
