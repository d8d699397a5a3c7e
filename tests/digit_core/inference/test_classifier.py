import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from digit_core import settings
from digit_core.datasets.mnist import Mnist
from digit_core.digits import Digits
from digit_core.errors import ModelError
from digit_core.inference import classifier, model_files, provenance, verifiers
from digit_core.inference.classifier import Classifier
from digit_core.metrics import calibration
from digit_core.preprocessing import images
from digit_core.recipes import configuration
from scripts.train_models import RECIPES
from tests.examples import others_long

SHIPPED = tuple(RECIPES)


@pytest.fixture(scope="module")
def model() -> Classifier:
    return classifier.load()


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_model_answers_as_keras_does(name: str, mnist: Mnist) -> None:
    from digit_core.training import export

    digits = mnist.test.images[:1_000]
    keras_model = export.load_keras((settings.MODELS_FOLDER / name / "model.keras").read_bytes())
    expected = np.asarray(keras_model(images.from_dataset(digits)[..., None]))
    answers = classifier.load(name).predict_dataset(digits)
    np.testing.assert_allclose(answers, expected, atol=1e-4)
    np.testing.assert_array_equal(answers.argmax(axis=1), expected.argmax(axis=1))


@pytest.mark.parametrize("name", SHIPPED)
def test_every_layers_activation_is_keras_in_the_networks_order(name: str, mnist: Mnist) -> None:
    from digit_core.training import export

    keras_model = export.load_keras((settings.MODELS_FOLDER / name / "model.keras").read_bytes())
    network = configuration.from_dict(model_files.read_card(name)["configuration"]).network
    opened = classifier.load(name)
    for digit in mnist.test.images[:3]:
        activations = opened.activations(digit)
        assert list(activations) == [step.name for step in network.summary()]
        value = images.from_dataset(digit)[None, ..., None]
        for layer, step in zip(keras_model.layers, network.summary(), strict=True):
            value = layer(value)
            assert activations[step.name].dtype == np.float32
            assert activations[step.name].shape == step.output_shape
            np.testing.assert_allclose(activations[step.name], np.asarray(value)[0], atol=1e-3, rtol=1e-4)
        np.testing.assert_allclose(activations["answer"], opened.predict_dataset(digit[None])[0], atol=1e-5)


def test_the_default_model_reads_test_digit_63(model: Classifier, mnist: Mnist) -> None:
    digit, confidence = model.predict_digit(mnist.test.images[63] / 255.0)
    assert digit == 3
    assert 0.5 < confidence <= 1


def test_the_digit_is_the_likeliest_and_the_confidence_its_probability(
    model: Classifier, mnist: Mnist
) -> None:
    digits = images.from_dataset(mnist.test.images[:20])
    probabilities = model.predict(digits)
    for row, image in enumerate(digits):
        digit, confidence = model.predict_digit(image)
        assert type(digit) is int
        assert digit == probabilities[row].argmax()
        assert confidence == pytest.approx(probabilities[row].max(), abs=1e-5)


def test_probabilities_sum_to_1(model: Classifier, mnist: Mnist) -> None:
    random = np.random.default_rng(0).random((100, 28, 28), np.float32)
    for digits in (mnist.test.images[:300], random, np.zeros((1, 28, 28), np.uint8)):
        answers = model.predict_dataset(digits)
        assert answers.dtype == np.float32
        assert np.all(answers >= 0)
        np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-5)


# 64 is the batch that an interpreter is given: a last batch that is not full, and one digit alone, are other sizes.
# Up to 64 digits are read on one thread, more of them on two.
@pytest.mark.parametrize("n", [0, 1, 2, 63, 64, 65, 128, 513])
def test_the_size_of_a_batch_does_not_matter(n: int, model: Classifier, mnist: Mnist) -> None:
    everything = model.predict_dataset(mnist.test.images[:600])
    answers = model.predict_dataset(mnist.test.images[:n])
    assert answers.shape == (n, 10)
    np.testing.assert_allclose(answers, everything[:n], atol=1e-5)


@pytest.mark.parametrize("name", SHIPPED)
def test_two_threads_answer_as_one_does(name: str, mnist: Mnist) -> None:
    opened, digits = classifier.load(name), mnist.test.images[:1_000]
    alone = np.concatenate(
        [opened.predict_dataset(digits[start : start + 64]) for start in range(0, 1_000, 64)]
    )
    np.testing.assert_allclose(opened.predict_dataset(digits), alone, atol=1e-6)


def test_reading_many_leaves_no_thread_behind(model: Classifier, mnist: Mnist) -> None:
    before = threading.active_count()
    model.predict_dataset(mnist.test.images[:1_000])
    assert threading.active_count() == before


