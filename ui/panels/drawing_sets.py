"""The sets of drawings that are open to a visitor: listed, made, joined by their code, left."""

from collections.abc import Callable, Mapping

import streamlit as st

from digit_core.errors import StoreError
from digit_core.storage import drawings
from digit_core.storage.drawings import DrawingSet
from ui.frame import address, resources, state, words

FIRST_NAME = "My drawings"
TEACHING = "Your drawings"  # the view of the page Train that teaches them
_MARK = "✎ "  # before a set's name in lists: no set of the app's own begins so
_ASKING = "One moment: this browser is asked which sets of drawings are open to it."


def of(who: str | None) -> list[DrawingSet]:
    """The sets that are open to a visitor, the latest first; a sentence on the page, and none, if the store fails."""
    try:
        return resources.store().drawing_sets.of(who)
    except StoreError as error:
        st.caption(f":material/error: {error}")
        return []


def _titles(sets: list[DrawingSet]) -> dict[str, str]:
    """What sets are called in a list to choose from, by their id; no two alike."""
    found: dict[str, str] = {}
    for one in sets:
        alike = sum(other.startswith(_MARK + one.name) for other in found.values())
        found[one.id] = f"{_MARK}{one.name}" + (f" ({alike + 1})" if alike else "")
    return found


def choose(
    who: str | None, sets: list[DrawingSet], others: Mapping[str, str], key: str, explanation: str
) -> str | DrawingSet:
    """Ask which digits are meant: some of the app's own, or a set of drawings.

    Args:
        who: the visitor, None before the browser has answered: where the address asks for a set of drawings the page then
            waits, for no list has it yet.
        sets: those that are open to this visitor.
        others: of the app's own digits the title by name.
        key: of the list, in the session and in the address.
        explanation: what these digits are; how drawings are marked is said after it.

    Returns:
        A name among `others`, or the set.
    """
    _wait_for_visitor(who, key)
    labels = {**others, **_titles(sets)}
    chosen = st.selectbox(
        "Digits",
        list(labels),
        format_func=labels.get,
        **address.bound(key),
        help=f"{explanation} With {_MARK.strip()}: drawings that you or your class kept on the page Draw.",
    )
    return next((one for one in sets if one.id == chosen), chosen)


def _wait_for_visitor(who: str | None, key: str) -> None:
    if who is None and st.query_params.get(key, "").startswith(_MARK.strip()):
        st.caption(_ASKING)
        st.stop()


def current(sets: list[DrawingSet]) -> DrawingSet | None:
    """The set that this visitor chose last, or the latest; None without any."""
    chosen = st.session_state.get(state.DRAWING_SET)
    return next((one for one in sets if one.id == chosen), next(iter(sets), None))


def manage(sets: list[DrawingSet], who: str | None, *, chooses: bool = True) -> None:
    """What can be done about sets, in a popover: which one drawings go into, its code, another one, one of others.

    Args:
        sets: those that are open to this visitor.
        who: the visitor; None, before the browser has answered, can do nothing.
        chooses: whether one of them is chosen here; elsewhere a list of the page does that.
    """
    chosen = current(sets)
    with st.popover("Sets and codes", icon=":material/groups:"):
        if chosen is not None:
            if chooses and len(sets) > 1:
                _choose(sets, chosen)
            show_code(chosen)
        with st.form("join a set", border=False):
            st.text_input(
                "Code of somebody's set",
                key="code typed",
                max_chars=20,
                placeholder="ABCD-2345",
                help="Who made the set tells you. You then see its drawings and add yours.",
            )
            st.form_submit_button(
                "Join", icon=":material/login:", on_click=_join, args=(who,), disabled=not who
            )
        with st.form("make a set", border=False):
            st.text_input(
                "Name of a new set",
                key="set name",
                max_chars=drawings.MAX_NAME_LENGTH,
                placeholder="Class 7b",
            )
            st.form_submit_button(
                "Make it", icon=":material/add:", on_click=_make, args=(who,), disabled=not who
            )
        if chosen is not None and chosen.owner != who:
            st.button(
                f"Leave {chosen.name}",
                icon=":material/logout:",
                key="leave set",
                on_click=_leave,
                args=(who, chosen),
            )


def show_code(found: DrawingSet) -> None:
    """The code of a set, large enough to be copied from the board."""
    st.markdown(
        f"**{words.plain(found.name)}** has {count(found)}. Whoever types its code sees them and adds more:"
    )
    st.code(drawings.shown_code(found.code), language=None)


def count(found: DrawingSet) -> str:
    """How many drawings a set has, in words."""
    return (
        "no drawing yet"
        if not found.count
        else "1 drawing"
        if found.count == 1
        else f"{found.count:,} drawings"
    )


def say_news() -> None:
    """Say once what the last press did, or why it did nothing."""
    if failure := st.session_state.pop(state.SET_FAILURE, ""):
        st.warning(failure, icon=":material/error:")
    if news := st.session_state.pop(state.SET_NEWS, ""):
        st.success(news, icon=":material/check:")


def attempt(action: Callable[[], str]) -> None:
    """Do what a press asks for, in a callback; its sentence, or that of its failure, is said by `say_news`."""
    try:
        st.session_state[state.SET_NEWS] = action()
    except StoreError as error:
        st.session_state[state.SET_FAILURE] = str(error)


def make_first(who: str) -> DrawingSet:
    """The set that a visitor's first drawing goes into.

    Raises:
        StoreError: it cannot be made.
    """
    made = resources.store().drawing_sets.make(who, FIRST_NAME)
    st.session_state[state.DRAWING_SET] = made.id
    return made


def _choose(sets: list[DrawingSet], chosen: DrawingSet) -> None:
    named = _titles(sets)
    key = "drawings go into"
    st.session_state[key] = chosen.id

    def take() -> None:
        st.session_state[state.DRAWING_SET] = st.session_state[key]

    st.selectbox("Drawings go into", list(named), format_func=named.get, key=key, on_change=take)


def _join(who: str) -> None:
    def join() -> str:
        found = resources.store().drawing_sets.join(who, st.session_state["code typed"])
        st.session_state[state.DRAWING_SET] = found.id
        return f"“{words.plain(found.name)}” is open to you now: it has {count(found)}."

    attempt(join)


def _make(who: str) -> None:
    def make() -> str:
        made = resources.store().drawing_sets.make(who, st.session_state["set name"])
        st.session_state[state.DRAWING_SET] = made.id
        return f"“{words.plain(made.name)}” is made. Its code: {drawings.shown_code(made.code)}"

    attempt(make)


def _leave(who: str, found: DrawingSet) -> None:
    def leave() -> str:
        resources.store().drawing_sets.leave(who, found.id)
        st.session_state.pop(state.DRAWING_SET, None)
        return f"You have left “{words.plain(found.name)}”: its code opens it again."

    attempt(leave)
