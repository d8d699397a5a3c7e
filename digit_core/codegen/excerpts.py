"""The project's own functions as text for other people's files: those that are needed, without what is never done."""

import ast
import inspect
import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

_Key = tuple[str, str]  # a module's last name and a name in it
# The end of a docstring that shows how to call a function from this package, which other people's files don't have.
_EXAMPLE = re.compile(r'\n\n +Example:\n(?:.*\n)*?(?= +""")')


@dataclass(frozen=True)
class Excerpt:
    """Functions and constants, in the order in which Python needs them.

    Attributes:
        code: their text, two empty lines between functions.
        imports: the statements that it rests on, each with one name.
    """

    code: str
    imports: tuple[str, ...]


@dataclass(frozen=True)
class _Definition:
    """One function, class or constant of a module.

    Attributes:
        text: its lines, and the comment above it.
        uses: which names it uses that are not its own.
        is_block: it is a function or a class.
    """

    text: str
    uses: frozenset[str]
    is_block: bool


def excerpt(
    modules: Sequence[ModuleType],
    root: str,
    record: str = "",
    switched_off: Collection[str] = (),
    given: Collection[str] = (),
) -> Excerpt:
    """All that a function needs of some modules, without the examples of their docstrings.

    Args:
        modules: lowest first; the last one holds the function. What they take from each other loses its module's name, so
            names are unique among what is needed.
        root: the function's name.
        record: the name by which the functions call a record of settings.
        switched_off: the record's fields that are zero: what stands under `if record.field:` is left out.
        given: names that the text around it defines.
    """
    sources = {_short(module): inspect.getsource(module) for module in modules}
    edited = {name: _pruned(source, record, switched_off) for name, source in sources.items()}
    known = {
        (name, defined): definition
        for name, source in edited.items()
        for defined, definition in _definitions(source)
    }
    visible = {name: _visible(source, name, known) for name, source in edited.items()}
    needed: set[_Key] = set()
    imports: set[str] = set()
    waiting = [(_short(modules[-1]), root)]
    while waiting:
        key = waiting.pop()
        if key in needed or key[1] in given:
            continue
        needed.add(key)
        for use in known[key].uses:
            found = visible[key[0]].get(use)
            if isinstance(found, str):
                imports.add(found)
            elif found is not None:
                waiting.append(found)
    names = "|".join(map(re.escape, edited))
    # One line may define several names.
    texts = list(dict.fromkeys(definition for key, definition in known.items() if key in needed))
    code = re.sub(rf"\b(?:{names})\.(?=\w)", "", _EXAMPLE.sub("\n", _joined(texts)))
    return Excerpt(code, tuple(sorted(imports)))


def _short(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


def _joined(definitions: Sequence[_Definition]) -> str:
    lines: list[str] = []
    for before, definition in zip([None, *definitions], definitions):
        if before and (before.is_block or definition.is_block):
            lines += ["", ""]
        lines.append(definition.text)
    return "\n".join(lines)


def _definitions(source: str) -> Iterator[tuple[str, _Definition]]:
    lines = source.splitlines()
    for node in ast.parse(source).body:
        is_block = isinstance(node, ast.FunctionDef | ast.ClassDef)
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names, first = [node.name], min([node, *node.decorator_list], key=lambda part: part.lineno).lineno
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]
            first = node.lineno
        else:
            continue
        while first > 1 and lines[first - 2].startswith("#"):
            first -= 1
        text = "\n".join(lines[first - 1 : node.end_lineno])
        for name in names:
            yield name, _Definition(text, _uses(node), is_block)


def _uses(node: ast.AST) -> frozenset[str]:
    """Names that are read and not the node's own, and, of other modules, "module.name"."""
    own = {
        name.id for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    }
    own |= {argument.arg for argument in ast.walk(node) if isinstance(argument, ast.arg)}
    read = {name.id for name in ast.walk(node) if isinstance(name, ast.Name) and name.id not in own}
    parts = (part for part in ast.walk(node) if isinstance(part, ast.Attribute))
    return frozenset(
        read | {f"{part.value.id}.{part.attr}" for part in parts if isinstance(part.value, ast.Name)}
    )


