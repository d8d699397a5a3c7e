"""The dashboard of an installation, started in another folder with `digit-lab app`."""

import socket
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests import installation
from tests.browser.conftest import wait_until_healthy
from tests.browser.looks import go_to, settle, visit
from tests.installation import Environment
from ui.frame import failures


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    folder = tmp_path_factory.mktemp("installed")
    environment = installation.install(installation.build_wheel(folder), folder)
    installation.lend_all(environment)
    return environment


@pytest.fixture(scope="module")
def address(installed: Environment) -> Iterator[str]:
    """Of the dashboard, which is told its port as `streamlit run` is."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"]
    process = subprocess.Popen(
        [installed.program("digit-lab"), "app", *options], cwd=installed.away, env=installed.variables
    )
    try:
        wait_until_healthy(f"http://127.0.0.1:{port}", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def test_every_page_opens_and_looks_as_the_project_says(address: str, desktop: Page) -> None:
    """The settings of Streamlit come from the installation, not from the folder where it was started."""
    visit(desktop, f"{address}/", "Digit Lab")
    expect(desktop.get_by_test_id("stApp")).to_have_css("background-color", "rgb(251, 250, 247)")
    for name in ("Explore", "Train", "Evaluate", "Draw", "Inside", "Class", "Home"):
        go_to(desktop, name)
        settle(desktop)
        expect(desktop.get_by_text(failures.WORDS)).to_have_count(0)


def test_it_serves_the_modules_of_the_browsers_network(address: str, desktop: Page) -> None:
    for name in ("live", "inside", "worker"):
        answer = desktop.request.get(f"{address}/app/static/lab/{name}.js")
        assert answer.ok
        assert "javascript" in answer.headers["content-type"]  # else the browser refuses it


def test_what_it_writes_is_in_the_users_folder_and_nothing_in_the_installation(
    address: str, installed: Environment, desktop: Page
) -> None:
    visit(desktop, f"{address}/Train", "Train")
    (database,) = installed.folder.parent.rglob("digitlab.db")
    assert database.parent.name == "digit-lab"
    assert database.is_relative_to(installed.away)
    there = {path for path in (installed.packages / "digit_core").rglob("*") if path.is_file()}
    ours = {installed.packages / file for file in installed.distribution.files or []}
    assert not {path for path in there - ours if "__pycache__" not in path.parts}


def test_the_pupils_page_is_served_with_its_modules(desktop: Page, address: str) -> None:
    desktop.goto(f"{address}/join/abc234")
    expect(desktop.get_by_label("Code on the board")).to_have_value("ABC-234")  # a module put it there
