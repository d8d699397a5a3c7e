"""Browsing 70,000 digits: how long a change of filter, order or page takes the server, and how much it sends.

    python benchmarks/browsing.py [--changes N]

The changes are drawn at random, and each leads to at least one digit. A visitor without a browser sends what the widgets hold and waits
until the script has finished; what arrived must name the very digits that `browsing.select` finds. The peer, in the same run and by
turns, shows the same digits, a hundred or fewer, with one `st.image` call a digit and nothing else. What it sends includes the pictures,
which a browser fetches one by one; the time does not include that.
"""

import argparse
import asyncio
import http.client
import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from _server import HOME, HOST, anonymous_megabytes, app, serve
from _table import Series, print_series
from _visitor import Run, Visitor, visit
from _widgets import widgets_of
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.WidgetStates_pb2 import WidgetState

from digit_core.datasets import catalogue, queries
from digit_core.datasets.catalogue import Catalogue
from digit_core.datasets.queries import Query
from digit_core.inference import model_files

GOAL_MS, GOAL_KB, GOAL_MB = 300, 400, 300
PAGE_SIZE = 100
PEER = """import json

import numpy as np
import streamlit as st

from digit_core import catalogue

digits = st.cache_resource(catalogue.load)("mnist")
rows = np.array(json.loads(st.text_input("rows", "[]", key="rows")), int)
for image in digits.images(rows):
    st.image(image)
"""
_COUNT = re.compile(r"\*\*([\d,]+)\*\* of [\d,]+ digits")


@dataclass(frozen=True)
class View:
    """What a visitor looks at: a choice of digits and one of its pages, from 1."""

    query: Query
    page: int = 1


def _some(random: np.random.Generator, choices: tuple, most: int) -> tuple:
    """Some of the choices, in their order; in one of three cases none, which means all."""
    if random.random() < 1 / 3:
        return ()
    taken = random.choice(len(choices), random.integers(1, most + 1), replace=False)
    return tuple(choices[index] for index in sorted(taken))


def _range(random: np.random.Generator, lowest: int, highest: int) -> tuple[int, int]:
    """Two ends, of which the first is the lower."""
    low, high = sorted(random.integers(lowest, highest + 1, 2).tolist())
    return (low, high) if random.random() > 1 / 3 else (lowest, highest)


def change_query(query: Query, splits: tuple[str, ...], random: np.random.Generator) -> Query:
    """Another filter or another order; it may be what it was."""
    digits = tuple(range(10))
    low, high = _range(random, 0, 100)
    changes = {
        "digits": _some(random, digits, 4),
        "answers": _some(random, digits, 4),
        "splits": _some(random, splits, 2),
        "verdict": queries.VERDICTS[random.integers(3)],
        "confidence": (low / 100, high / 100),
        "ink": _range(random, 0, 100),
        "slant": _range(random, -queries.MOST_SLANT, queries.MOST_SLANT),
        "in_doubt": bool(random.random() < 0.2),
        "sort": list(queries.SORTS)[random.integers(len(queries.SORTS))],
    }
    field = "sort" if random.random() < 1 / 3 else list(changes)[random.integers(len(changes))]
    return replace(query, **{field: changes[field]})


