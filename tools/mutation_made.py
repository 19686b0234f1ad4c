"""Mistakes that a tool makes in a source file: one small change at a time, each told as two lines of a diff.

What is changed: comparisons, `and` and `or`, `not`, conditions, whole numbers, true and false, plus and minus,
sets joined and cut, what is returned, and statements that only do something (left out). What is not: words,
annotations, assertions (they guard what we promised ourselves; taking one away changes nothing that is seen),
and the bodies of classes, which declare and decide nothing.
"""

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

_SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

Change = Callable[[], None]
"""Puts the mistake into the tree it was found in."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """One mistake: where it is, which of its file's mistakes, and what it turns into what."""

    path: str
    """From the root of the project."""
    number: int
    function: str
    """Empty for a constant of the module."""
    line: int
    kind: str
    place: int = 0
    """Which of its function's mistakes."""
    before: str = ""
    after: str = ""

    @property
    def key(self) -> str:
        """A name that stays while the lines above it change."""
        return f"{self.path}:{self.function}:{self.place}:{self.kind}:{self.before} -> {self.after}"


Site = tuple[str, ast.stmt, str, Change]
"""In which function, in which statement, what kind of mistake, and how it is made."""


def made_in(root: Path, path: str) -> list[Made]:
    """Every mistake that can be made in the file *path* under *root*; not told yet."""
    tree = ast.parse((root / path).read_text(encoding="utf-8"))
    places = Counter[str]()
    found = []
    for number, (function, statement, kind, _) in enumerate(_sites(tree)):
        places[function] += 1
        place, line = places[function], statement.lineno
        found.append(Made(path=path, number=number, function=function, line=line, kind=kind, place=place))
    return found


def told(root: Path, made: Made) -> Made:
    """The same mistake, with what it turns into what."""
    _, statement, _, change = _nth(ast.parse((root / made.path).read_text(encoding="utf-8")), made.number)
    before = _told(statement)
    change()
    return replace(made, before=before, after="" if made.kind == "left out" else _told(statement))


def with_mistake(source: str, number: int) -> ast.Module:
    """The tree of *source* with mistake *number* in it; its lines are where they were."""
    tree = ast.parse(source)
    _, _, _, change = _nth(tree, number)
    change()
    return ast.fix_missing_locations(tree)


def _nth(tree: ast.Module, number: int) -> Site:
    return next(site for n, site in enumerate(_sites(tree)) if n == number)


def _told(statement: ast.stmt) -> str:
    """The first line of *statement*, or all of it when it is short and alone."""
    text = ast.unparse(statement)
    if isinstance(statement, ast.If | ast.While | ast.For | ast.With | ast.Try):
        return text.splitlines()[0]
    return " ".join(text.split())


def _sites(tree: ast.Module) -> Iterator[Site]:
    for statement in tree.body:
        if isinstance(statement, _FUNCTIONS):
            yield from _in_function(statement, statement.name)
        elif isinstance(statement, ast.ClassDef):
            for inner in statement.body:
                if isinstance(inner, _FUNCTIONS):
                    yield from _in_function(inner, f"{statement.name}.{inner.name}")
        elif isinstance(statement, ast.Assign | ast.AnnAssign) and _name_of(statement):
            yield from (("", statement, kind, change) for kind, change in _in_expression(statement.value))


def _name_of(statement: ast.Assign | ast.AnnAssign) -> str:
    """The one name that *statement* gives a value to."""
    target = statement.target if isinstance(statement, ast.AnnAssign) else statement.targets[0]
    return target.id if isinstance(target, ast.Name) else ""


def constant_named(tree: ast.Module, number: int) -> str:
    """Which constant of the module mistake *number* is in."""
    _, statement, _, _ = _nth(tree, number)
    assert isinstance(statement, ast.Assign | ast.AnnAssign)
    return _name_of(statement)


