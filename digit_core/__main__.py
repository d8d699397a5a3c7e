"""The command line: train, evaluate, predict and export, each without the dashboard."""

import argparse
import json
import os
import signal
import sys
import warnings
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PIL import Image
from tqdm import tqdm

from digit_core import classifier, configuration, datasets, events, figures, images, model_files, parents
from digit_core.augmentation import DISTORTIONS
from digit_core.configuration import TrainingConfig
from digit_core.errors import ConfigurationError, DigitError, ModelError
from digit_core.judging import NO_DIGIT, NOT_SURE, Judgement
from digit_core.parents import Parent
from digit_core.presets import PRESETS

BAD_INPUT = 2  # the exit status
_SPLITS = ("test", "validation", "train")
_CHUNK = 500  # digits between two steps of a progress bar

_EXAMPLES = """examples:
  python -m digit_core predict seven.png photo.jpg      what digit is on each picture?
  python -m digit_core evaluate cnn-tutorial            how well does a model read the test digits?
  python -m digit_core train --preset tutorial-2 --output my-ann
  python -m digit_core export my-ann --format h5 --output my-ann.h5

Every command takes --json for output that a program can read, and ends with status 2 and a sentence on bad input.
"""
_TRAIN_EXAMPLES = """examples:
  python -m digit_core train --preset tutorial-1 --output my-cnn
  python -m digit_core train --architecture ann --epochs 5 --output my-ann
  python -m digit_core train --preset digit-lab --set augmentation.rotation=20 --set epochs=3 --output turned
  python -m digit_core train --architecture cnn-2 --set early_stopping.patience=2 --output stopped

Ctrl-C stops a training and keeps what it has learnt; a second Ctrl-C gives it up.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: as typed; the process's own if None.

    Returns:
        The exit status: 0, or 2 on bad input.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.simplefilter("error", Image.DecompressionBombWarning)  # the door says it in a sentence
    options = _parser().parse_args(arguments)
    try:
        run: Callable[[argparse.Namespace], int] = options.run
        return run(options)
    except ConfigurationError as error:
        print("\n".join(error.sentences), file=sys.stderr)
    except DigitError as error:
        print(error, file=sys.stderr)
    return BAD_INPUT


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m digit_core", description=__doc__, epilog=_EXAMPLES, formatter_class=raw
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    predict = commands.add_parser("predict", help="read the digit on each picture")
    predict.add_argument(
        "pictures", nargs="+", metavar="PICTURE", help="a PNG, JPEG, GIF, BMP, WebP or TIFF file"
    )
    predict.add_argument("--model", default="default", help=_MODEL_HELP)
    predict.set_defaults(run=_predict)

    evaluate = commands.add_parser("evaluate", help="measure how well a model reads MNIST")
    evaluate.add_argument("model", nargs="?", default="default", help=_MODEL_HELP)
    evaluate.add_argument(
        "--digits", choices=_SPLITS, default="test", help="which of MNIST's digits (%(default)s)"
    )
    evaluate.set_defaults(run=_evaluate)

    train = commands.add_parser(
        "train", help="train a network on MNIST", epilog=_TRAIN_EXAMPLES, formatter_class=raw
    )
    train.add_argument("--preset", choices=PRESETS, help="a recipe to start from; what follows changes it")
    train.add_argument("--architecture", help="one of " + ", ".join(configuration.ARCHITECTURES))
    train.add_argument("--epochs", type=int, help="times that all training digits are gone through")
    train.add_argument("--batch-size", type=int, help="digits a step")
    train.add_argument("--learning-rate", type=float, help="how far each step moves the parameters")
    train.add_argument("--subset-size", type=int, help="train on so many digits only, for a quick try")
    train.add_argument(
        "--augmentation", choices=DISTORTIONS, help="how much the training digits are distorted"
    )
    train.add_argument("--seed", type=int, help="the same seed gives the same training, within noise")
    train.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="any setting of TrainingConfig, such as optimizer=sgd or early_stopping.patience=3; may be repeated",
    )
    train.add_argument("--continue-from", metavar="MODEL", help="start from the weights of this model")
    train.add_argument("--output", type=Path, required=True, help="the folder to write the model to")
    train.set_defaults(run=_train)

    export = commands.add_parser("export", help="write a model in another format")
    export.add_argument("model", help=_MODEL_HELP)
    export.add_argument("--format", choices=model_files.EXPORT_FORMATS, default="keras", help="(%(default)s)")
    export.add_argument("--output", type=Path, required=True, help="the file to write")
    export.set_defaults(run=_export)

    for command in (predict, evaluate, train, export):
        command.add_argument("--json", action="store_true", help="print JSON")
    return parser


_MODEL_HELP = "a shipped model's name or a model's folder (%(default)s)"


def _predict(options: argparse.Namespace) -> int:
    model = classifier.load(options.model)
    results: list[dict[str, Any]] = []
    for picture in tqdm(options.pictures, unit="picture", disable=len(options.pictures) < 20, leave=False):
        try:
            image = images.from_picture(picture)
        except DigitError as error:
            results.append({"picture": picture, "error": str(error)})
            if not options.json:
                print(error, file=sys.stderr)
            continue
        probabilities, judgement = model.predict(image[None])[0], model.judge(image[None])[0]
        results.append(
            {
                "picture": picture,
                "digit": judgement.digit,
                "confidence": float(probabilities.max()),
                "probabilities": [float(share) for share in probabilities],
                "verdict": judgement.verdict,
                "calibrated_confidence": judgement.confidence,
                "likeness": judgement.likeness,
            }
        )
        if not options.json:
            print(f"{picture}: {_in_words(judgement)}")
    if options.json:
        print(json.dumps(results))
    return BAD_INPUT if any("error" in result for result in results) else 0


def _in_words(judgement: Judgement) -> str:
    """A judgement on one line: "4 (98.2% sure)", "not sure: 4 (61.0%), perhaps 9 (35.2%)", "no digit; ..."."""
    first, second = (
        f"{digit} ({figures.percent(float(judgement.probabilities[digit]))}"
        for digit in (judgement.digit, judgement.second)
    )
    if judgement.verdict == NO_DIGIT:
        return f"no digit; if it must be one, {first} sure)"
    if judgement.verdict == NOT_SURE:
        return f"not sure: {first}), perhaps {second})"
    return f"{first} sure)"


def _evaluate(options: argparse.Namespace) -> int:
    import numpy as np

    from digit_core import evaluation

    model = classifier.load(options.model)
    digits: datasets.Digits = getattr(datasets.load_mnist(), options.digits)
    starts = tqdm(
        range(0, len(digits), _CHUNK), desc=model.name, unit_scale=_CHUNK, unit="digit", leave=False
    )
    probabilities = np.concatenate([model.predict(digits.images[start : start + _CHUNK]) for start in starts])
    result = evaluation.evaluate(digits.labels, probabilities)
    if options.json:
        record = asdict(result) | {"confusion": result.confusion.tolist(), "model": model.name}
        print(json.dumps(record | {"digits": options.digits}))
        return 0
    errors = result.accuracy.n - result.accuracy.count
    print(f"{model.name} on MNIST's {len(digits):,} {options.digits} digits")
    print(f"accuracy {result.accuracy}, 95% interval; {errors:,} errors; log loss {result.log_loss:.4f}\n")
    print("digit  precision  recall    F1  digits")
    for digit in range(datasets.CLASSES):
        row = result.report[str(digit)]
        print(
            f"{digit:5}  {row['precision']:9.2%}  {row['recall']:6.2%}  {row['f1-score']:5.3f}  {row['support']:6.0f}"
        )
    print("\nconfusion matrix: a row for each true digit, a column for each answer")
    print("      " + "".join(f"{digit:6}" for digit in range(datasets.CLASSES)))
    for digit, counts in enumerate(result.confusion):
        print(f"{digit:6}" + "".join(f"{count:6}" for count in counts))
    return 0


def _configs(options: argparse.Namespace) -> list[TrainingConfig]:
    """The trainings that were asked for: those of the preset, or one, with what was typed changed."""
    starts = PRESETS[options.preset].configs if options.preset else (TrainingConfig(),)
    changes: dict[str, Any] = {
        name: value
        for name in ("architecture", "epochs", "batch_size", "learning_rate", "subset_size", "seed")
        if (value := getattr(options, name)) is not None
    }
    if options.augmentation:
        changes["augmentation"] = asdict(DISTORTIONS[options.augmentation])
    configs = []
    for start in starts:
        data = start.as_dict() | changes
        for assignment in options.set:
            configuration.assign(data, assignment)
        configs.append(configuration.from_dict(data))
    return configs


def _train(options: argparse.Namespace) -> int:
    configs = _configs(options)
    folders = [options.output]
    if len(configs) > 1:  # a preset that compares networks: a folder each
        folders = [options.output / str(config.architecture) for config in configs]
    for folder in folders:
        _refuse_unwritable(folder)
    start = parent = None
    if options.continue_from:
        begin = model_files.find(options.continue_from)
        start, parent = (
            (begin / model_files.KERAS_FILE).read_bytes(),
            parents.of_card(begin.name, model_files.read_card(begin)),
        )
        for config in configs:
            if objection := parent.objection(config):
                raise ModelError(objection)
    for config, folder in zip(configs, folders, strict=True):
        card = _train_one(config, folder, start, parent)
        accuracy = model_files.validation_accuracy(card) if card["history"] else None
        if options.json:
            record = {"model": str(folder), "validation_accuracy": accuracy, "card": card}
            print(json.dumps(record))
        else:
            read = (
                f"reads {accuracy:.2%} of its validation digits right"
                if accuracy is not None
                else "is untested"
            )
            print(f"{card['ended']} {folder} {read}.")
    return 0


def _refuse_unwritable(output: Path) -> None:
    """Say so before the work, not after it, when its result cannot be written."""
    if output.exists():
        raise ModelError(f"{output} is there already: choose another name or remove it first.")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(f"The folder {output.parent} cannot be made.") from error
    if not os.access(output.parent, os.W_OK):
        raise ModelError(f"Nothing can be written to the folder {output.parent}.")


def _train_one(
    config: TrainingConfig, folder: Path, start: bytes | None, parent: Parent | None
) -> dict[str, Any]:
    """Train with a progress bar; the first Ctrl-C stops politely."""
    from digit_core import training

    control = events.Control()
    before = signal.getsignal(signal.SIGINT)

    def stop_politely(*_: object) -> None:
        control.stop()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, stop_politely)
    bar = tqdm(desc=config.network.title, unit="step")

    def show(event: events.Event) -> None:
        if isinstance(event, events.RunStarted):
            bar.reset(total=event.steps_per_epoch * event.epochs)
        elif isinstance(event, events.BatchEnded):
            bar.set_postfix_str(
                f"epoch {event.epoch}/{config.epochs}, loss {event.loss:.4f}, {event.accuracy:.2%}",
                refresh=False,
            )
            bar.update()
        elif isinstance(event, events.EpochEnded):
            bar.write(
                f"epoch {event.epoch}: training {event.accuracy:.2%}, validation {event.validation_accuracy:.2%}, "
                f"{event.duration_seconds:.0f} s",
                file=sys.stderr,
            )

    try:
        trained = training.train(config, start=start, on_event=show, control=control, parent=parent)
    finally:
        bar.close()
        signal.signal(signal.SIGINT, before)
    trained.save(folder)
    return trained.card


def _export(options: argparse.Namespace) -> int:
    folder = model_files.find(options.model)
    _refuse_unwritable(options.output)
    from digit_core import conversion

    model = conversion.load_keras((folder / model_files.KERAS_FILE).read_bytes())
    content = conversion.EXPORTS[options.format](model)
    options.output.write_bytes(content)
    record = {"model": folder.name, "file": str(options.output), "bytes": len(content)}
    print(json.dumps(record) if options.json else f"{options.output}: {len(content) / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
