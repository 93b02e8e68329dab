"""Drafts of reports to authorities: a template in Markdown, filled with what is on record."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from importlib.resources import files
from string import Template
from typing import Any
from zoneinfo import ZoneInfo

from gateway.core.errors import InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.cases.complaint_texts import texts_of
from gateway.governance.cases.incidents.containment import Containment
from gateway.governance.cases.incidents.schemas import (
    ClockResponse,
    ContainmentResponse,
    DraftResponse,
    IncidentResponse,
)
from gateway.governance.cases.incidents.service import Incidents
from gateway.governance.reports.localizer import ReportLocalizer

_FORM = {"nl": "%d-%m-%Y %H:%M %Z", "en": "%Y-%m-%d %H:%M %Z"}
_ESCAPED = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_{}[]<>#|!"})
Stated = Callable[[], Awaitable[dict[str, Any]]]


class ReportDrafts:
    """Writes the draft of one report of one incident."""

    def __init__(self, incidents: Incidents, containment: Containment, stated: Stated) -> None:
        """``stated`` gives the statements of the configuration about the organisation."""
        self._incidents = incidents
        self._containment = containment
        self._stated = stated

    async def draft(
        self, identity: str, rule: str, language: str, actor: Actor, *, reason: str
    ) -> DraftResponse:
        """The draft for one deadline of an incident; it holds its texts, so it is an entry.

        Raises:
            InvalidRequest: without a reason, for an unknown incident, or a deadline that it lacks.
        """
        incident = await self._incidents.get(identity)
        clock = next((one for one in incident.clocks if one.rule == rule), None)
        if clock is None:
            raise InvalidRequest("The incident has no such deadline.", param="rule")
        stated = await self._stated()
        texts = await self._incidents.reveal(identity, actor, reason=reason)
        stopped = await self._containment.state(identity)
        form = _Draft(language, str((stated.get("reports") or {}).get("timezone", "UTC")))
        values = {
            **form.of_organisation(stated.get("organisation") or {}),
            **form.of_clock(clock),
            **form.of_incident(incident),
            **form.of_texts(incident, texts),
            "measures": form.measures(stopped),
        }
        return DraftResponse(
            incident=identity, rule=rule, language=language, markdown=_filled(language, values)
        )


class _Draft:
    def __init__(self, language: str, timezone: str) -> None:
        self._language = language
        self._zone = ZoneInfo(timezone)
        self._texts = texts_of(language)
        self._words = ReportLocalizer(language, timezone)

    def of_organisation(self, stated: Mapping[str, Any]) -> dict[str, str]:
        return {
            "organisation": self._plain(stated.get("name")),
            "contact": self._plain(stated.get("contact")),
            "officer": self._plain(stated.get("data_protection_officer")),
        }

    def of_clock(self, clock: ClockResponse) -> dict[str, str]:
        due = self._text("not_started") if clock.due is None else self._moment(clock.due)
        verified = self._text("not_verified")
        if clock.verified_on:
            verified = self._text("verified", day=clock.verified_on, who=clock.verified_by)
        return {
            "title": self._plain(getattr(clock.title, self._language)),
            "law": self._plain(getattr(clock.law, self._language)),
            "article": self._plain(clock.article),
            "binds": self._texts["binds"][clock.binds],
            "source": clock.source,
            "due": self._text("at_once") if clock.immediate else due,
            "verified": self._plain(verified),
        }

    def of_incident(self, incident: IncidentResponse) -> dict[str, str]:
        return {
            "incident": incident.id,
            "kind": self._words.name("incident", incident.kind),
            "severity": self._texts["severity"].get(incident.severity or "", self._text("none")),
            "aware": self._moment(incident.aware),
            "opened": self._moment(incident.opened),
            "requests": str(len(incident.requests)),
            "model": self._plain(incident.model),
        }

    def of_texts(self, incident: IncidentResponse, texts: Mapping[str, str]) -> dict[str, str]:
        judged = [text for part, text in texts.items() if part.startswith("judgement.")]
        tasks = [
            self._text(
                "follow_up",
                text=texts.get(f"followup.{one.number}", ""),
                state=self._text("done" if one.done else "open"),
            )
            for one in incident.follow_ups
        ]
        return {
            "description": self._plain(texts.get("description")),
            "judgement": self._plain(judged[-1] if judged else None),
            "follow_ups": self._listed(tasks),
        }

    def measures(self, stopped: ContainmentResponse) -> str:
        return self._listed([
            self._text(
                "stopped",
                kind=self._texts["stopped"][one.kind],
                name=one.name,
                when=self._moment(int(one.since * 1000)),
            )
            for one in stopped.stops
        ])

    def _listed(self, lines: Sequence[str]) -> str:
        return "\n".join(f"- {self._plain(line)}" for line in lines) or self._text("none")

    def _plain(self, text: object) -> str:
        """A text that means nothing to Markdown."""
        return str(text).translate(_ESCAPED) if text else self._text("none")

    def _text(self, key: str, **values: object) -> str:
        return self._texts["draft"][key].format(**values)

    def _moment(self, ms: int) -> str:
        return datetime.fromtimestamp(ms / 1000, self._zone).strftime(_FORM[self._language])


def _filled(language: str, values: Mapping[str, str]) -> str:
    file = files("gateway.governance.cases").joinpath("texts", f"report.{language}.md")
    return Template(file.read_text("utf-8")).substitute(values)
