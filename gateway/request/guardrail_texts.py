"""The texts that a guardrail is asked about, in the form in which they may go there."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from gateway.core.fields import without
from gateway.core.fields.texts import Document, name_document
from gateway.core.level import Zone
from gateway.core.origin import EVERYWHERE, Origin
from gateway.egress.guardrails import GuardrailText
from gateway.privacy import Vault
from gateway.privacy.detect.known_values import known_values
from gateway.request.body_texts import RedactedTexts
from gateway.request.context import AdmittedRequest
from gateway.request.rule_zones import scans_at
from gateway.request.text_scanner import TextScan

ANSWER = "answer"  # the position of texts of an answer


class _ListedTexts:
    """Lists the texts of a body at some positions; implements ``Texts`` of a walk."""

    def __init__(
        self,
        positions: Collection[Origin],
        origins: Mapping[str, frozenset[Origin]],
        redacted: RedactedTexts | None,
    ) -> None:
        """``redacted`` takes personal data out, None where texts go as they are."""
        self._positions = positions
        self._origins = origins
        self._redacted = redacted
        self.listed: dict[GuardrailText, None] = {}

    def text(self, text: str) -> str:
        self._list(text, self._redacted.text(text) if self._redacted else text)
        return text

    def name(self, name: str) -> str:
        self._list(name_document(name), self._redacted.name(name) if self._redacted else name)
        return name

    def document(self, document: Document) -> None:
        new = self._redacted.document(document) if self._redacted else None
        self._list(document.text, document.text if new is None else _replaced(document, new))

    def definition(self, document: Document) -> None:
        self.document(document)

    def unsent(self, text: str) -> None:
        """Nothing: what is left out goes nowhere."""

    def _list(self, source: str, text: str) -> None:
        at = sorted(self._origins.get(source, EVERYWHERE) & set(self._positions))
        if at and text.strip():
            self.listed[GuardrailText(at[0].value, text)] = None


def texts_of_request(
    admitted: AdmittedRequest, positions: Collection[Origin], zone: Zone, vault: Vault | None
) -> list[GuardrailText]:
    """The texts of a request that a deployment in this zone would get.

    ``vault`` takes personal data out; without one they go as they are.
    """
    request = admitted.request
    left_out = [place.path for place in request.sealed]
    if zone is not Zone.INTERNAL:
        left_out += request.internal
    redacted = None
    if vault is not None:
        stored = admitted.conversation_values
        values = known_values(stored.values.values() if stored else ())
        further = values.with_spans if values else None
        scans = scans_at(admitted.compiled.policy.content, admitted.scan, zone)
        redacted = RedactedTexts(scans, vault, further)
    texts = _ListedTexts(positions, request.origins, redacted)
    fields = admitted.compiled.policy.fields[request.dialect.name]
    fields.rewrite(without(request.body, left_out), texts)
    return list(texts.listed)


def texts_of_answer(
    texts: Sequence[str], scans: Mapping[str, TextScan], vault: Vault | None
) -> list[GuardrailText]:
    """The texts of an answer; ``vault`` takes personal data out, as before it is stored."""
    return [GuardrailText(ANSWER, one) for one in _answered(texts, scans, vault)]


def _answered(
    texts: Sequence[str], scans: Mapping[str, TextScan], vault: Vault | None
) -> Iterator[str]:
    for text in texts:
        if vault is None:
            yield text
        else:
            scan = scans[text]
            yield vault.redact_answer(text, scan.findings, shaped=scan.shaped)


def _replaced(document: Document, new: Sequence[str]) -> str:
    """The text of a document with other parts."""
    pieces, at = [], 0
    for part, value in zip(document.parts, new, strict=True):
        pieces += [document.text[at : part.start], value]
        at = part.end
    return "".join([*pieces, document.text[at:]])
