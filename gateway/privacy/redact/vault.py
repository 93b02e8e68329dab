"""Take values out of texts before they leave, and put them back into what returns."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

import msgspec

from gateway.core.finding import Finding, FindingKind
from gateway.core.pseudonym import pseudonym
from gateway.core.text.matcher import Match, StreamMatcher
from gateway.privacy.redact.operators import NO_HINTS, Hints, Operator
from gateway.privacy.redact.person_hints import HintWords
from gateway.privacy.redact.placeholders import (
    ALPHABET,
    DIGITS,
    GRAMMAR,
    LETTERS,
    LITERAL,
    LONGEST_ID,
    SECRET,
    SHORTEST,
    may_hold,
    parse,
)
from gateway.privacy.redact.surrogates import SurrogateMap, TextSpan
from gateway.privacy.restore import Restorer

_SIGNS = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
_LETTERS, _DIGITS = frozenset(LETTERS), frozenset(DIGITS)
_BY_LETTERS = frozenset({"PERSON", "CITY", "STREET_ADDRESS", LITERAL})
Span = tuple[int, int, str]  # start, end and type


class Scope(msgspec.Struct, frozen=True):
    """Whose placeholders these are; in another scope they mean nothing."""

    tenant: str
    key_id: str
    user: str
    conversation: str

    def digest(self) -> bytes:
        """32 bytes that no other scope has."""
        parts = (self.tenant, self.key_id, self.user, self.conversation)
        told_apart = "".join([f"{len(part)}:{part}" for part in parts])
        return hashlib.sha256(told_apart.encode("utf-8", "surrogatepass")).digest()

    def name(self, key: bytes) -> str:
        """The keyed one-way name under which the values of this scope are stored."""
        return pseudonym(key, "scope", self.digest().hex())


def spans_of(text: str, findings: Sequence[Finding]) -> tuple[Span, ...]:
    """What redaction takes out of a text, in order and apart: findings, and look-alikes."""
    spans = [_span(finding) for finding in findings if finding.redactable]
    return tuple(_merge([*spans, *look_alikes(text)]))


class Vault:
    """The values of one conversation and their placeholders, in memory.

    The same value gets the same placeholder in every turn of the conversation, as long as the
    history comes in the same order. Secrets are written as ``[SECRET]`` and not kept.
    """

    def __init__(
        self,
        secret: bytes,
        scope: Scope,
        modes: Mapping[str, Operator] = MappingProxyType({}),
        stored: Mapping[str, tuple[str, str]] | None = None,
        *,
        hints: Hints = NO_HINTS,
        standing: Sequence[str] = (),
    ) -> None:
        """``modes`` by type; what it does not name becomes a placeholder.

        ``standing`` are all texts of the request: no surrogate is one that occurs in them.

        ``stored`` holds types and values by id, as this scope's stored vault has them; None when no
        stored vault is opened. A placeholder of these that stands in a request stays one.
        """
        if len(secret) < 16:
            raise ValueError("the placeholder key needs at least 16 bytes")
        key = hashlib.blake2b(scope.digest(), key=secret[:64], digest_size=32).digest()
        self._keyed = hashlib.blake2b(key=key, digest_size=LONGEST_ID + 1)
        self._modes = modes
        self._hints = HintWords(hints) if hints != NO_HINTS else None
        self._surrogates: SurrogateMap | None = None  # made when a type first asks for it
        self._standing = standing
        self._ids: dict[tuple[str, str], str] = {}  # (type, value) to id
        self._values: dict[str, tuple[str, str]] = {}  # id to (type, value)
        self._stored = stored
        if stored:
            self._values.update(stored)
            self._ids.update({known: id_ for id_, known in stored.items()})
        self.count = self.unknown = 0  # of ``unknown``: placeholders in a request that open nothing
        self.echoed: set[str] = set()  # ids of stored values whose placeholders stood in a request

    def redact(self, text: str, spans: Sequence[Span]) -> str:
        """The text without what stands at ``spans_of``; ``count`` grows by their number."""
        leaving = [span for span in spans if self._modes.get(span[2]) is not Operator.KEEP]
        self.count += len(leaving)
        return self._replace(text, leaving)

    def taken(self) -> list[tuple[str, str, str]]:
        """Id, type and value of what was taken out and is not stored yet.

        Without what no type says of whom it is: spans that overlapped, and look-alikes.
        """
        before = self._stored or {}
        return [
            (id_, type_, value)
            for id_, (type_, value) in self._values.items()
            if type_ != LITERAL and id_ not in before
        ]

    def _known_in(self, text: str) -> Iterator[Span]:
        """Where values of this conversation stand in a text, the longest first."""
        known = (*self._ids, *(self._surrogates.values() if self._surrogates else ()))
        for type_, value in sorted(known, key=lambda one: -len(one[1])):
            at = text.find(value)
            while at >= 0:
                yield at, at + len(value), type_
                at = text.find(value, at + len(value))

    def _replace(self, text: str, spans: Iterable[Span], *, answer: bool = False) -> str:
        instead = self._instead_in_answer if answer else self._instead
        parts = []
        done = 0
        for start, end, type_ in spans:
            parts += [text[done:start], instead(type_, TextSpan(text, start, end))]
            done = end
        parts.append(text[done:])
        return "".join(parts)

    def _instead_in_answer(self, type_: str, place: TextSpan) -> str:
        """The same for an answer: no new surrogate, which its text might hold already."""
        if self._modes.get(type_) is not Operator.SURROGATE:
            return self._instead(type_, place)
        known = self._surrogates.known(type_, place.value) if self._surrogates else None
        return known or self._issue(type_, place)

    def _instead(self, type_: str, place: TextSpan) -> str:
        """What stands in the place of a value."""
        if type_ == SECRET:
            return SECRET
        value = place.value
        if type_ == LITERAL and self._stored is not None and (echo := self._echo(value)):
            return echo
        mode = self._modes.get(type_, Operator.PLACEHOLDER)
        if mode is Operator.PLACEHOLDER:
            return self._issue(type_, place)
        if mode is Operator.SURROGATE:
            surrogates = self._surrogates = self._surrogates or self._new_surrogates()
            known = surrogates.instead(type_, normalise(type_, value), place)
            return known or self._issue(type_, place)
        if mode is Operator.HASH:
            return f"[{type_}:{self._encode(type_, normalise(type_, value))}]"
        return "" if mode is Operator.DROP else f"[{type_}]"

    def _echo(self, placeholder: str) -> str | None:
        """A placeholder of the stored vault as we write it."""
        id_ = parse(placeholder)[1]
        known = self._stored.get(id_) if self._stored else None
        if known is None:
            self.unknown += 1
            return None
        self.echoed.add(id_)
        return f"[{known[0]}_{id_}]"

    def redact_answer(self, text: str, findings: Sequence[Finding], *, shaped: bool) -> str:
        """An answer as it is kept: known values and new findings out, what stands for them as is."""
        kept = [(start, end) for start, end, _ in look_alikes(text)] if shaped else []
        kept += self.surrogates_in(text)
        spans = [span for span in self._known_in(text) if not touches(span[0], span[1], kept)]
        taken = kept + [(start, end) for start, end, _ in spans]
        spans += [
            _span(finding)
            for finding in findings
            if finding.redactable and not touches(finding.start, finding.end, taken)
        ]
        return self._replace(text, _merge(spans), answer=True) if spans else text

    @property
    def substitutes(self) -> bool:
        """Whether texts without any placeholder may hold what must be restored."""
        return self._surrogates is not None

    def surrogates_in(self, text: str) -> list[tuple[int, int]]:
        """Where surrogates of this conversation stand in a text."""
        return self._surrogates.spans_in(text) if self._surrogates else []

    def restore(self, text: str) -> str:
        """A whole text with our placeholders replaced, by the rules of the restorer."""
        restorer = self.restorer()
        return restorer.feed(text) + restorer.finish()

    def restore_name(self, name: str) -> str:
        """An identifier, in which placeholders stand without brackets, with their values put back."""
        for id_, (_, value) in self._values.items():
            if id_ in name:
                name = value.join(re.split(rf"[A-Z]+(?:_[A-Z]+)*_{id_}", name))
        return name

    def restorer(self, *, json: bool = False) -> Restorer:
        """For one stream; ``json``: the text is JSON source, so values go in escaped."""
        return Restorer(self._values, self._surrogates, json=json)

    def _new_surrogates(self) -> SurrogateMap:
        stored = (value for _, value in (self._stored or {}).values())
        return SurrogateMap(self._digest, (*self._standing, *stored))

    def _digest(self, seed: str) -> bytes:
        keyed = self._keyed.copy()
        keyed.update(b"surrogate\0" + seed.encode("utf-8", "surrogatepass"))
        return keyed.digest()

    def _issue(self, type_: str, place: TextSpan) -> str:
        value = place.value
        known = self._ids.get((type_, value))
        if known is None:
            known = self._new_id(type_, value)
            self._ids[type_, value] = known
            self._values[known] = (type_, value)
        word = self._hints.word(known, place) if self._hints and type_ == "PERSON" else type_
        return f"[{word}_{known}]"

    def _new_id(self, type_: str, value: str) -> str:
        """The id of the normalised value; another spelling or a collision makes it longer."""
        base = self._encode(type_, normalise(type_, value))[:SHORTEST]
        if base not in self._values:
            return base
        tail = self._encode(type_ + "\0", value)
        for size in range(2, LONGEST_ID - SHORTEST + 1):
            if base + tail[:size] not in self._values:
                return base + tail[:size]
        raise ValueError("two values share an id of the greatest length")

    def _encode(self, type_: str, value: str) -> str:
        data = f"{type_}\0{value}".encode("utf-8", "surrogatepass")
        keyed = self._keyed.copy()
        keyed.update(data)
        digest = keyed.digest()
        signs = digest[:LONGEST_ID].translate(_SIGNS).decode()
        for needed in (_LETTERS, _DIGITS):  # each id has both, so that no word or number is one
            if needed.isdisjoint(signs[:SHORTEST]):
                at, sign = digest[-1] % SHORTEST, sorted(needed)[digest[-1] % len(needed)]
                signs = signs[:at] + sign + signs[at + 1 :]
        return signs


def normalise(type_: str, value: str) -> str:
    """The form under which spellings of one value meet: case, spaces and separators do not count."""
    if type_ in _BY_LETTERS:
        return " ".join(value.casefold().split())
    if type_ == "EMAIL":
        return value.lower()
    return "".join(filter(str.isalnum, value.upper()))


def _span(finding: Finding) -> Span:
    return (
        finding.start,
        finding.end,
        SECRET if finding.kind is FindingKind.SECRET else finding.type,
    )


def touches(first: int, last: int, others: Sequence[tuple[int, int]]) -> bool:
    """Whether a stretch overlaps one of the others."""
    return any(first < end and start < last for start, end in others)


def look_alikes(text: str) -> Iterable[Span]:
    """What already has the shape of a placeholder: it becomes a value, so it opens nothing."""
    if not may_hold(text):
        return
    matcher = StreamMatcher(GRAMMAR)
    at = 0
    for event in (*matcher.feed(text), *matcher.finish()):
        end = at + len(event.text)
        if isinstance(event, Match):
            yield at, end, LITERAL
        at = end


def _merge(spans: list[Span]) -> list[Span]:
    """Join spans that overlap: a secret in one makes all of it secret, else it is a literal."""
    merged: list[Span] = []
    for start, end, type_ in sorted(spans):
        if not merged or start >= merged[-1][1]:
            merged.append((start, end, type_))
            continue
        first, last, other = merged[-1]
        joined = SECRET if SECRET in (type_, other) else LITERAL
        merged[-1] = (first, max(last, end), joined)
    return merged
