"""The network in the browser: where a component's script finds its modules, and a model's file."""

from streamlit import runtime

from ui.frame import resources

# For such a component's script: the address of something that Streamlit serves. It may do so below a path that only the
# browser knows, as on Community Cloud; its own script's address tells. tests/browser/test_live.py fails when that changes.
ADDRESS_JS = """
function served(path) {
  const script = document.querySelector('script[src*="/static/js/"]');
  return new URL(path.replace(/^\\//, ""), script ? new URL("../../", script.src) : document.baseURI).href;
}
"""


_MEASURED = 1_000  # test digits that a browser measures with


def file_of_digits() -> str:
    """Where the first 1,000 test digits are, for `served`: as `file_of`. Their labels, then their pixels, uint8."""
    test = resources.mnist().test
    content = test.labels[:_MEASURED].tobytes() + test.images[:_MEASURED].tobytes()
    return runtime.get_instance().media_file_mgr.add(content, "application/octet-stream", "test digits")


def file_of(model: str) -> str:
    """Where a model's file for the browser is, for `served`: as long as this visitor's page, in whose run it is called, is open.

    It goes the way of Streamlit's own pictures, since a route of ours is not there with every launcher and below every path.

    Raises:
        ModelError: the browser cannot run the model.
        RunError: there is no such model.
    """
    files = runtime.get_instance().media_file_mgr
    return files.add(resources.browser_network(model), "application/octet-stream", f"network of {model}")
