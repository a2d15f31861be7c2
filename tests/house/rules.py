"""The house rules that no linter knows. Each takes a file and gives what is wrong in it, with the remedy.

A rule that must have an exception gets it here, by name and with a reason; never in the file that breaks it.
"""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from tests.house.files import File

Rule = Callable[[File], Iterator[str]]

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70

# Who may read the clock, make an id or draw a random number; everybody else is handed them.
SOURCES_OF_TIME_AND_CHANCE = {
    "intakebot/__main__.py": "begins the program",
    "intakebot/house.py": "reads the clock and makes the ids that it hands to everything else",
    "intakebot/store/vault.py": "draws keys and nonces where they are used, so that none travels",
}
CLOCKS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "localtime", "gmtime"},
}
CHANCE = {"random", "secrets", "uuid"}

# One word for one thing: what to say instead of these.
WORDS = {
    "user": "say who: inhabitant, member, admin or operator",
    "ticket": "say request",
    "case": "say request, or say which situation is meant",
    "handler": "say what it does, with a verb",
    "service": "say what it gives",
    "manager": "say what it does, or keep what it holds",
    "payload": "say what is in it",
    "helper": "say what it does",
    "util": "say what it does",
}
# name: why it cannot be another
NAMES_ALLOWED = {"parse_json_payload": "replaces a method of python-telegram-bot"}

MODULES_BANNED = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}

# Loaded by path, so that no import leads there.
LOADED_BY_PATH = {"intakebot/store/migrations/": "Alembic finds revisions by their file names"}

SQL = re.compile(
    r"\bSELECT\s.+\bFROM\b"  # in capitals, for "select … from" is also English
    r"|(?i:\binsert\s+into\s+\w+|\bupdate\s+\w+\s+set\s|\bdelete\s+from\s+\w+)"
    r"|(?i:\b(?:create|alter|drop)\s+(?:table|index|trigger)\s|^\s*pragma\s|\bbegin\s+immediate\b)",
    re.DOTALL,
)
EVERY_COLUMN = re.compile(r"(?i)\bselect\s+(?:\w+\.)?\*")
LEFTOVER = re.compile(r"\b(?:FIX[M]E|TO[D]O|XX[X]|HA[C]K)\b")
MACHINE_PATH = re.compile(r"(?<![\w.~:/-])/(?:work|root|home|Users)/[\w.]")
REGISTRY = re.compile(
    r"(?:pypi|pythonhosted|npmjs|yarnpkg|unpkg|jsdelivr|deb\.debian)\.(?:org|com|net)"
)
SILENCED = re.compile(
    r"#\s*(?:noqa\b(?::\s*(?:[A-Z]+[0-9]+[,\s]*)+)?|type:\s*ignore\b(?:\[[^\]]*\])?|pragma:\s*no\s\w+)"
    r"(?P<reason>.*)"
)


def long_files(file: File) -> Iterator[str]:
    """A file that nobody reads to its end."""
    lines = file.text.count("\n")
    if file.under("intakebot/") and file.is_python and lines > FILE_LINES_MAX:
        yield f"{file.path}: {lines} lines, {FILE_LINES_MAX} at most: it holds more than one subject"


def long_functions(file: File) -> Iterator[str]:
    """A function that does not fit on a screen."""
    if not (file.under("intakebot/") and file.is_python):
        return
    for node in ast.walk(file.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                where = f"{file.path}:{node.lineno}: {node.name}"
                yield f"{where}: {lines} lines, {FUNCTION_LINES_MAX} at most"


def time_and_chance(file: File) -> Iterator[str]:
    """A clock that is read, or a random number drawn, where nobody can see it in the signature."""
    if not (file.under("intakebot/") and file.is_python):
        return
    if file.path in SOURCES_OF_TIME_AND_CHANCE:
        return
    for node in ast.walk(file.tree):
        match node:
            case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=name) if (
                name in CLOCKS.get(owner, ())
            ):
                where = f"{file.path}:{node.lineno}"
                yield f"{where}: {owner}.{name} is banned, take `now` as an argument"
            case ast.Attribute(value=ast.Name(id="os"), attr="urandom"):
                yield f"{file.path}:{node.lineno}: os.urandom is banned, take it as an argument"
            case ast.Import(names=names):
                for alias in names:
                    yield from _imports_chance(file, node, alias.name)
            case ast.ImportFrom(module=str(module)):
                yield from _imports_chance(file, node, module)
                if module == "time" and any(it.name in CLOCKS["time"] for it in node.names):
                    where = f"{file.path}:{node.lineno}"
                    yield f"{where}: reading the clock is banned, take `now` as an argument"
            case _:
                pass


