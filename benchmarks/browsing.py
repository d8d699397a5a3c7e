"""Filter, sort and page changes on the Explore page: time at the server and bytes sent, against one st.image a digit.

    python benchmarks/browsing.py [--changes N]

Each change is a random view opened by its address in a session of its own, which sends the whole page: more than a change of one
filter in an open page does. It must show as many digits as `browsing.select` finds; otherwise it counts as an error. The
peer shows a hundred digits a page with a hundred st.image, whose pictures the browser then fetches one by one.
"""

import argparse
import asyncio
import random
import re
import sys
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from _server import HOME, PROJECT_FOLDER, app, serve
from _table import Series, print_series, verdict
from _visitor import Run, visit

from digit_core import browsing, catalogue, model_files
from digit_core.browsing import Query

GOAL, GOAL_KILOBYTES = 300, 400  # ms, KB
_PAGE_SIZE = 100
_SORTS = {
    "number": "Number",
    "typical": "Most typical first",
    "odd": "Oddest first",
    "hardest": "Hardest for the model",
    "random": "Random",
}
_PEER = f"""
import sys
import streamlit as st
sys.path.insert(0, {str(PROJECT_FOLDER)!r})
from digit_core import datasets
digits = st.cache_resource(datasets.load_mnist)().train
page = int(st.query_params.get("page", "1"))
st.markdown(f"page {{page}}")
for image in digits.images[(page - 1) * {_PAGE_SIZE} : page * {_PAGE_SIZE}]:
    st.image(image, width=56)
"""


def random_view(dice: random.Random) -> tuple[Query, list[tuple[str, str]]]:
    """A choice of digits, and the words that ask for it in the address."""
    digits = tuple(sorted(dice.sample(range(10), dice.choice([0, 1, 2]))))
    answers = tuple(sorted(dice.sample(range(10), dice.choice([0, 0, 1]))))
    verdict_asked = dice.choice(["any", "any", "right", "wrong"])
    ink = dice.choice([(0, 100), (0, 20), (70, 100)])
    sort = dice.choice(list(_SORTS))
    words = [("labelled", str(digit)) for digit in digits] + [("read", str(digit)) for digit in answers]
    words += [("verdict", verdict_asked), ("sort", _SORTS[sort])]
    words += [("ink", str(end)) for end in ink if ink != (0, 100)]
    return Query(digits=digits, answers=answers, verdict=verdict_asked, ink=ink, sort=sort), words


async def open_views(port: int, changes: int) -> tuple[list[Run], list[str]]:
    """Open so many random views; the runs, and what was wrong."""
    digits, answers = catalogue.load("mnist"), model_files.shipped_answers("default")
    dice, runs, errors = random.Random(0), [], []
    for _ in range(changes):
        query, words = random_view(dice)
        found = len(browsing.select(digits, query, answers))
        page = dice.randint(1, max(1, -(-found // _PAGE_SIZE)))
        async with visit(port) as visitor:
            run = await visitor.open("Explore", urlencode([*words, ("page", str(page))]))
        errors += run.errors
        if found and not any(re.match(rf"\*\*{found:,}\*\* of", text) for text in run.markdown):
            errors.append(f"{query} did not show its {found:,} digits")
        runs.append(run)
    return runs, errors


async def turn_pages(port: int, changes: int) -> list[Run]:
    """Turn so many pages of the peer."""
    async with visit(port) as visitor:
        await visitor.open("")
        return [await visitor.open("", f"page={number + 2}") for number in range(changes)]


def main(changes: int) -> int:
    with serve(HOME) as server:
        asyncio.run(open_views(server.port, 3))  # the first visitor loads what all share
        runs, errors = asyncio.run(open_views(server.port, changes))
    with app(_PEER) as script, serve(script) as server:
        peer = asyncio.run(turn_pages(server.port, changes))
    print_series(
        [
            Series("Explore: a view opened", [run.seconds * 1000 for run in runs], "ms", GOAL),
            Series("Explore: sent for it", [run.kilobytes for run in runs], "KB", None, GOAL_KILOBYTES),
            Series("one st.image a digit: a change of page", [run.seconds * 1000 for run in peer], "ms"),
            Series(
                "one st.image a digit: sent for it, pictures apart", [run.kilobytes for run in peer], "KB"
            ),
        ]
    )
    most = max(run.kilobytes for run in runs)
    print(
        f"The most that Explore sent for one change: {most:.0f} KB (goal {GOAL_KILOBYTES}: "
        f"{verdict(most <= GOAL_KILOBYTES)}). Errors: {len(errors)} (goal 0: {verdict(not errors)})."
    )
    for error in errors[:5]:
        print(f"- {error}")
    return 1 if errors else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--changes", type=int, default=50, help="(%(default)s)")
    sys.exit(main(parser.parse_args().changes))
