"""Runs the page again when its theme changes: what is drawn in the theme's ink would stay in the old one else."""

import streamlit as st

# Streamlit tells of a change only with the next run, and starts none. A browser's dark hours, its settings and the page's
# own menu all end in this colour.
_JS = """
export default function ({ parentElement: root, setTriggerValue }) {
  const look = () => {
    const colour = getComputedStyle(root.host ?? root).getPropertyValue("--st-background-color");
    if (root.seen && root.seen !== colour) setTriggerValue("changed", colour);
    root.seen = colour;
  };
  look();
  const timer = setInterval(look, 500);
  return () => clearInterval(timer);
}
"""
_component = st.components.v2.component("digit_lab_theme", js=_JS)


def follow() -> None:
    """Put an invisible element here that watches the theme: once in a run of a page."""
    _component(key="theme-watcher", on_changed_change=lambda: None)  # without a listener it runs no page
