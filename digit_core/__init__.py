"""Everything that Digit Lab knows about digits, networks and pictures, with no dashboard in it."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def lazily(package: str, modules: Sequence[str], names: Mapping[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` (PEP 562) of a package that imports a module when somebody asks for it, and not before.

    Args:
        package: its full name.
        modules: those of its modules that it hands out.
        names: what else it hands out, each with the full name of the module where it stands, or of the module itself.

    Returns:
        A function from a name to what it stands for; it raises AttributeError for any other name.
    """

    def find(name: str) -> Any:
        if name in modules:
            return importlib.import_module(f"{package}.{name}")
        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        home = importlib.import_module(names[name])
        return home if home.__name__.rpartition(".")[2] == name else getattr(home, name)

    return find


__getattr__ = lazily(
    __name__,
    ("datasets", "errors", "segmentation"),
    {"classifier": "digit_core.inference.classifier", "images": "digit_core.preprocessing.images"},
)
