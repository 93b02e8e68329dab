"""Texts that train the gate: generated ones among neutral sentences, code, logs and lock files.

The code is that of the installed packages, read during training and not stored. The large network
labels it, so that the gate learns what the network finds there, and what it leaves alone. Persons
and secrets are put into some of it.
"""

import json
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from gateway.classifiers.entities.classifier import Classifier
from gateway.classifiers.entities.decoding import TYPES
from gateway.core.finding import SPECIAL_CATEGORIES
from gateway.privacy import normalised
from training.entities.generator import Generator
from training.entities.names import is_heldout
from training.entities.special_categories import CategoryTexts
from training.entities.template_slots import Sample

UNKNOWN, NO_TOPIC = -2, -1
_CATEGORY_EVERY = 3  # one text about a special category for so many others
_CODE_EVERY = 4
_PADDED_SHARE = 0.3  # of the generated texts
_PADDED_LENGTH = 400  # characters of the longest text that is padded
_PADDING = (1, 2, 3, 6, 10, 20)  # neutral sentences
_GAPS = (" ", " ", "\n", "\n\n")
_SOURCES = (".py", ".pyi", ".json", ".js", ".ts", ".h", ".c", ".pxd", ".toml", ".yaml")
_DOCUMENTS = (".md", ".rst", ".txt")
_NAMES = ("METADATA", "RECORD")
_PIECE = 1600  # characters
_SHORTEST = 300
_LOG_SHARE = 0.2  # of the pieces of code
_LOG_LINES = 8
_ISO_SHARE = 0.5  # of the time stamps
_PLANTED_SHARE = 0.5  # pieces of code with a sentence about a person or a secret
_COMMENTS = ("# ", "// ", " * ", "    # ", "-- ", "; ", '    """', '  "note": "', "INFO ", "msg=")
_LEVELS = ("info", "warn", "error", "debug", "INFO", "TRACE")
_SURE = 0.9  # score from which what the network finds in code is a label, below it is ignored


@dataclass(frozen=True, slots=True)
class GateText:
    """A text with labelled spans, and the number of its special category, or none, or unknown."""

    sample: Sample
    topic: int = UNKNOWN


def gate_texts(generator: Generator, code: list[Sample], seed: int) -> Iterator[GateText]:
    """Yield texts without end; the same seed gives the same texts."""
    rng = Random(seed)  # noqa: S311  # texts, no secrets
    categories = CategoryTexts(generator, evaluation=False).texts(seed)
    planted = generator.texts(seed + 1)
    for number, text in enumerate(generator.texts(seed)):
        sample = text.sample
        if len(sample.text) < _PADDED_LENGTH and rng.random() < _PADDED_SHARE:
            sample = padded(sample, generator, rng, text.language)
        yield GateText(sample.merged())
        if number % _CATEGORY_EVERY == 0:
            told = next(categories)
            topic = SPECIAL_CATEGORIES.index(told.topic) if told.topic else NO_TOPIC
            yield GateText(told.sample.merged(), topic)
        if code and number % _CODE_EVERY == 0:
            piece = rng.choice(code)
            if rng.random() < _PLANTED_SHARE:
                yield GateText(_planted(piece, next(planted).sample.merged(), rng))
            else:
                yield GateText(piece, NO_TOPIC)


def padded(sample: Sample, generator: Generator, rng: Random, language: str) -> Sample:
    """Return the text with neutral sentences before it, behind it, or both."""
    count, gap = rng.choice(_PADDING), rng.choice(_GAPS)
    before = rng.randint(0, count)
    parts = [generator.neutral(rng, language) for _ in range(count)]
    whole = Sample()
    for part in (*parts[:before], sample, *parts[before:]):
        whole.add(gap if whole.text else "")
        whole.join(part)
    return whole


