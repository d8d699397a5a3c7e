"""Drawings are learnt beside MNIST: mixed so that they count, judged on what was held back, and written on the card."""

from dataclasses import replace

import numpy as np
import pytest

from digit_core import datasets
from digit_core.datasets.mnist import Mnist
from digit_core.digits import Digits, Handwriting
from digit_core.errors import DatasetError, TrainingError
from digit_core.inference import model_files
from digit_core.inference.model_files import KERAS_FILE, TrainedModel
from digit_core.metrics import classification
from digit_core.recipes import architectures, fine_tuning, warm_start
from digit_core.storage import drawings
from digit_core.storage.drawings import Drawing
from digit_core.training import export, trainer


def handwriting(mnist: Mnist, learnt: int = 8, held_back: int = 4) -> Handwriting:
    """Test digits whose ink and ground are exchanged: no model of MNIST reads them."""
    images = 255 - mnist.test.images[: learnt + held_back]
    digits = Digits(images, mnist.test.labels[: learnt + held_back])
    rows = np.arange(learnt + held_back)
    return Handwriting("0123456789ab", digits.take(rows[:learnt]), digits.take(rows[learnt:]), "Class 7b")


@pytest.mark.parametrize(
    ("of_set", "others", "times"), [(1, 4_000, 60), (40, 4_000, 50), (200, 4_000, 10), (5_000, 4_000, 1)]
)
def test_drawings_are_a_third_of_what_is_learnt_as_far_as_repeating_them_makes_sense(
    of_set: int, others: int, times: int
) -> None:
    assert fine_tuning.repeats(of_set, others) == times


def test_the_mixture_is_mnist_and_each_drawing_as_often_as_the_others(mnist: Mnist) -> None:
    own = handwriting(mnist, learnt=3)
    others = mnist.train.take(np.arange(300))
    mixed = fine_tuning.mix(own, others)
    assert (mixed.images[:300] == others.images).all()
    assert len(mixed) == 300 + 3 * 50
    for image in own.learnt.images:
        assert (mixed.images[300:] == image).all(axis=(1, 2)).sum() == 50
    for image in own.held_back.images:
        assert not (mixed.images == image).all(axis=(1, 2)).any()


def test_a_set_of_which_all_is_held_back_cannot_be_learnt(mnist: Mnist) -> None:
    held_back = [Drawing(mnist.test.images[0], 7, held_back=True)]
    with pytest.raises(DatasetError, match="There is no drawing to learn from"):
        drawings.as_handwriting("0123456789ab", held_back)


@pytest.mark.parametrize("name", model_files.names())
def test_every_shipped_model_can_be_taught_and_keeps_its_way_of_validating(name: str) -> None:
    card = model_files.read_card(name)
    config = fine_tuning.recipe(card)
    assert config.network.layers == architectures.from_dict(card["architecture"]).layers
    assert not warm_start.of_card(name, card).objection(config)
    assert not config.keeps_best_weights and config.early_stopping is None  # nothing is chosen on anything


def test_a_model_that_was_trained_elsewhere_is_refused_with_a_sentence() -> None:
    with pytest.raises(TrainingError, match="trained elsewhere"):
        fine_tuning.recipe({"architecture": {}})


@pytest.fixture(scope="module")
def taught(mnist: Mnist) -> tuple[bytes, TrainedModel]:
    """The weights of an ANN, and what came of teaching it the exchanged digits."""
    start = (model_files.find("ann") / KERAS_FILE).read_bytes()
    config = replace(fine_tuning.recipe(model_files.read_card("ann")), subset_size=1_000, epochs=12)
    parent = replace(warm_start.of_card("ann", model_files.read_card("ann")), learnt_sets=("fedcba987654",))
    return start, trainer.train(config, handwriting(mnist), start, parent=parent)


def _share(content: bytes, digits: Digits) -> classification.Share:
    model = export.load_keras(content)
    answers = model.predict_on_batch(digits.images[..., None] / np.float32(255)).argmax(axis=1)
    return classification.share(int((answers == digits.labels).sum()), len(digits))


def test_both_accuracies_before_and_after_are_those_of_keras(
    taught: tuple[bytes, TrainedModel], mnist: Mnist
) -> None:
    start, trained = taught
    effect = fine_tuning.effect_of(trained.card)
    assert effect is not None
    own = handwriting(mnist)
    for found, content in ((effect.before, start), (effect.after, trained.files[KERAS_FILE])):
        assert found["mnist"] == _share(content, mnist.test)
        assert found["held_back"] == _share(content, own.held_back)
        assert found["learnt"] == _share(content, own.learnt)


def test_what_was_misread_is_read_and_mnist_is_not_forgotten(taught: tuple[bytes, TrainedModel]) -> None:
    effect = fine_tuning.effect_of(taught[1].card)
    assert effect is not None
    assert effect.before["learnt"].count <= 3 and effect.after["learnt"].count >= 6
    assert effect.after["mnist"].value > effect.before["mnist"].value - 0.02


def test_the_card_says_what_was_learnt_and_holds_no_drawing(taught: tuple[bytes, TrainedModel]) -> None:
    card = taught[1].card
    assert card["data"]["name"] == "MNIST and drawings"
    assert card["data"]["training_digits"] == 1_000 + 8 * 60
    assert (
        card["data"]["validation_digits"] == datasets.VALIDATION_SIZE
    )  # MNIST's: no drawing is shown while it goes
    assert card["learnt_sets"] == ["0123456789ab", "fedcba987654"]
    assert warm_start.of_card("x", card).learnt_sets == ("0123456789ab", "fedcba987654")
    assert card["handwriting"]["set"] == "Class 7b"
    assert card["kept_epoch"] == 12


def test_other_trainings_have_no_such_effect() -> None:
    assert fine_tuning.effect_of(None) is None
    assert fine_tuning.effect_of(model_files.read_card("ann")) is None
