"""The exceptions that people see. Each message is a sentence that a person can act on."""

import importlib.util

# The modules that an extra of the installation brings: the core alone has none of them.
EXTRAS = {
    "train": ("keras", "tensorflow", "h5py", "sklearn"),
    "app": (
        "streamlit",
        "streamlit_drawable_canvas",
        "plotly",
        "pandas",
        "sqlalchemy",
        "distributed",
        "psutil",
        "cachetools",
        "sklearn",
    ),
}


class DigitError(Exception):
    """Something went wrong that the reader can fix; the parent of all the others."""


class PictureError(DigitError):
    """A file or an array is not a picture that can be read."""


class NoInkError(PictureError):
    """The picture is readable, but nothing is written on it."""


class NoDigitsError(NoInkError):
    """There is ink, but nothing that could be the digits of a number; or a box cannot be changed as asked."""


class DatasetError(DigitError):
    """A set of digits is missing, damaged or of the wrong form."""


class ModelError(DigitError):
    """A model is missing, damaged or of the wrong form."""


class TrainingError(DigitError):
    """A training ended without a model."""


class RunError(DigitError):
    """A run cannot be started, found or changed as was asked."""


class StoreError(DigitError):
    """Something could not be saved or found again: a wrong value, or a database that does not answer."""


class ClassError(DigitError):
    """What a pupil or a teacher asks for cannot be done in this class, or not now."""


class NoClassError(ClassError):
    """There is no such class, or this pupil or teacher has no part in it."""


class NotNowError(ClassError):
    """What was asked for in a class can be done a little later."""


class MissingExtraError(DigitError, ImportError):
    """Something needs an extra of Digit Lab that is not installed."""

    def __init__(self, module: str, extra: str) -> None:
        super().__init__(
            f'This needs {module}, which is not installed. Install it with: pip install "digit-lab[{extra}]"'
        )


class ConfigurationError(DigitError):
    """A training, or a choice of digits, was asked for with invalid values.

    Attributes:
        sentences: one sentence for each wrong value.
    """

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = tuple(sentences)


def missing_extra(error: ModuleNotFoundError) -> MissingExtraError | None:
    """What to tell people about a missing module; None if no extra installs it."""
    module = (error.name or "").partition(".")[0]
    extra = next((extra for extra, modules in EXTRAS.items() if module in modules), None)
    return MissingExtraError(module, extra) if extra else None


def require(extra: str) -> None:
    """Check that an extra is installed; nothing is imported.

    Args:
        extra: one of EXTRAS.

    Raises:
        MissingExtraError: one of its modules is missing.
    """
    for module in EXTRAS[extra]:
        if importlib.util.find_spec(module) is None:
            raise MissingExtraError(module, extra)


def number_sentences(
    name: str, value: object, lowest: float, highest: float, *, is_whole: bool = False
) -> list[str]:
    """What is wrong with a number: an empty list, or one sentence that says what it may be.

    Args:
        name: what the number is, as its reader knows it.
        value: what was given; NaN, infinities and booleans are wrong.
        lowest, highest: the bounds, both allowed.
        is_whole: whether only whole numbers are allowed.
    """
    kinds = (int,) if is_whole else (int, float)
    if isinstance(value, kinds) and not isinstance(value, bool) and lowest <= value <= highest:
        return []
    kind = "a whole number" if is_whole else "a number"
    return [f"The {name} is {kind} from {lowest:,g} to {highest:,g}, not {value!r}."]


def choice_sentences(name: str, value: object, choices: tuple[str, ...]) -> list[str]:
    """What is wrong with a choice: an empty list, or one sentence that names the choices."""
    if value in choices:
        return []
    return [f"The {name} is one of {', '.join(choices)}, not {value!r}."]
