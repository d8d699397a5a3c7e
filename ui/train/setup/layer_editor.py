"""A network put together layer by layer."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import streamlit as st

from digit_core.digits import SIDE
from digit_core.recipes.architectures import ARCHITECTURES, MAX_LAYERS
from digit_core.recipes.layers import ACTIVATIONS, LAYERS, MAX_STRIDES, PADDINGS
from ui.frame import held
from ui.train.setup import draft as drafts
from ui.train.setup import form
from ui.train.setup.draft import Draft

# What a fresh layer has, where its kind has no default.
_FRESH: dict[str, dict[str, Any]] = {
    "convolution": {"filters": 32},
    "dense": {"units": 64},
    "dropout": {"rate": 0.25},
}
_PADDINGS = {"valid": "cut off", "same": "kept"}
# The whole numbers of a layer by kind and field: label, highest value, help.
_NUMBERS = {
    ("convolution", "filters"): ("Filters", 512, "How many patterns it looks for."),
    ("convolution", "size"): ("Window, pixels", SIDE, "The side of its window."),
    ("convolution", "strides"): (
        "Step, pixels",
        MAX_STRIDES,
        "How far its window moves each time (strides): steps of 2 halve the picture and are quicker.",
    ),
    ("pooling", "size"): ("Block, pixels", SIDE, "The side of a block."),
    ("dense", "units"): ("Neurons", 4_096, "How many there are."),
}
_WHAT_IT_DOES = {
    "convolution": "Small windows slide over the picture, each looking for one pattern.",
    "pooling": "Keeps the strongest of each block: a smaller picture of what was found.",
    "flatten": "Puts all numbers of the pictures in one row, for the dense layers after it.",
    "dense": "Neurons, each connected to every number before it.",
    "dropout": "Silences a random share while it learns, so that the network relies on no single neuron.",
}


def edit(draft: Draft) -> None:
    """Change the layers of the network, and name others to run beside it."""
    is_fixed = draft["parent"] is not None
    left, right = st.columns(2, gap="medium")
    with left:
        if draft["network"] == drafts.OWN:
            st.text_input("What it is called", help="The model will have this name.", **form.entry("title"))
        else:
            st.caption(ARCHITECTURES[draft["network"]].description)
    with right:
        _pick_rivals(draft, is_fixed)
    if is_fixed:
        st.caption("A run that continues from learnt weights keeps their network.")
        return
    _pick_layer(draft)
    if draft["layers"]:
        _change_layer(draft)
    else:
        st.caption("Without a layer there is nothing between the pixels and the answer: add one.")
        _add(draft)


def pick_network(draft: Draft) -> None:
    """Choose a network by name."""
    is_fixed = draft["parent"] is not None
    names = [*ARCHITECTURES, *([drafts.OWN] if draft["network"] == drafts.OWN else [])]
    st.selectbox(
        "Network",
        format_func=lambda name: (
            ARCHITECTURES[name].title if name in ARCHITECTURES else "A network of my own"
        ),
        disabled=is_fixed,
        help="The network to train. Change any layer below, and it becomes a network of your own.",
        **form.listed("network", names, depends=is_fixed, then=_take_network),
    )


def _take_network(draft: Draft) -> None:
    if draft["network"] != drafts.OWN:
        layers = drafts.named_layers(draft["network"])
        draft |= {"title": "", "description": "", "layers": layers, "layer": 0}
    draft["rivals"] = [rival for rival in draft["rivals"] if rival != draft["network"]]


def _pick_rivals(draft: Draft, is_fixed: bool) -> None:
    others = [name for name in ARCHITECTURES if name != draft["network"]]
    st.multiselect(
        "Then the same with",
        format_func=lambda name: ARCHITECTURES[name].title,
        max_selections=3,
        disabled=is_fixed,
        placeholder="no other network",
        help="Other networks to train afterwards with the same settings, for comparison.",
        **form.one("rivals", others, is_fixed),
    )


def _pick_layer(draft: Draft) -> None:
    layers = draft["layers"]
    if not layers:
        return
    draft["layer"] = min(draft["layer"], len(layers) - 1)
    st.pills(
        "Layer to change",
        format_func=lambda index: f"{index + 1} {layers[index]['kind'].capitalize()}",
        required=True,
        wrap=True,
        help="The digit goes through them in this order; the answer, ten neurons, always comes last.",
        **form.one("layer", range(len(layers)), [entry["kind"] for entry in layers]),
    )


def _change_layer(draft: Draft) -> None:
    index = draft["layer"]
    entry = draft["layers"][index]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox("Kind", format_func=str.capitalize, width=150, **_listed(entry, "kind", LAYERS))
        _numbers(entry)
    st.caption(_WHAT_IT_DOES[entry["kind"]])
    with st.container(horizontal=True, gap="small"):
        last = len(draft["layers"]) - 1
        st.button("Earlier", icon=":material/arrow_back:", on_click=_move, args=(-1,), disabled=index == 0)
        st.button("Later", icon=":material/arrow_forward:", on_click=_move, args=(1,), disabled=index == last)
        st.button("Remove", icon=":material/delete:", on_click=_remove)
        _add(draft)


def _add(draft: Draft) -> None:
    is_full = len(draft["layers"]) >= MAX_LAYERS
    st.button(
        "Add one after it", icon=":material/add:", on_click=_insert, disabled=is_full, key="setup add layer"
    )


def _numbers(entry: dict[str, Any]) -> None:
    """The settings of one layer."""
    for (kind, field), (label, highest, words) in _NUMBERS.items():
        if kind == entry["kind"]:
            st.number_input(label, 1, highest, width=130, help=words, **_entry(entry, field))
    if "padding" in entry:
        st.selectbox(
            "Edges",
            format_func=_PADDINGS.__getitem__,
            width=130,
            help="Cut off: the picture shrinks, because the window must fit inside. Kept: zeros are added around it (padding).",
            **_listed(entry, "padding", PADDINGS),
        )
    if "rate" in entry:
        st.slider(
            "Share silenced",
            0.0,
            0.95,
            step=0.05,
            format="percent",
            width=220,
            help="Share of the numbers before it that is silenced at each training step.",
            **_entry(entry, "rate"),
        )
    if "activation" in entry:
        st.selectbox(
            "Activation",
            width=130,
            help="What a neuron makes of its sum: relu lets only what is above zero through.",
            **_listed(entry, "activation", _activations(entry["activation"])),
        )


def _activations(current: str) -> list[str]:
    """The choices; "softmax" can be read from a text, but is no good one inside a network."""
    return [*ACTIVATIONS, *({current} - {*ACTIVATIONS})]


def _entry(entry: dict[str, Any], field: str, choices: Sequence[Any] = ()) -> dict[str, Any]:
    """As `form.entry`, for a setting of the layer that is chosen."""
    name = f"layer {entry['kind']} {field}" if field != "kind" else "layer kind"
    value = float(entry[field]) if field == "rate" else entry[field]
    return {"value": value} | held.by(form.key_of(name), value, partial(_take, field), choices)


def _listed(entry: dict[str, Any], field: str, options: Iterable[str]) -> dict[str, Any]:
    """As `form.listed`, for a setting of the layer that is chosen."""
    names = list(options)
    found = _entry(entry, field, names)
    return found | {"options": names, "index": names.index(found.pop("value"))}


def _take(field: str, value: Any) -> None:
    draft = form.current()
    chosen = draft["layers"][draft["layer"] :][:1]
    if not chosen or field not in chosen[0]:
        return  # a press on a layer of the network that stood there before, while another one was on its way
    drafts.own(draft)
    if field == "kind":
        draft["layers"][draft["layer"]] = _fresh(value)
    else:
        draft["layers"][draft["layer"]][field] = round(value, 4) if field == "rate" else value


def _move(step: int) -> None:
    draft = form.current()
    drafts.own(draft)
    index, layers = draft["layer"], draft["layers"]
    layers[index], layers[index + step] = layers[index + step], layers[index]
    draft["layer"] += step


def _remove() -> None:
    draft = form.current()
    drafts.own(draft)
    del draft["layers"][draft["layer"]]
    draft["layer"] = max(0, draft["layer"] - 1)


def _insert() -> None:
    draft = form.current()
    drafts.own(draft)
    layers, index = draft["layers"], draft["layer"]
    # Of the kind that fits there without a thought: behind a row of numbers a dense layer, else a convolution.
    is_row = any(entry["kind"] == "flatten" for entry in layers[: index + 1])
    kind = "dense" if is_row else "convolution" if layers else "flatten"
    draft["layer"] = index + 1 if layers else 0
    layers.insert(draft["layer"], _fresh(kind))


def _fresh(kind: str) -> dict[str, Any]:
    return {"kind": kind, **asdict(LAYERS[kind](**_FRESH.get(kind, {})))}
