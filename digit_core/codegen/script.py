"""A configuration as plain Keras: a script to read and run at home, and the same as a notebook."""

import json
import re
import textwrap
from typing import Any

from digit_core.codegen import data_code, result_code, training_code
from digit_core.codegen.excerpts import Section, joined, literal
from digit_core.recipes.configuration import TrainingConfig

_WIDTH = 100  # characters in a line of comment
_ABOUT = (
    "A training from Digit Lab in plain Keras, with the same digits, order, weights and rules. A notebook shows its pictures; "
    "they are also saved as .png files in this folder."
)


def script(config: TrainingConfig, name: str = "Digit Lab") -> str:
    """The training of `config` as a Python script without this project.

    It needs keras (with tensorflow), numpy, matplotlib, scikit-learn and, where digits are distorted, opencv. It reads the digits
    from a `mnist.npz` (this project's or Keras' own): the one named by its first argument, or the one in the folder it is run in;
    without one it lets Keras fetch them.

    It tells the whole way: the data, the network, a line an epoch, validation and test figures, a report by classes, one digit read.
    Its pictures (samples, curves, confusion matrix, misread digits, the one digit) are .png files in the folder it is run in, where
    it saves `model.keras`, too. It loads that again; its last line is the test accuracy and loss of what was loaded.

    Args:
        config: what to train; on MNIST and from random weights.
        name: of the run, for people, as they typed it: it stands in the first lines and can do no harm there.

    Returns:
        The text of a .py file.
    """
    sections = _sections(config, 'sys.argv[1] if len(sys.argv) > 1 else "mnist.npz"')
    head = f'"""{_plain(name)}\n\n{textwrap.fill(_ABOUT, _WIDTH)}\n\n    python script.py [mnist.npz]\n"""\n'
    text = "\n\n".join([head, *(_comment(section) + section.code + "\n" for section in sections)])
    return text.replace("import math\n", "import math\nimport sys\n", 1)


def notebook(config: TrainingConfig, name: str = "Digit Lab") -> str:
    """The same as `script`, as the JSON text of a notebook with a word of explanation before each cell.

    Args:
        config: what to train; on MNIST and from random weights.
        name: of the run, for people, as they typed it: it is the title.

    Returns:
        The text of an .ipynb file (nbformat 4.5), without results. It reads `mnist.npz` in its own folder.
    """
    cells = [_cell("markdown", f"# {_unmarked(_plain(name))}\n\n{_ABOUT}", 0)]
    for section in _sections(config, '"mnist.npz"'):
        cells.append(_cell("markdown", f"## {section.title}\n\n{section.text}", len(cells)))
        cells.append(_cell("code", section.code, len(cells)))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    content = {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _sections(config: TrainingConfig, file_expression: str) -> tuple[Section, ...]:
    """The parts of a training, in the order in which they run."""
    parts = (
        *data_code.sections(config, file_expression),
        *training_code.sections(config),
        *result_code.sections(config),
    )
    return (_needs(parts), _settings(config), *parts)


_ALWAYS = (
    "import math",
    "from pathlib import Path",
    "import keras",
    "import matplotlib.pyplot as plt",
    "import numpy as np",
    "from sklearn.metrics import ConfusionMatrixDisplay, classification_report",
    "from sklearn.model_selection import train_test_split",
)
_INSTALLED = ("cv2", "keras", "matplotlib", "numpy", "sklearn")


def _needs(parts: tuple[Section, ...]) -> Section:
    imports = {*_ALWAYS, *(statement for part in parts for statement in part.imports)}
    # As people sort them: what comes with Python, then the rest; whole modules before names of them.
    own, installed = (
        sorted(
            (one for one in imports if (_package(one) in _INSTALLED) == is_installed),
            key=lambda one: (one.startswith("from"), one),
        )
        for is_installed in (False, True)
    )
    opencv = " opencv-python-headless" if "import cv2" in imports else ""
    return Section(
        "What you need",
        f"Python and some packages. Install them with: pip install tensorflow matplotlib scikit-learn{opencv}",
        joined(own, "", installed),
    )


def _package(statement: str) -> str:
    return statement.split()[1].partition(".")[0]


def _settings(config: TrainingConfig) -> Section:
    code = joined(
        f"SEED = {literal(config.seed)}",
        f"EPOCHS = {literal(config.epochs)}",
        f"BATCH_SIZE = {literal(config.batch_size)}",
        f"LEARNING_RATE = {literal(float(config.learning_rate))}",  # Keras takes 1.0, but no 1
    )
    text = (
        "The seed decides the first weights, the order of the digits and everything else that is random. On the same kind of "
        "machine, the same seed gives the same network again."
    )
    return Section("Settings", text, code)


def _cell(kind: str, text: str, number: int) -> dict[str, Any]:
    source = text.splitlines(keepends=True)
    cell: dict[str, Any] = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": source}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def _comment(section: Section) -> str:
    lines = [f"{section.title}.", *textwrap.wrap(section.text, _WIDTH)]
    gap = "\n\n\n" if section.code.startswith(("def ", "class ")) else "\n\n"  # as PEP 8 has it
    return "\n".join(f"# {line}" for line in lines) + gap


def _plain(name: str) -> str:
    """A name in one line that ends no text it stands in: people type names, and others run what they stand in."""
    printable = "".join(character if character.isprintable() else " " for character in name)
    return " ".join(printable.replace("\\", "/").replace('"', "'").split()) or "Digit Lab"


def _unmarked(text: str) -> str:
    """`text` with all punctuation escaped, so that Markdown shows it as it is."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)
