import ast
import contextlib
import io
import json
import os
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import classification_report, confusion_matrix

from digit_core.augmentation.policies import POLICIES, Distortion
from digit_core.codegen import script as scripts
from digit_core.datasets.mnist import Mnist
from digit_core.inference.model_files import TrainedModel
from digit_core.metrics import classification
from digit_core.metrics.classification import Evaluation
from digit_core.recipes.architectures import ARCHITECTURES, Architecture
from digit_core.recipes.configuration import (
    OPTIMIZER_NAMES,
    OPTIMIZERS,
    EarlyStopping,
    ReduceLROnPlateau,
    TrainingConfig,
)
from digit_core.recipes.layers import Convolution, Dense, Dropout, Flatten, Pooling
from digit_core.recipes.presets import PRESETS
from digit_core.settings import MNIST_FILE, PROJECT_FOLDER
from digit_core.training import trainer
from tests.examples import others_long

TOLERANCE = 1e-5  # on one machine the weights are the same to the last bit; another may add in another order
EVERY_KIND = Architecture(
    "Every kind",
    "A layer of each kind, with every activation somewhere.",
    (
        Convolution(3, 5, "same", "elu"),
        Pooling(3),
        Convolution(4, 2, "valid", "tanh", strides=2),
        Dropout(0.3),
        Flatten(),
        Dense(12, "gelu"),
        Dense(12, "sigmoid"),
        Dense(12, "linear"),
    ),
)
PLAIN = TrainingConfig(EVERY_KIND, learning_rate=0.01, subset_size=1_000, epochs=2, seed=3)
CASES = {
    "plain": PLAIN,
    "rules": TrainingConfig(
        "ann",
        optimizer="rmsprop",
        momentum=0.5,
        learning_rate=0.01,
        loss="categorical_crossentropy",
        subset_size=700,
        epochs=6,
        validates_on_test=True,
        early_stopping=EarlyStopping("val_accuracy", patience=1, min_delta=0.02),
        reduce_lr_on_plateau=ReduceLROnPlateau(patience=0, min_delta=0.3),
    ),
    "distorted": TrainingConfig(
        EVERY_KIND,
        optimizer="sgd",
        momentum=0.9,
        learning_rate=0.05,
        schedule="one-cycle",
        batch_size=100,
        subset_size=2_000,
        epochs=2,
        validation_share=0.3,
        keeps_best_weights=False,
        augmentation=POLICIES["strong"],
    ),
    "handwriting": TrainingConfig(
        EVERY_KIND,
        optimizer="adamw",
        learning_rate=0.01,
        loss="categorical_crossentropy",
        batch_size=100,
        subset_size=1_000,
        epochs=2,
        augmentation=POLICIES["handwriting"],
        precision="bfloat16",
    ),
    "cosine": TrainingConfig(
        "ann", optimizer="nadam", schedule="cosine", subset_size=1_000, epochs=2, keeps_best_weights=False
    ),
}
# One layer and one epoch: all that a slip changes is in it.
SLIPPING = replace(
    PLAIN,
    architecture=Architecture("One layer", "Only the answers.", (Flatten(),)),
    learning_rate=0.05,
    epochs=1,
)
# What a student may get wrong: each changes the code, and so the training.
SLIPS: dict[str, tuple[str, str]] = {
    "another seed": ("SEED = 3", "SEED = 4"),
    "another split": ("seed=20_261_121", "seed=20_261_122"),
    "another order": ("rows = self.order[", "rows = np.sort(self.order)["),
    "another optimizer": ("optimizers.Adam(", "optimizers.AdamW("),
    "white on black": ("return images[", "return (255 - images)["),
}
CONFIGS = CASES | {
    f"{name}-{number}": config
    for name, preset in PRESETS.items()
    for number, config in enumerate(preset.configs)
}

