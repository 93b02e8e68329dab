"""The report of an acceptance: facts that are signed as those of other reports, and a text."""

import hashlib
import textwrap
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import msgspec
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.core.text import yaml_text
from gateway.governance.reports.facts import digest_of, sign
from gateway.processes.acceptance.findings import CheckFinding, CheckOutcome

KIND = "acceptance"
_FORMAT = "sluis-acceptance-1"
_WIDTH = 100


class AcceptanceFacts(msgspec.Struct, frozen=True):
    """What was found; ``made`` is a moment (RFC 3339, UTC)."""

    made: str
    version: str
    key: str
    findings: list[CheckFinding]
    kind: str = KIND
    format: str = _FORMAT

    @property
    def faults(self) -> int:
        """The number of faults."""
        return self._count(CheckOutcome.FAULT)

    def canonical(self) -> bytes:
        """JSON with sorted keys: the bytes that are signed."""
        return orjson.dumps(msgspec.to_builtins(self), option=orjson.OPT_SORT_KEYS)

    def summary(self) -> dict[str, int]:
        """The number of findings by outcome."""
        return {one.value: self._count(one) for one in CheckOutcome}

    def _count(self, outcome: CheckOutcome) -> int:
        return sum(one.outcome is outcome for one in self.findings)


class _Texts(msgspec.Struct, frozen=True):
    """The texts of one language; of a check what was done, and what to do about a fault."""

    title: str
    summary: str
    outcomes: dict[CheckOutcome, str]
    todo: str
    signature: str
    reasons: dict[str, str]
    checks: dict[str, tuple[str, str]]


@cache
def texts_of(language: str) -> _Texts:
    """The texts of a language."""
    file = files("gateway.processes.acceptance").joinpath("texts", f"{language}.yaml")
    return msgspec.convert(yaml_text.load(file.read_text("utf-8")), _Texts)


def as_text(facts: AcceptanceFacts, language: str) -> str:
    """The report for people."""
    texts = texts_of(language)
    counts = facts.summary()
    head = [
        texts.title.format(made=facts.made, version=facts.version),
        texts.summary.format(**counts),
        "",
    ]
    lines = [line for one in facts.findings for line in _lines(one, texts)]
    tail = texts.signature.format(digest=digest_of(facts.canonical()), key=facts.key)
    return "\n".join([*head, *lines, "", tail, ""])


def as_json(facts: AcceptanceFacts, key: Ed25519PrivateKey, language: str) -> bytes:
    """The facts with their signature, the public key and the text."""
    raw = facts.canonical()
    document = {
        "document": as_text(facts, language),
        "facts": msgspec.to_builtins(facts),
        "signature": sign(raw, key),
        "key": facts.key,
    }
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)


def digests_of(facts: AcceptanceFacts, file: bytes) -> dict[str, str]:
    """The fields of the entry that names the report."""
    digest = digest_of(facts.canonical())
    return {"report": digest, "file_sha256": hashlib.sha256(file).hexdigest()}


def _lines(finding: CheckFinding, texts: _Texts) -> Sequence[str]:
    """A finding as lines: what was done and seen, and what to do."""
    done, todo = texts.checks[finding.check]
    seen = " ".join(filter(None, (texts.reasons.get(finding.reason), finding.detail)))
    about = f" [{finding.about}]" if finding.about else ""
    took = f" ({finding.took_ms} ms)" if finding.took_ms else ""
    mark = texts.outcomes[finding.outcome]
    lines = [f"{mark}  {finding.check}{about}: {done}{took}", *([f"  {seen}"] if seen else [])]
    if finding.outcome is CheckOutcome.FAULT:
        lines.append(f"  {texts.todo} {todo}")
    return [part for line in lines for part in _wrapped(line)]


def _wrapped(line: str) -> list[str]:
    return textwrap.wrap(line, _WIDTH, subsequent_indent="    ", break_long_words=False)
