"""The mutants of a file: mutmut's ways of breaking a function, each put in its place on its own.

mutmut starts pytest anew for every mutant, and slows down every call of the code that it has changed.
Here only its list of changes is used. A mutant is the code of one function; breaking is giving that
code to the function that everybody has imported already.
"""

import ast
import difflib
import importlib
import inspect
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.file_mutation import MutationVisitor, deep_replace
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import get_ignored_lines

FUTURE = "from __future__ import annotations\n"


class Mutant:
    """One change of one function. `lines` are those of the statement that it stands in."""

    def __init__(self, module: str, within: tuple[str, ...], text: str, lines: range) -> None:
        """*within* are the class, if any, and the function; *text* is the function, changed."""
        self.module, self.within, self.text, self.lines = module, within, text, lines
        self.change = ""

    @property
    def where(self) -> str:
        """The function, by its whole name."""
        return ".".join((self.module, *self.within))

    def apply(self) -> None:
        """Break the function, for everybody in this process."""
        owner: object = importlib.import_module(self.module)
        scope = dict(vars(owner))
        exec(compiled(self.text, self.where), scope)  # noqa: S102 - our own code, slightly broken
        made: object = scope[self.within[0]]
        held: object = vars(owner)[self.within[0]]
        for name in self.within[1:]:
            made, held = vars(made)[name], vars(held)[name]
        new, old = inspect.unwrap(plain(made)), inspect.unwrap(plain(held))
        assert isinstance(new, FunctionType)
        assert isinstance(old, FunctionType)
        old.__code__, old.__defaults__ = new.__code__, new.__defaults__
        old.__kwdefaults__ = new.__kwdefaults__


def plain(found: object) -> FunctionType:
    """The function below a static method or a class method."""
    function: object = getattr(found, "__func__", found)
    assert isinstance(function, FunctionType), found
    return function


def compiled(text: str, where: str) -> CodeType:
    """The function as Python runs it."""
    return compile(FUTURE + text, f"<mutant of {where}>", "exec", dont_inherit=True)


def mutants_of(root: Path, path: Path) -> Iterator[Mutant]:
    """Every mutant of the file, in the order of its lines."""
    code = path.read_text(encoding="utf-8")
    wrapper = MetadataWrapper(cst.parse_module(code))
    visitor = MutationVisitor(mutation_operators, get_ignored_lines(str(path), code, wrapper))
    module = wrapper.visit(visitor)
    places, statements = wrapper.resolve(PositionProvider), statements_of(code)
    functions = dict(functions_of(wrapper.module))
    for mutation in visitor.mutations:
        function = mutation.contained_by_top_level_function
        if not isinstance(function, cst.FunctionDef) or function not in functions:
            continue
        within, place = functions[function], places[mutation.original_node]
        changed = deep_replace(function, mutation.original_node, mutation.mutated_node)
        before, after = text_of(module, function), text_of(module, changed)
        mutant = Mutant(
            module_name(root, path),
            within,
            after if len(within) == 1 else f"class {within[0]}:\n" + textwrap.indent(after, "    "),
            statements.get(place.start.line, range(place.start.line, place.start.line + 1)),
        )
        mutant.change = change(before, after)
        if mutant.change:
            yield mutant


def functions_of(module: cst.Module) -> Iterator[tuple[cst.FunctionDef, tuple[str, ...]]]:
    """The functions of the module and of its classes, with where they stand."""
    for node in module.body:
        if isinstance(node, cst.FunctionDef):
            yield node, (node.name.value,)
        elif isinstance(node, cst.ClassDef):
            for method in node.body.body:
                if isinstance(method, cst.FunctionDef):
                    yield method, (node.name.value, method.name.value)


def text_of(module: cst.Module, function: object) -> str:
    """The text of the function alone, without an indent and without blank lines above."""
    assert isinstance(function, cst.FunctionDef)
    return module.code_for_node(function.with_changes(leading_lines=())).strip("\n") + "\n"


def module_name(root: Path, path: Path) -> str:
    """How the file is imported."""
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def statements_of(code: str) -> dict[int, range]:
    """For each line the lines of the innermost statement; of one with a body only its head.

    A default value in the head of a function is used wherever the function is: there it is the whole.
    """
    found: dict[int, range] = {}
    for node in ast.walk(ast.parse(code)):  # from the outside to the inside
        if not isinstance(node, ast.stmt):
            continue
        body: list[ast.stmt] = getattr(node, "body", [])
        last = (body[0].lineno - 1 if body else node.end_lineno) or node.lineno
        lines = range(node.lineno, max(last, node.lineno) + 1)
        whole = range(node.lineno, (node.end_lineno or node.lineno) + 1)
        is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for line in whole if is_function else lines:
            found[line] = whole if is_function else lines
    return found


def change(before: str, after: str) -> str:
    """The lines taken out and put in."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return "\n".join(it for it in list(lines)[2:] if not it.startswith("@@"))
