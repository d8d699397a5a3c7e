from collections.abc import Callable
from dataclasses import replace

import keras
import numpy as np
import pytest

from digit_core.augmentation.policies import Distortion
from digit_core.digits import Digits
from digit_core.inference.classifier import Classifier
from digit_core.recipes import precision
from digit_core.recipes.architectures import Architecture, Flatten
from digit_core.recipes.configuration import TrainingConfig
from digit_core.training import export, networks, trainer
from digit_core.training.batches import Batches
from digit_core.training.distillation import LABEL_SHARE, Teachers

ANSWERS = Architecture("Answers", "Only the answers.", (Flatten(),))
CONFIG = TrainingConfig(
    ANSWERS,
    loss="categorical_crossentropy",
    batch_size=50,
    epochs=40,
    learning_rate=0.02,
    keeps_best_weights=False,
)


def _teacher(seed: int) -> keras.Model:
    keras.utils.set_random_seed(seed)
    return networks.build(ANSWERS)


def _stubborn(digit: int) -> bytes:
    """A network that takes everything for the same digit."""
    model = _teacher(0)
    kernel, bias = model.get_weights()
    model.set_weights([np.zeros_like(kernel), np.where(np.arange(10) == digit, 20, bias)])
    return export.to_keras(model)


@pytest.mark.parametrize("used", precision.PRECISIONS)
def test_the_answer_to_learn_is_the_label_and_the_mean_of_teachers_that_believe_it(used: str) -> None:
    images = np.random.default_rng(0).random((20, 28, 28, 1), np.float32)
    labels = np.eye(10, dtype=np.float32)[np.arange(20) % 10]
    models, none = [_teacher(seed) for seed in (1, 2)], np.zeros(20, bool)
    learnt = Teachers([export.to_keras(model) for model in models], used).soften(images, labels, none).numpy()
    answers = np.stack([model.predict_on_batch(images) for model in models])
    trust = (answers * labels).sum(axis=2, keepdims=True)
    mean = (answers * trust).sum(axis=0) / trust.sum(axis=0)
    exactness = 3e-3 if used == "float32" else 0.02
    np.testing.assert_allclose(learnt, LABEL_SHARE * labels + (1 - LABEL_SHARE) * mean, atol=exactness)
    np.testing.assert_allclose(learnt.sum(axis=1), 1, atol=exactness)


def test_a_teacher_that_is_wrong_has_no_say(made_up: Digits) -> None:
    images = made_up.images[:40, ..., None] / np.float32(255)
    labels, none = np.eye(10, dtype=np.float32)[np.full(40, 3)], np.zeros(40, bool)
    learnt = Teachers([_stubborn(3), _stubborn(7)]).soften(images, labels, none).numpy()
    np.testing.assert_allclose(learnt[:, 3], 1, atol=0.01)
    both_wrong = Teachers([_stubborn(5), _stubborn(7)]).soften(images, labels, none).numpy()
    np.testing.assert_allclose(both_wrong[:, [5, 7]], (1 - LABEL_SHARE) / 2, atol=0.01)


def test_of_a_digit_in_a_form_that_the_teachers_never_saw_the_label_alone_is_learnt(made_up: Digits) -> None:
    config = replace(CONFIG, augmentation=Distortion(zigzags=0.5))
    images, learnt = next(iter(Batches(made_up, config, Teachers([_stubborn(7)])).dataset))
    is_other = learnt.numpy().argmax(axis=1) != 7  # of the others the teacher's answer has the larger share
    assert len(images) / 4 < is_other.sum() < len(images) * 3 / 4
    np.testing.assert_array_equal(learnt.numpy()[is_other].max(axis=1), 1)


def test_a_student_believes_its_teachers_as_far_as_it_was_told(made_up: Digits) -> None:
    trained = trainer.train(CONFIG, made_up, teachers=[_stubborn(7)])
    answers = Classifier(
        "student", trained.files["model.tflite"], trained.files["layers.tflite"]
    ).predict_dataset(made_up.images)
    others = made_up.labels != 7  # of which the labels alone would leave next to nothing for the 7
    assert 0.5 < answers[others, 7].mean() < 1 - LABEL_SHARE / 2


def test_a_student_sees_what_its_teachers_judge(digits: Callable[[int], Digits]) -> None:
    shown = digits(60)
    distorted = replace(CONFIG, augmentation=Distortion(rotation=30))
    teacher = _teacher(3)
    batches = Batches(shown, distorted, Teachers([export.to_keras(teacher)]))
    images, learnt = next(batches.dataset.as_numpy_iterator())
    plain = Batches(shown, distorted)
    _, labels = next(plain.dataset.as_numpy_iterator())
    expected = LABEL_SHARE * labels + (1 - LABEL_SHARE) * teacher.predict_on_batch(images)
    np.testing.assert_allclose(learnt, expected, atol=1e-5)


def test_teachers_need_labels_that_are_one_hot(made_up: Digits) -> None:
    with pytest.raises(ValueError, match="categorical_crossentropy"):
        trainer.train(
            replace(CONFIG, loss="sparse_categorical_crossentropy"), made_up, teachers=[_stubborn(7)]
        )
