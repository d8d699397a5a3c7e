"""How much memory is left is read from what the kernel says of the machine and of control groups, old and new."""

from pathlib import Path

import pytest

from digit_core.runs import memory
from digit_core.runs.memory import WORKER_BYTES, Room

MB = 1024**2


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine with 4 GiB to spare."""
    path = tmp_path / "meminfo"
    path.write_text(f"MemTotal:       {8 * 1024 * 1024} kB\nMemAvailable:   {4 * 1024 * 1024} kB\n")
    return path


def group_v2(folder: Path, limit: str, used: int, cache: int = 0) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "memory.max").write_text(f"{limit}\n")
    (folder / "memory.current").write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 1\ninactive_file {cache // 2}\nactive_file {cache // 2}\n")


def group_v1(folder: Path, limit: int, used: int, cache: int = 0) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "memory.limit_in_bytes").write_text(f"{limit}\n")
    (folder / "memory.usage_in_bytes").write_text(f"{used}\n")
    (folder / "memory.stat").write_text(
        f"cache 5\ntotal_inactive_file {cache // 2}\ntotal_active_file {cache // 2}\n"
    )


def left(tmp_path: Path, machine: Path, own: str) -> int | None:
    (tmp_path / "own").write_text(own)
    return memory.bytes_left(tmp_path / "groups", tmp_path / "own", machine)


def test_a_container_of_the_new_kind_is_believed(tmp_path: Path, machine: Path) -> None:
    group_v2(tmp_path / "groups", str(1000 * MB), 600 * MB)
    assert left(tmp_path, machine, "0::/\n") == 400 * MB


def test_file_cache_counts_as_room(tmp_path: Path, machine: Path) -> None:
    group_v2(tmp_path / "groups", str(1000 * MB), 900 * MB, cache=500 * MB)
    assert left(tmp_path, machine, "0::/\n") == 600 * MB


def test_a_group_without_limit_leaves_what_the_machine_has(tmp_path: Path, machine: Path) -> None:
    group_v2(tmp_path / "groups", "max", 900 * MB)
    assert left(tmp_path, machine, "0::/\n") == 4096 * MB


def test_the_tightest_group_on_the_way_up_counts(tmp_path: Path, machine: Path) -> None:
    group_v2(tmp_path / "groups" / "class", str(700 * MB), 300 * MB)
    group_v2(tmp_path / "groups" / "class" / "app", str(2000 * MB), 300 * MB)
    assert left(tmp_path, machine, "0::/class/app\n") == 400 * MB


def test_a_container_of_the_old_kind_is_believed(tmp_path: Path, machine: Path) -> None:
    group_v1(tmp_path / "groups" / "memory", 690 * MB, 300 * MB, cache=100 * MB)
    own = "9:name=systemd:/\n4:memory:/docker/0123\n1:cpu:/\n0::/\n"  # the path is the host's, not to be seen here
    assert left(tmp_path, machine, own) == 490 * MB


def test_the_old_kind_without_limit_leaves_what_the_machine_has(tmp_path: Path, machine: Path) -> None:
    group_v1(tmp_path / "groups" / "memory" / "app", 9223372036854771712, 300 * MB)
    assert left(tmp_path, machine, "4:memory:/app\n") == 4096 * MB


def test_a_full_group_has_nothing_left_and_not_less(tmp_path: Path, machine: Path) -> None:
    group_v2(tmp_path / "groups", str(500 * MB), 600 * MB)
    assert left(tmp_path, machine, "0::/\n") == 0


def test_where_nothing_is_said_nothing_is_known(tmp_path: Path) -> None:
    assert memory.bytes_left(tmp_path / "no", tmp_path / "such", tmp_path / "files") is None
    assert Room(lambda: [], lambda: None).lack(10**18) == ""


def test_this_machine_says_something_that_can_be() -> None:
    found = memory.bytes_left()
    assert found is None or 0 <= found < 2**50


def test_too_little_room_is_a_sentence_with_both_numbers() -> None:
    assert Room(lambda: [], lambda: 900_000_000).lack(900_000_000) == ""
    sentence = Room(lambda: [], lambda: 400_000_000).lack(900_000_000)
    assert "900 MB" in sentence
    assert "400 MB" in sentence


def test_memory_is_not_promised_twice() -> None:
    room = Room(lambda: [], lambda: 1_500_000_000)
    assert room.take("one", 900_000_000) == ""
    assert "600 MB left" in room.take("two", 900_000_000)
    assert room.lack(900_000_000, comes_later=True) == ""
    room.give_back("one")
    assert room.take("two", 900_000_000) == ""


def test_what_a_worker_has_taken_already_is_used_by_one_task() -> None:
    room = Room(lambda: [100_000_000, 800_000_000], lambda: 150_000_000)
    assert room.take("one", 900_000_000) == ""  # lacks 100 MB, of 150 left
    assert "150 MB left" in room.lack(900_000_000)  # 100 are promised, and 100 taken by the other worker
    assert room.lack(140_000_000) == ""


def test_a_task_too_large_for_what_is_left_says_what_helps() -> None:
    assert "smaller network or batch" in Room(lambda: [], lambda: 2 * WORKER_BYTES).lack(3 * WORKER_BYTES)
    # Where no worker fits, no smaller network does.
    assert "smaller" not in Room(lambda: [], lambda: WORKER_BYTES - 1).lack(3 * WORKER_BYTES)
