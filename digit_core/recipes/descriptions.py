"""A training's settings in words, and what differs between several."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

from digit_core.augmentation.policies import Distortion
from digit_core.datasets.mnist import VALIDATION_SIZE
from digit_core.recipes.architectures import Architecture
from digit_core.recipes.configuration import OPTIMIZER_NAMES, EarlyStopping, ReduceLROnPlateau, TrainingConfig
from digit_core.recipes.layers import Convolution, Dense, Dropout, Layer, Pooling

UNKNOWN = "not known"  # of a model that was trained elsewhere

SCHEDULE_NAMES = {
    "constant": "stays the same",
    "cosine": "falls to zero along a cosine curve",
    "one-cycle": "rises, then falls to zero (one-cycle)",
}
LOSS_NAMES = {
    "categorical_crossentropy": "cross-entropy, labels one-hot",
    "sparse_categorical_crossentropy": "cross-entropy, labels as numbers",
}
MONITOR_NAMES = {
    "val_loss": "validation loss",
    "val_accuracy": "validation accuracy",
    "loss": "training loss",
    "accuracy": "training accuracy",
}
_UNITS = {
    "rotation": "turned by {} degrees",
    "shift": "shifted by {} pixels",
    "scale": "resized by {}%",
    "shear": "leaned by {} degrees",
    "thickness": "strokes {} pixels thicker or thinner",
    "elastic": "bent by {} pixels",
    "noise": "noise of {}% of full ink",
    "stretch": "narrow digits widened by {}% of the way to a square",
    "blur": "blurred over {} pixels",
    "coarseness": "{}% of the resolution lost",
    "gamma": "grey tones changed by a power of 1 + {}",
    "contrast": "{}% of the ink faded",
    "ground": "a shadow of {}% of full ink",
    "lines": "a stray line across {}% of the digits",
    "cover": "a square of {} pixels covered",
    "habits": "{}% of 0s, 1s, 5s and 7s in styles rare in MNIST",
    "recenter": "{}% of the digits re-centred",
    "outlier_share": "{}% of the digits turned, shifted and resized three times as far",
    "low_res_share": "{}% of the digits in low resolution",
    "square_share": "{}% of the digits widened to a square",
    "rare_forms": "{}% of the digits in forms rare in MNIST",
    "outlines": "only the outline of {}% of the digits",
    "zigzags": "a zigzag line across {}% of the digits",
    "inversions": "ink and paper swapped in a part of {}% of the digits",
    "clean_share": "{}% of the digits clean (only their form changed, half as far)",
}
# Or in degrees, or as a power.
_IN_PIXELS = {"rotation", "shift", "shear", "thickness", "elastic", "blur", "gamma", "cover"}
PRECISION_NAMES = {"float32": "32 bits", "bfloat16": "16 bits where the processor supports them, else 32"}


@dataclass(frozen=True)
class Difference:
    """A setting in which trainings differ.

    Attributes:
        setting: what it is, in words.
        values: one for each training, in words, in the order in which they were given.
    """

    setting: str
    values: tuple[str, ...]


def describe(config: TrainingConfig) -> dict[str, str]:
    """Every setting of a training: what it is, and its value in words.

    Two configurations that train differently differ in at least one value.
    """
    return {setting: words(config) for setting, words in _SETTINGS.items()}


def differences(
    configs: Sequence[TrainingConfig | None], starts: Sequence[str] | None = None
) -> tuple[Difference, ...]:
    """The settings in which trainings differ; those that are the same for all are left out.

    Args:
        configs: one a training; None for a model that was trained elsewhere, whose settings are "not known". They
            make no difference by themselves: two known values must differ.
        starts: for each training what it started from, such as "random weights"; told if they differ.

    Raises:
        ValueError: there are not as many starts as configurations.
    """
    found = []
    if starts is not None:
        if len(starts) != len(configs):
            raise ValueError(f"{len(configs)} trainings need as many starts, not {len(starts)}.")
        if len(set(starts)) > 1:
            found.append(Difference("Starts from", tuple(starts)))
    for setting, words in _SETTINGS.items():
        values = tuple(UNKNOWN if config is None else words(config) for config in configs)
        if len(set(values) - {UNKNOWN}) > 1:
            found.append(Difference(setting, values))
    return tuple(found)


def network_words(network: Architecture) -> str:
    """A network in a line: "ANN: 128 neurons, dropout 20%"."""
    layers = ", ".join(words for layer in network.layers if (words := _layer_words(layer)))
    return f"{network.title or 'Own network'}: {layers or 'no hidden layer'}"


def _layer_words(layer: Layer) -> str:
    if isinstance(layer, Convolution):
        step = f" in steps of {layer.strides}" if layer.strides > 1 else ""
        edge = ", edges padded" if layer.padding == "same" else ""
        filters = f"{layer.filters} filters of {layer.size}x{layer.size}"
        return f"{filters}{step}{edge}{_activation_words(layer.activation)}"
    if isinstance(layer, Pooling):
        return f"pooling {layer.size}x{layer.size}"
    if isinstance(layer, Dense):
        return f"{layer.units:,} neurons{_activation_words(layer.activation)}"
    if isinstance(layer, Dropout):
        return f"dropout {_number(100 * layer.rate)}%"
    return ""  # a flatten learns nothing and stands where it must


def _activation_words(activation: str) -> str:
    return "" if activation == "relu" else f" ({activation})"


def _number(value: float) -> str:
    return f"{value:.12g}"


def _epochs(count: int) -> str:
    return f"{count} epoch" if count == 1 else f"{count} epochs"


def _momentum_words(config: TrainingConfig) -> str:
    return _number(config.momentum) if config.optimizer in ("sgd", "rmsprop") else "not used"


def _validation_words(config: TrainingConfig) -> str:
    if config.validates_on_test:
        return "on the 10,000 test digits"
    if config.validation_share is not None:
        return f"on {_number(100 * config.validation_share)}% held back"
    return f"on the {VALIDATION_SIZE:,} validation digits"


def _early_stopping_words(config: TrainingConfig) -> str:
    rule, usual = config.early_stopping, EarlyStopping()
    if rule is None:
        return "no"
    details = [f"after {_epochs(rule.patience)} without improvement in {MONITOR_NAMES[rule.monitor]}"]
    if rule.min_delta != usual.min_delta:
        details.append(f"an improvement is more than {_number(rule.min_delta)}")
    if rule.start_from_epoch != usual.start_from_epoch:
        details.append(f"not judged before epoch {rule.start_from_epoch + 1}")
    return ", ".join(details)


def _reduction_words(config: TrainingConfig) -> str:
    rule, usual = config.reduce_lr_on_plateau, ReduceLROnPlateau()
    if rule is None:
        return "no"
    details = [
        f"times {_number(rule.factor)} after {_epochs(rule.patience)} without improvement in {MONITOR_NAMES[rule.monitor]}"
    ]
    if rule.min_delta != usual.min_delta:
        details.append(f"an improvement is more than {_number(rule.min_delta)}")
    if rule.cooldown != usual.cooldown:
        details.append(f"then waits {_epochs(rule.cooldown)}")
    if rule.min_lr != usual.min_lr:
        details.append(f"not below {_number(rule.min_lr)}")
    return ", ".join(details)


def _distortion_words(distortion: Distortion) -> str:
    """The largest distortions in a line: "up to: turned by 8 degrees, shifted by 1 pixels"; "none" without any."""
    found = []
    for field in fields(Distortion):
        value = getattr(distortion, field.name)
        if value:
            percent = field.name not in _IN_PIXELS
            found.append(_UNITS[field.name].format(_number(100 * value if percent else value)))
    return "up to: " + ", ".join(found) if found else "none"


_SETTINGS: dict[str, Callable[[TrainingConfig], str]] = {
    "Network": lambda config: network_words(config.network),
    "Training digits": lambda config: f"{config.training_size:,}",
    "Validates": _validation_words,
    "Distorted digits": lambda config: _distortion_words(config.augmentation),
    "Epochs": lambda config: _number(config.epochs),
    "Batch size": lambda config: f"{config.batch_size:,} digits per step",
    "Optimizer": lambda config: OPTIMIZER_NAMES[config.optimizer],
    "Learning rate": lambda config: _number(config.learning_rate),
    "Learning rate over time": lambda config: SCHEDULE_NAMES[config.schedule],
    "Momentum": _momentum_words,
    "Loss": lambda config: LOSS_NAMES[config.loss],
    "Stops early": _early_stopping_words,
    "Lowers the learning rate": _reduction_words,
    "Weights kept": lambda config: (
        "from the best epoch" if config.keeps_best_weights else "from the last epoch"
    ),
    "Number precision": lambda config: PRECISION_NAMES[config.precision],
    "Seed": lambda config: _number(config.seed),
}
