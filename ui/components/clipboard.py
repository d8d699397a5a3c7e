"""Pictures from the clipboard: pasted by keys anywhere on the page, by a long press on a phone, or by a button."""

import base64
import binascii
from typing import Any

import streamlit as st

MAX_PICTURES = 10  # pictures in one go
MAX_BYTES = 10_000_000  # of them all together; .streamlit/config.toml has what fits into a message

_HTML = """
<div class="row">
  <div class="place" contenteditable="true" role="textbox" tabindex="0" spellcheck="false" inputmode="none"
       aria-label="Paste a picture here with Ctrl and V, or with a long press"></div>
  <button type="button" class="button" hidden>Paste</button>
</div>
<p class="said" role="status" aria-live="polite"></p>
"""

_CSS = """
.row { display: flex; gap: .5rem; align-items: stretch; }
.place { flex: 1; min-height: 44px; box-sizing: border-box; padding: 10px 14px; border-radius: .6rem; overflow: hidden;
         border: 1px dashed color-mix(in srgb, var(--st-text-color) 40%, transparent); font: 0.95rem/1.5 var(--st-font);
         color: var(--st-text-color); caret-color: transparent; height: 44px; }
.place::before { content: "Or paste a picture here (Ctrl+V)"; opacity: .8; }
.place:focus { outline: 3px solid var(--st-primary-color); outline-offset: 1px; }
.button { min-height: 44px; padding: 0 1rem; border-radius: .6rem; cursor: pointer; font: 0.95rem/1.5 var(--st-font);
          color: var(--st-text-color); background: var(--st-background-color);
          border: 1px solid color-mix(in srgb, var(--st-text-color) 25%, transparent); }
.button:focus-visible { outline: 3px solid var(--st-primary-color); }
.said:empty { display: none; }
.said { margin: 4px 0 0; font: 0.9rem/1.4 var(--st-font); color: var(--st-text-color); }
"""

# Clipboards name every picture "image.png". The button needs HTTPS or this computer: elsewhere there is no such reading.
_JS = """
function asText(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = reject;
    reader.readAsDataURL(blob);
  });
}

async function send(files, root) {
  const said = root.querySelector(".said"), { most, max_bytes } = root.limits;
  said.textContent = "";
  if (!files.length) { said.textContent = "There is no picture in the clipboard: copy one first."; return; }
  const total = files.reduce((sum, file) => sum + file.size, 0);
  if (files.length > most || total > max_bytes) {
    said.textContent = `That is too much at once: up to ${most} pictures and ${max_bytes / 1e6} MB can be pasted.`;
    return;
  }
  said.textContent = "Sending the picture …";
  const sent = await Promise.all(files.map(async (file) => ({ name: file.name ?? "pasted", data: await asText(file) })));
  root.send(sent);
  said.textContent = "";
}

async function fromButton(root) {
  try {
    const files = [];
    for (const item of await navigator.clipboard.read())
      for (const type of item.types) if (type.startsWith("image/")) { files.push(await item.getType(type)); break; }
    await send(files, root);
  } catch (refused) {
    root.querySelector(".said").textContent = "The browser did not allow it: press Ctrl+V instead.";
  }
}

export default function ({ data, parentElement: root, setTriggerValue }) {
  root.limits = data;
  root.send = (pictures) => setTriggerValue("pasted", pictures);
  if (!root.onPaste) {
    const place = root.querySelector(".place"), button = root.querySelector(".button");
    root.onPaste = (event) => {
      const target = event.composedPath()[0];
      const isElsewhere = target !== place && (target.isContentEditable || /^(INPUT|TEXTAREA)$/.test(target.tagName));
      const files = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith("image/"));
      if (isElsewhere || (!files.length && target !== place)) return;
      event.preventDefault();
      send(files, root);
    };
    place.onbeforeinput = (event) => event.preventDefault();
    button.hidden = !navigator.clipboard?.read;
    button.onclick = () => fromButton(root);
    document.addEventListener("paste", root.onPaste);
  }
  return () => { document.removeEventListener("paste", root.onPaste); root.onPaste = null; };
}
"""
_component = st.components.v2.component("digit_lab_paste", html=_HTML, css=_CSS, js=_JS)


def pictures(key: str) -> list[bytes]:
    """A place to paste pictures.

    Args:
        key: of the widget.

    Returns:
        The files that were pasted just now, once; mostly none. They may be anything: a browser is somebody else's.
    """
    data = {"most": MAX_PICTURES, "max_bytes": MAX_BYTES}
    # Streamlit gives a component's value only where someone listens for its change.
    return _contents(_component(key=key, data=data, on_pasted_change=lambda: None).pasted)


def _contents(message: Any) -> list[bytes]:
    """The files of a message; what is no file in it is left out."""
    contents = []
    for item in message[:MAX_PICTURES] if isinstance(message, list) else ():
        text = item.get("data") if isinstance(item, dict) else None
        if not isinstance(text, str) or len(text) > MAX_BYTES * 4 // 3 + 4:
            continue
        try:
            contents.append(base64.b64decode(text, validate=True))
        except (ValueError, binascii.Error):
            continue
    return contents