def _imports_chance(file: File, node: ast.stmt, module: str) -> Iterator[str]:
    if module.partition(".")[0] in CHANCE:
        where = f"{file.path}:{node.lineno}"
        yield f"{where}: {module} is banned, take the id or the number as an argument"


def sql_outside_the_store(file: File) -> Iterator[str]:
    """SQL anywhere but in the room for it, or a query that does not say which columns it reads."""
    if not file.under("intakebot/"):
        return
    in_store = file.under("intakebot/store/")
    if file.path.endswith(".sql"):
        if not in_store:
            yield f"{file.path}: SQL stands in intakebot/store/"
        yield from _every_column(file, [(file.text, 1)])
    elif file.is_python:
        texts = list(_texts(file.tree))
        yield from _every_column(file, texts)
        for text, line in texts:
            if not in_store and SQL.search(text):
                yield f"{file.path}:{line}: SQL stands in intakebot/store/"


def _every_column(file: File, texts: list[tuple[str, int]]) -> Iterator[str]:
    for text, line in texts:
        for found in EVERY_COLUMN.finditer(text):
            at = line + text.count("\n", 0, found.start())
            yield f"{file.path}:{at}: `{found[0]}` is banned, name the columns"


def _texts(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Each string in the code and its line, docstrings left out."""
    prose = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if id(node) not in prose:
                yield text, node.lineno
            case ast.JoinedStr(values=parts):  # an f-string, with a word in each hole
                whole = (str(it.value) if isinstance(it, ast.Constant) else "x" for it in parts)
                yield "".join(whole), node.lineno
            case _:
                pass


def leftovers(file: File) -> Iterator[str]:
    """A promise in a comment: it belongs in an issue."""
    for number, line in enumerate(file.text.splitlines(), 1):
        if found := LEFTOVER.search(line):
            yield f"{file.path}:{number}: {found[0]}: do it now, or write an issue"


def names_of_modules(file: File) -> Iterator[str]:
    """A room without a subject: if a function has no room, the map lacks a noun."""
    path = PurePosixPath(file.path)
    if not file.is_python:
        return
    for part in (*path.parts[:-1], path.stem):
        if MODULES_BANNED & set(part.split("_")):
            yield f"{file.path}: `{part}` says nothing about what is inside"


def words(file: File) -> Iterator[str]:
    """A name of our own with a word in it for which there is a better one."""
    if not file.is_python:
        return
    for name, line in names_given(file.tree):
        if name in NAMES_ALLOWED:
            continue
        for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name):
            remedy = WORDS.get(part.lower()) or WORDS.get(part.lower().removesuffix("s"))
            if remedy:
                yield f"{file.path}:{line}: `{name}`: {remedy}"


def names_given(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every name that this code makes up; what it takes from elsewhere is not its choice."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name, node.lineno
            case ast.ClassDef(name=name) | ast.ExceptHandler(name=str(name)):
                yield name, node.lineno
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name, node.lineno
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                yield name, node.lineno
            case ast.Attribute(attr=name, ctx=ast.Store()):
                yield name, node.lineno
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from ((name.asname, node.lineno) for name in names if name.asname)
            case _:
                pass


def swallowed(file: File) -> Iterator[str]:
    """Any failure at all, caught and thrown away."""
    if not file.is_python:
        return
    for node in ast.walk(file.tree):
        match node:
            case ast.ExceptHandler(type=None | ast.Name(id="Exception" | "BaseException")) if all(
                isinstance(line, ast.Pass | ast.Continue)
                or (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
                for line in node.body
            ):
                where = f"{file.path}:{node.lineno}"
                yield f"{where}: say which failure this is for, and what is done about it"
            case _:
                pass


def silenced(file: File) -> Iterator[str]:
    """A check that is switched off on a line, and nobody says why."""
    if not file.is_python:
        return
    for number, line in enumerate(file.text.splitlines(), 1):
        found = SILENCED.search(line)
        if found and not re.search(r"[^\W\d_]{3,}", found["reason"]):
            yield f"{file.path}:{number}: `{found[0].strip()}`: say why, behind it on the same line"


def addresses(file: File) -> Iterator[str]:
    """A place that exists on one machine only, or a registry that a municipality may not use."""
    for number, line in enumerate(file.text.splitlines(), 1):
        for pattern, remedy in (
            (MACHINE_PATH, "a path of one machine"),
            (REGISTRY, "whoever installs chooses the registry"),
        ):
            if found := pattern.search(line):
                yield f"{file.path}:{number}: {found[0]}: {remedy}"


def locks(file: File) -> Iterator[str]:
    """A lock that says where to fetch, or does not say what must come."""
    if not file.path.endswith(".lock"):
        return
    for entry in re.split(r"\n(?=\S)", file.text.strip()):
        name = entry.partition(" ")[0]
        if "://" in entry:
            yield f"{file.path}: {name}: an address; `make lock` writes none"
        if "--hash=sha256:" not in entry:
            yield f"{file.path}: {name}: no hash; `make lock` writes them"


def unreachable(files: list[File]) -> Iterator[str]:
    """Python that nothing leads to: no import from the program or a test, no command."""
    modules = {file.module: file for file in files if file.is_python}
    commands = "\n".join(file.text for file in files if not file.is_python and _starts_things(file))
    waiting = [file for file in modules.values() if _is_a_beginning(file, commands)]
    seen: set[str] = set()
    while waiting:
        file = waiting.pop()
        if file.path not in seen:
            seen.add(file.path)
            waiting.extend(modules[name] for name in _leads_to(file.tree) if name in modules)
    for file in modules.values():
        if file.path not in seen and not file.under(*LOADED_BY_PATH):
            yield f"{file.path}: nothing imports it: use it or remove it"


def _starts_things(file: File) -> bool:
    return file.path in ("Makefile", "pyproject.toml") or file.under(".ci/", "deploy/")


def _is_a_beginning(file: File, commands: str) -> bool:
    name = PurePosixPath(file.path).name
    if file.under("tests/") and (name.startswith("test_") or name == "conftest.py"):
        return True
    if file.module == "intakebot.__main__":
        return True
    return bool(
        re.search(rf"(?<![\w.])(?:{re.escape(file.path)}|{re.escape(file.module)})\b", commands)
    )


def _leads_to(tree: ast.Module) -> Iterator[str]:
    """Every module named in the code: by an import, or by its whole name in a string."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                for name in names:
                    yield from _with_parents(name.name)
            case ast.ImportFrom(module=str(module), names=names):
                yield from _with_parents(module)
                yield from (f"{module}.{name.name}" for name in names)
            case ast.Constant(value=str(text)):
                yield text.partition(":")[0]
            case _:
                pass


def _with_parents(module: str) -> Iterator[str]:
    parts = module.split(".")
    return (".".join(parts[:end]) for end in range(1, len(parts) + 1))


RULES: tuple[Rule, ...] = (
    long_files,
    long_functions,
    time_and_chance,
    sql_outside_the_store,
    leftovers,
    names_of_modules,
    words,
    swallowed,
    silenced,
    addresses,
    locks,
)
