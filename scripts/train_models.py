"""Train the models that the project ships, each with its recipe, and say which is the best on validation.

    python scripts/train_models.py              # those that are missing in models/
    python scripts/train_models.py --again ann  # these anew
    python scripts/train_models.py --record ann # train these anew only to record how they learn
    python scripts/train_models.py --calibrate cnn tiny # measure anew how far to trust these; train nothing
    python scripts/train_models.py --seeds tiny # train two like it from other seeds, and say how far the three lie apart

What a run says is kept beside the model, so that it can be watched again. Where the weights come out as they are
shipped, to the last bit, --record adds the recording to a model that is there; elsewhere it leaves all as it was.
Each model's probabilities on all 70,000 digits go to answers.npz, and its figures on the test digits, which decided
nothing, to its card.

A killed run is taken up where it was: a model is written whole or not at all, and models that are there are kept. The long
trainings keep their state after each epoch, in the folder `DIGIT_TRAINING_FOLDER` names (var/training by default), and go on
from there.
"""

import argparse
import os
import shutil
import sys
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import numpy as np
from tqdm import tqdm

from digit_core import datasets, settings
from digit_core.augmentation.policies import POLICIES
from digit_core.inference import classifier, model_files, provenance, rejection
from digit_core.inference.model_files import TrainedModel
from digit_core.metrics import classification
from digit_core.monitoring import events, recordings
from digit_core.monitoring.recordings import Recording
from digit_core.preprocessing import images
from digit_core.recipes import configuration, presets
from digit_core.recipes.configuration import TrainingConfig
from digit_core.training import export, networks, trainer

STEPS_RECORDED = 400
SEEDS = 3  # of `--seeds`, the shipped one among them

_WITHOUT_RULES = {
    "optimizer": "adamw",
    "batch_size": 256,
    "keeps_best_weights": False,
    "precision": "bfloat16",
}


@dataclass(frozen=True)
class Part:
    """One training of those that lead to a model.

    Attributes:
        config: how it goes.
        start: the part whose weights it goes on from; random ones if None.
        teachers: parts, or shipped models, whose answers it learns with the labels.
        share: of the weights that come out; the rest are those that it started from. Half way between the two a network
            knows what is new and has forgotten less of what it knew (Wortsman et al., "Robust fine-tuning of zero-shot
            models", CVPR 2022).
    """

    config: TrainingConfig
    start: str | None = None
    teachers: tuple[str, ...] = ()
    share: float = 1.0

    def as_dict(self) -> dict[str, Any]:
        """As a card tells it."""
        told = {"configuration": self.config.as_dict(), "start": self.start, "teachers": list(self.teachers)}
        return told if self.share == 1 else told | {"share": self.share}


def _cnn(distortion: str, **settings: Any) -> TrainingConfig:
    return TrainingConfig("cnn", augmentation=POLICIES[distortion], **_WITHOUT_RULES | settings)


def _preset(name: str) -> dict[str, Part]:
    return {"whole": Part(presets.PRESETS[name].configs[0])}


_ONE_CYCLE = {"learning_rate": 0.002, "schedule": "one-cycle"}
# The last part of each is shipped.
RECIPES = {
    "ann": _preset("tutorial-2"),
    "cnn-tutorial": _preset("tutorial-1"),
    # What tutorial 4's dropout is good for shows beside the same training without it.
    "cnn-2": {"whole": Part(replace(presets.PRESETS["tutorial-4"].configs[0], architecture="cnn-2"))},
    "cnn-2-dropout": _preset("tutorial-4"),
    "cnn-3": _preset("tutorial-5"),
    "cnn": {
        "strong": Part(_cnn("handwriting", epochs=60, **_ONE_CYCLE)),
        "mild": Part(
            _cnn("handwriting, mild", epochs=40, learning_rate=0.0012, schedule="cosine", seed=1), "strong"
        ),
        "half calm": Part(presets.PRESETS["digit-lab"].configs[0]),
        "gentle": Part(_cnn("gentle", epochs=30, seed=4, **_ONE_CYCLE)),
        "small": Part(presets.PRESETS["tiny"].configs[0]),
        "distilled": Part(
            _cnn(
                "handwriting, half clean",
                epochs=70,
                learning_rate=0.0015,
                schedule="cosine",
                seed=3,
                loss="categorical_crossentropy",
            ),
            "half calm",
            ("mild", "half calm", "gentle", "small"),
        ),
        # Chosen on validation digits: of 0.3, 0.5, 0.7 and 1 the largest share that reads no fewer of them than before.
        "any form": Part(
            _cnn(
                "handwriting, any form",
                epochs=44,
                learning_rate=0.001,
                schedule="cosine",
                seed=5,
                loss="categorical_crossentropy",
                precision="float32",
            ),
            "distilled",
            ("distilled",),
            share=0.7,
        ),
    },
    "tiny": {
        "labels": Part(presets.PRESETS["tiny"].configs[0]),
        "distilled": Part(
            TrainingConfig(
                "tiny",
                augmentation=POLICIES["gentle"],
                epochs=45,
                learning_rate=0.003,
                schedule="cosine",
                seed=1,
                loss="categorical_crossentropy",
                **_WITHOUT_RULES,
            ),
            "labels",
            ("cnn",),
        ),
    },
}


