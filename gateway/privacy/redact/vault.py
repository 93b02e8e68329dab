"""Replace values in texts before they leave, and restore them in what returns."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

import msgspec
from msgspec.structs import replace

from gateway.core.finding import UNREAD, Finding, FindingKind, is_unread
from gateway.core.pseudonym import pseudonym
from gateway.core.text.matcher import Match, StreamMatcher
from gateway.privacy.pseudonyms.placeholders import (
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
    stretches,
)
from gateway.privacy.pseudonyms.surrogates import SurrogateMap, TextSpan
from gateway.privacy.redact.known_places import KnownPlaces, Stretches
from gateway.privacy.redact.operators import NO_HINTS, Hints, Operator
from gateway.privacy.redact.person_hints import HintWords
from gateway.privacy.restore import CallerText, Restorer

_SIGNS = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
_LETTERS, _DIGITS = frozenset(LETTERS), frozenset(DIGITS)
_BY_LETTERS = frozenset({"PERSON", "CITY", "STREET_ADDRESS", LITERAL})
_NOT_CALLERS = frozenset({SECRET, LITERAL})
_RETURNING = frozenset({Operator.PLACEHOLDER, Operator.SURROGATE})
_IN_NAME = re.compile(rf"[A-Z]+(?:_[A-Z]+)*_([{ALPHABET}]{{{SHORTEST},{LONGEST_ID}}})")
UNREAD_TEXT = f"[{UNREAD}]"
Span = tuple[int, int, str]  # start, end and type


class Scope(msgspec.Struct, frozen=True):
    """The owner of placeholders; in another scope they have no value."""

    tenant: str
    key_id: str
    user: str
    conversation: str

    def digest(self) -> bytes:
        """Return 32 bytes that are unique to this scope."""
        parts = (self.tenant, self.key_id, self.user, self.conversation)
        unambiguous = "".join([f"{len(part)}:{part}" for part in parts])
        return hashlib.sha256(unambiguous.encode("utf-8", "surrogatepass")).digest()

    def name(self, key: bytes) -> str:
        """Return the keyed one-way name under which the values of this scope are stored."""
        return pseudonym(key, "scope", self.digest().hex())

    def cache_key(self, key: bytes, own: str = "") -> str:
        """Return the keyed one-way name by which a provider finds its cache of the conversation.

        ``own`` is the caller's name for a cache, which may serve several of its conversations.
        """
        scope = replace(self, conversation=f"cache:{own}") if own else self
        return pseudonym(key, "prompt-cache", scope.digest().hex())


def spans_of(text: str, findings: Sequence[Finding]) -> tuple[Span, ...]:
    """Return the spans to redact, in order and without overlap: findings and look-alikes.

    A text that was not read may hold anything, so all of it is a secret.
    """
    if is_unread(findings):
        return ((0, len(text), SECRET),)
    spans = [_span(finding) for finding in findings if finding.redactable]
    return tuple(_merge([*spans, *look_alikes(text)]))


def with_stretches(spans: Sequence[Span], stretches: Iterable[tuple[int, int]]) -> tuple[Span, ...]:
    """Return spans with stretches of no type to redact too, in order and without overlap."""
    return tuple(_merge([*spans, *((start, end, LITERAL) for start, end in stretches)]))


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
        """``modes`` by type; a type that it does not name becomes a placeholder.

        ``standing`` holds all texts of the request: no surrogate occurs in them.

        ``stored`` holds types and values by id of this scope's stored vault; None if no stored
        vault is open. A placeholder of the stored vault in a request stays a placeholder.
        """
        if len(secret) < 16:
            raise ValueError("the placeholder key needs at least 16 bytes")
        key = hashlib.blake2b(scope.digest(), key=secret[:64], digest_size=32).digest()
        self._keyed = hashlib.blake2b(key=key, digest_size=LONGEST_ID + 1)
        self._modes = modes
        self._hints = HintWords(hints) if hints != NO_HINTS else None
        self._surrogates: SurrogateMap | None = None  # created when a type first needs it
        self._standing = standing
        self._ids: dict[tuple[str, str], str] = {}  # (type, value) to id
        self._values: dict[str, tuple[str, str]] = {}  # id to (type, value)
        self._stored = stored
        if stored:
            self._values.update(stored)
            self._ids.update({known: id_ for id_, known in stored.items()})
        self._issued, self._substituted = KnownPlaces(), KnownPlaces()
        self.caller = CallerText()
        self.count = self.unknown = 0  # ``unknown``: placeholders in a request without a value
        self.echoed: set[str] = set()  # ids of stored values whose placeholders were in a request

    def redact(self, text: str, spans: Sequence[Span], *, by_model: bool = False) -> str:
        """Return the text with the spans of ``spans_of`` replaced, and count them.

        ``by_model``: the text was made by a model, so no link in it is the caller's own.
        """
        redacted = [span for span in spans if self._modes.get(span[2]) is not Operator.KEEP]
        self.count += len(redacted)
        return self._replace(text, redacted, caller=None if by_model else self.caller)

    def redact_number(self, number: str, type_: str) -> str:
        """Return what takes the place of a JSON number, and count it.

        Where values return, that is another number if it is long enough to be found again: a
        caller or a schema may allow numbers only. Otherwise it is a text.
        """
        mode = self._modes.get(type_, Operator.PLACEHOLDER)
        if mode is Operator.KEEP:
            return number
        self.count += 1
        if type_ not in (SECRET, LITERAL) and mode in _RETURNING:
            surrogates = self._surrogates = self._surrogates or self._new_surrogates()
            other = surrogates.number_for(type_, normalise(type_, number), number)
            if other is not None:
                return other
        return self._replacement(type_, TextSpan(number, 0, len(number)))

    def taken(self) -> list[tuple[str, str, str]]:
        """Return id, type and value of redacted values that are not stored yet.

        Spans that overlapped and look-alikes are left out: their type is not known.
        """
        before = self._stored or {}
        return [
            (id_, type_, value)
            for id_, (type_, value) in self._values.items()
            if type_ != LITERAL and id_ not in before
        ]

    def _known_in(self, text: str) -> Iterator[Span]:
        """Yield the places of values of this conversation in a text."""
        self._issued.update(self._ids)
        yield from self._issued.places(text)
        if self._surrogates:
            self._substituted.update(self._surrogates.values())
            yield from self._substituted.places(text)

    def _replace(
        self,
        text: str,
        spans: Iterable[Span],
        *,
        answer: bool = False,
        caller: CallerText | None = None,
    ) -> str:
        replacement = self._replacement_in_answer if answer else self._replacement
        parts: list[str] = []
        places: list[tuple[int, int]] = []
        done = shift = 0
        for start, end, type_ in spans:
            new = replacement(type_, TextSpan(text, start, end))
            parts += [text[done:start], new]
            if type_ not in _NOT_CALLERS:  # a placeholder that was typed shows no one's text
                places.append((start + shift, start + shift + len(new)))
            shift += len(new) - (end - start)
            done = end
        parts.append(text[done:])
        whole = "".join(parts)
        if caller is not None and places:
            caller.add(whole, places)
        return whole

    def _replacement_in_answer(self, type_: str, place: TextSpan) -> str:
        """Return the replacement in an answer: no new surrogate, which it might contain already."""
        if self._modes.get(type_) is not Operator.SURROGATE:
            return self._replacement(type_, place)
        known = self._surrogates.known(type_, place.value) if self._surrogates else None
        return known or self._issue(type_, place)

    def _replacement(self, type_: str, place: TextSpan) -> str:
        """Return the replacement of a value."""
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
            known = surrogates.surrogate_for(type_, normalise(type_, value), place)
            return known or self._issue(type_, place)
        if mode is Operator.HASH:
            return f"[{type_}:{self._encode(type_, normalise(type_, value))}]"
        return "" if mode is Operator.DROP else f"[{type_}]"

    def _echo(self, placeholder: str) -> str | None:
        """Return a placeholder of the stored vault in its written form; None for an unknown one."""
        id_ = parse(placeholder)[1]
        known = self._stored.get(id_) if self._stored else None
        if known is None:
            self.unknown += may_hold(placeholder)  # else only what lies beside one
            return None
        self.echoed.add(id_)
        return f"[{known[0]}_{id_}]"

    def redact_answer(self, text: str, findings: Sequence[Finding], *, shaped: bool) -> str:
        """Return an answer for storage: values and findings redacted, placeholders kept.

        Of an answer that was not read nothing is kept.
        """
        if is_unread(findings):
            return UNREAD_TEXT
        kept = [(start, end) for start, end, _ in look_alikes(text)] if shaped else []
        kept += self.surrogates_in(text)
        beside = Stretches(kept)
        spans = [span for span in self._known_in(text) if not beside.touch(span[0], span[1])]
        taken = Stretches([*kept, *((start, end) for start, end, _ in spans)])
        spans += [
            _span(finding)
            for finding in findings
            if finding.redactable and not taken.touch(finding.start, finding.end)
        ]
        return self._replace(text, _merge(spans), answer=True) if spans else text

    @property
    def substitutes(self) -> bool:
        """Whether texts without placeholders may contain surrogates to restore."""
        return self._surrogates is not None

    def surrogates_in(self, text: str) -> list[tuple[int, int]]:
        """Return the places of surrogates of this conversation in a text."""
        return self._surrogates.spans_in(text) if self._surrogates else []

    def restore(self, text: str) -> str:
        """Return a whole text with its placeholders restored, by the rules of the restorer."""
        restorer = self.restorer()
        return restorer.feed(text) + restorer.finish()

    def restore_name(self, name: str) -> str:
        """Return an identifier with its bare placeholders restored."""
        return _IN_NAME.sub(self._value_in_name, name)

    def _value_in_name(self, found: re.Match[str]) -> str:
        signs = found[1]  # others of the name may follow those of the id
        for size in range(len(signs), SHORTEST - 1, -1):
            if (known := self._values.get(signs[:size])) is not None:
                return known[1] + signs[size:]
        return found[0]

    def restorer(
        self, *, json: bool = False, code: bool | None = None, restores: bool = True
    ) -> Restorer:
        """Return a restorer for one stream; ``json``: of JSON source, so values are escaped.

        ``code``: it is for a program of the caller, as JSON is unless it says otherwise. Without
        ``restores`` placeholders stay, and are counted.
        """
        return Restorer(
            self._values,
            self._surrogates,
            json=json,
            code=code,
            caller=self.caller,
            restores=restores,
        )

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
        """Return the id of a normalised value; longer for another spelling or a collision."""
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
        for needed in (_LETTERS, _DIGITS):  # each id has both, so no word or number is an id
            if needed.isdisjoint(signs[:SHORTEST]):
                at, sign = digest[-1] % SHORTEST, sorted(needed)[digest[-1] % len(needed)]
                signs = signs[:at] + sign + signs[at + 1 :]
        return signs


def normalise(type_: str, value: str) -> str:
    """Return the form that spellings of a value share: without case, spaces and separators."""
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
    """Yield text in the shape of a placeholder: it becomes a value, so it restores nothing."""
    for begin, stop in stretches(text):
        matcher = StreamMatcher(GRAMMAR)
        at = begin
        for event in (*matcher.feed(text[begin:stop]), *matcher.finish()):
            end = at + len(event.text)
            if isinstance(event, Match):
                yield at, end, LITERAL
            at = end


def _merge(spans: list[Span]) -> list[Span]:
    """Join spans that overlap: to a secret if one of them is secret, else to a literal."""
    merged: list[Span] = []
    for start, end, type_ in sorted(spans):
        if not merged or start >= merged[-1][1]:
            merged.append((start, end, type_))
            continue
        first, last, other = merged[-1]
        joined = SECRET if SECRET in (type_, other) else LITERAL
        merged[-1] = (first, max(last, end), joined)
    return merged
