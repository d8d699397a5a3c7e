"""The command line: predict, evaluate, train and export, each without the dashboard, and the dashboard itself."""

import argparse
import json
import runpy
import sys
import warnings
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PIL import Image

from digit_core import __version__, datasets, errors, settings
from digit_core.cli import log_lines, train
from digit_core.codegen import script
from digit_core.digits import CLASSES, Digits
from digit_core.errors import ConfigurationError, DigitError, ModelError
from digit_core.inference import classifier, model_files, provenance
from digit_core.inference.reading import read_digit
from digit_core.inference.rejection import NO_DIGIT, NOT_SURE, Judgement
from digit_core.metrics import classification
from digit_core.preprocessing import pictures
from digit_core.recipes import configuration
from digit_core.recipes.configuration import TrainingConfig

BAD_INPUT = 2  # the exit status
_SPLITS = ("test", "validation", "train")
_CHUNK = 500  # digits between two steps of a progress bar

_EXAMPLES = """examples:
  %(prog)s predict seven.png photo.jpg      which digit is in each picture?
  %(prog)s evaluate cnn-tutorial            how well does a model read the test digits?
  %(prog)s train --preset tutorial-2 --output my-ann
  %(prog)s export my-ann --format h5 --output my-ann.h5
  %(prog)s backup monday.db                 copy runs, drawings and votes to a file
  %(prog)s app                              open the dashboard in the browser

Every command except app takes --json, for output that a program can read. On bad input, a command says what is wrong
and exits with status 2.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: as typed; the process's own if None.

    Returns:
        The exit status: 0, or 2 on bad input.
    """
    parser = _parser()
    options, others = parser.parse_known_args(arguments)
    if options.run is _app:  # what it does not know itself is for Streamlit
        options.streamlit = others
    elif others:
        parser.error(f"unrecognized arguments: {' '.join(others)}")
    try:
        if options.run is _app:  # a server's log is for whoever runs it
            return _app(options)
        run: Callable[[argparse.Namespace], int] = options.run
        with log_lines.kept_out():
            return run(options)
    except ConfigurationError as error:
        print("\n".join(error.sentences), file=sys.stderr)
    except DigitError as error:
        print(error, file=sys.stderr)
    return BAD_INPUT


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    called = "digit-lab" if Path(sys.argv[0]).stem == "digit-lab" else "python -m digit_core"
    parser = argparse.ArgumentParser(prog=called, description=__doc__, epilog=_EXAMPLES, formatter_class=raw)
    parser.add_argument("--version", action="version", version=f"digit-lab {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    predict = commands.add_parser("predict", help="read the digit in each picture")
    predict.add_argument("pictures", nargs="+", metavar="PICTURE", help=f"a {pictures.NAMED} file")
    predict.add_argument("--model", default="default", help=f"{_MODEL_HELP} (%(default)s)")
    predict.set_defaults(run=_predict)

    evaluate = commands.add_parser("evaluate", help="measure how well a model reads MNIST")
    evaluate.add_argument("model", nargs="?", default="default", help=f"{_MODEL_HELP} (%(default)s)")
    evaluate.add_argument(
        "--digits", choices=_SPLITS, default="test", help="which part of MNIST (%(default)s)"
    )
    evaluate.set_defaults(run=_evaluate)

    training = commands.add_parser(
        "train", help="train a network on MNIST", epilog=train.EXAMPLES, formatter_class=raw
    )
    train.add_arguments(training)

    export = commands.add_parser("export", help="write a model, or the code that trains it, to a file")
    export.add_argument("model", help=_MODEL_HELP)
    export.add_argument(
        "--format",
        choices=(*model_files.EXPORT_FORMATS, *_CODE),
        default="keras",
        metavar="FORMAT",
        help="keras or h5: compiled, so that Keras can evaluate it or train it further at once; savedmodel: a zip of "
        "TensorFlow's folder; tflite: for phones; script or notebook: the code that trains it, in plain Keras (%(default)s)",
    )
    export.add_argument("--output", type=Path, required=True, help="the file to write")
    export.set_defaults(run=_export)

    backup = commands.add_parser(
        "backup", help="copy the database of the dashboard to a file, also while it runs"
    )
    backup.add_argument("file", type=Path, metavar="FILE", help="the file to write")
    backup.set_defaults(run=_backup)

    restore = commands.add_parser("restore", help="put a backup in the place of the dashboard's database")
    restore.add_argument("file", type=Path, metavar="FILE", help="a file that backup wrote")
    restore.add_argument(
        "--replace", action="store_true", help="also if the database holds something, which is then lost"
    )
    restore.set_defaults(run=_restore)

    for command in (predict, evaluate, training, export, backup, restore):
        command.add_argument("--json", action="store_true", help="print JSON")

    app = commands.add_parser(
        "app",
        help="open the dashboard in the browser",
        epilog="Options of `streamlit run` are passed on, such as --server.port 8502.",
        formatter_class=raw,
    )
    app.set_defaults(run=_app)
    return parser


_MODEL_HELP = "a shipped model's name or a model's folder"
_CODE: dict[str, Callable[[TrainingConfig, str], str]] = {
    "script": script.script,
    "notebook": script.notebook,
}


def _predict(options: argparse.Namespace) -> int:
    warnings.simplefilter("error", Image.DecompressionBombWarning)  # preprocessing says it in a sentence
    model = classifier.load(options.model)
    results: list[dict[str, Any]] = []
    for picture in _with_progress(options.pictures):
        try:
            reading = read_digit(picture, model)
        except DigitError as error:
            results.append({"picture": picture, "error": str(error)})
            if not options.json:
                print(error, file=sys.stderr)
            continue
        probabilities = model.predict(reading.image[None])[0]
        results.append(
            {
                "picture": picture,
                "digit": reading.digit,
                "confidence": float(probabilities.max()),
                "probabilities": [float(share) for share in probabilities],
                "verdict": reading.verdict,
                "calibrated_confidence": reading.confidence,
                "ood_score": reading.ood_score,
            }
        )
        if not options.json:
            print(f"{picture}: {_in_words(reading)}")
    if options.json:
        print(json.dumps(results))
    return BAD_INPUT if any("error" in result for result in results) else 0


def _with_progress(pictures: list[str]) -> Iterable[str]:
    """The pictures, with a bar on the screen if they are many."""
    if len(pictures) < 20:
        return pictures
    from tqdm import tqdm  # it takes as long to import as a picture to read

    return tqdm(pictures, unit="picture", leave=False)


def _in_words(judgement: Judgement) -> str:
    """A judgement on one line: "4 (98.2% sure)", "not sure: 4 (61.0%), perhaps 9 (35.2%)", "no digit; ..."."""
    first, second = (
        f"{digit} ({classification.percent(float(judgement.probabilities[digit]))}"
        for digit in (judgement.digit, judgement.second)
    )
    if judgement.verdict == NO_DIGIT:
        return f"no digit; if it must be one, {first} sure)"
    if judgement.verdict == NOT_SURE:
        return f"not sure: {first}), perhaps {second})"
    return f"{first} sure)"


def _evaluate(options: argparse.Namespace) -> int:
    import numpy as np
    from tqdm import tqdm

    model = classifier.load(options.model)
    digits: Digits = getattr(datasets.load_mnist(), options.digits)
    starts = tqdm(
        range(0, len(digits), _CHUNK), desc=model.name, unit_scale=_CHUNK, unit="digit", leave=False
    )
    probabilities = np.concatenate(
        [model.predict_dataset(digits.images[start : start + _CHUNK]) for start in starts]
    )
    result = classification.evaluate(digits.labels, probabilities)
    warning = provenance.warning(_card(model_files.find(options.model)), model.name, options.digits)
    if options.json:
        record = asdict(result) | {"confusion": result.confusion.tolist(), "model": model.name}
        print(json.dumps(record | {"digits": options.digits, "warning": warning or None}))
        return 0
    print(f"{model.name} on MNIST's {len(digits):,} {options.digits} digits")
    print(
        f"accuracy {result.accuracy}, 95% interval; {result.errors:,} errors; log loss {result.log_loss:.4f}"
    )
    if warning:
        print(f"Careful: {warning}")
    print()
    print("digit  precision  recall    F1  digits")
    for digit in range(CLASSES):
        row = result.report[str(digit)]
        print(
            f"{digit:5}  {row['precision']:9.2%}  {row['recall']:6.2%}  {row['f1-score']:5.3f}  {row['support']:6.0f}"
        )
    print("\nconfusion matrix: a row for each true digit, a column for each answer")
    print("      " + "".join(f"{digit:6}" for digit in range(CLASSES)))
    for digit, counts in enumerate(result.confusion):
        print(f"{digit:6}" + "".join(f"{count:6}" for count in counts))
    return 0


def _export(options: argparse.Namespace) -> int:
    folder = model_files.find(options.model)
    model_files.refuse_unwritable(options.output)
    card = _card(folder)
    notes: list[str] = []
    if options.format in _CODE:
        content, notes = _code(folder.name, card, options.format)
    else:
        content = _model_file(folder, card.get("configuration"), options.format)
        if options.format == "savedmodel":
            notes = ["This is a zip file. Unpack it: the folder saved_model is the SavedModel."]
    options.output.write_bytes(content)
    record = {"model": folder.name, "file": str(options.output), "bytes": len(content), "notes": notes}
    size = f"{len(content) / 1e6:.1f} MB" if len(content) > 100_000 else f"{len(content) / 1e3:.0f} KB"
    print(json.dumps(record) if options.json else " ".join([f"{options.output}: {size}.", *notes]))
    return 0


def _card(folder: Path) -> dict[str, Any]:
    """A model's card; nothing where it has none."""
    return model_files.read_card(folder) if (folder / model_files.CARD_FILE).exists() else {}


def _code(name: str, card: dict[str, Any], export_format: str) -> tuple[bytes, list[str]]:
    """The training of a model as code, and what it leaves out, in sentences.

    Raises:
        ModelError: it was trained elsewhere.
    """
    if card.get("configuration") is None:
        raise ModelError(f"We don't know how {name} was trained, so there is no code for it.")
    text = _CODE[export_format](configuration.from_dict(card["configuration"]), name)
    lacks = {
        "parent": "The code starts from random weights; this model started from another model's weights.",
        "parts": "The code is one training only; this model also learnt from other models' answers.",
        "handwriting": "The code contains no drawings; this model also learnt from drawings.",
        "steered": "The code leaves out what was changed by hand during the training.",
    }
    return text.encode(), [sentence for key, sentence in lacks.items() if card.get(key)]


def _model_file(folder: Path, config: dict[str, Any] | None, export_format: str) -> bytes:
    """A model as a file of some format: as it lies there, or made by Keras."""

    def read(name: str) -> bytes:
        try:
            return (folder / name).read_bytes()
        except OSError as error:
            raise ModelError(f"A file of the model {folder.name} is missing or cannot be read.") from error

    ready = model_files.ready(export_format, config, read)
    if ready is not None:
        return ready
    errors.require("train")
    from digit_core.training.export import convert

    known = None if config is None else configuration.from_dict(config)
    return convert(read(model_files.KERAS_FILE), export_format, known)


def _backup(options: argparse.Namespace) -> int:
    errors.require("app")
    from digit_core.storage import backups

    counts = backups.backup(settings.DATABASE_URL, options.file)
    return _tell_counts(options, f"Saved in {options.file}", counts)


def _restore(options: argparse.Namespace) -> int:
    errors.require("app")
    from digit_core.storage import backups

    counts = backups.restore(options.file, settings.DATABASE_URL, replaces=options.replace)
    return _tell_counts(options, f"Restored from {options.file}", counts)


def _tell_counts(options: argparse.Namespace, what: str, counts: dict[str, int]) -> int:
    told = ", ".join(f"{name}: {count:,}" for name, count in counts.items())
    print(json.dumps({"file": str(options.file)} | counts) if options.json else f"{what}. {told}.")
    return 0


def _app(options: argparse.Namespace) -> int:
    errors.require("app")
    # As `python -m streamlit run`, in this process: Ctrl-C and whoever started it reach the server itself.
    sys.argv = ["streamlit", "run", str(settings.PROJECT_FOLDER / "Home.py"), *options.streamlit]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
    return 0
