"""Score the base and the letters adapter on held-out letters, with the worker's own engine.

Both get the same prompt, temperature 0 and the same JSON schema, so that the base does not lose
points on form. A second pass without the schema counts valid JSON.

Example:
  .venv/bin/python -m training.letters.evaluate BASE_DIR ADAPTER_DIR
"""

import argparse
import asyncio
import json
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.core.manifest import manifest_of, version_digest
from gateway.worker.engine import Engine
from gateway.worker.request import parse
from gateway.worker.spec import ServedModel, WorkerOptions
from training.letters.data import (
    ANSWER_SCHEMA,
    CATEGORIES,
    SYSTEM_PROMPT,
    URGENCIES,
    Letter,
    heldout_letters,
)

_CONCURRENCY = 16
_RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class LetterScore:
    """The number of right letters, with a 95% interval for the share."""

    right: int
    total: int
    low: float
    high: float

    @property
    def text(self) -> str:
        """The score as the card shows it."""
        share = f"{self.right / self.total:.1%}"
        return (
            f"{share} ({self.right}/{self.total}; 95% interval {self.low:.1%} to {self.high:.1%})"
        )


def evaluate(
    base_dir: Path, adapter_dir: Path, *, threads: int
) -> dict[str, dict[str, LetterScore]]:
    """Return scores by model (base, letters) and measure (category, urgency, both, json)."""
    return asyncio.run(_evaluate(base_dir, adapter_dir, threads=threads))


async def _evaluate(
    base_dir: Path, adapter_dir: Path, *, threads: int
) -> dict[str, dict[str, LetterScore]]:
    letters = heldout_letters()
    engine = Engine(WorkerOptions(token="-", threads=threads, request_deadline_s=600))  # noqa: S106
    models = _models(base_dir, adapter_dir)
    await engine.serve(models)
    if not engine.ready:
        raise RuntimeError("; ".join(state.reason or state.state for state in engine.states()))
    scores = {}
    for model in models:
        held = await _answers(engine, model, letters, schema=ANSWER_SCHEMA)
        free = await _answers(engine, model, letters, schema=None)
        scores[model.name] = {
            "category": _score(letters, held, _category),
            "urgency": _score(letters, held, _urgency),
            "both": _score(letters, held, lambda a, x: _category(a, x) and _urgency(a, x)),
            "valid JSON without schema": _score(letters, free, lambda a, _: _valid(a)),
        }
    await engine.close()
    return scores


def _models(base_dir: Path, adapter_dir: Path) -> list[ServedModel]:
    base, adapter = manifest_of(base_dir).digest, manifest_of(adapter_dir).digest
    return [
        ServedModel("base", "1", (), base_dir, base, None, None, version_digest(base, None)),
        ServedModel(
            "letters", "1", (), base_dir, base, adapter_dir, adapter, version_digest(base, adapter)
        ),
    ]


async def _answers(
    engine: Engine, model: ServedModel, letters: Sequence[Letter], *, schema: object
) -> list[Mapping[str, Any]]:
    slots = asyncio.Semaphore(_CONCURRENCY)

    async def one(letter: Letter) -> Mapping[str, Any]:
        async with slots:
            text = await _ask(engine, model, letter.text, schema=schema)
        try:
            answer = json.loads(text)
        except ValueError:
            return {}
        return answer if isinstance(answer, dict) else {}

    return list(await asyncio.gather(*(one(letter) for letter in letters)))


async def _ask(engine: Engine, model: ServedModel, letter: str, *, schema: object) -> str:
    body: dict[str, Any] = {
        "model": model.served_name,
        "messages": [
            {"role": "system", "content": SYSTEM_PROMPT},
            {"role": "user", "content": letter},
        ],
        "temperature": 0,
        "max_tokens": 48,
    }
    if schema is not None:
        body["response_format"] = {"type": "json_schema", "json_schema": {"schema": schema}}
    async with engine.generate(parse(body)) as (_, generation):
        return "".join([delta.text async for delta in generation.deltas()])


def _category(answer: Mapping[str, Any], letter: Letter) -> bool:
    return answer.get("category") == letter.category


def _urgency(answer: Mapping[str, Any], letter: Letter) -> bool:
    return answer.get("urgency") == letter.urgency


def _valid(answer: Mapping[str, Any]) -> bool:
    return answer.get("category") in CATEGORIES and answer.get("urgency") in URGENCIES


def _score(
    letters: Sequence[Letter],
    answers: Sequence[Mapping[str, Any]],
    is_right: Callable[[Mapping[str, Any], Letter], bool],
) -> LetterScore:
    """Bootstrap over core sentences: letters around one sentence are not independent."""
    groups: dict[str, list[bool]] = {}
    for letter, answer in zip(letters, answers, strict=True):
        groups.setdefault(letter.core, []).append(is_right(answer, letter))
    rng = random.Random(0)  # noqa: S311 - resampling, not a secret
    cores = list(groups.values())
    shares = sorted(
        sum(sum(hits) for hits in sample) / sum(len(hits) for hits in sample)
        for sample in (rng.choices(cores, k=len(cores)) for _ in range(_RESAMPLES))
    )
    low, high = shares[int(0.025 * _RESAMPLES)], shares[int(0.975 * _RESAMPLES)]
    right = sum(sum(hits) for hits in cores)
    return LetterScore(right, len(letters), low, high)


def main() -> None:
    """Read the arguments, score, and print a table for the card."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("base_dir", type=Path)
    parser.add_argument("adapter_dir", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    scores = evaluate(options.base_dir, options.adapter_dir, threads=options.threads)
    measures = list(scores["base"])
    sys.stdout.write("| measure | base | letters |\n|---|---|---|\n")
    for measure in measures:
        base, letters = scores["base"][measure].text, scores["letters"][measure].text
        row = f"| {measure} | {base} | {letters} |"
        sys.stdout.write(row + "\n")


if __name__ == "__main__":
    main()
