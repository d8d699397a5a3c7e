"""What the design names is there, from `import digit_core` alone."""

import dataclasses
import inspect
import subprocess
import sys
import typing
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import digit_core
from digit_core.datasets import Mnist
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
    right = (model.predict_dataset(first.images).argmax(axis=1) == first.labels).sum()
    assert digit_core.evaluate(model, first).accuracy.count == right
    assert digit_core.evaluate(model, first.images / 255.0, first.labels).accuracy.count == right
    with pytest.raises(ValueError, match="fit together"):
        digit_core.evaluate(model, first.images / 255.0)


def test_a_tutorials_own_calls_work_on_a_model_of_ours(mnist: Mnist) -> None:
    """The first tutorial's arrays and calls: divided by 255, a channel behind, one-hot labels, `predict_digit`."""
    model = digit_core.load_model("cnn-tutorial")
    x_test, y_test = mnist.test.images.astype("float32") / 255.0, mnist.test.labels
    x_test = x_test.reshape(x_test.shape[0], 28, 28, 1)
    y_test_categorical = np.eye(10)[y_test]
    predicted_classes = np.argmax(model.predict(x_test), axis=1)
    accuracy = np.mean(predicted_classes == y_test)
    assert digit_core.evaluate(model, x_test, y_test_categorical).accuracy.value == pytest.approx(accuracy)

    def their_predict_digit(model: digit_core.Classifier, image: np.ndarray) -> tuple[int, float]:
        prediction = model.predict(image.reshape(1, 28, 28, 1), verbose=0)
        return int(np.argmax(prediction)), float(np.max(prediction))

    for index in (0, 1, 63):
        for image in (x_test[index], x_test[index].reshape(28, 28), mnist.test.images[index] / 255.0):
            digit, confidence = digit_core.predict_digit(model, image)
            assert (digit, confidence) == pytest.approx(their_predict_digit(model, image))
            assert digit == predicted_classes[index] == y_test[index]
    test_image = (mnist.test.images / 255.0)[63]  # the second tutorial's way
    assert np.argmax(model.predict(np.expand_dims(test_image, axis=0))[0]) == 3


def _classes(hint: object) -> Iterator[type]:
    """The project's own classes in an annotation, such as Digits in `list[Digits] | None`."""
    if isinstance(hint, type) and hint.__module__.startswith("digit_core."):
        yield hint
    for part in typing.get_args(hint):
        yield from _classes(part)


def test_what_the_public_names_give_back_is_public_too() -> None:
    # A configuration is asked for, not given back.
    offered = [getattr(digit_core, name) for name in digit_core.__all__ if name != "TrainingConfig"]
    found = set()
    for thing in offered:
        members = vars(thing).values() if isinstance(thing, type) else [thing]
        methods = [member.fget if isinstance(member, property) else member for member in members]
        for method in filter(inspect.isfunction, methods):
            if not method.__name__.startswith("_"):
                found |= {*_classes(typing.get_type_hints(method).get("return"))}
        if dataclasses.is_dataclass(thing):
            found |= {each for hint in typing.get_type_hints(thing).values() for each in _classes(hint)}
    assert {digit_core.Digits, digit_core.TrainedModel, digit_core.DigitBoxes, digit_core.Share} <= found
    assert found <= set(offered)


def test_the_import_alone_loads_no_package() -> None:
    program = (
        "import sys, digit_core; print([name for name in sys.modules if name.startswith('digit_core.')])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT_FOLDER, capture_output=True, text=True, check=True
    )
    assert run.stdout == "[]\n"
