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
LINE_READER_FOLDER = MODELS_FOLDER / "line-reader"
MARK_READER_FOLDER = MODELS_FOLDER / "mark-reader"
# What a killed training of a shipped model is taken up from.
TRAINING_FOLDER = Path(os.environ.get("DIGIT_TRAINING_FOLDER", "").strip() or VAR_FOLDER / "training")
DEFAULT_MODEL_FILE = MODELS_FOLDER / "default.txt"  # one line: the name of the model that the app opens with

# What the environment says that cannot be, a sentence each; the app goes on with what it takes where nothing is said.
PROBLEMS: list[str] = []
_SHORT_CODE = 8  # characters


def whole_number(
    variable: str, default: int, highest: int, environment: Mapping[str, str] = os.environ
) -> int:
    """A number from the environment, 1 to `highest`; where it is none, `default`, and a sentence among PROBLEMS."""
    text = environment.get(variable, "").strip()
    if not text:
        return default
    if text.isascii() and text.isdigit() and 1 <= int(text[:10]) <= highest:
        return int(text)
    PROBLEMS.append(
        f"{variable} must be a whole number from 1 to {highest:,}, not {text[:40]!r}, so {default} is used."
    )
    return default


def is_on(variable: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment says 1; where it says anything but 0 or 1, False, and a sentence among PROBLEMS."""
    text = environment.get(variable, "").strip()
    if text not in ("", "0", "1"):
        PROBLEMS.append(f"{variable} must be 1 or 0, not {text[:40]!r}, so 0 is used.")
    return text == "1"


def weakness(code: str) -> str:
    """A sentence if a teacher's code is so short that it can be guessed, else ""."""
    if not code or len(code) >= _SHORT_CODE:
        return ""
    return f"DIGIT_TEACHER_CODE has only {len(code)} characters, so it can be guessed: choose {_SHORT_CODE} or more."


# Where the store is. Left empty: a file that does not outlast the disk it is on, as on Streamlit Community Cloud.
DATABASE_URL = (
    os.environ.get("DIGIT_DATABASE_URL", "").strip() or f"sqlite:///{(VAR_FOLDER / 'digitlab.db').as_posix()}"
)

# How large it may become.
STORE_MEGABYTES = whole_number("DIGIT_STORE_MEGABYTES", 4_000, 10_000_000)

# Trainings: how many at once on this machine, how many minutes each may take while others wait, on which Dask scheduler
# (empty: an engine of the app's own), and the code with which a teacher steers everybody's runs (empty: nobody does).
RUN_SLOTS = whole_number("DIGIT_RUN_SLOTS", 1, 100)
RUN_MINUTES = whole_number("DIGIT_RUN_MINUTES", 20, 10_000)
SCHEDULER = os.environ.get("DIGIT_SCHEDULER", "").strip()
TEACHER_CODE = os.environ.get("DIGIT_TEACHER_CODE", "").strip()

# How many classes may be open at once, and the address at which pupils reach this app (empty: the one of the teacher's page).
CLASSES = whole_number("DIGIT_CLASSES", 20, 1_000)
PUBLIC_URL = os.environ.get("DIGIT_PUBLIC_URL", "").strip().rstrip("/")
# Seconds for each picture of a class's duel: young pupils may need more.
DUEL_SECONDS = whole_number("DIGIT_DUEL_SECONDS", 10, 600)

# Pixels: of the canvas that people draw on, and of its pen at first.
CANVAS_SIDE, PEN_WIDTH = 280, 20
# Pixels: of the canvas for a whole number, as high as the other, and of its pen.
WIDE_CANVAS_WIDTH, WIDE_PEN_WIDTH = 900, 14

# Whether visitors may import models that were trained elsewhere. Off by default: anybody's files come in by it.
ALLOWS_UPLOADED_MODELS = is_on("DIGIT_ALLOW_UPLOADED_MODELS")


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