def test_bytes_and_floats_of_a_digit_are_read_alike(model: Classifier, mnist: Mnist) -> None:
    digits = mnist.test.images[:50]
    np.testing.assert_array_equal(model.predict_dataset(digits), model.predict(images.from_dataset(digits)))


def test_a_view_of_other_digits_is_read_as_its_copy(model: Classifier, mnist: Mnist) -> None:
    views = mnist.test.images[::7][:40].transpose(0, 2, 1)
    np.testing.assert_array_equal(
        model.predict_dataset(views), model.predict_dataset(np.ascontiguousarray(views))
    )


def test_answers_stay_as_they_are_when_more_is_asked(model: Classifier, mnist: Mnist) -> None:
    """LiteRT's own buffers are used again; an answer must not be a view of one."""
    first = model.predict_dataset(mnist.test.images[:5])
    layers = model.activations(mnist.test.images[0])
    kept, kept_layers = first.copy(), {name: array.copy() for name, array in layers.items()}
    model.predict_dataset(mnist.test.images[100:105])
    model.activations(mnist.test.images[100])
    np.testing.assert_array_equal(first, kept)
    for name, array in layers.items():
        np.testing.assert_array_equal(array, kept_layers[name])


def test_many_sessions_may_ask_at_once(model: Classifier, mnist: Mnist) -> None:
    rows = [np.random.default_rng(thread).integers(0, 10_000, 20) for thread in range(8)]
    digits = mnist.test.images
    expected = [
        (
            model.predict_dataset(digits[chosen]),
            [model.predict_dataset(digits[row : row + 1]) for row in chosen],
            [model.activations(digits[row])["answer"] for row in chosen],
        )
        for chosen in rows
    ]
    barrier = threading.Barrier(8)
    several = model.predict_dataset(digits[:300])

    def hammer(thread: int) -> None:
        chosen, (together, alone, layers) = rows[thread], expected[thread]
        barrier.wait()
        for _ in range(4):
            np.testing.assert_allclose(model.predict_dataset(digits[:300]), several, atol=1e-6)
            np.testing.assert_array_equal(model.predict_dataset(digits[chosen]), together)
            for place, row in enumerate(chosen):
                np.testing.assert_array_equal(model.predict_dataset(digits[row : row + 1]), alone[place])
                np.testing.assert_array_equal(model.activations(digits[row])["answer"], layers[place])

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(hammer, thread) for thread in range(8)]:
            done.result()


def _digits(value: float = 0.0, shape: tuple[int, ...] = (2, 28, 28), dtype: type = np.float32) -> np.ndarray:
    array = np.zeros(shape, dtype)
    if array.size:
        array.flat[-1] = value
    return array


@pytest.mark.parametrize(
    ("digits", "sentence"),
    [
        (_digits(np.nan), "or hold NaN"),
        (_digits(np.inf), "from 0.0 to 1.0"),
        (_digits(1.001), "from 0.0 to 1.0"),
        (_digits(-0.001), "from 0.0 to 1.0"),
        (_digits(255), "from 0.0 to 1.0"),
        (_digits(255, dtype=np.float64), "divide them by 255.0"),
        (_digits(1e40, dtype=np.float64), "from 0.0 to 1.0"),
        (_digits(dtype=np.uint8), "not uint8: divide values that go to 255 by 255.0"),
        (_digits(dtype=np.int64), "not int64"),
        (_digits(dtype=np.int8), "not int8"),
        (_digits(dtype=bool), "not bool"),
        (np.full((28, 28), "7"), "not <U1"),
        ([[0.0] * 28, [0.0] * 27], "28 rows of 28 values"),
        ([], "not \\(0,\\)"),
        (_digits(shape=(2, 28, 28, 3)), "not \\(2, 28, 28, 3\\)"),
        (_digits(shape=(2, 1, 28, 28)), "not \\(2, 1, 28, 28\\)"),
        (_digits(shape=(2, 2, 28, 28, 1)), "not \\(2, 2, 28, 28, 1\\)"),
        (_digits(shape=(2, 784)), "not \\(2, 784\\)"),
        (_digits(shape=(2, 20, 20)), "not \\(2, 20, 20\\)"),
        (_digits(shape=(0, 20, 20)), "not \\(0, 20, 20\\)"),
    ],
)
def test_what_are_no_digits_is_refused(digits: np.ndarray, sentence: str, model: Classifier) -> None:
    for read in (model.predict, model.judge, lambda wrong: model.evaluate(wrong, [3, 4])):
        with pytest.raises(ValueError, match=sentence):
            read(digits)


