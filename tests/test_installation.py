"""An installation away from the checkout does what the checkout does, the core alone all that needs nothing else."""

import json
import zipfile
from pathlib import Path

import pytest
from PIL import Image

import digit_core
from digit_core.datasets.mnist import Mnist
from digit_core.inference import model_files
from tests import installation
from tests.installation import Environment


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installation.build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def core(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with the core's own requirements and nothing else."""
    environment = installation.install(wheel, tmp_path_factory.mktemp("core"))
    installation.lend(environment)
    return environment


@pytest.fixture(scope="session")
def whole(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with all that the app and a training need."""
    environment = installation.install(wheel, tmp_path_factory.mktemp("whole"))
    installation.lend_all(environment)
    return environment


def test_the_wheel_is_one_package_and_has_no_secrets_and_no_tests(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        names = file.namelist()
    assert {name.partition("/")[0] for name in names} == {
        "digit_core",
        f"digit_lab-{digit_core.__version__}.dist-info",
    }
    assert [name for name in names if "/.streamlit/" in name] == ["digit_core/_app/.streamlit/config.toml"]
    assert not [name for name in names if "__pycache__" in name or "test_" in name]


def test_the_command_says_its_version(core: Environment) -> None:
    for command in (("digit-lab",), ("python", "-m", "digit_core")):
        done = core.run(*command, "--version")
        assert (done.returncode, done.stdout) == (0, f"digit-lab {digit_core.__version__}\n")
        assert core.run(*command, "--help").stdout.startswith(f"usage: {' '.join(command)} ")


def test_the_core_alone_reads_a_picture(core: Environment, mnist: Mnist) -> None:
    Image.fromarray(mnist.test.images[63]).resize((280, 280)).save(core.away / "three.png")
    done = core.run("digit-lab", "predict", "three.png")
    assert (done.returncode, done.stdout) == (0, "three.png: 3 (> 99.9% sure)\n"), done.stderr


def test_the_core_alone_reads_the_test_digits_as_the_card_says(core: Environment) -> None:
    program = """
import digit_core
model, test = digit_core.load_model(), digit_core.load_mnist().test
print(digit_core.evaluate(model, test).accuracy.count, digit_core.__file__)
"""
    done = core.run("python", "-c", program)
    right, place = done.stdout.split(maxsplit=1)
    assert int(right) == model_files.read_card("default")["figures"]["test"]["count"]
    assert Path(place.strip()).is_relative_to(core.packages)


def test_the_core_alone_has_all_public_names_but_the_training(core: Environment) -> None:
    program = """
import digit_core
for name in digit_core.__all__:
    try:
        getattr(digit_core, name)
    except digit_core.errors.MissingExtraError as error:
        assert isinstance(error, ImportError)
        print(name, error)
"""
    assert core.run("python", "-c", program).stdout == (
        'train This needs keras, which is not installed. Install it with: pip install "digit-lab[train]"\n'
    )


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        (["train", "--output", "mine"], "train"),
        (["export", "ann", "--format", "h5", "--output", "ann.h5"], "train"),
        (["app"], "app"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_what_the_core_alone_cannot_do_is_said_in_a_sentence(
    command: list[str], extra: str, core: Environment
) -> None:
    done = core.run("digit-lab", *command)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(
        f'which is not installed. Install it with: pip install "digit-lab[{extra}]"\n'
    )
    assert done.stderr.count("\n") == 1


def test_a_missing_file_is_got_back_by_installing_again(core: Environment) -> None:
    """There is no script to make it with."""
    program = """
from pathlib import Path
import digit_core
try:
    digit_core.load_mnist(Path("mnist.npz"))
except digit_core.errors.DatasetError as error:
    print(error)
"""
    assert "pip install --force-reinstall --no-deps digit-lab" in core.run("python", "-c", program).stdout


def test_a_dashboard_that_cannot_train_says_so(wheel: Path, tmp_path: Path) -> None:
    environment = installation.install(wheel, tmp_path)
    installation.lend(environment, "app")
    program = """
from digit_core.errors import RunError, MissingExtraError
from digit_core.model_import import sandbox
from digit_core.workers.cluster import Cluster
for ask in (Cluster(lambda message: None).open, lambda: sandbox.read(b"", "mine.keras")):
    try:
        ask()
    except MissingExtraError as error:
        print(error)
"""
    sentence = 'This needs keras, which is not installed. Install it with: pip install "digit-lab[train]"\n'
    done = environment.run("python", "-c", program)
    assert done.stdout == 2 * sentence, done.stderr


@pytest.mark.parametrize("module", ["ui", "pages", "Home"])
def test_the_app_is_nobody_elses_package(module: str, whole: Environment) -> None:
    done = whole.run("python", "-c", f"import digit_core.settings, {module}")
    assert done.stderr.endswith(f"ModuleNotFoundError: No module named '{module}'\n")


def test_an_installation_trains_with_its_engine_and_opens_a_model_in_its_sandbox(whole: Environment) -> None:
    """Both are processes of their own, and start in a folder where other modules have the names of Python's."""
    (whole.away / "random.py").write_text("raise SystemExit('the random of somebody else')")
    program = """
import json
from digit_core.model_import import sandbox
from digit_core.monitoring.events import Steering
from digit_core.recipes.architectures import Architecture, Flatten
from digit_core.recipes.configuration import TrainingConfig
from digit_core.workers.cluster import Cluster

network = Architecture("Tiny", "Only the answers.", (Flatten(),))
cluster = Cluster(lambda message: None, idle_seconds=1)
task = cluster.submit("a" * 32, TrainingConfig(network, epochs=1, subset_size=500), None, None, Steering())
trained = task.future.result(timeout=200)["model"]
cluster.close()
opened = sandbox.read(trained.files["model.keras"], "mine.keras")
print(json.dumps([trained.card["parameters"], opened.card["parameters"], opened.card["origin"]]))
"""
    done = whole.run("python", "-P", "-c", program)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [7_850, 7_850, "brought"]
