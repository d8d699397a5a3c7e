from dataclasses import replace

import pytest

from digit_core.augmentation.policies import LIMITS, POLICIES, Distortion
from digit_core.monitoring.events import BatchEnded, RunEnded, RunStarted, Steering
from digit_core.monitoring.recordings import Progress
from digit_core.recipes import precision
from digit_core.recipes.architectures import ARCHITECTURES, Architecture, Convolution, Dense, Flatten, Pooling
from digit_core.recipes.configuration import TrainingConfig
from digit_core.recipes.presets import PRESETS
from digit_core.runs import estimates
from digit_core.runs.estimates import DEFAULT_RATE, Rate

ANN = TrainingConfig("ann", batch_size=32, epochs=5)
CNN = TrainingConfig("cnn-2", batch_size=128, epochs=10)
BUSY = TrainingConfig("cnn", batch_size=512, epochs=3)


def _ran(
    config: TrainingConfig, rate: Rate, pauses: tuple[float, ...] = (0, 0, 0)
) -> tuple[TrainingConfig, Progress]:
    """A run as a machine of that rate would have made it, an epoch of twenty steps for each pause in the middle of it."""
    step_seconds = estimates.step_seconds(config, rate)
    batches = []
    now = 3.0  # the first step is late: it was built
    for epoch, pause in enumerate(pauses, start=1):
        for step in range(1, 21):
            batches.append(BatchEnded(epoch, step, 1.0, 0.5, 0.001, now))
            now += step_seconds + (pause if step == 10 else 0)
        now += 1.0  # validation
    return config, Progress(RunStarted(1, 1, 1, 20, len(pauses)), batches=tuple(batches))


# What there is to compute


@pytest.mark.parametrize(
    ("going", "before", "slots", "seconds"),
    [
        ([], [], 1, 0.0),
        ([20.0], [], 1, 20.0),
        ([20.0], [30.0, 40.0], 1, 90.0),
        ([20.0], [], 2, 0.0),
        ([20.0, 50.0], [40.0], 2, 50.0),  # the one before starts after 20 s and ends after 60
        ([20.0, 50.0], [10.0, 5.0, 40.0], 2, 50.0),
    ],
)
def test_a_run_waits_for_what_goes_and_what_waits_before_it(
    going: list[float], before: list[float], slots: int, seconds: float
) -> None:
    assert estimates.until_start(going, before, slots) == seconds


def test_what_a_run_still_takes_is_measured_on_itself() -> None:
    """Ten steps of 1 s an epoch, two epochs: after the fifth step 15 are left, and the making of its files."""
    config = replace(TrainingConfig(epochs=2), batch_size=50)
    said = Progress(RunStarted(10, 500, 50, 10, 2))
    assert estimates.left(config, said, Steering()) == estimates.of(config).seconds
    steps = tuple(BatchEnded(1, step, 0.5, 0.5, 0.001, float(step)) for step in range(1, 6))
    learning = replace(said, batches=steps)
    assert estimates.left(config, learning, Steering()) == pytest.approx(15 + 4)
    assert estimates.left(config, learning, Steering(epochs=3)) == pytest.approx(25 + 4)
    assert estimates.left(config, replace(learning, ended=RunEnded("Done.")), Steering()) == 4


def test_multiply_adds_are_known_by_hand() -> None:
    assert ARCHITECTURES["ann"].multiply_adds == 784 * 128 + 128 * 10
    # 26 x 26 windows of 3 x 3 x 1 for 32 filters, pooled to 13 x 13; 11 x 11 of 3 x 3 x 32 for 64, pooled to 5 x 5.
    convolutions = 26 * 26 * 9 * 32 + 11 * 11 * 9 * 32 * 64
    assert ARCHITECTURES["cnn-2"].multiply_adds == convolutions + 5 * 5 * 64 * 128 + 128 * 10


def test_padding_and_blocks_that_do_not_fit_count_as_they_are_computed() -> None:
    network = Architecture("", "", (Pooling(3), Convolution(2, 5, "same"), Flatten(), Dense(3)))
    assert network.multiply_adds == 9 * 9 * 25 * 2 + 9 * 9 * 2 * 3 + 3 * 10


# What it will cost


def test_a_run_costs_its_epochs_and_a_start_and_an_end() -> None:
    once, twice = (estimates.of(replace(ANN, epochs=epochs)) for epochs in (1, 2))
    assert twice.seconds - once.seconds == pytest.approx(once.seconds_per_epoch)
    assert once.seconds > once.seconds_per_epoch + 5


def test_an_epoch_is_known_by_hand() -> None:
    # 1,719 steps of 32 digits: 2 ms each, 3 passes of 101,632 multiply-adds a digit, an update of 101,770 weights.
    # Then 20 chunks of 250 validation digits: 2 ms each, one pass a digit.
    rate = Rate(0.002, 1e9)
    update = estimates.UPDATE * 101_770
    expected = 1_719 * (0.002 + (32 * 3 * 101_632 + update) / 1e9) + 20 * 0.002 + 5_000 * 101_632 / 1e9
    assert estimates.of(ANN, rate).seconds_per_epoch == pytest.approx(expected)


def test_short_numbers_are_quicker_where_the_processor_has_them_and_change_nothing_elsewhere() -> None:
    long, short = estimates.of(BUSY), estimates.of(replace(BUSY, precision="bfloat16"))
    assert (short.seconds < long.seconds) == precision.has_bfloat16()
    assert short.seconds <= long.seconds


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in LIMITS
        if name not in ("rotation", "shift", "scale", "shear", "outlier_share", "clean_share")
    ],
)
def test_each_distortion_that_is_more_than_a_move_takes_its_time(name: str) -> None:
    moved = replace(BUSY, augmentation=Distortion(rotation=5))
    more = replace(BUSY, augmentation=Distortion(rotation=5, **{name: LIMITS[name]}))
    assert estimates.of(more).seconds > estimates.of(moved).seconds


