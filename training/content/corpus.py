"""What training reads: published sets, and Dutch and English manuals as ordinary prose."""

import pickle
from pathlib import Path

from evaluation.content import ordinary as marked
from training.content import sources
from training.content.ordinary import Ordinary
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
