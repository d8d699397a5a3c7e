"""Paths of the project, and what the environment says. Read once, changed by nobody."""

import os
from pathlib import Path

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
MNIST_FILE = PROJECT_FOLDER / "data" / "mnist.npz"
MAPS_FILE = PROJECT_FOLDER / "data" / "maps.npz"
MEASURES_FILE = PROJECT_FOLDER / "data" / "measures.npz"
TRAITS_FILE = PROJECT_FOLDER / "data" / "traits.npz"
MODELS_FOLDER = PROJECT_FOLDER / "models"
WHOLENESS_FOLDER = MODELS_FOLDER / "wholeness"  # the network that knows where one digit ends
LIKENESS_FOLDER = MODELS_FOLDER / "likeness"  # the network that tells digits from what is none
DEFAULT_MODEL_FILE = MODELS_FOLDER / "default.txt"  # one line: the name of the model that the app opens with

# Where the store is. Left empty: a file that does not outlast the disk it is on, as on Streamlit Community Cloud.
DATABASE_URL = (
    os.environ.get("DIGIT_DATABASE_URL", "").strip()
    or f"sqlite:///{(PROJECT_FOLDER / 'var' / 'digitlab.db').as_posix()}"
)

# Trainings: how many at once, on which Dask scheduler (empty: an engine of the app's own), and the code with which a
# teacher steers everybody's runs (empty: nobody does).
RUN_SLOTS = max(1, int(os.environ.get("DIGIT_RUN_SLOTS", "").strip() or "1"))
SCHEDULER = os.environ.get("DIGIT_SCHEDULER", "").strip()
TEACHER_CODE = os.environ.get("DIGIT_TEACHER_CODE", "").strip()

CANVAS_SIDE, PEN_WIDTH = 280, 20  # pixels: of the canvas that people draw on, and of its pen as it lies ready
WIDE_CANVAS_WIDTH, WIDE_PEN_WIDTH = (
    900,
    14,
)  # pixels: of the canvas for a whole number, as high as the other, and of its pen

# Whether visitors may import models that were trained elsewhere. Off by default: anybody's files come in by it.
ALLOWS_UPLOADED_MODELS = os.environ.get("DIGIT_ALLOW_UPLOADED_MODELS", "").strip() == "1"
