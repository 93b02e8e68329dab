"""Findings in decoded parts of a text, placed over the stretches that encode them."""

from collections.abc import Iterable
from dataclasses import replace

from gateway.core.finding import Finding, FindingKind
from gateway.privacy import level
from gateway.privacy.detect.decoded_text import DecodedText

_CHECKED = frozenset({"BSN", "IBAN", "EMAIL", "PHONE", "CREDIT_CARD"})


def place(part: DecodedText, findings: tuple[Finding, ...], text: str) -> Iterable[Finding]:
    """Yield the findings of a decoded part with offsets of the text that holds it."""
    if part.checked:
        findings = tuple(f for f in findings if f.type in _CHECKED or f.kind is FindingKind.SECRET)
    if not findings:
        return
    if part.places is not None:
        yield from _by_character(part, findings, len(text))
        return
    by_type = {finding.type: finding for finding in sorted(findings, key=lambda f: f.score)}
    redacted = sorted(
        (f for f in by_type.values() if f.redactable), key=lambda f: (f.kind, f.score)
    )
    marks = [finding for finding in by_type.values() if not finding.redactable]
    end = part.end
    # A mark is not redacted but makes the level: each keeps a character at the end of the stretch.
    for mark in marks:
        end -= 1
        yield _moved(mark, end, end + 1)
    if redacted:
        impersonal = all(_is_impersonal(finding) for finding in findings if finding.redactable)
        yield _moved(redacted[-1] if impersonal else _personal(redacted[-1]), part.start, end)


def _by_character(part: DecodedText, findings: Iterable[Finding], size: int) -> Iterable[Finding]:
    """Findings of a part in which each character has a place of its own."""
    for finding in findings:
        # At an edge of a stretch that was decoded together with an escape, a token may be cut.
        cut = part.encoding == "escapes" and (
            (finding.start < 2 and part.start > 0)
            or (finding.end > len(part.text) - 2 and part.end < size)
        )
        if not cut:
            yield _moved(finding, *part.original(finding.start, finding.end))


def merge(found: Iterable[Finding], decoded: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return both, sorted by start: of redacted findings that overlap, one over all of them."""
    marks = [finding for finding in found if not finding.redactable]
    redacted = _without_overlap([*(f for f in found if f.redactable), *decoded])
    return tuple(sorted([*marks, *redacted], key=lambda finding: finding.start))


def _without_overlap(findings: list[Finding]) -> list[Finding]:
    findings.sort(key=lambda f: (f.start, -f.end, not f.redactable, f.type))
    kept: list[Finding] = []
    for finding in findings:
        last = kept[-1] if kept else None
        if last is None or finding.start >= last.end:
            kept.append(finding)
            continue
        longest = finding if _weight(finding) > _weight(last) else last
        if not (_is_impersonal(finding) and _is_impersonal(last)):
            longest = _personal(longest)
        kept[-1] = replace(longest, start=last.start, end=max(last.end, finding.end))
    return kept


def _weight(finding: Finding) -> tuple[bool, bool, int]:
    return finding.kind is FindingKind.SECRET, finding.redactable, finding.end - finding.start


def _moved(finding: Finding, start: int, end: int) -> Finding:
    return replace(finding, start=start, end=end, detector=f"decoded-{finding.detector}")


def _is_impersonal(finding: Finding) -> bool:
    return finding.detector.endswith(level.IMPERSONAL_SUFFIX)


def _personal(finding: Finding) -> Finding:
    """A finding that represents several may hide a person beside a department's address."""
    return replace(finding, detector=finding.detector.removesuffix(level.IMPERSONAL_SUFFIX))
