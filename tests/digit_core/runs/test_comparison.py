"""Runs side by side: every figure by hand, the two that make ANN against CNN, and the files that one takes home."""

import csv
import io
import itertools
import math
from dataclasses import asdict, replace

import pytest

from digit_core.figures import history
from digit_core.figures.history import Curve
from digit_core.inference import model_files
from digit_core.monitoring.events import BatchEnded, EpochEnded, RunStarted
from digit_core.monitoring.recordings import Progress
from digit_core.recipes import configuration
from digit_core.recipes.configuration import TrainingConfig
from digit_core.runs import comparison
from digit_core.runs.comparison import SHIPPED, Contender
from digit_core.storage.run_records import Run

ANN, CNN = TrainingConfig(architecture="ann"), TrainingConfig(architecture="cnn-2")
EPOCHS = (
    EpochEnded(1, 0.5, 0.80, 0.30, 0.90, 0.001, 2.0),
    EpochEnded(2, 0.2, 0.94, 0.10, 0.97, 0.001, 2.5),
    EpochEnded(3, 0.1, 0.97, 0.15, 0.96, 0.001, 3.0),
)


def run(number: int = 1, config: TrainingConfig | None = ANN, **values: object) -> Run:
    facts = {"state": "running", "reason": "", "name": f"run {number}", "created": 1_000.0 + number} | values
    return Run(id=f"{number:012d}", owner="a" * 32, config=config, **facts)


def finished(number: int, config: TrainingConfig) -> Contender:
    card = {
        "configuration": config.as_dict(),
        "architecture": config.network.as_dict(),
        "history": [asdict(epoch) for epoch in EPOCHS],
        "kept_epoch": 2,
        "parameters": config.network.parameters,
        "data": {"name": "MNIST", "training_digits": 55_000, "validation_digits": 5_000},
        "training_seconds": 8.1,
    }
    return comparison.of_run(run(number, config, state="finished", has_model=True, card=card), None, 4_321)


def shipped() -> list[Contender]:
    return [comparison.of_shipped(name, model_files.read_card(name)) for name in model_files.names()]


def test_a_finished_run_is_told_by_its_card() -> None:
    found = finished(1, ANN)
    assert found.epochs == EPOCHS
    assert found.validation_accuracy == 0.97
    assert (found.read_right.count, found.read_right.n) == (4_850, 5_000)
    assert (found.parameters, found.seconds, found.size_bytes) == (101_770, 8.1, 4_321)
    assert (found.training_digits, found.created, found.has_model) == (55_000, 1_001.0, True)
    assert found.key == "run-000000000001"


def test_a_run_that_goes_is_told_by_its_progress() -> None:
    started = RunStarted(101_770, 1_000, 5_000, 16, 10)
    batches = (BatchEnded(4, 3, 0.1, 0.97, 0.001, 9.5),)
    found = comparison.of_run(run(), Progress(started=started, batches=batches, epochs=EPOCHS))
    assert (found.kept_epoch, found.validation_accuracy) == (2, 0.97)
    assert (found.training_digits, found.validation_digits, found.seconds) == (1_000, 5_000, 9.5)
    assert not found.has_model


def test_a_run_that_waits_knows_what_was_asked_for_only() -> None:
    found = comparison.of_run(run(config=replace(ANN, subset_size=2_000), state="waiting", place=1))
    assert (found.epochs, found.validation_accuracy, found.read_right, found.seconds) == (
        (),
        None,
        None,
        None,
    )
    assert (found.training_digits, found.parameters) == (2_000, 101_770)


def test_a_run_that_diverged_keeps_the_best_finite_epoch() -> None:
    broken = (*EPOCHS[:1], replace(EPOCHS[1], validation_loss=math.nan, loss=math.nan))
    found = comparison.of_run(run(state="failed"), Progress(epochs=broken))
    assert found.kept_epoch == 1
    only_nan = comparison.of_run(run(state="failed"), Progress(epochs=(broken[1],)))
    assert only_nan.validation_accuracy is None


