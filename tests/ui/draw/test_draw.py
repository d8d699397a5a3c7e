"""The Draw page takes what people bring, and what nobody should."""

import io
import json
import re
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pillow_heif
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from digit_core import settings
from digit_core.datasets.mnist import Mnist
from digit_core.inference import classifier
from digit_core.preprocessing import images
from digit_core.storage import store as stores
from digit_core.storage.store import Store
from digit_core.synthesis import samples
from tests.app_pages import widget
from tests.test_pages import as_message, drawn, html_of, huge_png
from ui.components import clipboard, pixel_editor
from ui.draw import sources
from ui.frame import state

DRAW = settings.PROJECT_FOLDER / "pages" / "4_Draw.py"
WIDE_CANVAS = "wide_drawing canvas 0 #1c2326"
GOOD = samples.DIGITS["Blackboard"]()  # a 7


def open_view(view: str) -> AppTest:
    page = AppTest.from_file(str(DRAW), default_timeout=120)
    page.query_params["draw"] = view
    return checked(page.run())


def checked(page: AppTest) -> AppTest:
    assert not page.exception
    return page


def upload(page: AppTest, *files: tuple[str, bytes]) -> str:
    """Bring files, and the page's HTML after that."""
    page.file_uploader[0].set_value([(name, content, "image/png") for name, content in files])
    return html_of(checked(page.run()))


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def answers(html: str) -> list[str]:
    return re.findall(r"class='answer[^>]*>([^<]+)<", html)


def press(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == label).click()
    return checked(page.run())


def test_pictures_of_any_ground_and_format_are_read(mnist: Mnist) -> None:
    digit = Image.fromarray(mnist.test.images[0]).resize((112, 112))  # a 7, white on black
    pillow_heif.register_heif_opener()  # to write HEIC here
    page = open_view("Pictures")
    inverted = Image.eval(digit, lambda value: 255 - value)
    html = upload(
        page,
        ("black.png", encoded(digit, "PNG")),
        ("white.jpg", encoded(inverted, "JPEG")),
        ("one.gif", encoded(inverted, "GIF")),
        ("small.bmp", encoded(digit.resize((28, 28)), "BMP")),
        ("deep.tiff", encoded(Image.fromarray(np.asarray(digit).astype(np.uint16) * 257), "TIFF")),
        ("clear.webp", encoded(Image.open(io.BytesIO(drawn(mnist.test.images[0]))), "WEBP", lossless=True)),
        ("phone.heic", encoded(inverted, "HEIF")),
        ("phone.avif", encoded(inverted, "AVIF")),
    )
    assert answers(html) == ["7"] * 8
    assert html.count("The 28 by 28 pixels that the network sees") == 8


