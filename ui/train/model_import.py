"""Bring a model that was trained elsewhere: open its file, see what it is, keep it."""

import html
from typing import Any

import streamlit as st

from digit_core import settings
from digit_core.errors import DigitError
from digit_core.inference.model_files import TrainedModel
from digit_core.model_import import sandbox
from ui.frame import layout, resources, state

_OFF = (
    "Models that were trained elsewhere cannot be brought here: it is switched off. Whoever runs Digit Lab switches it "
    "on with `DIGIT_ALLOW_UPLOADED_MODELS=1`."
)
_PROMISE = (
    "Trained a network with a tutorial, on another computer? Bring its file, saved with `model.save('digits.keras')` "
    "or `model.save('digits.h5')`, and it reads here like the others."
)
_HARDLY_READS = 0.5  # of the validation digits: less than this, and something is amiss
_STYLE = """<style>
.imported { overflow-x: auto; }
.imported table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
.imported th, .imported td { text-align: left; padding: .3rem .9rem .3rem 0; white-space: nowrap;
                           border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); }
.imported td:nth-child(2) { white-space: normal; min-width: 7.5rem; }
.imported .number { text-align: right; }
@media (max-width: 640px) { .imported table { font-size: .82rem; } .imported td:first-child { white-space: normal; } .imported th, .imported td { padding-right: .5rem; } }
.imported-figure { font-size: 1.05rem; margin: .3rem 0 .8rem; }
.imported-figure b { font-size: 1.9rem; font-weight: 650; }
</style>"""
_WORDS = {
    "Conv2D": "{filters} filters of {kernel_size[0]} × {kernel_size[1]}",
    "SeparableConv2D": "{filters} filters of {kernel_size[0]} × {kernel_size[1]}, in two steps",
    "DepthwiseConv2D": "windows of {kernel_size[0]} × {kernel_size[1]}, each on one channel",
    "MaxPooling2D": "the largest of each {pool_size[0]} × {pool_size[1]}",
    "AveragePooling2D": "the mean of each {pool_size[0]} × {pool_size[1]}",
    "GlobalAveragePooling2D": "the mean of each whole channel",
    "GlobalMaxPooling2D": "the largest of each whole channel",
    "Flatten": "all numbers in one row",
    "Reshape": "the same numbers in another order of rows",
    "Dense": "{units} neurons",
    "Dropout": "{rate:.0%} silenced while training",
    "SpatialDropout2D": "{rate:.0%} of channels silenced while training",
    "GaussianDropout": "noise while training",
    "AlphaDropout": "{rate:.0%} silenced while training",
    "GaussianNoise": "noise while training",
    "BatchNormalization": "brought to a common size, as seen in training",
    "LayerNormalization": "brought to a common size, digit by digit",
    "Activation": "a curve over each number",
    "ReLU": "relu",
    "LeakyReLU": "leaky relu",
    "ELU": "elu",
    "Softmax": "to probabilities",
    "ZeroPadding2D": "a border of zeros",
    "Rescaling": "each number times {scale:.3g}, plus {offset:.3g}",
}


@st.fragment
def show(visitor: str | None) -> None:
    """The panel: a sentence if it is switched off, else a place for a file and what was found in it.

    Args:
        visitor: whose model it will be, from `ui.components.visitor.identity`; None, before the browser has answered, cannot keep one.
    """
    if not settings.ALLOWS_UPLOADED_MODELS:
        st.markdown(_OFF)
        return
    st.markdown(_PROMISE)
    file = st.file_uploader("A model file, up to 20 MB", type=["keras", "h5", "hdf5"], key="model file")
    if file is None:
        st.session_state.pop(state.UPLOADED_MODEL, None)
        return
    found = st.session_state.get(state.UPLOADED_MODEL)
    if found is None or found["file"] != file.file_id:
        st.session_state.pop(state.UPLOADED_MODEL, None)
        if st.button("Open it", type="primary", icon=":material/folder_open:", key="open model"):
            _open(file.file_id, file.getvalue(), file.name)
        else:
            st.caption(
                "Opening takes about 20 seconds. The file is looked at in a closed room: nothing in it is run."
            )
        return
    _show_figure(found["card"])
    _offer_to_keep(found, visitor)
    _show_network(found["card"]["brought"])


