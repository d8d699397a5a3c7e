"""Models that Keras itself saved: answers known from Keras, and tricks that only Keras' own files can hold."""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from digit_core.datasets.mnist import Mnist
from digit_core.errors import ModelError
from digit_core.inference.classifier import Classifier
from digit_core.inference.model_files import KERAS_FILE, LAYERS_FILE, LITERT_FILE
from digit_core.model_import import archives, child_process, rebuild, weights
from digit_core.model_import.adapters import softmax
from digit_core.recipes import architectures
from digit_core.recipes.architectures import ARCHITECTURES
from digit_core.training import networks

SAVED = ("keras", "h5")


def saved(model: keras.Model, ending: str, folder: Path) -> bytes:
    path = folder / f"model.{ending}"
    model.save(path)
    return path.read_bytes()


def unpacked(content: bytes, folder: Path) -> Path:
    folder.mkdir()
    archives.unpack(content, folder)
    return folder


def randomised(model: keras.Model) -> keras.Model:
    """Also biases, averages and spreads, which start at 0 and 1, so that a mix-up among them shows."""
    rng = np.random.default_rng(3)
    model.set_weights([array + rng.uniform(0.01, 0.1, array.shape) for array in model.get_weights()])
    return model


def sequential(*steps: keras.Layer, shape: tuple[int, ...] = (28, 28, 1)) -> keras.Model:
    return randomised(keras.Sequential([keras.Input(shape), *steps]))


def functional() -> keras.Model:
    image = keras.Input((28, 28))
    answer = layers.Flatten()(image)
    for _ in range(3):
        answer = layers.Dense(8, activation="elu")(answer)
        answer = layers.Dropout(0.2)(answer)
    return randomised(keras.Model(image, layers.Dense(10, activation="softmax")(answer)))


TUTORIALS: dict[str, Callable[[], keras.Model]] = {
    "functional": functional,
    "row of 784": lambda: sequential(
        layers.Dense(16, activation="relu"), layers.Dense(10, activation="softmax"), shape=(784,)
    ),
    "logits": lambda: sequential(layers.Flatten(), layers.Dense(8, activation="relu"), layers.Dense(10)),
    "sigmoids": lambda: sequential(layers.Flatten(), layers.Dense(10, activation="sigmoid")),
    "softmax apart": lambda: sequential(layers.Flatten(), layers.Dense(10), layers.Activation("softmax")),
    "softmax layer": lambda: sequential(layers.Flatten(), layers.Dense(10), layers.Softmax()),
    "lenet": lambda: sequential(
        layers.Conv2D(6, 5, padding="same", activation="tanh"),
        layers.AveragePooling2D(2),
        layers.Conv2D(16, 5, activation="tanh"),
        layers.AveragePooling2D(2),
        layers.Flatten(),
        layers.Dense(120, activation="tanh"),
        layers.Dense(10, activation="softmax"),
    ),
    "normalised": lambda: sequential(
        layers.Rescaling(1 / 255),
        layers.ZeroPadding2D(1),
        layers.Conv2D(4, 3, use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.SpatialDropout2D(0.1),
        layers.SeparableConv2D(6, 3, strides=2, activation="swish"),
        layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2),
        layers.LayerNormalization(),
        layers.LeakyReLU(negative_slope=0.2),
        layers.MaxPooling2D(3, strides=2, padding="same"),
        layers.GaussianNoise(0.1),
        layers.GlobalAveragePooling2D(),
        layers.BatchNormalization(scale=False),
        layers.Dense(10, activation="softmax"),
    ),
    "reshaped": lambda: sequential(
        layers.Reshape((28, 28, 1)),
        layers.Conv2D(4, 5, strides=3, activation="gelu"),
        layers.Conv2D(4, 3, dilation_rate=2, groups=2),
        layers.GlobalMaxPooling2D(),
        layers.Dense(10),
        shape=(784,),
    ),
} | {name: lambda name=name: randomised(networks.build(ARCHITECTURES[name])) for name in ARCHITECTURES}


@pytest.mark.parametrize("ending", SAVED)
@pytest.mark.parametrize("name", TUTORIALS)
@pytest.mark.filterwarnings("ignore:.*HDF5 file")
def test_a_rebuilt_network_answers_as_the_one_that_was_saved(
    name: str, ending: str, tmp_path: Path, mnist: Mnist
) -> None:
    model = TUTORIALS[name]()
    folder = unpacked(saved(model, ending, tmp_path), tmp_path / "opened")
    network, arrays = weights.read(folder)
    assert network.parameters == model.count_params()
    assert [step.output_shape for step in network.steps] == [
        tuple(layer.output.shape[1:]) for layer in model.layers if not isinstance(layer, layers.InputLayer)
    ]
    rebuilt = rebuild.scoring_model(network)
    rebuilt.set_weights(arrays)
    digits = (mnist.validation.images[:100] / np.float32(255)).reshape(-1, *network.input_shape)
    expected = np.asarray(model(digits))
    if name in ("logits", "reshaped"):
        expected = softmax(expected)
    np.testing.assert_allclose(
        softmax(np.asarray(rebuilt(digits))), expected / expected.sum(axis=1, keepdims=True), atol=1e-5
    )