BAD = {
    "empty": b"",
    "text": b"This is no picture.",
    "program": b"\x7fELF" + bytes(200),
    "torn": GOOD[: len(GOOD) // 2],
    "tiny": encoded(Image.new("L", (3, 3)), "PNG"),
    "blank": encoded(Image.new("L", (50, 50), 255), "PNG"),
    "moving": encoded(
        Image.new("L", (50, 50)), "GIF", save_all=True, append_images=[Image.new("L", (50, 50), 9)]
    ),
    "huge": huge_png(13_000),
}


def test_every_bad_picture_is_a_sentence_and_the_good_one_among_them_is_read() -> None:
    page = open_view("Pictures")
    html = upload(page, *BAD.items(), ("good.png", GOOD))
    refusals = re.findall(r"colspan='2'>([^<]+)<", html)
    assert len(refusals) == len(BAD)
    assert all(sentence.endswith((".", "!")) and " " in sentence for sentence in refusals)
    assert answers(html) == ["7"]


def test_a_file_of_201_megabytes_is_a_sentence() -> None:
    assert "It has 201 MB; the limit is 20 MB" in upload(
        open_view("Pictures"), ("scan.png", bytes(201_000_000))
    )


def test_of_500_pictures_at_once_the_first_100_are_read_and_a_sentence_tells_of_the_others(
    mnist: Mnist,
) -> None:
    small = encoded(Image.fromarray(mnist.test.images[0]), "PNG")
    page = open_view("Pictures")
    html = upload(page, *((f"{number}.png", small) for number in range(500)))
    assert len(answers(html)) == sources.MAX_AT_ONCE
    assert "You added 500 pictures" in page.warning[0].value
    assert "other 400 are not. You can add those now" in page.warning[0].value
    assert len(answers(upload(page, ("one.png", small)))) == sources.MAX_AT_ONCE + 1
    assert not page.warning


def test_a_misread_picture_is_taught_and_asked_about(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "default", lambda: store)
    page = open_view("Pictures")
    page.session_state[state.VISITOR] = "a" * 32
    upload(page, ("bad.png", b"nothing"), ("good.png", GOOD))
    assert page.main.selectbox[0].options == ["2. good.png: 7"]
    page.main.selectbox[0].set_value(1)
    press(checked(page.run()), "3")
    (made,) = store.drawing_sets.of("a" * 32)
    (kept,) = store.drawings.read("a" * 32, made.id)[1]
    assert (kept.label, kept.answer) == (3, 7)
    assert kept.image.max() > 250
    assert store.drawings.picture("a" * 32, made.id, 1)
    page = press(page, "Why this answer?")
    assert "Read as **a 7**" in page.markdown[1].value


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../x.png", ">x.png<"),
        ("a\u202egnp.png", ">agnp.png<"),
        (
            "<img src=x onerror=alert(1)>.png",
            "&lt;img src=x onerror=alert(1)&gt;.png",
        ),
        ("a'onmouseover='alert(1).png", "a&#x27;onmouseover"),
    ],
)
def test_a_name_is_shown_harmlessly(name: str, shown: str) -> None:
    html = upload(open_view("Pictures"), (name, GOOD), (name, b"nothing"))
    assert html.count(shown) == 2
    assert "<img src=x" not in html
    assert "\u202e" not in html


def test_a_sample_is_read_and_another_model_reads_it_again() -> None:
    page = open_view("Pictures")
    widget(page.segmented_control, "pictures from").set_value(sources.SAMPLES)
    press(checked(page.run()), "Blackboard")
    before = html_of(page)
    assert answers(before) == ["7"]
    page.sidebar.selectbox[0].set_value("ann")
    after = html_of(checked(page.run()))
    assert "Blackboard" in after
    assert after != before
    assert answers(html_of(press(page, "Clear the table"))) == []


@pytest.mark.parametrize(
    ("address", "has"),
    [
        ("https://school.example/Draw", True),
        ("http://localhost:8501/Draw", True),
        ("http://127.0.0.1:8501", True),
        ("http://[::1]:8501", True),
        ("http://192.168.0.17:8501/Draw", False),
        ("http://localhost.example/Draw", False),
        ("", False),
    ],
)
def test_browsers_lend_the_camera_to_safe_pages_only(address: str, has: bool) -> None:
    assert sources.has_camera(address) == has


def test_over_plain_http_the_page_says_why_there_is_no_camera() -> None:
    page = open_view("Pictures")
    widget(page.segmented_control, "pictures from").set_value(sources.CAMERA)
    checked(page.run())
    assert "plain HTTP" in page.info[0].value


@pytest.mark.parametrize(
    "message",
    [None, 7, "x", {}, [None], [{"data": 7}], [{"data": "%%%"}], [{"data": "A" * 30_000_000}]],
)
def test_what_is_no_pasted_picture_is_left_out(message: object) -> None:
    assert clipboard._contents(message) == []


def test_what_is_pasted_arrives_up_to_a_number() -> None:
    assert (
        clipboard._contents([{"name": "image.png", "data": "QUJD"}] * 50) == [b"ABC"] * clipboard.MAX_PICTURES
    )


