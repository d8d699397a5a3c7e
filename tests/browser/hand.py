"""A hand on the page: a finger where there is a touch screen, else the mouse."""

import functools
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page

Place = tuple[float, float]  # x and y on the screen
Move = Callable[[Place], Any]  # moves a pen that is down to a place


@functools.lru_cache(maxsize=16)
def has_touch(page: Page) -> bool:
    """Whether the page is on a touch screen. It is asked once: hundreds of strokes in a row ask it."""
    return page.evaluate("navigator.maxTouchPoints > 0")


def press(page: Page, x: float, y: float) -> None:
    """One click or tap at a place."""
    if has_touch(page):
        page.touchscreen.tap(x, y)
    else:
        page.mouse.click(x, y)


def press_a_point(page: Page, x: float, y: float) -> None:
    """One click or tap on a point of a chart."""
    if not has_touch(page):
        page.mouse.move(x, y)
        page.wait_for_timeout(150)  # nobody clicks before the name of the point stands there
    press(page, x, y)


def in_small_steps(corners: Sequence[Place], steps: int) -> list[Place]:
    """The way from corner to corner, with so many steps between two of them."""
    return [
        (start[0] + (end[0] - start[0]) * step / steps, start[1] + (end[1] - start[1]) * step / steps)
        for start, end in itertools.pairwise(corners)
        for step in range(steps)
    ] + [corners[-1]]


def drag(page: Page, path: Sequence[Place], rest_milliseconds: float = 0) -> None:
    """Press at the first place, move along the others, and let go at the last.

    Args:
        page: with the places on its screen.
        path: of at least two places.
        rest_milliseconds: of a finger at each place: what listens to it may skip places that come too quickly.
    """
    if has_touch(page):
        _by_finger(page, path, rest_milliseconds)
        return
    page.mouse.move(*path[0])
    page.mouse.down()
    for place in path[1:]:
        page.mouse.move(*place)
    page.mouse.up()


def _by_finger(page: Page, path: Sequence[Place], rest_milliseconds: float) -> None:
    move, lift = _finger_down(page, path[0])
    for place in path[1:]:
        if rest_milliseconds:
            page.wait_for_timeout(rest_milliseconds)
        move(place)
    if rest_milliseconds:
        page.wait_for_timeout(rest_milliseconds)
    lift()


@contextmanager
def pen_down(page: Page, path: Sequence[Place]) -> Iterator[Move]:
    """A stroke whose pen is not lifted until the end, and how to move it on."""
    move, lift = (_finger_down if has_touch(page) else _mouse_down)(page, path[0])
    for place in path[1:]:
        move(place)
    yield move
    lift()


def _mouse_down(page: Page, start: Place) -> tuple[Move, Callable[[], Any]]:
    page.mouse.move(*start)
    page.mouse.down()
    return lambda place: page.mouse.move(*place), page.mouse.up


def _finger_down(page: Page, start: Place) -> tuple[Move, Callable[[], Any]]:
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, *places: Place) -> None:
        points = [{"x": x, "y": y} for x, y in places]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def lift() -> None:
        touch("touchEnd")
        finger.detach()

    touch("touchStart", start)
    return functools.partial(touch, "touchMove"), lift
