import subprocess
import sys
from pathlib import Path

import pytest

from digit_core.settings import PROJECT_FOLDER
from tests import hostile

_TELL = """
libc = ctypes.CDLL(None)
libc.fopen.restype, libc.fclose.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
libc.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
told = libc.fopen(b"/dev/stdout", b"w")
libc.malloc_info(0, told)
libc.fclose(told)
"""
_PROGRAM = f"""
import ctypes, sys, threading
from pathlib import Path
from digit_core.preprocessing import pictures
from ui.frame import memory
memory.give_back()
contents = [Path(path).read_bytes() for path in sys.argv[1:]]
def bring():
    for content in contents:
        pictures.read(content)
threads = [threading.Thread(target=bring) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
lines = Path("/proc/self/status").read_text().splitlines()
anonymous = next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) * 1024 / 1e6
print(anonymous, flush=True)
{_TELL}"""
# As `streamlit run` imports it before anybody comes.
_SERVER = f"""
import ctypes, threading
import Home
from digit_core import load_model, load_mnist
def come():
    load_model("tiny").predict(load_mnist().test.images[:50] / 255)
threads = [threading.Thread(target=come) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
{_TELL}"""


def _run(program: str, *arguments: object) -> str:
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, cwd=PROJECT_FOLDER, capture_output=True, text=True, check=True).stdout


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process its memory")
def test_what_pictures_took_is_given_back_whatever_threads_opened_them(tmp_path: Path) -> None:
    paths = [tmp_path / str(number) for number in range(2)]
    # 25 MB each, below the threshold that glibc comes to by itself.
    paths[0].write_bytes(hostile.png(2_500, 8, 6))
    paths[1].write_bytes(hostile.png(3_500, 16, 0))
    anonymous, _, arenas = _run(_PROGRAM, *paths).partition("\n")
    assert float(anonymous) < 70
    assert arenas.count("<heap nr=") <= 2  # the eight threads had nine


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's")
def test_the_server_asks_for_it_before_it_has_threads() -> None:
    assert _run(_SERVER).count("<heap nr=") <= 2  # those that are there already would stay
