import numpy as np
import pytest

from digit_core.digits import CLASSES
from digit_core.segmentation import decoder

ANSWER = np.full(CLASSES, 0.02, np.float32)
ANSWER[4], ANSWER[9] = 0.42, 0.42
NOTHING = np.ones(CLASSES, np.float32)


def test_what_no_line_speaks_for_stays_as_it_was_read() -> None:
    np.testing.assert_array_equal(decoder.weighed(ANSWER, None, 1.0), ANSWER)


def test_where_the_line_says_nothing_the_likeliest_digits_stay() -> None:
    weighed = decoder.weighed(ANSWER, NOTHING, 1.0)
    assert set(np.argsort(weighed)[-2:]) == {4, 9}
    assert weighed.sum() == pytest.approx(1)


def test_the_line_decides_between_digits_that_are_equally_likely() -> None:
    evidence = NOTHING.copy()
    evidence[9] = 0.01
    weighed = decoder.weighed(ANSWER, evidence, 1.0)
    assert weighed[4] > 20 * weighed[9]


def test_ink_that_may_be_no_digit_of_the_line_makes_no_digit_certain() -> None:
    sure = np.eye(CLASSES, dtype=np.float32)[3]
    weighed = decoder.weighed(sure, NOTHING, 0.6)
    assert weighed.argmax() == 3
    assert weighed.max() == pytest.approx(0.6 + 0.4 / CLASSES)
    assert weighed.sum() == pytest.approx(1)
