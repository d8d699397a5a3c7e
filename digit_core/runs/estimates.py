"""How long a training will take and how much memory it will need, said before it starts.

A step costs a fixed time and the time of its arithmetic, counted in multiply-adds: three passes through the network for each
digit (forward, and backward to the inputs and to the weights), the update of each weight, and the distortions of each
digit, which take as long as a number of multiply-adds would. How fast a machine is, is two numbers; the other constants are about
the same on all. `benchmarks/runs.py` prints them.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from digit_core.augmentation.policies import FORM, Distortion
from digit_core.datasets.mnist import MNIST_SIZE, VALIDATION_SIZE
from digit_core.monitoring.events import Steering
from digit_core.monitoring.progress import measure_pace
from digit_core.monitoring.recordings import Progress
from digit_core.recipes import precision
from digit_core.recipes.configuration import MAX_DIGITS, TrainingConfig
from digit_core.runs import memory

_PASSES = 3  # through the network for each digit that is learnt from
UPDATE = 60  # multiply-adds that the update of one weight takes as long as
_SHORT_NUMBERS = 1.5  # times as many of them a second in bfloat16, where the processor has it
# The same, for the distortions of one digit: moving it, then what each kind takes beside that.
_MOVING, _REFITTING = 1.2e6, 0.4e6
_DISTORTING = {
    "thickness": 0.4e6,
    "elastic": 0.9e6,
    "noise": 0.3e6,
    "habits": 0.35e6,
    "gamma": 0.12e6,
    "ground": 0.1e6,
    "blur": 0.06e6,
    "coarseness": 0.06e6,
    "contrast": 0.03e6,
    "lines": 0.03e6,
    "cover": 0.03e6,
    "low_res_share": 0.06e6,
    "rare_forms": 1.0e6,
    "outlines": 0.07e6,
    "zigzags": 0.35e6,
    "inversions": 0.03e6,
}
_CHUNK = 250  # validation digits read at once
# From the wish to the first step: a worker, TensorFlow, the digits, the first step's building.
_START_SECONDS = 9.0
_END_SECONDS = 4.0  # from the last step to the model's files
# Of a worker with TensorFlow and the digits, however small the network; and of TensorFlow's files, those that it uses again and
# again: see `memory.WORKER_BYTES`.
_OWN_MEGABYTES = 430.0
FILES_MEGABYTES = 140.0
# Of all weights, beside the optimizer's: gradients, first and best weights, files while they are made.
_COPIES = 9
# Numbers that the optimizer keeps for a weight.
_SLOTS = {"adam": 2, "adamw": 2, "nadam": 2, "rmsprop": 2, "sgd": 1, "adagrad": 1}
_BYTES = 4  # of a number
_THERE_AND_BACK = 2.3  # copies of what the layers say of a batch, while it is learnt from
_PULL = 0.005  # of both numbers towards one common factor, a run; 0 is a plain fit


@dataclass(frozen=True)
class Rate:
    """How fast a machine trains.

    Attributes:
        step_seconds: what a step costs however little there is to compute.
        multiply_adds_per_second: how fast it computes.
        runs: on how many runs on this machine it rests; 0 for the figures that came with the project.
    """

    step_seconds: float
    multiply_adds_per_second: float
    runs: int = 0


DEFAULT_RATE = Rate(0.0022, 60e9)


@dataclass(frozen=True)
class Estimate:
    """What a training is expected to cost.

    Attributes:
        seconds_per_epoch: with the reading of the validation digits.
        seconds: of the whole run from its start to its model, all epochs taken, a worker's start included.
        megabytes: that the worker process cannot do without at its largest.
        basis: a sentence on what the time rests on.
    """

    seconds_per_epoch: float
    seconds: float
    megabytes: float
    basis: str


def of(config: TrainingConfig, rate: Rate | None = None) -> Estimate:
    """What the training of `config` is expected to cost.

    Args:
        config: what would be trained, on MNIST.
        rate: of the machine; None for the figures that came with the project.
    """
    rate = rate or DEFAULT_RATE
    steps = math.ceil(config.training_size / config.batch_size)
    learning = steps * step_seconds(config, rate)
    epoch = learning + _validation_seconds(config, rate)
    return Estimate(
        epoch, _START_SECONDS + config.epochs * epoch + _END_SECONDS, _megabytes(config), _basis(rate)
    )


def left(config: TrainingConfig, progress: Progress, steering: Steering, rate: Rate | None = None) -> float:
    """How many seconds a run that goes still takes to its model, all epochs taken.

    Args:
        config: what it trains.
        progress: what it has said until now; before its first steps nothing of the whole is done.
        steering: what it was last told.
        rate: as for `of`.
    """
    if progress.ended is not None:
        return _END_SECONDS
    pace = measure_pace(progress, steering, config.batch_size)
    if pace is None or pace.seconds_left is None:
        return of(config, rate).seconds
    return pace.seconds_left + _END_SECONDS


def until_start(going: Sequence[float], before: Sequence[float], slots: int) -> float:
    """How many seconds a run waits for its turn.

    Args:
        going: how long each run that goes still takes.
        before: how long each run will take that waits before it, in the order of the queue.
        slots: how many go at once.

    Returns:
        0.0 where a place is free.
    """
    free = sorted(going)[-slots:]
    free += [0.0] * (slots - len(free))
    for seconds in before:
        free.sort()
        free[0] += seconds
    return min(free)


def needed_bytes(config: TrainingConfig) -> int:
    """The memory that is kept free for the worker that trains this: bytes, at its largest."""
    return max(memory.WORKER_BYTES, round(_megabytes(config) * 1e6))


def rate_from(runs: Iterable[tuple[TrainingConfig, Progress]]) -> Rate | None:
    """How fast this machine trains, from what ran on it.

    The two numbers of `DEFAULT_RATE` are each multiplied so that the relative errors of the runs' step times are least in
    square. Runs that are alike do not tell the two apart: a pull towards one common factor decides then, so that one run
    scales both alike.

    Args:
        runs: their configurations and what they said. A run that others' work slowed down makes the rate slower.

    Returns:
        The rate; None where no run said two steps of the same epoch.
    """
    measured = [
        (config, seconds) for config, progress in runs if (seconds := _measured_step_seconds(progress))
    ]
    if not measured:
        return None
    # A row a run: what part of its step's time the two parts of the default rate explain.
    fixed = np.array([DEFAULT_RATE.step_seconds / seconds for _, seconds in measured])
    varying = np.array(
        [_step_work(config) / DEFAULT_RATE.multiply_adds_per_second / s for config, s in measured]
    )
    common = float(np.median(1 / (fixed + varying)))
    # Unknown are two corrections of the common factor, near 1; each row should come to 1.
    pull = math.sqrt(_PULL * len(measured)) * np.eye(2)
    rows = np.vstack([common * np.column_stack([fixed, varying]), pull])
    wanted = np.concatenate([np.ones(len(measured)), pull @ np.ones(2)])
    factors = common * np.maximum(np.linalg.lstsq(rows, wanted)[0], 0.1)
    return Rate(
        float(DEFAULT_RATE.step_seconds * factors[0]),
        float(DEFAULT_RATE.multiply_adds_per_second / factors[1]),
        len(measured),
    )


def _measured_step_seconds(progress: Progress) -> float | None:
    """The median over the epochs of a step's mean time; the first step of each is left out, it waits for other things."""
    paces = []
    for epoch in {batch.epoch for batch in progress.batches}:
        batches = [batch for batch in progress.batches if batch.epoch == epoch]
        steps = batches[-1].step - batches[0].step
        if steps > 0:
            paces.append((batches[-1].elapsed_seconds - batches[0].elapsed_seconds) / steps)
    return float(np.median(paces)) if paces else None


