"""Load verified versions; versions with the same base share one copy of its weights."""

import copy
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from gateway.core.manifest import (
    DigestMismatch,
    ManifestError,
    model_files,
    verify,
    version_digest,
)
from gateway.worker import memory
from gateway.worker.spec import ServedModel


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model ready to serve, with the sizes that request checks need, in tokens.

    ``base`` is held so that a later version can share its weights.
    """

    model: Any
    base: Any
    tokenizer: Any
    eos_ids: tuple[int, ...]
    context: int
    vocab_size: int


class Loader:
    """Loads versions; a base stays in memory only while a loaded version uses it."""

    def __init__(self) -> None:
        self._bases: weakref.WeakValueDictionary[str, Any] = weakref.WeakValueDictionary()

    def load(self, served: ServedModel, *, pool_tokens: int) -> LoadedModel:
        """Verify every file, then load. Blocks for seconds: call it in a thread.

        Raises:
            ManifestError: DigestMismatch when the files are not the approved ones.
            NotEnoughMemory: when it does not fit beside what is loaded.
            Exception: any error of the libraries when the files are not a usable model.
        """
        before = _stamps(served)
        self._require_memory(served, 0)  # before hashing what does not fit anyway
        _check(served)
        self._require_memory(served, self._pool_bytes(served, pool_tokens))
        base = self._base(served.base_dir, served.base_digest)
        model = _replica(base)
        if served.adapter_dir is not None:
            model = _adapted(model, served.adapter_dir)
        tokenizer: Any = AutoTokenizer.from_pretrained(
            served.base_dir, local_files_only=True, trust_remote_code=False
        )
        if _stamps(served) != before:
            self._bases.pop(served.base_digest, None)
            raise DigestMismatch(
                f"The files of {served.served_name} were changed while they were loaded: "
                "restore the approved files."
            )
        if not tokenizer.chat_template:
            raise ManifestError(f"{served.base_dir} has no chat template: add chat_template.jinja.")
        config = base.config.get_text_config()
        return LoadedModel(
            model=model,
            base=base,
            tokenizer=tokenizer,
            eos_ids=_eos_ids(base, tokenizer),
            context=int(config.max_position_embeddings),
            vocab_size=int(config.vocab_size),
        )

    def _require_memory(self, served: ServedModel, pool: int) -> None:
        directories = [] if served.base_digest in self._bases else [served.base_dir]
        if served.adapter_dir is not None:
            directories.append(served.adapter_dir)
        needed = memory.weights_bytes(directories) + pool
        memory.require(served.served_name, needed, memory.measure())

    def _pool_bytes(self, served: ServedModel, tokens: int) -> int:
        config: Any = AutoConfig.from_pretrained(
            served.base_dir, local_files_only=True, trust_remote_code=False
        ).get_text_config()
        dtype = config.dtype if isinstance(config.dtype, torch.dtype) else torch.float32
        return memory.pool_bytes(config, dtype, tokens)

    def _base(self, directory: Path, digest: str) -> Any:
        base = self._bases.get(digest)
        if base is None:
            loaded: Any = AutoModelForCausalLM.from_pretrained(
                directory,
                dtype="auto",
                use_safetensors=True,
                trust_remote_code=False,
                local_files_only=True,
            )
            base = loaded.eval().requires_grad_(requires_grad=False)
            base = _in_memory(base)
            self._bases[digest] = base
        return base


def _in_memory(model: Any) -> Any:
    """The model on the device, without a tensor that is a view of its file.

    On the CPU the libraries map the file: a byte changed in it would change the served weights.
    """
    device = memory.device()
    for tensor in (*model.parameters(), *model.buffers()):
        tensor.data = tensor.data.to(device, copy=True)
    return model


def _stamps(served: ServedModel) -> tuple[tuple[str, int, int, int], ...]:
    """What changes when a file of a version does: the kernel sets the time of its last change."""
    found = []
    for directory in (served.base_dir, served.adapter_dir):
        for path in [] if directory is None or not directory.is_dir() else model_files(directory):
            status = path.stat()
            found.append((str(path), status.st_ino, status.st_size, status.st_ctime_ns))
    return tuple(found)


def _check(served: ServedModel) -> None:
    if version_digest(served.base_digest, served.adapter_digest) != served.digest:
        raise DigestMismatch(
            f"The digest of {served.served_name} does not follow from its base and adapter: "
            "register the version again."
        )
    if (served.adapter_dir is None) != (served.adapter_digest is None):
        raise ManifestError(f"{served.served_name} has an adapter without digest: register again.")
    verify(served.base_dir, served.base_digest)
    if served.adapter_dir is not None and served.adapter_digest is not None:
        verify(served.adapter_dir, served.adapter_digest)


def _replica(base: Any) -> Any:
    """A separate module tree over the same tensors: adapters attach to it, not to the base."""
    shared = {id(tensor): tensor for tensor in (*base.parameters(), *base.buffers())}
    return copy.deepcopy(base, shared)


def _adapted(replica: Any, adapter_dir: Path) -> Any:
    adapted: Any = PeftModel.from_pretrained(
        replica, str(adapter_dir), autocast_adapter_dtype=False, local_files_only=True
    )
    return adapted.eval().get_base_model()


def _eos_ids(base: Any, tokenizer: Any) -> tuple[int, ...]:
    eos = base.generation_config.eos_token_id
    eos = tokenizer.eos_token_id if eos is None else eos
    ids = (eos,) if isinstance(eos, int) else tuple(eos or ())
    if not ids:
        raise ManifestError("The model names no end-of-sequence token: add it to its config.")
    return tuple(int(token_id) for token_id in ids)
