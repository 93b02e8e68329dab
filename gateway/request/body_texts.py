"""The texts of a request's body: collected for scanning, and redacted before they leave."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from gateway.core.fields import Fields, Path
from gateway.core.fields.texts import Document, Part, name_document, name_places
from gateway.core.origin import Origin
from gateway.dialects.base import Body
from gateway.privacy import Boilerplate, Span, Vault
from gateway.privacy.boilerplate import Stretch
from gateway.privacy.detect.known_values import known_values
from gateway.request.text_scanner import TextScan

FurtherSpans = Callable[[str, tuple[Span, ...]], tuple[Span, ...]]


class UnscannedText(Exception):
    """A body holds a text that no scan is of: a fault of this program."""


class CollectedTexts:
    """Collects what is to be scanned, each text once; implements ``Texts`` of a walk.

    ``neighbours`` are pairs of texts that follow one another: a value may be split between them.
    ``places`` are the fields or elements of lists that hold each text.
    """

    def __init__(self, boilerplate: Boilerplate) -> None:
        self._boilerplate = boilerplate
        self._definitions: dict[str, Document] = {}
        self._names: set[str] = set()
        self._others: set[str] = set()
        self.texts: dict[str, None] = {}
        self.neighbours: dict[tuple[str, str], None] = {}
        self._last: str | None = None
        self._place: Path = ()
        self.places: dict[str, dict[Path, None]] = {}

    @property
    def apart(self) -> frozenset[str]:
        """Texts that only name or define tools: no statement about a person of another text."""
        return frozenset(self._names.union(self._definitions) - self._others)

    def reviewed(self, text: str) -> list[Stretch]:
        """The stretches of a text that policy knows as boilerplate of a client."""
        definition = self._definitions.get(text)
        if definition is None:
            return self._boilerplate.spans(text)
        return [
            (part.start + start, part.start + end)
            for part in definition.parts
            for start, end in self._boilerplate.spans(part.value)
        ]

    def origins(self, origin: Callable[[Path], Origin]) -> dict[str, frozenset[Origin]]:
        """Where each text comes from, by the origin of places; one in two places has both."""
        known: dict[Path, Origin] = {}
        found = {}
        for text, places in self.places.items():
            for place in places:
                if place not in known:
                    known[place] = origin(place)
            found[text] = frozenset([known[place] for place in places])
        return found

    def by_model(self, made: Callable[[Path], bool]) -> Callable[[str], bool]:
        """Says of a text whether a model made it, by the same of places."""
        return lambda text: all(map(made, self.places.get(text, ((),))))

    def place_of(self, text: str) -> Path:
        """The last field or element of a list that holds a text; empty for none."""
        return next(reversed(self.places.get(text, {(): None})))

    def enter(self, place: Path) -> None:
        """Notes where the next texts are: the walk enters a field or an element of a list."""
        self._place = place

    def text(self, text: str) -> str:
        self._put(text)
        self._others.add(text)
        if self._last is not None:
            self.neighbours[self._last, text] = None
        self._last = text
        return text

    def name(self, name: str) -> str:
        document = name_document(name)
        self._put(document)
        self._names.add(document)
        return name

    def document(self, document: Document) -> None:
        self._put(document.text)
        self._others.add(document.text)

    def definition(self, document: Document) -> None:
        self._put(document.text)
        self._definitions[document.text] = document

    def unsent(self, text: str) -> None:
        self._put(text)
        self._others.add(text)

    def _put(self, text: str) -> None:
        self.texts[text] = None
        self.places.setdefault(text, {})[self._place] = None


class RedactedTexts:
    """Replaces what was found in the texts; implements ``Texts`` of a walk."""

    def __init__(
        self,
        scans: Mapping[str, TextScan],
        vault: Vault,
        further: FurtherSpans | None = None,
        by_model: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """``further`` adds spans of values that the conversation has stored.

        ``by_model`` says of a text whether a model made it.
        """
        self._scans = scans
        self._vault = vault
        self._further = further
        self._by_model = by_model

    def text(self, text: str) -> str:
        spans = self._spans(text)
        if not spans:
            return text
        return self._vault.redact(text, spans, by_model=self._by_model(text))

    def name(self, name: str) -> str:
        spans = self._spans(name_document(name))
        return self._vault.redact(name, name_places(name, spans)) if spans else name

    def document(self, document: Document) -> Sequence[str] | None:
        spans = self._spans(document.text)
        if not spans:
            return None
        return self._redacted(spans, document.parts, by_model=self._by_model(document.text))

    def definition(self, document: Document) -> Sequence[str] | None:
        return self.document(document)

    def unsent(self, text: str) -> None:
        """Nothing: a clean body has no text that is left out."""

    def _spans(self, text: str) -> tuple[Span, ...]:
        scan = self._scans.get(text)
        if scan is None:
            raise UnscannedText("A text of the request was not scanned, so it does not leave.")
        return self._further(text, scan.spans) if self._further else scan.spans

    def _redacted(
        self, spans: Sequence[Span], parts: Sequence[Part], *, by_model: bool
    ) -> Sequence[str]:
        """Each part with its share of the spans; both are in order."""
        redacted: list[str] = []
        first = 0
        for part in parts:
            while first < len(spans) and spans[first][1] <= part.start:
                first += 1
            own: list[Span] = []
            for start, end, type_ in spans[first:]:
                if start >= part.end:
                    break
                own.append((max(start, part.start), min(end, part.end), type_))
            redacted.append(self._part(part, own, by_model=by_model) if own else part.value)
        return redacted

    def _part(self, part: Part, spans: Sequence[Span], *, by_model: bool) -> str:
        if part.number:
            return self._vault.redact_number(part.value, spans[0][2])
        at = part.start
        own = [(s - at, e - at, type_) for s, e, type_ in spans]
        return self._vault.redact(part.value, own, by_model=by_model)


def redacted(
    body: Body,
    fields: Fields,
    scans: Mapping[str, TextScan],
    vault: Vault,
    stored: Iterable[tuple[str, str]] = (),
    by_model: Callable[[str], bool] = lambda _: False,
) -> Body:
    """The body without what the scans found, and without ``stored`` values of the conversation.

    ``by_model`` says of a text whether a model made it.
    """
    values = known_values(stored)
    if values is None and not any(scan.spans for scan in scans.values()):
        return body
    further = values.with_spans if values else None
    return fields.rewrite(body, RedactedTexts(scans, vault, further, by_model))
