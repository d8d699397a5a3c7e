"""The real app in a real Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, expect, sync_playwright

from digit_core import settings
from tests.browser import chromium

# Two cores hold the browser, the server and, in some tests, a training as well: a test that waits for less fails now and then.
expect.set_options(timeout=30_000)
_INSTALL = ["apt-get", "--quiet", "install", "--yes", "--no-install-recommends"]
# For what is the same on every screen: the smaller one, under a finger.
ON_A_PHONE = pytest.mark.parametrize("page", ["phone"], indirect=True)
VIEWPORTS = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}


def _unavailable(reason: str) -> None:
    """Skip; or fail where a skipped browser test must not pass for a green one."""
    if os.environ.get("DIGIT_REQUIRE_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)


def _install_chromium() -> None:
    """Debian's packages where that is possible, Playwright's own browser elsewhere."""
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        import fcntl

        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        with Path(tempfile.gettempdir(), "digit-lab-chromium.lock").open("w") as lock:
            # The tests are shared between processes, and apt-get stops where another one runs.
            fcntl.flock(lock, fcntl.LOCK_EX)
            subprocess.run(["apt-get", "--quiet", "update"], env=environment, check=False, timeout=600)
            for name in chromium.NAMES[:2]:
                if (
                    subprocess.run([*_INSTALL, name], env=environment, check=False, timeout=600).returncode
                    == 0
                ):
                    return
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False, timeout=600)


def _launch(playwright: Playwright) -> Browser | None:
    try:
        return chromium.launch(playwright, "--renderer-process-limit=1")
    except Error:
        return None


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for the tests of a file: while it is open an event loop runs in this thread, where others start their own."""
    with sync_playwright() as playwright:
        launched = _launch(playwright)
        if launched is None:
            _install_chromium()
            launched = _launch(playwright)
        if launched is None:
            _unavailable("There is no Chromium here, and it could not be installed.")
        yield launched
        launched.close()


@dataclass(frozen=True)
class App:
    """The running app."""

    address: str
    process_id: int


@contextmanager
def serve(
    script: Path,
    variables: Mapping[str, str] | None = None,
    launcher: Sequence[str] = ("-m", "streamlit", "run"),
    base_path: str = "",
    port: int = 0,
) -> Iterator[App]:
    """Run a script with the project's own settings and code, wherever it lies.

    Args:
        script: of a page.
        variables: of its environment, beside this process's own.
        launcher: what Python is told to run; the script's path and Streamlit's options come behind it.
        base_path: below which it is served, such as "school/lab".
        port: of a server that ran before; 0 for one that is free.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        port = probe.getsockname()[1]
    command = [sys.executable, *launcher, str(script)]
    options = [
        "--server.headless",
        "true",
        "--server.port",
        str(port),
        "--server.address",
        "127.0.0.1",
        "--server.fileWatcherType",
        "none",
        "--server.baseUrlPath",
        base_path,
    ]
    environment = os.environ | {"PYTHONPATH": str(settings.PROJECT_FOLDER)} | dict(variables or {})
    process = subprocess.Popen([*command, *options], cwd=settings.PROJECT_FOLDER, env=environment)
    address = f"http://127.0.0.1:{port}/{base_path}".rstrip("/")
    try:
        wait_until_healthy(address, process)
        yield App(address, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The real app, with a store of its own."""
    database = tmp_path_factory.mktemp("store") / "digitlab.db"
    variables = {"DIGIT_DATABASE_URL": f"sqlite:///{database.as_posix()}"}
    with serve(settings.PROJECT_FOLDER / "Home.py", variables) as running:
        yield running


def wait_until_healthy(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, "the app ended while it started"
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:
                if answer.read() == b"ok":
                    return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the app did not start within a minute")


@pytest.fixture(scope="module")
def profiles(browser: Browser) -> Iterator[Callable[[str], BrowserContext]]:
    """`profiles("phone")`: what the tests of a file share on such a screen: a part of the app's code that was loaded and
    compiled for one of them is so for the next, which halves the opening of a page.
    """
    made: dict[str, BrowserContext] = {}

    def profile(size: str) -> BrowserContext:
        if size not in made:
            is_phone = size == "phone"
            made[size] = browser.new_context(viewport=VIEWPORTS[size], has_touch=is_phone, is_mobile=is_phone)
            made[size].new_page()  # an empty one, with which the process stays
        return made[size]

    yield profile
    for context in made.values():
        context.close()


@contextmanager
def visitor(profile: BrowserContext) -> Iterator[Page]:
    """A page of somebody who was never here: what it leaves in the browser is gone afterwards."""
    page = profile.new_page()
    addresses: set[str] = set()
    page.on("framenavigated", lambda frame: addresses.add(frame.url))
    try:
        yield page
    finally:
        empty, *others = profile.pages
        for other in others:
            other.close()
        profile.clear_cookies()
        session = profile.new_cdp_session(empty)
        for origin in {f"{url.scheme}://{url.netloc}" for url in map(urlsplit, addresses) if url.netloc}:
            session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        session.detach()


@pytest.fixture(params=[pytest.param("desktop", marks=pytest.mark.long), "phone"])
def page(request: pytest.FixtureRequest, profiles: Callable[[str], BrowserContext]) -> Iterator[Page]:
    """A page on a phone, with a touch screen; in `make check-long` on a desktop as well."""
    with visitor(profiles(request.param)) as opened:
        yield opened


@pytest.fixture
def desktop(profiles: Callable[[str], BrowserContext]) -> Iterator[Page]:
    with visitor(profiles("desktop")) as opened:
        yield opened
