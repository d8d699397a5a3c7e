"""What the design names is there, from `import digit_core` alone."""

import doctest
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import digit_core
from digit_core.datasets import Mnist
from digit_core.evaluation import scores
from digit_core.inference import reading
from digit_core.settings import PROJECT_FOLDER


def test_every_public_name_is_there_and_is_listed() -> None:
    assert dir(digit_core) == sorted(digit_core.__all__)
    for name in digit_core.__all__:
        assert getattr(digit_core, name) is not None
    with pytest.raises(AttributeError):
        digit_core.no_such_name  # noqa: B018 - it is the look that must fail


def test_a_picture_is_read_from_the_file_to_the_verdict(tmp_path: Path, mnist: Mnist) -> None:
    path = tmp_path / "three.png"
    Image.fromarray(mnist.test.images[63]).resize((280, 280)).save(path)
    found = digit_core.read_digit(path)
    assert (found.digit, found.verdict, str(found)) == (3, "digit", "It's a 3.")
    assert found.confidence == found.probabilities.max() > 0.99
    assert found.probabilities.shape == (10,)
    assert found.image.shape == (28, 28)
    assert found.image is found.stages.image
    np.testing.assert_array_equal(found.image, digit_core.images.from_picture(path))
    by_ann = digit_core.read_digit(path, digit_core.load_model("ann"))
    assert not np.array_equal(by_ann.probabilities, found.probabilities)


def test_a_model_is_evaluated(mnist: Mnist) -> None:
    first = mnist.test.take(np.arange(200))
    model = digit_core.load_model("ann")
    right = (model.predict(first.images).argmax(axis=1) == first.labels).sum()
    assert digit_core.evaluate(model, first).accuracy.count == right


@pytest.mark.parametrize("module", [reading, scores])
def test_the_examples_are_true(module: object) -> None:
    names = {name: getattr(digit_core, name) for name in ("load_mnist", "load_model")}
    assert doctest.testmod(module, extraglobs=names).failed == 0  # type: ignore[arg-type]
    assert doctest.testmod(module, extraglobs=names).attempted > 0  # type: ignore[arg-type]


def test_the_import_alone_loads_no_package() -> None:
    program = (
        "import sys, digit_core; print([name for name in sys.modules if name.startswith('digit_core.')])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT_FOLDER, capture_output=True, text=True, check=True
    )
    assert run.stdout == "[]\n"
