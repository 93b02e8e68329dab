"""The model worker beside ``generate()`` of transformers: CPU of tokens, and loading an adapter.

``python -m tests.performance.worker BASE ADAPTER [ROUNDS]``, with directories as
``sluis models register`` takes them. CPU is that of this process; no server is between. A round
answers the same prompts one after another with ``generate()``, then all at once in the worker,
both with weights in float32.
"""

import asyncio
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from gateway.core.manifest import manifest_of, version_digest
from gateway.worker.engine import Engine
from gateway.worker.model_state import READY
from gateway.worker.request import parse
from gateway.worker.spec import ServedModel, WorkerOptions

_TOKENS = 48
_THREADS = 1  # more of them wait for each other, which counts as CPU
_SUBJECTS = ("lock", "bridge", "harbour", "canal", "dyke", "mill", "ferry", "quay")
_PROMPTS = [
    f"Write {style} about a {subject}, and do not stop early."
    for style in ("a long letter", "a story")
    for subject in _SUBJECTS
]


def _served(name: str, base: Path, adapter: Path | None = None) -> ServedModel:
    of_base = manifest_of(base).digest
    of_adapter = manifest_of(adapter).digest if adapter else None
    digest = version_digest(of_base, of_adapter)
    return ServedModel(name, "1", (), base, of_base, adapter, of_adapter, digest)


def _sequential(model: Any, tokenizer: Any) -> float:
    """CPU seconds a token, one prompt after another."""
    made, began = 0, time.process_time()
    for prompt in _PROMPTS:
        said = [{"role": "user", "content": prompt}]
        given = tokenizer.apply_chat_template(
            said, add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        with torch.inference_mode():
            answer = model.generate(
                **given, max_new_tokens=_TOKENS, min_new_tokens=_TOKENS, do_sample=False
            )
        made += answer.shape[1] - given["input_ids"].shape[1]
    return (time.process_time() - began) / made


async def _concurrent(engine: Engine) -> float:
    """CPU seconds a token, all prompts at once."""
    began = time.process_time()
    made = await asyncio.gather(*(_answer(engine, prompt) for prompt in _PROMPTS))
    return (time.process_time() - began) / sum(made)


async def _answer(engine: Engine, prompt: str) -> int:
    said = [{"role": "user", "content": prompt}]
    request = parse({
        "model": "base@1",
        "messages": said,
        "max_tokens": _TOKENS,
        "temperature": 0,
    })
    async with engine.generate(request) as (_, generation):
        async for _ in generation.deltas():
            pass
        return generation.completion_tokens


async def _adapter_s(engine: Engine, base: ServedModel, adapted: ServedModel) -> float:
    """Seconds until an adapter on a loaded base is ready; it is unloaded afterwards."""
    began = time.perf_counter()
    await engine.serve([base, adapted])
    took = time.perf_counter() - began
    if not all(one.state == READY for one in engine.states()):
        raise RuntimeError("The adapter was refused: see the log.")
    await engine.serve([base])
    return took


async def _main(base_dir: Path, adapter_dir: Path, rounds: int) -> None:
    torch.set_num_threads(_THREADS)
    tokenizer: Any = AutoTokenizer.from_pretrained(base_dir, local_files_only=True)
    model: Any = AutoModelForCausalLM.from_pretrained(
        base_dir, local_files_only=True, dtype=torch.float32
    )
    engine = Engine(
        WorkerOptions(token="t", num_blocks=512, threads=_THREADS, dtype="float32"), show=print
    )
    base, adapted = _served("base", base_dir), _served("adapted", base_dir, adapter_dir)
    await engine.serve([base])
    alone, together, added = [], [], []
    for _ in range(rounds):
        alone.append(await asyncio.to_thread(_sequential, model, tokenizer))
        together.append(await _concurrent(engine))
        added.append(await _adapter_s(engine, base, adapted))
    ratios = [one / many for one, many in zip(alone, together, strict=True)]
    print(f"generate(), one by one: {median(alone) * 1000:.2f} ms of CPU a token")
    print(f"worker, {len(_PROMPTS)} at once: {median(together) * 1000:.2f} ms of CPU a token")
    print(f"ratio: {median(ratios):.1f} ({min(ratios):.1f}..{max(ratios):.1f})")
    print(f"adapter on a loaded base: {median(added):.2f} s ({min(added):.2f}..{max(added):.2f})")
    await engine.close()


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1]), Path(sys.argv[2]), int((*sys.argv[3:], "3")[0])))
