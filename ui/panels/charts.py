"""Charts and downloads: a figure with the table behind it, and files at the press of a button."""

import mimetypes
from collections.abc import Callable
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

_CONFIG = {"displaylogo": False, "modeBarButtons": [["toImage", "resetScale2d"]]}


def show(figure: go.Figure, description: str, name: str, table: pd.DataFrame | None = None) -> None:
    """A figure; its camera button saves it as PNG, a link as HTML.

    Args:
        figure: what is drawn.
        description: the text for those who do not see it.
        name: of the files, without their endings; unique on the page.
        table: the numbers behind it, for those who would rather read them; none if None.
    """
    config = _CONFIG | {"toImageButtonOptions": {"filename": name, "scale": 2}}
    st.plotly_chart(figure, config=config, key=f"chart {name}", alt=description)
    with st.popover("Numbers and files", icon=":material/table:", type="tertiary"):
        if table is not None:
            st.dataframe(table, hide_index=True)
            csv_button("CSV", table, name)
        download(
            "Figure as HTML",
            lambda: figure.to_html(include_plotlyjs=True),
            f"{name}.html",
            key=f"html {name}",
            help="A page with this figure that opens without internet (5 MB).",
        )
        st.caption("For a picture (PNG), press the camera above the figure.")


def csv_button(label: str, table: pd.DataFrame, name: str) -> None:
    """A button that downloads a table.

    Args:
        label: what stands on it.
        table: without its index.
        name: of the file, without its ending; unique on the page.
    """
    download(label, table.to_csv(index=False), f"{name}.csv", key=f"csv {name}")


def download(
    label: str, content: str | bytes | Callable[[], str | bytes], file_name: str, **options: Any
) -> None:
    """A button that downloads a file; a press runs nothing of the page.

    Args:
        label: what stands on it.
        content: of the file, or what makes it when it is asked for.
        file_name: with its ending.
        options: of `st.download_button`.
    """
    kind = mimetypes.guess_type(file_name)[0] or "application/octet-stream"
    st.download_button(
        label, content, file_name, kind, icon=":material/download:", on_click="ignore", **options
    )
