import cv2
import numpy as np
import pytest
from PIL import Image

from digit_core.errors import NoInkError
from digit_core.explanations import ablation
from digit_core.inference import classifier
from digit_core.inference.classifier import Classifier
from digit_core.preprocessing import images, normalization
from digit_core.preprocessing.normalization import ALL_STEPS, PLAIN_RESIZE, PreprocessingSteps, Stages


@pytest.fixture(scope="module")
def model() -> Classifier:
    return classifier.load("cnn-2")


def _drawing(*lines: list[tuple[int, int]], width: int = 18) -> np.ndarray:
    ink = np.zeros((280, 280), np.uint8)
    for line in lines:
        cv2.polylines(ink, [np.array(line)], False, 255, width)
    rgba = np.zeros((280, 280, 4), np.uint8)
    rgba[..., 3] = ink
    return rgba


def _stages(*lines: list[tuple[int, int]], width: int = 18) -> Stages:
    return images.stages_of_canvas(_drawing(*lines, width=width))


SEVEN = [(80, 60), (200, 60), (130, 220)]
IN_THE_CORNER = [(20, 30), (60, 30), (35, 90)]


@pytest.mark.parametrize("source", ["canvas", "picture", "ink"])
def test_all_steps_once_more_give_the_same(source: str) -> None:
    rgba = _drawing(SEVEN)
    first = {
        "canvas": lambda: images.stages_of_canvas(rgba),
        "picture": lambda: images.stages_of_picture(Image.fromarray(255 - rgba[..., 3])),
        "ink": lambda: images.stages_of_ink(rgba[..., 3] / np.float32(255)),
    }[source]()
    again = normalization.again(first, ALL_STEPS)
    for one, other in zip(vars(first).values(), vars(again).values(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_without_the_ground_light_is_ink() -> None:
    found = normalization.again(_stages(SEVEN), ALL_STEPS.without("binarizes"))
    assert not found.is_dark_on_light
    np.testing.assert_array_equal(found.ink, found.picture)
    assert found.box == (0, 0, 280, 280)  # the paper


def test_without_cropping_a_digit_stays_small() -> None:
    stages = _stages(IN_THE_CORNER)
    found = normalization.again(stages, ALL_STEPS.without("crops"))
    assert found.crop.shape == (280, 280)
    assert found.fitted.shape == (20, 20)
    rows = np.flatnonzero(found.image.any(axis=1))
    assert rows[-1] - rows[0] + 1 == pytest.approx(20 * 78 / 280, abs=1.5)


def test_without_specks_being_left_out_one_dot_makes_the_digit_small() -> None:
    stages = _stages(SEVEN, [(270, 270), (271, 270)], width=4)
    assert stages.box[2] < 230
    assert normalization.again(stages, ALL_STEPS.without("drops_specks")).box[2] > 260


def test_without_its_proportions_a_bar_fills_a_square() -> None:
    stages = _stages([(140, 40), (140, 240)])
    assert stages.fitted.shape[1] <= 3
    assert normalization.again(stages, ALL_STEPS.without("keeps_aspect")).fitted.shape == (20, 20)


def test_without_strengthening_a_thin_pen_fades() -> None:
    stages = _stages(SEVEN, width=2)
    faint = normalization.again(stages, ALL_STEPS.without("strengthens"))
    assert stages.image.max() == 1
    assert faint.image.max() < 0.6


def test_without_a_margin_all_28_pixels_are_filled() -> None:
    found = normalization.again(_stages(SEVEN), ALL_STEPS.without("leaves_margin"))
    assert max(found.fitted.shape) == 28
    assert found.image[0].any()
    assert found.image[-1].any()


def test_without_the_centre_of_mass_the_box_is_centred() -> None:
    stages = _stages([(60, 60), (60, 220)], [(60, 220), (160, 220)])
    rows, columns = (
        np.flatnonzero(normalization.again(stages, ALL_STEPS.without("centres_by_mass")).image.any(axis=axis))
        for axis in (1, 0)
    )
    assert rows[0] + rows[-1] == pytest.approx(27, abs=1)
    assert columns[0] + columns[-1] == pytest.approx(27, abs=1)
    assert np.flatnonzero(stages.image.any(axis=0))[0] > columns[0]


def test_a_plain_resize_is_what_opencv_makes_of_the_ink() -> None:
    stages = _stages(SEVEN)
    expected = cv2.resize(stages.ink, (28, 28), interpolation=cv2.INTER_AREA)
    np.testing.assert_allclose(normalization.again(stages, PLAIN_RESIZE).image, expected, atol=1e-6)


def test_steps_are_switched_off_one_by_one() -> None:
    for name in ablation.STEPS:
        without = ALL_STEPS.without(name)
        assert not getattr(without, name)
        assert sum(getattr(without, other) for other in ablation.STEPS) == len(ablation.STEPS) - 1
    assert list(ablation.STEPS) == list(vars(PreprocessingSteps()))


def test_each_step_left_out_is_read_as_by_hand(model: Classifier) -> None:
    stages = _stages(IN_THE_CORNER)
    found = ablation.each_step_left_out(stages, model)
    assert list(found) == list(ablation.STEPS)
    for name, variant in found.items():
        image = normalization.again(stages, ALL_STEPS.without(name)).image
        np.testing.assert_array_equal(variant.image, image)
        np.testing.assert_allclose(variant.probabilities, model.predict(image[None])[0], atol=1e-6)
        assert variant.digit == int(variant.probabilities.argmax())


def test_a_variant_with_nothing_left_says_so(model: Classifier) -> None:
    white = images.stages_of_ink(np.ones((28, 28), np.float32))  # all ink: as a picture it is black
    with pytest.raises(NoInkError):
        normalization.again(white, ALL_STEPS.without("binarizes"))
    variant, other = ablation.predict(white, model, [ALL_STEPS.without("binarizes"), ALL_STEPS])
    assert (variant.image, variant.probabilities, variant.digit) == (None, None, None)
    assert other.digit is not None


def test_every_model_reads_the_preprocessed_and_the_resized_picture(model: Classifier) -> None:
    stages, other = _stages(SEVEN), classifier.load("ann")
    found = ablation.by_models(stages, [model, other])
    assert [(full.model, plain.model) for full, plain in found] == [("cnn-2", "cnn-2"), ("ann", "ann")]
    for full, plain in found:
        assert (full.steps, plain.steps) == (ALL_STEPS, PLAIN_RESIZE)
        np.testing.assert_array_equal(full.image, stages.image)
    assert found[0][0].digit == 7