def test_a_model_trained_elsewhere_may_know_next_to_nothing() -> None:
    found = comparison.of_run(run(config=None, state="finished", has_model=True, card={"schema_version": 1}))
    assert (found.config, found.network, found.has_convolutions, found.epochs) == (None, None, None, ())
    assert found.validation_accuracy is None


@pytest.mark.parametrize(
    "setting", [{"configuration": {"colour": "red"}}, {"architecture": {"layers": [{}]}}]
)
def test_a_card_of_another_version_does_not_break_the_table(setting: dict[str, object]) -> None:
    card = finished(1, ANN).card | setting
    found = comparison.of_run(run(state="finished", config=None, card=card))
    assert found.epochs == EPOCHS


def test_a_run_chosen_on_the_test_digits_says_so_from_the_start() -> None:
    assert comparison.of_run(run(config=replace(ANN, validates_on_test=True))).chosen_on_test
    assert not comparison.of_run(run()).chosen_on_test
    card = {"chosen_on_test": True}
    assert comparison.of_run(run(config=None, state="finished", card=card)).chosen_on_test


@pytest.mark.parametrize("name", model_files.names())
def test_a_shipped_model_is_told_by_its_card(name: str) -> None:
    card = model_files.read_card(name)
    found = comparison.of_shipped(name, card)
    assert found.validation_accuracy == model_files.validation_accuracy(card)
    assert found.parameters == found.network.parameters == card["parameters"]
    assert found.config == configuration.from_dict(card["configuration"])
    assert found.has_convolutions is (name != "ann")
    assert found.state == comparison.SHIPPED


def test_ann_against_cnn_takes_the_latest_run_of_each_kind() -> None:
    known = [finished(4, CNN), finished(3, ANN), finished(2, ANN), *shipped()]
    assert comparison.ann_against_cnn(known) == ("run-000000000003", "run-000000000004")


def test_ann_against_cnn_takes_shipped_models_where_there_is_no_run() -> None:
    assert comparison.ann_against_cnn(shipped()) == ("ann", "cnn-2-dropout")
    assert comparison.ann_against_cnn([finished(3, ANN), *shipped()]) == ("run-000000000003", "cnn-2-dropout")
    assert comparison.ann_against_cnn([]) == ()


def test_ann_against_cnn_takes_no_run_that_failed_or_still_goes() -> None:
    failed = comparison.of_run(run(5, state="failed"), Progress(epochs=EPOCHS))
    live = comparison.of_run(run(6), Progress(epochs=EPOCHS))
    assert comparison.ann_against_cnn([live, failed, *shipped()])[0] == "ann"


def test_accuracies_within_each_others_range_may_be_chance() -> None:
    one = finished(1, ANN)
    two = replace(one, epochs=(EPOCHS[0], replace(EPOCHS[1], validation_accuracy=0.968), EPOCHS[2]))
    (sentence,) = comparison.cautions([one, two])
    assert "may be chance" in sentence
    worse = replace(one, epochs=(EPOCHS[0], replace(EPOCHS[1], validation_accuracy=0.90), EPOCHS[2]))
    assert comparison.cautions([one, worse]) == ()


def test_other_validation_digits_are_said() -> None:
    one, other = finished(1, ANN), finished(2, replace(CNN, validation_share=0.3))
    assert "validated on different digits" in comparison.cautions([one, other])[0]
    flattered = replace(one, chosen_on_test=True)
    assert "chosen on the test digits" in comparison.cautions([flattered])[0]


def curves() -> list[Curve]:
    return [Curve("one", EPOCHS), Curve("two", EPOCHS[:2])]


