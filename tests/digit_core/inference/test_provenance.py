"""What a card tells of the digits that a model learnt from, for the cards that there are."""

import numpy as np
import pytest

from digit_core import datasets
from digit_core.datasets.mnist import Mnist
from digit_core.inference import model_files, provenance
from digit_core.recipes.configuration import TrainingConfig
from digit_core.training import batches


def card(data: str = "MNIST", **settings: object) -> dict[str, object]:
    config = TrainingConfig(**settings)
    return {
        "configuration": config.as_dict(),
        "data": {"name": data},
        "chosen_on_test": config.validates_on_test,
    }


@pytest.mark.parametrize(
    "settings", [{}, {"validation_share": 0.3}, {"validation_share": 0.1, "subset_size": 1_000}]
)
def test_a_model_is_calibrated_on_the_digits_that_its_run_held_back(
    settings: dict[str, object], mnist: Mnist
) -> None:
    learnt, judged, _ = batches.choose_digits(TrainingConfig(**settings), None)
    found = provenance.held_back(card(**settings), mnist)
    np.testing.assert_array_equal(found.images, judged.images)
    np.testing.assert_array_equal(found.labels, judged.labels)
    seen = {image.tobytes() for image in learnt.images}
    assert sum(image.tobytes() in seen for image in found.images) == 0


def test_where_nothing_of_mnist_was_learnt_the_validation_digits_serve(mnist: Mnist) -> None:
    for of in ({}, card(validates_on_test=True), card("digits of one's own", validation_share=0.3)):
        assert provenance.held_back(of, mnist) is mnist.validation


def test_every_shipped_card_tells_which_digits_it_held_back(mnist: Mnist) -> None:
    for name in model_files.names():
        told = model_files.read_card(name)
        held_back = provenance.held_back(told, mnist)
        share = told["configuration"]["validation_share"]
        assert len(held_back) == (5_000 if share is None else round(60_000 * share))
        assert len(held_back) == told["data"]["validation_digits"] or told["chosen_on_test"]


@pytest.mark.parametrize(
    ("of", "split", "words"),
    [
        (card(), "test", ""),
        (card(), "validation", "was chosen on these digits"),
        (card(), "train", "learnt from most of these"),
        (card(validation_share=0.3), "test", ""),
        (card(validation_share=0.3), "validation", "learnt from most of these validation digits"),
        (card(validates_on_test=True), "test", "chosen on these same test digits"),
        (card(validates_on_test=True), "validation", ""),
        ({}, "validation", "was trained elsewhere"),
        (card("digits of one's own"), "validation", ""),
        (card("digits of one's own", validation_share=0.3), "validation", ""),
    ],
)
def test_a_figure_that_flatters_is_called_so(of: dict[str, object], split: str, words: str) -> None:
    found = provenance.warning(of, "Ann", split)
    assert words in found
    assert bool(found) == bool(words)


def test_a_share_is_held_back_with_each_class_in_its_part(mnist: Mnist) -> None:
    rest, held_back = datasets.hold_back(mnist.test, 0.2)
    assert (len(rest), len(held_back)) == (8_000, 2_000)
    np.testing.assert_allclose(
        np.bincount(held_back.labels) / 2_000, np.bincount(mnist.test.labels) / 10_000, atol=0.001
    )
