"""A fault of ours, on a real server: one sentence with a number for the visitor, the rest in the log under that number."""

import asyncio
import re

from benchmarks.server import serve
from benchmarks.visitors import visit
from digit_core.settings import PROJECT_FOLDER
from ui.frame import failures

APP = f"""
import sys
sys.path.insert(0, {str(PROJECT_FOLDER)!r})
import streamlit as st
from ui.frame import failures

if __name__ == "__main__":
    st.title("Still here")
    {{}}["secret"]
else:
    app = st.App(__file__, on_script_error=failures.say)
"""


def test_a_failure_shows_a_sentence_with_a_number_that_stands_in_the_log() -> None:
    async def open_it(port: int) -> tuple[str, list[str]]:
        async with visit(port) as visitor:
            run = await visitor.open("")
            return str(run.elements), run.errors

    with serve(APP) as server:
        shown, errors = asyncio.run(open_it(server.port))
        (sentence,) = errors  # as the benchmarks' visitors count it
        log = server.log.read_text(encoding="utf-8")
    assert sentence.startswith(failures.WORDS)
    assert "Still here" in shown
    assert "KeyError" not in shown and "secret" not in shown and "Traceback" not in shown
    (number,) = re.findall(r"\d{4}-\d{4}", sentence)
    assert f"Failure {number}: KeyError in " in log
    assert "Traceback" in log and "'secret'" in log
