"""A Streamlit server of one's own, on a free port and with a store of its own, and a browser to look at it."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from playwright.sync_api import Browser, sync_playwright

from digit_core.settings import PROJECT_FOLDER
from tests.browser import chromium

HOME = PROJECT_FOLDER / "Home.py"
HOST = "127.0.0.1"
_MAX_START_SECONDS, _MAX_END_SECONDS = 60, 5


@dataclass(frozen=True)
class Server:
    """A server that answers.

    Attributes:
        port: on 127.0.0.1.
        pid: of its process.
        started: when its process was started, as `time.perf_counter` counts.
        store: the address of its store, which is empty at first.
        log: the file of what it prints.
    """

    port: int
    pid: int
    started: float
    store: str
    log: Path

    def address(self, page: str = "") -> str:
        """The address of a page."""
        return f"http://{HOST}:{self.port}/{page}"

    def get(self, path: str = "") -> bytes:
        """What it answers to a GET.

        Raises:
            OSError: nothing, or another status than success.
        """
        with urllib.request.urlopen(self.address(path), timeout=10) as answer:
            return answer.read()

    def seconds(self) -> float:
        """How long ago it was started."""
        return time.perf_counter() - self.started

    def processor_seconds(self) -> float:
        """The processor time that it has taken so far."""
        times = psutil.Process(self.pid).cpu_times()
        return times.user + times.system

    def anonymous_megabytes(self) -> float:
        """Its memory, as `anonymous_megabytes` has it."""
        return anonymous_megabytes(psutil.Process(self.pid))


@contextmanager
def serve(app: Path | str = HOME, launcher: Sequence[str] = (), database: str = "") -> Iterator[Server]:
    """Run a Streamlit app, with the project's configuration, as long as the block lasts.

    Args:
        app: the script of its first page, or the text of one.
        launcher: a command that becomes the command that follows it, such as `limits.Group.launcher`.
        database: the address of its store; "" for an SQLite file of its own.

    Raises:
        RuntimeError: the server ended at once, or did not answer within a minute; with what it printed last.
    """
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    # Killed politely, this process ends its server as well.
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with tempfile.TemporaryDirectory(prefix="digit-lab-benchmark-") as name:
        folder = Path(name)
        if isinstance(app, str):
            (folder / "app.py").write_text(app, encoding="utf-8")
            app = folder / "app.py"
        store = database or f"sqlite:///{(folder / 'digitlab.db').as_posix()}"
        command = [*launcher, sys.executable, "-m", "streamlit", "run", str(app), "--server.headless=true"]
        command += [f"--server.address={HOST}", f"--server.port={port}", "--server.fileWatcherType=none"]
        variables = os.environ | {"DIGIT_DATABASE_URL": store}
        log = folder / "output.txt"
        with log.open("wb") as output:
            started = time.perf_counter()
            process = subprocess.Popen(
                command, cwd=PROJECT_FOLDER, env=variables, stdout=output, stderr=output
            )
        server = Server(port, process.pid, started, store, log)
        try:
            _wait_until_healthy(server, process)
            yield server
        except Exception as error:
            said = log.read_text(errors="replace")[-2000:]
            error.add_note(f"The server said:\n{said}")
            raise
        finally:
            process.terminate()
            try:
                process.wait(_MAX_END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            signal.signal(signal.SIGTERM, before)


def _wait_until_healthy(server: Server, process: subprocess.Popen) -> None:
    while server.seconds() < _MAX_START_SECONDS and process.poll() is None:
        try:
            server.get("_stcore/health")
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("The server did not start.")


def anonymous_megabytes(process: psutil.Process) -> float:
    """The memory of a process that no file backs (RssAnon of Linux), in MB of 1,000,000 bytes; NaN elsewhere.

    Raises:
        psutil.NoSuchProcess: it has ended.
    """
    memory = process.memory_info()
    return (memory.rss - getattr(memory, "shared", float("nan"))) / 1e6


@contextmanager
def browse() -> Iterator[Browser]:
    """A browser without a window, with an empty profile of its own: the one of the browser tests."""
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        try:
            yield browser
        finally:
            browser.close()
