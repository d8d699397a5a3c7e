import base64
import io
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from digit_core.errors import NoInkError, PictureError
from digit_core.preprocessing import images, strokes
from digit_core.preprocessing.strokes import Stroke, Turn
from tests.examples import examples

# A 4 in two strokes, drawn with a mouse in Chromium: what the canvas sent, its objects and its PNG.
DRAWN = Path(__file__).parents[2] / "canvas_message.json"


@pytest.fixture(scope="module")
def drawn() -> tuple[list[dict], np.ndarray]:
    message = json.loads(DRAWN.read_text(encoding="utf-8"))
    picture = Image.open(io.BytesIO(base64.b64decode(message["png"]))).convert("RGBA")
    return message["objects"], np.asarray(picture)


def _path(*commands: list, width: object = 20) -> dict:
    return {"type": "Path", "path": list(commands), "strokeWidth": width}


def test_the_pens_points_are_those_that_the_curves_bend_around() -> None:
    item = _path(["M", 9.98, 10], ["Q", 10, 10, 15, 20], ["Q", 20, 30, 30, 30], ["L", 40, 30])
    (stroke,) = strokes.from_canvas([item])
    np.testing.assert_array_equal(stroke.points, [(10, 10), (20, 30), (40, 30)])
    assert stroke.width == 20


def test_a_dot_is_a_stroke() -> None:
    (dot,) = strokes.from_canvas([_path(["M", 50, 60], ["L", 50.01, 60])])
    ink = strokes.draw([dot])[..., 3] > 127
    rows, columns = np.nonzero(ink)
    assert abs(ink.sum() - np.pi * 10**2) < 12
    assert (rows.mean() + 0.5, columns.mean() + 0.5) == (
        pytest.approx(60, abs=0.3),
        pytest.approx(50, abs=0.3),
    )


def test_strokes_are_drawn_as_the_canvas_drew_them(drawn: tuple[list[dict], np.ndarray]) -> None:
    objects, picture = drawn
    ours = strokes.draw(strokes.from_canvas(objects))
    difference = np.abs(ours[..., 3].astype(int) - picture[..., 3])
    assert difference.mean() < 0.6  # of 255
    assert np.mean(difference > 64) < 0.005
    assert np.abs(images.from_canvas(ours) - images.from_canvas(picture)).mean() < 0.005


@pytest.mark.parametrize("width", [5, 8, 20, 36])
def test_a_line_has_its_width_round_ends_and_soft_edges(width: int) -> None:
    start, end = np.array([60.3, 70.7]), np.array([200.2, 140.1])
    drawn = strokes.draw([Stroke(np.array([start, end]), width)])[..., 3] / 255
    y, x = np.mgrid[:280:0.25, :280:0.25] + 0.125
    along = np.clip(
        ((x - start[0]) * (end - start)[0] + (y - start[1]) * (end - start)[1]) / ((end - start) ** 2).sum(),
        0,
        1,
    )
    distance = np.hypot(x - start[0] - along * (end - start)[0], y - start[1] - along * (end - start)[1])
    exact = (distance <= width / 2).reshape(280, 4, 280, 4).mean(axis=(1, 3))
    assert np.abs(drawn - exact).max() <= 0.26  # a row of the finer grid
    assert drawn.sum() == pytest.approx(exact.sum(), rel=0.05)
    assert ((drawn > 0.05) & (drawn < 0.95)).any()


def test_a_curve_passes_through_the_middles_and_ends_at_the_ends() -> None:
    points = np.array([(0.0, 0.0), (10, 0), (10, 10), (20, 10)])
    line = strokes.curve(points)
    np.testing.assert_array_equal(line[0], points[0])
    np.testing.assert_array_equal(line[-1], points[-1])
    for middle in ((5, 0), (10, 5), (15, 10)):
        assert np.abs(line - middle).sum(axis=1).min() < 1e-9
    # A quadratic curve from (5, 0) around (10, 0) to (10, 5) passes through (8.75, 1.25) half way.
    assert np.abs(line - (8.75, 1.25)).sum(axis=1).min() < 1e-9


def test_the_last_moment_is_the_whole_drawing(drawn: tuple[list[dict], np.ndarray]) -> None:
    found = strokes.from_canvas(drawn[0])
    replay = strokes.replay(found)
    total = sum(len(stroke.points) for stroke in found)
    np.testing.assert_array_equal(replay.points, np.arange(1, total + 1))
    assert replay.total == total == replay.points[-1]
    np.testing.assert_array_equal(replay.images[-1], images.from_canvas(strokes.draw(found)))
    assert strokes.stroke_ends(found) == (len(found[0].points), total)
    np.testing.assert_array_equal(replay.strokes, 1 + (replay.points > len(found[0].points)))


@pytest.mark.parametrize("count", [1, 3, 24, 25, 30])
def test_each_moment_is_the_drawing_as_far_as_it_had_come(
    count: int, drawn: tuple[list[dict], np.ndarray]
) -> None:
    found = strokes.from_canvas(drawn[0])
    first, second = found
    part = [Stroke(first.points[:count], first.width)]
    if count > len(first.points):
        part.append(Stroke(second.points[: count - len(first.points)], second.width))
    np.testing.assert_array_equal(
        strokes.replay(found).images[count - 1], images.from_canvas(strokes.draw(part))
    )