@keras.saving.register_keras_serializable("mine")
class OwnDense(layers.Dense):
    pass


class OwnModel(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.inner = layers.Dense(10)

    def call(self, digits: object) -> object:
        return self.inner(digits)


def own_model() -> keras.Model:
    model = OwnModel()
    model(np.zeros((1, 784), np.float32))
    return model


def residual() -> keras.Model:
    image = keras.Input((28, 28, 1))
    seen = layers.Conv2D(4, 3, padding="same")(image)
    joined = layers.Add()([seen, layers.Conv2D(4, 1)(image)])
    return keras.Model(image, layers.Dense(10)(layers.Flatten()(joined)))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: sequential(layers.Flatten(), layers.Lambda(lambda x: x), layers.Dense(10)), "'Lambda'"),
        (lambda: sequential(layers.Flatten(), OwnDense(10)), "OwnDense'"),
        (residual, "only a chain of layers"),
        (lambda: sequential(layers.Flatten(), layers.Dense(26)), "ten numbers"),
        (lambda: sequential(layers.Flatten(), layers.Dense(10), shape=(32, 32, 3)), "a digit is"),
        (
            lambda: sequential(keras.Sequential([layers.Flatten(), layers.Dense(10)])),
            "'Sequential'",
        ),
    ],
    ids=["Lambda", "own layer", "residual", "26 letters", "colour", "nested"],
)
@pytest.mark.parametrize("ending", SAVED)
@pytest.mark.filterwarnings("ignore:.*HDF5 file")
def test_what_is_more_than_a_chain_of_keras_own_layers_is_refused(
    make: Callable[[], keras.Model], said: str, ending: str, tmp_path: Path
) -> None:
    content = saved(make(), ending, tmp_path)
    with pytest.raises(ModelError) as caught:
        weights.read(unpacked(content, tmp_path / "opened"))
    assert said in str(caught.value)


def test_a_model_of_a_class_of_ones_own_is_refused(tmp_path: Path) -> None:
    content = saved(own_model(), "keras", tmp_path)  # Keras writes no .h5 file of such a model
    with pytest.raises(ModelError, match="no program code"):
        unpacked(content, tmp_path / "opened")


@pytest.fixture(scope="module")
def trained_on_255(mnist: Mnist) -> keras.Model:
    """As a tutorial that forgets to divide by 255: 784 numbers from 0 to 255 in."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((784,)), layers.Dense(32, activation="relu"), layers.Dense(10, activation="softmax")]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    images = mnist.train.images[:8_000].reshape(-1, 784).astype(np.float32)
    model.fit(images, mnist.train.labels[:8_000], epochs=3, batch_size=64, verbose=0)
    return model


@pytest.fixture(scope="module")
def trained_inverted(mnist: Mnist) -> keras.Model:
    """Light ink on dark turned round, with normalisation, and scores for an answer."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Reshape((28, 28, 1)),
            layers.Conv2D(6, 5, strides=2, padding="same", activation="relu"),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dropout(0.1),
            layers.Dense(10),
        ]
    )
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    images = 1 - mnist.train.images[:8_000] / np.float32(255)
    model.fit(images, mnist.train.labels[:8_000], epochs=3, batch_size=64, verbose=0)
    return model


def test_a_model_of_ours_in_all_but_its_pixels_becomes_one_of_ours(
    trained_on_255: keras.Model, tmp_path: Path, mnist: Mnist
) -> None:
    folder = unpacked(saved(trained_on_255, "keras", tmp_path), tmp_path / "opened")
    card = child_process.convert(folder, "Mine")
    assert card["brought"]["pixels"]["words"] == "from 0 for paper to 255 for ink"
    architecture = architectures.from_dict(card["architecture"])
    assert architecture.layers == (architectures.Flatten(), architectures.Dense(32))
    assert card["is_ours"]
    assert card["parameters"] == architecture.parameters == trained_on_255.count_params()
    digits = mnist.validation
    classifier = Classifier("", (folder / LITERT_FILE).read_bytes(), (folder / LAYERS_FILE).read_bytes())
    assert classifier.layer_names == ("flatten_1", "dense_1", "answer")
    expected = trained_on_255.predict(
        digits.images.reshape(-1, 784).astype(np.float32), verbose=0, batch_size=500
    )
    np.testing.assert_allclose(classifier.predict_dataset(digits.images[:100]), expected[:100], atol=2e-3)
    right = int((expected.argmax(axis=1) == digits.labels).sum())
    assert abs(card["figures"]["validation"]["count"] - right) <= 2
    started = networks.take_weights  # what continues a run takes it as the weights of that architecture
    model = networks.build(architecture)
    started(model, (folder / KERAS_FILE).read_bytes())
    np.testing.assert_allclose(
        np.asarray(model(digits.images[:100, ..., None] / np.float32(255))), expected[:100], atol=2e-3
    )


