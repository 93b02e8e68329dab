"""The contents of the wheel: data that the product reads is in it, all other data is not."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_CARRIED = (
    "gateway/_bundled/migrations/env.py",
    "gateway/_bundled/policies/levels.yaml",
    "gateway/classifiers/content/model/encoder.int8.onnx",
    "gateway/classifiers/content/model/pieces.npy",
    "gateway/classifiers/entities/model/names.int8.onnx",
    "gateway/evaluation/suites/answers/en.yaml",
    "gateway/evaluation/suites/answers/nl.yaml",
    "gateway/evaluation/model_suites/refusal/items.jsonl",
    "gateway/governance/reports/detection.json",
    "gateway/privacy/text/language_grams.txt",
    "gateway/worker/adapters/letters/adapter_model.safetensors",
)
_SUITES = "gateway/evaluation/model_suites/"  # that `sluis models evaluate` runs
_OUTSIDE = ("training", "evaluation", "tests", "scripts", "docs")


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=_ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        return set(wheel.namelist())


def test_it_carries_models_policies_and_suites(names: set[str]) -> None:
    assert set(_CARRIED) - names == set()


def test_it_carries_no_training_and_no_data_sets(names: set[str]) -> None:
    assert {name.partition("/")[0] for name in names} & set(_OUTSIDE) == set()
    data = [name for name in names if name.endswith(".jsonl")]
    assert [name for name in data if not name.startswith(_SUITES)] == []


def test_the_product_imports_neither_training_nor_evaluation() -> None:
    code = [path for part in ("gateway", "admin") for path in (_ROOT / part).rglob("*.py")]
    statements = ("import training", "from training", "import evaluation", "from evaluation")
    assert [
        path
        for path in code
        if any(line.startswith(statements) for line in path.read_text("utf-8").splitlines())
    ] == []
