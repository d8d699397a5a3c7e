"""How every page starts: its title, the model picker, and what happens once in the life of the server."""

import functools
import gc
import html
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import streamlit as st

from digit_core import settings
from digit_core.errors import DigitError
from digit_core.inference import model_files
from digit_core.storage import run_records
from ui.frame import address, data_url, held, resources, state, theme, words

_STYLE = Path(__file__).with_name("style.css")
# Both drawn by scripts/build_icons.py.
_ICON, _LOGO = (Path(__file__).with_name(name) for name in ("icon.png", "logo.svg"))
_ALONE = """<style>[data-testid="stSidebar"], [data-testid="stHeader"], [data-testid="stExpandSidebarButton"] {
display: none !important; }</style>"""
_INK = "#1c2326"  # on light paper, in the logo's file as well


def start(title: str, promise: str) -> str:
    """Begin a page.

    Args:
        title: of the page.
        promise: one sentence on what can be found out here.

    Returns:
        The name of the model that this visitor uses.
    """
    st.set_page_config(page_title=f"{title} · Digit Lab", page_icon=page_icon(), layout="wide")
    st.logo(_logo(ink()), size="large")
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
    for sentence in settings.PROBLEMS:
        st.warning(sentence, icon=":material/build:")
    reader = html.escape(words.plain(resources.model_title(model)))
    st.markdown(f'{promise} <span class="reader">In use: <b>{reader}</b></span>', unsafe_allow_html=True)
    if st.session_state.pop(state.NOW_IN_USE, False):
        st.toast(f"Now in use: {words.plain(resources.model_title(model))}", icon=":material/check_circle:")
    return model


@functools.cache
def page_icon() -> str:
    """The icon of the browser's tab, as an address that asks no server: one of Streamlit's own names has Google asked."""
    return data_url.of(_ICON.read_bytes())


@functools.cache
def _logo(colour: str) -> str:
    """The logo as SVG, with the name in this colour."""
    return _LOGO.read_text(encoding="utf-8").replace(_INK, colour)


def show_alone() -> None:
    """Take out of sight what stands around a page: the list of pages and the header."""
    st.html(_ALONE)


def finish() -> None:
    """End a page: its last line."""
    address.leave()


def pick_view(views: Iterable[str], key: str, label: str = "View") -> str:
    """Ask which view of a page, or of a part of it, is to be seen.

    Args:
        views: their names; the first one is shown where the address names none of them.
        key: of the choice in the address, where a button may have put it before with `address.choose`.
        label: for those who do not see the buttons.
    """
    return _pick(label, **address.one(key, list(views)))


def pick_way(
    label: str, ways: Iterable[str], key: str, then: Callable[[], None] | None = None, **options: Any
) -> str:
    """Ask which of several ways is wanted; the choice lasts for the session.

    Args:
        label: for those who do not see the buttons.
        ways: their names; the first one is taken at first.
        key: of the choice in the session, where anything else may have put it before.
        then: what else a change does.
        options: of `st.segmented_control`.
    """
    names = list(ways)
    chosen = st.session_state.get(key)
    way = chosen if chosen in names else names[0]
    return _pick(
        label, options=names, default=way, wrap=True, **held.in_session(key, way, names, then=then), **options
    )


def _pick(label: str, **options: Any) -> str:
    return st.segmented_control(label, required=True, label_visibility="collapsed", **options)


def open_page(name: str, **words: str) -> None:
    """Go to another page, in the run of a page.

    Args:
        name: of its file in `pages`, without the ending.
        words: of its address.
    """
    st.switch_page(f"pages/{name}.py", query_params=words)


def ink() -> str:
    """The colour of ink in this visitor's theme: dark on light paper, light on dark."""
    return "#eceae4" if st.context.theme.type == "dark" else _INK


def paper() -> str:
    """The colour of the paper in this visitor's theme."""
    return "#14191b" if st.context.theme.type == "dark" else "#fbfaf7"


def use_model(name: str) -> None:
    """Make a model the one in use, from a callback: a shipped one's name, or `Run.model`. The page says so."""
    st.session_state[state.MODEL] = name
    st.session_state[state.NOW_IN_USE] = True
    address.choose(address.MODEL, name)


def _pick_model() -> str:
    labels = {name: _label(card) for name, card in resources.cards().items()}
    # A link names the model, so that it opens the same view everywhere; the sidebar's links drop the address's words,
    # so the session knows it, too.
    asked = address.chosen(address.MODEL) or st.session_state.get(state.MODEL)
    labels = words.distinct(labels | _own_labels(asked, known=tuple(labels)))
    names = list(labels)
    in_use = st.session_state[state.MODEL] = asked if asked in names else names[0]
    chosen = st.selectbox(
        "Model in use",
        names,
        index=names.index(in_use),
        format_func=labels.get,
        **held.in_session(state.MODEL, in_use, names, then=_name_model_in_address),
        help="The trained network that reads on every page. The figure is the share that it reads correctly: of MNIST's "
        "10,000 test digits, which it never saw while it learnt, or, for a network trained here, of the digits it was "
        "chosen on.",
    )
    if chosen != names[0] or address.chosen(address.MODEL):
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
