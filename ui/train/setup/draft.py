"""What stands in the form of a training, as plain values: a session outlives a reload of our classes."""

from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from typing import Any

from digit_core.augmentation.policies import LIMITS, Distortion
from digit_core.errors import ConfigurationError
from digit_core.recipes import architectures
from digit_core.recipes.architectures import ARCHITECTURES, Architecture
from digit_core.recipes.configuration import EarlyStopping, ReduceLROnPlateau, TrainingConfig
from digit_core.recipes.layers import LAYERS, Layer

OWN = "own"  # the network that is put together by hand
ALL_DIGITS = 0  # as a number of training digits
FIXED, SHARE, TEST = "fixed", "share", "test"  # what a run validates on
WITH_MOMENTUM = ("sgd", "rmsprop")
_PLAIN = ("optimizer", "schedule", "loss", "batch_size", "epochs", "keeps_best_weights", "precision", "seed")
_CALLBACKS = {"early_stopping": EarlyStopping, "reduce_lr_on_plateau": ReduceLROnPlateau}
_DEFAULT_SHARE = 0.2
_DEFAULT_MOMENTUM = 0.9
FLOATS = ("min_delta", "factor", "min_lr")

Draft = dict[str, Any]


def from_configs(configs: Sequence[TrainingConfig], parent: str | None = None) -> Draft:
    """Lay out configurations for a form.

    Args:
        configs: one, or a series that differs in nothing but its networks, all after the first with names.
        parent: the run or the model whose weights to go on from.

    Raises:
        ConfigurationError: the series differs in more than that.
    """
    first, *others = configs
    if any(
        replace(other, architecture=first.architecture) != first or not isinstance(other.architecture, str)
        for other in others
    ):
        raise ConfigurationError(["Runs that start together can differ only in their networks."])
    draft: Draft = {name: getattr(first, name) for name in _PLAIN}
    draft |= {"name": "", "parent": parent, "rivals": [other.architecture for other in others]}
    draft |= _network(first)
    draft["learning_rate"] = float(first.learning_rate)
    has_momentum = first.optimizer in WITH_MOMENTUM
    draft["momentum"] = float(first.momentum) if has_momentum else _DEFAULT_MOMENTUM
    draft["subset_size"] = ALL_DIGITS if first.subset_size is None else first.subset_size
    draft["validation"] = (
        TEST if first.validates_on_test else FIXED if first.validation_share is None else SHARE
    )
    draft["validation_share"] = float(first.validation_share or _DEFAULT_SHARE)
    for callback, kind in _CALLBACKS.items():
        draft[callback] = getattr(first, callback) is not None
        draft |= {
            f"{callback}.{name}": float(value) if name in FLOATS else value
            for name, value in asdict(getattr(first, callback) or kind()).items()
        }
    draft |= distortion_values(first.augmentation)
    return draft


def configs(draft: Draft) -> tuple[TrainingConfig, ...]:
    """The trainings that a form stands for.

    Raises:
        ConfigurationError: they cannot be, with a sentence for each reason.
    """
    validation = draft["validation"]
    first = TrainingConfig(
        architecture=_architecture(draft),
        learning_rate=draft["learning_rate"],
        momentum=draft["momentum"] if draft["optimizer"] in WITH_MOMENTUM else 0.0,
        subset_size=draft["subset_size"] or None,
        validation_share=draft["validation_share"] if validation == SHARE else None,
        validates_on_test=validation == TEST,
        augmentation=distortion(draft),
        **{callback: _callback(draft, callback) for callback in _CALLBACKS},
        **{name: draft[name] for name in _PLAIN},
    )
    return first, *(replace(first, architecture=rival) for rival in draft["rivals"])


def distortion(draft: Draft) -> Distortion:
    """How the training digits are distorted."""
    return Distortion(**{name: draft[f"augmentation.{name}"] for name in LIMITS})


def distortion_values(distortion: Distortion) -> Draft:
    """A distortion as the part of a draft that it is."""
    return {f"augmentation.{name}": float(getattr(distortion, name)) for name in LIMITS}


def available(draft: Draft) -> int:
    """How many training digits there are, given what is held back to judge by."""
    share = draft["validation_share"] if draft["validation"] == SHARE else None
    return TrainingConfig(validation_share=share).training_size


def layers(draft: Draft) -> tuple[Layer, ...]:
    """The layers that stand in the form, whether or not they fit each other."""
    return tuple(
        LAYERS[entry["kind"]](**{name: value for name, value in entry.items() if name != "kind"})
        for entry in draft["layers"]
    )


def named_layers(name: str) -> list[dict[str, Any]]:
    """The layers of a named architecture, as a draft holds them."""
    return ARCHITECTURES[name].as_dict()["layers"]


def own(draft: Draft) -> None:
    """Make the network one's own, so that its layers can be changed; it starts as the one that is chosen."""
    if draft["network"] != OWN:
        draft |= {"network": OWN, "title": "My network", "description": "Put together layer by layer."}


def _network(config: TrainingConfig) -> Draft:
    is_own = isinstance(config.architecture, Architecture)
    return {
        "network": OWN if is_own else config.architecture,
        "title": config.network.title if is_own else "",
        "description": config.network.description if is_own else "",
        "layers": config.network.as_dict()["layers"],
        "layer": 0,
    }


def _architecture(draft: Draft) -> str | Architecture:
    if draft["network"] != OWN:
        return draft["network"]
    return architectures.from_dict({name: draft[name] for name in ("title", "description", "layers")})


def _callback(draft: Draft, callback: str) -> EarlyStopping | ReduceLROnPlateau | None:
    kind = _CALLBACKS[callback]
    if not draft[callback]:
        return None
    return kind(**{entry.name: draft[f"{callback}.{entry.name}"] for entry in fields(kind)})


def learning_rates(current: float) -> list[float]:
    """The steps of the learning rate's slider, on a logarithmic scale, and the one that is set."""
    return sorted(
        {float(f"{factor}e{power}") for power in range(-6, 1) for factor in (1, 2, 3, 5)} | {10.0, current}
    )
