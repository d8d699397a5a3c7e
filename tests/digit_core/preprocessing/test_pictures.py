import io
import struct
import subprocess
import sys
import threading
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from digit_core.errors import NoInkError, PictureError
from digit_core.preprocessing import images, pictures, unpacking
from digit_core.settings import PROJECT_FOLDER
from tests import hostile
from tests.examples import examples

pillow_heif.register_heif_opener()  # for the tests to write HEIC; that reading needs no such word, a process of its own shows


def _drawn(mode: str = "RGB") -> Image.Image:
    """A thick 1, dark on light, 60 x 80, off the middle so that each turn of it differs."""
    picture = Image.new("RGB", (60, 80), "white")
    ImageDraw.Draw(picture).rectangle((20, 10, 27, 59), fill="black")
    return picture.convert(mode)


def _saved(picture: Image.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def _moving(form: str) -> bytes:
    frames = [_drawn(), _drawn().transpose(Image.Transpose.ROTATE_180)]
    return _saved(frames[0], form, save_all=True, append_images=frames[1:], duration=100)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _huge_png(side: int) -> bytes:
    """A white PNG of side x side pixels, each of one bit in the file, made without ever holding them."""
    packer = zlib.compressobj(9)
    row = b"\0" + b"\xff" * ((side + 7) // 8)
    packed = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def _huge_heic(width: int, height: int) -> bytes:
    """A small HEIC picture that says it is so large: its size stands in its one box "ispe"."""
    before, name, after = _saved(Image.new("L", (64, 64), 255), "HEIF").partition(b"ispe")
    return before + name + after[:4] + struct.pack(">II", width, height) + after[12:]


FORMS = {
    "PNG": _saved(_drawn(), "PNG"),
    "JPEG": _saved(_drawn(), "JPEG", quality=95),
    "progressive JPEG": _saved(_drawn(), "JPEG", quality=95, progressive=True),
    "GIF": _saved(_drawn(), "GIF"),
    "BMP": _saved(_drawn(), "BMP"),
    "WebP": _saved(_drawn(), "WEBP", quality=95),
    "lossless WebP": _saved(_drawn(), "WEBP", lossless=True),
    "TIFF": _saved(_drawn(), "TIFF"),
    "packed TIFF": _saved(_drawn(), "TIFF", compression="tiff_lzw"),
    "PPM": _saved(_drawn(), "PPM"),
    "16-bit PNG": _saved(Image.fromarray(np.asarray(_drawn("L")).astype(np.uint16) * 257), "PNG"),
    "float TIFF": _saved(_drawn("F"), "TIFF"),
    "grey PNG": _saved(_drawn("L"), "PNG"),
    "grey PNG with opacity": _saved(_drawn("LA"), "PNG"),
    "black and white PNG": _saved(_drawn("1"), "PNG"),
    "palette PNG": _saved(_drawn("P"), "PNG"),
    "RGBA PNG": _saved(_drawn("RGBA"), "PNG"),
    "CMYK JPEG": _saved(_drawn("CMYK"), "JPEG", quality=95),
    "HEIC": _saved(_drawn(), "HEIF", quality=95),
    "grey HEIC": _saved(_drawn("L"), "HEIF", quality=95),
    "RGBA HEIC": _saved(_drawn("RGBA"), "HEIF", quality=95),
    "AVIF": _saved(_drawn(), "AVIF", quality=95),
    "YCbCr JPEG": _saved(_drawn("YCbCr"), "JPEG", quality=95),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_common_format_is_read_the_same(form: str) -> None:
    rgba = pictures.read(FORMS[form])
    assert rgba.dtype == np.uint8
    assert rgba.shape == (80, 60, 4)
    assert np.all(rgba[..., 3] == 255)
    grey = rgba[..., :3].mean(axis=2)
    assert grey[12:58, 22:26].max() < 40  # ink
    assert grey[64:, 32:].min() > 215  # ground


# In a process that has opened nothing yet, Pillow knows PNG, JPEG, GIF, BMP and PPM only; a name among FORMATS that it
# never knows ("MPO") made every other picture a KeyError.
@pytest.mark.parametrize("form", ["GIF", "WebP", "TIFF", "HEIC", "AVIF", "no picture"])
def test_the_first_picture_of_a_process_may_be_of_any_format(form: str) -> None:
    program = """
import sys
from digit_core.preprocessing import pictures
from digit_core.errors import PictureError
try:
    print(pictures.read(sys.stdin.buffer).shape)
except PictureError as error:
    print(error)
"""
    content = FORMS.get(form, b"just text")
    run = subprocess.run(
        [sys.executable, "-c", program], input=content, cwd=PROJECT_FOLDER, capture_output=True, check=True
    )
    answer = run.stdout.decode()
    assert answer.startswith("(80, 60, 4)" if form in FORMS else "This file is not a picture")


def test_a_picture_comes_by_path_bytes_file_or_pil_image(tmp_path: Path) -> None:
    content = FORMS["PNG"]
    path = tmp_path / "one.png"
    path.write_bytes(content)
    expected = pictures.read(content)
    with path.open("rb") as file:
        sources = [path, str(path), bytearray(content), io.BytesIO(content), file, _drawn()]
        for source in sources:
            np.testing.assert_array_equal(pictures.read(source), expected)


# How the stored pixels are turned and flipped so that the viewer, who undoes it, sees the picture upright.
STORED = {
    1: lambda p: p,
    2: lambda p: p.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    3: lambda p: p.transpose(Image.Transpose.ROTATE_180),
    4: lambda p: p.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
    5: lambda p: p.transpose(Image.Transpose.TRANSPOSE),
    6: lambda p: p.transpose(Image.Transpose.ROTATE_90),
    7: lambda p: p.transpose(Image.Transpose.TRANSVERSE),
    8: lambda p: p.transpose(Image.Transpose.ROTATE_270),
}


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "TIFF", "HEIF", "AVIF"])
def test_a_phones_photo_is_turned_upright(orientation: int, form: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    rgba = pictures.read(_saved(STORED[orientation](_drawn()), form, exif=exif))
    assert rgba.shape == (80, 60, 4)
    np.testing.assert_allclose(rgba, pictures.read(FORMS["PNG"]), atol=60)  # JPEG and WebP blur
    assert np.mean(np.abs(rgba.astype(int) - pictures.read(FORMS["PNG"]))) < 3


@pytest.mark.parametrize("orientation", STORED)
def test_a_phones_heic_that_says_its_orientation_twice_is_turned_once(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = _saved(STORED[orientation](_drawn()), "HEIF", exif=exif.tobytes())  # in boxes of its own, too
    assert (b"irot" in content or b"imir" in content) == (orientation != 1)
    rgba = pictures.read(content)
    assert rgba.shape == (80, 60, 4)
    assert np.mean(np.abs(rgba.astype(int) - pictures.read(FORMS["PNG"]))) < 3


def test_the_opacity_of_a_palette_is_kept() -> None:
    picture = Image.new("P", (40, 40), 0)
    picture.putpalette([255, 255, 255, 0, 0, 0])
    picture.paste(1, (18, 5, 23, 35))
    rgba = pictures.read(_saved(picture, "PNG", transparency=0))
    assert rgba[0, 0, 3] == 0
    assert list(rgba[20, 20]) == [0, 0, 0, 255]


def test_dark_and_light_of_16_bits_are_told_apart_however_few_are_used() -> None:
    values = np.full((40, 40), 1_200, np.uint16)
    values[5:35, 18:23] = 1_000
    rgba = pictures.read(_saved(Image.fromarray(values), "PNG"))
    assert rgba[0, 0, 0] == 255
    assert rgba[20, 20, 0] == 0


def test_a_large_picture_is_reduced_with_its_shape() -> None:
    assert pictures.read(_saved(Image.new("L", (4_000, 1_000), 255), "PNG")).shape == (256, 1_024, 4)
    assert pictures.read(_saved(Image.new("L", (1_500, 3_000), 255), "JPEG")).shape == (1_024, 512, 4)


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_pil_image_is_left_as_it_was(form: str) -> None:
    picture = Image.open(io.BytesIO(_saved(Image.new("RGB", (3_000, 3_000), "white"), form)))
    assert pictures.read(picture).shape == (1_024, 1_024, 4)
    assert picture.size == (3_000, 3_000)
    assert picture.mode == "RGB"


def test_a_phones_photo_of_several_pictures_is_no_animation() -> None:
    content = _saved(_drawn(), "MPO", save_all=True, append_images=[_drawn()])
    assert pictures.read(content).shape == (80, 60, 4)


def test_a_still_of_a_moving_format_is_read() -> None:
    assert pictures.read(FORMS["GIF"]).shape == (80, 60, 4)
    assert pictures.read(FORMS["WebP"]).shape == (80, 60, 4)


BAD = {
    "empty": (b"", "is empty"),
    "text": (b"This is a letter, not a picture.\n" * 9, "is not a picture"),
    "PDF": (b"%PDF-1.7\n" + bytes(200), "is not a picture"),
    "PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is not a picture"),
    "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is not a picture"),
    "half a JPEG": (FORMS["JPEG"][: len(FORMS["JPEG"]) // 2], "is damaged"),
    "a JPEG's start": (FORMS["JPEG"][:30], "is "),
    "half a PNG": (FORMS["PNG"][: len(FORMS["PNG"]) // 2], "is damaged"),
    "a PNG's start": (FORMS["PNG"][:20], "is "),
    "half a GIF": (FORMS["GIF"][: len(FORMS["GIF"]) // 2], "is damaged"),
    "half a WebP": (FORMS["WebP"][: len(FORMS["WebP"]) // 2], "is "),
    "half a TIFF": (FORMS["TIFF"][: len(FORMS["TIFF"]) // 2], "is "),
    "not-a-number TIFF": (
        _saved(Image.fromarray(np.full((20, 20), np.nan, np.float32)), "TIFF"),
        "is damaged",
    ),
    "1 x 5000": (_saved(Image.new("L", (1, 5_000), 255), "PNG"), "1 x 5000 pixels: too few to hold a digit"),
    "5000 x 1": (_saved(Image.new("L", (5_000, 1), 255), "PNG"), "too few to hold a digit"),
    "2 x 2": (_saved(Image.new("L", (2, 2), 255), "PNG"), "2 x 2 pixels: too few to hold a digit"),
    "4 x 4": (_saved(Image.new("L", (4, 4), 255), "PNG"), "Each side needs at least 5"),
    "moving GIF": (_moving("GIF"), "is animated: save the one frame"),
    "moving WebP": (_moving("WEBP"), "is animated"),
    "moving PNG": (_moving("PNG"), "is animated"),
    "moving AVIF": (_moving("AVIF"), "is animated"),
    "half a HEIC": (FORMS["HEIC"][: len(FORMS["HEIC"]) // 2], "is "),
    "half an AVIF": (FORMS["AVIF"][: len(FORMS["AVIF"]) // 2], "is "),
    "a film": (b"\0\0\0\x18ftypmp42" + bytes(200), "is not a picture"),
    "26 megapixels of HEIC": (
        _huge_heic(5_200, 5_000),
        "has more than 24.5 megapixels, the most for a HEIC picture: save it as JPEG",
    ),
    "100 megapixels": (_huge_png(10_000), "has more than 50 megapixels: save it smaller"),
    "400 megapixels": (_huge_png(20_000), "has more than 50 megapixels"),
    "60 megapixels": (_huge_png(7_750), "has more than 50 megapixels"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(kind: str, tmp_path: Path) -> None:
    content, sentence = BAD[kind]
    path = tmp_path / "digit.png"
    path.write_bytes(content)
    for source, name in ((path, "digit.png"), (str(path), "digit.png"), (content, "(The picture|This file)")):
        with pytest.raises(PictureError, match=f"^{name} .*{sentence}") as caught:
            images.from_picture(source)
        assert str(caught.value).endswith(".")
        assert not isinstance(caught.value, NoInkError)


def test_a_missing_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=r"^There is no file seven\.png\.$"):
        pictures.read(tmp_path / "seven.png")


def test_a_folder_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="is a folder, not a picture"):
        pictures.read(tmp_path)


@pytest.mark.parametrize("name", ["a" * 5_000, "a\0b"], ids=["too long", "with a zero"])
def test_an_impossible_name_is_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(PictureError, match="cannot be opened"):
        pictures.read(name)


def test_a_closed_file_is_refused_with_a_sentence() -> None:
    file = io.BytesIO(FORMS["PNG"])
    file.close()
    with pytest.raises(PictureError, match="cannot be opened"):
        pictures.read(file)


def test_a_lower_limit_on_pixels_can_be_set() -> None:
    with pytest.raises(PictureError, match="megapixels"):
        pictures.read(FORMS["PNG"], max_pixels=60 * 80 - 1)
    assert pictures.read(FORMS["PNG"], max_pixels=60 * 80).shape == (80, 60, 4)


def test_a_picture_of_a_hundred_megapixels_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    pytest.importorskip("resource", reason="Windows does not tell a process its largest size")
    path = tmp_path / "huge.png"
    path.write_bytes(BAD["100 megapixels"][0])
    assert path.stat().st_size < 200_000
    program = """
import resource, sys
from digit_core.preprocessing import images, pictures
from digit_core.errors import PictureError
try:
    pictures.read(sys.argv[2])  # all that opening a small picture needs is loaded now
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    images.from_picture(sys.argv[1])
except PictureError as error:
    print(error, file=sys.stderr)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    small = tmp_path / "small.png"
    small.write_bytes(FORMS["PNG"])
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, path, small],
        cwd=PROJECT_FOLDER,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "50 megapixels" in run.stderr
    unit = 1 if sys.platform == "darwin" else 1_024  # bytes of ru_maxrss
    assert int(run.stdout) * unit < 10e6


_PEAKS = """
import sys, warnings
from pathlib import Path
import pillow_heif
from digit_core.errors import PictureError
from digit_core.preprocessing import images, pictures
warnings.simplefilter("ignore")
pillow_heif.register_heif_opener()
def megabytes(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) * 1024 / 1e6
def read(path):
    try:
        images.from_picture(path)
    except PictureError as error:
        return str(error)
for path in sys.argv[1:2] + sys.argv[1:]:  # the first one twice: what it needs is loaded then
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = megabytes("VmRSS")
    sentence = read(path)
    print(round(megabytes("VmHWM") - before), sentence)
"""
_QUICK = ("16-bit PNG", "float TIFF", "RGBA PNG", "AVIF that lies", "RGB PNG of 50 megapixels")


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux tells a process its peak")
@pytest.mark.parametrize(
    "kinds", [_QUICK, pytest.param(tuple(hostile.WORST), marks=pytest.mark.long)], ids=["some", "all"]
)
def test_the_worst_picture_of_each_kind_takes_little_memory(kinds: tuple[str, ...], tmp_path: Path) -> None:
    """A 16-bit PNG of 110 KB took 1,048 MB, a float TIFF of 320 KB 1,250."""
    paths = []
    for number, kind in enumerate(kinds):
        paths.append(tmp_path / str(number))
        paths[-1].write_bytes(hostile.WORST[kind]())
    run = subprocess.run(
        [sys.executable, "-c", _PEAKS, *paths], cwd=PROJECT_FOLDER, capture_output=True, text=True, check=True
    )
    told = dict(zip(kinds, run.stdout.splitlines()[1:], strict=True))
    for kind, line in told.items():
        assert int(line.split()[0]) <= (60 if kind in ("WebP", "AVIF", "HEIC", "AVIF that lies") else 150), (
            told
        )
        is_read = list(hostile.WORST).index(kind) <= list(hostile.WORST).index("AVIF that lies")
        assert ("save it" not in line) == is_read, told


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits what a process takes")
def test_a_decoder_that_takes_too_much_ends_alone() -> None:
    content = hostile.avif_that_lies(7_070)
    assert unpacking.unpack(content, 1024).size == (200, 200)
    with pytest.raises(ValueError, match="ended without a picture"):
        unpacking.unpack(content, 1024, memory_bytes=150_000_000)


def test_a_scan_of_a_page_in_grey_is_read() -> None:
    assert pictures.read(hostile.png(5_900, 8, 0)).shape == (
        1_024,
        1_024,
        4,
    )  # 600 dots to the inch of A4, in a square


def test_large_pictures_are_unpacked_one_at_a_time() -> None:
    content, done = hostile.png(3_500, 8, 0), threading.Event()

    def read() -> None:
        pictures.read(content)
        done.set()

    with pictures.ONE_AT_A_TIME:
        reader = threading.Thread(target=read)
        reader.start()
        assert not done.wait(0.5)
        pictures.read(FORMS["PNG"])  # what is small waits for nobody
    assert done.wait(60)
    reader.join()


def test_whatever_a_decoder_raises_is_a_sentence() -> None:
    """The places of its strips as text made Pillow's reader of TIFF raise a TypeError, which lost the whole batch."""
    strange = bytearray(_saved(_drawn(), "TIFF"))
    (at,) = struct.unpack_from("<I", strange, 4)
    (tags,) = struct.unpack_from("<H", strange, at)
    places = range(at + 2, at + 2 + 12 * tags, 12)
    (strips,) = (place for place in places if struct.unpack_from("<H", strange, place)[0] == 273)
    struct.pack_into("<HHI4s", strange, strips, 273, 2, 4, b"abc\0")
    with pytest.raises(PictureError, match="is damaged"):
        pictures.read(bytes(strange))


@settings(max_examples=examples(300), deadline=None)
@given(
    form=st.sampled_from(sorted(FORMS)),
    changes=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.booleans(), st.integers(0, 255)), max_size=4
    ),
    kept=st.just(1.0) | st.floats(0, 1),
)
@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's words on broken EXIF and TIFF tags
def test_no_damage_to_a_file_is_more_than_a_sentence(
    form: str, changes: list[tuple[float, bool, int]], kept: float
) -> None:
    content = bytearray(FORMS[form])
    for where, is_early, value in changes:
        content[int(where * min(len(content), 300 if is_early else len(content)))] = value
    try:
        image = images.from_picture(bytes(content[: int(kept * len(content))]))
    except PictureError:
        return
    assert image.shape == (28, 28)
    assert 0 <= image.min() <= image.max() <= 1


def test_a_file_too_large_for_a_picture_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "film.png"
    with path.open("wb") as file:
        file.truncate(201_000_000)  # sparse: it takes no room
    with pytest.raises(PictureError, match=r"film\.png is no picture"):
        pictures.read(path)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no endless device")
def test_a_device_without_end_is_not_read() -> None:
    with pytest.raises(PictureError, match="zero is no picture"):
        pictures.read("/dev/zero")


GREY = np.asarray(_drawn("L"))
ARRAYS = {
    "grey": GREY,
    "grey with a channel": GREY[..., None],
    "colour": np.asarray(_drawn("RGB")),
    "colour with opacity": np.asarray(_drawn("RGBA")),
    "floats": GREY / 255.0,
    "float32": GREY.astype(np.float32) / np.float32(255),
    "float32 in colour": np.asarray(_drawn("RGB")).astype(np.float32) / np.float32(255),
    "a view": np.ascontiguousarray(GREY.T).T,
}


@pytest.mark.parametrize("kind", ARRAYS)
def test_an_array_is_read_as_its_picture_is(kind: str) -> None:
    np.testing.assert_array_equal(pictures.read(ARRAYS[kind]), pictures.read(_drawn()))
    np.testing.assert_array_equal(images.from_picture(ARRAYS[kind]), images.from_picture(_drawn()))


@pytest.mark.parametrize(
    ("array", "sentence"),
    [
        (GREY.astype(np.float64), "divide them by 255.0"),
        (np.full((60, 80), np.nan), "or hold NaN"),
        (np.full((60, 80), -0.1), "from 0.0 to 1.0"),
        (GREY.astype(np.int64), "not of int64"),
        (GREY.astype(np.uint16), "not of uint16"),
        (GREY > 100, "not of bool"),
        (GREY.ravel(), r"not \(4800,\)"),
        (np.zeros((60, 80, 2), np.uint8), r"not \(60, 80, 2\)"),
        (np.zeros((0, 80), np.uint8), r"not \(0, 80\)"),
        (np.zeros((4, 4), np.uint8), "too few to hold a digit"),
    ],
)
def test_an_array_that_is_no_picture_is_refused(array: np.ndarray, sentence: str) -> None:
    with pytest.raises(PictureError, match=sentence):
        images.from_picture(array)
