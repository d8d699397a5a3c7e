"""How pupils come in: the address of their page as a link and as a QR picture."""

import html
import socket
from functools import partial
from urllib.parse import urlsplit

import psutil
import segno
import streamlit as st

from digit_core import classroom, settings
from digit_core.classroom.records import SchoolClass
from digit_core.storage import drawings
from ui.classroom import pupil, teacher
from ui.frame import held, state

_LOCAL = {"localhost", "127.0.0.1", "::1", "0.0.0.0"}
_SCALE = 6  # pixels of a module of a QR code

# Where a host lets no route of ours through, Streamlit's own page answers, with 200: so the body is looked at.
_HEALTH_JS = """
export default function ({ data, setStateValue }) {
    if (data.known !== null) return;
    const tell = (reached) => setStateValue("reached", reached);
    fetch(new URL("join/health", document.baseURI))
        .then((answer) => answer.json()).then((said) => tell(said.join === "ok")).catch(() => tell(false));
}
"""
_health_component = st.components.v2.component("digit_lab_join_health", js=_HEALTH_JS)


def show(found: SchoolClass, key: str) -> None:
    """The code, the link and the QR picture of a class, and at which address of this computer."""
    _choose_base(found, key)
    st.html(_card(found))


def project(found: SchoolClass) -> None:
    """The same, large and without a choice."""
    st.html(f'<div class="big">{_card(found)}</div>')


def _card(found: SchoolClass) -> str:
    shown, link = drawings.shown_code(found.code), _link(found)
    return (
        f'<div class="joining" data-class-code="{found.code}">'
        f'<img class="pixels" alt="QR picture of {html.escape(link)}" src="{qr(link)}">'
        f'<div><p class="code">{shown}</p><p>Scan the picture, or open<br><b>{html.escape(link)}</b></p></div></div>'
    )


def _link(found: SchoolClass) -> str:
    """The address of the pupils' page: its own; or, where the teacher's browser found that closed, the page Class."""
    is_closed = st.session_state.get(state.JOIN_HEALTH) is False
    return f"{base(found)}/{f'Class?{pupil.JOIN}=' if is_closed else 'join/'}{found.code}"


def base(found: SchoolClass) -> str:
    """The address at which the pupils of a class reach this app, without a slash at its end."""
    return found.address or _bases(st.context.url or "")[0]


def qr(text: str) -> str:
    """A QR code as the address of a picture, dark on light in either theme."""
    return segno.make_qr(text).png_data_uri(scale=_SCALE)


def check() -> None:
    """Have this browser look, once in its session, whether the pupils' page can be reached at its own address.

    It puts an invisible element here.
    """
    answer = _health_component(
        key="join-health",
        data={"known": st.session_state.get(state.JOIN_HEALTH)},
        default={"reached": None},
        on_reached_change=lambda: None,
    ).reached
    if isinstance(answer, bool):
        st.session_state[state.JOIN_HEALTH] = answer


def _choose_base(found: SchoolClass, key: str) -> None:
    """On a computer of one's own: ask at which of its addresses the others in the room reach it."""
    own = st.context.url or ""
    if settings.PUBLIC_URL or urlsplit(own).hostname not in _LOCAL:
        return
    chosen = base(found)
    options = list(dict.fromkeys([*_bases(own), chosen]))

    def take(address: str) -> None:
        teacher.attempt(partial(classroom.default().move, key, found.id, address))

    st.selectbox(
        "Address of this computer for pupils",
        options,
        index=options.index(chosen),
        accept_new_options=True,
        **held.by("class address", chosen, take, options),
        help="Pupils' devices must be in the same network. Where none of these works, type another address.",
    )


def _bases(own: str) -> list[str]:
    """Where this app may be reached: DIGIT_PUBLIC_URL, or the address of the teacher's page, or this computer's in its network.

    Args:
        own: the address of the teacher's page; "" where it is not known.
    """
    if settings.PUBLIC_URL:
        return [settings.PUBLIC_URL]
    parts = urlsplit(own or "http://localhost:8501")
    here = f"{parts.scheme}://{parts.netloc}{parts.path.rpartition('/')[0]}"
    if parts.hostname not in _LOCAL:
        return [here]
    port = f":{parts.port}" if parts.port else ""
    return [f"{parts.scheme}://{host}{port}{parts.path.rpartition('/')[0]}" for host in _hosts()] or [here]


def _hosts() -> list[str]:
    """The addresses of this computer in its networks."""
    found = [
        one.address
        for addresses in psutil.net_if_addrs().values()
        for one in addresses
        if one.family == socket.AF_INET
    ]
    return [one for one in found if not one.startswith(("127.", "169.254."))]
