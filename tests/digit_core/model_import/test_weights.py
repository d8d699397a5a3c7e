import json
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from digit_core.errors import ModelError
from digit_core.model_import import weights
from digit_core.model_import.archives import CONFIG_FILE, WEIGHTS_FILE
from tests.digit_core.model_import.test_network_specs import ANSWER, INPUT, layer, sequential

CONFIG = json.dumps(sequential(INPUT, layer("Flatten"), layer("Dense", units=3), ANSWER))
RNG = np.random.default_rng(0)
ARRAYS = [RNG.normal(size=shape).astype(np.float32) for shape in ((784, 3), (3,), (3, 10), (10,))]


def write_keras(folder: Path, group: str = "layers") -> h5py.File:
    """The weights as a .keras file has them; the file is left open to be spoilt."""
    (folder / CONFIG_FILE).write_text(CONFIG)
    file = h5py.File(folder / WEIGHTS_FILE, "w")
    for number, array in enumerate(ARRAYS):
        file[f"{group}/{('dense', 'dense_1')[number // 2]}/vars/{number % 2}"] = array
    return file


def write_h5(folder: Path) -> h5py.File:
    file = h5py.File(folder / WEIGHTS_FILE, "w")
    file.attrs["model_config"] = CONFIG
    group = file.create_group("model_weights")
    group.attrs["layer_names"] = [b"flatten", b"hidden", b"out"]
    group.create_group("flatten").attrs["weight_names"] = np.zeros(0)
    for name, arrays in (("hidden", ARRAYS[:2]), ("out", ARRAYS[2:])):
        group.create_group(name).attrs["weight_names"] = [f"{name}/kernel:0", f"{name}/bias:0"]
        group[f"{name}/{name}/kernel:0"], group[f"{name}/{name}/bias:0"] = arrays
    return file


def refusal(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        weights.read(folder)
    return str(caught.value)


@pytest.mark.parametrize("group", ["layers", "_layer_checkpoint_dependencies"])
def test_the_weights_of_a_keras_file_come_in_the_networks_order(tmp_path: Path, group: str) -> None:
    write_keras(tmp_path, group).close()
    network, arrays = weights.read(tmp_path)
    assert network.parameters == 784 * 3 + 3 + 30 + 10
    for array, expected in zip(arrays, ARRAYS, strict=True):
        np.testing.assert_array_equal(array, expected)


def test_the_weights_of_an_h5_file_come_in_the_networks_order(tmp_path: Path) -> None:
    write_h5(tmp_path).close()
    _, arrays = weights.read(tmp_path)
    for array, expected in zip(arrays, ARRAYS, strict=True):
        np.testing.assert_array_equal(array, expected)


def external_link(file: h5py.File) -> None:
    file["layers/other"] = h5py.ExternalLink("/etc/passwd", "/")


def soft_link(file: h5py.File) -> None:
    file["layers/other"] = h5py.SoftLink("/layers/dense")


def external_storage(file: h5py.File) -> None:
    del file["layers/dense/vars/1"]
    file.create_dataset(
        "layers/dense/vars/1", (3,), np.float32, external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)]
    )


def virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((3,), np.float32)
    layout[:] = h5py.VirtualSource("/elsewhere.h5", "data", (3,))
    del file["layers/dense/vars/1"]
    file.create_virtual_dataset("layers/dense/vars/1", layout)


def not_a_number(file: h5py.File) -> None:
    file["layers/dense_1/vars/0"][2, 5] = np.nan


def infinite(file: h5py.File) -> None:
    file["layers/dense_1/vars/0"][2, 5] = np.inf


def beyond_float32(file: h5py.File) -> None:
    del file["layers/dense/vars/1"]
    file["layers/dense/vars/1"] = np.array([0, 1e300, 0])


def other_shape(file: h5py.File) -> None:
    del file["layers/dense/vars/0"]
    file["layers/dense/vars/0"] = np.zeros((783, 3), np.float32)


