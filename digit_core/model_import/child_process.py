"""Open a model's file in a process of its own with limits: `python -m digit_core.model_import.child_process FOLDER ...`.

The file is never handed to Keras. Its network was read as data, its weights are read as arrays, and a network of Keras'
own layers is made anew from both; so there is nothing in it that could be run.
"""

import json
import os
import platform
import shutil
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from digit_core.errors import ModelError
from digit_core.inference.model_files import CARD_SCHEMA_VERSION, KERAS_FILE, LAYERS_FILE, LITERT_FILE
from digit_core.model_import import adapters
from digit_core.model_import.adapters import Reading
from digit_core.model_import.network_specs import Network
from digit_core.model_import.sandbox import ANSWER_FILE
from digit_core.recipes.architectures import Architecture

if TYPE_CHECKING:
    import keras

_MAX_FILE_BYTES = 200_000_000  # that may be written
_MAX_OPEN_FILES = 256
_LAST_CPU_SECONDS = 5  # between SIGXCPU and SIGKILL; with none between them, Linux sends SIGKILL at once
_TRIAL_DIGITS = 1_000  # training digits on which the ways to read the input are tried
_MAX_DIFFERENCE = 0.01  # of a probability, between the network and its converted file


def limit(memory_bytes: int, cpu_seconds: int) -> None:
    """Let this process have no more than this. For Linux.

    Args:
        memory_bytes: of address space; 3 GB is the least in which TensorFlow opens a model.
        cpu_seconds: of computing. Then comes SIGXCPU, which whoever waits for this process can tell from other ends;
            some seconds later, SIGKILL.
    """
    import resource

    for what, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, _MAX_FILE_BYTES),
        (resource.RLIMIT_NOFILE, _MAX_OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + _LAST_CPU_SECONDS))


def end_with_parent(folder: Path) -> None:
    """Die when standard input closes: whoever started this process is gone then, and nobody else clears its folder."""

    def wait() -> None:
        os.read(0, 1)
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _say(word: str) -> None:
    print(word, flush=True)


def convert(folder: Path, title: str) -> dict[str, Any]:
    """Turn the model in a folder into the files that every model here has.

    Args:
        folder: holds WEIGHTS_FILE, and CONFIG_FILE if the model came as a .keras file. The three files of a model are
            written there.
        title: what people will call the model.

    Returns:
        Its card.

    Raises:
        ModelError: it cannot be opened, with a sentence why.
    """
    _say("Reading the network and its weights")
    from digit_core.model_import.weights import read

    network, weights = read(folder)
    _say("Starting TensorFlow")
    import keras

    from digit_core.model_import import rebuild

    model = rebuild.scoring_model(network)
    model.set_weights(weights)
    _say("Finding out which pixel values it expects")
    reading = _choose_reading(model, network)
    architecture = adapters.as_architecture(network, reading, title)
    if architecture is None:
        final = rebuild.whole_model(network, reading, weights)
    else:
        from digit_core.training import networks

        final = networks.with_weights(
            architecture, adapters.folded(weights, adapters.scaling(network, reading))
        )
    _say("Converting it")
    _write(folder, final)
    _say("Reading the 5,000 validation digits with it")
    figures = _figures(folder, model, network, reading)
    versions = {
        "python": platform.python_version(),
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "numpy": np.__version__,
    }
    return _card(network, reading, architecture, title, figures, versions)


def _choose_reading(model: "keras.Model", network: Network) -> Reading:
    from digit_core import datasets

    digits = datasets.load_mnist().train.take(np.arange(_TRIAL_DIGITS))
    images = digits.images.astype(np.float32) / 255  # (n, 28, 28)
    scores = [_scores(model, network, reading, images) for reading in adapters.READINGS]
    return adapters.choose_reading(scores, digits.labels)


def _scores(model: "keras.Model", network: Network, reading: Reading, images: np.ndarray) -> np.ndarray:
    return np.asarray(
        model.predict(reading.of(images).reshape(-1, *network.input_shape), batch_size=250, verbose=0)
    )


