import io
import json
import stat
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from digit_core.errors import ModelError
from digit_core.model_import import archives
from tests.digit_core.model_import.test_network_specs import ANSWER, INPUT, layer, sequential

CONFIG = json.dumps(sequential(INPUT, layer("Flatten"), ANSWER)).encode()
GOOD = {"metadata.json": b"{}", "config.json": CONFIG, "model.weights.h5": b"\x89HDF\r\n\x1a\n" + bytes(99)}


def packed(entries: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def refusal(content: bytes, folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        archives.unpack(content, folder)
    return str(caught.value)


def test_a_keras_file_is_its_network_and_its_weights(tmp_path: Path) -> None:
    archives.unpack(packed(GOOD), tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "config.json": CONFIG,
        "weights.h5": GOOD["model.weights.h5"],
    }


def test_an_h5_file_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    archives.unpack(GOOD["model.weights.h5"], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["weights.h5"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "not a Keras model"),
        (b"PK\x03\x04" + bytes(100), "damaged"),
        (packed(GOOD)[:-40], "damaged"),
        (packed(GOOD)[:200], "damaged"),
        (bytes(20 * 1024**2 + 1), "the limit is 20 MB"),
        (packed({"config.json": CONFIG}), "lacks"),
        (packed({"model.weights.h5": b""}), "lacks"),
        (packed(GOOD | {"../evil.py": b"x"}), "'../evil.py'"),
        (packed(GOOD | {"/etc/evil": b"x"}), "'/etc/evil'"),
        (packed(GOOD | {"assets/vocabulary.txt": b"x"}), "'assets/vocabulary.txt'"),
        (packed(GOOD | {"config.json": b" " * 2_000_000}), "Unpacked"),
        (packed(GOOD | {"config.json": b"{}"}), "kind"),
    ],
)
def test_what_is_no_model_is_refused_and_nothing_escapes(content: bytes, said: str, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    assert said in refusal(content, inner)
    assert [path.name for path in tmp_path.iterdir()] == ["inner"]
    assert not (inner / "weights.h5").exists()


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("config.json", CONFIG)
        with archive.open("model.weights.h5", "w", force_zip64=True) as entry:
            for _ in range(300):
                entry.write(bytes(1_000_000))
    assert len(buffer.getvalue()) < 2_000_000
    assert "grow to 300 MB" in refusal(buffer.getvalue(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_bomb_whose_directory_lies_is_refused_while_it_is_unpacked(tmp_path: Path) -> None:
    content = bytearray(packed(GOOD | {"model.weights.h5": bytes(5_000_000)}))
    last = content.rfind(b"PK\x01\x02")  # the weights' entry in the directory: its sizes, packed and unpacked
    content[last + 20 : last + 28] = struct.pack("<II", 5_000, 100)
    assert "damaged" in refusal(bytes(content), tmp_path)
    assert not (tmp_path / "weights.h5").exists() or (tmp_path / "weights.h5").stat().st_size <= 100


def test_a_link_in_an_archive_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("config.json", CONFIG)
        link = zipfile.ZipInfo("model.weights.h5")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert "a link" in refusal(buffer.getvalue(), tmp_path)


def test_an_archive_that_names_a_part_twice_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("config.json", CONFIG)
        archive.writestr("model.weights.h5", b"x")
    content = buffer.getvalue().replace(b"model.weights.h5", b"config.json\x00\x00\x00\x00\x00")
    with pytest.raises(ModelError):
        archives.unpack(content, tmp_path)


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    content = bytearray(packed(GOOD))
    for mark, flag in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        start = -1
        while (start := content.find(mark, start + 1)) >= 0:
            content[start + flag] |= 1
    assert "protected with a password" in refusal(bytes(content), tmp_path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=["bzip2", "lzma"])
def test_a_bomb_that_is_packed_as_keras_does_not_is_refused_before_it_is_unpacked(
    method: int, tmp_path: Path
) -> None:
    content = bytearray(packed({"model.weights.h5": b"", "config.json": bytes(20_000_000)}, method))
    assert len(content) < 4_000
    last = content.rfind(b"PK\x01\x02")  # the network's entry in the directory, which understates it
    content[last + 24 : last + 28] = struct.pack("<I", 100)
    tracemalloc.start()
    try:
        assert "compressed in a way" in refusal(bytes(content), tmp_path)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def crowded(entries: int) -> bytes:
    """A good archive whose directory lists its last part so many times more."""
    content = packed(GOOD)
    last, end = content.rfind(b"PK\x01\x02"), content.rfind(b"PK\x05\x06")
    directory = content[content.find(b"PK\x01\x02") : end] + content[last:end] * entries
    record = struct.pack(
        "<4s4H2LH", b"PK\x05\x06", 0, 0, 3, 3, len(directory), content.find(b"PK\x01\x02"), 0
    )
    return content[: content.find(b"PK\x01\x02")] + directory + record


def test_a_directory_of_thousands_of_parts_is_refused_before_it_is_read(tmp_path: Path) -> None:
    content = crowded(20_000)
    tracemalloc.start()
    try:
        assert "far more parts" in refusal(content, tmp_path)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_directory_that_is_told_in_zip64_is_refused(tmp_path: Path) -> None:
    """There, a second record could tell of a large directory behind the back of the first."""
    content = packed(GOOD)
    end = content.rfind(b"PK\x05\x06")
    size, start = struct.unpack("<2L", content[end + 12 : end + 20])
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 3, 3, size, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    changed = content[:end] + record + locator + content[end:]
    with zipfile.ZipFile(io.BytesIO(changed)) as archive:  # elsewhere it is a good file
        assert len(archive.infolist()) == 3
    assert "far more parts" in refusal(changed, tmp_path)


def test_nothing_may_stand_behind_the_end_of_an_archive(tmp_path: Path) -> None:
    """Else a second end could be hidden there, of which only `zipfile` would know."""
    content = packed(GOOD)
    for tail in (b"x", content[-22:-2] + struct.pack("<H", 4) + b"PK\x05\x06"):
        assert "its end is missing" in refusal(content + tail, tmp_path)
    commented = content[:-2] + struct.pack("<H", 22) + content[-22:-2] + b"\x01\x00"
    assert "its end is missing" in refusal(commented, tmp_path)