def test_clean_digits_take_less_time() -> None:
    busy = replace(BUSY, augmentation=POLICIES["handwriting"])
    clean = replace(busy, augmentation=replace(busy.augmentation, clean_share=0.5))
    assert estimates.of(replace(BUSY, augmentation=Distortion())).seconds < estimates.of(clean).seconds
    assert estimates.of(clean).seconds < estimates.of(busy).seconds


@pytest.mark.parametrize(
    ("less", "more"),
    [
        (replace(ANN, subset_size=1_000), ANN),
        (ANN, replace(ANN, batch_size=8)),
        (ANN, replace(ANN, architecture="cnn-2")),
        (CNN, replace(CNN, augmentation=POLICIES["gentle"])),
        (
            replace(CNN, augmentation=POLICIES["gentle"]),
            replace(CNN, augmentation=POLICIES["strong"]),
        ),
        (CNN, replace(CNN, validates_on_test=True)),
        (replace(CNN, subset_size=1_000), replace(CNN, subset_size=1_000, validation_share=0.9)),
    ],
)
def test_what_does_more_takes_longer(less: TrainingConfig, more: TrainingConfig) -> None:
    assert estimates.of(less).seconds_per_epoch < estimates.of(more).seconds_per_epoch


def test_memory_grows_with_the_batch_the_weights_and_what_the_optimizer_keeps() -> None:
    plain = estimates.of(CNN).megabytes
    assert estimates.of(replace(CNN, batch_size=1_024)).megabytes > plain + 200
    assert estimates.of(replace(CNN, optimizer="sgd")).megabytes < plain
    broad = Architecture("", "", (Flatten(), Dense(4_096), Dense(256)))
    assert estimates.of(replace(CNN, architecture=broad)).megabytes > plain + 100


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_fits_beside_the_web_process(name: str) -> None:
    """Both together stay below 1.4 GB; the web process has 250 MB, as the README's benchmark says."""
    for config in PRESETS[name].configs:
        assert estimates.of(config).megabytes < 1_150


# How fast a machine is


def test_two_runs_tell_the_two_numbers_apart() -> None:
    machine = Rate(2 * DEFAULT_RATE.step_seconds, DEFAULT_RATE.multiply_adds_per_second / 5)
    rate = estimates.rate_from(_ran(config, machine) for config in (ANN, CNN, BUSY))
    assert rate is not None
    assert rate.runs == 3
    for config in (ANN, CNN, BUSY):
        expected = estimates.of(config, machine).seconds_per_epoch
        assert estimates.of(config, rate).seconds_per_epoch == pytest.approx(expected, rel=0.05)


def test_one_run_scales_both_numbers_alike() -> None:
    machine = Rate(3 * DEFAULT_RATE.step_seconds, DEFAULT_RATE.multiply_adds_per_second / 3)
    rate = estimates.rate_from([_ran(CNN, machine)])
    assert rate is not None
    assert rate.step_seconds == pytest.approx(machine.step_seconds)
    assert rate.multiply_adds_per_second == pytest.approx(machine.multiply_adds_per_second)
    assert rate.runs == 1


def test_runs_that_are_alike_do_not_pull_the_numbers_apart() -> None:
    slow, slower = (
        Rate(factor * DEFAULT_RATE.step_seconds, DEFAULT_RATE.multiply_adds_per_second / factor)
        for factor in (2.0, 2.2)
    )
    rate = estimates.rate_from([_ran(CNN, slow), _ran(CNN, slower), _ran(replace(CNN, batch_size=120), slow)])
    assert rate is not None
    assert 1.5 < rate.step_seconds / DEFAULT_RATE.step_seconds < 2.7


def test_the_numbers_stay_above_zero() -> None:
    # No machine is like that: more work done in less time.
    odd = [_ran(ANN, Rate(1.0, 50e9)), _ran(BUSY, Rate(0.0001, 50e12))]
    rate = estimates.rate_from(odd)
    assert rate is not None
    assert rate.step_seconds > 0
    assert rate.multiply_adds_per_second > 0


def test_one_pause_does_not_make_a_machine_slow() -> None:
    rate = estimates.rate_from([_ran(CNN, DEFAULT_RATE, pauses=(0, 60, 0))])
    assert rate is not None
    assert rate.step_seconds == pytest.approx(DEFAULT_RATE.step_seconds)


def test_without_two_steps_nothing_is_known() -> None:
    _, progress = _ran(CNN, DEFAULT_RATE)
    assert estimates.rate_from([]) is None
    assert estimates.rate_from([(CNN, Progress())]) is None
    assert estimates.rate_from([(CNN, replace(progress, batches=progress.batches[:1]))]) is None


def test_an_estimate_says_what_it_rests_on() -> None:
    assert "server" in estimates.of(CNN).basis
    rate = estimates.rate_from([_ran(CNN, DEFAULT_RATE)])
    assert estimates.of(CNN, rate).basis == "Measured on this machine in one run."
    two = estimates.rate_from([_ran(CNN, DEFAULT_RATE), _ran(ANN, DEFAULT_RATE)])
    assert estimates.of(CNN, two).basis == "Measured on this machine in 2 runs."
