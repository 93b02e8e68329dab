"""Train the letters adapter: LoRA on SmolLM2-135M-Instruct, one core, under half an hour.

Example:
  .venv/bin/python -m training.letters.train .sluis/models/demo-smollm2-135m OUT_DIR
"""

import argparse
import json
import math
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer, DynamicCache

from training.letters.data import SYSTEM_PROMPT, Letter, training_letters

BASE_NAME = "SmolLM2-135M-Instruct"
RANK = 8
PEAK_LEARNING_RATE = 1e-3
BATCH = 8
SEED = 11


@dataclass(frozen=True, slots=True)
class Example:
    """Token ids of a letter up to the assistant's turn, and of the right answer."""

    question: list[int]
    answer: list[int]


def train(base_dir: Path, out_dir: Path, *, letters: int) -> None:
    """Train on ``letters`` letters, one pass, and write the adapter files to ``out_dir``."""
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    tokenizer: Any = AutoTokenizer.from_pretrained(base_dir, local_files_only=True)
    model = _adapted(base_dir)
    prefix, examples = _encoded(tokenizer, training_letters(count=letters, seed=SEED))
    batches = list(_batches(examples))
    optimizer = torch.optim.AdamW(
        [p for p in model.parameters() if p.requires_grad], lr=PEAK_LEARNING_RATE, weight_decay=0.01
    )
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, _warm_then_cosine(len(batches)))
    started = time.monotonic()
    _log(f"Training on {letters} letters in {len(batches)} steps.")
    for step, batch in enumerate(batches, start=1):
        loss, right = _step(model, prefix, batch)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        scheduler.step()
        if step % 10 == 0 or step == len(batches):
            left = (time.monotonic() - started) / step * (len(batches) - step)
            _log(
                f"step {step}/{len(batches)}  loss {loss:.3f}  whole answers right "
                f"{right}/{len(batch)}  about {left / 60:.1f} minutes left"
            )
    _write(model, out_dir)
    _log(f"Wrote the adapter to {out_dir} after {(time.monotonic() - started) / 60:.1f} minutes.")


def _log(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _adapted(base_dir: Path) -> Any:
    base = AutoModelForCausalLM.from_pretrained(
        base_dir, dtype=torch.bfloat16, local_files_only=True, use_safetensors=True
    )
    targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    config = LoraConfig(
        r=RANK, lora_alpha=2 * RANK, target_modules=targets, task_type="CAUSAL_LM", bias="none"
    )
    return get_peft_model(base, config)


def _encoded(tokenizer: Any, letters: Sequence[Letter]) -> tuple[list[int], list[Example]]:
    """Return the ids that all prompts begin with, and the rest of each letter."""
    marker = "<|im_start|>user\n"
    prompts = [
        tokenizer.apply_chat_template(
            [{"role": "system", "content": SYSTEM_PROMPT}, {"role": "user", "content": item.text}],
            tokenize=False,
            add_generation_prompt=True,
        )
        for item in letters
    ]
    head = prompts[0].index(marker)
    examples = [
        Example(
            question=tokenizer(prompt[head:], add_special_tokens=False)["input_ids"],
            answer=tokenizer(item.answer + "<|im_end|>", add_special_tokens=False)["input_ids"],
        )
        for prompt, item in zip(prompts, letters, strict=True)
    ]
    return tokenizer(prompts[0][:head], add_special_tokens=False)["input_ids"], examples


def _batches(examples: Sequence[Example]) -> Iterator[list[Example]]:
    """Yield batches of about equal length, shuffled: padding is wasted work on a CPU."""
    rng = random.Random(SEED)  # noqa: S311 - order of batches, not a secret
    by_length = sorted(examples, key=lambda item: len(item.question))
    batches = [by_length[i : i + BATCH] for i in range(0, len(by_length), BATCH)]
    rng.shuffle(batches)
    yield from batches


def _warm_then_cosine(steps: int) -> Any:
    warm = max(1, steps // 20)
    return lambda step: min(
        (step + 1) / warm, 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps)))
    )


def _step(model: Any, prefix: list[int], batch: Sequence[Example]) -> tuple[float, int]:
    """Take one backward pass; compute the common prefix once for the whole batch."""
    inner = model.get_base_model()
    width = max(len(item.question) + len(item.answer) for item in batch)
    ids = torch.zeros((len(batch), width), dtype=torch.long)
    targets = torch.full((len(batch), width), -100, dtype=torch.long)
    for row, item in enumerate(batch):
        start, end = len(item.question), len(item.question) + len(item.answer)
        ids[row, :end] = torch.tensor(item.question + item.answer)
        targets[row, start - 1 : end - 1] = torch.tensor(item.answer)
    cache = DynamicCache()
    inner.model(input_ids=torch.tensor([prefix]), past_key_values=cache, use_cache=True)
    cache.batch_repeat_interleave(len(batch))
    hidden = inner.model(input_ids=ids, past_key_values=cache, use_cache=True).last_hidden_state
    scored = targets != -100
    logits = inner.lm_head(hidden[scored]).float()
    loss: Any = torch.nn.functional.cross_entropy(logits, targets[scored])
    loss.backward()
    hits = torch.ones_like(targets, dtype=torch.bool)
    hits[scored] = logits.argmax(-1) == targets[scored]
    return float(loss), int(hits.all(dim=1).sum())


def _write(model: Any, out_dir: Path) -> None:
    out_dir.mkdir(parents=True, exist_ok=True)
    state = get_peft_model_state_dict(model)
    halved = {
        name: tensor.detach().to(torch.float16).contiguous() for name, tensor in state.items()
    }
    save_file(halved, out_dir / "adapter_model.safetensors", metadata={"format": "pt"})
    model.peft_config["default"].save_pretrained(str(out_dir))
    path = out_dir / "adapter_config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = BASE_NAME
    config["inference_mode"] = True
    config["target_modules"] = sorted(config["target_modules"])
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def main() -> None:
    """Read the arguments and train."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("base_dir", type=Path)
    parser.add_argument("out_dir", type=Path)
    parser.add_argument("--letters", type=int, default=4000)
    options = parser.parse_args()
    train(options.base_dir, options.out_dir, letters=options.letters)


if __name__ == "__main__":
    main()