def _visible(source: str, module: str, known: Collection[_Key]) -> dict[str, _Key | str]:
    """What names mean in a module: a definition of one of the modules, or a statement that imports it."""
    found: dict[str, _Key | str] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import):
            found |= {(part.asname or part.name): ast.unparse(ast.Import([part])) for part in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = (node.module or "").rpartition(".")[2]
            for part in node.names:
                found[part.name] = (
                    (package, part.name)
                    if (package, part.name) in known
                    else ast.unparse(ast.ImportFrom(node.module, [part], 0))
                )
                # A module that was imported whole: its names stand behind a dot.
                found |= {f"{part.name}.{key[1]}": key for key in known if key[0] == part.name}
                if any(key[0] == part.name for key in known):
                    del found[part.name]
    return found | {key[1]: key for key in known if key[0] == module}


def _pruned(source: str, record: str, switched_off: Collection[str]) -> str:
    """A module's text without the branches that zero settings never enter."""
    lines = source.splitlines(keepends=True)
    starts = [sum(len(line) for line in lines[:index]) for index in range(len(lines) + 1)]
    edits: list[tuple[int, int, str]] = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.If | ast.IfExp) or not _is_off(node.test, record, switched_off):
            continue
        if isinstance(node, ast.IfExp):
            begin, end = _bracketed(source, *_span(node, starts))
            inner = _span(node.orelse, starts)
            edits.append((begin, end, source[inner[0] : inner[1]]))
        elif not node.orelse:
            edits.append((starts[node.lineno - 1], starts[node.end_lineno or node.lineno], ""))
    for begin, end, text in sorted(edits, reverse=True):
        source = source[:begin] + text + source[end:]
    return source


def _span(node: ast.expr, starts: Sequence[int]) -> tuple[int, int]:
    """Where an expression stands in its source; the lines that hold one have ASCII characters only."""
    assert node.end_lineno is not None and node.end_col_offset is not None
    return starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset


def _bracketed(source: str, begin: int, end: int) -> tuple[int, int]:
    """The same with the brackets around it that only let it stand on a line of its own."""
    before, after = source[:begin].rstrip(), source[end:].lstrip()
    if before.endswith("= (") and after.startswith(")") and "\n" in source[len(before) : begin]:
        return len(before) - 1, len(source) - len(after) + 1
    return begin, end


def _is_off(test: ast.expr, record: str, switched_off: Collection[str]) -> bool:
    """Whether a condition is surely false when these settings are zero."""
    if isinstance(test, ast.BoolOp):
        parts = [_is_off(part, record, switched_off) for part in test.values]
        return all(parts) if isinstance(test.op, ast.Or) else any(parts)
    if not (isinstance(test, ast.Attribute) and isinstance(test.value, ast.Name)):
        return False
    return test.value.id == record and test.attr in switched_off


@dataclass(frozen=True)
class Section:
    """One part of the code.

    Attributes:
        title: a few words.
        text: what it does and why, one or two sentences.
        code: lines of Python.
        imports: statements that it rests on, each with one name, beside those that every training needs.
    """

    title: str
    text: str
    code: str
    imports: tuple[str, ...] = ()


def joined(*lines: str | Iterable[str]) -> str:
    """Code from lines and groups of lines; an empty group leaves nothing behind."""
    flat: list[str] = []
    for line in lines:
        flat += [line] if isinstance(line, str) else line
    return "\n".join(flat)


def literal(value: Any) -> str:
    """A number, a word or a yes or no as Python writes it."""
    if isinstance(value, bool):
        return str(value)
    return json.dumps(value)  # unlike repr it says 0.1 of NumPy's 0.1 as well
