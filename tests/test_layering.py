"""Arrows point down only: pages to ui to digit_core, and inside the core as ALLOWED has them."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from digit_core.settings import PROJECT_FOLDER

CORE = PROJECT_FOLDER / "digit_core"
MODULES = {path.stem for path in CORE.glob("*.py")} - {"__init__"}
KERAS_MODULES = {
    "distillation",
    "networks",
    "training",
    "steered_run",
    "probes",
    "backups",
    "batches",
    "conversion",
    "opening",
    "rebuilding",
    "weight_files",
}  # imported by workers, the command line and tests only
HEAVY = {"tensorflow", "keras", "h5py"}
WEB = sorted(
    [
        PROJECT_FOLDER / "Home.py",
        *(PROJECT_FOLDER / "pages").glob("*.py"),
        *(PROJECT_FOLDER / "ui").rglob("*.py"),
    ]
)

# What each module of the core may import of it, functions' own imports included; errors and settings all may. A new
# module is put in here, with as few as it needs.
ALLOWED = {
    "errors": set(),
    "settings": set(),
    "figures": set(),
    "array_files": set(),
    "connections": set(),
    "tables": set(),
    "labels_in_doubt": set(),
    "shelf": set(),
    "file_names": set(),
    "readings": {"file_names"},
    "corrections": {"classifier", "datasets", "segmentation"},
    "sample_digits": {"datasets"},
    "datasets": {"array_files"},
    "pictures": set(),
    "ground": set(),
    "model_files": {"array_files", "datasets", "recordings"},
    "measures": {"array_files", "datasets"},
    "fine_tuning": {"architectures", "configuration", "datasets", "distortions", "evaluation"},
    "catalogue": {"datasets", "images", "labels_in_doubt", "measures"},
    "browsing": {"catalogue", "datasets"},
    "neighbours": {"datasets"},
    "set_statistics": {"catalogue", "datasets"},
    "maps": {"array_files", "classifier"},
    "litert": {"datasets", "images"},
    "pen": set(),
    "letters": {"pen"},
    "scrawls": {"letters", "pen"},
    "broken_digits": {"datasets", "images"},
    "non_digits": {"broken_digits", "datasets", "images", "letters", "pen", "scrawls"},
    "likeness": {"datasets", "litert", "model_files"},
    "judging": {"augmentation", "calibration", "datasets", "distortions"},
    "database": {"connections", "tables"},
    "visitors": set(),
    "zip_files": set(),
    "drawings": {"datasets", "pictures"},
    "drawing_set_table": {"database", "drawings", "tables", "visitors"},
    "drawing_table": {"database", "datasets", "drawing_set_table", "drawings", "tables", "visitors"},
    "drawing_sets": {"catalogue", "drawing_table", "drawings"},
    "set_archives": {"datasets", "drawings", "images", "pictures", "zip_files"},
    "store": {"database", "drawing_set_table", "drawing_table", "run_table", "tables", "visitors"},
    "images": {"datasets", "ground", "pictures"},
    "samples": {"composition", "datasets", "papers"},
    "architectures": {"datasets", "layers"},
    "layers": {"datasets"},
    "distortions": set(),
    "warping": {"datasets", "distortions", "writing_habits"},
    "augmentation": {"datasets", "distortions", "picture_faults", "warping", "writing_habits"},
    "picture_faults": set(),
    "writing_habits": set(),
    "composition": {"datasets"},
    "papers": set(),
    "ruling": set(),
    "sheets": {"ground", "pictures", "ruling"},
    "rows": set(),
    "cuts": {"rows"},
    "lattice": {"cuts", "images", "rows"},
    "wholeness": {"datasets", "litert"},
    "row_reading": {"classifier", "lattice", "rows", "stacks", "wholeness"},
    "stacks": {"rows"},
    "other_writing": {"lattice", "likeness", "rows", "wholeness"},
    "segmentation": {
        "classifier",
        "cuts",
        "ground",
        "images",
        "lattice",
        "other_writing",
        "pictures",
        "row_reading",
        "rows",
        "sheets",
    },
    "network_drawing": {"architectures", "datasets", "figures", "layers"},
    "evaluation": {"datasets"},
    "misreadings": {"datasets", "evaluation"},
    "bootstrap": {"curves", "datasets", "evaluation"},
    "curves": set(),
    "roc": {"curves", "datasets", "evaluation"},
    "precision_recall": {"curves", "datasets", "evaluation"},
    "calibration": {"evaluation"},
    "comparison": {"classifier", "evaluation"},
    "corruptions": {"datasets", "picture_faults", "warping"},
    "robustness": {"classifier", "corruptions", "datasets", "evaluation"},
    "explain": {"classifier", "datasets", "images"},
    "explanation_figures": {"figures"},
    "strokes": {"datasets", "images"},
    "traits": {"array_files", "datasets", "ground", "measures"},
    "trials": {"classifier", "images"},
    "evaluation_figures": {"datasets", "evaluation", "figures"},
    "curve_figures": {"curves", "evaluation_figures", "figures"},
    "confidence_figures": {"calibration", "curves", "evaluation_figures", "figures"},
    "report_drawings": {"calibration", "curves", "figures", "misreadings"},
    "reports": {
        "bootstrap",
        "calibration",
        "evaluation",
        "misreadings",
        "precision_recall",
        "report_drawings",
        "roc",
    },
    "precision": set(),
    "configuration": {"architectures", "datasets", "distortions", "precision"},
    "parents": {"configuration"},
    "events": {"configuration"},
    "recordings": {"events"},
    "run_records": {"configuration"},
    "processes": {"database", "tables"},
    "run_table": {"configuration", "database", "processes", "run_records", "tables"},
    "memory": set(),
    "engine": set(),
    "jobs": {
        "configuration",
        "conversion",
        "datasets",
        "events",
        "model_files",
        "parents",
        "recordings",
        "training",
    },
    "task": {"events", "jobs"},
    "cluster": {"configuration", "datasets", "engine", "events", "jobs", "parents", "task"},
    "live_run": {"datasets", "events", "model_files", "parents", "recordings", "run_records", "run_table"},
    "live_runs": {
        "cluster",
        "estimate",
        "events",
        "live_run",
        "memory",
        "processes",
        "recordings",
        "run_records",
        "run_table",
        "task",
    },
    "lineage": {
        "architectures",
        "configuration",
        "datasets",
        "layers",
        "model_files",
        "parents",
        "run_records",
        "run_table",
    },
    "written_runs": {"recordings", "run_records", "run_table"},
    "run_models": {"model_files", "processes", "run_records", "run_table"},
    "runs": {
        "cluster",
        "configuration",
        "datasets",
        "engine",
        "estimate",
        "events",
        "live_run",
        "live_runs",
        "memory",
        "recordings",
        "run_models",
        "run_records",
        "store",
        "lineage",
        "processes",
        "visitors",
        "written_runs",
    },
    "setting_words": {"architectures", "configuration", "datasets", "distortions", "layers"},
    "take_away": {"events"},
    "history_figures": {"events"},
    "run_comparison": {"architectures", "configuration", "evaluation", "events", "recordings", "run_records"},
    "presets": {"configuration", "distortions"},
    "code_sections": set(),
    "code_excerpts": set(),
    "code_of_digits": {
        "augmentation",
        "code_excerpts",
        "code_sections",
        "configuration",
        "datasets",
        "distortions",
        "picture_faults",
        "warping",
        "writing_habits",
    },
    "code_of_learning": {
        "code_excerpts",
        "code_sections",
        "configuration",
        "datasets",
        "layers",
        "precision",
    },
    "source_code": {"code_of_digits", "code_of_learning", "code_sections", "configuration"},
    "remedies": {"architectures", "configuration", "distortions", "layers"},
    "learning_curves": {"events", "recordings"},
    "pace": {"events", "recordings"},
    "replays": {"events", "learning_curves", "recordings"},
    "filter_pictures": set(),
    "hints": {"configuration", "events", "recordings", "remedies"},
    "estimate": {"configuration", "datasets", "distortions", "memory", "precision", "recordings"},
    "foreign_settings": set(),
    "foreign_layers": {"foreign_settings"},
    "foreign_networks": {"architectures", "datasets", "foreign_layers", "foreign_settings"},
    "foreign_archives": {"foreign_networks", "zip_files"},
    "foreign_models": {"foreign_archives", "model_files"},
    "adoption": {"architectures", "foreign_networks", "layers"},
    "rebuilding": {"adoption", "foreign_networks"},
    "weight_files": {"foreign_archives", "foreign_networks"},
    "opening": {
        "architectures",
        "adoption",
        "classifier",
        "conversion",
        "datasets",
        "evaluation",
        "foreign_models",
        "foreign_networks",
        "model_files",
        "networks",
        "rebuilding",
        "weight_files",
    },
    "classifier": {"datasets", "judging", "likeness", "litert", "model_files"},
    "conversion": set(),
    "distillation": {"conversion", "precision"},
    "batches": {"augmentation", "configuration", "datasets", "distillation", "distortions"},
    "probes": {"architectures", "datasets", "events", "layers"},
    "steered_run": {"batches", "configuration", "events", "probes"},
    "backups": {"events", "steered_run"},
    "networks": {"architectures", "conversion", "datasets", "layers", "precision"},
    "training_digits": {"configuration", "datasets", "fine_tuning"},
    "training": {
        "backups",
        "batches",
        "configuration",
        "conversion",
        "datasets",
        "distillation",
        "events",
        "fine_tuning",
        "model_files",
        "networks",
        "parents",
        "precision",
        "probes",
        "steered_run",
        "training_digits",
    },
    "training_command": {
        "architectures",
        "configuration",
        "distortions",
        "events",
        "model_files",
        "parents",
        "presets",
        "training",
    },
    "__main__": MODULES,
}


def _imports(path: Path) -> set[str]:
    """Every module that a file imports anywhere, in full: "digit_core.images", "numpy"."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            found |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _packages(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in _imports(path)}