def huge_and_empty(file: h5py.File) -> None:
    """A terabyte by its shape, nothing on the disk."""
    del file["layers/dense/vars/0"]
    file.create_dataset("layers/dense/vars/0", (10**6, 10**6), np.float32, chunks=(1_000, 1_000))


def huge_pieces(file: h5py.File) -> None:
    del file["layers/dense/vars/1"]
    file.create_dataset(
        "layers/dense/vars/1", (3,), np.float32, maxshape=(None,), chunks=(500_000_000,), compression="gzip"
    )


def other_filter(file: h5py.File) -> None:
    del file["layers/dense/vars/1"]
    file.create_dataset("layers/dense/vars/1", data=ARRAYS[1], chunks=(3,), compression="lzf")


def words(file: h5py.File) -> None:
    del file["layers/dense/vars/1"]
    file["layers/dense/vars/1"] = ["a", "b", "c"]


def group_for_array(file: h5py.File) -> None:
    del file["layers/dense/vars/1"]
    file.create_group("layers/dense/vars/1")


def missing(file: h5py.File) -> None:
    del file["layers/dense_1"]


def nothing(file: h5py.File) -> None:
    del file["layers"]


def loop(file: h5py.File) -> None:
    file["layers/dense/self"] = file["layers"]


def many(file: h5py.File) -> None:
    for number in range(2_100):
        file.create_group(f"optimizer/{number}")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (external_link, "a link"),
        (soft_link, "a link"),
        (external_storage, "from another file"),
        (virtual, "from another file"),
        (not_a_number, "NaN or infinite"),
        (infinite, "NaN or infinite"),
        (beyond_float32, "NaN or infinite"),
        (other_shape, "by its settings"),
        (huge_and_empty, "by its settings"),
        (huge_pieces, "pieces of the file are too large"),
        (other_filter, "compressed in a way"),
        (words, "not decimal numbers"),
        (group_for_array, "damaged"),
        (missing, "damaged"),
        (nothing, "no weights"),
        (loop, "more parts"),
        (many, "more parts"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_spoilt_file_is_refused(tmp_path: Path, spoil: Callable[[h5py.File], None], said: str) -> None:
    file = write_keras(tmp_path)
    spoil(file)
    file.close()
    assert said in refusal(tmp_path)


def test_an_h5_file_of_weights_alone_says_how_to_save_the_model(tmp_path: Path) -> None:
    file = write_h5(tmp_path)
    del file.attrs["model_config"]
    file.close()
    assert "model.save(" in refusal(tmp_path)


def test_an_h5_file_with_another_number_of_layers_is_refused(tmp_path: Path) -> None:
    file = write_h5(tmp_path)
    file["model_weights"].attrs["layer_names"] = [b"flatten", b"hidden"]
    file.close()
    assert "2 layers with weights" in refusal(tmp_path)


def test_an_h5_file_whose_network_is_no_text_is_refused(tmp_path: Path) -> None:
    file = write_h5(tmp_path)
    file.attrs["model_config"] = np.arange(9)
    file.close()
    assert "damaged" in refusal(tmp_path)


@pytest.mark.parametrize("kept", [9, 500, 3_000])
def test_a_truncated_file_is_refused(tmp_path: Path, kept: int) -> None:
    write_h5(tmp_path).close()
    path = tmp_path / WEIGHTS_FILE
    path.write_bytes(path.read_bytes()[:kept])
    assert "damaged" in refusal(tmp_path)


def test_bytes_changed_at_random_give_a_sentence_or_a_network_and_nothing_else(tmp_path: Path) -> None:
    write_h5(tmp_path).close()
    path = tmp_path / WEIGHTS_FILE
    whole = path.read_bytes()
    random = np.random.default_rng(7)
    for _ in range(60):
        spoilt = bytearray(whole)
        for place in random.integers(0, min(len(whole), 12_000), 8):
            spoilt[place] = random.integers(256)
        path.write_bytes(spoilt)
        try:
            weights.read(tmp_path)
        except ModelError as error:
            assert str(error)
