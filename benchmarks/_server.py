"""A Streamlit server of one's own on a free port: started, waited for, looked into, and ended whatever happens."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
HOME = PROJECT_FOLDER / "Home.py"
HOST = "127.0.0.1"
_LONGEST_START, _LONGEST_END = 60, 5  # seconds
_POLL = 0.02  # seconds between two looks at a server that starts


@dataclass(frozen=True)
class Server:
    """A server that answers.

    Attributes:
        port: on 127.0.0.1.
        pid: of its process.
        started: when its process was started, as `time.perf_counter` counts.
        healthy_seconds: from then until it answered "ok" at /_stcore/health.
    """

    port: int
    pid: int
    started: float
    healthy_seconds: float

    def address(self, page: str = "") -> str:
        """The address of a page."""
        return f"http://{HOST}:{self.port}/{page}"


@contextmanager
def serve(script: Path, variables: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run a Streamlit script, with the project's configuration, as long as the block lasts.

    Args:
        script: of the first page.
        variables: of its environment, beside this process's own.

    Raises:
        RuntimeError: the server ended at once, or did not answer within a minute; with what it printed last.
    """
    port = _free_port()
    options = {
        "server.headless": "true",
        "server.address": HOST,
        "server.port": str(port),
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += [f"--{name}={value}" for name, value in options.items()]
    # Killed politely, this process ends its server as well.
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=PROJECT_FOLDER,
            env=os.environ | dict(variables or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:
            _wait_until_healthy(process, port, output)
            yield Server(port, process.pid, started, time.perf_counter() - started)
        except Exception as error:
            if process.poll() is not None:
                error.add_note(
                    f"The server had ended with status {process.returncode}. {_last_words(output)}"
                )
            raise
        finally:
            _end(process)
            signal.signal(signal.SIGTERM, before)


@contextmanager
def app(source: str) -> Iterator[Path]:
    """A Streamlit app of a few lines in a folder of its own: a script to `serve`."""
    with tempfile.TemporaryDirectory(prefix="digit-lab-benchmark-") as folder:
        script = Path(folder) / "app.py"
        script.write_text(source, encoding="utf-8")
        yield script


def anonymous_megabytes(pid: int) -> float:
    """The memory of a process that no file backs (RssAnon of Linux), in MB of 1,000,000 bytes; NaN elsewhere."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return float("nan")
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return int(lines["RssAnon"].split()[0]) * 1024 / 1e6


def fetch_status(port: int, path: str) -> int:
    """The status of a GET."""
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def _wait_until_healthy(process: subprocess.Popen, port: int, output: IO[bytes]) -> None:
    deadline = time.perf_counter() + _LONGEST_START
    while time.perf_counter() < deadline and process.poll() is None:
        try:
            if fetch_status(port, "/_stcore/health") == http.HTTPStatus.OK:
                return
        except OSError:
            time.sleep(_POLL)
    raise RuntimeError(f"The server did not start. {_last_words(output)}")


def _last_words(output: IO[bytes]) -> str:
    output.seek(0)
    return f"It said:\n{output.read()[-2000:].decode(errors='replace')}"


def _end(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(_LONGEST_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
