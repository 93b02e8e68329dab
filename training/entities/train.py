"""The first step of training: lexicon, vocabulary, network and export.

All random draws have fixed seeds. The step uses one core and prints its progress. The command
``python -m training.entities`` takes this step and the following ones.

Example:
  .venv/bin/python -m training.entities.train --cache .training
"""

import json
import sys
import time
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
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
from gateway.classifiers.entities.decoding import TYPES
from gateway.classifiers.entities.word_pieces import Encoder, WordLexicon
from training.entities.base import LABELS
from training.entities.corpora import Corpora, load_corpora, word_counts
from training.entities.dataset import (
    IGNORED,
    CategoryBatch,
    TrainingBatch,
    batches,
    category_batches,
)
from training.entities.export import export
from training.entities.generator import Generator
from training.entities.lexicon import write_lexicon
from training.entities.model import build, extend_vocabulary, groups, heads
from training.entities.shipped_weights import load_weights
from training.entities.special_categories import CategoryTexts
from training.entities.topic_loss import category_loss

Weights = dict[str, torch.Tensor]

_INITIAL_LIMITS = dict.fromkeys(TYPES, (0.5, 0.6, 0.7))
_CATEGORY_THRESHOLD = 0.9  # least probability that a text states a special category
_CATEGORY_DOUBT = 0.06  # from this probability a sentence is read again alone
_NAME_VETO = 0.02  # below this probability the classifier drops a name that only rules found
# The final runs: number, learning rate, pieces in a step, first seed.
_FINAL_RUNS, _FINAL_RATE, _FINAL_TOKENS, _FINAL_SEED = 2, 1e-4, 1792, 31
_FILES = ("names.int8.onnx", "tokenizer.json", "lexicon.bin")


