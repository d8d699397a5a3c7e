import numpy as np
import pytest

from benchmarks import corrupted
from digit_core.datasets.mnist import Mnist

ALL = corrupted.KINDS | corrupted.UNSEEN


@pytest.mark.parametrize("kind", ALL)
def test_every_kind_spoils_most_digits_alike_each_time_and_leaves_the_given_ones(
    kind: str, mnist: Mnist
) -> None:
    digits = mnist.validation.images[:30]
    kept = digits.copy()
    first, again = (corrupted.corrupt(digits, ALL[kind]) for _ in range(2))
    assert first.shape == digits.shape
    assert first.dtype == np.uint8
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(digits, kept)
    assert (first != digits).any(axis=(1, 2)).mean() > 0.9


def test_edges_are_thin_and_a_stripe_is_eight_pixels_wide(mnist: Mnist) -> None:
    digits = mnist.validation.images[:30]
    edges = corrupted.corrupt(digits, corrupted.edges)
    assert set(np.unique(edges)) == {0, 255}
    striped = corrupted.corrupt(np.zeros_like(digits), corrupted.stripe)
    assert ((striped == 255).sum(axis=(1, 2)) == 8 * 28).all()
