"""Paths of the project, and what the environment says. Read once, changed by nobody."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:
        # A user without one: Docker gives this as home, too, and the store says in a sentence that it may not write there.
        return Path("/")


def user_data_folder(platform: str = sys.platform, environment: Mapping[str, str] = os.environ) -> Path:
    """Where an installed program keeps what is its user's own, such as ~/.local/share/digit-lab.

    Args:
        platform: as `sys.platform` has it.
        environment: variables; LOCALAPPDATA on Windows and XDG_DATA_HOME on Linux name another folder.
    """
    folders = {"win32": ("LOCALAPPDATA", "AppData/Local"), "darwin": ("", "Library/Application Support")}
    variable, usual = folders.get(platform, ("XDG_DATA_HOME", ".local/share"))
    named = Path(environment.get(variable, ""))
    return (named if named.is_absolute() else _home() / usual) / "digit-lab"


_PACKAGE = Path(__file__).resolve().parent
# A wheel has the pages, the data and the models inside the package; in a checkout they lie beside it.
IS_INSTALLED = (_PACKAGE / "_app").is_dir()
PROJECT_FOLDER = _PACKAGE / "_app" if IS_INSTALLED else _PACKAGE.parent
# For what is written while the app runs.
VAR_FOLDER = user_data_folder() if IS_INSTALLED else PROJECT_FOLDER / "var"
MNIST_FILE = PROJECT_FOLDER / "data" / "mnist.npz"
EMBEDDINGS_FILE = PROJECT_FOLDER / "data" / "embeddings.npz"
MEASURES_FILE = PROJECT_FOLDER / "data" / "measures.npz"
MORPHOMETRICS_FILE = PROJECT_FOLDER / "data" / "morphometrics.npz"
MODELS_FOLDER = PROJECT_FOLDER / "models"
# The networks that tell digits from what is none, and one whole digit from parts and pairs.
OOD_FOLDER = MODELS_FOLDER / "out-of-distribution"
SEGMENT_VERIFIER_FOLDER = MODELS_FOLDER / "segment-verifier"
DEFAULT_MODEL_FILE = MODELS_FOLDER / "default.txt"  # one line: the name of the model that the app opens with

# Where the store is. Left empty: a file that does not outlast the disk it is on, as on Streamlit Community Cloud.
DATABASE_URL = (
    os.environ.get("DIGIT_DATABASE_URL", "").strip() or f"sqlite:///{(VAR_FOLDER / 'digitlab.db').as_posix()}"
)

# Trainings: how many at once, on which Dask scheduler (empty: an engine of the app's own), and the code with which a
# teacher steers everybody's runs (empty: nobody does).
RUN_SLOTS = max(1, int(os.environ.get("DIGIT_RUN_SLOTS", "").strip() or "1"))
SCHEDULER = os.environ.get("DIGIT_SCHEDULER", "").strip()
TEACHER_CODE = os.environ.get("DIGIT_TEACHER_CODE", "").strip()

# Pixels: of the canvas that people draw on, and of its pen at first.
CANVAS_SIDE, PEN_WIDTH = 280, 20
# Pixels: of the canvas for a whole number, as high as the other, and of its pen.
WIDE_CANVAS_WIDTH, WIDE_PEN_WIDTH = 900, 14

# Whether visitors may import models that were trained elsewhere. Off by default: anybody's files come in by it.
ALLOWS_UPLOADED_MODELS = os.environ.get("DIGIT_ALLOW_UPLOADED_MODELS", "").strip() == "1"


def search_path() -> str:
    """Where this process finds modules: as PYTHONPATH it lets another one find the same, wherever that starts."""
    folders = [str(Path(entry).absolute()) for entry in sys.path]
    return os.pathsep.join(dict.fromkeys([*folders, str(_PACKAGE.parent)]))


def remedy(script: str) -> str:
    """How to get a shipped file back that is missing or damaged, as a sentence.

    Args:
        script: what makes it in a checkout, such as "scripts/build_mnist.py".
    """
    if IS_INSTALLED:
        return "Install Digit Lab again with: pip install --force-reinstall --no-deps digit-lab"
    return f"Make it again with: python {script}"
