"""How much memory is left for a worker: of this machine, and of the control group that this process is in."""

import threading
from collections.abc import Callable, Iterable
from itertools import zip_longest
from pathlib import Path

# The least with which a worker trains as fast as with more: what is its own, and those of TensorFlow's files that it uses again
# and again. The kernel gives up the others where memory is short; benchmarks/floor.py trains so.
WORKER_BYTES = 600_000_000

_GROUPS = Path("/sys/fs/cgroup")
_OWN_GROUPS = Path("/proc/self/cgroup")
_MACHINE = Path("/proc/meminfo")

# Names of a group's limit and use, and of the file cache in it, which the kernel gives up when memory is short: see
# docs.kernel.org/admin-guide/cgroup-v2.html, "Memory Interface Files", and cgroup-v1/memory.html.
_Files = tuple[str, str, tuple[str, ...]]
_FILES_V2: _Files = ("memory.max", "memory.current", ("inactive_file", "active_file"))
_FILES_V1: _Files = (
    "memory.limit_in_bytes",
    "memory.usage_in_bytes",
    ("total_inactive_file", "total_active_file"),
)


def bytes_left(
    groups: Path = _GROUPS, own_groups: Path = _OWN_GROUPS, machine: Path = _MACHINE
) -> int | None:
    """The bytes that this process and its children may still take, file cache that can be given up included.

    Args:
        groups: where the control groups are mounted, version 1 or 2.
        own_groups: which of them this process is in, as /proc/self/cgroup says.
        machine: the machine's memory, as /proc/meminfo says.

    Returns:
        The least of what the machine and each group on the way up have; None where nothing says so (no Linux).
    """
    found = [_machine_left(machine)]
    for root, path, files in _own(groups, own_groups):
        folder = root / path.lstrip("/")
        # In a container the groups' own root is mounted here, and the path leads nowhere.
        chain = [folder, *folder.parents] if folder.is_dir() else [root]
        found += [_group_left(group, files) for group in chain if group.is_relative_to(root)]
    known = [left for left in found if left is not None]
    return max(0, min(known)) if known else None


class Room:
    """The memory for what workers do: none of it is promised twice. Threads may share it."""

    def __init__(
        self, taken: Callable[[], Iterable[int]], left: Callable[[], int | None] = bytes_left
    ) -> None:
        """Promise nothing yet.

        Args:
            taken: says what the workers that there are have taken, bytes each: the next tasks use that.
            left: says how many bytes are left beside that; None if that is not known.
        """
        self._taken, self._left = taken, left
        self._lock = threading.Lock()
        self._promised: dict[object, int] = {}

    @property
    def is_promised(self) -> bool:
        """Whether anything is to be given back."""
        return bool(self._promised)

    def lack(self, needed: int, *, comes_later: bool = False) -> str:
        """A sentence if there is no room for a task that needs so many bytes, else "".

        Args:
            needed: bytes of its process at its largest.
            comes_later: it waits until the tasks that go have given their memory back.
        """
        with self._lock:
            return self._lack(needed, () if comes_later else self._promised.values())

    def take(self, task: object, needed: int) -> str:
        """Promise a task its memory, until `give_back`; if there is no room, a sentence, and nothing is promised."""
        with self._lock:
            sentence = self._lack(needed, self._promised.values())
            if not sentence:
                self._promised[task] = needed
            return sentence

    def give_back(self, task: object) -> None:
        """Let others have the memory of a task that is over, or that nothing was promised."""
        with self._lock:
            self._promised.pop(task, None)

    def _lack(self, needed: int, promised: Iterable[int]) -> str:
        left = self._left()
        if left is None:
            return ""
        tasks, workers = sorted([needed, *promised], reverse=True), sorted(self._taken(), reverse=True)
        pairs = list(zip_longest(tasks, workers[: len(tasks)], fillvalue=0))
        missing = sum(max(0, task - worker) for task, worker in pairs)
        left = max(0, left + needed - missing)
        if left >= needed:
            return ""
        smaller = "Choose a smaller network or batch, watch" if left >= WORKER_BYTES else "Watch"
        return (
            f"A training needs about {needed / 1e6:.0f} MB of memory and this computer has {left / 1e6:.0f} MB left, "
            f"so it was not started. {smaller} a recorded training instead, or close other programs and try again."
        )


def _own(groups: Path, own_groups: Path) -> list[tuple[Path, str, _Files]]:
    """Where to look: the mounted root, the path below it, and what the files are called."""
    found = []
    for line in _lines(own_groups):
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            found.append((groups, path, _FILES_V2))
        elif "memory" in controllers.split(","):
            found.append((groups / "memory", path, _FILES_V1))
    return found


def _group_left(group: Path, files: tuple[str, str, tuple[str, ...]]) -> int | None:
    limit_name, use_name, cache_names = files
    limit, use = _lines(group / limit_name), _lines(group / use_name)
    if not (limit and use) or limit[0] == "max":
        return None
    statistics = dict(line.split(maxsplit=1) for line in _lines(group / "memory.stat"))
    cache = sum(int(statistics.get(name, 0)) for name in cache_names)
    return int(limit[0]) - (int(use[0]) - cache)


def _machine_left(machine: Path) -> int | None:
    for line in _lines(machine):
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").split("\n")[:-1]
    except OSError:
        return []
