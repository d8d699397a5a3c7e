import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from digit_core import settings
from digit_core.datasets.mnist import Mnist
from digit_core.errors import ModelError
from digit_core.inference import classifier, model_files
from digit_core.inference.model_files import TrainedModel
from digit_core.metrics import classification
from digit_core.recipes import architectures, configuration
from digit_core.recipes.architectures import ARCHITECTURES
from digit_core.recipes.presets import PRESETS
from scripts.train_models import RECIPES

SHIPPED = tuple(RECIPES)
FILES = {"model.keras": b"k", "model.tflite": b"t", "layers.tflite": b"l"}


def test_all_shipped_models_stand_ready_the_default_first() -> None:
    names = model_files.names()
    assert set(names) == set(SHIPPED)
    assert names[0] == model_files.default_name()
    assert list(names[1:]) == sorted(names[1:])


def test_default_is_the_best_on_validation() -> None:
    cards = {name: model_files.read_card(name) for name in SHIPPED}
    accuracies = {name: model_files.validation_accuracy(card) for name, card in cards.items()}
    assert model_files.default_name() == max(accuracies, key=accuracies.__getitem__)
    assert model_files.find("default") == settings.MODELS_FOLDER / model_files.default_name()


@pytest.mark.parametrize("name", SHIPPED)
def test_a_card_tells_how_its_model_came_to_be(name: str) -> None:
    card = model_files.read_card(name)
    config = configuration.from_dict(card["configuration"])
    *earlier, last = RECIPES[name].values()
    assert config == last.config
    parts = card.get("parts", {}).values()
    told = [
        (configuration.from_dict(part["configuration"]), part["start"], tuple(part["teachers"]))
        for part in parts
    ]
    assert told == [(part.config, part.start, part.teachers) for part in (*earlier, last) if earlier]
    assert not parts or card["training_seconds"] == pytest.approx(
        sum(part["training_seconds"] for part in parts)
    )
    assert card["schema_version"] == model_files.CARD_SCHEMA_VERSION
    assert architectures.from_dict(card["architecture"]) == ARCHITECTURES[name]
    assert card["parameters"] == ARCHITECTURES[name].parameters
    assert card["chosen_on_test"] is False
    assert card["data"]["name"] == "MNIST"
    assert card["data"]["training_digits"] == config.training_size
    assert {"python", "keras", "backend", "numpy"} <= set(card["versions"])
    assert 1 <= card["kept_epoch"] <= len(card["history"]) <= config.epochs
    assert [record["epoch"] for record in card["history"]] == list(range(1, len(card["history"]) + 1))
    assert card["ended"].endswith(".")


@pytest.mark.parametrize("name", SHIPPED)
def test_a_cards_hash_is_that_of_its_training_digits(name: str, mnist: Mnist) -> None:
    from digit_core.training import batches

    card = model_files.read_card(name)
    training, validation, _ = batches.choose_digits(configuration.from_dict(card["configuration"]), None)
    digest = hashlib.sha256(training.images.tobytes() + training.labels.tobytes()).hexdigest()
    assert card["data"]["training_sha256"] == digest
    assert card["data"]["validation_digits"] == len(validation)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_stored_answers_are_the_classifiers(name: str, mnist: Mnist) -> None:
    model = classifier.load(name)
    with np.load(model_files.find(name) / model_files.ANSWERS_FILE) as file:
        assert set(file.files) == {"train", "validation", "test"}
        for split in file.files:
            digits, answers = getattr(mnist, split), file[split]
            assert answers.dtype == np.float32
            assert answers.shape == (len(digits), 10)
            rows = np.random.default_rng(0).choice(len(digits), 400, replace=False)
            np.testing.assert_allclose(model.predict_dataset(digits.images[rows]), answers[rows], atol=1e-4)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_cards_figures_are_those_of_the_stored_answers(name: str, mnist: Mnist) -> None:
    card = model_files.read_card(name)
    with np.load(model_files.find(name) / model_files.ANSWERS_FILE) as file:
        result = classification.evaluate(mnist.test.labels, file["test"])
        validation = float(np.mean(file["validation"].argmax(axis=1) == mnist.validation.labels))
    figures = card["figures"]["test"]
    assert (figures["count"], figures["n"]) == (result.accuracy.count, 10_000)
    assert figures["value"] == pytest.approx(result.accuracy.value)
    assert (figures["low"], figures["high"]) == (
        pytest.approx(result.accuracy.low),
        pytest.approx(result.accuracy.high),
    )
    assert figures["log_loss"] == pytest.approx(result.log_loss)
    if card["configuration"]["validation_share"] is None:
        # The epoch that was kept is the one whose weights were saved.
        assert model_files.validation_accuracy(card) == pytest.approx(validation, abs=0.0005)