def _write(folder: Path, model: "keras.Model") -> None:
    from digit_core.training import export

    for name, to_bytes in (
        (KERAS_FILE, export.to_keras),
        (LITERT_FILE, export.to_litert),
        (LAYERS_FILE, export.to_litert_layers),
    ):
        (folder / name).write_bytes(to_bytes(model))


def _figures(folder: Path, model: "keras.Model", network: Network, reading: Reading) -> dict[str, Any]:
    """What the converted files read of the validation digits.

    Raises:
        ModelError: the network answers some digits with NaN, or the files answer otherwise than it does.
    """
    from digit_core import datasets
    from digit_core.inference import classifier
    from digit_core.metrics import classification

    digits = datasets.load_mnist().validation
    reader = classifier.Classifier(
        "", (folder / LITERT_FILE).read_bytes(), (folder / LAYERS_FILE).read_bytes()
    )
    probabilities = reader.predict_dataset(digits.images)
    if wrong := int((~np.isfinite(probabilities).all(axis=1)).sum()):
        raise ModelError(
            f"The network answers {wrong:,} of the {len(digits):,} validation digits with NaN instead of probabilities: "
            "its weights are too large."
        )
    few = digits.images[:100].astype(np.float32) / 255
    expected = adapters.softmax(_scores(model, network, reading, few))
    differences = np.abs(expected - probabilities[:100])
    if not differences.max() <= _MAX_DIFFERENCE:
        raise ModelError("The network cannot be converted: its converted file gives other answers.")
    result = classification.evaluate(digits.labels, probabilities)
    return {"validation": {**asdict(result.accuracy), "log_loss": result.log_loss}}


def _card(
    network: Network,
    reading: Reading,
    architecture: Architecture | None,
    title: str,
    figures: dict[str, Any],
    versions: dict[str, str],
) -> dict[str, Any]:
    ending = network.steps[-1].activation
    return {
        "schema_version": CARD_SCHEMA_VERSION,
        "origin": "brought",
        "architecture": _described(network, title) if architecture is None else architecture.as_dict(),
        "is_ours": architecture is not None,
        "parameters": network.parameters,
        "configuration": None,
        "data": {
            "name": "not known",
            "training_digits": None,
            "validation_digits": figures["validation"]["n"],
        },
        "chosen_on_test": None,
        "brought": {
            "input_shape": list(network.input_shape),
            "pixels": asdict(reading),
            "ending": ending,
            "layers": _described(network, title)["layers"],
        },
        "versions": versions,
        "ended": "Trained elsewhere and imported.",
        "training_seconds": None,
        "kept_epoch": 0,
        "history": [],
        "figures": figures,
    }


def _described(network: Network, title: str) -> dict[str, Any]:
    """A network in the form of `Architecture.as_dict`, its layers under Keras' names for them."""
    return {
        "title": title,
        "description": "Trained elsewhere and imported.",
        "layers": [
            {
                "kind": step.kind,
                "name": step.name,
                "settings": step.settings,
                "output_shape": list(step.output_shape),
                "parameters": step.parameters,
            }
            for step in network.steps
        ],
    }


def main(folder: Path, title: str, memory_bytes: int, cpu_seconds: int) -> None:
    """Open what lies in `folder` and leave the model, or a sentence why not, in ANSWER_FILE there."""
    end_with_parent(folder)
    limit(memory_bytes, cpu_seconds)
    try:
        answer: dict[str, Any] = {"card": convert(folder, title)}
    except ModelError as error:
        answer = {"refused": str(error)}
    # An import fails when a library cannot be mapped into what memory is left.
    except (MemoryError, ImportError):
        answer = {
            "refused": f"Opening the model needs more than the {memory_bytes / 1e9:.2g} GB of memory it may have."
        }
    (folder / ANSWER_FILE).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