def _core_imports(path: Path) -> set[str]:
    parts = (name.split(".") for name in _imports(path))
    return {part[1] for part in parts if part[0] == "digit_core" and len(part) > 1 and part[1] in MODULES}


@pytest.mark.parametrize("module", sorted(MODULES))
def test_the_core_knows_no_dashboard(module: str) -> None:
    assert not _packages(CORE / f"{module}.py") & {
        "streamlit",
        "streamlit_drawable_canvas",
        "ui",
        "pages",
        "Home",
    }


@pytest.mark.parametrize("module", sorted(MODULES - KERAS_MODULES))
def test_only_what_trains_imports_keras(module: str) -> None:
    assert not _packages(CORE / f"{module}.py") & HEAVY


@pytest.mark.parametrize("path", WEB, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_web_side_imports_no_keras(path: Path) -> None:
    assert not _packages(path) & HEAVY
    assert not _core_imports(path) & KERAS_MODULES


@pytest.mark.parametrize("path", WEB, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_page_imports_a_page_and_ui_imports_none(path: Path) -> None:
    assert not _packages(path) & {"pages", "Home"}


@pytest.mark.parametrize("module", sorted(MODULES))
def test_arrows_inside_the_core_point_down(module: str) -> None:
    assert module in ALLOWED, f"say in ALLOWED what digit_core/{module}.py may import"
    extra = _core_imports(CORE / f"{module}.py") - ALLOWED[module] - {"errors", "settings"} - {module}
    assert not extra, f"{module} imports {', '.join(sorted(extra))}"


def test_the_allowed_arrows_form_no_circle() -> None:
    left = {module: set(below) - {module} for module, below in ALLOWED.items()}
    while left:
        lowest = {module for module, below in left.items() if not below & left.keys()}
        assert lowest, f"a circle among {', '.join(sorted(left))}"
        left = {module: below for module, below in left.items() if module not in lowest}


def test_importing_the_core_loads_neither_keras_nor_streamlit() -> None:
    light = sorted(MODULES - KERAS_MODULES)
    program = f"""
import importlib, sys
for name in {light!r}:
    importlib.import_module("digit_core." + name)
print([name for name in ("tensorflow", "keras", "streamlit", "ui") if name in sys.modules])
"""
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT_FOLDER, capture_output=True, text=True, check=True
    )
    assert run.stdout == "[]\n"


def test_answering_loads_neither_keras_nor_streamlit() -> None:
    program = """
import sys
from digit_core import classifier, datasets
digits = datasets.load_mnist().test
assert classifier.load().predict_digit(digits.images[63])[0] == 3
print([name for name in ("tensorflow", "keras", "streamlit") if name in sys.modules])
"""
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT_FOLDER, capture_output=True, text=True, check=True
    )
    assert run.stdout == "[]\n"


def test_importing_the_core_changes_no_file(tmp_path: Path) -> None:
    light = ", ".join(sorted(MODULES - KERAS_MODULES - {"__main__"}))
    subprocess.run(
        [sys.executable, "-c", f"from digit_core import {light}"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(PROJECT_FOLDER), "PATH": "", "HOME": str(tmp_path)},
        check=True,
        capture_output=True,
    )
    assert list(tmp_path.iterdir()) == []
