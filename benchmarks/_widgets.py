"""The widgets of a page as its server sent them, and what a browser would say that they hold."""

import json
from typing import Any

from _visitor import Run
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.WidgetStates_pb2 import WidgetState


def widgets_of(run: Run) -> dict[str, Element]:
    """The widgets that were shown, by key."""
    found = {}
    for element in run.elements:
        proto = getattr(element, element.WhichOneof("type"))
        parts = getattr(proto, "id", "").split("-", 2)  # $$ID-HASH-KEY
        if len(parts) == 3:
            found[parts[2]] = element
    return found


def state_of(element: Element, value: Any) -> WidgetState:
    """What a browser says when a widget holds a value.

    Args:
        element: a group of buttons (its value is text or a list of it), a checkbox (bool), a selectbox (its label), a
            slider (a number, or a pair of them), a text input, a button (True: it was pressed), a component of one's own
            (its state, as JSON holds it).
        value: of the widget's kind.

    Raises:
        ValueError: another kind of widget.
    """
    kind = element.WhichOneof("type")
    state = WidgetState(id=getattr(element, kind).id)
    match kind:
        case "button_group":
            state.string_array_value.data.extend([value] if isinstance(value, str) else value)
        case "checkbox":
            state.bool_value = value
        case "selectbox" | "text_input":
            state.string_value = value
        case "button":
            state.trigger_value = value
        case "bidi_component":
            state.json_value = json.dumps(value)
        case "slider":
            state.double_array_value.data.extend(value if isinstance(value, tuple) else [value])
        case _:
            raise ValueError(f"A {kind} is not set here.")
    return state
