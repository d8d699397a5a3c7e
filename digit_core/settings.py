"""Paths of the project, and what the environment says. Read once, changed by nobody."""

from pathlib import Path

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
MNIST_FILE = PROJECT_FOLDER / "data" / "mnist.npz"
MODELS_FOLDER = PROJECT_FOLDER / "models"
DEFAULT_MODEL_FILE = MODELS_FOLDER / "default.txt"  # one line: the name of the model that the app opens with

CANVAS_SIDE, PEN_WIDTH = 280, 20  # pixels: of the canvas that people draw on, and of its pen as it lies ready
