"""Recipes with names: our own, and those of the five tutorials that this project grew from."""

from dataclasses import dataclass, replace

from digit_core.augmentation.policies import POLICIES
from digit_core.recipes.configuration import EarlyStopping, ReduceLROnPlateau, TrainingConfig


@dataclass(frozen=True)
class Preset:
    """A recipe with a name.

    Attributes:
        title: what it is, for people.
        description: what it does, in a sentence.
        origin: whose it is, in a sentence; where we do it otherwise on purpose, what and why.
        configs: the trainings it stands for, one after the other.
        authors_way: the same trainings with what we do otherwise done as the author does it; empty where there is nothing to
            choose.
    """

    title: str
    description: str
    origin: str
    configs: tuple[TrainingConfig, ...]
    authors_way: tuple[TrainingConfig, ...] = ()


_OURS = "Our own recipe."

# With Keras' defaults where the tutorial says nothing, and the weights of the last epoch.
_TUTORIAL = TrainingConfig(batch_size=32, epochs=5, keeps_best_weights=False)

_EARLY_STOPPING = TrainingConfig(
    architecture="cnn-tutorial",
    loss="categorical_crossentropy",
    batch_size=128,
    epochs=20,
    early_stopping=EarlyStopping(patience=3),
    reduce_lr_on_plateau=ReduceLROnPlateau(factor=0.2, patience=2, min_lr=0.0001),
)
_SIDE_BY_SIDE = replace(
    _TUTORIAL, architecture="ann", epochs=10, loss="categorical_crossentropy", validation_share=0.1
)

PRESETS = {
    "quick": Preset(
        "Quick: 99% in seconds",
        "A small network and a learning rate that rises, then falls: 99% of the validation digits as fast as we can.",
        _OURS,
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
    "tutorial-1": Preset(
        "A CNN that stops by itself",
        "Three convolutions with dropout, one-hot labels, a learning rate that falls and early stopping.",
        "From the tutorial “Digit Detector” by Shivam Prasad (tutorial-1). It uses the test digits to decide when to stop, so they "
        "flatter it; we use 5,000 digits held back from training.",
        (_EARLY_STOPPING,),
        (replace(_EARLY_STOPPING, validates_on_test=True),),
    ),
    "tutorial-2": Preset(
        "One hidden layer, 5 epochs",
        "One layer of 128 neurons with dropout: the smallest network here that learns well, and quick to train.",
        "From the tutorial “Handwritten Digit Recognizer (Deep Learning Project)” (tutorial-2). It has no validation digits; we "
        "hold back 5,000 to show how well the network reads new ones.",
        (replace(_TUTORIAL, architecture="ann"),),
    ),
    "tutorial-3": Preset(
        "ANN against CNN",
        "A network without convolutions and one with two, both for ten epochs: see what convolutions are worth.",
        "From the tutorial “Handwritten Digit Recognizer” by Manas Yadav (tutorial-3). It does not say which CNN and which "
        "validation share it uses; we use those of the next recipe.",
        (_SIDE_BY_SIDE, replace(_SIDE_BY_SIDE, architecture="cnn-2-dropout")),
    ),
    "tutorial-4": Preset(
        "Two convolutions with dropout",
        "Two convolutions with pooling, dropout and a tenth of the digits held back: the network behind a drawing page.",
        "From the tutorial “Digit Classifier” by Henry J. Lee, with a network by Zahra Mohit (tutorial-4).",
        (replace(_TUTORIAL, architecture="cnn-2-dropout", validation_share=0.1),),
    ),
    "tutorial-5": Preset(
        "Three convolutions",
        "Three convolutions with pooling, three tenths of the digits held back for validation.",
        "From the tutorial “Hand Written Digits Recognizer” (tutorial-5).",
        (replace(_TUTORIAL, architecture="cnn-3", validation_share=0.3),),
    ),
    "digit-lab": Preset(
        "Made for your handwriting",
        "Five convolutions; half of the digits bent a little, half bent, blurred and written in styles that are rare in MNIST.",
        _OURS,
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
        "A network one sixteenth the size of our largest, trained for a long time on digits that are turned and bent a little.",
        _OURS,
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
}
