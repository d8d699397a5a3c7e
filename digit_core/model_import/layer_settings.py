"""The settings that an imported file gives a layer, each read with its bounds."""

from typing import Any

from digit_core.errors import ModelError, choice_sentences, number_sentences

Shape = tuple[int, ...]

# Keras' own names. hard_sigmoid is not among them: Keras 2 and 3 mean different curves by it.
ACTIVATIONS = (
    "linear",
    "relu",
    "relu6",
    "leaky_relu",
    "elu",
    "selu",
    "gelu",
    "silu",
    "swish",
    "tanh",
    "sigmoid",
    "softmax",
    "softplus",
    "softsign",
    "mish",
)
PADDINGS = ("valid", "same")
_MAX_NUMBER = 1e6
_MAX_SHOWN = 160  # characters of a sentence: what the file has in a setting can be long


class Fields:
    """The settings that a file gives a layer, each read with its bounds.

    Every method raises ModelError, with a sentence that names the layer, if the setting cannot be.
    """

    def __init__(self, kind: str, name: str, config: dict[str, Any]) -> None:
        self._kind, self._name, self._config = kind, name, config

    def refuse(self, sentence: str) -> ModelError:
        """An error that says which layer it is about."""
        if len(sentence) > _MAX_SHOWN:
            sentence = f"{sentence[:_MAX_SHOWN]} …"
        return ModelError(f"The layer {self._name!r} ({self._kind}) cannot be used. {sentence}")

    def _value(self, name: str, default: Any) -> Any:
        value = self._config.get(name, default)
        return default if value is None else value

    def number(self, name: str, default: float, lowest: float = -_MAX_NUMBER) -> float:
        value = self._value(name, default)
        if sentences := number_sentences(name, value, lowest, _MAX_NUMBER):
            raise self.refuse(sentences[0])
        return float(value)

    def whole(self, name: str, default: int | None, highest: int, lowest: int = 1) -> int:
        value = self._value(name, default)
        if sentences := number_sentences(name, value, lowest, highest, is_whole=True):
            raise self.refuse(sentences[0])
        return int(value)

    def pair(self, name: str, default: Any, highest: int, lowest: int = 1) -> tuple[int, int]:
        value = self._value(name, default)
        both = value if isinstance(value, list | tuple) and len(value) == 2 else [value, value]
        for one in both:
            if sentences := number_sentences(name, one, lowest, highest, is_whole=True):
                raise self.refuse(sentences[0])
        return int(both[0]), int(both[1])

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        value = self._value(name, default)
        if sentences := choice_sentences(name, value, choices):
            raise self.refuse(sentences[0])
        return str(value)

    def flag(self, name: str, default: bool) -> bool:
        value = self._value(name, default)
        if not isinstance(value, bool):
            raise self.refuse(f"{name} is true or false, not {value!r}.")
        return value

    def activation(self) -> str:
        return self.choice("activation", "linear", ACTIVATIONS)

    def must_be(self, name: str, *allowed: Any) -> None:
        """The setting has one of the only values that are understood here, or is not given."""
        if self._value(name, allowed[0]) not in allowed:
            raise self.refuse(f"{name} is {allowed[0]!r} here, not {self._config[name]!r}.")

    def raw(self, name: str) -> Any:
        return self._config.get(name)

    def picture(self, shape: Shape) -> tuple[int, int, int]:
        self.must_be("data_format", "channels_last")
        if len(shape) != 3:
            raise self.refuse("It needs a picture (height, width, channels) before it.")
        return shape[0], shape[1], shape[2]
