"""Paths of the project, and what the environment says. Read once, changed by nobody."""

import os
from pathlib import Path

VERSION = "0.1.0"  # as in pyproject.toml
PROJECT_FOLDER = Path(__file__).resolve().parent.parent
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
    os.environ.get("DIGIT_DATABASE_URL", "").strip()
    or f"sqlite:///{(PROJECT_FOLDER / 'var' / 'digitlab.db').as_posix()}"
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
