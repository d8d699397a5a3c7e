"""Recipes with names: the five tutorials', and our own."""

from dataclasses import dataclass, replace

from digit_core.augmentation.policies import POLICIES
from digit_core.recipes.configuration import EarlyStopping, ReduceLROnPlateau, TrainingConfig


@dataclass(frozen=True)
class Preset:
    """A recipe with a name.

    Attributes:
        title: for people.
        description: what it does, in a sentence.
        configs: the trainings it stands for, one after the other.
    """

    title: str
    description: str
    configs: tuple[TrainingConfig, ...]


_SIDE_BY_SIDE = TrainingConfig(architecture="ann", batch_size=32, epochs=10, keeps_best_weights=False)

PRESETS = {
    "tutorial-1": Preset(
        "Tutorial 1: CNN 32-64-64",
        "Three convolutions with dropout, one-hot labels, early stopping and a falling learning rate.",
        (
            TrainingConfig(
                architecture="cnn-tutorial",
                loss="categorical_crossentropy",
                batch_size=128,
                epochs=20,
                early_stopping=EarlyStopping(patience=5),
                reduce_lr_on_plateau=ReduceLROnPlateau(factor=0.5, patience=2),
            ),
        ),
    ),
    "tutorial-2": Preset(
        "Tutorial 2: ANN in 5 epochs",
        "One layer of 128 neurons with dropout, five epochs: ready in half a minute.",
        (TrainingConfig(architecture="ann", batch_size=32, epochs=5, keeps_best_weights=False),),
    ),
    "tutorial-3": Preset(
        "Tutorial 3: ANN against CNN",
        "The same ten epochs at batch 32 for a network without and one with convolutions.",
        (_SIDE_BY_SIDE, replace(_SIDE_BY_SIDE, architecture="cnn-2")),
    ),
    "tutorial-4": Preset(
        "Tutorial 4: two convolutions",
        "Two convolutions with pooling, one-hot labels, the network behind a drawing page.",
        (TrainingConfig(architecture="cnn-2", loss="categorical_crossentropy", batch_size=128, epochs=10),),
    ),
    "tutorial-5": Preset(
        "Tutorial 5: three convolutions",
        "Three convolutions with pooling, five epochs, three tenths of the digits held back for validation.",
        (
            TrainingConfig(
                architecture="cnn-3",
                batch_size=32,
                epochs=5,
                validation_share=0.3,
                keeps_best_weights=False,
            ),
        ),
    ),
    "digit-lab": Preset(
        "Digit Lab: made for your handwriting",
        "Five convolutions; half of the digits bent a little, half bent, blurred and written in styles that are rare in MNIST.",
        (
            TrainingConfig(
                architecture="cnn",
                optimizer="adamw",
                learning_rate=0.002,
                schedule="one-cycle",
                batch_size=256,
                epochs=60,
                keeps_best_weights=False,
                augmentation=POLICIES["handwriting, half clean"],
                precision="bfloat16",
                seed=2,
            ),
        ),
    ),
    "tiny": Preset(
        "Tiny: under 25,000 parameters",
        "A network a sixteenth the size of our largest, and long lessons on digits that are turned and bent a little.",
        (
            TrainingConfig(
                architecture="tiny",
                optimizer="adamw",
                learning_rate=0.004,
                schedule="one-cycle",
                batch_size=256,
                epochs=80,
                keeps_best_weights=False,
                augmentation=POLICIES["gentle"],
                precision="bfloat16",
            ),
        ),
    ),
    "quick": Preset(
        "Quick: 99% in seconds",
        "A small network, large steps, a learning rate that rises and falls: 99% of the validation digits as soon as we can.",
        (
            TrainingConfig(
                architecture="quick",
                learning_rate=0.008,
                schedule="one-cycle",
                batch_size=256,
                epochs=4,
                keeps_best_weights=False,
                precision="bfloat16",
            ),
        ),
    ),
}
