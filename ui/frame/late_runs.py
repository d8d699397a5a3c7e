"""What a page's timer asks for while another page opens.

A button that leads to another page leaves the timers of its own page running in the browser until that hears of the other one. What
such a timer asks for waits until the other page has run; Streamlit then runs a part of the page before, which is no longer there, and
the browser clears the other page for it: it stands empty. So that request is forgotten.
"""

from streamlit.navigation.page import StreamlitPage
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx


def run(page: StreamlitPage) -> None:
    """Run the page that `st.navigation` has found, and forget what then waits for a part of another one."""
    try:
        page.run()
    finally:
        _forget()


def _forget() -> None:
    # The names are private to Streamlit: tests/browser/test_late_runs.py fails when it changes them.
    context = get_script_run_ctx()
    if context is None or context.script_requests is None:
        return
    requests = context.script_requests
    with requests._lock:
        waiting = requests._rerun_data
        is_late = waiting.fragment_id_queue and waiting.page_script_hash != context.page_script_hash
        if requests._state == ScriptRequestType.RERUN and is_late:
            requests._state = ScriptRequestType.CONTINUE
