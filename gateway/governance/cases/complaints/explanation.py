"""A plain explanation of what happened to a request, from its entries alone."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping

from gateway.evidence.entry import Value, values_of
from gateway.governance.audit.service import AuditService
from gateway.governance.cases.complaint_texts import texts_of
from gateway.governance.cases.complaints.schemas import ExplanationResponse
from gateway.governance.journal import LOG
from gateway.governance.reports.localizer import ReportLocalizer

_ENTRIES = (
    f"SELECT time, disclosure FROM audit_detail WHERE request = :request AND log <> '{LOG}' "
    "ORDER BY log, seq"
)
_FORM = {"nl": "%d-%m-%Y %H:%M", "en": "%Y-%m-%d %H:%M"}
_ANSWERED = "ok"


class ExplainedRequest:
    """What the entries of a request say: later ones add to earlier ones."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.time = min((row["time"] for row in rows), default=0)
        self.erased = any(row["disclosure"] is None for row in rows)
        self.facts: dict[str, Value] = {}
        for row in rows:
            if row["disclosure"] is not None:
                self.facts |= values_of(bytes(row["disclosure"]))


async def read_request(trail: AuditService, request: str) -> ExplainedRequest:
    """The request with this audit id."""
    return ExplainedRequest(await trail.rows(_ENTRIES, {"request": request}))


def explain(
    complaint: RowMapping,
    seen: ExplainedRequest,
    language: str,
    *,
    timezone: str,
    use_case: Mapping[str, Any],
) -> ExplanationResponse:
    """Sentences about the decision of a machine and that of a person about the complaint.

    ``use_case`` is what is stated about the use case of the request; empty without one.
    """
    sentences = list(_Sentences(complaint, seen, language, timezone, use_case).all())
    return ExplanationResponse(
        complaint=complaint["id"],
        request=complaint["request"],
        language=language,
        sentences=sentences,
    )


class _Sentences:
    def __init__(
        self,
        complaint: RowMapping,
        seen: ExplainedRequest,
        language: str,
        timezone: str,
        use_case: Mapping[str, Any],
    ) -> None:
        self._complaint = complaint
        self._seen = seen
        self._language = language
        self._zone = ZoneInfo(timezone)
        self._use_case = use_case
        self._words = ReportLocalizer(language, timezone)
        self._texts = texts_of(language)

    def all(self) -> Iterator[str]:
        yield self._text("intro", request=self._complaint["request"])
        yield self._text("when", when=self._moment(self._seen.time))
        yield from self._purpose()
        yield from self._model()
        yield from self._data()
        yield from self._rules()
        yield self._text("who")
        yield self._decision()
        if self._seen.erased:
            yield self._text("erased")
        yield self._text("limits")

    def _purpose(self) -> Iterator[str]:
        if not self._use_case:
            return
        name, owner = self._use_case["name"], self._use_case["owner"]
        yield self._text("use_case", use_case=name, owner=owner)
        if overseer := self._use_case.get("overseer"):
            yield self._text("overseer", overseer=overseer)

    def _model(self) -> Iterator[str]:
        facts = self._seen.facts
        if not facts.get("deployment"):
            yield self._text("no_model")
        else:
            yield self._text(
                "model",
                model=facts.get("model_version") or facts["deployment"],
                provider=facts.get("provider") or "-",
                zone=self._words.name("zone", str(facts.get("zone"))),
            )
        outcome = str(facts.get("outcome") or "-")
        if outcome == _ANSWERED:
            yield self._text("answered")
        else:
            yield self._text("ended", outcome=self._words.name("outcome", outcome))

    def _data(self) -> Iterator[str]:
        facts = self._seen.facts
        level = self._words.name("level", str(facts.get("level") or "-"))
        found = facts.get("findings")
        types = sorted(found) if isinstance(found, dict) else []
        names = ", ".join(self._words.name("type", one) for one in types)
        yield self._text("data" if names else "no_data", types=names, level=level)
        if facts.get("deployment"):
            count = facts.get("redacted") or 0
            yield self._text("redacted" if count else "not_redacted", count=count)

    def _rules(self) -> Iterator[str]:
        for name, field in (
            ("policies", "policies"),
            ("content_rules", "rules"),
            ("refused_by", "refused_by"),
        ):
            given = self._seen.facts.get(field)
            if isinstance(given, list) and given:
                yield self._text(name, rules=", ".join(map(str, given)))

    def _decision(self) -> str:
        row = self._complaint
        if row["decided"] is None:
            return self._text("undecided")
        outcome = self._texts["outcome"].get(row["outcome"], row["outcome"])
        return self._text(
            "decided", who=row["decided_by"], when=self._moment(row["decided"]), outcome=outcome
        )

    def _text(self, key: str, **values: object) -> str:
        return self._texts["explanation"][key].format(**values)

    def _moment(self, ms: int) -> str:
        return datetime.fromtimestamp(ms / 1000, self._zone).strftime(_FORM[self._language])
