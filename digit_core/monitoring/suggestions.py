"""What to change in a training when its numbers say that something is wrong with it."""

from dataclasses import dataclass, replace

from digit_core.augmentation.policies import POLICIES
from digit_core.errors import ConfigurationError
from digit_core.recipes.architectures import ARCHITECTURES, Architecture
from digit_core.recipes.configuration import (
    MAX_EPOCHS,
    MAX_RATE,
    MIN_RATE,
    EarlyStopping,
    TrainingConfig,
)
from digit_core.recipes.layers import Convolution, Dense, Dropout, Layer

# Keras' own defaults; of adagrad, whose steps shrink from the start, PyTorch's.
USUAL_RATES = {"adam": 0.001, "adamw": 0.001, "nadam": 0.001, "rmsprop": 0.001, "sgd": 0.01, "adagrad": 0.01}
# What Srivastava et al. (2014) found about best for hidden units; more starves a small network
_MAX_DROPOUT = 0.5
_LARGE = 100_000  # parameters from which a network with convolutions can learn MNIST by heart


@dataclass(frozen=True)
class Suggestion:
    """A change to a training: the label of the button that tries it, and the changed configuration."""

    action: str
    config: TrainingConfig


def lower_rate(config: TrainingConfig, rate: float) -> Suggestion:
    """A third of `rate`, the highest one that the run had; the usual one where that is far lower still."""
    usual = USUAL_RATES[config.optimizer]
    if rate > 10 * usual:
        return _usual_rate(config, usual)
    lower = max(_rounded(rate / 3), MIN_RATE)
    return Suggestion(f"Try a third of the learning rate: {lower:g}", replace(config, learning_rate=lower))


def higher_rate(config: TrainingConfig, rate: float) -> Suggestion:
    """Three times `rate`; the usual one where that is far higher still."""
    usual = USUAL_RATES[config.optimizer]
    if rate < usual / 10:
        return _usual_rate(config, usual)
    higher = min(_rounded(rate * 3), MAX_RATE)
    return Suggestion(f"Try three times the learning rate: {higher:g}", replace(config, learning_rate=higher))


def _usual_rate(config: TrainingConfig, usual: float) -> Suggestion:
    return Suggestion(f"Try the usual learning rate: {usual:g}", replace(config, learning_rate=usual))


def _rounded(rate: float) -> float:
    return float(f"{rate:.1g}")


def for_dead_units(config: TrainingConfig, rate: float) -> Suggestion | None:
    """A lower learning rate where `rate`, the highest that the run had, is above the usual one, else ELU for ReLU.

    ELU has a slope everywhere (Clevert, Unterthiner and Hochreiter, 2015).
    """
    # 1.01: a float32 is not quite the number it was made from.
    if rate > 1.01 * USUAL_RATES[config.optimizer]:
        return lower_rate(config, rate)
    layers = tuple(
        replace(layer, activation="elu")
        if isinstance(layer, Convolution | Dense) and layer.activation == "relu"
        else layer
        for layer in config.network.layers
    )
    return _with_layers(config, layers, "with ELU", "Try ELU instead of ReLU")


def against_overfitting(config: TrainingConfig) -> Suggestion | None:
    """More digits if there are more, else other digits, else a network that can rely less on each of its units."""
    available = replace(config, subset_size=None).training_size
    if config.training_size < available:
        size = min(available, 5 * config.training_size)
        share = None if size == available else size
        every = "all " if size == available else ""
        return Suggestion(f"Learn from {every}{size:,} digits", replace(config, subset_size=share))
    if config.augmentation == POLICIES["none"]:
        gentle = POLICIES["gentle"]
        return Suggestion(
            "Turn, lean and bend the digits a little in each epoch", replace(config, augmentation=gentle)
        )
    if not any(isinstance(layer, Dropout) for layer in config.network.layers):
        layers = (*config.network.layers, Dropout(_MAX_DROPOUT))
        return _with_layers(config, layers, "with dropout", "Add dropout before the answer")
    if config.early_stopping is None:
        stopping = EarlyStopping(patience=3)
        changed = replace(config, early_stopping=stopping, keeps_best_weights=True)
        return Suggestion("Stop early and keep the best weights", changed)
    return None


def against_underfitting(config: TrainingConfig) -> Suggestion | None:
    """Less that holds the network back if it is held back, else a larger one."""
    layers = config.network.layers
    if any(isinstance(layer, Dropout) and layer.rate > _MAX_DROPOUT for layer in layers):
        less = tuple(
            Dropout(min(layer.rate, 0.25)) if isinstance(layer, Dropout) else layer for layer in layers
        )
        return _with_layers(config, less, "with less dropout", "Try less dropout")
    if config.augmentation not in (POLICIES["none"], POLICIES["gentle"], POLICIES["strong"]):
        return Suggestion("Distort the digits less", replace(config, augmentation=POLICIES["gentle"]))
    has_convolution = any(isinstance(layer, Convolution) for layer in layers)
    if has_convolution and config.network.parameters >= _LARGE:
        return None
    title = ARCHITECTURES["cnn-2"].title.lower()
    return Suggestion(f"Try the larger network {title!r}", replace(config, architecture="cnn-2"))


def more_epochs(config: TrainingConfig, done: int) -> Suggestion:
    """Twice as many as were done."""
    epochs = min(2 * done, MAX_EPOCHS)
    return Suggestion(f"Try {epochs} epochs", replace(config, epochs=epochs))


def _with_layers(
    config: TrainingConfig, layers: tuple[Layer, ...], what: str, action: str
) -> Suggestion | None:
    """The run with other layers; None where nothing changes, or where no layer more is allowed."""
    if layers == config.network.layers:
        return None
    network = config.network
    try:
        changed = Architecture(f"{network.title} {what}", network.description, layers)
    except ConfigurationError:
        return None
    return Suggestion(action, replace(config, architecture=changed))
