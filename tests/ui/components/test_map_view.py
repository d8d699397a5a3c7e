import numpy as np
import pytest

from ui.components import map_view

LABELS = np.array([8, 1, 8, 0, 8], np.uint8)


def _places(*points: object) -> list[int]:
    return sorted(map_view._places(list(points), LABELS).tolist())


def test_a_point_is_found_by_its_class_and_its_place_in_it() -> None:
    points = [{"curve_number": 8, "point_index": index} for index in (0, 1, 2)]
    assert _places(*points, {"curve_number": 0, "point_index": 0, "x": 3}) == [0, 2, 3, 4]
    assert _places() == []


@pytest.mark.parametrize(
    "point",
    [
        None,
        [],
        "0",
        {},
        {"curve_number": 8},
        {"curve_number": 8, "point_index": 3},
        {"curve_number": 8, "point_index": -1},
        {"curve_number": 8, "point_index": 10**30},
        {"curve_number": 8, "point_index": 1.0},
        {"curve_number": 8, "point_index": True},
        {"curve_number": 10**30, "point_index": 0},
        {"curve_number": -1, "point_index": 0},
        {"curve_number": "8", "point_index": 0},
        {"curve_number": [8], "point_index": 0},
    ],
)
def test_a_message_that_names_no_point_chooses_nothing(point: object) -> None:
    assert _places(point) == []
