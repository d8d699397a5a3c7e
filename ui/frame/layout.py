"""How every page starts: its title, the model picker, and what happens once in the life of the server."""

import functools
import gc
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import streamlit as st

from digit_core.errors import DigitError
from digit_core.inference import model_files
from digit_core.storage import run_records
from ui.frame import address, resources, state, theme, words

PAGE_ICON = ":material/edit_square:"  # of the browser's tab
_STYLE = Path(__file__).with_name("style.css")


def start(title: str, promise: str) -> str:
    """Begin a page.

    Args:
        title: of the page.
        promise: one sentence on what can be found out here.

    Returns:
        The name of the model that this visitor uses.
    """
    st.set_page_config(page_title=f"{title} · Digit Lab", page_icon=PAGE_ICON, layout="wide")
    st.html(_STYLE)
    address.enter(title)
    try:
        with st.sidebar:
            model = _pick_model()
        _settle()
    except DigitError as error:
        st.title(title)
        st.error(str(error), icon=":material/error:")
        st.stop()
    theme.follow()
    st.title(title, anchor=False)
    st.markdown(promise)
    return model


def finish() -> None:
    """End a page: its last line."""
    address.leave()


def pick_view(views: Iterable[str], key: str, label: str = "View") -> str:
    """Ask which view of a page, or of a part of it, is to be seen.

    Args:
        views: their names; the first one is shown at first.
        key: of the choice in the session, where a button may have set it before, and in the address.
        label: for those who do not see the buttons.
    """
    return _pick(label, views, **address.bound(key))


def pick_way(label: str, ways: Iterable[str], key: str, **options: Any) -> str:
    """Ask which of several ways is wanted; the choice lasts for the session.

    Args:
        label: for those who do not see the buttons.
        ways: their names; the first one is taken at first.
        key: of the choice in the session.
        options: of `st.segmented_control`.
    """
    return _pick(label, ways, key=key, persist_state="session", **options)


def _pick(label: str, names: Iterable[str], key: str, **options: Any) -> str:
    first, *others = names
    chosen = st.segmented_control(
        label,
        [first, *others],
        default=first,
        required=True,
        key=key,
        label_visibility="collapsed",
        **options,
    )
    return first if chosen is None else chosen  # an address may hold the word with nothing behind it


def open_page(name: str, **words: str) -> None:
    """Go to another page, in the run of a page.

    Args:
        name: of its file in `pages`, without the ending.
        words: of its address.
    """
    # Without query_params Streamlit refuses to leave while the address holds a widget's value (1.67).
    st.switch_page(f"pages/{name}.py", query_params=words)


def ink() -> str:
    """The colour of ink in this visitor's theme: dark on light paper, light on dark."""
    return "#eceae4" if st.context.theme.type == "dark" else "#1c2326"


def paper() -> str:
    """The colour of the paper in this visitor's theme."""
    return "#14191b" if st.context.theme.type == "dark" else "#fbfaf7"


def use_model(name: str) -> None:
    """Make a model the one in use, from a callback: a shipped one's name, or `Run.model`."""
    st.session_state[state.MODEL] = name
    address.choose(address.MODEL, name)


def _pick_model() -> str:
    labels = {name: _label(card) for name, card in resources.cards().items()}
    # A link names the model, so that it opens the same view everywhere; the sidebar's links drop the address's words,
    # so the session knows it, too.
    asked = address.chosen(address.MODEL) or st.session_state.get(state.MODEL)
    labels = words.distinct(labels | _own_labels(asked, known=tuple(labels)))
    st.session_state[state.MODEL] = asked if asked in labels else next(iter(labels))
    chosen = st.selectbox(
        "Model in use",
        list(labels),
        key=state.MODEL,
        persist_state="session",
        on_change=_name_model_in_address,
        format_func=labels.get,
        help="The trained network that reads on every page. The figure is the share of the 10,000 test digits of "
        "MNIST, which it never saw while it learnt, that it reads right; of a network trained here, of the digits it was "
        "chosen on.",
    )
    if chosen != next(iter(labels)) or address.chosen(address.MODEL):
        address.choose(address.MODEL, chosen)
    return chosen


def _own_labels(asked: str | None, known: tuple[str, ...]) -> dict[str, str]:
    """The runs' models that this visitor has used, the one asked for among them: name to label."""
    labels = {}
    for name in dict.fromkeys((*st.session_state.get(state.OWN_MODELS, ()), asked)):
        if name is None or name in known or (run_id := run_records.run_id(name)) is None:
            continue
        try:
            run = resources.runs().get(run_id)
        except DigitError as error:
            st.caption(f":material/info: {words.plain(str(error))}")
            continue
        if run.has_model and run.card is not None:
            labels[name] = f"{run.name} · {_validated(run.card)}"
    st.session_state[state.OWN_MODELS] = tuple(labels)
    return labels


def _label(card: dict[str, Any]) -> str:
    return f"{card['architecture']['title']} · {card['figures']['test']['value']:.1%}"


def _validated(card: dict[str, Any]) -> str:
    digits = "test digits, chosen on them" if card.get("chosen_on_test") else "validation digits"
    return f"{model_files.validation_accuracy(card):.1%} of {digits}"


def _name_model_in_address() -> None:
    address.choose(address.MODEL, st.session_state[state.MODEL])


@functools.lru_cache(maxsize=1)
def _settle() -> None:
    """Load what every visitor needs, then keep it out of the garbage collector's sight, once in the server's life.

    A full collection over our libraries takes longer than answering a stroke; what is frozen is not looked at again.
    """
    resources.mnist()
    resources.classifier(next(iter(resources.cards())))
    gc.collect()
    gc.freeze()