def train(name: str) -> TrainedModel:
    """Train one shipped model, part after part, the recording of the last part among its files."""
    parts = RECIPES[name]
    *earlier, last = parts
    for part in earlier:
        if not _unfinished(name, part).exists():
            _train_part(name, part).save(_unfinished(name, part))
    trained = _train_part(name, last)
    if earlier:
        tell_parts(
            trained.card, name, {part: model_files.read_card(_unfinished(name, part)) for part in earlier}
        )
    for part in earlier:
        shutil.rmtree(_unfinished(name, part))
    return trained


def _unfinished(name: str, part: str) -> Path:
    return settings.TRAINING_FOLDER / f"{name}-{part}".replace(" ", "-")


def tell_parts(card: dict[str, Any], name: str, earlier: dict[str, dict[str, Any]]) -> None:
    """Write into a model's card what led to it: its time is that of all parts.

    Args:
        card: of the last part, changed in place.
        name: of the model.
        earlier: the cards of the other parts.
    """
    cards = [*earlier.values(), card]
    card["parts"] = {
        part: recipe.as_dict() | {key: told[key] for key in ("training_seconds", "history")}
        for (part, recipe), told in zip(RECIPES[name].items(), cards, strict=True)
    }
    card["training_seconds"] = round(sum(told["training_seconds"] for told in cards), 1)


def _train_part(name: str, part: str) -> TrainedModel:
    """Train one part; those that it rests on are there."""
    recipe = RECIPES[name][part]
    bar = tqdm(total=recipe.config.epochs, desc=f"{name} {part}", unit="epoch")
    recording = Recording()

    def weights(other: str) -> bytes:
        folder = _unfinished(name, other) if other in RECIPES[name] else settings.MODELS_FOLDER / other
        return (folder / model_files.KERAS_FILE).read_bytes()

    def show(event: events.Event) -> None:
        recording.add(event)
        if isinstance(event, events.EpochEnded):
            bar.set_postfix(validation=f"{event.validation_accuracy:.2%}")
            bar.update()

    config = recipe.config
    may_resume = not (config.keeps_best_weights or config.early_stopping or config.reduce_lr_on_plateau)
    trained = trainer.train(
        config,
        start=weights(recipe.start) if recipe.start else None,
        teachers=[weights(teacher) for teacher in recipe.teachers],
        on_event=show,
        backup=_unfinished(name, f"{part}-state") if may_resume else None,
    )
    bar.close()
    if recipe.start and recipe.share < 1:
        trained = averaged(trained, weights(recipe.start), recipe.share)
    shipped = recordings.condensed(recording.progress(), STEPS_RECORDED)
    trained.files[model_files.RECORDING_FILE] = recordings.to_bytes(shipped)
    return trained


def averaged(trained: TrainedModel, start: bytes, share: float) -> TrainedModel:
    """A model whose weights lie between those of a training's start and those of its end.

    Args:
        trained: the end.
        start: the bytes of a .keras file of the same layers.
        share: of the end, 0.0 to 1.0.

    Returns:
        A model; its card says how many validation digits it reads right, for none of its epochs did.
    """
    config = configuration.from_dict(trained.card["configuration"])
    end, begin = (export.load_keras(content) for content in (trained.files[model_files.KERAS_FILE], start))
    model = networks.with_weights(
        config.network,
        [
            share * new + (1 - share) * old
            for new, old in zip(end.get_weights(), begin.get_weights(), strict=True)
        ],
    )
    digits = datasets.load_mnist().validation
    answers = model.predict(images.from_dataset(digits.images)[..., None], batch_size=1000, verbose=0)
    figures = {"validation": asdict(classification.evaluate(digits.labels, answers).accuracy)}
    return TrainedModel(trained.files | export.files(model, config), trained.card | {"figures": figures})


