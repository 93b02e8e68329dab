"""Mutants of the stand-alone verifier: each is one small change of its code, run against all cases.

Run as a program: ``python mutation.py CASES.json SHARE SEED`` prints as JSON the mutants that gave
the same results as the original for every case, and the number of mutants. It runs in its own
process, because a mutant may loop for ever or fill memory.
"""

import ast
import contextlib
import io
import json
import random
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

VERIFIER = Path(__file__).resolve().parents[2] / "gateway" / "evidence" / "verify.py"
LONGEST_S = 2.0  # processor time, because other processes may use the machine
MEMORY = 2 * 1024**3
_COMPARED: dict[type, type] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_COUNTED: dict[type, type] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.LShift: ast.RShift,
    ast.Mod: ast.FloorDiv,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.FloorDiv: ast.Mult,
    ast.Pow: ast.Mult,
    ast.Div: ast.Mult,
}
# Texts, and limits that may be one higher.
_SKIPPED = ("TEXTS", "MAX_", "BLOCK", "__name__", "def own_language")
_DROPPED = (ast.Raise, ast.Assign, ast.AugAssign, ast.Continue, ast.Break, ast.Expr)
Answer = tuple[int | str, str]


def mutants(tree: ast.Module, drawn: Callable[[], bool]) -> Iterator[str]:
    """Makes the drawn changes in ``tree``, each undone before the next; yields their names."""
    for node, statement in _sites(tree):
        for change in _changes(node):
            if not drawn():
                continue
            line = _short(ast.unparse(statement))
            kept = {
                name: list(value) if isinstance(value, list) else value
                for name, value in vars(node).items()
            }
            before = ast.unparse(node)
            change(node)
            ast.fix_missing_locations(node)
            changed = _short(ast.unparse(node))
            yield f"{_place(tree, statement)}: {_short(before)} -> {changed} | {line}"
            vars(node).update(kept)


