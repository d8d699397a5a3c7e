"""Everything that Digit Lab knows about digits, networks and pictures, with no dashboard in it."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from digit_core import datasets, errors, segmentation
    from digit_core.augmentation.policies import Distortion
    from digit_core.datasets import Mnist, load_mnist
    from digit_core.digits import Digits
    from digit_core.evaluation.scores import evaluate
    from digit_core.inference import classifier
    from digit_core.inference.classifier import Classifier
    from digit_core.inference.model_files import TrainedModel
    from digit_core.inference.reading import Reading, load_model, predict_digit, read_digit
    from digit_core.inference.rejection import Judgement, Judgements, Trust
    from digit_core.metrics.classification import Evaluation, Share
    from digit_core.preprocessing import images
    from digit_core.preprocessing.normalization import Stages
    from digit_core.recipes.configuration import EarlyStopping, ReduceLROnPlateau, TrainingConfig
    from digit_core.segmentation import DigitBox, DigitBoxes, find_digits
    from digit_core.training.trainer import train

_HOMES = {
    "Classifier": "inference.classifier",
    "DigitBox": "segmentation",
    "DigitBoxes": "segmentation",
    "Digits": "digits",
    "Distortion": "augmentation.policies",
    "EarlyStopping": "recipes.configuration",
    "Evaluation": "metrics.classification",
    "Judgement": "inference.rejection",
    "Judgements": "inference.rejection",
    "Mnist": "datasets",
    "Reading": "inference.reading",
    "ReduceLROnPlateau": "recipes.configuration",
    "Share": "metrics.classification",
    "Stages": "preprocessing.normalization",
    "TrainedModel": "inference.model_files",
    "TrainingConfig": "recipes.configuration",
    "Trust": "inference.rejection",
    "classifier": "inference",
    "evaluate": "evaluation.scores",
    "find_digits": "segmentation",
    "images": "preprocessing",
    "load_mnist": "datasets",
    "load_model": "inference.reading",
    "predict_digit": "inference.reading",
    "read_digit": "inference.reading",
    "train": "training.trainer",
}


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


def lazily(
    package: str, folder: Iterable[str], homes: Mapping[str, str]
) -> tuple[list[str], Callable[[str], Any]]:
    """A package that imports a module when somebody asks for it or for a name of it, and not before (PEP 562).

    Args:
        package: its full name.
        folder: its `__path__`.
        homes: what it hands out beside its own modules: each name and the module, below the package, where that is.

    Returns:
        The package's `__all__` and `__getattr__`.
    """
    modules = {module.name for module in pkgutil.iter_modules(folder) if not module.name.startswith("_")}

    def find(name: str) -> Any:
        if name in homes:
            return getattr(_import(f"{package}.{homes[name]}"), name)
        if name in modules:
            return _import(f"{package}.{name}")
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return sorted(modules | homes.keys()), find


__all__, __getattr__ = lazily(__name__, __path__, _HOMES)


def __dir__() -> list[str]:
    return __all__
