"""Import a model that was trained elsewhere: open its file, see what it is, keep it."""

import html
from typing import Any

import streamlit as st

from digit_core import model_import, settings
from digit_core.errors import DigitError
from digit_core.inference.model_files import TrainedModel
from ui.frame import layout, resources, state

_OFF = (
    "Importing models that were trained elsewhere is switched off. Whoever runs Digit Lab can switch it on with "
    "`DIGIT_ALLOW_UPLOADED_MODELS=1`."
)
_PROMISE = (
    "Trained a network with a tutorial, on another computer? Import its file, saved with `model.save('digits.keras')` "
    "or `model.save('digits.h5')`, and it reads here like the others."
)
_HARDLY_READS = 0.5  # of the validation digits: with less, something is wrong
_STYLE = """<style>
.imported { overflow-x: auto; }
.imported table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
.imported th, .imported td { text-align: left; padding: .3rem .9rem .3rem 0; white-space: nowrap;
                           border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); }
.imported td:nth-child(2) { white-space: normal; min-width: 7.5rem; }
.imported .number { text-align: right; }
.imported tbody th { font-weight: 400; }
@media (max-width: 640px) { .imported table { font-size: .82rem; } .imported tbody th { white-space: normal; } .imported th, .imported td { padding-right: .5rem; } }
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
    "Reshape": "the same numbers in another shape",
    "Dense": "{units} neurons",
    "Dropout": "{rate:.0%} silenced while training",
    "SpatialDropout2D": "{rate:.0%} of channels silenced while training",
    "GaussianDropout": "noise while training",
    "AlphaDropout": "{rate:.0%} silenced while training",
    "GaussianNoise": "noise while training",
    "BatchNormalization": "normalised as in training",
    "LayerNormalization": "normalised digit by digit",
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
    file = st.file_uploader("A model file, up to 20 MB", type=["keras", "h5", "hdf5"], key="imported file")
    if file is None:
        st.session_state.pop(state.IMPORTED, None)
        return
    found = st.session_state.get(state.IMPORTED)
    if found is None or found["file"] != file.file_id:
        st.session_state.pop(state.IMPORTED, None)
        if st.button("Open it", type="primary", icon=":material/folder_open:", key="open import"):
            _open(file.file_id, file.getvalue(), file.name)
        else:
            st.caption("This takes about 20 seconds. The file is opened in a sandbox; no code in it is run.")
        return
    _show_figure(found["card"])
    _offer_to_keep(found, visitor)
    _show_network(found["card"]["brought"])


def _open(file_id: str, content: bytes, name: str) -> None:
    """Open a file with its progress in words, and a sentence if it is refused."""
    with st.status("Opening the file …") as status:
        try:
            with resources.runs().taking_room():
                trained = model_import.read(content, name, lambda word: status.update(label=f"{word} …"))
        except DigitError as error:
            status.update(label="The file was not opened.", state="error", expanded=True)
            st.html(f"<p role='alert'>{html.escape(str(error))}</p>")
            return
        status.update(label="Opened.", state="complete")
    st.session_state[state.IMPORTED] = {
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
        f"correctly · {card['parameters']:,} parameters · {len(card['brought']['layers'])} layers</p>"
    )
    if share["value"] < _HARDLY_READS:
        st.warning(
            "It reads badly. Perhaps it was saved before it was trained, or it expects its digits in a way that we do not "
            "try, such as turned on their side.",
            icon=":material/warning:",
        )


def _show_network(found: dict[str, Any]) -> None:
    st.markdown("\n".join(f"- {remark}" for remark in _remarks(found)))
    st.html(f'<div class="imported" tabindex="0">{_layer_table(found["layers"])}</div>')


def _remarks(found: dict[str, Any]) -> list[str]:
    remarks = [
        f"It expects pixel values {found['pixels']['words']}. We found that out by trying, on training digits.",
        "If it learnt from all 60,000 training digits of MNIST, as in most tutorials, it has seen these validation digits "
        "before. The test digits show how well it reads new ones: see Evaluate.",
        "We can't tell whether its settings were tuned on the test digits.",
    ]
    if found["ending"] == "sigmoid":
        remarks.insert(
            1, "It scores each digit by itself, with a sigmoid: its ten answers are scaled to sum to 100%."
        )
    elif found["ending"] != "softmax":
        remarks.insert(
            1, "It answers with scores, so a softmax was added, which turns them into probabilities."
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
            f"<tr><th scope='row'>{html.escape(layer['name'].replace('_', ' '))}</th><td>{html.escape(words)}</td>"
            f'<td class="number">{shape}</td><td class="number">{layer["parameters"]:,}</td></tr>'
        )
    return (
        "<table><thead><tr><th scope='col'>layer</th><th scope='col'>what it does</th>"
        "<th scope='col' class='number'>numbers out</th>"
        f"<th scope='col' class='number'>parameters</th></tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _offer_to_keep(found: dict[str, Any], visitor: str | None) -> None:
    if found["kept_as"]:
        st.success("Saved: it is listed among the runs, and everybody can use it.", icon=":material/check:")
        use = {"on_click": layout.use_model, "args": [found["kept_as"]]}
        if st.button("Use it now", icon=":material/smart_toy:", key="use import", **use):
            st.rerun()  # the whole page: the sidebar names the model in use
        return
    name = st.text_input(
        "Its name here",
        model_import.title(found["name"]),
        max_chars=60,
        key=f"import name {found['file']}",
    )
    if st.button(
        "Keep it", type="primary", icon=":material/save:", disabled=visitor is None, key="keep import"
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