def record(name: str) -> None:
    """Add a recording to a model that is there.

    Raises:
        SystemExit: the training does not lead to the weights that are shipped.
    """
    folder = model_files.find(name)
    trained = train(name)
    found, shipped = (
        export.load_keras(content).get_weights()
        for content in (
            trained.files[model_files.KERAS_FILE],
            (folder / model_files.KERAS_FILE).read_bytes(),
        )
    )
    if not all(np.array_equal(new, old) for new, old in zip(found, shipped, strict=True)):
        sys.exit(f"{name} came out with other weights than are shipped: train it with --again {name}.")
    (folder / model_files.RECORDING_FILE).write_bytes(trained.files[model_files.RECORDING_FILE])


def train_seeds(name: str) -> None:
    """Train a model's recipe anew from other seeds, and say what all of them read, the shipped one with them.

    They stay in settings.TRAINING_FOLDER; one that is there is not trained again.
    """
    mnist, models = datasets.load_mnist(), [classifier.load(name)]
    for number in range(1, SEEDS):
        other = f"{name}-seed-{number}"
        RECIPES[other] = {
            part: replace(recipe, config=_from_seed(recipe.config, number))
            for part, recipe in RECIPES[name].items()
        }
        folder = settings.TRAINING_FOLDER / other
        if not folder.exists():
            train(other).save(folder)
        models.append(classifier.load(folder))
    for digits in (mnist.validation, mnist.test):
        accuracies = [
            classification.evaluate(digits.labels, model.predict_dataset(digits.images)).accuracy.value
            for model in models
        ]
        told = ", ".join(f"{accuracy:.2%}" for accuracy in accuracies)
        print(
            f"{name} on {len(digits):,} digits, {SEEDS} seeds: {told}; mean {np.mean(accuracies):.2%}, "
            f"standard deviation {np.std(accuracies, ddof=1):.2%}"
        )


def _from_seed(config: TrainingConfig, number: int) -> TrainingConfig:
    """A configuration with another seed, in the numbers that every processor has."""
    return replace(config, seed=config.seed + 1000 * number, precision="float32")


def measure(name: str) -> None:
    """Write a model's answers to all 70,000 digits, and what its card says of the test digits and of its trust."""
    model, mnist = classifier.load(name), datasets.load_mnist()
    answers = {
        split.name: model.predict_dataset(getattr(mnist, split.name).images) for split in fields(mnist)
    }
    folder = model_files.find(name)
    np.savez_compressed(folder / model_files.ANSWERS_FILE, **answers)
    result = classification.evaluate(mnist.test.labels, answers["test"])
    card = model_files.read_card(name)
    test = {**asdict(result.accuracy), "log_loss": result.log_loss}
    card["figures"] = card.get("figures", {}) | {"test": test}
    model_files.write_card(folder, card)
    calibrate(name)


def calibrate(name: str) -> None:
    """Write to a model's card how far to trust it; its weights and answers stay as they are."""
    folder, card = model_files.find(name), model_files.read_card(name)
    held_back = provenance.held_back(card, datasets.load_mnist())
    trust = rejection.measure(classifier.load(name).predict_dataset, held_back)
    model_files.write_card(folder, card | {"trust": asdict(trust)})
    print(
        f"{name:14} temperature {trust.temperature}, sure from {trust.sure_from:.4f}, on {len(held_back):,}"
    )


def is_measured(name: str) -> bool:
    """Whether `measure` has been there."""
    answers = model_files.find(name) / model_files.ANSWERS_FILE
    return answers.exists() and "trust" in model_files.read_card(name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--again", nargs="+", choices=RECIPES, default=[], metavar="MODEL")
    parser.add_argument("--record", nargs="+", choices=RECIPES, default=[], metavar="MODEL")
    parser.add_argument("--calibrate", nargs="+", choices=RECIPES, default=[], metavar="MODEL")
    parser.add_argument("--seeds", nargs="+", choices=RECIPES, default=[], metavar="MODEL")
    arguments = parser.parse_args()
    for name in arguments.calibrate:
        calibrate(name)
    for name in arguments.seeds:
        train_seeds(name)
    if (arguments.calibrate or arguments.seeds) and not (arguments.again or arguments.record):
        sys.exit()
    for name in arguments.again:
        shutil.rmtree(settings.MODELS_FOLDER / name, ignore_errors=True)
    for name in RECIPES:
        if not (settings.MODELS_FOLDER / name).exists():
            train(name).save(settings.MODELS_FOLDER / name)
        elif name in arguments.record:
            record(name)
        if not is_measured(name):
            measure(name)
    accuracies = {name: model_files.validation_accuracy(model_files.read_card(name)) for name in RECIPES}
    for name, accuracy in sorted(accuracies.items(), key=lambda entry: -entry[1]):
        print(f"{name:14} {accuracy:.2%} on validation")
    settings.DEFAULT_MODEL_FILE.write_text(
        max(accuracies, key=accuracies.__getitem__) + "\n", encoding="utf-8"
    )
