"""Every page opens, and does its main thing."""

import base64
import gc
import io
import json
import re
import shutil
import struct
import subprocess
import sys
import tomllib
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from digit_core import settings
from digit_core.datasets.mnist import Mnist
from digit_core.inference import model_files
from digit_core.preprocessing import images
from digit_core.synthesis import letters

PAGES = [settings.PROJECT_FOLDER / "Home.py", *sorted((settings.PROJECT_FOLDER / "pages").glob("*.py"))]
DRAW = settings.PROJECT_FOLDER / "pages" / "4_Draw.py"
pytestmark = pytest.mark.usefixtures("known_components")
CANVAS = "drawing canvas 0 #1c2326"  # the first canvas of a visit, in the light theme


def open_page(path: Path) -> AppTest:
    page = AppTest.from_file(str(path), default_timeout=60).run()
    assert not page.exception
    return page


def html_of(page: AppTest) -> str:
    return "".join(element.proto.body for element in page.get("html"))


def as_message(png: bytes, strokes: int = 1) -> dict[str, Any]:
    """What the canvas sends: its objects and its PNG."""
    objects = [{"type": "Path", "stroke": "#888", "path": [["M", number, 0]]} for number in range(strokes)]
    url = "data:image/png;base64," + base64.b64encode(png).decode()
    return {"drawing": {"raw": {"objects": objects}, "data": url}, "backgroundFit": None}


def drawn(digit: np.ndarray) -> bytes:
    """A test digit as a drawing: a PNG of 280 x 280 with ink on a clear ground."""
    alpha = Image.fromarray(digit).resize((280, 280), Image.Resampling.BICUBIC)
    drawing = Image.new("RGBA", (280, 280), (136, 136, 136, 0))
    drawing.putalpha(alpha)
    buffer = io.BytesIO()
    drawing.save(buffer, "PNG")
    return buffer.getvalue()


def send(page: AppTest, message: dict[str, Any]) -> AppTest:
    page.session_state[CANVAS] = message
    page.run()
    assert not page.exception
    return page


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_page_opens_by_itself(path: Path) -> None:
    """A launcher that does not read the list of pages in Home.py runs a page's file alone: none may rely on it."""
    page = open_page(path)
    assert page.title[0].value
    assert page.sidebar.selectbox[0].options


def test_home_names_every_model_with_its_figure() -> None:
    page = open_page(PAGES[0])
    assert page.title[0].value == "Digit Lab"
    text = html_of(page)
    for name in model_files.names():
        card = model_files.read_card(name)
        assert card["architecture"]["title"] in text
        assert f"{card['figures']['test']['value']:.2%}" in text


