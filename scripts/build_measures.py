"""Measure MNIST's 70,000 digits (ink, slant, atypicality) and write data/measures.npz."""

import argparse
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from digit_core import datasets, settings
from digit_core.datasets import typicality


def build(output: Path) -> None:
    """Write the measures of train, validation and test, in this order, to `output`."""
    mnist = datasets.load_mnist()
    splits = [getattr(mnist, split.name) for split in fields(mnist)]
    images = np.concatenate([digits.images for digits in splits])
    labels = np.concatenate([digits.labels for digits in splits])
    np.savez_compressed(
        output,
        ink=typicality.ink_of(images).astype(np.float16),
        slant=typicality.slant_of(images).astype(np.float16),
        odd_rank=typicality.atypicality_ranks(images, labels).astype(np.uint16),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=settings.MEASURES_FILE)
    arguments = parser.parse_args()
    build(arguments.output)
    print(f"{arguments.output}: {arguments.output.stat().st_size / 1e3:.0f} kB")
