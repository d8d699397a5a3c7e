"""Keras without what it imports beside itself."""

import sys

_LEFT_OUT = ("pandas", "sklearn", "matplotlib")  # for its wrappers and plots, where they are installed


def import_keras() -> None:
    """Import Keras alone: with the packages that no training uses a worker takes 90 MB more (`benchmarks/floor.py worker`)."""
    hidden = [name for name in _LEFT_OUT if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # who imports it is told that it is not there
    try:
        import keras  # noqa: F401
    finally:
        for name in hidden:
            del sys.modules[name]