def change(
    view: View, digits: Catalogue, answers: np.ndarray, random: np.random.Generator
) -> tuple[View, np.ndarray]:
    """A view that differs in one thing and is not empty, and the rows of all digits that it chooses, in order."""
    while True:
        if random.random() < 1 / 3:
            pages = -(-len(queries.select(digits, view.query, answers)) // PAGE_SIZE)
            other = View(view.query, int(random.integers(1, pages + 1)))
        else:
            other = View(change_query(view.query, digits.splits, random))
        rows = queries.select(digits, other.query, answers)
        # Another filter goes back to page 1: that alone is no change to send.
        if len(rows) and (other.query != view.query or other.page != view.page):
            return other, rows


def states_of(view: View, widgets: dict[str, Element]) -> list[WidgetState]:
    """What a browser would say that the widgets hold."""
    query = view.query
    orders = widgets["sort"].selectbox.options
    percents = [round(100 * end) for end in query.confidence]
    texts = {
        "labelled": query.digits,
        "read": query.answers,
        "split": query.splits,
        "verdict": [query.verdict],
    }
    ranges = {"sure": percents, "ink": query.ink, "slant": query.slant}
    states = [_state(widgets, key, "string_array_value", map(str, values)) for key, values in texts.items()]
    states += [_state(widgets, key, "double_array_value", ends) for key, ends in ranges.items()]
    states.append(WidgetState(id=widgets["doubt"].checkbox.id, bool_value=query.in_doubt))
    order = orders[list(queries.SORTS).index(query.sort)]
    states.append(WidgetState(id=widgets["sort"].selectbox.id, string_value=order))
    states.append(WidgetState(id=widgets["page"].pagination.id, int_value=view.page))
    return states


def _state(widgets: dict[str, Element], key: str, kind: str, values: object) -> WidgetState:
    element = widgets[key]
    state = WidgetState(id=getattr(element, element.WhichOneof("type")).id)
    getattr(state, kind).data.extend(values)
    return state


def check(run: Run, view: View, rows: np.ndarray, digits: Catalogue, answers: np.ndarray) -> np.ndarray:
    """Refuse what is not the view that was asked for.

    Returns:
        The rows of its page.

    Raises:
        RuntimeError: the page showed an error, another number of digits, or other digits.
    """
    texts = [element.markdown.body for element in run.elements if element.WhichOneof("type") == "markdown"]
    counts = [int(count.replace(",", "")) for text in texts for count in _COUNT.findall(text)]
    shown = rows[(view.page - 1) * PAGE_SIZE : view.page * PAGE_SIZE]
    names = [
        f"{digits.splits[digits.split[row]]} {digits.number[row]}: labelled {digits.labels[row]}, "
        f"read as {answers[row].argmax()}"
        for row in shown
    ]
    grids = [
        json.loads(element.bidi_component.json)["labels"]
        for element in run.elements
        if element.bidi_component.component_name == "digit_grid"
    ]
    if run.errors or counts != [len(rows)] or grids != [names]:
        raise RuntimeError(f"{view} did not arrive: {run.errors}, {counts} digits where {len(rows)} are.")
    return shown


async def show_on_peer(visitor: Visitor, port: int, key: str, rows: np.ndarray) -> tuple[float, int]:
    """Seconds that the peer's server takes to show these digits, and the bytes it sends, pictures included."""
    state = WidgetState(id=key, string_value=json.dumps(rows.tolist()))
    run = await visitor.set([state])
    addresses = [element.imgs.imgs[0].url for element in run.elements if element.imgs.imgs]
    if run.errors or len(addresses) != len(rows):
        raise RuntimeError(
            f"The peer did not show {len(rows)} digits: {run.errors}, {len(addresses)} pictures."
        )
    return run.seconds, run.received + await asyncio.to_thread(_fetched_bytes, port, addresses)


def _fetched_bytes(port: int, addresses: list[str]) -> int:
    """The size of so many pictures together, fetched as a browser does, a few at a time."""
    with ThreadPoolExecutor(6) as threads:
        return sum(threads.map(lambda address: _fetched_size(port, address), addresses))


def _fetched_size(port: int, address: str) -> int:
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", address)
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    if answer.status != http.HTTPStatus.OK:
        raise RuntimeError(f"GET {address} was answered with {answer.status}.")
    return len(content)


@dataclass(frozen=True)
class Measured:
    """Of each change: milliseconds and kilobytes (1,000 bytes), ours and the peer's."""

    ours_ms: list[float]
    ours_kb: list[float]
    peer_ms: list[float]
    peer_kb: list[float]


async def measure(port: int, peer_port: int, changes: int) -> Measured:
    """Make random changes, each on the page and then on the peer."""
    digits, random = catalogue.load("mnist"), np.random.default_rng(0)
    answers = model_files.shipped_answers(model_files.default_name())
    measured, view = Measured([], [], [], []), View(Query())
    async with visit(port) as ours, visit(peer_port) as peer:
        opened, peer_opened = await ours.open("Explore"), await peer.open("")
        check(opened, view, np.arange(len(digits)), digits, answers)
        (rows_key,) = (e.text_input.id for e in peer_opened.elements if e.text_input.id)
        widgets = widgets_of(opened)
        for _ in range(changes):
            view, rows = change(view, digits, answers, random)
            run = await ours.set(states_of(view, widgets))
            shown = check(run, view, rows, digits, answers)
            widgets |= widgets_of(run)
            measured.ours_ms.append(run.seconds * 1000)
            measured.ours_kb.append(run.received / 1000)
            seconds, received = await show_on_peer(peer, peer_port, rows_key, shown)
            measured.peer_ms.append(seconds * 1000)
            measured.peer_kb.append(received / 1000)
    return measured


def main(changes: int) -> int:
    with app(PEER) as script, serve(HOME) as server, serve(script) as peer:
        measured = asyncio.run(measure(server.port, peer.port, changes))
        memory = anonymous_megabytes(server.pid)
    print_series(
        [
            Series("Explore: a change of filter, order or page", measured.ours_ms, "ms", GOAL_MS),
            Series("one st.image a digit: the same digits", measured.peer_ms, "ms"),
            Series("Explore: sent for a change", measured.ours_kb, "KB", GOAL_KB),
            Series("Explore: the most of these", [max(measured.ours_kb)], "KB", GOAL_KB),
            Series("one st.image a digit: sent", measured.peer_kb, "KB"),
            Series("one st.image a digit: the most of these", [max(measured.peer_kb)], "KB"),
            Series("anonymous memory of the server behind it", [memory], "MB", GOAL_MB),
        ]
    )
    print(f"{changes} of {changes} changes showed the digits that were asked for.")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--changes", type=int, default=50, help="(%(default)s)")
    sys.exit(main(parser.parse_args().changes))