PICTURES = ("sample-digits", "curves", "confusion-matrix", "misread-digits", "one-digit")  # as they are made
Walk = tuple[dict[str, Any], str, Path, list[Any]]
Ran = tuple[list[np.ndarray], dict[str, list[float]], str]
EVIL = 'x"""\nimport os\nos.abort()\n\\" # coding: utf-7 </script> $x$ \u2028 \u202e*b*\x00'


def _run_here(code: str, folder: Path) -> tuple[dict[str, Any], str]:
    """Run a script in `folder`: the names that it leaves, and what it printed. Its pictures are still open."""
    (folder / "script.py").write_text(code, encoding="utf-8")
    arguments, sys.argv = sys.argv, ["script.py", str(MNIST_FILE)]
    printed = io.StringIO()
    try:
        with contextlib.chdir(folder), contextlib.redirect_stdout(printed):
            left = runpy.run_path("script.py")
    finally:
        sys.argv = arguments
    return left, printed.getvalue()


def _run(code: str, folder: Path) -> Ran:
    """Run a script in `folder`: the weights in its file, its history, and what it printed."""
    from matplotlib import pyplot

    left, printed = _run_here(code, folder)
    pyplot.close("all")
    return _weights_in(folder), left["history"].history, printed


def _weights_in(folder: Path) -> list[np.ndarray]:
    """Of the file that a script leaves."""
    import keras

    model = keras.models.load_model(folder / "model.keras")
    assert model.compiled  # it can be evaluated and trained further at once
    return model.get_weights()


def _promised(measured: Evaluation) -> str:
    """The last line of a script whose model reads the test digits so."""
    return f"It reads {measured.accuracy.value:.2%} of the 10,000 test digits correctly (loss {measured.log_loss:.4f})."


@pytest.fixture(autouse=True, scope="module")
def without_windows() -> Iterator[None]:
    """Pictures are drawn as where there is no screen."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MPLBACKEND", "agg")
        yield


def _weights(trained: TrainedModel) -> list[np.ndarray]:
    from digit_core.training import export

    return export.load_keras(trained.files["model.keras"]).get_weights()


def _largest_difference(first: list[np.ndarray], second: list[np.ndarray]) -> float:
    return max(float(np.abs(one - other).max()) for one, other in zip(first, second, strict=True))


@pytest.fixture(scope="module")
def trained() -> Callable[[str], TrainedModel]:
    """`trained(case)`: what the project's own training gives, once for all tests."""
    known: dict[str, TrainedModel] = {}

    def train(case: str) -> TrainedModel:
        if case not in known:
            known[case] = trainer.train(SLIPPING if case == "slipping" else CASES[case])
        return known[case]

    return train


@pytest.fixture(scope="module")
def measured(trained: Callable[[str], TrainedModel], mnist: Mnist) -> Callable[[str], Evaluation]:
    """`measured(case)`: how the project's own training reads the test digits, once for all tests."""
    known: dict[str, Evaluation] = {}

    def measure(case: str) -> Evaluation:
        from digit_core.training import export

        if case not in known:
            model = export.load_keras(trained(case).files["model.keras"])
            images = mnist.test.images[..., None] * np.float32(1 / 255)
            answers = model.predict(images, batch_size=500, verbose=0)
            known[case] = classification.evaluate(mnist.test.labels, answers)
        return known[case]

    return measure


# The same training


@pytest.mark.parametrize(
    "case", others_long([case for case in CASES if case != "plain"], "handwriting", "rules")
)  # that one runs alone in a folder, below
def test_the_script_is_this_very_training(
    case: str,
    trained: Callable[[str], TrainedModel],
    measured: Callable[[str], Evaluation],
    tmp_path: Path,
) -> None:
    weights, history, printed = _run(scripts.script(CASES[case]), tmp_path)
    _expect_the_training_of(trained(case), weights, history, printed)
    assert printed.splitlines()[-1] == _promised(measured(case))


