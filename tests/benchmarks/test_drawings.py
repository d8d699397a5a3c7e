import numpy as np
import pytest

from benchmarks import drawings
from digit_core.inference import classifier, rejection


@pytest.mark.parametrize("name", drawings.FIGURES)
def test_what_people_draw_for_fun_is_refused(name: str) -> None:
    shown = np.stack(list(drawings.drawn(drawings.FIGURES[name], 40, 100)))
    assert np.mean(classifier.load().judge(shown).verdicts == rejection.NO_DIGIT) >= 0.9
