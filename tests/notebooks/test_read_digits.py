"""The notebook runs from its first cell to its last, in a kernel, as people run it."""

import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from digit_core.settings import PROJECT_FOLDER

SIZE = "EPOCHS, DIGITS = 3, 12_000"


def _run(folder: Path, size: str) -> NotebookNode:
    notebook = nbformat.read(PROJECT_FOLDER / "notebooks" / "read_digits.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") for cell in notebook.cells)  # a diff of pixels says nothing
    (cell,) = (cell for cell in notebook.cells if cell.source == SIZE)
    cell.source = size
    client = NotebookClient(notebook, timeout=280, resources={"metadata": {"path": str(folder)}})
    # Where another test has chosen a backend for this process, the kernel would draw into nothing.
    variables = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    return client.execute(env=variables | {"PYTHONPATH": str(PROJECT_FOLDER)})


def _printed(notebook: NotebookNode) -> str:
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    return "".join(
        output.text for output in outputs if output.output_type == "stream" and output.name == "stdout"
    )


def _accuracy(notebook: NotebookNode) -> float:
    found = re.search(r"mine: ([\d.]+)%", _printed(notebook))
    assert found
    return float(found[1])


def _curves(notebook: NotebookNode) -> list[str]:
    """The pictures that the cell of the training shows in the end."""
    (cell,) = (cell for cell in notebook.cells if "def redraw" in cell.source)
    return [output.data["image/png"] for output in cell.outputs if "image/png" in output.get("data", {})]


def test_it_runs_to_its_end(tmp_path: Path) -> None:
    notebook = _run(tmp_path, "EPOCHS, DIGITS = 1, 2_000")
    assert _accuracy(notebook) > 60
    assert len(_curves(notebook)) == 1  # redrawn in its place
    assert "It's a 7." in notebook.cells[-1].outputs[-1].data["text/plain"]


@pytest.mark.long
def test_it_learns_what_it_says(tmp_path: Path) -> None:
    assert _accuracy(_run(tmp_path, SIZE)) > 97
