"""The exceptions that people see. Each message is a sentence that a person can act on."""


class DigitError(Exception):
    """Anything that went wrong in a way its reader can mend; the parent of all the others."""


class PictureError(DigitError):
    """A file or an array is not a picture that can be read."""


class NoInkError(PictureError):
    """The picture is readable, but nothing is written on it."""


class NoDigitsError(NoInkError):
    """There is ink, but nothing that could be the digits of a number; or what was asked of a box cannot be done."""


class DatasetError(DigitError):
    """A set of digits is missing, damaged or of the wrong form."""


class ModelError(DigitError):
    """A model is missing, damaged or of the wrong form."""


class TrainingError(DigitError):
    """A training ended without a model."""


class RunError(DigitError):
    """A run cannot be started, found or changed as was asked."""


class StoreError(DigitError):
    """Something could not be kept or found again: a wrong value, or a database that does not serve."""


class ConfigurationError(DigitError):
    """A training, or a choice of digits, was asked for with values that cannot be.

    Attributes:
        sentences: one sentence for each wrong value.
    """

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = tuple(sentences)


def number_sentences(
    name: str, value: object, lowest: float, highest: float, *, is_whole: bool = False
) -> list[str]:
    """What is wrong with a number: an empty list, or one sentence that says what it may be.

    Args:
        name: what the number is, as its reader knows it.
        value: what was given; NaN, infinities and booleans are wrong.
        lowest, highest: the bounds, both allowed.
        is_whole: only whole numbers will do.
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
