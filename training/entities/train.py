"""The first step of training: lexicon, vocabulary, network and the file that ships.

Run: python -m training.entities.train --cache .training

Everything is drawn from fixed seeds. One core is used; progress is printed. The package itself, as
a command, takes this step and the two that follow it.
"""

import json
import sys
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import BertForTokenClassification

from gateway.classifiers.entities.bundled_model import MODEL
from gateway.classifiers.entities.classifier import TYPES, Encoder, WordLexicon
from training.entities.base import LABELS
from training.entities.corpora import Materials, counted, gather
from training.entities.dataset import IGNORED, ToldBatch, TrainingBatch, batches, told_batches
from training.entities.export import export
from training.entities.generator import Generator
from training.entities.lexicon import write_lexicon
from training.entities.model import build, groups, heads, widen
from training.entities.shipped_weights import weights_of
from training.entities.special_categories import Telling
from training.entities.topic_loss import told_loss

Weights = dict[str, torch.Tensor]

_LIMITS = dict.fromkeys(TYPES, (0.5, 0.6, 0.7))
_TOLD = 0.9  # the least chance that a text tells something of a category
_NOBODY = 0.02  # below this chance of a name, what only rules took for one is none
# The runs at the end: how many, at which rate, with how many pieces in a step, and with texts of which seeds.
_ENDS, _FINISH_RATE, _FINISH_TOKENS, _FINISH_SEED = 2, 1e-4, 1792, 31
_FILES = ("names.int8.onnx", "tokenizer.json", "lexicon.bin")


def main() -> None:
    """Read the arguments, train, export, and write the card."""
    parser = ArgumentParser(description=__doc__)
    add_options(parser)
    options = parser.parse_args()
    train(gather(options.cache), options)


def add_options(parser: ArgumentParser) -> None:
    """What can be said of a run; the defaults are those of the model that ships."""
    parser.add_argument("--cache", type=Path, default=Path(".training"), help="raw material")
    parser.add_argument("--out", type=Path, default=MODEL, help="where the model goes")
    parser.add_argument(
        "--start", type=Path, help="weights of an earlier run to go on from, or the file that ships"
    )
    parser.add_argument(
        "--steps", type=int, default=7000, help="0 after --start: the runs at the end alone"
    )
    parser.add_argument("--finish", type=int, default=2600, help="steps of each run at the end")
    parser.add_argument("--tokens", type=int, default=1536, help="pieces in a step")
    parser.add_argument("--rate", type=float, default=2.5e-4)
    parser.add_argument("--pool", type=int, default=6000, help="windows sorted by length together")
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--words", type=int, default=5000, help="words added to the vocabulary")
    parser.add_argument(
        "--sample", type=int, default=40_000, help="texts that these are taken from"
    )
    parser.add_argument("--forget", type=float, default=0.15, help="windows without lexicon")
    parser.add_argument("--told", type=float, default=0.4, help="share of steps on topics")
    parser.add_argument("--seed", type=int, default=20)


def train(materials: Materials, options: Namespace) -> None:
    """Train on what ``materials`` make, and write lexicon, tokenizer, network and card.

    A long run is followed by short ones from its weights, each with texts of its own; the mean of their weights is
    better than any of them (Wortsman et al., "Model soups", 2022). A run that goes on from another has none,
    or nothing else; then what they began with counts as much as both together (Wortsman et al., "Robust fine-tuning of
    zero-shot models", 2022).
    """
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    say(f"lexicon: {write_lexicon(options.out / 'lexicon.bin', materials)} words")
    added = _vocabulary(Generator(materials, evaluation=False), materials, options)
    model = _run(materials, added, options, _weights(options.start) if options.start else None)
    last = [] if options.start and options.steps else list(_last(options))
    if last:
        weights = model.state_dict()
        ends = [_run(materials, added, each, weights).state_dict() for each in last]
        if options.start:
            ends += [weights] * len(ends)
        model.load_state_dict(_mean(ends))
    torch.save(model.state_dict(), options.cache / "trained.pt")
    export(model, options.out / "names.int8.onnx")
    describe(
        options.out,
        [vars(each) | {"added": len(added)} for each in (options, *last)],
        options.start,
    )


def _weights(start: Path) -> Weights:
    return weights_of(start) if start.suffix == ".onnx" else torch.load(start)


def _last(options: Namespace) -> Iterator[Namespace]:
    for number in range(_ENDS if options.finish else 0):
        yield Namespace(
            **vars(options)
            | {
                "steps": options.finish,
                "tokens": _FINISH_TOKENS,
                "rate": _FINISH_RATE,
                "seed": options.seed + _FINISH_SEED + number,
            }
        )


