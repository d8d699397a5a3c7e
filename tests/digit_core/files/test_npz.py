from pathlib import Path

import numpy as np
import pytest

from digit_core.errors import DatasetError, ModelError
from digit_core.files import npz


def test_arrays_come_back_by_name(tmp_path: Path) -> None:
    path = tmp_path / "things.npz"
    np.savez_compressed(path, one=np.arange(3), two=np.eye(2))
    arrays = npz.read(path)
    assert set(arrays) == {"one", "two"}
    np.testing.assert_array_equal(arrays["one"], [0, 1, 2])


@pytest.mark.parametrize("error", [DatasetError, ModelError])
def test_a_missing_file_is_said_in_the_readers_own_kind_of_error(
    error: type[Exception], tmp_path: Path
) -> None:
    path = tmp_path / "things.npz"
    with (
        pytest.raises(
            error,
            match=r"^The things are missing: there is no things\.npz\. Make it again with: python make\.py$",
        ),
        npz.said_in_a_sentence(path, "things", "make.py", error),
    ):
        npz.read(path)


def test_arrays_that_are_not_what_was_promised_are_damage(tmp_path: Path) -> None:
    with (
        pytest.raises(DatasetError, match="The things are damaged"),
        npz.said_in_a_sentence(tmp_path / "things.npz", "things", "make.py"),
    ):
        raise ValueError("another shape")


def test_nothing_is_executed_from_a_file_of_arrays(tmp_path: Path) -> None:
    path = tmp_path / "things.npz"
    np.savez(path, one=np.array([{"pickled": True}], dtype=object))
    with (
        pytest.raises(DatasetError, match="damaged"),
        npz.said_in_a_sentence(path, "things", "make.py"),
    ):
        npz.read(path)


def test_a_mistake_of_the_program_is_not_called_damage(tmp_path: Path) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        npz.said_in_a_sentence(tmp_path / "things.npz", "things", "make.py"),
    ):
        _ = 1 / 0
