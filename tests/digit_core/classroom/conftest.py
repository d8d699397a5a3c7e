"""What the tests of a class begin with."""

import pytest

from digit_core.classroom import Classes
from digit_core.storage.store import Store
from tests.digit_core.classroom.pupils_hand import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def classes(store: Store, clock: Clock) -> Classes:
    return Classes(store, clock)
