"""The house rules that no linter knows: one function a rule, from a source to its findings.

Enters: a Source; leaves: findings with line and reason. Not here: reading files (source), the units (units).
"""

import ast
import re
from collections.abc import Callable, Iterator

from tests.tidy.source import Source
from tests.tidy.units import is_number, tells_unit

Findings = Iterator[tuple[int, str]]
Rule = Callable[[Source], Findings]
Function = ast.FunctionDef | ast.AsyncFunctionDef

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
NESTING_MAX = 3

CORE = "src/sanchi/core"
APP = "src/sanchi/app"
WRITTEN_SUFFIXES = {".py", ".html", ".css", ".js", ".sh", ""}
BRANCHES = (
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.With,
    ast.AsyncWith,
    ast.Try,
    ast.TryStar,
    ast.Match,
)
HOMELESS = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
INPUT_OUTPUT = {"open", "print", "input"}
ARRAY_FILES = {
    "load",
    "save",
    "savez",
    "savez_compressed",
    "loadtxt",
    "savetxt",
    "genfromtxt",
    "fromfile",
    "tofile",
}

UNFINISHED = re.compile(r"\b(TODO|FIXME)\b(?!.*\bissue \d+)")
BARE_TYPE_IGNORE = re.compile(r"#\s*type:\s*ignore(?!\[)")
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(home|root|work|tmp)/")
CLOCK = re.compile(r"\b(datetime|date)\.(now|utcnow|today)$")
ADDRESS = re.compile(r"\w+://")
LOCKED = ("requirements", "web", "scripts", ".ci", "pyproject.toml")


def file_length(source: Source) -> Findings:
    """Find a file that a reader cannot hold in mind."""
    n_lines = len(source.text.splitlines())
    is_written = source.path.suffix in WRITTEN_SUFFIXES and source.path.name != "LICENSE"
    if is_written and not source.is_generated and n_lines > FILE_LINES_MAX:
        yield (
            FILE_LINES_MAX + 1,
            f"the file has {n_lines} lines, at most {FILE_LINES_MAX} are allowed: split it by noun",
        )


def function_length(source: Source) -> Findings:
    """Find a function that does more than one thing; its docstring does not count."""
    for function in source.functions():
        n_lines = span(function) - docstring_span(function)
        if n_lines > FUNCTION_LINES_MAX:
            yield (
                function.lineno,
                f"{function.name} has {n_lines} lines, at most {FUNCTION_LINES_MAX} are allowed",
            )


def nesting(source: Source) -> Findings:
    """Find a branch inside a branch inside a branch inside a branch."""
    for function in source.functions():
        for branch, depth in branches(function.body, depth=1):
            if depth == NESTING_MAX + 1:
                yield branch.lineno, f"{function.name} nests {depth} deep, at most {NESTING_MAX} is allowed"


def module_docstring(source: Source) -> Findings:
    """Find a module that does not say what it is for."""
    if source.is_python and not source.is_generated and not ast.get_docstring(source.tree):
        yield 1, "the module has no docstring: say what enters, what leaves and what is not here"


def unit_in_name(source: Source) -> Findings:
    """Find a public number of core or app whose name does not end in its unit."""
    if source.lies_in(CORE, APP):
        for line_no, name, annotation in public_names(source.tree.body):
            if is_number(annotation) and not tells_unit(name):
                yield line_no, f"'{name}' is a number without a unit: end it in one of tests/tidy/units.py"


def homeless_module(source: Source) -> Findings:
    """Find a module or folder named after nothing."""
    if source.is_python:
        for part in source.path.with_suffix("").parts:
            for word in sorted(HOMELESS & set(part.split("_"))):
                yield 1, f"'{part}' says {word}: name it after the thing it holds"


def unfinished_without_issue(source: Source) -> Findings:
    """Find a note of unfinished work that nobody will ever come back to."""
    if source.path.suffix in WRITTEN_SUFFIXES:
        for line_no, comment in source.comments():
            if UNFINISHED.search(comment):
                yield (
                    line_no,
                    "unfinished work is named without its issue: write 'issue N' beside it, or finish it",
                )


