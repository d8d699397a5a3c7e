"""pyproject.toml names what is imported, and requirements.txt versions of it that it allows."""

import ast
import sys
import tomllib
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from digit_core.errors import EXTRAS
from digit_core.settings import PROJECT_FOLDER

PROJECT = tomllib.loads((PROJECT_FOLDER / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# Requirements that others cannot be without: Dask's scheduler has Dask, Streamlit's server is Starlette's.
BROUGHT = {"anyio": "streamlit", "dask": "distributed", "h5py": "keras", "starlette": "streamlit"}


def _parsed(lines: list[str]) -> list[Requirement]:
    stripped = (line.partition("#")[0].strip() for line in lines)
    return [Requirement(line) for line in stripped if line]


CORE = _parsed(PROJECT["dependencies"])
APP, TRAIN = (_parsed(PROJECT["optional-dependencies"][extra]) for extra in ("app", "train"))
INSTALLED_ONLINE = _parsed((PROJECT_FOLDER / "requirements.txt").read_text(encoding="utf-8").splitlines())


def _bounds(requirement: Requirement) -> tuple[Version, Version]:
    """The first version that is allowed and the first that is not any more."""
    found = {one.operator: Version(one.version) for one in requirement.specifier}
    assert set(found) <= {">=", "<"}, f"{requirement}: say from where on, and before what"
    return found[">="], found.get("<", Version("9999"))


@pytest.mark.parametrize("requirement", INSTALLED_ONLINE, ids=lambda one: one.name)
def test_what_is_installed_online_is_among_what_the_project_allows(requirement: Requirement) -> None:
    named = [
        one
        for one in CORE + APP + TRAIN
        if canonicalize_name(one.name) == canonicalize_name(requirement.name)
    ]
    assert named, f"requirements.txt has {requirement.name}, pyproject.toml has not"
    lowest, end = _bounds(requirement)
    for one in named:
        assert _bounds(one)[0] <= lowest < end <= _bounds(one)[1]
        assert (one.extras, str(one.marker)) == (requirement.extras, str(requirement.marker))


def test_all_that_the_project_asks_for_is_installed_online() -> None:
    online = {canonicalize_name(one.name) for one in INSTALLED_ONLINE}
    assert {canonicalize_name(one.name) for one in CORE + APP + TRAIN} <= online


def test_all_is_all() -> None:
    assert PROJECT["optional-dependencies"]["all"] == ["digit-lab[app,train]"]


def _modules(*roots: str) -> set[str]:
    """The modules of others that the files below these folders import anywhere."""
    found = set()
    for root in roots:
        path = PROJECT_FOLDER / root
        for file in [path] if path.is_file() else path.rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom):
                    found.add(node.module or "")
    tops = {name.partition(".")[0] for name in found}
    return tops - set(sys.stdlib_module_names) - {"digit_core", "ui"}


def _undeclared(modules: set[str], declared: list[Requirement]) -> set[str]:
    names = {canonicalize_name(one.name) for one in declared}
    brought_by = metadata.packages_distributions()
    homes = {module: {canonicalize_name(name) for name in brought_by.get(module, [])} for module in modules}
    return {module for module in modules if not (homes[module] | {BROUGHT.get(module, "")}) & names}


def test_each_module_that_is_imported_is_declared() -> None:
    assert not _undeclared(_modules("digit_core"), CORE + APP + TRAIN)
    assert not _undeclared(_modules("Home.py", "pages", "ui"), CORE + APP)


@pytest.mark.parametrize(("extra", "declared"), [("app", APP), ("train", TRAIN)])
def test_what_is_said_to_be_missing_is_in_the_extra(extra: str, declared: list[Requirement]) -> None:
    assert not _undeclared(set(EXTRAS[extra]), declared)


def test_what_is_missing_in_the_core_is_always_said() -> None:
    said = {module for modules in EXTRAS.values() for module in modules}
    assert _undeclared(_modules("digit_core"), CORE) <= said | {"dask"}  # it comes with distributed
