"""The command line: what it prints, and what it says of bad input."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import keras
import numpy as np
import pillow_heif
import pytest
from PIL import Image

from digit_core import settings
from digit_core.cli import log_lines
from digit_core.cli.main import main
from digit_core.codegen import script
from digit_core.datasets.mnist import Mnist
from digit_core.inference import classifier, model_files
from digit_core.metrics import classification
from digit_core.preprocessing import images
from digit_core.recipes import configuration
from digit_core.synthesis import letters
from tests.training_ground import PATIENCE_SECONDS


@pytest.fixture
def three(tmp_path: Path, mnist: Mnist) -> Path:
    """Test digit 63, a three, dark on light and 90 pixels wide: too small for a page, there is one way to read it."""
    path = tmp_path / "three.png"
    Image.fromarray(255 - mnist.test.images[63]).resize((90, 90)).save(path)
    return path


def make_bad_picture(kind: str, folder: Path) -> Path:
    """A file of which no digit can be read."""
    path = folder / f"{kind.replace(' ', '_')}.png"
    white = Image.new("L", (100, 100), 255)
    match kind:
        case "missing file":
            pass
        case "folder":
            path.mkdir()
        case "empty file":
            path.touch()
        case "text renamed":
            path.write_text("seven")
        case "truncated JPEG":
            noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (300, 300), np.uint8))
            noise.save(path, "JPEG")
            path.write_bytes(path.read_bytes()[:5_000])
        case "strip of 1x5000":
            Image.new("L", (1, 5_000), 128).save(path)
        case "blank white":
            white.save(path)
        case "blank black":
            Image.new("L", (100, 100), 0).save(path)
        case "all transparent":
            Image.new("RGBA", (100, 100), (0, 0, 0, 0)).save(path)
        case "100 megapixels":
            Image.new("1", (10_000, 10_000), 1).save(path)
        case "animated GIF":
            white.save(path, "GIF", save_all=True, append_images=[Image.new("L", (100, 100), 0)])
        case "2x2 pixels":
            Image.new("L", (2, 2), 0).save(path)
    return path


BAD_PICTURES = {
    "missing file": "There is no file",
    "folder": "is a folder",
    "empty file": "is empty",
    "text renamed": "is not a picture",
    "truncated JPEG": "is damaged",
    "strip of 1x5000": "too few to hold a digit",
    "blank white": "Nothing",
    "blank black": "Nothing",
    "all transparent": "transparent",
    "100 megapixels": "more than 50 megapixels",
    "animated GIF": "is animated",
    "2x2 pixels": "too few to hold a digit",
}


@pytest.mark.parametrize("kind", BAD_PICTURES)
def test_a_bad_picture_is_a_sentence_and_status_2(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["predict", str(make_bad_picture(kind, tmp_path))])
    said = capsys.readouterr()
    assert status == 2
    assert BAD_PICTURES[kind] in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert said.out == ""


def test_the_process_itself_ends_with_status_2_and_no_traceback(tmp_path: Path) -> None:
    """A 100-megapixel picture makes Pillow warn: the warning must not reach people either."""
    bad = [str(make_bad_picture(kind, tmp_path)) for kind in ("100 megapixels", "empty file")]
    command = [sys.executable, "-m", "digit_core", "predict", *bad]
    done = subprocess.run(command, cwd=settings.PROJECT_FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr


def test_pictures_are_read(three: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pillow_heif.register_heif_opener()  # to write HEIC here
    phones = [three.with_suffix(ending) for ending in (".heic", ".avif")]
    for path in phones:
        Image.open(three).save(path)
    paths = [three, three, *phones]
    assert main(["predict", *map(str, paths)]) == 0
    assert capsys.readouterr().out.splitlines() == [f"{path}: 3 (> 99.9% sure)" for path in paths]


def test_what_is_no_digit_is_said_with_what_it_would_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "star.png"
    star = letters.write("asterisk", np.random.default_rng(0))
    Image.fromarray(np.round(255 - star * 255).astype(np.uint8)).save(path)
    assert main(["predict", str(path)]) == 0
    assert re.fullmatch(
        re.escape(str(path)) + r": no digit; if it must be one, \d \(.* sure\)\n", capsys.readouterr().out
    )


def test_one_bad_picture_does_not_hide_the_others(
    three: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["predict", str(tmp_path / "none.png"), str(three)]) == 2
    said = capsys.readouterr()
    assert "There is no file none.png." in said.err
    assert ": 3 (" in said.out


def test_predict_speaks_json(three: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", "--json", "--model", "ann", str(three), str(tmp_path / "none.png")]) == 2
    first, second = json.loads(capsys.readouterr().out)
    expected = classifier.load("ann").predict(images.from_picture(three)[None])[0]
    assert first["digit"] == 3
    assert np.allclose(first["probabilities"], expected)
    assert first["confidence"] == pytest.approx(float(expected[3]))
    judgement = classifier.load("ann").judge(images.from_picture(three)[None])[0]
    assert first["calibrated_confidence"] == pytest.approx(judgement.confidence)
    assert first["ood_score"] == pytest.approx(judgement.ood_score)
    assert first["verdict"] == judgement.verdict
    assert second == {"picture": str(tmp_path / "none.png"), "error": "There is no file none.png."}


def test_evaluate_measures_what_the_card_says(mnist: Mnist, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "ann", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    figure = model_files.read_card("ann")["figures"]["test"]
    assert record["accuracy"]["count"] == figure["count"]
    assert record["log_loss"] == pytest.approx(figure["log_loss"], abs=1e-6)
    assert np.sum(record["confusion"]) == 10_000


def test_evaluate_prints_accuracy_report_and_matrix(mnist: Mnist, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "ann", "--digits", "validation"]) == 0
    text = capsys.readouterr().out
    probabilities = classifier.load("ann").predict_dataset(mnist.validation.images)
    result = classification.evaluate(mnist.validation.labels, probabilities)
    assert str(result.accuracy) in text
    assert f"{result.report['4']['recall']:6.2%}" in text
    assert f"{result.confusion[4, 4]:6}" in text


def test_train_then_predict_then_export(
    three: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "model"
    quick = [
        "train",
        "--architecture",
        "ann",
        "--epochs",
        "2",
        "--subset-size",
        "3000",
        "--output",
        str(output),
    ]
    assert main([*quick, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["model"] == str(output)
    assert record["validation_accuracy"] > 0.7
    assert record["card"]["configuration"]["epochs"] == 2
    assert main(["predict", "--model", str(output), str(three)]) == 0

    image = images.from_picture(three)
    for export_format in ("keras", "h5"):
        exported = tmp_path / f"model.{export_format}"
        assert main(["export", str(output), "--format", export_format, "--output", str(exported)]) == 0
        opened = keras.models.load_model(exported)
        again = opened.predict(image[None, :, :, None], verbose=0)
        assert np.allclose(again, classifier.load(output).predict(image[None]), atol=1e-4)
        opened.fit(image[None, :, :, None], np.array([3]), verbose=0)
    assert (tmp_path / "model.keras").read_bytes() == (output / "model.keras").read_bytes()


def test_keras_evaluates_an_exported_shipped_model_at_once(
    mnist: Mnist, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "ann.keras"
    assert main(["export", "ann", "--output", str(output)]) == 0
    digits = mnist.test.take(np.arange(500))
    opened = keras.models.load_model(output)
    _, accuracy = opened.evaluate(images.from_dataset(digits.images)[..., None], digits.labels, verbose=0)
    assert accuracy == pytest.approx(
        classifier.load("ann").evaluate(digits.images / 255.0, digits.labels).accuracy.value
    )
    assert type(opened.optimizer).__name__ == "Adam"


def test_the_code_of_a_model_is_exported_as_the_app_has_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = tmp_path / "ann.py", tmp_path / "ann.ipynb", tmp_path / "cnn.py"
    assert main(["export", "ann", "--format", "script", "--output", str(paths[0])]) == 0
    assert main(["export", "ann", "--format", "notebook", "--output", str(paths[1]), "--json"]) == 0
    assert main(["export", "cnn", "--format", "script", "--output", str(paths[2])]) == 0
    config = configuration.from_dict(model_files.read_card("ann")["configuration"])
    assert paths[0].read_text(encoding="utf-8") == script.script(config, "ann")
    assert paths[1].read_text(encoding="utf-8") == script.notebook(config, "ann")
    first, second, third = capsys.readouterr().out.splitlines()
    assert first == f"{paths[0]}: {paths[0].stat().st_size / 1000:.0f} KB."
    assert json.loads(second)["bytes"] == paths[1].stat().st_size
    assert "this model also learnt from other models' answers" in third


def test_there_is_no_code_of_what_was_trained_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shutil.copytree(model_files.find("ann"), tmp_path / "brought")
    model_files.write_card(folder, model_files.read_card("ann") | {"configuration": None})
    assert main(["export", str(folder), "--format", "script", "--output", str(tmp_path / "code.py")]) == 2
    assert capsys.readouterr().err == "We don't know how brought was trained, so there is no code for it.\n"
    assert not (tmp_path / "code.py").exists()


def test_a_saved_model_is_said_to_be_a_zip(tmp_path: Path) -> None:
    """In a process of its own: what it prints is all that people see."""
    output = tmp_path / "ann.zip"
    command = [
        sys.executable,
        "-m",
        "digit_core",
        "export",
        "ann",
        "--format",
        "savedmodel",
        "--output",
        str(output),
    ]
    environment = {name: value for name, value in os.environ.items() if name != log_lines.LEVEL}
    done = subprocess.run(
        command, cwd=settings.PROJECT_FOLDER, capture_output=True, text=True, check=True, env=environment
    )
    assert "This is a zip file. Unpack it: the folder saved_model is the SavedModel." in done.stdout
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""
    assert "saved_model/saved_model.pb" in zipfile.ZipFile(output).namelist()


def test_figures_that_flatter_a_model_come_with_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "cnn-3", "--digits", "validation"]) == 0
    assert (
        "Careful: cnn-3 held back a share of its own, so it learnt from most of these"
        in capsys.readouterr().out
    )
    assert main(["evaluate", "cnn-3"]) == 0
    assert "Careful" not in capsys.readouterr().out
    output = tmp_path / "on-test"
    short = ["--architecture", "ann", "--epochs", "1", "--subset-size", "200"]
    assert main(["train", *short, "--set", "validates_on_test=true", "--output", str(output)]) == 0
    said = capsys.readouterr()
    assert "% of the test digits correctly" in said.out
    assert f"Careful: {output} was chosen on these same test digits" in said.out
    assert ", test " in said.err
    assert "validation" not in said.out + said.err
    assert main(["evaluate", str(output), "--json"]) == 0
    assert "on-test was chosen on these same test digits" in json.loads(capsys.readouterr().out)["warning"]


def test_log_lines_of_libraries_are_kept_out_and_pythons_own_stay(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(log_lines.LEVEL, raising=False)
    with log_lines.kept_out():
        os.write(2, b"from C++\n")
    os.write(2, b"later\n")
    monkeypatch.setenv(log_lines.LEVEL, "0")
    with log_lines.kept_out():
        os.write(2, b"asked for\n")
    assert capfd.readouterr().err == "later\nasked for\n"


def test_a_setting_may_be_typed_under_its_earlier_name(tmp_path: Path) -> None:
    settings_typed = ["--set", "augmentation.calm=0.5", "--set", "augmentation.rotation=5"]
    short = ["--architecture", "ann", "--epochs", "1", "--subset-size", "100"]
    assert main(["train", *short, *settings_typed, "--output", str(tmp_path / "model")]) == 0
    augmentation = model_files.read_card(tmp_path / "model")["configuration"]["augmentation"]
    assert (augmentation["clean_share"], augmentation["rotation"]) == (0.5, 5)
    assert "calm" not in augmentation


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    assert main(["train", "--output", str(precious)]) == 2
    assert main(["export", "ann", "--output", str(precious)]) == 2
    assert precious.read_text() == "mine"
    assert capsys.readouterr().err.count("already exists") == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        # The policy's earlier name is known for ever: only the epochs are wrong.
        (["train", "--augmentation", "handwriting, half calm", "--epochs", "0"], "The number of epochs is"),
        (["train", "--epochs", "0"], "The number of epochs is a whole number from 1 to 200, not 0."),
        (["train", "--learning-rate", "nan"], "The learning rate is a number"),
        (["train", "--architecture", "vgg"], "The architecture is one of ann, cnn-tutorial, cnn-2"),
        (["train", "--set", "filters=3"], "There is no setting 'filters'."),
        (["train", "--set", "epochs"], "A setting is NAME=VALUE, not 'epochs'."),
        (["train", "--set", "early_stopping.patience=-1"], "The patience of early stopping"),
        (["train", "--set", "augmentation=3"], "The augmentation is a Distortion"),
        (["train", "--set", "early_stopping=3"], "The early stopping is a record"),
        (
            ["train", "--batch-size", "4000", "--subset-size", "1000"],
            "is larger than the 1,000 training digits",
        ),
        (["train", "--continue-from", "nothing"], "There is no model 'nothing'."),
        (["train", "--continue-from", "ann", "--architecture", "cnn-2"], "has other layers"),
        (["train", "--continue-from", "cnn-3", "--architecture", "cnn-3"], "validated on a share of 30%"),
    ],
)
def test_a_wrong_setting_is_a_sentence_and_status_2(
    arguments: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--output", str(tmp_path / "model")]) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "Traceback" not in said
    assert not (tmp_path / "model").exists()


def test_an_unknown_model_is_named_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "nothing"]) == 2
    said = capsys.readouterr().err
    assert all(name in said for name in model_files.names())


@pytest.mark.parametrize("command", [[], ["train"], ["evaluate"], ["predict"], ["export"]])
def test_help_teaches(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert len(text.splitlines()) > 8
    assert "None" not in text
    if command == ["train"]:
        assert "'handwriting, mild'" in " ".join(text.split())


def test_ctrl_c_keeps_what_was_learnt(tmp_path: Path) -> None:
    output = tmp_path / "model"
    command = [sys.executable, "-m", "digit_core", "train", "--architecture", "ann", "--epochs", "200"]
    process = subprocess.Popen(
        [*command, "--output", str(output)], cwd=settings.PROJECT_FOLDER, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "epoch 1:" in line:
            break
    process.send_signal(2)
    _, rest = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, rest
    card = model_files.read_card(output)
    assert "Stopped by hand" in card["ended"]
    assert card["kept_epoch"] >= 1
