"""What was put into the session cache is found again as it was, in bounds."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ui.frame.session_cache import SessionCache


def test_what_was_put_there_is_got_as_it_was() -> None:
    cache = SessionCache()
    content = {"rows": [{"image": np.arange(3), "name": "a"}], "way": None}
    cache.put("mine", content)
    content["rows"].append({})  # type: ignore[union-attr]
    found = cache.get("mine")
    assert found is not None
    assert [row["name"] for row in found["rows"]] == ["a"]
    assert found["rows"][0]["image"].tolist() == [0, 1, 2]
    found["rows"].clear()
    assert cache.get("mine") != found
    assert cache.get("theirs") is None


def test_the_oldest_goes_where_there_is_no_room() -> None:
    cache = SessionCache(max_bytes=4_000)
    for name in "abc":
        cache.put(name, {"file": bytes(1_000)})
    assert cache.get("a") is not None
    cache.put("a", {"file": bytes(1_000)})  # now "b" is the oldest
    cache.put("d", {"file": bytes(1_000)})
    assert [name for name in "abcd" if cache.get(name)] == ["a", "c", "d"]


def test_what_is_too_large_is_not_held_nor_what_it_replaces() -> None:
    for cache in (SessionCache(max_bytes_each=500), SessionCache(max_bytes=500)):
        cache.put("a", {"file": b"small"})
        cache.put("a", {"file": bytes(501)})
        assert cache.get("a") is None


def test_what_stands_in_it_twice_takes_its_room_once() -> None:
    cache, image = SessionCache(max_bytes_each=12_000), np.zeros(1_000)
    cache.put("a", {"steps": [{"image": image} for _ in range(20)]})
    assert cache.get("a") is not None
    cache.put("a", {"steps": [{"image": image.copy()} for _ in range(20)]})
    assert cache.get("a") is None


def test_nothing_is_held_for_ever() -> None:
    cache = SessionCache(max_seconds=0.0)
    cache.put("a", {"file": b"old"})
    assert cache.get("a") is None


def test_many_threads_may_use_it_at_once() -> None:
    cache = SessionCache(max_bytes=3_000)

    def use(number: int) -> bool:
        cache.put(f"{number % 7}", {"file": bytes(500 + number % 3)})
        found = cache.get(f"{number % 5}")
        return found is None or 500 <= len(found["file"]) < 503

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(use, range(4_000)))