def code_pieces(classifier: Classifier, count: int, seed: int) -> list[Sample]:
    """Return pieces of installed packages and generated logs, labelled by the network."""
    rng = Random(seed)  # noqa: S311  # texts, no secrets
    logs = int(count * _LOG_SHARE)
    pieces = [*_pieces(rng, count - logs), *((_log(rng), True) for _ in range(logs))]
    return [_labelled(classifier, normalised(text), source=source) for text, source in pieces]


def _labelled(classifier: Classifier, text: str, *, source: bool) -> Sample:
    """Return a piece with what the network finds: ignored in a source, where it is often wrong."""
    (found,) = classifier.find([text])
    spans = [
        (one.start, one.end, one.type if one.score >= _SURE and not source else "?")
        for one in found
        if one.type in TYPES
    ]
    return Sample(text, spans)


def _pieces(rng: Random, count: int) -> Iterator[tuple[str, bool]]:
    """Yield pieces of so many files, and whether each is of a source."""
    folder = Path(sysconfig.get_path("purelib"))
    files = sorted(
        file
        for file in folder.rglob("*")
        if (file.suffix in (*_SOURCES, *_DOCUMENTS) or file.name in _NAMES)
        and file.is_file()
        and not is_heldout(file.name)
    )
    for file in rng.sample(files, min(2 * count, len(files))):
        text = file.read_text(encoding="utf-8", errors="ignore")
        if len(text) > _SHORTEST and count:
            at = rng.randrange(max(1, len(text) - _PIECE))
            yield text[at : at + _PIECE], file.suffix in _SOURCES
            count -= 1


def _planted(piece: Sample, sample: Sample, rng: Random) -> Sample:
    """Return code with a text in a comment or a literal."""
    breaks = [0, *(at + 1 for at, char in enumerate(piece.text) if char == "\n")]
    at = rng.choice(breaks)
    before = [span for span in piece.spans if span[1] <= at]
    after = [(a - at, b - at, kind) for a, b, kind in piece.spans if a >= at]
    whole = Sample(piece.text[:at], before)
    whole.add(rng.choice(_COMMENTS))
    whole.join(Sample(sample.text.replace("\n", " "), sample.spans))
    whole.add(rng.choice(("\n", '"""\n', '",\n')))
    whole.join(Sample(piece.text[at:], after))
    return whole


def _log(rng: Random) -> str:
    form = rng.randrange(4)
    return "\n".join(_log_line(form, rng) for _ in range(_LOG_LINES))


def _log_line(form: int, rng: Random) -> str:
    code = f"{rng.getrandbits(rng.choice((32, 64, 128))):x}"
    at = f"{rng.randrange(24):02}:{rng.randrange(60):02}:{rng.randrange(60):02}"
    stamp = f"{at},{rng.randrange(999)}"
    if rng.random() < _ISO_SHARE:
        stamp = (
            f"2026-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}T{at}.{rng.randrange(999)}Z"
        )
    level = rng.choice(_LEVELS)
    if form == 0:
        service = rng.choice(("Auth", "Pay", "Sync", "Order"))
        return (
            f"{stamp} {level} c.a.{service}Service - trace={code} "
            f"user_id={rng.randrange(10**6)} took {rng.randrange(999)}ms"
        )
    if form == 1:
        path = rng.choice(("static", "v2/items", "api/orders"))
        return (
            f"10.0.{rng.randrange(255)}.{rng.randrange(255)} - - [28/Nov/2026:{at} +0000] "
            f'"GET /{path}/{code} HTTP/1.1" 200 {rng.randrange(9999)}'
        )
    if form == 2:
        said = rng.choice(("job done", "cache miss", "retrying", "slow query"))
        return json.dumps({"level": level, "ts": rng.random() * 1e9, "span": code, "msg": said})
    said = rng.choice(("eth0: link up", "EXT4-fs mounted", "audit: type=1400"))
    stamp = stamp if rng.random() < _ISO_SHARE else f"Nov 28 {at}"
    return f"{stamp} node{rng.randrange(9)} kernel: [{rng.random() * 1e5:.6f}] {said} id={code}"
