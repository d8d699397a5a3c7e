"""The same drawing read again: with a step of preprocessing left out, by plain resizing, and by other models."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from digit_core.digits import brief
from digit_core.errors import NoInkError
from digit_core.inference.classifier import Classifier
from digit_core.preprocessing import normalization
from digit_core.preprocessing.normalization import ALL_STEPS, PLAIN_RESIZE, PreprocessingSteps, Stages

# What each step of preprocessing is called, in the order in which they are taken.
STEPS = {
    "binarizes": "Find the paper",
    "drops_specks": "Leave out specks",
    "crops": "Cut the ink out",
    "keeps_aspect": "Keep its proportions",
    "strengthens": "Strengthen thin strokes",
    "leaves_margin": "Leave a margin",
    "centres_by_mass": "Centre by mass",
}


@dataclass(frozen=True, eq=False)
class Variant:
    """A drawing as one model reads it after some steps of preprocessing.

    Attributes:
        model: the name of the model that read it.
        steps: those that were taken.
        image: float32 array of shape (28, 28), 0.0 to 1.0, what the model saw; None where nothing was left to see.
        probabilities: float32 array of shape (10,), the model's answer; None where nothing was left to see.
    """

    model: str
    steps: PreprocessingSteps
    image: np.ndarray | None
    probabilities: np.ndarray | None

    __repr__ = brief

    @property
    def digit(self) -> int | None:
        """The likeliest digit."""
        return None if self.probabilities is None else int(self.probabilities.argmax())


def predict(stages: Stages, model: Classifier, choices: Iterable[PreprocessingSteps]) -> tuple[Variant, ...]:
    """What a model reads in a drawing after each choice of steps, in their order.

    Args:
        stages: the drawing with all steps taken.
        model: any.
        choices: the steps to take.
    """
    choices = tuple(choices)
    seen = [_image(stages, steps) for steps in choices]
    left = [image for image in seen if image is not None]
    answers = iter(model.predict(np.stack(left)) if left else ())
    return tuple(
        Variant(model.name, steps, image, None if image is None else next(answers))
        for steps, image in zip(choices, seen, strict=True)
    )


def each_step_left_out(stages: Stages, model: Classifier) -> dict[str, Variant]:
    """What a model reads when one step is left out: the step's name in `STEPS` to the variant."""
    return dict(zip(STEPS, predict(stages, model, [ALL_STEPS.without(step) for step in STEPS]), strict=True))


def by_models(stages: Stages, models: Iterable[Classifier]) -> tuple[tuple[Variant, ...], ...]:
    """What each model reads, two variants a model: after all steps, and in the plainly resized picture."""
    return tuple(predict(stages, model, [ALL_STEPS, PLAIN_RESIZE]) for model in models)


def _image(stages: Stages, steps: PreprocessingSteps) -> np.ndarray | None:
    try:
        return normalization.again(stages, steps).image
    except NoInkError:
        return None
