"""A configuration as plain Keras: a script to read and run at home, and the same as a notebook."""

from digit_core.configuration import TrainingConfig


def script(config: TrainingConfig, name: str = "Digit Lab") -> str:
    """The training of `config` as a Python script without this project.

    It needs keras (with tensorflow), numpy, scikit-learn and, where digits are distorted, opencv. Its one argument is the path
    of a `mnist.npz` (this project's or Keras' own); without one it lets Keras fetch the digits. It prints a line an epoch and the validation accuracy, and
    saves `model.keras`.

    Args:
        config: what to train; on MNIST and from random weights.
        name: of the run, for people: it stands in the first line.

    Returns:
        The text of a .py file.
    """
    raise NotImplementedError


def notebook(config: TrainingConfig, name: str = "Digit Lab") -> str:
    """The same as `script`, as the JSON text of an .ipynb file (nbformat 4.5), with a word of explanation before each cell."""
    raise NotImplementedError
