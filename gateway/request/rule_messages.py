"""Messages between a gateway and its rule process, in MessagePack.

Long lists travel in pages: a single call that reads all of one would hold the interpreter for too
long.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import msgspec

from gateway.classifiers.protocol import Entity
from gateway.core.finding import Finding, FindingKind
from gateway.privacy import Span
from gateway.request.text_scanner import TextScan

_PAGE = 1000
_encode = msgspec.msgpack.Encoder().encode
_Row = tuple[FindingKind, str, int, int, float, str]
_finding_rows = msgspec.msgpack.Decoder(list[_Row])
_span_rows = msgspec.msgpack.Decoder(list[tuple[int, int, str]])
_entity_rows = msgspec.msgpack.Decoder(list[Entity])


class _Message(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """A message with its name first."""


class LoadPolicy(_Message, frozen=True, tag=True):
    """A policy, for the messages that name it; ``deny`` and ``allow`` are custom terms."""

    policy: bytes
    digest: str
    files: dict[str, str]
    deny: dict[str, str]
    allow: list[str]
    withdrawn: list[str]
    dialects: list[str]


class ScanTexts(_Message, frozen=True, tag=True):
    """Texts to scan, with pages of the entities of each."""

    policy: bytes
    texts: list[bytes]
    entities: list[list[bytes]]


class RelateTexts(_Message, frozen=True, tag=True):
    """All texts of a request with their scans; the answer has those that change, else None."""

    policy: bytes
    texts: list[bytes]
    scans: list["ScanPages"]
    neighbours: list[tuple[int, int]]
    context: bytes | None


class ScanPages(msgspec.Struct, frozen=True, array_like=True):
    """A scan of a text, its findings and spans in pages."""

    findings: list[bytes]
    rules: tuple[str, ...]
    spans: list[bytes]
    shaped: bool


RuleMessage = LoadPolicy | ScanTexts | RelateTexts


def text_bytes(text: str) -> bytes:
    """UTF-8, in which a lone surrogate may occur."""
    return text.encode("utf-8", "surrogatepass")


def text_of(data: bytes) -> str:
    """The text of such bytes."""
    return data.decode("utf-8", "surrogatepass")


def entity_pages(entities: Sequence[Entity]) -> list[bytes]:
    """Entities, to be sent."""
    return _pages(entities)


def entities_of(pages: Sequence[bytes]) -> list[Entity]:
    """Entities that were sent."""
    return list(chain.from_iterable(map(_entity_rows.decode, pages)))


def pages_of(scan: TextScan) -> ScanPages:
    """A scan, to be sent; without mentions, which only the gateway can name."""
    rows = [
        (one.kind, one.type, one.start, one.end, one.score, one.detector) for one in scan.findings
    ]
    return ScanPages(_pages(rows), scan.rules, _pages(scan.spans), scan.shaped)


def scan_of(pages: ScanPages) -> TextScan:
    """A scan that was sent."""
    findings = (Finding(*row) for page in pages.findings for row in _finding_rows.decode(page))
    return TextScan(tuple(findings), pages.rules, tuple(_spans(pages.spans)), pages.shaped)


def _spans(pages: Sequence[bytes]) -> Iterator[Span]:
    return chain.from_iterable(map(_span_rows.decode, pages))


def _pages(rows: Sequence[Any]) -> list[bytes]:
    return [_encode(rows[at : at + _PAGE]) for at in range(0, len(rows), _PAGE)]
