"""Choosing one of several things in a component of ours, by mouse, finger or keyboard."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from ui.frame import held

# For such a component's script. One of the things is in the Tab order; keys move from it. `target` is given the key and
# where the focus is, and says where it goes: null for a key that does nothing here, else an index, there or not. A thing's
# name holds what is written on it, for those who say it to choose it.
KEYS_JS = """
function reachable(things, index) {
  things.forEach((thing, other) => { thing.tabIndex = other === index ? 0 : -1; });
}

function moveByKey(event, root, things, target) {
  const at = things.indexOf(root.activeElement), to = at === -1 ? null : target(event.key, at);
  if (to === null || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  if (!things[to] || things[to].disabled) return;
  reachable(things, to);
  things[to].focus();
}

function describe(thing, words, written) {
  thing.title = words;
  thing.setAttribute("aria-label", words.includes(written) ? words : `${words} (${written})`);
}
"""


def show(
    component: Callable[..., Any], key: str, data: dict[str, Any], labels: Sequence[str], chosen: int | None
) -> int | None:
    """Show a component in which one thing can be chosen.

    Args:
        component: its script sends the trigger "chosen": the index of the thing that was chosen and its label.
        key: of the widget; the visitor's session state holds the choice under it until it is returned.
        data: for its script; "chosen" is added to it, the index of the thing that is marked.
        labels: what each thing is, in words.
        chosen: the index of the thing that is marked; None for none. A choice made just now goes before it.

    Returns:
        The index of what was chosen just now, once: the next rerun returns None again, and so does a click on something
        else than what is shown now.
    """
    taken = f"{key} just chosen"

    def take() -> None:
        st.session_state[taken] = held.told_by_component(key, "chosen")

    # Read before it is shown: sent back with the choice before, the outline would jump there and back. Forgotten after it: the next
    # press may end this run while it is shown, and then the run of that press takes both.
    picked = index_of(st.session_state.get(taken), labels)
    component(key=key, data=data | {"chosen": chosen if picked is None else picked}, on_chosen_change=take)
    st.session_state.pop(taken, None)
    return picked


def index_of(message: Any, labels: Sequence[str]) -> int | None:
    """The thing that a browser's message names, if it is shown now, perhaps in another place; the message may be anybody's."""
    if not isinstance(message, dict):
        return None
    index, label = message.get("index"), message.get("label")
    if type(index) is not int:
        return None
    if 0 <= index < len(labels) and labels[index] == label:
        return index
    return labels.index(label) if labels.count(label) == 1 else None