def _expect_the_training_of(
    expected: TrainedModel, weights: list[np.ndarray], history: dict[str, list[float]], printed: str
) -> None:
    assert _largest_difference(weights, _weights(expected)) < TOLERANCE
    for ours, theirs in (
        ("loss", "loss"),
        ("accuracy", "accuracy"),
        ("validation_loss", "val_loss"),
        ("validation_accuracy", "val_accuracy"),
    ):
        assert history[theirs] == pytest.approx([record[ours] for record in expected.history], rel=1e-5)
    kept = expected.history[expected.card["kept_epoch"] - 1]
    lines = printed.splitlines()
    if expected.card["chosen_on_test"]:
        assert f"{kept['validation_accuracy']:.2%} of" in lines[-1]
    else:
        (said,) = (line for line in lines if "validation digits correctly" in line)
        assert f"{kept['validation_accuracy']:.2%} of" in said


def test_rules_that_end_and_slow_a_training_do_so_in_the_script(
    trained: Callable[[str], TrainedModel],
) -> None:
    # The case is only worth its name if both rules have acted before the sixth epoch.
    history = trained("rules").history
    assert len(history) < 6
    assert history[-1]["learning_rate"] < history[0]["learning_rate"]


@pytest.mark.parametrize("slip", others_long(SLIPS, "another order"))
def test_a_slip_in_the_script_would_be_seen(
    slip: str, trained: Callable[[str], TrainedModel], tmp_path: Path
) -> None:
    code = scripts.script(SLIPPING)
    right, wrong = SLIPS[slip]
    assert code.count(right) == 1
    training, _, _ = code.replace(right, wrong).partition("# Curves.")  # what comes after changes no weight
    left, _ = _run_here(training, tmp_path)
    expected = _weights(trained("slipping"))
    assert _largest_difference(left["model"].get_weights(), expected) > 10 * TOLERANCE