@pytest.mark.parametrize("figure_of", ["loss", "accuracy"])
def test_a_curve_holds_the_epochs_figures_training_dashed_validation_solid(figure_of: str) -> None:
    figure = history.learning_curves(curves(), figure_of)
    assert [trace.name for trace in figure.data] == [
        "A training",
        "A validation",
        "B training",
        "B validation",
    ]
    assert [trace.line.dash for trace in figure.data] == ["dash", "solid"] * 2
    assert list(figure.data[0].y) == [getattr(epoch, figure_of) for epoch in EPOCHS]
    assert list(figure.data[3].y) == [getattr(epoch, f"validation_{figure_of}") for epoch in EPOCHS[:2]]
    assert list(figure.data[3].x) == [1, 2]
    assert figure.data[0].line.color == figure.data[1].line.color != figure.data[2].line.color


def test_letters_at_the_ends_of_lines_do_not_lie_on_one_another() -> None:
    same = [Curve(str(number), EPOCHS) for number in range(6)]
    figure = history.learning_curves(same, "accuracy")
    heights = sorted(note.y for note in figure.layout.annotations)
    assert [note.text for note in figure.layout.annotations] == [f"<b>{letter}</b>" for letter in "ABCDEF"]
    assert min(high - low for low, high in itertools.pairwise(heights)) > 0.005


def test_curves_of_a_run_that_diverged_are_drawn_as_far_as_they_go() -> None:
    broken = (EPOCHS[0], replace(EPOCHS[1], loss=math.nan, validation_loss=math.nan))
    figure = history.learning_curves([Curve("broken", broken)], "loss")
    assert figure.layout.annotations[0].y == EPOCHS[0].validation_loss
    nothing = history.learning_curves([Curve("lost", broken[1:])], "loss")
    assert not nothing.layout.annotations


def test_a_run_that_diverged_does_not_press_the_others_flat() -> None:
    wild = Curve("wild", (replace(EPOCHS[0], loss=700.0, validation_loss=42.9), EPOCHS[1]))
    figure = history.learning_curves([Curve("tame", EPOCHS), wild], "loss")
    assert figure.layout.yaxis.range == (0, 3)
    assert figure.data[2].y[0] == 700  # it is drawn, and leaves the chart
    assert history.leaving([Curve("tame", EPOCHS), wild]) == ["B"]
    assert history.learning_curves([Curve("tame", EPOCHS), wild], "accuracy").layout.yaxis.range is None
    alone = history.learning_curves([wild], "loss")
    assert alone.layout.yaxis.range is None  # there is no other to press


def test_no_curves_are_an_empty_picture() -> None:
    assert not history.learning_curves([], "loss").data


@pytest.mark.parametrize(
    ("name", "key", "file"),
    [
        ("cnn-2", "run-3f2a9c01bd77", "cnn-2-run-3f2a.h5"),
        ("cnn-2", "cnn-2", "cnn-2.h5"),
        ("Zoë's 2nd try!", "run-3f2a9c01bd77", "zoe-s-2nd-try-run-3f2a.h5"),
        ("../../etc/passwd", "run-3f2a9c01bd77", "etc-passwd-run-3f2a.h5"),
        ("数字", "run-3f2a9c01bd77", "run-3f2a.h5"),
        ("a" * 60, "ann", "a" * 40 + "-ann.h5"),
        ('a\r\nb"; filename="c.exe', "ann", "a-b-filename-c-exe-ann.h5"),
    ],
)
def test_a_file_is_named_after_its_run(name: str, key: str, file: str) -> None:
    assert Contender(key, name, SHIPPED).file_name(".h5") == file


def test_a_history_as_a_table_gives_back_every_number() -> None:
    epochs = (
        EpochEnded(1, 0.3021016120910644, 0.9119, 0.16, 0.9538, 0.001, 4.7),
        EpochEnded(2, 0.1, 0.97, float("nan"), 0.96, 1e-05, 3.8),
    )
    text = Contender("ann", "ann", SHIPPED, epochs=epochs).history_csv()
    assert text.splitlines()[0] == (
        "epoch,loss,accuracy,validation_loss,validation_accuracy,learning_rate,duration_seconds"
    )
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert float(rows[0]["loss"]) == epochs[0].loss
    assert rows[1]["validation_loss"] == "nan"
    assert len(text.splitlines()) == 3