@pytest.mark.parametrize(
    "message",
    [None, [], {"squares": "00" * 784}, {"squares": "00" * 783, "generation": 3}, {"generation": 3}]
    + [{"squares": bad, "generation": 3} for bad in (7, None, "x" * 1568)],
)
def test_what_are_no_painted_squares_are_left_out(message: object) -> None:
    assert pixel_editor._painted(message, 3) is None


def test_squares_of_another_generation_are_left_out() -> None:
    message = {"squares": "ff" * 784, "generation": 3}
    assert pixel_editor._painted(message, 4) is None
    painted = pixel_editor._painted(message, 3)
    assert painted is not None
    assert (painted == 255).all()


def test_a_digit_is_painted_square_by_square(mnist: Mnist) -> None:
    page = open_view("One digit")
    widget(page.segmented_control, state.DRAWING_WAY).set_value("Squares and keys")
    checked(page.run())
    generation = page.session_state[state.DRAWING]["generation"]
    painted = mnist.test.images[0]
    page.session_state["drawing squares"] = {
        "painted": {"squares": painted.tobytes().hex(), "generation": generation}
    }
    assert re.search(r'class="digit[^>]*>7<', html_of(checked(page.run())))
    # The same drawing lies on the paper for the pen.
    widget(page.segmented_control, state.DRAWING_WAY).set_value("Pen")
    checked(page.run())
    assert page.session_state[state.DRAWING]["mounted"][0]["type"] == "Image"
    assert 'class="digit ' not in html_of(press(page, "Undo"))


def test_a_drawing_comes_back_after_a_reload(mnist: Mnist) -> None:
    before = open_view("One digit")
    before.session_state["drawing canvas 0 #1c2326"] = as_message(drawn(mnist.test.images[0]))
    checked(before.run())

    def run() -> None:
        from ui.canvas import drawing
        from ui.frame import state

        text = drawing.as_text(state.DRAWING)
        drawing.from_text("again", text)
        drawing.from_text("again", text)  # what is there is never put away by what was kept

    kept = AppTest.from_function(run)
    kept.session_state[state.DRAWING] = before.session_state[state.DRAWING]
    checked(kept.run())
    again, first = kept.session_state["again"], before.session_state[state.DRAWING]
    assert again["steps"] == first["steps"]


def in_tab(view: str, name: str) -> AppTest:
    """A view in a tab that has told its name."""
    page = open_view(view)
    page.session_state["browser-keeps-tab"] = {"id": name}
    return checked(page.run())


def test_a_reload_keeps_pictures_for_their_own_tab_alone() -> None:
    upload(in_tab("Pictures", "a" * 32), ("good.png", GOOD), ("bad.png", b"nothing"))
    again = html_of(in_tab("Pictures", "a" * 32))
    assert answers(again) == ["7"]
    assert "bad.png" in again
    assert answers(html_of(in_tab("Pictures", "b" * 32))) == []
    press(in_tab("Pictures", "a" * 32), "Clear the table")
    assert answers(html_of(in_tab("Pictures", "a" * 32))) == []


def test_a_reload_keeps_corrections_though_the_drawing_comes_back_first(mnist: Mnist) -> None:
    name, message = "c" * 32, as_message(wide(mnist, (0, 1)))
    before = in_tab("Whole numbers", name)
    before.session_state[WIDE_CANVAS] = message
    before = choose_box(checked(before.run()), "Draw it", 1)
    before.pills[0].set_value(9)
    assert number(checked(before.run())) == ["79"]

    after = open_view("Whole numbers")
    after.session_state[WIDE_CANVAS] = message
    assert number(checked(after.run())) == ["72"]
    after.session_state["browser-keeps-tab"] = {"id": name}
    assert number(checked(after.run())) == ["79"]
    assert number(press(after, "Undo the correction")) == ["72"]


def test_what_is_no_kept_drawing_is_left_alone() -> None:
    def run() -> None:
        from ui.canvas import drawing

        for text in (
            *(None, 7, "", "no JSON", "[]", "{}", "[" * 100_000),
            '{"objects": [], "png": "QUJD"}',
            '{"objects": [1], "png": "%"}',
            '{"objects": 7, "png": "QUJD"}',
        ):
            drawing.from_text("again", text)
            assert drawing.as_text("again") is None

    checked(AppTest.from_function(run).run())


