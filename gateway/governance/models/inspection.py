"""Checks of the files of a version when it is registered, beyond what its digest needs.

They name each file that is not what its name says, and an adapter that does not fit its base.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway.core.manifest import ManifestError, model_files
from gateway.core.safetensors_header import SafetensorsError, TensorShape, tensors_of

_CONFIG_LIMIT_BYTES = 8 << 20
_HEAD_BYTES = 4096
_TEXTS = (".json", ".jinja", ".txt", ".md")
_PICKLE = re.compile(rb"\x80[\x02-\x05]")
_ZIP, _GZIP, _ELF = b"PK\x03\x04", b"\x1f\x8b", b"\x7fELF"
_SENTENCEPIECE = b"\x0a"  # a message of protocol buffers whose first field has text
_TIKTOKEN = re.compile(rb"[A-Za-z0-9+/]+={0,2} [0-9]+\r?\n")
_LORA = re.compile(r"^base_model\.model\.(.+)\.lora_(?:embedding_)?([AB])(?:\.weight)?$")
_PREFIX = "base_model.model."
_PACKED = frozenset({"U8", "I8", "I32", "U32"})  # of weights that are quantised


def inspect_model(base: Path, adapter: Path | None) -> None:
    """Check the files of a language model, and that an adapter fits its base.

    Raises:
        ManifestError: names the file, and says what to do.
    """
    try:
        tensors = _inspect(base)
        if adapter is not None:
            _check_adapter(adapter, _inspect(adapter), tensors)
    except SafetensorsError as error:
        raise ManifestError(str(error)) from error


def context_of(base: Path) -> int | None:
    """The number of tokens that a model's configuration says it takes."""
    config = _config(base / "config.json") if (base / "config.json").is_file() else {}
    nested = config.get("text_config")
    for one in (config, nested if isinstance(nested, dict) else {}):
        found = one.get("max_position_embeddings")
        if type(found) is int and found > 0:
            return found
    return None


def _inspect(directory: Path) -> dict[str, TensorShape]:
    """The tensors of a directory whose files are what their names say."""
    tensors: dict[str, TensorShape] = {}
    for path in model_files(directory):
        if path.is_symlink():
            raise ManifestError(f"{path.name} is a link: copy the file instead.")
        if path.suffix == ".safetensors":
            tensors |= tensors_of(path)
        else:
            _check_head(path)
        if path.name.endswith("config.json"):
            _check_code(path, _config(path))
    return tensors


def _check_head(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if _PICKLE.match(head) or head.startswith((_ZIP, _GZIP, _ELF)):
        raise ManifestError(
            f"{path.name} is a pickle, an archive or a program, whatever its name says: remove it."
        )
    if path.suffix in _TEXTS and b"\x00" in head:
        raise ManifestError(f"{path.name} is not a text: restore the file, or remove it.")
    known = head.startswith(_SENTENCEPIECE) or _TIKTOKEN.match(head)
    if path.suffix == ".model" and not known:
        raise ManifestError(
            f"{path.name} is not a tokenizer of SentencePiece or tiktoken: remove it."
        )


def _check_code(path: Path, value: Any) -> None:
    """Refuse a configuration with auto_map at any depth: loaders run code for it."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if "auto_map" in one:
                raise ManifestError(f"{path.name} has auto_map, which loads code: remove that key.")
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def _check_adapter(
    adapter: Path, tensors: Mapping[str, TensorShape], base: Mapping[str, TensorShape]
) -> None:
    if not (adapter / "adapter_config.json").is_file():
        raise ManifestError("The adapter has no adapter_config.json: give the folder of PEFT.")
    kind = _config(adapter / "adapter_config.json").get("peft_type")
    if kind != "LORA":
        raise ManifestError(
            f"The adapter is of type {kind!s:.40}: only LORA is served. Merge it into its base, "
            "and register that."
        )
    if not base:
        raise ManifestError("The base holds no safetensors: give the folder of the base model.")
    if not tensors:
        raise ManifestError("The adapter holds no safetensors: save it again with PEFT.")
    parts: dict[str, dict[str, TensorShape]] = {}
    for name, tensor in tensors.items():
        if found := _LORA.match(name):
            parts.setdefault(found[1], {})[found[2]] = tensor
        elif not name.startswith(_PREFIX):
            raise ManifestError(f"The adapter holds {name:.80}, which is not of PEFT.")
    if not parts:
        raise ManifestError("The adapter has no LoRA weights: save it again with PEFT.")
    for module, pair in parts.items():
        _check_module(module, pair, base)


def _check_module(
    module: str, pair: Mapping[str, TensorShape], base: Mapping[str, TensorShape]
) -> None:
    weight = _weight(module, base)
    if weight is None:
        raise ManifestError(
            f"The base has no {module:.120}: this adapter was trained on another base. Register it "
            "with that one."
        )
    if pair.keys() != {"A", "B"}:
        raise ManifestError(f"The adapter lacks half of {module:.120}: save it again with PEFT.")
    low, high = pair["A"].shape, pair["B"].shape
    if len(low) != 2 or len(high) != 2 or len(weight.shape) != 2 or weight.dtype in _PACKED:
        return  # convolutions, and weights that are packed, have shapes of their own
    if low[0] != high[1] or sorted((high[0], low[1])) != sorted(weight.shape):
        raise ManifestError(
            f"{module:.120} is {weight.shape[0]} x {weight.shape[1]} in the base, and the adapter "
            f"is for {high[0]} x {low[1]}: it was trained on another base. Register it with that "
            "one."
        )


def _weight(module: str, base: Mapping[str, TensorShape]) -> TensorShape | None:
    for name in (f"{module}.weight", f"{module}.qweight", f"{module}.base_layer.weight"):
        if name in base:
            return base[name]
    if module.endswith("lm_head"):  # tied to the embeddings
        return next((one for name, one in base.items() if "embed_tokens" in name), None)
    return None


def _config(path: Path) -> dict[str, Any]:
    """A configuration.

    Raises:
        ManifestError: when it is not one.
    """
    if path.stat().st_size > _CONFIG_LIMIT_BYTES:
        raise ManifestError(f"{path.name} is too large for a configuration: restore the file.")
    try:
        config = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ManifestError(f"{path.name} is not JSON: restore the file.") from error
    if not isinstance(config, dict):
        raise ManifestError(f"{path.name} is not a JSON object: restore the file.")
    return config
