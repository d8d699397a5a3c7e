"""A set goes out as a file and comes back the same; a stranger's file is refused with a sentence before it can do harm."""

import contextlib
import csv
import io
import struct
import zipfile
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from digit_core.datasets.mnist import Mnist
from digit_core.errors import DatasetError
from digit_core.storage import drawing_archives, drawings
from digit_core.storage.drawings import Drawing
from tests.examples import examples

ANN, BEN = "a" * 32, "b" * 32


@pytest.fixture(scope="module")
def kept(mnist: Mnist) -> list[Drawing]:
    """Five drawings of two people; the last one came without a picture and without an answer."""
    picture = drawings.small_picture(png(np.full((300, 200, 3), 255, np.uint8)))
    found = [
        Drawing(image, int(label), picture, 9, 0.5, "CNN", ANN, 1e9 + place, place + 1, place == 2)
        for place, (image, label) in enumerate(zip(mnist.test.images[:4], mnist.test.labels[:4]))
    ]
    return [*found, Drawing(mnist.test.images[4], int(mnist.test.labels[4]), visitor=BEN, held_back=False)]


def png(pixels: np.ndarray) -> bytes:
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, "PNG")
    return packed.getvalue()


DIGIT = np.zeros((28, 28), np.uint8)
DIGIT[4:24, 13:16] = 255
TABLE = "file,label\none.png,1\n"


def packed(parts: dict[str, bytes | str], **options: int) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", **options) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def refusal(content: bytes) -> str:
    with pytest.raises(DatasetError) as refused:
        drawing_archives.read(content)
    return str(refused.value)


def test_a_zip_comes_back_as_it_went_out(kept: list[Drawing]) -> None:
    found = drawing_archives.read(drawing_archives.to_zip(kept))
    for before, after in zip(kept, found, strict=True):
        assert (before.image == after.image).all()
        for name in ("label", "answer", "confidence", "model", "held_back"):
            assert getattr(before, name) == getattr(after, name)
    assert found[-1].picture == b""
    assert Image.open(io.BytesIO(found[0].picture)).size == (93, 140)


def test_a_zip_tells_who_drew_in_numbers_and_no_visitors_id(kept: list[Drawing]) -> None:
    with zipfile.ZipFile(io.BytesIO(drawing_archives.to_zip(kept))) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("drawings.csv").decode())))
        assert all((ANN.encode() not in archive.read(name)) for name in archive.namelist())
    assert [row["writer"] for row in rows] == ["1", "1", "1", "1", "2"]
    assert [row["part"] for row in rows] == ["practice", "practice", "exam", "practice", "practice"]
    assert rows[0]["kept_at"] == "2001-09-09T01:46:40Z"


def test_arrays_come_back_as_they_went_out(kept: list[Drawing]) -> None:
    content = drawing_archives.to_npz(kept)
    with np.load(io.BytesIO(content)) as file:  # NumPy itself reads it
        assert (file["images"] == [drawing.image for drawing in kept]).all()
        assert file["labels"].tolist() == [drawing.label for drawing in kept]
    found = drawing_archives.read(content)
    assert [(one.image == other.image).all() for one, other in zip(found, kept, strict=True)] == [True] * 5
    assert [one.held_back for one in found] == [False, False, True, False, False]


def test_an_empty_set_goes_out() -> None:
    assert len(drawing_archives.to_npz([])) > 0
    assert "lists no drawing" in refusal(drawing_archives.to_zip([]))


def test_a_formula_in_a_models_name_stays_words_in_a_spreadsheet() -> None:
    content = drawing_archives.to_zip([Drawing(DIGIT, 1, model="=1+1")])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (row,) = csv.DictReader(io.StringIO(archive.read("drawings.csv").decode()))
    assert row["model"] == "'=1+1"


def test_other_peoples_pictures_come_in_through_the_one_door() -> None:
    """A dark one on a large white sheet, in a folder beside its table, from a spreadsheet that marks UTF-8."""
    sheet = np.full((200, 300, 3), 255, np.uint8)
    sheet[40:160, 140:155] = 20
    content = packed({"mine/one.png": png(sheet), "mine/table.csv": "\ufefflabel,file\n1,one.png\n"})
    (found,) = drawing_archives.read(content)
    assert found.label == 1 and found.held_back is None and found.picture
    rows = np.flatnonzero(found.image.any(axis=1))
    assert (rows[0], rows[-1]) == (4, 23)  # 20 pixels high, centred


def test_what_macos_packs_in_is_passed_over() -> None:
    parts = {"one.png": png(DIGIT), "t.csv": TABLE, "__MACOSX/._one.png": b"?", ".DS_Store": b"?"}
    assert (drawing_archives.read(packed(parts))[0].image == DIGIT).all()


