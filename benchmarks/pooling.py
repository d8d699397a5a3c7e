"""A class that fills one set at once: many sessions over WebSocket, each joins by the code and keeps its drawings.

    python benchmarks/pooling.py [--sessions N] [--drawings N]

Each session draws a digit, says what it was, and presses the same digit once more: that must change nothing. A stranger
asks for the set by its name. Then the store is asked what is there. The clients share the computer with the server.
"""

import argparse
import asyncio
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from _server import HOME, serve
from _strokes import message, stroke
from _table import Series, print_series, verdict
from _visitor import Run, Visitor, visit
from _widgets import state_of, widgets_of
from streamlit.proto.Element_pb2 import Element

from digit_core.storage.store import Store

MAKER, STRANGER = "f" * 32, "e" * 32
NAME = "Class 7b"


@dataclass
class Seen:
    """What the sessions saw. Times in ms, from a press to the end of the run that it caused."""

    presses: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def _visitor_component(run: Run) -> Element:
    return next(
        element
        for element in run.elements
        if element.WhichOneof("type") == "bidi_component"
        and "visitor" in element.bidi_component.component_name
    )


async def _become(visitor: Visitor, who: str, run: Run, *, is_by_canvas: bool) -> Run:
    """Answer as the browser does that is asked who it is."""
    answer = state_of(_visitor_component(run), {"id": who})
    return await visitor.set([answer], is_by_canvas=is_by_canvas)


async def pupil(port: int, number: int, code: str, drawings: list[tuple[int, str]], seen: Seen) -> None:
    """Draw, join, and keep each drawing."""
    async with visit(port) as visitor:
        await visitor.open("Draw")
        shown = await visitor.draw(drawings[0][1])
        shown = await _become(visitor, f"{number:032x}", shown, is_by_canvas=True)
        widgets = widgets_of(shown)
        join = next(element for key, element in widgets.items() if key.startswith("FormSubmitter:join a set"))
        states = [state_of(widgets["code typed"], code), state_of(join, True)]
        shown = await visitor.set(states, is_by_canvas=True)
        for digit, drawing in drawings:
            drawn = await visitor.draw(drawing)
            button = widgets_of(drawn)[f"it was {digit}"]
            for _ in range(2):
                pressed = await visitor.set([state_of(button, True)], is_by_canvas=True)
                seen.presses.append(pressed.seconds * 1000)
                seen.errors += drawn.errors + pressed.errors


async def stranger(port: int) -> bool:
    """Whether somebody without the code sees anything of the set."""
    async with visit(port) as visitor:
        run = await visitor.open("Explore", f"set=✎+{NAME.replace(' ', '+')}")
        run = await _become(visitor, STRANGER, run, is_by_canvas=False)
        chosen = widgets_of(run)["set"].selectbox
        return NAME in str(list(chosen.options)) or any(NAME in piece for piece in run.html)


async def measure(port: int, code: str, sessions: int, each: int) -> tuple[Seen, bool]:
    """All sessions at once, then the stranger."""
    seen, random = Seen(), np.random.default_rng(0)
    async with asyncio.timeout(sessions * each * 5 + 300), asyncio.TaskGroup() as group:
        for number in range(sessions):
            digits = [(number + turn) % 10 for turn in range(each)]
            drawings = [(digit, message(stroke(digit, random))) for digit in digits]
            group.create_task(pupil(port, number, code, drawings, seen))
    return seen, await stranger(port)


def main(sessions: int, each: int) -> int:
    with tempfile.TemporaryDirectory(prefix="digit-lab-benchmark-") as folder:
        url = f"sqlite:///{(Path(folder) / 'digitlab.db').as_posix()}"
        store = Store(url)
        made, other = store.drawing_sets.make(MAKER, NAME), store.drawing_sets.make(MAKER, "Another")
        with serve(HOME, {"DIGIT_DATABASE_URL": url}) as server:
            seen, was_seen = asyncio.run(measure(server.port, made.code, sessions, each))
        found, kept = store.drawings.read(MAKER, made.id)
        elsewhere = store.drawing_sets.get(MAKER, other.id).count
        store.close()
    wanted = sessions * each
    per_visitor = Counter(drawing.visitor for drawing in kept)
    print_series([Series(f"a press to its end, {sessions} sessions at once", seen.presses, "ms")])
    print(
        f"{found.count:,} of {wanted:,} drawings are there, {len(kept) - len({d.digest for d in kept})} of them twice; "
        f"{elsewhere} in another set; a stranger sees {'them' if was_seen else 'none'}; {len(seen.errors)} errors."
    )
    for error in sorted(set(seen.errors))[:5]:
        print(error)
    is_whole = found.count == wanted and len(per_visitor) == sessions and set(per_visitor.values()) == {each}
    is_met = is_whole and not elsewhere and not was_seen and not seen.errors
    print(f"All there, none twice, none elsewhere, none seen without the code: {verdict(is_met)}")
    return int(not is_met)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--drawings", type=int, default=20, help="of each session")
    options = parser.parse_args()
    sys.exit(main(options.sessions, options.drawings))