def main() -> None:
    """Read the arguments, train, export, and write the card."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    add_options(parser)
    options = parser.parse_args()
    train(load_corpora(options.cache), options)


def add_options(parser: ArgumentParser) -> None:
    """Add the options of a run; the defaults are those of the shipped model."""
    parser.add_argument(
        "--cache", type=Path, default=Path(".training"), help="folder of the corpora"
    )
    parser.add_argument("--out", type=Path, default=MODEL, help="folder of the model")
    parser.add_argument(
        "--start", type=Path, help="weights to start from: of an earlier run, or the shipped file"
    )
    parser.add_argument(
        "--steps", type=int, default=7000, help="0 after --start: only the final runs"
    )
    parser.add_argument("--finish", type=int, default=2600, help="steps of each final run")
    parser.add_argument("--tokens", type=int, default=1536, help="pieces in a step")
    parser.add_argument("--rate", type=float, default=2.5e-4)
    parser.add_argument("--pool", type=int, default=6000, help="windows sorted by length together")
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--words", type=int, default=5000, help="words added to the vocabulary")
    parser.add_argument("--sample", type=int, default=40_000, help="texts that supply these words")
    parser.add_argument(
        "--forget", type=float, default=0.15, help="share of windows without lexicon"
    )
    parser.add_argument(
        "--padding",
        type=float,
        default=0.0,
        help="share of texts among 1 to 20 sentences without personal data",
    )
    parser.add_argument(
        "--category-share", type=float, default=0.4, help="share of steps on special categories"
    )
    parser.add_argument("--seed", type=int, default=20)


def train(corpora: Corpora, options: Namespace) -> None:
    """Train on texts from the corpora; write lexicon, tokenizer, network and card.

    Short final runs follow a long run and start from its weights, each with its own texts. The
    mean of their weights is better than each of them (Wortsman et al., "Model soups", 2022). After
    ``--start`` there is either a long run or final runs. Then the first weights count as much as
    all final runs together (Wortsman et al., "Robust fine-tuning of zero-shot models", 2022).
    """
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    log(f"lexicon: {write_lexicon(options.out / 'lexicon.bin', corpora)} words")
    added = _vocabulary(Generator(corpora, evaluation=False), corpora, options)
    model = _run(corpora, added, options, _weights(options.start) if options.start else None)
    last = [] if options.start and options.steps else list(_final_options(options))
    if last:
        weights = model.state_dict()
        ends = [_run(corpora, added, each, weights).state_dict() for each in last]
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
    return load_weights(start) if start.suffix == ".onnx" else torch.load(start)


def _final_options(options: Namespace) -> Iterator[Namespace]:
    for number in range(_FINAL_RUNS if options.finish else 0):
        yield Namespace(
            **vars(options)
            | {
                "steps": options.finish,
                "tokens": _FINAL_TOKENS,
                "rate": _FINAL_RATE,
                "seed": options.seed + _FINAL_SEED + number,
            }
        )


def _run(
    corpora: Corpora, added: dict[int, list[int]], options: Namespace, weights: Weights | None
) -> BertForTokenClassification:
    """Take one run, from the base model or from the weights of another run."""
    torch.manual_seed(options.seed)
    generator = Generator(corpora, evaluation=False, padding=options.padding)
    encoder = Encoder(
        Tokenizer.from_file(str(options.out / "tokenizer.json")),
        WordLexicon((options.out / "lexicon.bin").read_bytes()),
    )
    model = build(corpora.base, added, options.layers)
    if weights:
        _load_state(model, weights)
    size = {
        "seed": options.seed,
        "tokens": options.tokens,
        "forget": options.forget,
        "pool": options.pool,
    }
    stream = batches(generator, encoder, **size)
    categories = category_batches(CategoryTexts(generator, evaluation=False), encoder, **size)
    if options.steps:
        _train(model, stream, categories, options)
    return model


def _mean(ends: list[Weights]) -> Weights:
    return {
        name: torch.stack([end[name] for end in ends]).mean(dim=0)
        if value.is_floating_point()
        else value
        for name, value in ends[0].items()
    }


def _load_state(model: BertForTokenClassification, weights: Weights) -> None:
    """Load the weights of an earlier run, which may have had no head for topics.

    Raises:
        ValueError: They belong to another network.
    """
    differ = model.load_state_dict(weights, strict=False)
    missing = [name for name in differ.missing_keys if not name.startswith("topics.")]
    if missing or differ.unexpected_keys:
        raise ValueError(f"the weights are of another network: {missing or differ.unexpected_keys}")


def _vocabulary(generator: Generator, corpora: Corpora, options: Namespace) -> dict[int, list[int]]:
    """Return the pieces of each added word; after ``--start`` the tokenizer stays as it is."""
    base, own = corpora.base / "tokenizer.json", options.out / "tokenizer.json"
    if options.start:
        sizes = (Tokenizer.from_file(str(path)).get_vocab_size() for path in (base, own))
        return {number: [0] for number in range(*sizes)}
    words = _words(generator, corpora, seed=options.seed, texts=options.sample)
    return extend_vocabulary(base, words, options.words, own)


def _words(generator: Generator, corpora: Corpora, *, seed: int, texts: int) -> Counter[str]:
    """Count ordinary words in generated texts and prose; names keep their pieces."""
    words = Counter[str]()
    for text in islice(generator.texts(seed + 1), texts):
        words.update(text.sample.text.split())
    transcribed = {word: 3 * count for word, count in words.items() if word in corpora.ordinary}
    for word, count in word_counts({"nl": corpora.prose["nl"]}).items():
        if word in corpora.ordinary:
            transcribed[word] = transcribed.get(word, 0) + count
    return Counter(transcribed)


def _train(
    model: BertForTokenClassification,
    stream: Iterator[TrainingBatch],
    categories: Iterator[CategoryBatch],
    options: Namespace,
) -> None:
    """Train on entity texts, in a share of the steps on category texts, whose names count too."""
    optimizer = torch.optim.AdamW(groups(model, options.rate, 0.01), fused=True)
    warm = max(1, min(200, options.steps // 10))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min((step + 1) / warm, max(0.0, (options.steps - step) / options.steps)),
    )
    model.train()
    seen, total, begun = 0, 0.0, time.monotonic()
    for step in range(1, options.steps + 1):
        special = int(step * options.category_share) > int((step - 1) * options.category_share)
        batch = next(categories) if special else next(stream)
        total += _step(model, batch, optimizer)
        schedule.step()
        seen += (batch.windows if isinstance(batch, CategoryBatch) else batch).ids.numel()
        if step % 50 == 0 or step == options.steps:
            passed = time.monotonic() - begun
            log(f"step {step} loss {total / 50:.4f} {seen / passed:.0f} pieces/s {passed:.0f} s")
            total = 0.0
        if step % 500 == 0:
            torch.save(model.state_dict(), options.cache / "trained.pt")


def log(line: str) -> None:
    """Print one line of progress."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _step(
    model: BertForTokenClassification, batch: TrainingBatch | CategoryBatch, optimizer: Any
) -> float:
    windows = batch.windows if isinstance(batch, CategoryBatch) else batch
    with torch.autocast("cpu", dtype=torch.bfloat16):
        names, topics = heads(model, windows.ids, windows.mask, windows.kinds)
    loss = torch.nn.functional.cross_entropy(
        names.float().flatten(0, 1), windows.labels.flatten(), ignore_index=IGNORED
    )
    if isinstance(batch, CategoryBatch):
        loss = loss + category_loss(topics.float(), batch)
    torch.autograd.backward(loss)
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
    return float(loss.detach())


def describe(folder: Path, runs: list[dict[str, Any]], start: Path | None) -> None:
    """Write model.json: hashes, limits, and the options of all runs, earlier ones first."""
    path = folder / "model.json"
    earlier = json.loads(path.read_text(encoding="utf-8"))["training"] if start else []
    card = {
        "files": {name: sha256((folder / name).read_bytes()).hexdigest() for name in _FILES},
        "labels": LABELS,
        "limits": _INITIAL_LIMITS,
        "told": _CATEGORY_THRESHOLD,
        "doubt": _CATEGORY_DOUBT,
        "nobody": _NAME_VETO,
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