def _open(file_id: str, content: bytes, name: str) -> None:
    """Open a file with its progress in words, and a sentence if it is refused."""
    with st.status("Opening the file …") as status:
        try:
            with resources.runs().taking_room():
                trained = sandbox.read(content, name, lambda word: status.update(label=f"{word} …"))
        except DigitError as error:
            status.update(label="The file was not opened.", state="error", expanded=True)
            st.html(f"<p role='alert'>{html.escape(str(error))}</p>")
            return
        status.update(label="Opened.", state="complete")
    st.session_state[state.UPLOADED_MODEL] = {
        "file": file_id,
        "name": name,
        "files": trained.files,
        "card": trained.card,
        "kept_as": "",
    }
    st.rerun()


def _show_figure(card: dict[str, Any]) -> None:
    share = card["figures"]["validation"]
    st.html(
        f'{_STYLE}<p class="imported-figure"><b>{share["value"]:.1%}</b> of the {share["n"]:,} validation digits read '
        f"right · {card['parameters']:,} parameters · {len(card['brought']['layers'])} layers</p>"
    )
    if share["value"] < _HARDLY_READS:
        st.warning(
            "It reads badly. Perhaps it was saved before it was trained, or it wants its digits in a way that is not "
            "tried here, such as turned on their side.",
            icon=":material/warning:",
        )


def _show_network(imported: dict[str, Any]) -> None:
    st.markdown("\n".join(f"- {remark}" for remark in _remarks(imported)))
    st.html(f'<div class="imported" tabindex="0">{_layer_table(imported["layers"])}</div>')


def _remarks(imported: dict[str, Any]) -> list[str]:
    remarks = [
        f"It wants a digit's pixels {imported['pixels']['words']}. That was found out by trying, on training digits.",
        "If it learnt from all 60,000 training digits of MNIST, as in most tutorials, it has seen these validation digits "
        "before. How well it reads new ones, the test digits tell: see Evaluate.",
        "Whether its settings were chosen on the test digits, nobody here can know.",
    ]
    if imported["ending"] == "sigmoid":
        remarks.insert(
            1, "It judges each digit apart, with a sigmoid: its ten answers are scaled to sum to 100%."
        )
    elif imported["ending"] != "softmax":
        remarks.insert(
            1, "It answers with scores: a softmax was put behind them, which makes probabilities of them."
        )
    return remarks


def _layer_table(layers: list[dict[str, Any]]) -> str:
    rows = []
    for layer in layers:
        words = _WORDS[layer["kind"]].format(**layer["settings"])
        activation = layer["settings"].get("activation", "linear")
        if activation != "linear":
            words = f"{words}, {activation}"
        shape = " × ".join(map(str, layer["output_shape"]))
        rows.append(
            f"<tr><td>{html.escape(layer['name'].replace('_', ' '))}</td><td>{html.escape(words)}</td>"
            f'<td class="number">{shape}</td><td class="number">{layer["parameters"]:,}</td></tr>'
        )
    return (
        "<table><thead><tr><th>layer</th><th>what it does</th><th class='number'>numbers out</th>"
        f"<th class='number'>parameters</th></tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _offer_to_keep(found: dict[str, Any], visitor: str | None) -> None:
    if found["kept_as"]:
        st.success("Kept: it stands among the runs, and everybody can use it.", icon=":material/check:")
        use = {"on_click": layout.use_model, "args": [found["kept_as"]]}
        if st.button("Use it now", icon=":material/smart_toy:", key="use model", **use):
            st.rerun()  # the whole page: the sidebar names the model in use
        return
    name = st.text_input(
        "Its name here",
        sandbox.title(found["name"]),
        max_chars=60,
        key=f"model name {found['file']}",
    )
    if st.button(
        "Keep it", type="primary", icon=":material/save:", disabled=visitor is None, key="keep model"
    ):
        _keep(found, str(visitor), name)


def _keep(found: dict[str, Any], visitor: str, name: str) -> None:
    try:
        run = resources.runs().models.add(TrainedModel(found["files"], found["card"]), visitor, name)
    except DigitError as error:
        st.error(str(error), icon=":material/error:")
        return
    found["files"], found["kept_as"] = {}, run.model
    st.rerun()  # the whole page: the model stands in other parts of it, too