def step_seconds(config: TrainingConfig, rate: Rate) -> float:
    """How long one step of the training of `config` takes on a machine of that rate."""
    return rate.step_seconds + _step_work(config) / rate.multiply_adds_per_second


def _step_work(config: TrainingConfig) -> float:
    """What there is to compute in a step, multiply-adds; the last batch of an epoch is smaller by chance only."""
    digits = min(config.batch_size, config.training_size)
    distorting = _distorting_work(config.augmentation)
    return digits * (_PASSES * _answering_work(config) + distorting) + UPDATE * config.network.parameters


def _distorting_work(distortion: Distortion) -> float:
    """What the distortion of one digit takes as long as, multiply-adds."""
    if distortion == Distortion():
        return 0.0
    asked = {name: work for name, work in _DISTORTING.items() if getattr(distortion, name)}
    form = sum(work for name, work in asked.items() if name in FORM)
    is_fitted = any(
        (distortion.recenter, distortion.stretch, distortion.low_res_share, distortion.square_share)
    )
    refitting = _REFITTING if is_fitted else 0
    return _MOVING + form + (1 - distortion.clean_share) * (sum(asked.values()) - form + refitting)


def _answering_work(config: TrainingConfig) -> float:
    """What one pass of one digit through the network takes as long as, multiply-adds in float32."""
    is_short = precision.used(config.precision) == "bfloat16"
    return config.network.multiply_adds / (_SHORT_NUMBERS if is_short else 1)


def _validation_seconds(config: TrainingConfig, rate: Rate) -> float:
    digits = VALIDATION_SIZE
    if config.validates_on_test:
        digits = MNIST_SIZE - MAX_DIGITS
    elif config.validation_share is not None:
        digits = round(MAX_DIGITS * config.validation_share)
    chunks = math.ceil(digits / _CHUNK)
    return chunks * rate.step_seconds + digits * _answering_work(config) / rate.multiply_adds_per_second


def _megabytes(config: TrainingConfig) -> float:
    """Of the worker: itself, all copies of the weights, and what the layers say of a batch, there and back."""
    network = config.network
    said = sum(math.prod(step.output_shape) for step in network.summary())
    digits = max(_THERE_AND_BACK * config.batch_size, 2 * _CHUNK)
    weights = network.parameters * (_COPIES + _SLOTS[config.optimizer])
    return _OWN_MEGABYTES + FILES_MEGABYTES + _BYTES * (weights + digits * said) / 1e6


def _basis(rate: Rate) -> str:
    if rate.runs == 0:
        return "Measured on two cores of a server; this machine may be faster or slower."
    return f"Measured on this machine in {'one run' if rate.runs == 1 else f'{rate.runs} runs'}."
