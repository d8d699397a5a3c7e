import subprocess
import sys
from pathlib import Path

import pytest

from digit_core.settings import PROJECT_FOLDER
from tests import hostile

_PROGRAM = """
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
libc = ctypes.CDLL(None)
libc.fopen.restype, libc.fclose.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
libc.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
told = libc.fopen(b"/dev/stdout", b"w")
print(anonymous, flush=True)
libc.malloc_info(0, told)
libc.fclose(told)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process its memory")
def test_what_pictures_took_is_given_back_whatever_threads_opened_them(tmp_path: Path) -> None:
    paths = [tmp_path / str(number) for number in range(2)]
    # 25 MB each, below the threshold that glibc comes to by itself.
    paths[0].write_bytes(hostile.png(2_500, 8, 6))
    paths[1].write_bytes(hostile.png(3_500, 16, 0))
    run = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *paths],
        cwd=PROJECT_FOLDER,
        capture_output=True,
        text=True,
        check=True,
    )
    anonymous, _, arenas = run.stdout.partition("\n")
    assert float(anonymous) < 70
    assert arenas.count("<heap nr=") <= 2  # the eight threads had nine