def wide(mnist: Mnist, rows: tuple[int, ...]) -> bytes:
    """Test digits side by side as a wide drawing."""
    alpha = np.zeros((280, 900), np.uint8)
    for place, row in enumerate(rows):
        large = np.asarray(
            Image.fromarray(mnist.test.images[row]).resize((140, 140), Image.Resampling.BICUBIC)
        )
        alpha[70:210, 30 + 165 * place : 170 + 165 * place] = large
    pixels = np.zeros((280, 900, 4), np.uint8)
    pixels[..., 3] = alpha
    return encoded(Image.fromarray(pixels), "PNG")


def number(page: AppTest) -> list[str]:
    return re.findall(r"<p><b>([^<]*)</b>", html_of(page))


def test_two_digits_on_the_paper_for_one_are_read_as_a_number(mnist: Mnist) -> None:
    """They were refused with no way on."""
    alpha = np.zeros((280, 280), np.uint8)
    for place, row in enumerate((0, 1)):
        small = Image.fromarray(mnist.test.images[row]).resize((130, 130), Image.Resampling.BICUBIC)
        alpha[70:200, 10 + 130 * place : 140 + 130 * place] = small
    pixels = np.dstack([np.zeros((280, 280, 3), np.uint8), alpha])
    page = open_view("One digit")
    page.session_state["drawing canvas 0 #1c2326"] = as_message(encoded(Image.fromarray(pixels), "PNG"), 2)
    html = html_of(checked(page.run()))
    assert "This looks like two digits." in html
    assert 'class="bar"' not in html  # they would be of one digit
    page = press(page, "Read it as a number")
    assert page.query_params["draw"] == "Whole numbers"
    assert number(page) == ["72"]
    kept = page.session_state[state.WIDE_DRAWING]["steps"][-1]
    assert [(item["path"], item["left"]) for item in json.loads(kept["objects"])] == [
        ([["M", at, 0]], 310) for at in (0, 1)
    ]
    assert Image.open(io.BytesIO(kept["png"])).size == (900, 280)
    press(page, "Undo")
    assert not page.session_state[state.WIDE_DRAWING]["position"]


def test_two_digits_that_pass_for_one_are_offered_as_a_number(mnist: Mnist) -> None:
    """A 4 and a 1 were read as a 4."""
    alpha = np.zeros((280, 280), np.uint8)
    four = np.array(Image.fromarray(mnist.test.images[4]).resize((160, 160), Image.Resampling.BICUBIC))
    alpha[60:220, :160] = np.where(four > 128, 255, 0)
    alpha[60:220, 165:177] = 255
    pixels = np.dstack([np.zeros((280, 280, 3), np.uint8), alpha])
    judgement = classifier.load().judge(images.from_canvas(pixels)[None])[0]
    assert (mnist.test.labels[4], judgement.digit, judgement.verdict) == (4, 4, "digit")
    page = open_view("One digit")
    page.session_state["drawing canvas 0 #1c2326"] = as_message(encoded(Image.fromarray(pixels), "PNG"), 2)
    assert "This looks like two digits." in html_of(checked(page.run()))
    assert number(press(page, "Read it as a number")) == ["41"]


def choose_box(page: AppTest, way: str, place: int) -> AppTest:
    page.session_state[state.NUMBERS][way]["chosen"] = place
    return checked(page.run())