def test_of_a_long_drawing_some_moments_are_left_out_but_no_strokes_end() -> None:
    lines = [np.column_stack([np.linspace(20, 260, 90), np.full(90, 40.0 * row)]) for row in range(1, 5)]
    replay = strokes.replay([Stroke(line, 12) for line in lines], max_frames=50)
    assert len(replay.points) <= 50
    assert {90, 180, 270, 360} <= set(replay.points.tolist())
    assert (np.diff(replay.points) > 0).all()


def test_a_pen_that_is_not_yet_on_the_canvas_has_drawn_nothing() -> None:
    line = np.column_stack([np.linspace(-60, 200, 27), np.full(27, 140.0)])
    replay = strokes.replay([Stroke(line, 20)])
    assert not replay.images[0].any()
    assert replay.images[-1].any()


def test_without_strokes_there_is_nothing_to_replay() -> None:
    with pytest.raises(NoInkError, match="no strokes"):
        strokes.replay([])


@pytest.mark.parametrize(
    "item",
    [
        None,
        7,
        "path",
        [],
        {},
        {"type": "Image", "src": "data:,"},
        {"path": "M 0 0"},
        _path(),
        _path(["M", 1, 1], width=None),
        _path(["M", 1, 1], width=-1),
        _path(["M", 1, 1], width=1e9),
        _path(["M", 1, 1], width=float("nan")),
        _path(["M", "1", 1]),
        _path(["M", float("inf"), 1]),
        _path(["M", 1e30, 1]),
        _path(["M"]),
        _path("M"),
        _path(["Z", 1, 1]),
        _path(["A", 1, 1, 1, 1, 1, 1, 1]),
    ],
)
def test_what_is_no_stroke_is_passed_over(item: object) -> None:
    assert strokes.from_canvas([item]) == ()
    assert strokes.holds_more([item])


def test_more_points_than_a_hand_draws_are_refused() -> None:
    half = _path(*[["L", 1, 1]] * (strokes.MAX_POINTS // 2 + 1))
    with pytest.raises(PictureError, match="too many points"):
        strokes.from_canvas([half, half])
    with pytest.raises(PictureError, match="too many points"):
        strokes.from_canvas([_path(*[["L", 1, 1]] * (strokes.MAX_POINTS + 1))])


def test_a_canvas_without_end_is_refused() -> None:
    with pytest.raises(PictureError, match="1 to 4,096"):
        strokes.draw([], (10**6, 280))


def test_strokes_in_any_unit_fit_into_their_room() -> None:
    tablet = [np.array([(1000.0, 5000), (1000, 9000)]), np.array([(1000.0, 9000), (2000, 9000)])]
    first, second = strokes.fitted(tablet, 14, size=(280, 900), room=(200, 820))
    np.testing.assert_allclose(first.points, [(425, 40), (425, 240)])
    np.testing.assert_allclose(second.points, [(425, 240), (475, 240)])
    wide = strokes.fitted([np.array([(0.0, 0), (100, 10)])], 14, size=(280, 900), room=(200, 820))
    np.testing.assert_allclose(wide[0].points, [(40, 99), (860, 181)])


def test_answers_are_told_in_turn() -> None:
    one, four, none = np.eye(10)[1], np.eye(10)[4], np.full(10, np.nan)
    found = strokes.turns(np.array([1, 3, 5, 7, 9]), np.stack([none, one, one, four, one]))
    assert found == (Turn(None, 1, 1), Turn(1, 3, 5), Turn(4, 7, 7), Turn(1, 9, 9))


@pytest.mark.parametrize("place", [10**400, -(10**400), float("inf"), float("nan"), True, "5", None])
def test_a_place_beyond_all_papers_is_no_place(place: object) -> None:
    """An integer too large for a float raised an OverflowError."""
    found = strokes.from_canvas([_path(["M", place, 5], ["L", 6, 7])])
    assert len(found) == (place is True)


_NUMBERS = st.integers() | st.floats() | st.sampled_from([10**400, -1, 0])
_ANYTHING = st.recursive(
    st.none() | st.booleans() | _NUMBERS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_COMMANDS = st.lists(
    st.lists(st.sampled_from(["M", "L", "Q", "z"]) | _NUMBERS | _ANYTHING, max_size=6), max_size=6
)
_OBJECTS = st.fixed_dictionaries({"path": _COMMANDS | _ANYTHING, "strokeWidth": _NUMBERS | _ANYTHING})


@settings(max_examples=examples(60), deadline=None)
@given(objects=st.lists(_OBJECTS | _ANYTHING, max_size=4))
def test_whatever_a_canvas_sends_as_strokes_is_drawn_or_left_out(objects: list) -> None:
    found = strokes.from_canvas(objects)
    strokes.holds_more(objects)
    assert strokes.draw(found).shape == (280, 280, 4)
    if found:
        assert np.isfinite(strokes.replay(found, max_frames=5).images).all()