class _Untyped(ast.NodeTransformer):
    """Removes annotations: no case can detect a change of one."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        if node.value is None:
            return ast.copy_location(ast.Pass(), node)
        return ast.copy_location(ast.Assign(targets=[node.target], value=node.value), node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.returns = None
        self.generic_visit(node)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node


def original() -> ast.Module:
    """The verifier without its docstrings and annotations."""
    tree: ast.Module = _Untyped().visit(ast.parse(VERIFIER.read_text(encoding="utf-8")))
    for node in ast.walk(tree):
        for at, inner in enumerate(
            getattr(node, "body", []) if isinstance(node, ast.stmt | ast.Module) else []
        ):
            if isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Constant):
                node.body[at] = ast.copy_location(ast.Pass(), inner)  # type: ignore[attr-defined]
    del tree.body[0]  # the docstring: nothing may precede an import from __future__
    return tree


def _short(text: str) -> str:
    return " ".join(text.split())[:90]


def _sites(tree: ast.Module) -> Iterator[tuple[Any, ast.stmt]]:
    """All nodes that can be changed, each with its statement."""
    for statement in tree.body:
        if not any(mark in ast.unparse(statement).split("\n")[0] for mark in _SKIPPED):
            yield from _inside(statement, statement)


def _inside(node: ast.AST, statement: ast.stmt) -> Iterator[tuple[Any, ast.stmt]]:
    if isinstance(node, ast.stmt):
        statement = node
        if isinstance(node, ast.Expr | ast.Assign) and "parser" in ast.unparse(node):
            return
    yield node, statement
    for inner in ast.iter_child_nodes(node):
        yield from _inside(inner, statement)


def _place(tree: ast.Module, statement: ast.stmt) -> str:
    names = [
        part.name
        for part in ast.walk(tree)
        if isinstance(part, ast.FunctionDef | ast.ClassDef)
        and part.lineno <= statement.lineno <= (part.end_lineno or 0)
    ]
    return ".".join(names) or "module"


def _changes(node: Any) -> Iterator[Callable[[Any], None]]:
    if isinstance(node, ast.Compare):
        for at in range(len(node.ops)):
            yield partial(_other_operator, at=at)
    elif isinstance(node, ast.BoolOp):
        yield _set("op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
        for at in range(len(node.values)):
            yield partial(_drop, at=at)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield _affirm
    elif isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in _COUNTED:
        yield _set("op", _COUNTED[type(node.op)]())
    elif isinstance(node, ast.Constant):
        yield from _constants(node)
    elif isinstance(node, ast.If | ast.While | ast.IfExp):
        yield _set("test", ast.Constant(value=False))
        if not isinstance(node, ast.While):
            yield _set("test", ast.Constant(value=True))
    elif isinstance(node, ast.Return) and not isinstance(node.value, ast.Constant | None):
        yield _set("value", ast.Constant(value=None))
    for block in ("body", "orelse"):
        inner = getattr(node, block, [])
        for at, statement in enumerate(inner if isinstance(inner, list) else []):
            if isinstance(statement, _DROPPED):
                yield partial(_pass, block=block, at=at)


def _set(name: str, value: object) -> Callable[[Any], None]:
    return lambda node: setattr(node, name, value)


def _other_operator(node: Any, at: int) -> None:
    node.ops[at] = _COMPARED[type(node.ops[at])]()


def _drop(node: Any, at: int) -> None:
    del node.values[at]


def _affirm(node: Any) -> None:
    """``not x`` becomes ``+bool(x)``."""
    called = ast.Call(func=ast.Name(id="bool", ctx=ast.Load()), args=[node.operand], keywords=[])
    node.op, node.operand = ast.UAdd(), called


def _pass(node: Any, block: str, at: int) -> None:
    getattr(node, block)[at] = ast.Pass()


def _constants(node: ast.Constant) -> Iterator[Callable[[Any], None]]:
    value = node.value
    if isinstance(value, bool):
        yield _set("value", not value)
    elif isinstance(value, int):
        yield _set("value", value + 1)
        if value > 1:
            yield _set("value", value - 1)
    elif isinstance(value, bytes) and value:
        yield _set("value", value + b"\x00")
    elif isinstance(value, str):
        yield _set("value", value + "x")


class TooLongError(BaseException):
    """The mutant does not end."""


def _late(_: int, __: FrameType | None) -> None:
    raise TooLongError


def answer(main: Callable[[list[str]], int], arguments: list[str]) -> Answer:
    """Exit code and output; the name of an exception if one is raised."""
    out = io.StringIO()
    signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST_S)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            return main(arguments), out.getvalue()
    except BaseException as error:  # noqa: BLE001  (whatever a mutant does is an answer)
        return type(error).__name__, ""
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def module(code: CodeType) -> dict[str, Any]:
    space: dict[str, Any] = {"__name__": "verify", "__doc__": ""}
    exec(code, space)  # noqa: S102  (our own verifier)
    return space


def caught(
    tree: ast.Module, asked: list[list[str]], wanted: Callable[[int], Answer], order: list[int]
) -> bool:
    """Whether a case detects the mutant; the case moves to the front."""
    signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST_S)
    try:
        main = module(compile(tree, "mutant", "exec"))["main"]
    except BaseException:  # noqa: BLE001
        return True
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    for at, case in enumerate(order):
        if answer(main, asked[case]) != wanted(case):
            order.insert(0, order.pop(at))
            return True
    return False


def survivors(asked: list[list[str]], *, share: float, seed: int) -> tuple[list[str], int]:
    """The mutants that no case catches, out of a share of all, and the number tried."""
    tree = original()
    main = module(compile(tree, "original", "exec"))["main"]

    @cache  # computed when it is needed: the first cases catch most mutants
    def wanted(number: int) -> Answer:
        expected = answer(main, asked[number])
        assert not isinstance(expected[0], str), "the verifier itself does not answer every case"
        return expected

    order = list(range(len(asked)))
    draw = random.Random(seed)
    tried, found = 0, []
    for name in mutants(tree, lambda: draw.random() < share):
        tried += 1
        if not caught(tree, asked, wanted, order):
            found.append(name)
    return found, tried


if __name__ == "__main__":
    signal.signal(signal.SIGVTALRM, _late)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    started = time.monotonic()
    cases = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    found, tried = survivors(cases, share=float(sys.argv[2]), seed=int(sys.argv[3]))
    json.dump(
        {"survivors": found, "tried": tried, "seconds": time.monotonic() - started}, sys.stdout
    )