@pytest.mark.parametrize(
    "name",
    ["../one.png", "/etc/one.png", "a/../../one.png", "..\\one.png", "C:/one.png", "\\\\host\\one.png"],
)
def test_a_path_outside_is_refused(name: str) -> None:
    assert "leads out of it" in refusal(packed({name: png(DIGIT), "t.csv": TABLE}))


@pytest.mark.parametrize(
    "name", ["<b>one</b>.png", "one\u202egnp.exe", "<img src=x onerror=alert(1)>.png", "a\nb.png", "x" * 201]
)
def test_a_name_with_html_or_marks_is_refused_and_shown_harmlessly(name: str) -> None:
    sentence = refusal(packed({name: png(DIGIT), "t.csv": TABLE}))
    assert "strange name" in sentence
    assert "\u202e" not in sentence and "\n" not in sentence and len(sentence) < 250


def _with_sizes(content: bytes, size: int) -> bytes:
    """The directory of an archive says that its first part is as large as that."""
    place = content.index(b"PK\x01\x02") + 24
    return content[:place] + struct.pack("<L", size) + content[place + 4 :]


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = packed({"one.png": bytes(1_900_000), "t.csv": TABLE}, compression=zipfile.ZIP_DEFLATED)
    assert len(bomb) < 10_000
    assert "would grow to 1.9 MB" in refusal(bomb)
    honest = packed({"one.png": np.random.default_rng(0).bytes(9_000_000), "t.csv": TABLE})
    assert "would grow to 9.0 MB" in refusal(honest)
    many = packed({f"{place}.png": np.random.default_rng(0).bytes(1_900_000) for place in range(10)})
    assert "needs one table" in refusal(many)


def test_a_part_that_holds_more_than_it_says_is_refused() -> None:
    content = packed({"one.png": bytes(50_000), "t.csv": TABLE}, compression=zipfile.ZIP_DEFLATED)
    assert refusal(_with_sizes(content, 100))


def test_too_many_parts_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing_archives, "MAX_DRAWINGS", 3)
    parts = {f"{place}.png": png(DIGIT) for place in range(8)}
    assert "more than 3 drawings" in refusal(packed(parts | {"t.csv": TABLE}))
    rows = "".join(f"{place}.png,1\n" for place in range(4))
    four = {f"{place}.png": png(DIGIT) for place in range(4)} | {"t.csv": "file,label\n" + rows}
    assert "lists 4 drawings; the limit is 3" in refusal(packed(four))


def test_a_long_list_of_parts_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing_archives, "_MAX_DIRECTORY_BYTES", 60)
    assert "far more parts" in refusal(packed({"one.png": png(DIGIT), "t.csv": TABLE}))


def test_a_large_file_is_refused() -> None:
    assert "21 MB; the limit is 20 MB" in refusal(bytes(21 * 1024**2 - 1_000_000))


Change = Callable[[dict[str, bytes | str]], dict[str, bytes | str]]


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({}, "is not a set of drawings"),
        ({"one.png": b""}, "needs one table"),
        ({"t.csv": TABLE, "u.csv": TABLE}, "it has 2"),
        ({"t.csv": TABLE}, "which the file does not hold"),
        ({"t.csv": "name,digit\none.png,1\n"}, "columns “file” and “label”"),
        ({"t.csv": b"\xff\xfe\x00"}, "cannot be read"),
        ({"t.csv": "file,label\none.png,12\n", "one.png": png(DIGIT)}, "digit from 0 to 9"),
        ({"t.csv": "file,label\none.png,<b>\n", "one.png": png(DIGIT)}, "digit from 0 to 9"),
        ({"t.csv": "file,label,answer\none.png,1,x\n", "one.png": png(DIGIT)}, "The table's row for"),
        ({"t.csv": "file,label,confidence\none.png,1,7\n", "one.png": png(DIGIT)}, "confidence"),
        ({"t.csv": TABLE, "one.png": b"GIF89a"}, "one.png” cannot be imported"),
        ({"t.csv": TABLE, "one.png": png(np.full((28, 28), 255, np.uint8))}, "Nothing stands out"),
        ({"t.csv": TABLE, "one.png": png(np.zeros((2_001, 2_000), np.uint8))}, "4 megapixels"),
    ],
)
def test_what_is_wrong_with_a_zip_is_said(parts: dict[str, bytes | str], words: str) -> None:
    assert words in refusal(packed(parts))


def arrays(**named: np.ndarray) -> bytes:
    content = io.BytesIO()
    np.savez_compressed(content, **named)
    return content.getvalue()


