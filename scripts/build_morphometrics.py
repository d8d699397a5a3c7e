"""Measure how MNIST's 55,000 training digits are written (stroke, size, place, slant) and write data/morphometrics.npz."""

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from digit_core import datasets, settings
from digit_core.explanations import morphometrics


def build(output: Path) -> None:
    """Write the quantiles of each measurement in each class to `output`."""
    training = datasets.load_mnist().train
    found = morphometrics.sample(training.images, training.labels)
    np.savez_compressed(output, training=found.astype(np.float16))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=settings.MORPHOMETRICS_FILE)
    arguments = parser.parse_args()
    build(arguments.output)
    print(f"{arguments.output}: {arguments.output.stat().st_size / 1e3:.0f} kB")
