"""Sample pictures of numbers, composed from MNIST's validation digits: what people would photograph."""

from collections.abc import Callable

SAMPLES: dict[str, Callable[[], bytes]] = {}


def picture(name: str) -> bytes:
    """A sample as the bytes of a PNG, each time the same.

    Args:
        name: a key of `SAMPLES`, such as "ZIP code".
    """
    return SAMPLES[name]()
