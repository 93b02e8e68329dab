"""Every field of an entry is in one of the two tables of what a metadata package discloses."""

import ast
from collections.abc import Iterator
from pathlib import Path

from gateway.evidence.disclosure_profile import OPERATIONAL, WITHHELD
from gateway.evidence.entry import SEARCHED

ROOT = Path(__file__).resolve().parents[2]
_NO_FIELDS = {"request"}  # an id by which the entry is found; it stands in the leaf
_METHODS = (
    ".note",
    "journal.record",
    "about.update",
    "fields.update",
)


def _named(call: ast.Call) -> Iterator[str]:
    """The names of fields that a call puts into an entry."""
    called = ast.unparse(call.func)
    method = called.rsplit(".", maxsplit=1)[-1]
    if called.endswith(_METHODS):
        yield from (word.arg for word in call.keywords if word.arg)
    dictionaries = call.args if method == "Entry" else []
    dictionaries = [*dictionaries, *(w.value for w in call.keywords if w.arg == "recorded")]
    for given in dictionaries:
        if isinstance(given, ast.Dict):
            yield from (key.value for key in given.keys if isinstance(key, ast.Constant))  # type: ignore[misc]


def _of_functions(tree: ast.Module) -> Iterator[str]:
    """Functions that put the fields together: by name, or because they return such a mapping."""
    for node in ast.walk(tree):
        given = isinstance(node, ast.FunctionDef) and node.name in {"fields", "recorded"}
        more = isinstance(node, ast.Dict) and any(
            key is None and ast.unparse(value).endswith(".fields")
            for key, value in zip(node.keys, node.values, strict=True)
        )
        typed = isinstance(node, ast.AnnAssign) and "Value]" in ast.unparse(node.annotation)
        if given or more or typed:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Dict):
                    yield from (key.value for key in inner.keys if isinstance(key, ast.Constant))  # type: ignore[misc]


def _of_the_code() -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted((ROOT / "gateway").rglob("*.py")):
        where = str(path.relative_to(ROOT))
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
        for name in [*(name for call in calls for name in _named(call)), *_of_functions(tree)]:
            found.setdefault(name, where)
    return found


def test_every_field_is_in_a_table_and_in_one_only() -> None:
    found = _of_the_code()
    classed = OPERATIONAL | set(WITHHELD)
    missing = {name: where for name, where in found.items() if name not in classed | _NO_FIELDS}
    assert not missing, "class them in gateway/evidence/disclosure_profile.py"
    assert not OPERATIONAL & set(WITHHELD)
    assert set(SEARCHED) <= classed
    assert {"principal", "outcome", "count", "removed", "added", "hold", "approval"} <= found.keys()
