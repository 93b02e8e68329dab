"""What of a model's files is refused when it is registered, each with what to do."""

import json
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from gateway.core.errors import InvalidRequest
from gateway.core.manifest import manifest_of
from gateway.core.snapshot import LANGUAGE
from gateway.governance.models.files import VersionFiles, read_files
from tests.support.cards import CARD, with_card

BASE = {"model.layers.0.self_attn.q_proj.weight": (8, 4), "model.embed_tokens.weight": (16, 4)}
MODULE = "base_model.model.model.layers.0.self_attn.q_proj"
LORA = {f"{MODULE}.lora_A.weight": (2, 4), f"{MODULE}.lora_B.weight": (8, 2)}
CONFIG = {"max_position_embeddings": 64}
ADAPTER_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "/elsewhere"}
Break = Callable[[Path, Path], object]


def safetensors(tensors: Mapping[str, tuple[int, ...]]) -> bytes:
    """A file of float16 zeros."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    at = 0
    for name, shape in tensors.items():
        size = 2
        for number in shape:
            size *= number
        header[name] = {"dtype": "F16", "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + bytes(at)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "base"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    (folder / "model.safetensors").write_bytes(safetensors(BASE))
    return with_card(folder)


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    folder = tmp_path / "adapter"
    folder.mkdir()
    (folder / "adapter_config.json").write_text(json.dumps(ADAPTER_CONFIG), encoding="utf-8")
    (folder / "adapter_model.safetensors").write_bytes(safetensors(LORA))
    return with_card(folder)


def read(base: Path, adapter: Path | None = None) -> VersionFiles:
    return read_files(base, adapter, LANGUAGE, None)


def test_a_model_and_an_adapter_of_it_are_taken(base: Path, adapter: Path) -> None:
    found = read(base, adapter)
    assert (found.base, found.adapter) == (manifest_of(base).digest, manifest_of(adapter).digest)
    assert found.stated.missing() == []


def test_the_files_of_a_git_clone_are_ignored(base: Path) -> None:
    before = read(base).base
    (base / ".git" / "objects").mkdir(parents=True)
    (base / ".git" / "objects" / "pack").write_bytes(b"\x80\x04")
    (base / ".gitattributes").write_text("*.safetensors filter=lfs", encoding="utf-8")
    assert read(base).base == before


def tensors(**changed: tuple[int, ...]) -> Break:
    """An adapter with other shapes."""
    named = {f"{MODULE}.lora_{part}.weight": shape for part, shape in changed.items()}
    file = safetensors({**LORA, **named})
    return lambda _, adapter: (adapter / "adapter_model.safetensors").write_bytes(file)


def other(name: str) -> Break:
    """An adapter of a module with another name."""
    file = safetensors({key.replace("q_proj", name): shape for key, shape in LORA.items()})
    return lambda _, adapter: (adapter / "adapter_model.safetensors").write_bytes(file)


def text(name: str, content: str) -> Break:
    return lambda base, _: (base / name).write_text(content, encoding="utf-8")


def raw(name: str, content: bytes) -> Break:
    return lambda base, _: (base / name).write_bytes(content)


def link(base: Path, _: Path) -> None:
    (base / "copy.json").symlink_to(base / "config.json")


def outward(base: Path, adapter: Path) -> None:
    (base / "copy.json").symlink_to(adapter / "adapter_config.json")


HEADER = safetensors(BASE)
GAP = HEADER.replace(b'"data_offsets": [0', b'"data_offsets": [2')
TWICE = b'{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],'
TWICE += b'"data_offsets":[0,1]}}'


@pytest.mark.parametrize(
    ("breaks", "cure"),
    [
        (raw("model.safetensors", pickle.dumps({"a": 1})), "save the weights again"),
        (raw("model.safetensors", b""), "save the weights again"),
        (raw("model.safetensors", b"\xff" * 64), "save the weights again"),
        (raw("model.safetensors", HEADER[:-1]), "save the weights again"),
        (raw("model.safetensors", HEADER + b"\0"), "save the weights again"),
        (raw("model.safetensors", GAP), "save the weights again"),
        (raw("model.safetensors", len(TWICE).to_bytes(8, "little") + TWICE + b"\0"), "save the"),
        (text("model.safetensors", "version https://git-lfs.github.com/spec/v1\n"), "git lfs pull"),
        (raw("tokenizer.model", pickle.dumps([1])), "remove it"),
        (raw("tokenizer.model", b"(lp0\nI1\na."), "not a tokenizer"),
        (raw("vocab.txt", b"PK\x03\x04rest"), "remove it"),
        (raw("merges.txt", b"a\0b"), "not a text"),
        (raw("weights.bin", b"x"), "remove it"),
        (text("modeling.py", "import os"), "remove it"),
        (text("config.json", '{"auto_map": {"AutoModel": "modeling.Model"}}'), "remove that key"),
        (text("config.json", '{"text_config": [{"auto_map": {}}]}'), "remove that key"),
        (text("config.json", "[" * 100_000), "restore the file"),
        (link, "copy the file"),
        (outward, "copy the file"),
        (tensors(B=(9, 2)), "another base"),
        (tensors(A=(2, 5)), "another base"),
        (tensors(A=(3, 4)), "another base"),
        (other("v_proj"), "another base"),
        (text("README.md", "---\nlicense: [\n---\n"), "front matter"),
    ],
)
def test_what_is_not_what_it_seems_is_refused_with_what_to_do(
    base: Path, adapter: Path, breaks: Break, cure: str
) -> None:
    breaks(base, adapter)
    with pytest.raises(InvalidRequest, match=cure):
        read_files(base, adapter, LANGUAGE, (base / "README.md").read_text(encoding="utf-8"))


def test_an_adapter_needs_to_be_lora_and_complete(base: Path, adapter: Path) -> None:
    config = adapter / "adapter_config.json"
    config.write_text('{"peft_type": "PROMPT_TUNING"}', encoding="utf-8")
    with pytest.raises(InvalidRequest, match="only LORA is served"):
        read(base, adapter)
    config.write_text(json.dumps(ADAPTER_CONFIG), encoding="utf-8")
    half = {name: shape for name, shape in LORA.items() if "lora_A" in name}
    (adapter / "adapter_model.safetensors").write_bytes(safetensors(half))
    with pytest.raises(InvalidRequest, match="lacks half"):
        read(base, adapter)
    config.unlink()
    with pytest.raises(InvalidRequest, match="give the folder of PEFT"):
        read(base, adapter)


def test_a_card_that_names_another_base_is_refused(base: Path, adapter: Path) -> None:
    named = CARD.replace("sluis:\n", f"sluis:\n  base_digest: sha256:{'0' * 64}\n")
    with pytest.raises(InvalidRequest, match="register it with that base"):
        read_files(base, adapter, LANGUAGE, named)
    right = named.replace(f"sha256:{'0' * 64}", manifest_of(base).digest)
    assert read_files(base, adapter, LANGUAGE, right).adapter