@pytest.mark.parametrize(
    "wrong",
    [
        _digits(dtype=np.float64),
        _digits(dtype=np.int64),
        _digits(1.001),
        _digits(np.nan),
        _digits(shape=(2, 28, 28, 1)),
        _digits(shape=(2, 784)),
    ],
)
def test_what_a_dataset_does_not_hold_is_refused(wrong: np.ndarray, model: Classifier) -> None:
    with pytest.raises(ValueError, match="Digits to read"):
        model.predict_dataset(wrong)


def test_what_is_no_single_digit_is_refused(model: Classifier) -> None:
    for wrong in (
        _digits(),
        _digits(np.nan, (28, 28)),
        _digits(shape=(0, 28, 28)),
        _digits(shape=(28, 28, 28)),
    ):
        with pytest.raises(ValueError, match="Digits to read"):
            model.predict_digit(wrong)
        with pytest.raises(ValueError, match="Digits to read"):
            model.activations(wrong)
    with pytest.raises(ValueError, match=r"not uint8.*255\.0"):
        model.predict_digit(_digits(shape=(28, 28), dtype=np.uint8))


WAYS: dict[str, Callable[[np.ndarray], object]] = {  # to hold the same digits, uint8 (n, 28, 28)
    "float32": images.from_dataset,
    "float64": lambda digits: digits / 255.0,
    "float16": lambda digits: (digits / 255.0).astype(np.float16),
    "a channel behind": lambda digits: (digits / 255.0)[..., None],
    "lists": lambda digits: (digits / 255.0).tolist(),
    "a list of arrays": lambda digits: list(digits / 255.0),
    "a list of arrays with a channel": lambda digits: list((digits / 255.0)[..., None]),
}


@pytest.mark.parametrize("way", WAYS)
def test_digits_are_read_alike_however_a_script_holds_them(way: str, model: Classifier, mnist: Mnist) -> None:
    digits, labels = mnist.test.images[:70], mnist.test.labels[:70]
    held, tolerance = WAYS[way](digits), 5e-3 if way == "float16" else 1e-6
    expected = model.predict_dataset(digits)
    found = model.predict(held)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=tolerance)
    judged = model.judge(held)
    np.testing.assert_allclose(judged.ood_score, verifiers.ood_score(digits), atol=2 * tolerance)
    assert model.evaluate(held, labels).errors == (expected.argmax(axis=1) != labels).sum()
    for row in range(3):
        (one,) = model.predict(held[row])  # type: ignore[index]
        np.testing.assert_allclose(one, expected[row], atol=tolerance)
        digit, confidence = model.predict_digit(held[row])  # type: ignore[index]
        assert (digit, confidence) == (one.argmax(), one.max())
        assert model.predict_digit(held[row : row + 1]) == (digit, confidence)  # type: ignore[index]
        np.testing.assert_allclose(model.activations(held[row])["answer"], one, atol=1e-5)  # type: ignore[index]


def test_labels_may_be_lists_or_one_hot(model: Classifier, mnist: Mnist) -> None:
    digits, labels = mnist.test.images[:70] / 255.0, mnist.test.labels[:70]
    expected = model.evaluate(digits, labels)
    for same in (labels.tolist(), np.eye(10)[labels]):
        assert str(model.evaluate(digits, same)) == str(expected)
    for wrong in (labels[:69], np.full(70, 10), np.full(70, 0.5), [], np.eye(9)[labels % 9]):
        with pytest.raises(ValueError, match=r"fit together|whole numbers from 0 to 9"):
            model.evaluate(digits, wrong)


def test_a_model_is_loaded_by_name_or_by_path() -> None:
    assert classifier.load("ann").name == "ann"
    assert classifier.load(settings.MODELS_FOLDER / "ann").name == "ann"
    assert classifier.load().name == model_files.default_name()


def test_an_unknown_model_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(
        ModelError, match=r"no model 'resnet'.*cnn, ann, cnn-2, cnn-2-dropout, cnn-3, cnn-tutorial"
    ):
        classifier.load("resnet")


@pytest.mark.parametrize("file", ["model.tflite", "layers.tflite"])
@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: b"text" * 100,
        lambda content: content[: len(content) // 2],
        lambda content: content[:-1],
        lambda content: bytes(len(content)),
    ],
    ids=["empty", "text", "half", "a byte short", "zeros"],
)
def test_a_damaged_model_is_refused(file: str, damage: Callable[[bytes], bytes], tmp_path: Path) -> None:
    folder = shutil.copytree(settings.MODELS_FOLDER / "ann", tmp_path / "ann")
    (folder / file).write_bytes(damage((folder / file).read_bytes()))
    with pytest.raises(ModelError, match="not a LiteRT model that can be opened"):
        classifier.load(folder)