# What each tutorial claims for its network on the test digits.
@pytest.mark.parametrize(
    ("name", "claim"),
    [
        ("ann", 0.97),
        ("cnn-tutorial", 0.95),
        ("cnn-2", 0.97),
        ("cnn-2-dropout", 0.97),
        ("cnn-3", 0.9812),
        ("cnn", 0.99),
    ],
)
def test_a_shipped_model_keeps_its_tutorials_promise(name: str, claim: float) -> None:
    assert model_files.read_card(name)["figures"]["test"]["value"] >= claim


@pytest.mark.parametrize(
    ("name", "preset"),
    [
        ("ann", "tutorial-2"),
        ("cnn-tutorial", "tutorial-1"),
        ("cnn-2-dropout", "tutorial-4"),
        ("cnn-3", "tutorial-5"),
    ],
)
def test_a_tutorials_model_was_trained_by_its_recipe(name: str, preset: str) -> None:
    card = model_files.read_card(name)
    assert configuration.from_dict(card["configuration"]) == PRESETS[preset].configs[0]
    assert architectures.from_dict(card["architecture"]) == PRESETS[preset].configs[0].network
    assert not card["chosen_on_test"]


def test_the_fourth_tutorials_validation_claim_is_reached() -> None:
    history = model_files.read_card("cnn-2-dropout")["history"]
    assert max(epoch["validation_accuracy"] for epoch in history) >= 0.99


@pytest.mark.parametrize("name", model_files.names())
def test_a_shipped_keras_file_is_compiled(name: str) -> None:
    """Nobody waits for TensorFlow until it can be downloaded."""
    folder, config = model_files.find(name), model_files.read_card(name)["configuration"]
    assert model_files.ready("keras", config, lambda file: (folder / file).read_bytes()) is not None


def test_a_model_is_found_by_name_and_by_path() -> None:
    folder = settings.MODELS_FOLDER / "ann"
    assert model_files.find("ann") == folder
    assert model_files.find(folder) == folder
    assert model_files.find(str(folder)) == folder


@pytest.mark.parametrize("name", ["", "nothing", "../data", "default.txt", "a\0b", "cnn/card.json"])
def test_an_unknown_model_is_refused_and_the_known_ones_are_named(name: str) -> None:
    with pytest.raises(
        ModelError, match=r"There is no model .*ann, cnn-2, cnn-2-dropout, cnn-3, cnn-tutorial"
    ):
        model_files.find(name)


def test_a_project_without_a_default_says_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "DEFAULT_MODEL_FILE", tmp_path / "default.txt")
    with pytest.raises(ModelError, match=r"scripts/train_models\.py"):
        model_files.default_name()


def _model(**card: object) -> TrainedModel:
    return TrainedModel(FILES, {"schema_version": 1, "history": [{"loss": 0.5}], **card})


