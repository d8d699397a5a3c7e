import ast
import contextlib
import io
import json
import runpy
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from digit_core.augmentation.policies import POLICIES, Distortion
from digit_core.codegen import script as scripts
from digit_core.inference.model_files import TrainedModel
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

Ran = tuple[list[np.ndarray], dict[str, list[float]], str]
EVIL = 'x"""\nimport os\nos.abort()\n\\" # coding: utf-7 </script> $x$ \u2028 \u202e*b*\x00'


def _run(code: str, folder: Path) -> Ran:
    """Run a script in `folder`: the weights in its file, its history, and what it printed."""
    import keras

    (folder / "script.py").write_text(code, encoding="utf-8")
    arguments, sys.argv = sys.argv, ["script.py", str(MNIST_FILE)]
    printed = io.StringIO()
    try:
        with contextlib.chdir(folder), contextlib.redirect_stdout(printed):
            left = runpy.run_path("script.py")
    finally:
        sys.argv = arguments
    weights = keras.models.load_model(folder / "model.keras", compile=False).get_weights()
    return weights, left["history"].history, printed.getvalue()


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
            known[case] = trainer.train(CASES[case])
        return known[case]

    return train


# The same training


@pytest.mark.parametrize("case", CASES)
def test_the_script_is_this_very_training(
    case: str, trained: Callable[[str], TrainedModel], tmp_path: Path
) -> None:
    weights, history, printed = _run(scripts.script(CASES[case]), tmp_path)
    expected = trained(case)
    assert _largest_difference(weights, _weights(expected)) < TOLERANCE
    for ours, theirs in (
        ("loss", "loss"),
        ("accuracy", "accuracy"),
        ("validation_loss", "val_loss"),
        ("validation_accuracy", "val_accuracy"),
    ):
        assert history[theirs] == pytest.approx([record[ours] for record in expected.history], rel=1e-5)
    kept = expected.history[expected.card["kept_epoch"] - 1]
    assert f"{kept['validation_accuracy']:.2%} right" in printed.splitlines()[-1]


def test_rules_that_end_and_slow_a_training_do_so_in_the_script(
    trained: Callable[[str], TrainedModel],
) -> None:
    # The case is only worth its name if both rules have acted before the sixth epoch.
    history = trained("rules").history
    assert len(history) < 6
    assert history[-1]["learning_rate"] < history[0]["learning_rate"]


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_the_script_would_be_seen(
    slip: str, trained: Callable[[str], TrainedModel], tmp_path: Path
) -> None:
    code = scripts.script(PLAIN)
    right, wrong = SLIPS[slip]
    assert code.count(right) == 1
    weights, _, _ = _run(code.replace(right, wrong), tmp_path)
    expected = _weights(trained("plain"))
    assert _largest_difference(weights, expected) > 10 * TOLERANCE


def test_the_script_runs_without_the_project(trained: Callable[[str], TrainedModel], tmp_path: Path) -> None:
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
    program = "import runpy, sys; runpy.run_path('script.py', run_name='__main__'); print('digit_core' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-I", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    kept = trained("plain").history[trained("plain").card["kept_epoch"] - 1]
    *_, said, is_project_there = run.stdout.splitlines()
    assert f"Of the 5,000 validation digits it reads {kept['validation_accuracy']:.2%} right" in said
    assert is_project_there == "False"


# What the code says


@pytest.mark.parametrize("name", CONFIGS)
def test_the_script_has_no_unknown_name_and_none_too_many(name: str, tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_text(scripts.script(CONFIGS[name], PRESETS.get(name, PRESETS["tutorial-1"]).title))
    rules = ["--isolated", "--select", "F,E,W,B", "--ignore", "E402", "--line-length", "120"]
    ruff = subprocess.run(
        [sys.executable, "-m", "ruff", "check", *rules, str(path)],
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
    assert "Only a share" not in scripts.script(replace(PLAIN, subset_size=55_000))


def test_code_that_chose_on_the_test_digits_says_so() -> None:
    code = scripts.script(CASES["rules"])
    assert "flatters" in code
    assert "test digits it reads" in code
    assert "flatters" not in scripts.script(PLAIN)


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


def test_the_notebook_s_cells_run_one_after_the_other(
    trained: Callable[[str], TrainedModel], tmp_path: Path
) -> None:
    cells = json.loads(scripts.notebook(CASES["cosine"]))["cells"]
    (tmp_path / "mnist.npz").symlink_to(MNIST_FILE)
    code = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    weights, _, _ = _run(code, tmp_path)
    assert _largest_difference(weights, _weights(trained("cosine"))) < TOLERANCE