def test_a_model_unlike_ours_gets_its_pixels_as_it_learnt_them(
    trained_inverted: keras.Model, tmp_path: Path, mnist: Mnist
) -> None:
    folder = unpacked(saved(trained_inverted, "keras", tmp_path), tmp_path / "opened")
    card = child_process.convert(folder, "Inverted")
    assert card["brought"]["pixels"]["words"] == "from 1 for paper to 0 for ink"
    assert card["brought"]["ending"] == "linear"
    assert not card["is_ours"]
    assert card["architecture"]["layers"][3] == {
        "kind": "Flatten",
        "name": "flatten_1",
        "settings": {},
        "output_shape": [1176],
        "parameters": 0,
    }
    classifier = Classifier("", (folder / LITERT_FILE).read_bytes(), (folder / LAYERS_FILE).read_bytes())
    few = mnist.validation.images[:100]
    expected = softmax(trained_inverted.predict(1 - few / np.float32(255), verbose=0))
    np.testing.assert_allclose(classifier.predict_dataset(few), expected, atol=2e-3)
    assert classifier.layer_names[-1] == "answer"
    assert {"convolution_1", "batch_normalization_1", "scores", "answer"} <= set(classifier.layer_names)
    reopened = keras.models.load_model(folder / KERAS_FILE, compile=False)
    np.testing.assert_allclose(np.asarray(reopened(few[..., None] / np.float32(255))), expected, atol=2e-3)


def test_a_model_of_the_most_copied_tutorial_gets_its_columns_normalised(
    tmp_path: Path, mnist: Mnist
) -> None:
    """`keras.utils.normalize(images, axis=1)`: it was told that it reads pixels as ours are, and lost up to 2.2 points."""
    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    keras.utils.set_random_seed(0)
    images = keras.utils.normalize(mnist.train.images[:8_000], axis=1)
    model.fit(images, mnist.train.labels[:8_000], epochs=3, verbose=0)
    folder = unpacked(saved(model, "keras", tmp_path), tmp_path / "opened")
    card = child_process.convert(folder, "Copied")
    assert card["brought"]["pixels"]["by_column"]
    assert not card["is_ours"]
    classifier = Classifier("", (folder / LITERT_FILE).read_bytes(), (folder / LAYERS_FILE).read_bytes())
    few = mnist.validation.images[:100]
    expected = model.predict(keras.utils.normalize(few, axis=1), verbose=0)
    np.testing.assert_allclose(classifier.predict_dataset(few), expected, atol=2e-3)
    blank = np.zeros((1, 28, 28), np.float32)  # no column of it has a length
    np.testing.assert_allclose(classifier.predict(blank), model.predict(blank, verbose=0), atol=2e-3)


def test_a_network_that_answers_only_some_digits_with_nan_is_refused_for_that(
    tmp_path: Path, mnist: Mnist
) -> None:
    """A score overflows where one pixel has ink, which none of the digits has that are tried first."""
    first = np.concatenate([mnist.train.images[:1_000], mnist.validation.images[:100]]).reshape(-1, 784)
    inked = (mnist.validation.images.reshape(-1, 784) > 50).sum(axis=0) * ~first.any(axis=0)
    assert inked.max() > 0
    hidden = np.zeros((784, 1), np.float32)
    hidden[np.argmax(inked)] = 3e38
    model = keras.Sequential(
        [keras.Input((784,)), layers.Dense(1, "relu"), layers.Dense(10, activation="softmax")]
    )
    slight = np.arange(10, dtype=np.float32)
    model.set_weights([hidden, np.zeros(1, np.float32), np.full((1, 10), 100, np.float32), slight])
    folder = unpacked(saved(model, "keras", tmp_path), tmp_path / "opened")
    with pytest.raises(ModelError, match="validation digits with NaN"):
        child_process.convert(folder, "Overflowing")
