"""The same drawing tried again and again: with a step of the door left out, by plain resizing, and by other models."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from digit_core.errors import NoInkError
from digit_core.inference.classifier import Classifier
from digit_core.preprocessing import images
from digit_core.preprocessing.images import ALL_STEPS, PLAIN_RESIZE, PreprocessingSteps, Stages

# What each step of the door is called, in the order in which they are taken.
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
class Trial:
    """A drawing read in one way.

    Attributes:
        model: the name of the model that read it.
        steps: the steps of the door that were taken.
        image: float32 array of shape (28, 28), 0.0 to 1.0, what the model saw; None where nothing was left to see.
        probabilities: float32 array of shape (10,), the model's answer; None where nothing was left to see.
    """

    model: str
    steps: PreprocessingSteps
    image: np.ndarray | None
    probabilities: np.ndarray | None

    @property
    def digit(self) -> int | None:
        """The likeliest digit."""
        return None if self.probabilities is None else int(self.probabilities.argmax())


def read(stages: Stages, model: Classifier, ways: Iterable[PreprocessingSteps]) -> tuple[Trial, ...]:
    """What a model reads in a drawing that came through the door in these ways, in their order.

    Args:
        stages: the drawing's way with all steps.
        model: any.
        ways: the steps of each way.
    """
    ways = tuple(ways)
    seen = [_image(stages, steps) for steps in ways]
    left = [image for image in seen if image is not None]
    answers = iter(model.predict(np.stack(left)) if left else ())
    return tuple(
        Trial(model.name, steps, image, None if image is None else next(answers))
        for steps, image in zip(ways, seen, strict=True)
    )


def each_step_left_out(stages: Stages, model: Classifier) -> dict[str, Trial]:
    """What a model reads when one step of the door is left out: the step's name in `STEPS` to the trial."""
    return dict(zip(STEPS, read(stages, model, [ALL_STEPS.without(step) for step in STEPS]), strict=True))


def by_models(stages: Stages, models: Iterable[Classifier]) -> tuple[tuple[Trial, Trial], ...]:
    """What each model reads: through the door, and in the plainly resized picture."""
    pairs = []
    for model in models:
        door, plain = read(stages, model, [ALL_STEPS, PLAIN_RESIZE])
        pairs.append((door, plain))
    return tuple(pairs)


def _image(stages: Stages, steps: PreprocessingSteps) -> np.ndarray | None:
    try:
        return images.again(stages, steps).image
    except NoInkError:
        return None