def test_a_number_is_drawn_read_and_corrected_and_nothing_of_it_is_lost(mnist: Mnist) -> None:
    rows = (0, 1, 2, 3)
    assert mnist.test.labels[list(rows)].tolist() == [7, 2, 1, 0]
    page = open_view("Whole numbers")
    assert "Nothing drawn yet" in page.info[0].value
    page.session_state[WIDE_CANVAS] = as_message(wide(mnist, rows))
    checked(page.run())
    assert number(page) == ["7210"]
    way = "Draw it"
    page = choose_box(page, way, 1)
    page.pills[0].set_value(3)
    assert number(checked(page.run())) == ["7310"]
    page = press(choose_box(page, way, 3), "Remove")
    assert number(page) == ["731"]
    page.sidebar.selectbox[0].set_value("ann")  # another model
    assert number(checked(page.run())) == ["731"]
    page.session_state[WIDE_CANVAS] = as_message(wide(mnist, (*rows, 0)), strokes=2)  # one more digit
    assert number(checked(page.run())) == ["7317"]


def test_the_signs_of_a_number_are_shown_and_stay_while_its_digits_are_corrected(mnist: Mnist) -> None:
    pixels = np.array(Image.open(io.BytesIO(wide(mnist, (0, 1, 2, 3)))))
    pixels[70:210, 345:900] = np.roll(pixels[70:210, 345:900], 40, axis=1)  # room for a colon behind the 2
    for y in (110, 175):
        alpha = np.ascontiguousarray(pixels[..., 3])
        pixels[..., 3] = cv2.circle(alpha, (355, y), 8, 255, -1, cv2.LINE_AA)
    page = open_view("Whole numbers")
    page.session_state[WIDE_CANVAS] = as_message(encoded(Image.fromarray(pixels), "PNG"))
    assert number(checked(page.run())) == ["72:10"]
    page = choose_box(page, "Draw it", 2)
    page.pills[0].set_value(4)
    assert number(checked(page.run())) == ["72:40"]
    page = choose_box(page, "Draw it", 4)  # behind the four digits
    assert "Read as the sign **\\:**" in "".join(one.value for one in page.markdown)
    assert number(press(page, "Remove the sign")) == ["7240"]
    assert number(press(page, "Undo the correction")) == ["72:40"]
    assert number(press(page, "Undo the correction")) == ["72:10"]


def test_a_mark_that_is_no_digit_is_left_out_and_said(mnist: Mnist) -> None:
    pixels = np.array(Image.open(io.BytesIO(wide(mnist, (0, 1)))))
    alpha = np.ascontiguousarray(pixels[..., 3])
    left = int(np.flatnonzero(alpha.any(axis=0)).max()) + 60
    letter = np.array([(0, 140), (10, 0), (50, 90), (95, 0), (105, 140)]) + np.array([left, 70])  # an M
    pixels[..., 3] = cv2.polylines(alpha, [letter.astype(np.int32)], False, 255, 10, cv2.LINE_AA)
    page = open_view("Whole numbers")
    page.session_state[WIDE_CANVAS] = as_message(encoded(Image.fromarray(pixels), "PNG"))
    assert number(checked(page.run())) == ["72"]
    captions = [caption.value for caption in page.caption]
    assert "1 mark left out: it looks like neither a digit nor a sign we know." in captions


def test_why_a_number_was_read_so_is_shown_stage_by_stage_when_it_is_asked_for(mnist: Mnist) -> None:
    page = open_view("Whole numbers")
    page.session_state[WIDE_CANVAS] = as_message(wide(mnist, (0, 1)))
    assert "number-stages" not in html_of(checked(page.run()))
    page.session_state["why of Draw it"] = True
    html = html_of(checked(page.run()))
    assert re.findall(r"<figcaption><b>([^<]*)</b>", html) == ["Rows", "Cuts", "Line reader"]
    assert "Row 1: the columns alone say 72. With the cuts: <b>72</b>" in html
    widget(page.segmented_control, state.NUMBER_WAY).set_value("Picture or photo")
    checked(page.run())
    page.file_uploader[0].set_value(
        ("squares.png", samples.NUMBERS["Two rows on squared paper"](), "image/png")
    )
    checked(page.run())
    page.session_state["why of Picture or photo"] = True
    html = html_of(checked(page.run()))
    assert re.findall(r"<figcaption><b>([^<]*)</b>", html)[:2] == ["Sheet", "Ink and lines"]
    assert "Ruled lines, frames and edges (red) were taken off" in html
    assert "Row 2: the columns alone say 27182." in html


