"""A control group of Linux: so much memory and so many cores for a process and all that it starts, as a container has."""

import contextlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_PERIOD = 100_000  # µs, in which a group may compute for so many cores' time
_WEIGHT = (
    20  # times an ordinary group's: so many cores are not only the most, but what it has on a busy machine
)
_END_SECONDS = 20


@dataclass(frozen=True)
class Group:
    """A control group that exists.

    Attributes:
        memory: its folder for memory.
        cpu: its folder for processor time; the same one in version 2.
        is_v2: whether it is of version 2, in which some files have other names.
    """

    memory: Path
    cpu: Path
    is_v2: bool

    @property
    def launcher(self) -> Sequence[str]:
        """What to put before a command, which then runs in this group with all that it starts."""
        joins = " && ".join(f"echo $$ > {folder}/cgroup.procs" for folder in {self.memory, self.cpu})
        return ["sh", "-c", f'{joins} && exec "$0" "$@"']

    def _statistics(self) -> Mapping[str, int]:
        pairs = (line.split() for line in (self.memory / "memory.stat").read_text().splitlines())
        return {name: int(value) for name, value in pairs}

    def anonymous_megabytes(self) -> float:
        """What its processes have now and cannot give back, MB of 1,000,000 bytes."""
        return self._statistics()["anon" if self.is_v2 else "total_rss"] / 1e6

    def kills(self) -> int:
        """How often the kernel has ended one of its processes for want of memory."""
        lines = (self.memory / ("memory.events" if self.is_v2 else "memory.oom_control")).read_text()
        return next(int(line.split()[1]) for line in lines.splitlines() if line.startswith("oom_kill "))


@contextmanager
def limit(megabytes: int, cores: float) -> Iterator[Group]:
    """A group for as long as the block lasts; its processes must have ended by then.

    Args:
        megabytes: of memory, of 1,000,000 bytes; file cache that it fills counts, but is given up when memory is short.
        cores: how many cores' time it may use.

    Raises:
        OSError: this process may not make one. It takes root, or a group that was handed to this user.
    """
    is_v2, name = (_ROOT / "cgroup.controllers").exists(), f"digit-lab-{os.getpid()}"
    folders = [_ROOT / name] if is_v2 else [_ROOT / "memory" / name, _ROOT / "cpu" / name]
    for folder in folders:
        folder.mkdir()
    try:
        memory, cpu = folders[0], folders[-1]
        quota, size = round(cores * _PERIOD), megabytes * 1_000_000
        if is_v2:
            (memory / "memory.max").write_text(str(size))
            (cpu / "cpu.max").write_text(f"{quota} {_PERIOD}")
            (cpu / "cpu.weight").write_text(str(_WEIGHT * 100))
        else:
            (memory / "memory.limit_in_bytes").write_text(str(size))
            (cpu / "cpu.cfs_period_us").write_text(str(_PERIOD))
            (cpu / "cpu.cfs_quota_us").write_text(str(quota))
            (cpu / "cpu.shares").write_text(str(_WEIGHT * 1_024))
        yield Group(memory, cpu, is_v2)
    finally:
        for folder in folders:
            _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a group, which the last of its processes may still be about to leave."""
    until = time.monotonic() + _END_SECONDS
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            folder.rmdir()
            return
        time.sleep(0.2)


def forget_files(folders: Sequence[Path]) -> None:
    """Drop files from the cache that no process uses at the moment: who reads them first is charged for them."""
    for folder in folders:
        for directory, _, names in os.walk(folder):
            for name in names:
                with contextlib.suppress(OSError), (Path(directory) / name).open("rb") as file:
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
