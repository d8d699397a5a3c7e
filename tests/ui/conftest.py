"""What every test of a page begins with."""

import pytest


@pytest.fixture(scope="session", autouse=True)
def begun(known_components: None) -> None:
    """The components are known: an AppTest does not look for them again."""
