"""What is left on the shelf is found again as it was, in bounds."""

import numpy as np

from ui.frame.session_cache import Shelf


def test_what_was_laid_is_taken_as_it_was() -> None:
    shelf = Shelf()
    content = {"rows": [{"image": np.arange(3), "name": "a"}], "way": None}
    shelf.lay("mine", content)
    content["rows"].append({})  # type: ignore[union-attr]
    found = shelf.take("mine")
    assert found is not None
    assert [row["name"] for row in found["rows"]] == ["a"]
    assert found["rows"][0]["image"].tolist() == [0, 1, 2]
    found["rows"].clear()
    assert shelf.take("mine") != found
    assert shelf.take("theirs") is None


def test_the_oldest_goes_where_there_is_no_room() -> None:
    shelf = Shelf(max_bytes=4_000)
    for name in "abc":
        shelf.lay(name, {"file": bytes(1_000)})
    assert shelf.take("a") is not None
    shelf.lay("a", {"file": bytes(1_000)})  # now "b" is the oldest
    shelf.lay("d", {"file": bytes(1_000)})
    assert [name for name in "abcd" if shelf.take(name)] == ["a", "c", "d"]


def test_what_is_too_large_is_not_held_nor_what_it_replaces() -> None:
    shelf = Shelf(max_bytes_each=500)
    shelf.lay("a", {"file": b"small"})
    shelf.lay("a", {"file": bytes(501)})
    assert shelf.take("a") is None


def test_what_stands_in_it_twice_takes_its_room_once() -> None:
    shelf, image = Shelf(max_bytes_each=12_000), np.zeros(1_000)
    shelf.lay("a", {"steps": [{"image": image} for _ in range(20)]})
    assert shelf.take("a") is not None
    shelf.lay("a", {"steps": [{"image": image.copy()} for _ in range(20)]})
    assert shelf.take("a") is None


def test_nothing_lies_there_for_ever() -> None:
    shelf = Shelf(max_seconds=-1.0)
    shelf.lay("a", {"file": b"old"})
    assert shelf.take("a") is None
