"""The pupil's page as a part of one of Streamlit's: for a host that lets no route of ours through."""

from typing import Any

import streamlit as st

from ui.classroom import messages, page_files
from ui.components import lab
from ui.frame import held, layout, state

JOIN = "join"  # in the address: the code of the class; "" where it is to be typed
_KEY = "pupil page"
_JS = """
export default function ({ data, parentElement: root, setTriggerValue }) {
  const { code, network, reply } = data;
  root.send = (text) => setTriggerValue("message", text);
  root.reply = reply;
  if (!root.page) {
    root.page = import(served("app/static/lab/pupil_component.js"))
      .then(({ open }) => open({ root, code, network: served(network), send: (text) => root.send(text) }));
    root.page.catch(() => {
      root.querySelector("#connection").textContent = "This page needs a browser with JavaScript modules. Load it again, or use another browser.";
    });
  }
  root.page.then((page) => page.hear(root.reply), () => {});
  return () => {
    root.page.then((page) => page.stop(), () => {});
    root.page = null;
  };
}
"""
_html = page_files.HTML.read_text(encoding="utf-8")
_component = st.components.v2.component(
    "pupil_page",
    html=f'<div class="pupil">{_html[_html.index("<header>") : _html.index("</main>")]}</div>',
    css=page_files.CSS.read_text(encoding="utf-8"),
    js=lab.ADDRESS_JS + _JS,
)


def show() -> None:
    """The whole page. The modules are those of /join/CODE; what they send comes as this session's messages."""
    st.set_page_config(page_title="Class · Digit Lab", page_icon=layout.page_icon())
    layout.show_alone()
    st.fragment(_show)({"code": st.query_params[JOIN], "network": lab.file_of(page_files.NETWORK)})


def _show(data: dict[str, Any]) -> None:
    reply = st.session_state.get(state.PUPIL_REPLY)
    _component(key=_KEY, data=data | {"reply": reply}, on_message_change=_hear)


def _hear() -> None:
    """Answer a message. It may be anything: a browser is somebody else's."""
    st.session_state[state.PUPIL_REPLY] = _reply(held.told_by_component(_KEY, "message"))


def _reply(text: object) -> dict[str, Any] | None:
    """What a message is answered, with its mark; None where it is no message.

    Args:
        text: JSON of a list: a number that marks it, and the three arguments of `messages.answer`.
    """
    if not isinstance(text, str):
        return None
    match messages.parsed(text):
        case [int() | float() as mark, str(code), str(action), dict(message)]:
            is_long = len(text) > messages.MAX_BYTES
            status, said = messages.too_long() if is_long else messages.answer(code, action, message)
            return {"mark": mark, "status": status, "said": said}
    return None
