"""The command `train`: a training asked for in words, seen as a progress bar, stopped with Ctrl-C."""

import argparse
import json
import shlex
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digit_core import errors
from digit_core.augmentation.policies import POLICIES
from digit_core.errors import ModelError
from digit_core.inference import model_files, provenance
from digit_core.monitoring import events
from digit_core.recipes import aliases, configuration, warm_start
from digit_core.recipes.architectures import ARCHITECTURES
from digit_core.recipes.configuration import TrainingConfig
from digit_core.recipes.presets import PRESETS
from digit_core.recipes.warm_start import Parent

if TYPE_CHECKING:
    from tqdm import tqdm

EXAMPLES = """examples:
  %(prog)s --preset tutorial-1 --output my-cnn
  %(prog)s --preset tutorial-1 --set validates_on_test=true --output as-its-author-does
  %(prog)s --architecture ann --epochs 5 --output my-ann
  %(prog)s --preset digit-lab --set augmentation.rotation=20 --set epochs=3 --output turned
  %(prog)s --architecture cnn-2 --set early_stopping.patience=2 --output stopped

recipes:
{recipes}

Ctrl-C stops the training and keeps what it has learnt. A second Ctrl-C discards it.
""".format(
    recipes="\n".join(f"  {name:11} {preset.title.replace('%', '%%')}" for name, preset in PRESETS.items())
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command can be told."""
    parser.add_argument(
        "--preset",
        choices=PRESETS,
        metavar="PRESET",
        help=f"a recipe to start from; other options change it: {_one_of(PRESETS)}",
    )
    parser.add_argument("--architecture", help=f"the network: {_one_of(ARCHITECTURES)}")
    parser.add_argument("--epochs", type=int, help="how many times to go through all training digits")
    parser.add_argument("--batch-size", type=int, help="digits per step")
    parser.add_argument("--learning-rate", type=float, help="how far each step moves the weights")
    parser.add_argument("--subset-size", type=int, help="train on only this many digits, for a quick try")
    parser.add_argument(
        "--augmentation",
        choices=POLICIES,
        type=aliases.current,
        metavar="AUGMENTATION",
        help=f"how much to distort the training digits: {_one_of(POLICIES)}",
    )
    parser.add_argument("--seed", type=int, help="the same seed gives the same training, within noise")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="any setting of TrainingConfig, such as optimizer=sgd or early_stopping.patience=3; you can use it more than once",
    )
    parser.add_argument("--continue-from", metavar="MODEL", help="start from the weights of this model")
    parser.add_argument("--output", type=Path, required=True, help="the folder to write the model to")
    parser.set_defaults(run=run)


def _one_of(choices: Iterable[str]) -> str:
    """The choices as a shell takes them: with quotes around those that have blanks."""
    return ", ".join(shlex.quote(choice) for choice in choices)


def _configs(options: argparse.Namespace) -> list[TrainingConfig]:
    """The trainings that were asked for: those of the preset, or one, with what was typed changed."""
    starts = PRESETS[options.preset].configs if options.preset else (TrainingConfig(),)
    changes: dict[str, Any] = {
        name: value
        for name in ("architecture", "epochs", "batch_size", "learning_rate", "subset_size", "seed")
        if (value := getattr(options, name)) is not None
    }
    if options.augmentation:
        changes["augmentation"] = asdict(POLICIES[options.augmentation])
    configs = []
    for start in starts:
        data = start.as_dict() | changes
        for assignment in options.set:
            configuration.assign(data, assignment)
        configs.append(configuration.from_dict(data))
    return configs


def run(options: argparse.Namespace) -> int:
    """Train what was asked for, one after the other, and print what came of each.

    Returns:
        The exit status, 0.

    Raises:
        ConfigurationError, ModelError, TrainingError, DatasetError: as `training.train`, or nothing can be written there.
        MissingExtraError: what trains is not installed.
    """
    errors.require("train")
    configs = _configs(options)
    folders = [options.output]
    if len(configs) > 1:  # a preset that compares networks: a folder each
        folders = [options.output / str(config.architecture) for config in configs]
    for folder in folders:
        model_files.refuse_unwritable(folder)
    start, parent = _start(options.continue_from, configs) if options.continue_from else (None, None)
    for config, folder in zip(configs, folders, strict=True):
        card = _train_one(config, folder, start, parent)
        accuracy = model_files.validation_accuracy(card) if card["history"] else None
        warning = provenance.warning(card, str(folder), "test")
        if options.json:
            record = {"model": str(folder), "validation_accuracy": accuracy, "validated_on": _judges(config)}
            print(json.dumps(record | {"warning": warning or None, "card": card}))
            continue
        judges = "its validation digits" if _judges(config) == "validation" else "the test digits"
        share = "" if accuracy is None else f"reads {accuracy:.2%} of {judges} correctly"
        print(f"{card['ended']} {folder} {share or 'has not been tested'}.")
        if warning:
            print(f"Careful: {warning}")
    return 0


def _judges(config: TrainingConfig) -> str:
    """Which digits a training is validated on: "validation" or "test"."""
    return "test" if config.validates_on_test else "validation"


def _start(model: str, configs: list[TrainingConfig]) -> tuple[bytes, Parent]:
    """The weights to go on from, and what is to be known of them; refused if they have learnt what they would be judged on."""
    folder = model_files.find(model)
    parent = warm_start.of_card(folder.name, model_files.read_card(folder))
    for config in configs:
        if objection := parent.objection(config):
            raise ModelError(objection)
    return (folder / model_files.KERAS_FILE).read_bytes(), parent


def _train_one(
    config: TrainingConfig, folder: Path, start: bytes | None, parent: Parent | None
) -> dict[str, Any]:
    """Train with a progress bar; the first Ctrl-C stops politely."""
    from tqdm import tqdm

    from digit_core.training import trainer

    control = events.Control()
    bar = tqdm(desc=config.network.title, unit="step")
    with _stopped_by_ctrl_c(control), bar:
        trained = trainer.train(
            config,
            start=start,
            on_event=lambda event: _show(event, bar, config),
            control=control,
            parent=parent,
        )
    trained.save(folder)
    return trained.card


@contextmanager
def _stopped_by_ctrl_c(control: events.Control) -> Iterator[None]:
    """Have the first Ctrl-C stop a training; the second one is as it always is."""
    before = signal.getsignal(signal.SIGINT)

    def stop_politely(*_: object) -> None:
        control.change(is_stopped=True)
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, stop_politely)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _show(event: events.Event, bar: "tqdm", config: TrainingConfig) -> None:
    """Move the progress bar on; a line for each epoch stays above it."""
    if isinstance(event, events.RunStarted):
        bar.reset(total=event.steps_per_epoch * event.epochs)
    elif isinstance(event, events.BatchEnded):
        words = f"epoch {event.epoch}/{config.epochs}, loss {event.loss:.4f}, {event.accuracy:.2%}"
        bar.set_postfix_str(words, refresh=False)
        bar.update()
    elif isinstance(event, events.EpochEnded):
        bar.write(
            f"epoch {event.epoch}: training {event.accuracy:.2%}, {_judges(config)} {event.validation_accuracy:.2%}, "
            f"{event.duration_seconds:.0f} s",
            file=sys.stderr,
        )
