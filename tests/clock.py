"""A clock for tests: it stands still but where somebody sleeps, so that no test waits, nor asks how fast a machine is."""

from collections.abc import Callable


class Clock:
    """Takes the place of a module's `time`."""

    def __init__(self) -> None:
        self._now = 1_000.0
        self._planned: list[tuple[float, Callable[[], object]]] = []

    def perf_counter(self) -> float:
        """Seconds since some moment."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Go on by so many seconds; what was planned for them happens on the way."""
        until = self._now + max(seconds, 1e-6)  # like any clock it goes on, whatever is left after rounding
        due = sorted((plan for plan in self._planned if plan[0] <= until), key=lambda plan: plan[0])
        self._planned = [plan for plan in self._planned if plan[0] > until]
        for moment, act in due:
            self._now = moment
            act()
        self._now = until

    def after(self, seconds: float, act: Callable[[], object]) -> None:
        """Plan what is to happen so many seconds from now: within the sleep that reaches that moment."""
        self._planned.append((self._now + seconds, act))