def test_the_script_runs_without_the_project(
    trained: Callable[[str], TrainedModel], measured: Callable[[str], Evaluation], tmp_path: Path
) -> None:
    """As a student would: a folder with the script and the digits, under the names of Keras' own file."""
    with np.load(MNIST_FILE) as file:
        np.savez(
            tmp_path / "mnist.npz",
            x_train=file["train_images"],
            y_train=file["train_labels"],
            x_test=file["test_images"],
            y_test=file["test_labels"],
        )
    (tmp_path / "script.py").write_text(scripts.script(PLAIN), encoding="utf-8")
    program = """
import json, runpy, sys
left = runpy.run_path("script.py", run_name="__main__")
print(json.dumps([left["history"].history, "digit_core" in sys.modules]))
"""
    run = subprocess.run(
        [sys.executable, "-I", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    printed, _, last = run.stdout.rstrip().rpartition("\n")
    history, is_project_there = json.loads(last)
    assert not is_project_there
    assert printed.splitlines()[-1] == _promised(measured("plain"))
    _expect_the_training_of(trained("plain"), _weights_in(tmp_path), history, printed)


# The whole tutorial


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """A script as it has run: the names that it leaves, what it printed, its folder, and its pictures as Matplotlib holds them."""
    from matplotlib import pyplot

    folder = tmp_path_factory.mktemp("walked")
    pyplot.close("all")
    left, printed = _run_here(scripts.script(replace(PLAIN, loss="categorical_crossentropy")), folder)
    yield left, printed, folder, [pyplot.figure(number) for number in pyplot.get_fignums()]
    pyplot.close("all")


def _titles(figure: Any) -> list[str]:
    return [axis.get_title() for axis in figure.axes]


def _shown(axis: Any) -> np.ndarray:
    return axis.images[0].get_array()


def test_the_data_are_told_before_they_are_learnt(walked: Walk, mnist: Mnist) -> None:
    """Shapes, range, number of classes; ten digits with their labels; what scaling, reshaping and one-hot make of them."""
    left, printed, _, (samples, *_) = walked
    assert "To learn from: (60000, 28, 28) with labels (60000,)" in printed
    assert "To test on: (10000, 28, 28) with labels (10000,)" in printed
    assert "Pixels from 0 to 255; 10 different digits." in printed
    assert "What the network gets: (28, 28, 1), pixels from 0.0 to 1.0" in printed
    first = left["training_labels"][0].argmax()
    one_hot = " ".join("1." if digit == first else "0." for digit in range(10))
    assert f"The first label: {first}\nThe same one-hot: [{one_hot}]" in printed
    assert len(samples.axes) == 10
    assert _titles(samples) == [f"Label: {label}" for label in left["labels"][:10]]
    for axis, image in zip(samples.axes, left["images"], strict=False):
        assert np.array_equal(_shown(axis), image)


def test_the_network_is_summed_up(walked: Walk) -> None:
    assert f"Total params: {EVERY_KIND.parameters:,}" in walked[1]


def test_the_curves_are_the_history(walked: Walk) -> None:
    left, _, _, (_, curves, *_) = walked
    history = left["history"].history
    for axis, name in zip(curves.axes, ("accuracy", "loss"), strict=True):
        assert axis.get_title() == f"Model {name}"
        assert [text.get_text() for text in axis.get_legend().get_texts()] == ["training", "validation"]
        drawn = [line.get_xydata().tolist() for line in axis.lines]
        assert drawn == [
            [[1, first], [2, second]] for first, second in (history[name], history[f"val_{name}"])
        ]


def test_the_test_figures_matrix_and_report_are_scikit_learn_s_of_the_saved_model(
    walked: Walk, mnist: Mnist
) -> None:
    import keras

    _, printed, folder, (_, _, matrix, *_) = walked
    images = mnist.test.images[..., None] * np.float32(1 / 255)
    answers = keras.models.load_model(folder / "model.keras").predict(images, batch_size=500, verbose=0)
    found, guesses = classification.evaluate(mnist.test.labels, answers), answers.argmax(axis=1)
    assert f"Test accuracy: {found.accuracy.value:.4f}\nTest loss: {found.log_loss:.4f}\n" in printed
    assert classification_report(mnist.test.labels, guesses, digits=4, zero_division=0) in printed
    (axis,) = matrix.axes
    counts = np.array([int(text.get_text()) for text in axis.texts]).reshape(10, 10)
    assert np.array_equal(counts, confusion_matrix(mnist.test.labels, guesses))
    assert (axis.get_ylabel(), axis.get_xlabel()) == ("True label", "Predicted label")
    assert printed.splitlines()[-1] == _promised(found)


def test_the_first_eight_misread_digits_are_shown(walked: Walk, mnist: Mnist) -> None:
    left, printed, _, (*_, misread, _) = walked
    wrong = np.flatnonzero(left["guesses"] != mnist.test.labels)
    assert f"{len(wrong):,} of 10,000 test digits are misread." in printed
    assert len(wrong) >= 8
    assert _titles(misread) == [
        f"True: {mnist.test.labels[row]}, Pred: {left['guesses'][row]}" for row in wrong[:8]
    ]
    for axis, row in zip(misread.axes, wrong, strict=False):
        assert np.array_equal(_shown(axis), mnist.test.images[row])


def test_predict_digit_reads_either_shape(walked: Walk, mnist: Mnist) -> None:
    left, printed, _, (*_, one) = walked
    number, image = left["NUMBER"], mnist.test.images[left["NUMBER"]]
    read = left["predict_digit"](left["model"], image)
    expected = left["probabilities"][number]
    assert read == left["predict_digit"](left["model"], image[..., None])
    assert read == (expected.argmax(), pytest.approx(expected.max(), abs=1e-6))
    assert (
        f"Test digit {number}: the network says {read[0]} and is {read[1]:.1%} sure. It is a {mnist.test.labels[number]}."
        in printed
    )
    assert _titles(one) == [f"AI guess: {read[0]} | actual: {mnist.test.labels[number]}"]


def test_what_is_loaded_again_reads_as_what_was_saved(walked: Walk, mnist: Mnist) -> None:
    left, printed, _, _ = walked
    assert _largest_difference(left["loaded"].get_weights(), left["model"].get_weights()) == 0
    said = f"as {left['guesses'][:5]} and they are {mnist.test.labels[:5]}"
    assert f"Loaded again, it reads the first five test digits {said}" in printed


def test_every_picture_is_a_file_too(walked: Walk) -> None:
    _, _, folder, figures = walked
    assert len(figures) == len(PICTURES)
    assert {path.stem for path in folder.glob("*.png")} == set(PICTURES)
    for name in PICTURES:
        with Image.open(folder / f"{name}.png") as picture:
            assert min(picture.size) > 150


def test_fewer_than_eight_mistakes_leave_room_in_the_grid(tmp_path: Path) -> None:
    """As a very good network makes them: none here."""
    code = scripts.script(PLAIN)
    line = "guesses = probabilities.argmax(axis=1)\n"
    assert code.count(line) == 1
    _, printed = _run_here(code.replace(line, "guesses = test_labels\n"), tmp_path)
    from matplotlib import pyplot

    misread = pyplot.figure(pyplot.get_fignums()[-2])
    pyplot.close("all")
    assert "\n0 of 10,000 test digits are misread." in printed
    assert (len(misread.axes), set(_titles(misread))) == (8, {""})


# What the code says


def test_no_script_has_an_unknown_name_or_one_too_many(tmp_path: Path) -> None:
    for name, config in CONFIGS.items():
        title = PRESETS.get(name, PRESETS["tutorial-1"]).title
        (tmp_path / f"{name}.py").write_text(scripts.script(config, title), encoding="utf-8")
    rules = ["--isolated", "--select", "F,E,W,B", "--ignore", "E402", "--line-length", "120"]
    ruff = subprocess.run(
        [sys.executable, "-m", "ruff", "check", *rules, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ruff.returncode == 0, ruff.stdout


@pytest.mark.parametrize("name", CONFIGS)
def test_the_code_names_neither_the_project_s_package_nor_its_folder(name: str) -> None:
    code = scripts.script(CONFIGS[name])
    assert "digit_core" not in code
    assert str(PROJECT_FOLDER) not in code


def test_only_what_a_training_needs_stands_in_its_code() -> None:
    plain = scripts.script(replace(PLAIN, keeps_best_weights=False))
    for word in (
        "cv2",
        "to_categorical",
        "Schedule",
        "EarlyStopping",
        "ReduceLROnPlateau",
        "ModelCheckpoint",
        "bfloat16",
    ):
        assert word not in plain
    assert "cv2" in scripts.script(CASES["distorted"])
    assert "Only some of the digits" not in scripts.script(replace(PLAIN, subset_size=55_000))


def test_code_that_chose_on_the_test_digits_says_so() -> None:
    code = scripts.script(CASES["rules"])
    warnings = ("make their figures look better", "so the figures look better")
    assert all(said in " ".join(code.replace("#", " ").split()) for said in warnings)
    assert "test digits correctly" in code
    assert "look better" not in scripts.script(PLAIN)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_is_named_as_keras_names_it(name: str) -> None:
    import keras

    assert type(keras.optimizers.get(name)) is getattr(keras.optimizers, OPTIMIZER_NAMES[name])
    ast.parse(scripts.script(replace(PLAIN, optimizer=name)))


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_network_in_the_code_has_the_parameters_of_the_architecture(name: str) -> None:
    code = scripts.script(TrainingConfig(name))
    network = code[code.index("model = keras.Sequential(") : code.index("model.summary()")]
    import keras

    left: dict[str, Any] = {"keras": keras}
    exec(network, left)
    assert left["model"].count_params() == ARCHITECTURES[name].parameters


def test_numbers_of_numpy_are_written_as_numbers() -> None:
    code = scripts.script(replace(PLAIN, learning_rate=np.float64(0.25)))
    assert "LEARNING_RATE = 0.25\n" in code


def test_a_name_cannot_become_code() -> None:
    clean, evil = (ast.parse(scripts.script(PLAIN, name)) for name in ("Mine", EVIL))
    assert ast.dump(ast.Module(clean.body[1:], [])) == ast.dump(ast.Module(evil.body[1:], []))
    head = ast.get_docstring(evil)
    assert head is not None
    assert head.splitlines()[0].startswith("x''' import os")


def test_an_empty_name_is_the_project_s() -> None:
    assert scripts.script(PLAIN, " \n ").startswith('"""Digit Lab\n')


def test_an_augmentation_is_written_with_its_amounts() -> None:
    code = scripts.script(replace(PLAIN, augmentation=Distortion(rotation=12.5)))
    assert "    rotation: float = 12.5\n" in code
    assert "    shift: float = 0.0\n" in code


# The notebook


@pytest.mark.parametrize("name", CASES)
def test_the_notebook_is_valid_and_holds_the_script_s_code(name: str) -> None:
    notebook = nbformat.reads(scripts.notebook(CONFIGS[name], "Mine"), as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    script = scripts.script(CONFIGS[name])
    for code in cells:
        argument = code.replace(
            'Path("mnist.npz")', 'Path(sys.argv[1] if len(sys.argv) > 1 else "mnist.npz")'
        )
        assert argument.replace("import math\n", "import math\nimport sys\n") in script


def test_each_code_cell_is_explained() -> None:
    cells = json.loads(scripts.notebook(CASES["distorted"], "Mine"))["cells"]
    assert [cell["cell_type"] for cell in cells[1:]] == ["markdown", "code"] * (len(cells) // 2)
    assert "".join(cells[0]["source"]).startswith("# Mine\n")


def test_a_name_is_shown_in_the_notebook_as_it_was_typed() -> None:
    title = json.loads(scripts.notebook(PLAIN, "<b>*x*</b> [y](z)"))["cells"][0]["source"][0]
    assert title == r"# \<b\>\*x\*\<\/b\> \[y\]\(z\)" + "\n"


# As a kernel does it: a cell after the other, in one namespace. It says what the last one printed.
KERNEL = """
import contextlib, io, json, sys
names = {"__name__": "__main__"}
for cell in json.load(open("training.ipynb", encoding="utf-8"))["cells"]:
    if cell["cell_type"] == "code":
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile("".join(cell["source"]), "cell", "exec"), names)
print(said.getvalue().splitlines()[-1])
print("digit_core" in sys.modules)
"""


def test_the_notebook_is_executed_to_its_promised_end(tmp_path: Path, mnist: Mnist) -> None:
    """The first tutorial's, with fewer digits and a smaller network, in a process and a folder of its own."""
    import keras

    config = replace(PRESETS["tutorial-1"].configs[0], architecture="ann", subset_size=2_000, epochs=2)
    (tmp_path / "training.ipynb").write_text(scripts.notebook(config), encoding="utf-8")
    (tmp_path / "mnist.npz").symlink_to(MNIST_FILE)
    run = subprocess.run(
        [sys.executable, "-I", "-c", KERNEL],
        cwd=tmp_path,
        env=os.environ | {"MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    images = mnist.test.images[..., None] * np.float32(1 / 255)
    model = keras.models.load_model(tmp_path / "model.keras")
    expected = _promised(
        classification.evaluate(mnist.test.labels, model.predict(images, batch_size=500, verbose=0))
    )
    assert run.stdout.splitlines() == [expected, "False"]
    assert {path.stem for path in tmp_path.glob("*.png")} == set(PICTURES)
    trained = trainer.train(config)
    assert _largest_difference(model.get_weights(), _weights(trained)) < TOLERANCE