def test_a_saved_model_has_its_files_and_card_and_can_be_found(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "model"
    _model(title="ours").save(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "card.json"} == FILES
    assert model_files.read_card(folder)["title"] == "ours"
    assert model_files.find(folder) == folder
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_others_can_read_a_saved_model(tmp_path: Path) -> None:
    _model().save(tmp_path / "model")
    assert (tmp_path / "model").stat().st_mode & 0o777 == 0o755


def test_a_model_is_never_written_over(tmp_path: Path) -> None:
    _model(title="first").save(tmp_path / "model")
    with pytest.raises(ModelError, match="already exists"):
        _model(title="second").save(tmp_path / "model")
    assert model_files.read_card(tmp_path / "model")["title"] == "first"


def test_a_failed_save_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="not JSON serializable"):
        _model(data=np.zeros(3)).save(tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_the_history_is_the_cards() -> None:
    assert _model().history == [{"loss": 0.5}]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "missing or damaged"),
        (b"", "missing or damaged"),
        (b"{", "missing or damaged"),
        (b"\xff\xfe", "missing or damaged"),
        (b"[]", "comes from another version"),
        (b"{}", "comes from another version"),
        (b'{"schema_version": 99}', "comes from another version"),
    ],
)
def test_a_card_that_cannot_be_read_is_refused(content: bytes | None, sentence: str, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    _model().save(folder)
    if content is None:
        (folder / "card.json").unlink()
    else:
        (folder / "card.json").write_bytes(content)
    with pytest.raises(ModelError, match=f"The card of the model model .*{sentence}"):
        model_files.read_card(folder)


def test_validation_accuracy_is_that_of_the_epoch_that_was_kept() -> None:
    history = [{"validation_accuracy": 0.8}, {"validation_accuracy": 0.9}, {"validation_accuracy": 0.7}]
    assert model_files.validation_accuracy({"history": history, "kept_epoch": 2}) == 0.9


def test_shipped_cards_are_plain_json() -> None:
    for name in SHIPPED:
        text = (settings.MODELS_FOLDER / name / "card.json").read_text(encoding="utf-8")
        json.loads(text, parse_constant=lambda constant: pytest.fail(f"{constant} is no JSON"))


def test_the_shipped_answers_cover_all_70000_in_the_catalogues_order() -> None:
    for name in model_files.names():
        answers = model_files.shipped_answers(name)
        assert (answers.dtype, answers.shape) == (np.float32, (70_000, 10))
        with pytest.raises(ValueError, match="read-only"):
            answers[0] = 0
        with np.load(settings.MODELS_FOLDER / name / model_files.ANSWERS_FILE) as file:
            np.testing.assert_array_equal(answers[:55_000], file["train"])
            np.testing.assert_array_equal(answers[55_000:60_000], file["validation"])
            np.testing.assert_array_equal(answers[60_000:], file["test"])


@pytest.mark.parametrize("content", [None, b"", b"no file of arrays", "half", "other"])
def test_missing_or_damaged_answers_are_a_sentence(
    content: bytes | str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / model_files.LITERT_FILE).write_bytes(b"")
    path = folder / model_files.ANSWERS_FILE
    if content == "half":
        whole = (settings.MODELS_FOLDER / "ann" / model_files.ANSWERS_FILE).read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
    elif content == "other":
        np.savez(path, train=np.zeros((5, 10)), validation=np.zeros((5, 10)), test=np.zeros((5, 10)))
    elif isinstance(content, bytes):
        path.write_bytes(content)
    monkeypatch.setattr(settings, "MODELS_FOLDER", tmp_path)
    word = "missing" if content is None else "damaged"
    with pytest.raises(ModelError, match=rf"answers of the model small are {word}.*scripts/train_models\.py"):
        model_files.shipped_answers("small")


def test_answers_of_an_unknown_model_name_those_there_are() -> None:
    with pytest.raises(ModelError, match="There is no model 'nobody'"):
        model_files.shipped_answers("nobody")


# Recordings


RECORDED = [name for name in SHIPPED if (model_files.find(name) / model_files.RECORDING_FILE).exists()]


def test_there_are_runs_to_watch_without_training_any() -> None:
    assert "ann" in RECORDED


@pytest.mark.parametrize("name", RECORDED)
def test_a_recording_is_of_the_model_it_lies_beside(name: str, mnist: Mnist) -> None:
    progress, card = model_files.recording(name), model_files.read_card(name)
    assert progress is not None and progress.started is not None and progress.watched is not None
    assert progress.started.training_size == card["data"]["training_digits"]
    assert progress.ended is not None and progress.ended.reason == card["ended"]
    for told, written in zip(progress.epochs, card["history"], strict=True):
        assert told.epoch == written["epoch"]
        assert told.validation_accuracy == pytest.approx(written["validation_accuracy"], abs=1e-6)
        assert told.loss == pytest.approx(written["loss"], rel=1e-5)
    assert len(progress.batches) == 400
    assert (model_files.find(name) / model_files.RECORDING_FILE).stat().st_size < 400_000
    if "validation" in card.get("figures", {}):
        return  # what is shipped lies between the weights of the first epoch and of the last, and was in none
    kept = next(shot for shot in progress.snapshots if shot.epoch == card["kept_epoch"])
    answers = classifier.load(name).predict_dataset(progress.watched.images)
    # A recording has four decimals. What a network of 16 bits saw while it trained came of logits with 8 significant
    # bits: one between 4 and 8 is off by up to 0.0156, which moves a probability by up to a quarter of that.
    exactness = 4e-3 if card.get("precision") == "bfloat16" else 1e-4
    np.testing.assert_allclose(kept.probabilities, answers, atol=exactness)


def test_a_model_without_a_recording_has_none(tmp_path: Path) -> None:
    (tmp_path / "model.tflite").write_bytes(b"")
    assert model_files.recording(str(tmp_path)) is None


def test_a_damaged_recording_is_said(tmp_path: Path) -> None:
    (tmp_path / "model.tflite").write_bytes(b"")
    (tmp_path / "recording.bin").write_bytes(b"no recording")
    with pytest.raises(ModelError, match="is damaged"):
        model_files.recording(str(tmp_path))
