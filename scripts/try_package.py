"""Build the package, check it, and run it away from the checkout: python scripts/try_package.py

It builds the sdist, and the wheel from the sdist, checks both with twine, has pipx run `digit-lab app` from the wheel with an empty
cache and home, and asks /lab/health until it answers. It prints times and sizes. build, twine and pipx are installed into an environment
of its own first, so that only this needs a package index.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_FOLDER))
from scripts.try_commands import wait_until_healthy


def main() -> None:
    """Build, check and run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, "-m", "venv", folder / "tools"], check=True)
        tools = folder / "tools" / "bin"
        subprocess.run([tools / "pip", "install", "--quiet", "build", "twine", "pipx"], check=True)
        began = time.perf_counter()
        subprocess.run(
            [tools / "python", "-m", "build", "--outdir", folder / "dist", PROJECT_FOLDER], check=True
        )
        print(f"{time.perf_counter() - began:7.1f} s  python -m build")
        files = sorted((folder / "dist").iterdir())
        for file in files:
            print(f"{file.stat().st_size / 1e6:7.1f} MB {file.name}")
        subprocess.run([tools / "twine", "check", "--strict", *files], check=True)
        _run(tools / "pipx", next(file for file in files if file.suffix == ".whl"), folder)


def _run(pipx: Path, wheel: Path, folder: Path) -> None:
    """Open the dashboard by pipx, in an empty folder that is its user's home."""
    home, away = folder / "home", folder / "away"
    home.mkdir()
    away.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "DIGIT_", "XDG_"))
    }
    variables = kept | {"HOME": str(home), "PIPX_HOME": str(folder / "pipx")}
    command = [pipx, "run", "--spec", f"{wheel}[app]", "digit-lab", "app"]
    options = ["--server.headless=true", f"--server.port={port}", "--server.address=127.0.0.1"]
    began = time.perf_counter()
    server = subprocess.Popen([*command, *options], cwd=away, env=variables)
    try:
        failure = wait_until_healthy(f"http://127.0.0.1:{port}/lab/health", server)
        print(
            f"{time.perf_counter() - began:7.1f} s  pipx run --spec WHEEL[app] digit-lab app {failure or 'is healthy'}"
        )
    finally:
        server.terminate()
        server.wait()
    size = sum(path.lstat().st_size for path in (folder / "pipx").rglob("*"))
    print(f"{size / 1e6:7.0f} MB what pipx installed")
    if failure:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