def _in_function(function: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> Iterator[Site]:
    for body in _bodies(function):
        for place, statement in enumerate(body):
            if isinstance(statement, ast.Assert):
                continue
            if isinstance(statement, _FUNCTIONS):
                continue
            for kind, change in _in_statement(statement, body, place):
                yield name, statement, kind, change


def _bodies(owner: ast.AST) -> Iterator[list[ast.stmt]]:
    """Every list of statements within *owner*, however deep."""
    for field in ("body", "orelse", "finalbody"):
        body = getattr(owner, field, None)
        if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
            yield body
            for statement in body:
                yield from _bodies(statement)
    for handler in getattr(owner, "handlers", ()):
        yield from _bodies(handler)
    for case in getattr(owner, "cases", ()):
        yield from _bodies(case)


def _in_statement(statement: ast.stmt, body: list[ast.stmt], place: int) -> Iterator[tuple[str, Change]]:
    if _only_does(statement):
        yield "left out", _put(body, place, ast.copy_location(ast.Pass(), statement))
    if isinstance(statement, ast.Return) and not _is_none(statement.value):
        yield "returns nothing", _set(statement, "value", ast.Constant(value=None))
    if isinstance(statement, ast.If | ast.While) and not isinstance(statement.test, ast.Compare | ast.BoolOp):
        yield "condition", _set(statement, "test", _negated(statement.test))
    for field in ("value", "test", "iter", "exc", "subject"):
        yield from _in_expression(getattr(statement, field, None))
    for item in getattr(statement, "items", ()):
        yield from _in_expression(item.context_expr)
    if isinstance(statement, ast.AugAssign) and type(statement.op) in _SWAPPED:
        yield "operator", _set(statement, "op", _SWAPPED[type(statement.op)]())


def _only_does(statement: ast.stmt) -> bool:
    """Whether *statement* gives no value to any name, so that leaving it out breaks no other line by itself."""
    if isinstance(statement, ast.Expr):
        return not isinstance(statement.value, ast.Constant | ast.Yield)
    return isinstance(statement, ast.AugAssign | ast.Raise | ast.Continue | ast.Break | ast.Delete)


def _in_expression(expression: ast.expr | None) -> Iterator[tuple[str, Change]]:
    if expression is None:
        return
    for node in ast.walk(expression):
        yield from _in_operator(node)
        yield from _in_constant(node)
        yield from _in_condition(node)


def _in_operator(node: ast.AST) -> Iterator[tuple[str, Change]]:
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            if type(operator) in _SWAPPED:
                yield "comparison", _put(node.ops, place, _SWAPPED[type(operator)]())
    elif isinstance(node, ast.BoolOp):
        yield "and or", _set(node, "op", _SWAPPED[type(node.op)]())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not", _as_is(node)
    elif isinstance(node, ast.BinOp) and type(node.op) in _SWAPPED:
        yield "operator", _set(node, "op", _SWAPPED[type(node.op)]())


def _in_constant(node: ast.AST) -> Iterator[tuple[str, Change]]:
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield "truth", _set(node, "value", not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield "number", _set(node, "value", node.value + 1)


def _in_condition(node: ast.AST) -> Iterator[tuple[str, Change]]:
    if isinstance(node, ast.IfExp) and not isinstance(node.test, ast.Compare | ast.BoolOp):
        yield "condition", _set(node, "test", _negated(node.test))
    elif isinstance(node, ast.comprehension):
        for place, test in enumerate(node.ifs):
            if not isinstance(test, ast.Compare | ast.BoolOp):
                yield "condition", _put(node.ifs, place, _negated(test))


def _negated(test: ast.expr) -> ast.expr:
    return ast.copy_location(ast.UnaryOp(op=ast.Not(), operand=test), test)


def _is_none(value: ast.expr | None) -> bool:
    return value is None or (isinstance(value, ast.Constant) and value.value is None)


def _set(node: ast.AST, field: str, value: object) -> Change:
    return lambda: setattr(node, field, value)


def _put(places: list[Any], place: int, value: ast.AST) -> Change:
    def change() -> None:
        places[place] = value

    return change


def _as_is(node: ast.UnaryOp) -> Change:
    """Let `not x` say only whether there is an x."""
    doubled = ast.copy_location(ast.UnaryOp(op=ast.Not(), operand=node.operand), node.operand)
    return _set(node, "operand", doubled)