def test_a_digit_that_was_overruled_can_be_kept_to_learn_from(
    mnist: Mnist, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "default", lambda: store)
    page = open_view("Whole numbers")
    page.session_state[state.VISITOR] = "a" * 32
    page.session_state[WIDE_CANVAS] = as_message(wide(mnist, (0, 1)))
    page = choose_box(checked(page.run()), "Draw it", 1)
    page.pills[0].set_value(3)
    page = press(checked(page.run()), "Keep it as a 3 in “My drawings”")
    (made,) = store.drawing_sets.of("a" * 32)
    (kept,) = store.drawings.read("a" * 32, made.id)[1]
    assert (kept.label, kept.answer) == (3, 2)
    assert "Kept as a **3**" in "".join(one.value for one in page.markdown)


def test_corrections_can_be_undone(mnist: Mnist) -> None:
    page = open_view("Whole numbers")
    page.session_state[WIDE_CANVAS] = as_message(wide(mnist, (0, 1)))
    page = press(choose_box(checked(page.run()), "Draw it", 0), "Join with the next")
    assert len(number(page)[0]) == 1
    page = press(page, "Undo the correction")
    assert number(page) == ["72"]
    page = press(choose_box(page, "Draw it", 1), "Cut in two")
    assert len(number(page)[0]) == 3


@pytest.mark.parametrize("name", ["empty", "text", "torn", "blank", "huge"])
def test_a_bad_picture_of_a_number_is_a_sentence_and_the_number_before_it_stays(
    name: str, mnist: Mnist
) -> None:
    page = open_view("Whole numbers")
    widget(page.segmented_control, state.NUMBER_WAY).set_value("Picture or photo")
    checked(page.run())
    page.file_uploader[0].set_value((name, BAD[name], "image/png"))
    checked(page.run())
    assert page.warning[0].value.endswith(".")
    page.file_uploader[0].set_value(("good.png", wide(mnist, (0, 1)), "image/png"))
    assert number(checked(page.run())) == ["72"]


def test_an_explanation_waits_for_a_drawing() -> None:
    assert "draw a digit under “One digit”" in open_view("Why this answer?").info[0].value


def page_of_text() -> bytes:
    """Thirty lines of print."""
    sheet = np.full((900, 700), 245, np.uint8)
    for line in range(30):
        words = "The quick brown fox jumps over the lazy dog and runs"
        cv2.putText(sheet, words, (20, 40 + 28 * line), cv2.FONT_HERSHEY_COMPLEX, 0.6, 30, 1, cv2.LINE_AA)
    return encoded(Image.fromarray(sheet), "PNG")


def photo_without_digits() -> bytes:
    """A sky above a meadow, out of focus."""
    noise = np.random.default_rng(0).normal(0, 30, (480, 640)).astype(np.float32)
    light = cv2.GaussianBlur(noise, (0, 0), 25) * 8 + np.linspace(220, 90, 480, dtype=np.float32)[:, None]
    return encoded(Image.fromarray(np.clip(light, 0, 255).astype(np.uint8)), "JPEG")


def test_a_photo_without_numbers_is_a_sentence() -> None:
    page = open_view("Whole numbers")
    widget(page.segmented_control, state.NUMBER_WAY).set_value("Picture or photo")
    checked(page.run())
    page.file_uploader[0].set_value(("sky.jpg", photo_without_digits(), "image/jpeg"))
    checked(page.run())
    assert number(page) == []
    assert page.warning[0].value.endswith(".")


@pytest.mark.parametrize("picture", [page_of_text, photo_without_digits])
def test_a_picture_without_a_digit_is_a_row_that_says_so_or_refuses(picture: Callable[[], bytes]) -> None:
    html = upload(open_view("Pictures"), ("page.png", picture()))
    assert answers(html) in ([], ["?"])
