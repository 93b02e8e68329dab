"""Load verified versions; versions with the same base share one copy of its weights."""

import copy
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, AutoTokenizer

from gateway.core.manifest import (
    DigestMismatch,
    ManifestError,
    model_files,
    verify,
    version_digest,
)
from gateway.worker import memory
from gateway.worker.grammar import GrammarCache
from gateway.worker.plan import Plan, plan_of
from gateway.worker.spec import ServedModel, WorkerOptions

_GENERATING = ("ForCausalLM", "ForConditionalGeneration")
_Stamp = tuple[str, int, int, int]  # path, inode, size, and when it was changed


@dataclass(frozen=True, eq=False)
class SharedBase:
    """What versions on one base have in common; read once, and held by each of them."""

    model: Any
    tokenizer: Any
    eos_ids: tuple[int, ...]
    vocab_size: int
    grammars: GrammarCache | None  # None for an encoder, which makes embeddings only

    @property
    def generates(self) -> bool:
        """Whether the model writes answers."""
        return self.grammars is not None


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model ready to serve, with what is shared with other versions on its base."""

    model: Any
    base: SharedBase
    plan: Plan

    @property
    def tokenizer(self) -> Any:
        """The tokenizer, with the chat template."""
        return self.base.tokenizer

    @property
    def eos_ids(self) -> tuple[int, ...]:
        """The tokens that end an answer."""
        return self.base.eos_ids

    @property
    def vocab_size(self) -> int:
        """The number of token ids."""
        return self.base.vocab_size

    @property
    def context(self) -> int:
        """The tokens that the model takes."""
        return self.plan.context


class Loader:
    """Loads versions; a base stays in memory only while a loaded version uses it."""

    def __init__(self) -> None:
        self._bases: weakref.WeakValueDictionary[str, SharedBase] = weakref.WeakValueDictionary()
        self._verified: dict[str, tuple[_Stamp, ...]] = {}

    def load(self, served: ServedModel, options: WorkerOptions, *, share: float) -> LoadedModel:
        """Verify every file, then load. Blocks for seconds: call it in a thread.

        ``share`` is the part of free memory that this version may plan with.

        Raises:
            ManifestError: DigestMismatch when the files are not the approved ones.
            NotEnoughMemory: when it does not fit beside what is loaded.
            Exception: any error of the libraries when the files are not a usable model.
        """
        before = _stamps(served.base_dir, served.adapter_dir)
        found = memory.measure()
        saved = self._saved_bytes(served)
        memory.require(served.served_name, saved, found)  # before hashing what cannot fit
        _check_digests(served)
        self._verify_base(served)
        if served.adapter_dir is not None and served.adapter_digest is not None:
            verify(served.adapter_dir, served.adapter_digest)
        shared = self._bases.get(served.base_digest)
        plan = plan_of(
            _config(served),
            options,
            found,
            saved_bytes=saved,
            share=share,
            loaded=None if shared is None else shared.model.dtype,
        )
        memory.require(served.served_name, plan.needed, found)
        base = self._base(served, plan.dtype)
        model = _replica(base.model)
        if served.adapter_dir is not None:
            model = _adapted(model, served.adapter_dir)
        if _stamps(served.base_dir, served.adapter_dir) != before:
            self._bases.pop(served.base_digest, None)
            raise DigestMismatch(
                f"The files of {served.served_name} were changed while they were loaded: "
                "restore the approved files."
            )
        return LoadedModel(model=model, base=base, plan=plan)

    def _verify_base(self, served: ServedModel) -> None:
        """Hash the base; one that is loaded only when its files were touched since.

        Its weights are in memory, and hashing them again takes minutes for a large model.
        """
        stamps = _stamps(served.base_dir)
        loaded = served.base_digest in self._bases
        if not loaded or self._verified.get(served.base_digest) != stamps:
            verify(served.base_dir, served.base_digest)
            self._verified[served.base_digest] = stamps

    def _saved_bytes(self, served: ServedModel) -> int:
        """The size of the weights that are not loaded yet, as they are saved."""
        directories = [] if served.base_digest in self._bases else [served.base_dir]
        if served.adapter_dir is not None:
            directories.append(served.adapter_dir)
        return memory.weights_bytes(directories)

    def _base(self, served: ServedModel, dtype: torch.dtype) -> SharedBase:
        base = self._bases.get(served.base_digest)
        if base is None:
            base = self._bases[served.base_digest] = _read_base(served.base_dir, dtype)
        return base


def _read_base(directory: Path, dtype: torch.dtype) -> SharedBase:
    tokenizer: Any = AutoTokenizer.from_pretrained(
        directory, local_files_only=True, trust_remote_code=False
    )
    generates = _generates(directory)
    if generates and not tokenizer.chat_template:
        raise ManifestError(f"{directory} has no chat template: add chat_template.jinja.")
    kind: Any = AutoModelForCausalLM if generates else AutoModel
    loaded: Any = kind.from_pretrained(
        directory,
        dtype=dtype,
        use_safetensors=True,
        trust_remote_code=False,
        local_files_only=True,
    )
    model = _in_memory(loaded.eval().requires_grad_(requires_grad=False))
    eos_ids = _eos_ids(model, tokenizer) if generates else ()
    size = int(model.config.get_text_config().vocab_size)
    return SharedBase(
        model=model,
        tokenizer=tokenizer,
        eos_ids=eos_ids,
        vocab_size=size,
        grammars=(
            GrammarCache(tokenizer, vocab_size=size, stop_ids=eos_ids) if generates else None
        ),
    )


def _generates(directory: Path) -> bool:
    """Whether a model writes answers, by the class that its configuration names."""
    config: Any = AutoConfig.from_pretrained(
        directory, local_files_only=True, trust_remote_code=False
    )
    names = config.architectures or _GENERATING
    return any(name.endswith(_GENERATING) for name in names)


def _config(served: ServedModel) -> Any:
    """The configuration of the language model, also within that of one that sees or hears."""
    config: Any = AutoConfig.from_pretrained(
        served.base_dir, local_files_only=True, trust_remote_code=False
    )
    return config.get_text_config()


def _in_memory(model: Any) -> Any:
    """The model on the device, without a tensor that is a view of its file.

    On the CPU the libraries map the file: a byte changed in it would change the served weights.
    """
    device = memory.device()
    for tensor in (*model.parameters(), *model.buffers()):
        tensor.data = tensor.data.to(device, copy=True)
    return model


def _stamps(*directories: Path | None) -> tuple[_Stamp, ...]:
    """What changes when a file does: the kernel sets the time of its last change."""
    found = []
    for directory in directories:
        for path in [] if directory is None or not directory.is_dir() else model_files(directory):
            status = path.stat()
            found.append((str(path), status.st_ino, status.st_size, status.st_ctime_ns))
    return tuple(found)


def _check_digests(served: ServedModel) -> None:
    if version_digest(served.base_digest, served.adapter_digest) != served.digest:
        raise DigestMismatch(
            f"The digest of {served.served_name} does not follow from its base and adapter: "
            "register the version again."
        )
    if (served.adapter_dir is None) != (served.adapter_digest is None):
        raise ManifestError(f"{served.served_name} has an adapter without digest: register again.")


def _replica(base: Any) -> Any:
    """A separate module tree over the same tensors: adapters attach to it, not to the base."""
    shared = {id(tensor): tensor for tensor in (*base.parameters(), *base.buffers())}
    return copy.deepcopy(base, shared)


def _adapted(replica: Any, adapter_dir: Path) -> Any:
    adapted: Any = PeftModel.from_pretrained(
        replica, str(adapter_dir), autocast_adapter_dtype=False, local_files_only=True
    )
    for name, weight in adapted.named_parameters():
        if "lora_" in name:
            weight.data = weight.data.to(replica.dtype, copy=True)
    return adapted.eval().get_base_model()


def _eos_ids(base: Any, tokenizer: Any) -> tuple[int, ...]:
    eos = base.generation_config.eos_token_id
    eos = tokenizer.eos_token_id if eos is None else eos
    ids = (eos,) if isinstance(eos, int) else tuple(eos or ())
    if not ids:
        raise ManifestError("The model names no end-of-sequence token: add it to its config.")
    return tuple(int(token_id) for token_id in ids)