def core_input_output(source: Source) -> Findings:
    """Find a call by which core would read or write the world."""
    if source.lies_in(CORE):
        for call in calls(source):
            match call.func:
                case ast.Name(id=name) if name in INPUT_OUTPUT:
                    yield (
                        call.lineno,
                        f"core calls {name}(): take the content as an argument, return what is to be said",
                    )
                case ast.Attribute(value=ast.Name(id="np" | "numpy"), attr=name) if name in ARRAY_FILES:
                    yield call.lineno, f"core calls np.{name}(): files are read and written in edge"


def clock(source: Source) -> Findings:
    """Find a question to the clock in core or app."""
    if source.lies_in(CORE, APP):
        for call in calls(source):
            if CLOCK.search(asked := ast.unparse(call.func)):
                yield call.lineno, f"{asked}() asks the clock: take the time as an argument"


def bare_except(source: Source) -> Findings:
    """Find an except that swallows whatever comes."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler) and node.type is None:
            yield node.lineno, "a bare except hides every fault: name the error"


def leftover_breakpoint(source: Source) -> Findings:
    """Find a stop left from a hunt."""
    for call in calls(source):
        if ast.unparse(call.func) in {"breakpoint", "pdb.set_trace"}:
            yield call.lineno, "a breakpoint is left"


def bare_type_ignore(source: Source) -> Findings:
    """Find a silenced type error that does not say which one."""
    if source.is_python:
        for line_no, comment in source.comments():
            if BARE_TYPE_IGNORE.search(comment):
                yield line_no, "a type error is ignored without its code: write ignore[code]"


def machine_path(source: Source) -> Findings:
    """Find the path of somebody's machine."""
    for line_no, line in source.lines():
        if found := MACHINE_PATH.search(line):
            yield line_no, f"{found.group()} is a path of one machine: write it relative to the project"


def registry_address(source: Source) -> Findings:
    """Find an address in a lock file or in the configuration, where only a registry's would stand."""
    if source.lies_in(*LOCKED):
        for line_no, line in source.lines():
            # A database is reached by its socket; such an address names no host.
            if any(found.group() != "postgresql://" for found in ADDRESS.finditer(line)):
                yield (
                    line_no,
                    "an address stands in a lock or configuration file: packages are asked for by name",
                )


RULES: tuple[Rule, ...] = (
    file_length,
    function_length,
    nesting,
    module_docstring,
    unit_in_name,
    homeless_module,
    unfinished_without_issue,
    core_input_output,
    clock,
    bare_except,
    leftover_breakpoint,
    bare_type_ignore,
    machine_path,
    registry_address,
)


def span(node: ast.stmt) -> int:
    """Count the lines of a statement."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def docstring_span(function: Function) -> int:
    """Count the lines of a function's docstring."""
    return span(function.body[0]) if ast.get_docstring(function) is not None else 0


def calls(source: Source) -> Iterator[ast.Call]:
    """Give every call of a module."""
    return (node for node in ast.walk(source.tree) if isinstance(node, ast.Call))


def branches(body: list[ast.stmt], depth: int) -> Iterator[tuple[ast.stmt, int]]:
    """Give each branching statement below a body with its depth; functions inside count for themselves."""
    for statement in body:
        if isinstance(statement, BRANCHES):
            yield statement, depth
            for block in blocks(statement):
                # An elif is an if alone in an else, yet it stands beside its if, not inside.
                is_elif = isinstance(statement, ast.If) and block is statement.orelse and is_lone_if(block)
                yield from branches(block, depth if is_elif else depth + 1)


def blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """Give the blocks of a branching statement: bodies, else, handlers, cases."""
    for name in ("body", "orelse", "finalbody"):
        yield getattr(statement, name, [])
    for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        yield part.body


def is_lone_if(block: list[ast.stmt]) -> bool:
    """Tell whether a block is one if statement."""
    return len(block) == 1 and isinstance(block[0], ast.If)


def public_names(body: list[ast.stmt]) -> Iterator[tuple[int, str, ast.expr | None]]:
    """Give the public fields of classes and the parameters of public functions, with line and annotation."""
    for node in body:
        match node:
            case ast.ClassDef(name=name) if not name.startswith("_"):
                yield from public_names(node.body)
                yield from fields(node)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if not name.startswith("_"):
                arguments = node.args
                for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
                    yield argument.lineno, argument.arg, argument.annotation


def fields(record: ast.ClassDef) -> Iterator[tuple[int, str, ast.expr | None]]:
    """Give the public fields of a dataclass or Protocol."""
    for node in record.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id[0] != "_":
            yield node.lineno, node.target.id, node.annotation