IMAGES, LABELS = DIGIT[None], np.array([1], np.uint8)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (arrays(images=IMAGES), "no array “labels”"),
        (arrays(images=IMAGES[:, :14], labels=LABELS), "uint8 arrays of shape (n, 28, 28)"),
        (arrays(images=IMAGES.astype(float), labels=LABELS), "uint8 arrays of shape (n, 28, 28)"),
        (arrays(images=IMAGES, labels=np.array([1, 2])), "1 digits need as many"),
        (arrays(images=IMAGES, labels=np.array([10])), "from 0 to 9"),
        (arrays(images=IMAGES, labels=LABELS, held_back=np.array([1.0])), "true or false"),
        (arrays(images=IMAGES, labels=np.array([object()], object)), "not a plain one"),
    ],
)
def test_what_is_wrong_with_arrays_is_said(content: bytes, words: str) -> None:
    assert words in refusal(content)


def test_an_array_that_claims_to_be_huge_gets_no_room() -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|u1", "fortran_order": False, "shape": (10**12, 28, 28)}
    )
    assert "not a plain one" in refusal(packed({"images.npy": header.getvalue(), "labels.npy": b""}))


@pytest.mark.parametrize("content", [b"", b"hello", b"\x93NUMPY", b"PK\x03\x04", b"PK\x03\x04" + bytes(100)])
def test_what_is_no_archive_is_refused(content: bytes) -> None:
    assert refusal(content)


def test_no_flipped_byte_is_more_than_a_sentence(kept: list[Drawing]) -> None:
    random = np.random.default_rng(0)
    for content in (drawing_archives.to_zip(kept[:2]), drawing_archives.to_npz(kept[:2])):
        for place in random.integers(0, len(content), 150):
            changed = bytearray(content)
            changed[place] ^= 1 << random.integers(8)
            try:
                drawing_archives.read(bytes(changed))
            except DatasetError as error:
                assert str(error)


def test_a_picture_that_the_table_names_twice_is_refused() -> None:
    """476 bytes that named one picture of 4 megapixels 5,000 times kept a core for 20 minutes."""
    parts = {"one.png": png(DIGIT), "t.csv": "file,label\n" + "one.png,1\n" * 5_000}
    assert "“one.png” twice" in refusal(packed(parts))
    parts = {
        "one.png": png(DIGIT),
        "d.png": png(DIGIT),
        "t.csv": "file,label,drawing\none.png,1,d.png\nd.png,1,\n",
    }
    assert "“d.png” twice" in refusal(packed(parts))


def test_all_pictures_together_have_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = np.full((300, 300), 255, np.uint8)
    sheet[40:160, 140:155] = 20
    parts = {f"{number}.png": png(sheet) for number in range(4)}
    table = "file,label\n" + "".join(f"{name},1\n" for name in parts)
    content = packed(parts | {"t.csv": table})
    assert len(drawing_archives.read(content)) == 4
    monkeypatch.setattr(drawing_archives, "_MAX_PIXELS_IN_ALL", 350_000)
    assert "too large, taken together" in refusal(content)
    monkeypatch.undo()
    monkeypatch.setattr(drawing_archives, "_MAX_SECONDS", 0)
    assert "too large, taken together" in refusal(content)


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '''",
        "  {\n 'a'",
        "{'descr': ]",
        "{[]: 1}",
        "(" * 500,
        "{'descr': '<u1', 'shape': 'x'}",
        "\0",
        "",
    ],
)
def test_a_header_that_numpy_stumbles_over_is_a_sentence(header: str) -> None:
    """It raised TokenError, IndentationError, SyntaxError and TypeError."""
    packed_header = header.encode()
    content = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(packed_header)) + packed_header
    assert refusal(packed({"images.npy": content, "labels.npy": content})).endswith(".")


def test_an_offset_beyond_all_files_is_a_sentence() -> None:
    content = bytearray(packed({"one.png": png(DIGIT), "t.csv": TABLE}))
    at = content.index(b"PK\x01\x02")
    extra = struct.pack("<HHQ", 1, 8, 2**63 + 5)  # zip64 has room for it
    content[at + 42 : at + 46] = b"\xff" * 4
    content[at + 30 : at + 32] = struct.pack("<H", len(extra))
    name_end = at + 46 + len("one.png")
    content[name_end:name_end] = extra
    end = content.rindex(b"PK\x05\x06")
    (size,) = struct.unpack_from("<I", content, end + 12)
    struct.pack_into("<I", content, end + 12, size + len(extra))
    assert refusal(bytes(content)) == "The file is damaged: it cannot be unpacked."


@settings(max_examples=examples(150), deadline=None)
@given(
    kind=st.sampled_from(["zip", "npz"]),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
    kept_share=st.just(1.0) | st.floats(0, 1),
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_no_damage_to_an_archive_is_more_than_a_sentence(
    kept: list[Drawing], kind: str, changes: list[tuple[float, int]], kept_share: float
) -> None:
    content = bytearray(drawing_archives.to_zip(kept) if kind == "zip" else drawing_archives.to_npz(kept))
    for where, value in changes:
        content[int(where * len(content))] = value
    with contextlib.suppress(DatasetError):
        found = drawing_archives.read(bytes(content[: int(kept_share * len(content))]))
        assert all(isinstance(one, Drawing) for one in found)