def test_streamlit_finds_the_server_in_home_and_heeds_its_list_from_the_first_visit_on() -> None:
    """Home.py turns a private switch for that: this says so when Streamlit has it no more, or reads another one."""
    script = """
import sys
from pathlib import Path
from streamlit.runtime.pages_manager import PagesManager
from streamlit.web.server.app_discovery import discover_asgi_app
path = Path(sys.argv[1])
assert PagesManager.uses_pages_directory is None
import Home
PagesManager(str(path))  # a visitor's session makes one; left alone, it turns the switch on where it finds `pages`
print(discover_asgi_app(path).import_string, PagesManager.uses_pages_directory)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(PAGES[0])],
        cwd=settings.PROJECT_FOLDER,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["Home:app", "False"]


def test_home_leads_on() -> None:
    """Whether a press on a door opens it is tested in tests/browser/test_front_door.py."""
    links = open_page(PAGES[0]).get("page_link")
    assert [link.proto.page for link in links] == ["Draw", "Train", "Evaluate", "Explore", "Class"]


def test_home_takes_a_network_and_says_so() -> None:
    page = open_page(PAGES[0])
    assert page.button(key="use-cnn").disabled
    page = page.button(key="use-ann").click().run()
    assert page.button(key="use-ann").disabled and not page.button(key="use-cnn").disabled
    assert [toast.value for toast in page.toast] == ["Now in use: ANN"]
    assert "In use: <b>ANN</b>" in "".join(one.value for one in page.markdown)


def test_a_blank_canvas_asks_for_a_digit() -> None:
    page = open_page(DRAW)
    assert "Nothing drawn yet" in page.info[0].value
    assert 'class="reading"' not in html_of(page)


def test_a_drawing_is_read_and_shown(mnist: Mnist) -> None:
    page = send(open_page(DRAW), as_message(drawn(mnist.test.images[0])))
    assert mnist.test.labels[0] == 7
    text = html_of(page)
    assert re.search(r'class="digit[^>]*>7<', text)
    assert "second guess" in text
    assert text.count('class="bar"') == 10
    assert "The 28 by 28 pixels that the network sees" in text


def test_what_is_no_digit_is_refused_with_what_it_would_have_said() -> None:
    star = letters.write("asterisk", np.random.default_rng(0))
    page = send(open_page(DRAW), as_message(drawn(np.round(star * 255).astype(np.uint8))))
    text = html_of(page)
    assert "doesn't look like a digit" in text
    assert re.search(r"If it must be one: an? \d \(", text)
    assert ">?</span>" in text
    assert text.count('class="bar"') == 10


def test_an_unsure_reader_names_two_digits() -> None:
    def page() -> None:
        import numpy as np

        from digit_core.inference.rejection import NOT_SURE, Judgement
        from ui.panels import answers

        shares = np.zeros(10, np.float32)
        shares[4], shares[8] = 0.6, 0.4
        answers.judged(np.eye(28, dtype=np.float32), Judgement(shares, 0.9, NOT_SURE))

    text = html_of(AppTest.from_function(page, default_timeout=60).run())
    assert 'class="reading is-unsure"' in text
    assert "I'm not sure:" in text
    assert "a 4 (60.0%),<br>perhaps an 8 (40.0%)" in text
    assert re.search(r'class="digit[^>]*>4\?<', text)


def test_the_picture_shown_is_what_the_door_made(mnist: Mnist) -> None:
    png = drawn(mnist.test.images[0])
    page = send(open_page(DRAW), as_message(png))
    (encoded,) = re.findall(r'alt="The 28 by 28[^>]*base64,([^"]+)"', html_of(page))
    shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(encoded))))[..., 3]
    expected = images.from_canvas(np.asarray(Image.open(io.BytesIO(png))))
    assert np.array_equal(shown, np.round(expected * 255).astype(np.uint8))


def test_another_model_reads_the_same_drawing(mnist: Mnist) -> None:
    page = send(open_page(DRAW), as_message(drawn(mnist.test.images[0])))
    before = html_of(page)
    page.sidebar.selectbox[0].set_value("ann").run()
    assert not page.exception
    assert re.search(r'class="digit[^>]*>7<', html_of(page))
    assert html_of(page) != before


def test_undo_redo_and_clear(mnist: Mnist) -> None:
    page = send(open_page(DRAW), as_message(drawn(mnist.test.images[0])))

    def press(label: str) -> str:
        next(button for button in page.button if button.label == label).click()
        page.run()
        assert not page.exception
        return html_of(page)

    assert 'class="digit ' not in press("Undo")
    assert 'class="digit ' in press("Redo")
    assert 'class="digit ' not in press("Clear")
    assert 'class="digit ' in press("Undo")


def test_test_digit_63_is_a_three() -> None:
    text = html_of(open_page(DRAW))
    assert "AI guess <b>3</b> | actual <b>3</b>" in text
    assert "right" in text


def test_a_misread_test_digit_is_called_wrong(mnist: Mnist) -> None:
    with np.load(model_files.find("default") / model_files.ANSWERS_FILE) as answers:
        misread = int(np.flatnonzero(answers["test"].argmax(axis=1) != mnist.test.labels)[0])
    page = open_page(DRAW)
    page.number_input[0].set_value(misread).run()
    assert f"actual <b>{mnist.test.labels[misread]}</b>" in html_of(page)
    assert "✗ wrong" in html_of(page)


def huge_png(side: int) -> bytes:
    """A black PNG of a few kilobytes that unpacks to side x side pixels, each of one bit in the file."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    rows = zlib.compressobj(9)
    row = b"\0" * (1 + (side + 7) // 8)
    packed = b"".join(rows.compress(row) for _ in range(side)) + rows.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def test_a_hostile_drawing_is_refused_before_it_is_unpacked() -> None:
    """A 10 KB message with a huge PNG once took the server to 396 MB."""
    page = open_page(DRAW)
    send(page, as_message(huge_png(6_000)))
    assert "more than 1 megapixels" in page.warning[0].value


@pytest.mark.parametrize(
    "data",
    ["data:image/png;base64,", "data:image/png;base64,AAAA", "no picture at all", "data:;base64,%%%"],
)
def test_a_damaged_drawing_is_a_sentence(data: str) -> None:
    page = open_page(DRAW)
    message = {
        "drawing": {"raw": {"objects": [{"path": [["M", 0, 0]]}]}, "data": data},
        "backgroundFit": None,
    }
    send(page, message)
    assert page.warning[0].value


def test_the_web_side_never_imports_tensorflow() -> None:
    """With Keras in the process, Streamlit stalls every session after every rerun."""
    script = """
import json, sys
from streamlit.testing.v1 import AppTest
for path in json.loads(sys.argv[1]):
    page = AppTest.from_file(path, default_timeout=60).run()
    assert not page.exception, page.exception
print(json.dumps([name for name in sys.modules if name.split('.')[0] in ('tensorflow', 'keras', 'jax', 'torch')]))
"""
    paths = json.dumps([str(path) for path in PAGES])
    done = subprocess.run([sys.executable, "-c", script, paths], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == []


def test_the_garbage_collector_is_kept_off_what_lasts() -> None:
    open_page(DRAW)
    assert gc.get_freeze_count() > 10_000
    configuration = tomllib.loads((settings.PROJECT_FOLDER / ".streamlit" / "config.toml").read_text())
    assert configuration["runner"]["postScriptGC"] is False


def test_a_damaged_installation_is_a_sentence_not_a_traceback(tmp_path: Path) -> None:
    """The app with no default model named, in a copy of its own."""
    for name in ("Home.py", "pages", "ui", "digit_core", "data", "models"):
        (tmp_path / name).symlink_to(settings.PROJECT_FOLDER / name)
    (tmp_path / "digit_core").unlink()
    shutil.copytree(settings.PROJECT_FOLDER / "digit_core", tmp_path / "digit_core")
    (tmp_path / "models").unlink()
    (tmp_path / "models").mkdir()
    script = f"""
from streamlit.testing.v1 import AppTest
page = AppTest.from_file({str(tmp_path / "Home.py")!r}, default_timeout=60).run()
assert not page.exception, page.exception
print(page.error[0].value)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "scripts/train_models.py" in done.stdout


def test_caches_and_the_canvas_have_one_home_each() -> None:
    sources = [*PAGES, *(settings.PROJECT_FOLDER / "ui").rglob("*.py")]
    cached = {path.parent for path in sources if "st.cache_" in path.read_text(encoding="utf-8")}
    drawing = [
        path.name for path in sources if "streamlit_drawable_canvas" in path.read_text(encoding="utf-8")
    ]
    assert cached == {settings.PROJECT_FOLDER / "ui" / "frame" / "resources"}
    assert drawing == ["canvas.py"]
