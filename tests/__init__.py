"""The tests of Digit Lab. Whoever imports this works on a database of its own, never on the one that somebody uses in this folder."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_FOLDER = Path(tempfile.mkdtemp(prefix="digit-lab-tests-"))
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
# Before digit_core is imported, which reads it then; for the processes that tests start as well.
os.environ["DIGIT_DATABASE_URL"] = f"sqlite:///{(_FOLDER / 'digitlab.db').as_posix()}"
