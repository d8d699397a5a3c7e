"""A drawing whose answer is asked about, and what belongs to it: what it was meant to be, how it is written, its likes."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from digit_core.datasets import nearest
from digit_core.explanations import ablation, morphometrics
from digit_core.explanations.ablation import Variant
from digit_core.explanations.morphometrics import Comparison
from digit_core.inference.classifier import Classifier
from digit_core.preprocessing import images, normalization
from digit_core.preprocessing.normalization import ALL_STEPS, PLAIN_RESIZE, Stages
from ui.frame import resources

NEIGHBOURS = 8


@dataclass(frozen=True)
class ExplainedDigit:
    """One drawing and one model. What costs time is found out when it is first asked for.

    Attributes:
        stages: what preprocessing made of the drawing, step by step.
        classifier: the model in use.
        meant: what it was meant to be, 0 to 9.
    """

    stages: Stages
    classifier: Classifier
    meant: int

    @cached_property
    def trial(self) -> Variant:
        """What is read with all steps of preprocessing."""
        return ablation.predict(self.stages, self.classifier, [ALL_STEPS])[0]

    @cached_property
    def without(self) -> dict[str, Variant]:
        """What is read when one step is left out: the step's name in `ablation.STEPS` to the variant."""
        return ablation.each_step_left_out(self.stages, self.classifier)

    @cached_property
    def plain(self) -> np.ndarray:
        """The plainly resized drawing: float32 (28, 28)."""
        return normalization.again(self.stages, PLAIN_RESIZE).image

    @cached_property
    def by_models(self) -> tuple[tuple[Variant, ...], ...]:
        """What the model in use and then each shipped one reads, preprocessed and plainly resized."""
        others = [resources.classifier(name) for name in resources.cards() if name != self.classifier.name]
        return ablation.by_models(self.stages, [self.classifier, *others])

    @property
    def pixels(self) -> np.ndarray:
        """What the network sees as uint8 (28, 28)."""
        return images.to_dataset(self.stages.image)

    @property
    def peers(self) -> str:
        """What it is compared with."""
        return f"training {self.meant}s"

    def comparisons(self, pixels: np.ndarray) -> tuple[Comparison, ...]:
        """The measurements of uint8 (28, 28) among the training digits of the class that was meant."""
        return morphometrics.compare(pixels, resources.training_morphometrics()[self.meant])

    @cached_property
    def nearest(self) -> tuple[np.ndarray, np.ndarray]:
        """The nearest training digits: their rows, nearest first, and their distances."""
        return nearest.nearest(self.pixels, resources.mnist().train.images, NEIGHBOURS)
