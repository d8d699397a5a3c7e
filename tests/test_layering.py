"""Arrows point down only: pages to ui to digit_core, and between the packages of each as the tables have it."""

import ast
import functools
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from digit_core.settings import PROJECT_FOLDER

CORE, UI = PROJECT_FOLDER / "digit_core", PROJECT_FOLDER / "ui"
PAGES = [PROJECT_FOLDER / "Home.py", *sorted((PROJECT_FOLDER / "pages").glob("*.py"))]
HEAVY = {"tensorflow", "keras", "h5py"}
DASHBOARD = {"streamlit", "streamlit_drawable_canvas", "ui", "pages", "Home"}
# Imported by workers, the command line and tests only.
WITH_KERAS = {
    "training",
    "model_import.child_process",
    "model_import.rebuild",
    "model_import.weights",
}

# What each package of the core may import of it, functions' own imports included; all may import the first three.
BASE = {"errors", "settings", "digits"}
CORE_PACKAGES = {
    "errors": set(),
    "settings": set(),
    "digits": set(),
    "files": set(),
    "preprocessing": set(),
    "augmentation": set(),
    "metrics": set(),
    "datasets": {"files", "preprocessing"},
    "synthesis": {"datasets", "preprocessing"},
    "recipes": {"augmentation", "datasets", "metrics"},
    "monitoring": {"augmentation", "recipes"},
    "codegen": {"augmentation", "datasets", "recipes"},
    "storage": {"datasets", "files", "preprocessing", "recipes"},
    "figures": {"metrics", "monitoring", "recipes"},
    "inference": {
        "augmentation",
        "datasets",
        "files",
        "metrics",
        "monitoring",
        "preprocessing",
        "recipes",
    },
    "evaluation": {"augmentation", "figures", "inference", "metrics"},
    "explanations": {"datasets", "files", "inference", "preprocessing"},
    "segmentation": {"inference", "metrics", "preprocessing"},
    "training": {"augmentation", "datasets", "inference", "monitoring", "recipes"},
    "workers": {"monitoring", "recipes", "training"},
    "model_import": {"datasets", "files", "inference", "metrics", "recipes", "training"},
    "runs": {
        "augmentation",
        "datasets",
        "inference",
        "metrics",
        "monitoring",
        "recipes",
        "storage",
        "workers",
    },
    "classroom": {"evaluation", "inference", "metrics", "preprocessing", "recipes", "runs", "storage"},
    "cli": {
        "augmentation",
        "codegen",
        "datasets",
        "inference",
        "metrics",
        "monitoring",
        "preprocessing",
        "recipes",
        "storage",
        "training",
    },
    "__main__": {"cli"},
}
# The same of ui's folders. A page's folder is in no row but its own page's.
SHARED = {"digits", "panels", "canvas", "components", "frame"}
UI_PACKAGES = {
    "frame": set(),
    "components": {"frame"},
    "canvas": {"components", "frame"},
    "panels": {"canvas", "components", "frame"},
    "digits": {"panels", "canvas", "components", "frame"},
    "home": SHARED,
    "explore": SHARED,
    "evaluate": SHARED,
    "draw": SHARED,
    "inside": SHARED,
    "classroom": SHARED,
    "train": SHARED | {"train/setup", "train/watch", "train/runs"},
    "train/setup": SHARED,
    "train/watch": SHARED,
    "train/runs": SHARED,
}
# Folders that are one package with the one above, which only falls into files by subject there.
PARTS = {"frame/resources": "frame", "classroom/rules": "classroom", "classroom/tables": "classroom"}


def _files(root: Path) -> list[Path]:
    return sorted(root.rglob("*.py"))


def _name(path: Path) -> str:
    return path.relative_to(PROJECT_FOLDER).as_posix()


