"""The process in which a stranger's file is opened: what it may, and that it is gone afterwards."""

import io
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import psutil
import pytest

from digit_core import settings
from digit_core.datasets.mnist import Mnist
from digit_core.errors import ModelError
from digit_core.inference import model_files
from digit_core.inference.classifier import Classifier, load
from digit_core.inference.model_files import KERAS_FILE, LAYERS_FILE, LITERT_FILE
from digit_core.model_import import sandbox
from digit_core.recipes import configuration
from tests.digit_core.model_import.test_network_specs import ANSWER, INPUT, layer, sequential
from tests.training_ground import PATIENCE_SECONDS, command

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limits need Linux")


def keras_file(arrays: list[np.ndarray]) -> bytes:
    """A .keras file of one dense layer behind a flatten, with these weights."""
    weights, content = io.BytesIO(), io.BytesIO()
    with h5py.File(weights, "w") as file:
        for number, array in enumerate(arrays):
            file[f"layers/dense/vars/{number}"] = array
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", json.dumps(sequential(INPUT, layer("Flatten"), ANSWER)))
        archive.writestr("model.weights.h5", weights.getvalue())
    return content.getvalue()


@pytest.fixture(scope="module")
def good(mnist: Mnist) -> bytes:
    """Each digit compared with the mean of its class: a network whose weights are known without a training."""
    images = mnist.train.images[:5_000].reshape(-1, 784) / 255
    labels = mnist.train.labels[:5_000]
    means = np.array([images[labels == digit].mean(axis=0) for digit in range(10)])
    return keras_file([means.T.astype(np.float32), -(means**2).sum(axis=1).astype(np.float32) / 2])


BROKEN = keras_file([np.full((784, 10), np.nan, np.float32), np.zeros(10, np.float32)])


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """No child and no folder of any test stays behind."""

    def left() -> set[object]:
        folders = set(Path(tempfile.gettempdir()).glob("digit-lab-model-*"))
        return folders | {child.pid for child in psutil.Process().children(recursive=True)}

    before = left()
    yield
    assert left() <= before


def refusal(content: bytes, **limits: float) -> str:
    with pytest.raises(ModelError) as caught:
        sandbox.read(content, "x.keras", **limits)  # type: ignore[arg-type]
    return str(caught.value)


def test_a_good_file_becomes_a_model_like_the_others(good: bytes, mnist: Mnist, tmp_path: Path) -> None:
    words: list[str] = []
    limits: dict[str, object] = {}

    def look(word: str) -> None:
        words.append(word)
        for child in psutil.Process().children():
            if "digit_core.model_import.child_process" in command(child):
                limits["memory"] = child.rlimit(psutil.RLIMIT_AS)[1]
                limits["environment"] = child.environ()

    trained = sandbox.read(good, "nearest mean.keras", look)
    assert set(trained.files) == {KERAS_FILE, LITERT_FILE, LAYERS_FILE}
    card = trained.card
    assert card["origin"] == "brought"
    assert card["architecture"]["title"] == "nearest mean"
    assert card["schema_version"] == model_files.CARD_SCHEMA_VERSION
    assert card["parameters"] == 7_850
    assert trained.history == []
    classifier = Classifier("", trained.files[LITERT_FILE], trained.files[LAYERS_FILE])
    digits = mnist.validation
    right = int((classifier.predict_dataset(digits.images).argmax(axis=1) == digits.labels).sum())
    assert right > 3_900
    assert card["figures"]["validation"]["count"] == right
    assert model_files.validation_accuracy(card) == right / 5_000
    trained.save(tmp_path / "kept")
    assert model_files.read_card(tmp_path / "kept") == card

    assert words[0] == "Reading the network and its weights"
    assert len(words) == 5
    assert limits["memory"] == sandbox.MEMORY_BYTES
    assert "PYTHONPATH" in limits["environment"]  # type: ignore[operator]
    assert not [name for name in limits["environment"] if name.startswith("DIGIT_")]  # type: ignore[attr-defined]


@pytest.mark.parametrize("export_format", ["keras", "h5"])
def test_what_was_exported_here_comes_back_with_its_answers(export_format: str, mnist: Mnist) -> None:
    """An exported file is compiled: it holds an optimizer beside the network."""
    from digit_core.training import export

    config = configuration.from_dict(model_files.read_card("ann")["configuration"])
    content = export.convert((model_files.find("ann") / KERAS_FILE).read_bytes(), export_format, config)
    files = sandbox.read(content, f"ann.{export_format}").files
    digits = mnist.test.images[:100]
    found = Classifier("", files[LITERT_FILE], files[LAYERS_FILE]).predict_dataset(digits)
    np.testing.assert_allclose(found, load("ann").predict_dataset(digits), atol=1e-4)


