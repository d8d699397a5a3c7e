"""Every public function and class shows how it is used, and what it shows is true."""

import doctest
import importlib
import inspect
import io
import pkgutil
from collections.abc import Iterator

import pytest

from digit_core.settings import PROJECT_FOLDER

CORE = PROJECT_FOLDER / "digit_core"
PACKAGES = ["digit_core", *(f"digit_core.{path.parent.name}" for path in sorted(CORE.glob("*/__init__.py")))]
# Modules that `import digit_core` hands out by their own names: all that is public in them is public.
OFFERED_MODULES = ["digit_core.inference.classifier", "digit_core.preprocessing.images"]


def _modules_of(package: str) -> set[str]:
    return {module.name for module in pkgutil.iter_modules(importlib.import_module(package).__path__)}


def _offered() -> Iterator[str]:
    """In full, what the packages hand out beside their modules; nothing that needs Keras is imported for it."""
    modules = {name.rpartition(".")[2] for name in OFFERED_MODULES}
    for package in PACKAGES:
        names = set(importlib.import_module(package).__all__) - _modules_of(package) - modules
        yield from (f"{package}.{name}" for name in sorted(names) if not name.isupper())
    for name in OFFERED_MODULES:
        for key, value in vars(importlib.import_module(name)).items():
            is_own = inspect.isfunction(value) or isinstance(value, type)
            if is_own and value.__module__ == name and not key.startswith("_"):
                yield f"{name}.{key}"


def _examples(thing: object) -> str:
    """The code of all examples in a function's docstring, or in a class's and its methods'."""
    tests = doctest.DocTestFinder().find(thing, "it", globs={})
    return "\n".join(example.source for test in tests for example in test.examples)


def _lacks(thing: object, name: str) -> list[str]:
    """Which examples a function or a class is without: its own, or those of public methods that none calls."""
    text = _examples(thing)
    if not text:
        return [name]
    # The methods of these speak to the store and to workers.
    if not isinstance(thing, type) or name in ("Runs", "Classes"):
        return []
    public = [key for key, value in vars(thing).items() if inspect.isfunction(value) and key[0] != "_"]
    return [f"{name}.{key}" for key in public if f".{key}(" not in text]


@pytest.mark.parametrize(
    "path", [pytest.param(name, id=name.removeprefix("digit_core.")) for name in _offered()]
)
def test_every_public_name_has_an_example(path: str) -> None:
    module, _, name = path.rpartition(".")
    assert _lacks(getattr(importlib.import_module(module), name), name) == []


def test_a_missing_example_is_seen() -> None:
    class Shown:
        """It has one.

        >>> Shown().run()
        """

        def run(self) -> None: ...

        def stop(self) -> None: ...

    assert _lacks(Shown, "Shown") == ["Shown.stop"]
    assert _lacks(Shown.run, "run") == ["run"]


def test_the_names_that_the_design_lists_are_among_those() -> None:
    names = ("load_mnist", "load_model", "read_digit", "find_digits", "evaluate", "train")
    listed = {f"digit_core.{name}" for name in (*names, "preprocessing.images.from_picture")}
    assert listed | {"digit_core.inference.classifier.load", "digit_core.segmentation.split"} <= set(
        _offered()
    )


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(CORE.rglob("*.py")) if ">>> " in path.read_text(encoding="utf-8")],
    ids=lambda path: path.relative_to(CORE).as_posix(),
)
def test_the_examples_are_true(path: object) -> None:
    """Each by itself, with nothing in sight but what it imports: as somebody copies it."""
    name = ".".join(path.relative_to(PROJECT_FOLDER).with_suffix("").parts)
    said, runner = io.StringIO(), doctest.DocTestRunner(verbose=False)
    for test in doctest.DocTestFinder().find(importlib.import_module(name), name, globs={}):
        runner.run(test, out=said.write)
    assert runner.summarize(verbose=False).failed == 0, said.getvalue()
    assert runner.tries
