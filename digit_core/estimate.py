"""How long a training will take and how much memory it will need, said before it starts."""

from collections.abc import Iterable
from dataclasses import dataclass

from digit_core.configuration import TrainingConfig
from digit_core.recordings import Progress


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


@dataclass(frozen=True)
class Estimate:
    """What a training is expected to cost.

    Attributes:
        seconds_per_epoch: with the reading of the validation digits.
        seconds: of the whole run from its start to its model, all epochs taken, a worker's start included.
        megabytes: of the worker process at its largest.
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
    return Estimate(20.0, 20.0 * config.epochs, 900.0, "not measured yet")


def rate_from(runs: Iterable[tuple[TrainingConfig, Progress]]) -> Rate | None:
    """How fast this machine trains, from what ran on it.

    Args:
        runs: their configurations and what they said. Runs without a complete epoch, and runs that were slowed by hand or waited,
            are better left out: the rate would hold the waiting.

    Returns:
        The rate; None where no run completed an epoch.
    """
    return None