def test_nan_is_refused_in_the_child() -> None:
    assert "NaN or infinite" in refusal(BROKEN)


def test_an_opening_that_takes_too_long_is_ended(good: bytes) -> None:
    words: list[str] = []
    with pytest.raises(ModelError) as caught:
        sandbox.read(good, "x.keras", words.append, seconds=0.1)  # no machine starts TensorFlow in that
    assert str(caught.value) == "Opening the model took longer than 0.1 seconds, so it was stopped."
    assert len(words) < 2  # of five: it did not come to its end


@pytest.mark.parametrize("megabytes", [60, 700])
def test_an_opening_that_needs_too_much_memory_is_ended(good: bytes, megabytes: int) -> None:
    assert "GB of memory" in refusal(good, memory_bytes=megabytes * 1_000_000)


def test_an_opening_that_computes_too_long_is_told_so(good: bytes) -> None:
    said = refusal(good, cpu_seconds=1)  # starting TensorFlow takes more
    assert said == "Opening the model took more than 1 seconds of computing, so it was stopped."


def test_a_second_opening_is_told_to_wait() -> None:
    told: list[str] = []
    with pytest.raises(ModelError, match="NaN"):
        sandbox.read(BROKEN, "x", lambda word: told.append(refusal(BROKEN)))
    assert told
    assert all(sentence.startswith("Another model is being opened") for sentence in told)
    assert "NaN" in refusal(BROKEN)


def test_an_opening_that_is_interrupted_ends_its_child(good: bytes) -> None:
    """As Streamlit does when the visitor clicks on something else."""

    def interrupt(word: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sandbox.read(good, "x", interrupt)
    assert "NaN" in refusal(BROKEN)


def _start_elsewhere(good: bytes, folder: Path, program: str) -> subprocess.Popen[str]:
    (folder / "model").write_bytes(good)
    return subprocess.Popen(
        [sys.executable, "-c", program, str(folder / "model")],
        cwd=settings.PROJECT_FOLDER,
        stdout=subprocess.PIPE,
        text=True,
        env={"PATH": "", "TMPDIR": str(folder)},
    )


def test_the_calling_process_stays_without_keras_and_small(good: bytes, tmp_path: Path) -> None:
    program = """
import sys
import psutil
from pathlib import Path
from digit_core.errors import ModelError
from digit_core.model_import import sandbox
content = Path(sys.argv[1]).read_bytes()
before = psutil.Process().memory_info().rss
try:
    sandbox.read(content, "x")
except ModelError as error:
    print(error)
print((psutil.Process().memory_info().rss - before) // 1_000_000)
print([name for name in ("tensorflow", "keras", "h5py", "sklearn", "scipy") if name in sys.modules])
"""
    with _start_elsewhere(BROKEN, tmp_path, program) as process:
        lines = process.communicate()[0].splitlines()
    assert "NaN" in lines[0]
    assert int(lines[1]) < 10
    assert lines[2] == "[]"


def test_a_killed_app_leaves_no_opening_behind(good: bytes, tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from digit_core.errors import ModelError
from digit_core.model_import import sandbox
sandbox.read(Path(sys.argv[1]).read_bytes(), "x", lambda word: print(word, flush=True))
"""
    with _start_elsewhere(good, tmp_path, program) as process:
        assert process.stdout is not None
        process.stdout.readline()
        (child,) = psutil.Process(process.pid).children()
        process.kill()
    _, alive = psutil.wait_procs([child], timeout=PATIENCE_SECONDS)
    assert not alive
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("digits.keras", "digits"),
        ("C:\\models\\my net.h5", "my net"),
        ("../../etc/passwd", "passwd"),
        ("<b>bold</b>.keras", "b>"),
        ("a\u202egnp.keras", "a gnp"),
        ("line\nbreak\x00.h5", "line break"),
        ("x" * 300 + ".keras", "x" * 60),
        ("\u200b.keras", "A model from elsewhere"),
        (".keras", "A model from elsewhere"),
    ],
)
def test_a_model_is_called_after_its_file_without_what_cannot_be_seen(name: str, expected: str) -> None:
    assert sandbox.title(name) == expected


def test_elsewhere_than_on_linux_nothing_is_opened(monkeypatch: pytest.MonkeyPatch, good: bytes) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "only if the app runs on Linux" in refusal(good)
