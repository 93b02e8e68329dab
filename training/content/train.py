"""Train the classifier of attacks and harm, on one core.

Example:
  .venv/bin/python -m training.content.train --cache /var/tmp/content --steps 3000 --out a.pt
  .venv/bin/python -m training.content.train --cache /var/tmp/content --start a.pt --out b.pt

``--start`` also takes the folder of a model of the product: its weights, as far as eight bits hold
them.
"""

import json
import math
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn.functional import cross_entropy

from gateway.core.text.canonical import canonical_lines
from training.content import corpus
from training.content.export import read_back
from training.content.mine import HARD
from training.content.network import Network
from training.content.sources import CATEGORIES, NONE, Row
from training.content.templates import TRAINED, fetch, templates
from training.content.texts import Texts
from training.content.written import written

WINDOW, STRIDE = 96, 48  # pieces
_ATTACKS, _PUBLISHED = 0.42, 0.15  # shares of attacks, and of published ones among these
_BATCH, _DRAWN, _MOST_WINDOWS = 64, 30, 110
_MOST = 3  # windows of an attack
_RATE, _WARM = 2e-3, 100
_ENCODER_RATE = 0.15  # of the weights that came trained, as a share of the rate
_SMOOTHING = 0.02

Example = tuple[list[list[int]], int]


def main() -> None:
    """Train, and write the weights."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True, help="folder of the fetched packages")
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=_RATE)
    parser.add_argument("--start", type=Path, help="weights to start from")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    model = options.start if options.start and options.start.is_dir() else None
    given = corpus.start(options.cache, model)
    network = Network(given, len(CATEGORIES) + 1)
    if options.start:
        network.load_state_dict(read_back(model) if model else torch.load(options.start))
    prose, rows = corpus.load(options.cache)
    own = templates(fetch(options.cache, TRAINED))
    texts = Texts(corpus.ordinary(prose, rows), written(), hard(options.cache), own)
    fit(network, Examples(texts, rows, given.tokenizer), options)


def hard(cache: Path) -> list[str]:
    """Return the stretches that ``training.content.mine`` collected, if it was run."""
    path = cache / HARD
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


class Examples:
    """Draws batches of texts, each a list of windows of pieces with the number of its category."""

    def __init__(self, texts: Texts, rows: Sequence[Row], tokenizer: Tokenizer) -> None:
        self._texts = texts
        self._tokenizer = tokenizer
        self._published: dict[tuple[str, str], list[str]] = {}
        for row in rows:
            if row.category != NONE:
                self._published.setdefault((row.category, row.source), []).append(row.text)
        self._keys = list(self._published)
        self._shares = [len(self._published[key]) ** 0.5 for key in self._keys]

    def batches(self, seed: int) -> Iterator[list[Example]]:
        """Yield batches without end; texts of like length are in one batch."""
        rng = Random(seed)  # noqa: S311  # texts, no secrets
        while True:
            drawn = [one for _ in range(_BATCH * _DRAWN) if (one := self._drawn(rng))[0][0]]
            drawn.sort(key=lambda one: max(map(len, one[0])))
            whole = [drawn[at : at + _BATCH] for at in range(0, len(drawn), _BATCH)]
            rng.shuffle(whole)
            yield from whole

    def _drawn(self, rng: Random) -> Example:
        if rng.random() >= _ATTACKS:
            text, category = self._texts.harmless(rng)
        elif rng.random() < _PUBLISHED:
            key = rng.choices(self._keys, self._shares)[0]
            text, category = rng.choice(self._published[key]), key[0]
        else:
            text, category = self._texts.attack(rng)
        own = windows(self._tokenizer.encode(canonical_lines(text)).ids)
        if category == NONE:
            return [rng.choice(own)], len(CATEGORIES)
        return own[:_MOST], CATEGORIES.index(category)


def windows(pieces: list[int]) -> list[list[int]]:
    """Return windows of pieces that overlap by half."""
    if len(pieces) <= WINDOW:
        return [pieces]
    return [pieces[at : at + WINDOW] for at in range(0, len(pieces) - STRIDE, STRIDE)]


def numbers(network: Network, own: Sequence[list[int]]) -> torch.Tensor:
    """Return the numbers of windows, an array [windows, categories]."""
    array = np.full((len(own), max(map(len, own))), -1, np.int64)
    for at, pieces in enumerate(own):
        array[at, : len(pieces)] = pieces
    found: torch.Tensor = network(torch.from_numpy(array))
    return found


def fit(network: Network, examples: Examples, options: Namespace) -> None:
    """Train for a number of batches; the strongest window of a text decides its loss."""
    new = [*network.head.hidden.parameters(), *network.head.out.parameters()]
    own = {id(one) for one in new}
    came = [one for one in network.parameters() if id(one) not in own]
    rates = (options.rate, options.rate * _ENCODER_RATE)
    optimizer = torch.optim.AdamW([{"params": new}, {"params": came}], weight_decay=0.01)
    network.train()
    total = 0.0
    for step, batch in zip(range(options.steps), examples.batches(options.seed), strict=False):
        share = min(1.0, (step + 1) / _WARM) * (1 + math.cos(math.pi * step / options.steps)) / 2
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * share
        optimizer.zero_grad()
        loss = _loss(network, batch)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        total += float(loss.detach())
        if step % 100 == 99:
            print(f"{step + 1} steps, loss {total / 100:.4f}", flush=True)  # noqa: T201
            total = 0.0
            torch.save(network.state_dict(), options.out)
    torch.save(network.state_dict(), options.out)


def _loss(network: Network, batch: list[Example]) -> torch.Tensor:
    every = [(at, one) for at, (own, _) in enumerate(batch) for one in own][:_MOST_WINDOWS]
    found = numbers(network, [one for _, one in every])
    none = found.detach().log_softmax(1)[:, -1].tolist()
    best: dict[int, int] = {}
    for row, (at, _) in enumerate(every):
        if at not in best or none[row] < none[best[at]]:
            best[at] = row
    wanted = torch.tensor([batch[at][1] for at in best])
    return cross_entropy(found[list(best.values())], wanted, label_smoothing=_SMOOTHING)


if __name__ == "__main__":
    main()
