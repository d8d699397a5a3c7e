"""Models of runs with random recipes open on Inside: every layer is shown, and its sums are LiteRT's values."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from digit_core import settings
from digit_core.augmentation.policies import Distortion
from digit_core.datasets import Mnist
from digit_core.errors import ConfigurationError
from digit_core.inference import browser as packing
from digit_core.inference import litert
from digit_core.inference.model_files import LAYERS_FILE
from digit_core.preprocessing import images
from digit_core.recipes import configuration
from digit_core.recipes.architectures import Architecture
from digit_core.recipes.configuration import TrainingConfig
from digit_core.recipes.layers import (
    ACTIVATIONS,
    PADDINGS,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    Layer,
    Pooling,
)
from digit_core.runs.queue import Runs
from digit_core.storage.run_records import FINISHED, Run
from digit_core.storage.store import Store
from tests.browser.conftest import App, serve
from tests.browser.test_inside import look_at_test_digit, walk
from tests.browser.test_lab import WRITE_OUT, assert_alike, text
from tests.training_ground import ANN, wait_for_end

PLACES_A_LAYER = 5


@dataclass(frozen=True)
class Ground:
    """A running app, and the runs of its store."""

    app: App
    runs: Runs


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    url = f"sqlite:///{(tmp_path_factory.mktemp('runs') / 'digitlab.db').as_posix()}"
    store = Store(url)
    runs = Runs(store)
    with serve(settings.PROJECT_FOLDER / "Home.py", {"DIGIT_DATABASE_URL": url}) as app:
        yield Ground(app, runs)
    runs.close()
    store.close()


def recipe(number: int) -> TrainingConfig:
    """A random recipe for a training of seconds."""
    random = np.random.default_rng(number)

    def choice(*of: str) -> str:
        return str(random.choice(of))

    def wide() -> Layer:
        match choice("convolution", "convolution", "pooling", "dropout"):
            case "convolution":
                filters, size = int(random.integers(1, 9)), int(random.integers(1, 6))
                return Convolution(
                    filters, size, choice(*PADDINGS), choice(*ACTIVATIONS), int(random.integers(1, 3))
                )
            case "pooling":
                return Pooling(int(random.integers(2, 4)))
            case _:
                return Dropout(float(random.uniform(0, 0.5)))

    while True:
        dense = [
            Dense(int(random.integers(1, 40)), choice(*ACTIVATIONS)) for _ in range(random.integers(0, 3))
        ]
        layers = (*(wide() for _ in range(random.integers(0, 5))), Flatten(), *dense)
        try:
            return TrainingConfig(
                Architecture(f"Network {number}", "Any network.", layers),
                optimizer=choice(*configuration.OPTIMIZERS),
                schedule=choice(*configuration.SCHEDULES),
                loss=choice(*configuration.LOSSES),
                batch_size=int(random.integers(16, 129)),
                epochs=1,
                subset_size=int(random.integers(300, 1_000)),
                augmentation=Distortion(
                    rotation=float(random.uniform(0, 20)), noise=float(random.uniform(0, 0.2))
                ),
                seed=number,
            )
        except ConfigurationError:  # a window larger than what is left of the picture
            continue


def trained(runs: Runs, number: int) -> Run:
    (run,) = runs.start([recipe(number)], ANN)
    run = wait_for_end(runs, run)
    assert (run.state, run.has_model) == (FINISHED, True), run.reason
    return run


@pytest.mark.long
@pytest.mark.parametrize("number", range(24))
def test_a_runs_network_is_shown_and_its_sums_are_litert_s(
    number: int, desktop: Page, ground: Ground, mnist: Mnist
) -> None:
    run = trained(ground.runs, number)
    layers = ground.runs.models.get(run.id).files[LAYERS_FILE]
    digit = images.from_dataset(mnist.test.images[63])
    network = litert.Network(layers)
    outputs = {name: one[0] for name, one in network.run(litert.as_input(digit[None])).items()}
    look_at_test_digit(desktop, ground.app, run.model)
    answer = int(outputs["answer"].argmax())
    expect(desktop.locator(".inside")).to_have_attribute("data-digit", str(answer))
    expect(desktop.get_by_text(re.compile(f"It reads an? {answer}"))).to_be_visible()
    titles = walk(desktop, outputs)
    shown = [one for one in network.output_names if not one.startswith(("flatten", "dropout"))]
    assert [title.lower().replace(" ", "_") for title in titles[:-1]] == shown[:-1]
    random = np.random.default_rng(number)
    places = [
        (layer, int(random.integers(outputs[name].size)))
        for layer, name in enumerate(network.output_names)
        for _ in range(PLACES_A_LAYER)
    ]
    file = packing.packed(run.card or {}, layers)
    found = desktop.evaluate(WRITE_OUT, [text(file), text(digit.astype("<f4").tobytes()), places])
    expected = [float(outputs[network.output_names[layer]].ravel()[place]) for layer, place in places]
    assert_alike(np.array([cell["value"] for cell in found]), np.array(expected))
    for cell in found:
        assert cell["products"] == pytest.approx(cell["sum"], abs=1e-9)
