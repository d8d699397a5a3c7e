"""A hand for the canvas: stored strokes of the digits 0 to 9, drawn by mouse or by finger."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser import hand
from tests.browser.looks import PAPER

Point = tuple[int, int]

# The corners of each stroke on a canvas of 280 x 280.
STROKES: dict[int, list[list[Point]]] = {
    0: [
        [
            (140, 45),
            (100, 60),
            (78, 105),
            (75, 160),
            (92, 215),
            (135, 240),
            (180, 222),
            (204, 170),
            (202, 110),
            (182, 62),
            (140, 45),
        ]
    ],
    1: [[(145, 40), (142, 110), (139, 180), (136, 242)]],
    2: [
        [
            (80, 90),
            (92, 58),
            (130, 42),
            (172, 52),
            (190, 88),
            (175, 130),
            (135, 175),
            (85, 228),
            (140, 226),
            (205, 228),
        ]
    ],
    3: [
        [
            (82, 62),
            (125, 42),
            (175, 55),
            (188, 92),
            (165, 125),
            (125, 135),
            (170, 142),
            (200, 175),
            (188, 222),
            (140, 242),
            (85, 226),
        ]
    ],
    4: [[(110, 45), (95, 95), (80, 150), (140, 152), (208, 150)], [(178, 50), (174, 140), (168, 242)]],
    5: [
        [
            (105, 50),
            (100, 90),
            (94, 130),
            (140, 118),
            (182, 135),
            (198, 175),
            (180, 222),
            (130, 242),
            (85, 226),
        ],
        [(105, 50), (150, 48), (200, 48)],
    ],
    6: [
        [
            (175, 42),
            (128, 75),
            (97, 130),
            (86, 185),
            (105, 230),
            (145, 242),
            (185, 220),
            (192, 180),
            (165, 150),
            (125, 155),
            (92, 185),
        ]
    ],
    7: [[(75, 55), (135, 52), (202, 54), (180, 110), (155, 170), (135, 242)]],
    8: [
        [
            (180, 75),
            (145, 45),
            (105, 62),
            (102, 100),
            (140, 135),
            (182, 172),
            (185, 218),
            (142, 242),
            (98, 220),
            (100, 178),
            (140, 135),
            (178, 105),
            (180, 75),
        ]
    ],
    9: [
        [
            (182, 85),
            (150, 48),
            (108, 62),
            (92, 105),
            (112, 140),
            (155, 132),
            (183, 95),
            (182, 85),
            (180, 160),
            (172, 242),
        ]
    ],
}


_MIDDLE, _LARGEST = 140, 1.25  # of the paper; a digit that is enlarged so fills it but for a pen's width


def enlarged(digit: int) -> list[list[Point]]:
    """The strokes of a digit that fills the paper."""
    return [
        [
            (round(_MIDDLE + _LARGEST * (x - _MIDDLE)), round(_MIDDLE + _LARGEST * (y - _MIDDLE)))
            for x, y in stroke
        ]
        for stroke in STROKES[digit]
    ]


def draw(page: Page, digit: int) -> None:
    """Draw a digit on the page's canvas: by finger where the page has a touch screen, else by mouse."""
    for stroke in STROKES[digit]:
        draw_stroke(page, stroke)


def draw_stroke(page: Page, stroke: list[Point]) -> None:
    """Draw one stroke, and lift the pen for so long that the canvas sends it: it waits for 200 ms of rest."""
    on_screen = place(page)
    hand.drag(page, [on_screen(x, y) for x, y in hand.in_small_steps(stroke, 3)])
    page.wait_for_timeout(300)


def place(page: Page) -> Callable[[float, float], hand.Place]:
    """Bring the page's canvas into view; from its pixels to places on the screen, where it may be larger or smaller."""
    canvas = page.locator(PAPER)
    expect(canvas).to_be_visible()
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    scale = box["width"] / canvas.evaluate("canvas => canvas.width")
    return lambda x, y: (box["x"] + scale * x, box["y"] + scale * y)