def _run(
    materials: Materials, added: dict[int, list[int]], options: Namespace, weights: Weights | None
) -> BertForTokenClassification:
    """One run, from the base model or from the weights of another."""
    torch.manual_seed(options.seed)
    generator = Generator(materials, evaluation=False)
    encoder = Encoder(
        Tokenizer.from_file(str(options.out / "tokenizer.json")),
        WordLexicon((options.out / "lexicon.bin").read_bytes()),
    )
    model = build(materials.base, added, options.layers)
    if weights:
        _go_on(model, weights)
    size = {
        "seed": options.seed,
        "tokens": options.tokens,
        "forget": options.forget,
        "pool": options.pool,
    }
    stream = batches(generator, encoder, **size)
    told = told_batches(Telling(generator, evaluation=False), encoder, **size)
    if options.steps:
        _train(model, stream, told, options)
    return model


def _mean(ends: list[Weights]) -> Weights:
    return {
        name: torch.stack([end[name] for end in ends]).mean(dim=0)
        if value.is_floating_point()
        else value
        for name, value in ends[0].items()
    }


def _go_on(model: BertForTokenClassification, weights: Weights) -> None:
    """Takes over the weights of an earlier run, which may have had no head for topics.

    Raises:
        ValueError: when they are of another network.
    """
    differ = model.load_state_dict(weights, strict=False)
    strange = [name for name in differ.missing_keys if not name.startswith("topics.")]
    if strange or differ.unexpected_keys:
        raise ValueError(f"the weights are of another network: {strange or differ.unexpected_keys}")


def _vocabulary(
    generator: Generator, materials: Materials, options: Namespace
) -> dict[int, list[int]]:
    """The pieces of each added word; a run that goes on from another keeps its tokenizer."""
    base, own = materials.base / "tokenizer.json", options.out / "tokenizer.json"
    if options.start:
        sizes = (Tokenizer.from_file(str(path)).get_vocab_size() for path in (base, own))
        return {number: [0] for number in range(*sizes)}
    words = _words(generator, materials, seed=options.seed, texts=options.sample)
    return widen(base, words, options.words, own)


def _words(generator: Generator, materials: Materials, *, seed: int, texts: int) -> Counter[str]:
    """Ordinary words by how often texts use them; names are left to their pieces."""
    words = Counter[str]()
    for text in islice(generator.texts(seed + 1), texts):
        words.update(text.sample.text.split())
    spoken = {word: 3 * count for word, count in words.items() if word in materials.ordinary}
    for word, count in counted({"nl": materials.prose["nl"]}).items():
        if word in materials.ordinary:
            spoken[word] = spoken.get(word, 0) + count
    return Counter(spoken)


def _train(
    model: BertForTokenClassification,
    stream: Iterator[TrainingBatch],
    told: Iterator[ToldBatch],
    options: Namespace,
) -> None:
    """A share of the steps takes texts that tell something; their names are learnt as well."""
    optimizer = torch.optim.AdamW(groups(model, options.rate, 0.01), fused=True)
    warm = max(1, min(200, options.steps // 10))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min((step + 1) / warm, max(0.0, (options.steps - step) / options.steps)),
    )
    model.train()
    seen, total, begun = 0, 0.0, time.monotonic()
    for step in range(1, options.steps + 1):
        telling = int(step * options.told) > int((step - 1) * options.told)
        batch = next(told) if telling else next(stream)
        total += _step(model, batch, optimizer)
        schedule.step()
        seen += (batch.windows if isinstance(batch, ToldBatch) else batch).ids.numel()
        if step % 50 == 0 or step == options.steps:
            passed = time.monotonic() - begun
            say(f"step {step} loss {total / 50:.4f} {seen / passed:.0f} pieces/s {passed:.0f} s")
            total = 0.0
        if step % 500 == 0:
            torch.save(model.state_dict(), options.cache / "trained.pt")


def say(line: str) -> None:
    """One line of progress."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _step(
    model: BertForTokenClassification, batch: TrainingBatch | ToldBatch, optimizer: Any
) -> float:
    windows = batch.windows if isinstance(batch, ToldBatch) else batch
    with torch.autocast("cpu", dtype=torch.bfloat16):
        names, topics = heads(model, windows.ids, windows.mask, windows.kinds)
    loss = torch.nn.functional.cross_entropy(
        names.float().flatten(0, 1), windows.labels.flatten(), ignore_index=IGNORED
    )
    if isinstance(batch, ToldBatch):
        loss = loss + told_loss(topics.float(), batch)
    torch.autograd.backward(loss)
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
    return float(loss.detach())


def describe(folder: Path, runs: list[dict[str, Any]], start: Path | None) -> None:
    """Write model.json: hashes, limits, and how it was trained, earlier runs first."""
    path = folder / "model.json"
    earlier = json.loads(path.read_text(encoding="utf-8"))["training"] if start else []
    card = {
        "files": {name: sha256((folder / name).read_bytes()).hexdigest() for name in _FILES},
        "labels": LABELS,
        "limits": _LIMITS,
        "told": _TOLD,
        "nobody": _NOBODY,
        "training": [
            *earlier,
            *(
                {key: value for key, value in run.items() if isinstance(value, int | float)}
                for run in runs
            ),
        ],
    }
    path.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