def test_a_model_says_its_name_and_its_size_where_its_card_does(tmp_path: Path) -> None:
    folder = shutil.copytree(settings.MODELS_FOLDER / "ann", tmp_path / "mine")
    assert repr(classifier.load(folder)) == "Classifier('mine', 101,770 parameters)"
    (folder / "card.json").unlink()
    assert repr(classifier.load(folder)) == "Classifier('mine')"


def test_a_model_without_its_layers_is_refused(tmp_path: Path) -> None:
    folder = shutil.copytree(settings.MODELS_FOLDER / "ann", tmp_path / "ann")
    (folder / "layers.tflite").unlink()
    with pytest.raises(ModelError, match="A file of the model ann is missing"):
        classifier.load(folder)


def test_a_file_that_answers_otherwise_is_refused() -> None:
    layers = (settings.MODELS_FOLDER / "ann" / "layers.tflite").read_bytes()
    with pytest.raises(ModelError, match="does not answer with one probability for each of ten digits"):
        Classifier("swapped", layers, layers)


def test_a_network_that_takes_no_digits_is_refused() -> None:
    import keras

    from digit_core.training import export

    wrong = export.to_litert(
        keras.Sequential([keras.Input((14, 14, 1)), keras.layers.Flatten(), keras.layers.Dense(10)])
    )
    layers = (settings.MODELS_FOLDER / "ann" / "layers.tflite").read_bytes()
    with pytest.raises(ModelError, match="does not answer"):
        Classifier("small", wrong, layers)


def test_a_layer_answers_to_many_digits_as_it_does_to_each(model: Classifier, mnist: Mnist) -> None:
    digits = mnist.test.images[:35]  # two batches and a rest
    for name in model.layer_names:
        answers = model.layer(digits, name)
        assert answers.dtype == np.float32
        for number in (0, 16, 34):
            one = model.activations(images.from_dataset(digits[number]))[name]
            np.testing.assert_allclose(answers[number], one, atol=1e-4)
    answers = model.predict_dataset(digits)
    np.testing.assert_allclose(model.layer(digits, model.layer_names[-1]), answers, atol=1e-5)
    np.testing.assert_allclose(model.layer(digits / 255.0, model.layer_names[-1]), answers, atol=1e-5)
    assert model.layer(digits[:0], model.layer_names[-1]).shape == (0, 10)


def test_an_unknown_layer_is_refused_and_the_known_ones_are_named(model: Classifier, mnist: Mnist) -> None:
    with pytest.raises(ValueError, match=r"no layer 'dense_9'\. Its layers: .*answer"):
        model.layer(mnist.test.images[:1], "dense_9")


def test_a_judgement_is_the_calibrated_answer_with_the_shared_ood_score(
    model: Classifier, mnist: Mnist
) -> None:
    digits = mnist.test.images[:70]
    found, answers = model.judge(images.from_dataset(digits)), model.predict_dataset(digits)
    expected = calibration.at_temperature(answers, model.trust.temperature)
    np.testing.assert_allclose(found.probabilities, expected, atol=1e-6)
    np.testing.assert_array_equal(found.probabilities.argmax(axis=1), answers.argmax(axis=1))
    np.testing.assert_array_equal(found.ood_score, verifiers.ood_score(digits))
    assert np.mean(found.verdicts == "digit") > 0.9


def test_a_blank_sheet_is_no_digit(model: Classifier) -> None:
    assert model.judge(np.zeros((1, 28, 28), np.float32))[0].verdict == "no digit"


def test_what_cannot_be_read_cannot_be_judged(model: Classifier) -> None:
    with pytest.raises(ValueError, match="or hold NaN"):
        model.judge(_digits(np.nan))


@pytest.mark.parametrize("name", others_long(SHIPPED, "ann", "cnn"))
def test_trust_measured_anew_is_what_the_card_says(name: str, mnist: Mnist) -> None:
    """A run's model has no such card: its trust is measured when it is first asked to judge."""
    folder = settings.MODELS_FOLDER / name
    answers, layers = ((folder / file).read_bytes() for file in ("model.tflite", "layers.tflite"))
    asked = []

    def validation() -> Digits:
        asked.append(name)
        return provenance.held_back(model_files.read_card(folder), mnist)

    anew = Classifier(name, answers, layers, validation=validation)
    shipped = classifier.load(name)
    assert anew.trust.temperature == pytest.approx(shipped.trust.temperature, abs=1e-3)
    assert anew.trust.sure_from == pytest.approx(shipped.trust.sure_from, abs=0.02)
    assert anew.trust is anew.trust
    assert asked == [name]
