"""onnxruntime reports nothing: its telemetry would keep an identifier and call its maker."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration
_ROOT = Path(__file__).resolve().parents[3]
_LOAD = {
    "content": "from gateway.classifiers.content.network import ContentNetwork as Model",
    "entities": "from gateway.classifiers.entities.classifier import Classifier as Model",
}


@pytest.mark.parametrize("name", _LOAD)
def test_loading_a_model_leaves_no_identifier_of_this_machine(tmp_path: Path, name: str) -> None:
    folder = Path("gateway/classifiers", name, "model")
    code = f"from pathlib import Path\n{_LOAD[name]}\nModel(Path('{folder}'))"
    subprocess.run(
        [sys.executable, "-c", code],
        cwd=_ROOT, env={"HOME": str(tmp_path)}, check=True, timeout=120,
    )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_one_module_loads_it() -> None:
    plain = re.compile(r"^\s*(?:import|from) onnxruntime\b", re.MULTILINE)
    found = [
        path.relative_to(_ROOT).as_posix()
        for path in (_ROOT / "gateway").rglob("*.py")
        if plain.search(path.read_text(encoding="utf-8"))
    ]
    assert found == ["gateway/classifiers/onnx.py"]
