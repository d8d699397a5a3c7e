import time

import numpy as np
import pytest

from digit_core.datasets.mnist import Mnist
from digit_core.explanations import saliency
from digit_core.inference import classifier
from digit_core.inference.classifier import Classifier
from digit_core.preprocessing import images


class _InkReader:
    """Says 1 as surely as there is ink in its corner: what it looks at is known."""

    def predict(self, digits: np.ndarray) -> np.ndarray:
        answers = np.zeros((len(digits), 10), np.float32)
        answers[:, 1] = digits[:, :4, :4].max(axis=(1, 2))
        answers[:, 0] = 1 - answers[:, 1]
        return answers


@pytest.fixture(scope="module")
def model() -> Classifier:
    return classifier.load()


def test_only_what_the_model_looks_at_counts() -> None:
    image = np.zeros((28, 28), np.uint8)
    image[2, 2] = image[20, 20] = 255
    found = saliency.occlusion(_InkReader(), image)
    assert (found.dtype, found.shape) == (np.float32, (28, 28))
    assert found[2, 2] == 1  # every square that covers it takes the answer away
    assert not found[8:].any()
    assert not found[:, 8:].any()
    np.testing.assert_allclose(saliency.occlusion(_InkReader(), image, digit=0), -found)


def test_every_pixel_is_covered(model: Classifier, mnist: Mnist) -> None:
    found = saliency.occlusion(model, mnist.test.images[0])
    assert np.isfinite(found).all()
    assert np.abs(found).max() <= 1


def test_paper_far_from_the_digit_says_nothing_and_ink_does(mnist: Mnist) -> None:
    image = mnist.test.images[2]
    found = saliency.occlusion(classifier.load("cnn-tutorial"), image)  # the default is not easily moved
    np.testing.assert_allclose(found[0, [0, -1]], 0, atol=1e-6)
    assert found[image > 0].max() > 0.05


def test_bytes_and_floats_of_a_digit_are_explained_alike(model: Classifier, mnist: Mnist) -> None:
    image = mnist.test.images[3]
    np.testing.assert_allclose(
        saliency.occlusion(model, image), saliency.occlusion(model, images.from_dataset(image)), atol=1e-6
    )


def test_the_map_is_of_the_answer_unless_a_digit_is_asked_for(model: Classifier, mnist: Mnist) -> None:
    image = mnist.test.images[0]  # a 7
    np.testing.assert_array_equal(saliency.occlusion(model, image), saliency.occlusion(model, image, digit=7))
    assert not np.array_equal(saliency.occlusion(model, image), saliency.occlusion(model, image, digit=9))


def test_a_map_takes_a_moment(model: Classifier, mnist: Mnist) -> None:
    saliency.occlusion(model, mnist.test.images[0])
    started = time.process_time()
    saliency.occlusion(model, mnist.test.images[1])
    assert time.process_time() - started < 0.2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"image": np.zeros((1, 28, 28), np.uint8)}, "shape \\(28, 28\\)"),
        ({"digit": 10}, "from 0 to 9, not 10"),
        ({"image": np.full((28, 28), np.nan, np.float32)}, "NaN"),
    ],
)
def test_what_cannot_be_explained_is_refused(arguments: dict, sentence: str, model: Classifier) -> None:
    with pytest.raises(ValueError, match=sentence):
        saliency.occlusion(model, **{"image": np.zeros((28, 28), np.uint8), **arguments})
