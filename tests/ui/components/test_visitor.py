"""Who visits is told once a session."""

from tests.app_pages import open_function, run

ANN, BEN = "a" * 32, "b" * 32


def _page() -> None:
    import streamlit as st

    from ui.components import visitor

    st.text(visitor.identity())


def test_a_session_keeps_the_first_id_that_its_browser_tells() -> None:
    """One connection is one visitor, with one place in the queue and one vote, however many ids it makes up."""
    page = open_function(_page)
    for told in (ANN, BEN):
        page.session_state["browser-keeps-visitor"] = {"id": told}
        assert [text.value for text in run(page).text] == [ANN]