@functools.cache  # hundreds of tests ask for the same files
def _imports(path: Path) -> set[str]:
    """Every module and name that a file imports anywhere, in full: "digit_core.preprocessing.images", "numpy"."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _distributions(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in _imports(path)}


def _package_of(name: str, root: Path) -> str:
    """The folder below `root` in which a name's module is, or the module itself; "" where it is none of the root's."""
    first, *parts = name.split(".")
    if first != root.name:
        return ""
    folders = [part for end, part in enumerate(parts) if root.joinpath(*parts[: end + 1]).is_dir()]
    if folders:
        return PARTS.get("/".join(folders), "/".join(folders))
    return parts[0] if (root / f"{parts[0]}.py").exists() else ""


def _arrows(root: Path) -> dict[str, set[str]]:
    """Which packages below `root` import which others."""
    found: dict[str, set[str]] = {}
    for path in _files(root):
        own = path.parent.relative_to(root).as_posix() if path.parent != root else path.stem
        if own == "__init__":
            continue
        own = PARTS.get(own, own)
        found.setdefault(own, set()).update(_package_of(name, root) for name in _imports(path))
        found[own] -= {"", own}
    return found


def _circle(arrows: dict[str, set[str]]) -> set[str]:
    """The packages that stand in a circle or above one; none if there is no circle."""
    left = dict(arrows)
    while lowest := {package for package, below in left.items() if not below & left.keys()}:
        left = {package: below for package, below in left.items() if package not in lowest}
    return set(left)


@pytest.mark.parametrize("package", CORE_PACKAGES)
def test_arrows_between_packages_of_the_core_point_down(package: str) -> None:
    assert _arrows(CORE)[package] <= CORE_PACKAGES[package] | BASE


@pytest.mark.parametrize("package", UI_PACKAGES)
def test_arrows_between_folders_of_ui_point_down(package: str) -> None:
    assert _arrows(UI)[package] <= UI_PACKAGES[package]


@pytest.mark.parametrize("root", [CORE, UI], ids=["digit_core", "ui"])
def test_no_packages_stand_in_a_circle(root: Path) -> None:
    assert not _circle(_arrows(root))


def test_a_circle_is_found() -> None:
    assert _circle({"draw": {"evaluate"}, "evaluate": {"explore"}, "explore": {"draw"}, "frame": set()}) == {
        "draw",
        "evaluate",
        "explore",
    }


@pytest.mark.parametrize(
    ("table", "root"), [(CORE_PACKAGES, CORE), (UI_PACKAGES, UI)], ids=["digit_core", "ui"]
)
def test_the_tables_name_all_packages_and_no_arrow_that_is_not_there(
    table: dict[str, set[str]], root: Path
) -> None:
    arrows = _arrows(root)
    assert set(table) == set(arrows), "say in the table of this file what a new package may import"
    unused = {package: below - arrows[package] for package, below in table.items()}
    assert root == UI or not any(unused.values()), unused


@pytest.mark.parametrize("path", _files(CORE), ids=_name)
def test_the_core_knows_no_dashboard(path: Path) -> None:
    assert not _distributions(path) & DASHBOARD


def _has_keras(path: Path) -> bool:
    parts = path.relative_to(CORE).with_suffix("").parts
    return parts[0] in WITH_KERAS or ".".join(parts) in WITH_KERAS


@pytest.mark.parametrize("path", [path for path in _files(CORE) if not _has_keras(path)], ids=_name)
def test_only_what_trains_imports_keras(path: Path) -> None:
    assert not _distributions(path) & HEAVY


@pytest.mark.parametrize("path", [*PAGES, *_files(UI)], ids=_name)
def test_the_web_side_imports_no_keras_and_no_page(path: Path) -> None:
    assert not _distributions(path) & (HEAVY | {"pages", "Home"})
    heavy = tuple(f"digit_core.{name}" for name in WITH_KERAS)
    assert not [name for name in _imports(path) if name.startswith(heavy)]


def test_others_import_only_the_face_of_the_model_import() -> None:
    """It reads what anybody may have made: it is walled off, so that it can be judged, and left out, as a whole."""
    from digit_core import model_import

    allowed = {"digit_core.model_import"} | {f"digit_core.model_import.{name}" for name in model_import.FACE}
    scripts = (PROJECT_FOLDER / "scripts").glob("*.py")
    others = [
        path for path in [*PAGES, *scripts, *_files(UI), *_files(CORE)] if path.parent.name != "model_import"
    ]
    found = {name for path in others for name in _imports(path) if name.startswith("digit_core.model_import")}
    assert found
    assert found <= allowed


PACKAGES = sorted(path.parent.name for path in CORE.glob("*/__init__.py"))


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_says_its_purpose_and_hands_out_what_it_lists(package: str) -> None:
    module = importlib.import_module(f"digit_core.{package}")
    assert module.__doc__ and module.__doc__.count("\n") == 0 and module.__doc__.endswith(".")
    for name in module.__all__:
        assert getattr(module, name) is not None
    members = {path.stem for path in (CORE / package).glob("*.py")} - {"__init__"}
    assert members <= set(module.__all__)
    with pytest.raises(AttributeError, match="no_such_name"):
        module.no_such_name  # noqa: B018 - it is the look that must fail


def test_the_core_is_easy_to_overlook() -> None:
    assert len([path for path in CORE.iterdir() if not path.name.startswith("__")]) <= 24
    for package in PACKAGES:
        assert len(list((CORE / package).glob("*.py"))) <= 16, package  # 15 modules and the package itself


def _printed(program: str, **options: object) -> str:
    options = {"cwd": PROJECT_FOLDER} | options
    run = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        **options,
    )
    return run.stdout


def test_packages_are_lazy_and_the_web_side_loads_neither_keras_nor_streamlit() -> None:
    program = f"""
