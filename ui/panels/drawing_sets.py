"""The sets of drawings that are open to a visitor: listed, made, joined by their code, left."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import streamlit as st

from digit_core.errors import StoreError
from digit_core.storage import drawings, visitors
from digit_core.storage.drawings import DrawingSet
from ui.frame import address, held, resources, state, words
from ui.panels import teacher_code

FIRST_NAME = "My drawings"
TEACHING = "Your drawings"  # the view of the page Train that teaches them
_MANY_SETS = 0.8 * drawings.MAX_SETS  # from here on the limit is said
_MARK = "✎ "  # before a set's name in lists: no set of the app's own begins so
_ASKING = "Loading your drawing sets …"


def of(who: str | None) -> list[DrawingSet]:
    """The sets that are open to a visitor, the latest first; a sentence on the page, and none, if the store fails."""
    try:
        return [_as_seen_by(who, one) for one in resources.store().drawing_sets.of(who)]
    except StoreError as error:
        st.caption(f":material/error: {error}")
        return []


def given_name(found: DrawingSet) -> str:
    """What somebody has called a set, such as by the class's name; "" for one that began with a first drawing."""
    return "" if found.name == FIRST_NAME else found.name


def _as_seen_by(who: str | None, found: DrawingSet) -> DrawingSet:
    """Nobody else's drawings are called “My drawings”: a set was shared without a name by earlier versions."""
    if found.owner == who or given_name(found):
        return found
    return replace(found, name=f"Drawings {drawings.shown_code(found.code)}")


def _titles(sets: list[DrawingSet]) -> dict[str, str]:
    """What sets are called in a list to choose from, by their id; no two alike."""
    found: dict[str, str] = {}
    for one in sets:
        title, alike = f"{_MARK}{one.name}", 1
        while title in found.values():
            alike += 1
            title = f"{_MARK}{one.name} ({alike})"
        found[one.id] = title
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
    asked = address.chosen(key) or ""
    if asked.startswith(_MARK) and asked not in labels.values():
        name = words.plain(asked.removeprefix(_MARK))
        st.toast(f"You have no set “{name}”: it has another name now, or is gone.", icon=":material/info:")
    chosen = st.selectbox(
        "Digits",
        **address.listed(key, list(labels), named=labels.__getitem__),
        help=f"{explanation} With {_MARK.strip()}: drawings that you or your class kept on the Draw page.",
    )
    return next((one for one in sets if one.id == chosen), chosen)


def _wait_for_visitor(who: str | None, key: str) -> None:
    if who is None and (address.chosen(key) or "").startswith(_MARK.strip()):
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
            _share(chosen, who)
        with st.form("join a set", border=False):
            st.text_input(
                "Code of another person's set",
                key="code typed",
                max_chars=20,
                placeholder="ABCD-2345",
                help="The person who made the set can tell you. You then see its drawings and can add yours.",
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


def _share(found: DrawingSet, who: str | None) -> None:
    """The code of a set, large enough to be copied from the board, once the set has a name that others understand."""
    is_named = bool(given_name(found))
    if is_named:
        st.markdown(
            f"**{words.plain(found.name)}** has {count(found)}. Anyone who types its code can see them and add more:"
        )
        st.code(drawings.shown_code(found.code), language=None)
    else:
        st.markdown(
            f"**{FIRST_NAME}** has {count(found)}. To share it with your class, give it the class's name: you then get a code."
        )
    if not visitors.may_change(found.owner, who, teacher_code.typed()):
        return
    place = f"name of set {found.id} {found.name}"
    with st.form("rename a set", border=False):
        st.text_input(
            "Name of this set",
            given_name(found),
            key=place,
            max_chars=drawings.MAX_NAME_LENGTH,
            placeholder="Class 7b",
        )
        st.form_submit_button(
            "Rename it" if is_named else "Share it",
            icon=":material/edit:" if is_named else ":material/share:",
            on_click=_rename,
            args=(who, found, place),
        )


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


def _attempt_with(key: str, action: Callable[[str], str]) -> None:
    """As `attempt`, with what is typed in a field; nothing where the field is gone."""
    typed = held.told(key)
    if typed is not None:
        attempt(lambda: action(typed))


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
    st.selectbox(
        "Drawings go into",
        list(named),
        index=list(named).index(chosen.id),
        format_func=named.get,
        **held.in_session(state.DRAWING_SET, chosen.id, list(named)),
    )


def _join(who: str) -> None:
    def join(code: str) -> str:
        found = resources.store().drawing_sets.join(who, code)
        st.session_state[state.DRAWING_SET] = found.id
        return f"“{words.plain(_as_seen_by(who, found).name)}” is open to you now: it has {count(found)}."

    _attempt_with("code typed", join)


def _make(who: str) -> None:
    def make(name: str) -> str:
        made = resources.store().drawing_sets.make(who, name)
        st.session_state[state.DRAWING_SET] = made.id
        count = sum(one.owner == who for one in resources.store().drawing_sets.of(who))
        nearly = f" You have made {count} of at most {drawings.MAX_SETS} sets." if count >= _MANY_SETS else ""
        return f"“{words.plain(made.name)}” is made. Its code: {drawings.shown_code(made.code)}{nearly}"

    _attempt_with("set name", make)


def _rename(who: str, found: DrawingSet, place: str) -> None:
    def rename(typed: str) -> str:
        before = _titles(of(who))[found.id]
        resources.store().drawing_sets.rename(who, found.id, typed, teacher_code.typed())
        now = of(who)
        address.renamed(before, _titles(now)[found.id])
        (name,) = (one.name for one in now if one.id == found.id)
        return f"The set is called “{words.plain(name)}” now, for everybody. Its code: {drawings.shown_code(found.code)}"

    _attempt_with(place, rename)


def _leave(who: str, found: DrawingSet) -> None:
    def leave() -> str:
        resources.store().drawing_sets.leave(who, found.id)
        st.session_state.pop(state.DRAWING_SET, None)
        return f"You have left “{words.plain(found.name)}”: its code opens it again."

    attempt(leave)
