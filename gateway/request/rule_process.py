"""A rule process: scans the texts of long requests by rules, away from the event loop.

It gets texts, policies and what the classifier found; it has no network, no secret and no file but
the folder of compiled patterns, its only argument. Names of persons are keyed by the gateway.
"""

import os
import sys
from collections import OrderedDict
from pathlib import Path

import msgspec

from gateway.classifiers.message_loop import Answer, serve_standard_streams
from gateway.compiled.policy import CompiledPolicy, compile_policy
from gateway.core.snapshot import TermLists
from gateway.privacy import Detector, compiled
from gateway.request.rule_messages import (
    LoadPolicy,
    RelateTexts,
    RuleMessage,
    ScanPages,
    ScanTexts,
    entities_of,
    pages_of,
    scan_of,
    text_of,
)
from gateway.request.text_scanner import TextScanner

POLICIES = 3  # that a process keeps: those of the last changes
_TEXTS = 20_000
_encode = msgspec.msgpack.Encoder().encode


class RuleAnswers:
    """Answers the messages of a gateway."""

    def __init__(self, scanner: TextScanner) -> None:
        self._scanner = scanner
        self._policies: OrderedDict[bytes, CompiledPolicy] = OrderedDict()
        self._decoder = msgspec.msgpack.Decoder(RuleMessage)

    def __call__(self, data: bytes) -> bytes:
        """The answer to one message; that to a policy is empty."""
        message = self._decoder.decode(data)
        if isinstance(message, LoadPolicy):
            self._load(message)
            return b""
        policy = self._policies[message.policy]
        if isinstance(message, ScanTexts):
            return _encode(self._scan(message, policy))
        return _encode(self._relate(message, policy))

    def _load(self, message: LoadPolicy) -> None:
        lists = TermLists(deny=message.deny, allow=message.allow)
        self._policies[message.policy] = compile_policy(
            message.files,
            digest=message.digest,
            terms=compiled(lists),
            withdrawn=frozenset(message.withdrawn),
            dialects=message.dialects,
        )
        if len(self._policies) > POLICIES:
            self._policies.popitem(last=False)

    def _scan(self, message: ScanTexts, policy: CompiledPolicy) -> list[ScanPages]:
        given = zip(message.texts, message.entities, strict=True)
        return [
            pages_of(self._scanner.scan(text_of(text), policy, entities_of(pages)))
            for text, pages in given
        ]

    def _relate(self, message: RelateTexts, policy: CompiledPolicy) -> list[ScanPages | None]:
        texts = [text_of(text) for text in message.texts]
        scans = dict(zip(texts, map(scan_of, message.scans), strict=True))
        neighbours = [(texts[left], texts[right]) for left, right in message.neighbours]
        changed = self._scanner.related(scans, neighbours, policy, message.context)
        return [pages_of(changed[text]) if text in changed else None for text in texts]


def ready() -> tuple[bytes, Answer]:
    """Load the rules; return an empty first message, and the answers."""
    detector = Detector(Path(sys.argv[1]))
    scanner = TextScanner(detector, key=os.urandom(32), capacity=_TEXTS, person_key=None)
    return b"", RuleAnswers(scanner)


if __name__ == "__main__":
    serve_standard_streams("rules", ready)