import importlib, sys
for package in {PACKAGES!r}:
    importlib.import_module("digit_core." + package)
heavy = ("cv2", "distributed", "tensorflow", "keras", "streamlit", "ui", "ai_edge_litert")
print([name for name in heavy if name in sys.modules])
for name in {[_name(path)[:-3].replace("/", ".") for path in _files(CORE) if not _has_keras(path)]!r}:
    if not name.endswith("__"):
        importlib.import_module(name)
print([name for name in ("tensorflow", "keras", "streamlit", "ui") if name in sys.modules])
"""
    assert _printed(program) == "[]\n[]\n"


def test_answering_loads_neither_keras_nor_streamlit() -> None:
    program = """
import sys
from digit_core import classifier, datasets
digits = datasets.load_mnist().test
assert classifier.load().predict_digit(digits.images[63] / 255.0)[0] == 3
print([name for name in ("tensorflow", "keras", "streamlit") if name in sys.modules])
"""
    assert _printed(program) == "[]\n"


def test_importing_the_core_changes_no_file(tmp_path: Path) -> None:
    light = [_name(path)[:-3].replace("/", ".") for path in _files(CORE) if not _has_keras(path)]
    program = "import " + ", ".join(name for name in light if not name.endswith("__"))
    environment = {"PYTHONPATH": str(PROJECT_FOLDER), "PATH": "", "HOME": str(tmp_path)}
    _printed(program, cwd=tmp_path, env=environment)
    assert list(tmp_path.iterdir()) == []


def test_the_map_of_the_code_says_what_the_packages_say() -> None:
    text = (PROJECT_FOLDER / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (layout,) = re.findall(r"^## Layout\n\n```\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert layout.count("\n") <= 40
    said = dict(re.findall(r"^  (\w+) +(.+)$", layout, re.MULTILINE))
    assert set(said) == {*PACKAGES, *BASE}
    for name, sentence in said.items():
        assert sentence == (importlib.import_module(f"digit_core.{name}").__doc__ or "").splitlines()[0]
    # A package imports only what stands above it in the map.
    order = list(said)
    assert not [
        (name, other)
        for name in PACKAGES
        for other in CORE_PACKAGES[name]
        if order.index(other) > order.index(name)
    ]


@pytest.mark.parametrize("path", _files(CORE / "classroom" / "rules"), ids=_name)
def test_the_rules_of_a_class_know_no_store(path: Path) -> None:
    stored = ("digit_core.storage", "digit_core.classroom.tables", "sqlalchemy")
    assert not [name for name in _imports(path) if name.startswith(stored)]
