"""The shape of the house: sizes, edges, packages, and what starting must not do."""

import ast
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = sorted(path for part in ("gateway", "admin") for path in (ROOT / part).rglob("*.py"))
MAX_FILE, MAX_FUNCTION = 400, 60
# Plain lists of data, and what stands alone, read best in one piece.
LONG_FILES = {
    "gateway/evidence/verify.py",
    "gateway/governance/reports/texts/en.py",
    "gateway/governance/reports/texts/nl.py",
}
BROAD_EXCEPT = {  # the edges of the data plane, of threads, of jobs, of the translator's child, of the worker's batches
    "gateway/api/request_response_cycle.py",
    "gateway/api/v1.py",
    "gateway/core/system/serial_executor.py",
    "gateway/egress/translator/child.py",
    "gateway/processes/jobs.py",
    "gateway/worker/engine.py",
}


def test_files_stay_small() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in CODE
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MAX_FILE
    }
    assert set(long) <= LONG_FILES, long


def test_functions_stay_small() -> None:
    long = {}
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno
                if lines > MAX_FUNCTION:
                    long[f"{path.relative_to(ROOT)}:{node.name}"] = lines
    assert not long


def test_broad_excepts_stand_only_at_the_edges() -> None:
    found = set()
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            broad = isinstance(node, ast.ExceptHandler) and (
                node.type is None
                or (isinstance(node.type, ast.Name) and node.type.id == "Exception")
            )
            if broad:
                found.add(str(path.relative_to(ROOT)))
    assert found <= BROAD_EXCEPT


def test_the_tests_of_a_file_share_a_worker(request: pytest.FixtureRequest) -> None:
    """Else fixtures are made twice: xdist marks a group in a name, which pytest 9.2 does not let it."""
    grouped = request.config.getoption("loadgroup", default=False)
    assert not grouped or "@" in request.node.nodeid


def test_every_folder_is_a_package_and_every_module_says_what_it_is_for() -> None:
    for path in CODE:
        assert (path.parent / "__init__.py").exists(), path
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


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
