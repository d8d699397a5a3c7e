"""Everything that Digit Lab knows about digits, networks and pictures, with no dashboard in it."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from digit_core import datasets, errors, segmentation
    from digit_core.datasets import load_mnist
    from digit_core.digits import Digits
    from digit_core.evaluation.scores import evaluate
    from digit_core.inference import classifier
    from digit_core.inference.classifier import Classifier
    from digit_core.inference.classifier import load as load_model
    from digit_core.inference.reading import Reading, read_digit
    from digit_core.metrics.classification import Evaluation
    from digit_core.preprocessing import images
    from digit_core.recipes.configuration import TrainingConfig
    from digit_core.segmentation import DigitBox, find_digits
    from digit_core.training.trainer import train

__all__ = [
    "Classifier",
    "DigitBox",
    "Digits",
    "Evaluation",
    "Reading",
    "TrainingConfig",
    "classifier",
    "datasets",
    "errors",
    "evaluate",
    "find_digits",
    "images",
    "load_mnist",
    "load_model",
    "read_digit",
    "segmentation",
    "train",
]


def _import(module: str) -> Any:
    """A module.

    Raises:
        MissingExtraError: it needs more of Digit Lab than is installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        from digit_core import errors

        if sentence := errors.missing_extra(error):
            raise sentence from error
        raise


def lazily(package: str, modules: Sequence[str], names: Mapping[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` (PEP 562) of a package that imports a module when somebody asks for it, and not before.

    Args:
        package: its full name.
        modules: those of its modules that it hands out.
        names: what else it hands out, each with its full name where it is at home.

    Returns:
        A function from a name to what it stands for; it raises AttributeError for any other name.
    """

    def find(name: str) -> Any:
        if name in modules:
            return _import(f"{package}.{name}")
        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        home, _, own_name = names[name].rpartition(".")
        return getattr(_import(home), own_name)

    return find


def __dir__() -> list[str]:
    return __all__


__getattr__ = lazily(
    __name__,
    ("datasets", "errors", "segmentation"),
    {
        "Classifier": "digit_core.inference.classifier.Classifier",
        "DigitBox": "digit_core.segmentation.DigitBox",
        "Digits": "digit_core.digits.Digits",
        "Evaluation": "digit_core.metrics.classification.Evaluation",
        "Reading": "digit_core.inference.reading.Reading",
        "TrainingConfig": "digit_core.recipes.configuration.TrainingConfig",
        "classifier": "digit_core.inference.classifier",
        "evaluate": "digit_core.evaluation.scores.evaluate",
        "find_digits": "digit_core.segmentation.find_digits",
        "images": "digit_core.preprocessing.images",
        "load_mnist": "digit_core.datasets.load_mnist",
        "load_model": "digit_core.inference.classifier.load",
        "read_digit": "digit_core.inference.reading.read_digit",
        "train": "digit_core.training.trainer.train",
    },
)
