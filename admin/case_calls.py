"""Calls of the console about reviews, incidents, complaints and deadlines."""

from collections.abc import Mapping

from admin.control_http import ControlHttp, Document, quoted

MOST_CASES = 25  # of a page: each is drawn with its forms


class CaseCalls(ControlHttp):
    """What a console asks about cases."""

    def incidents(self, state: str = "", after: str | None = None) -> Document:
        """A page of incidents, open ones first, and the possible kinds."""
        return self._cases("/incidents", state, after)

    def open_incident(self, body: Mapping[str, object]) -> Document:
        """Open an incident; returns it with its deadline."""
        return self._post("/incidents", dict(body))

    def incident_used(self, identity: str) -> Document:
        """What the requests of an incident used."""
        return self._get(f"/incidents/{quoted(identity)}/used")

    def incident_containment(self, identity: str) -> Document:
        """What was stopped for an incident, and which gateways have followed."""
        return self._get(f"/incidents/{quoted(identity)}/containment")

    def contain_incident(self, identity: str, body: Mapping[str, object]) -> Document:
        """Stop what an incident concerns, in one action."""
        return self._post(f"/incidents/{quoted(identity)}/contain", dict(body))

    def add_follow_up(self, identity: str, text: str, due: int | None) -> Document:
        """Add a task that follows from an incident; ``due`` is in epoch milliseconds."""
        body = {"text": text, "due": due}
        return self._post(f"/incidents/{quoted(identity)}/follow-ups", body)

    def follow_up_done(self, identity: str, number: int) -> Document:
        """Note that a task is done."""
        return self._post(f"/incidents/{quoted(identity)}/follow-ups/{number}/done")

    def judge_incident(self, identity: str, body: Mapping[str, object]) -> Document:
        """Say which deadlines bind an incident."""
        return self._post(f"/incidents/{quoted(identity)}/judge", dict(body))

    def draft_report(self, identity: str, rule: str, language: str, reason: str) -> str:
        """The draft of a report to an authority, in Markdown; the call is recorded."""
        body = {"rule": rule, "language": language, "reason": reason}
        return str(self._post(f"/incidents/{quoted(identity)}/draft", body)["markdown"])

    def report_incident(self, identity: str, rule: str, at: int) -> Document:
        """Note a report that was made; ``at`` is in epoch milliseconds."""
        return self._post(f"/incidents/{quoted(identity)}/report", {"rule": rule, "at": at})

    def deadlines(self) -> list[Document]:
        """The calendar of law, by id."""
        return list(self._get("/deadlines")["deadlines"])

    def propose_deadline(self, identity: str, row: Mapping[str, object], reason: str) -> str:
        """Propose a row of the calendar; returns the proposal's id."""
        body = {"deadline": dict(row), "reason": reason}
        return str(self._put(f"/deadlines/{quoted(identity)}", body)["proposal"])

    def incident_texts(self, identity: str, reason: str) -> dict[str, str]:
        """The texts of an incident; the call is recorded."""
        return dict(
            self._post(f"/incidents/{quoted(identity)}/reveal", {"reason": reason})["texts"]
        )

    def close_incident(self, identity: str, outcome: str, reported: int | None) -> Document:
        """Close an incident; ``reported`` is in epoch milliseconds."""
        body = {"outcome": outcome, "reported": reported}
        return self._post(f"/incidents/{quoted(identity)}/close", body)

    def person_requests(self, state: str = "", after: str | None = None) -> Document:
        """A page of requests of persons, open ones first, and the possible kinds."""
        return self._cases("/person-requests", state, after)

    def open_person_request(self, body: Mapping[str, object]) -> Document:
        """Record a request of a person."""
        return self._post("/person-requests", dict(body))

    def person_request_texts(self, identity: str, reason: str) -> dict[str, str]:
        """The texts of a request; the call is recorded."""
        return dict(self.change_person_request(identity, "reveal", {"reason": reason})["texts"])

    def change_person_request(
        self, identity: str, how: str, body: Mapping[str, object]
    ) -> Document:
        """Identify, extend or decide a request."""
        return self._post(f"/person-requests/{quoted(identity)}/{how}", dict(body))

    def search_cases(self, body: Mapping[str, object]) -> Document:
        """A page of the cases of a person, newest first; the call is recorded."""
        return self._post("/cases/search", dict(body))

    def reviews(self, state: str, *, before: str | None = None) -> Document:
        """A page of flagged requests of a state, newest first, with the cursor of the next one."""
        return self._get("/reviews", state=state, before=before)

    def decide_review(
        self, request: str, outcome: str, reference: str | None, reason: str
    ) -> Document:
        """Record what follows from a flagged request."""
        body = {"outcome": outcome, "reference": reference, "reason": reason}
        return self._post(f"/reviews/{quoted(request)}/decide", body)

    def complaints(self, state: str = "", after: str | None = None) -> Document:
        """A page of complaints, open ones first."""
        return self._cases("/complaints", state, after)

    def _cases(self, path: str, state: str, after: str | None) -> Document:
        return self._get(path, state=state or None, after=after, limit=MOST_CASES)

    def complaint_texts(self, identity: str, reason: str) -> dict[str, str]:
        """The texts of a complaint; the call is recorded."""
        return dict(
            self._post(f"/complaints/{quoted(identity)}/reveal", {"reason": reason})["texts"]
        )

    def explained_complaint(self, identity: str, language: str) -> list[str]:
        """What happened to the request, in plain sentences."""
        found = self._get(f"/complaints/{quoted(identity)}/explanation", language=language)
        return list(found["sentences"])

    def write_complaint(self, identity: str, text: str, direction: str) -> Document:
        """Keep a message that was sent or received."""
        body = {"text": text, "direction": direction}
        return self._post(f"/complaints/{quoted(identity)}/messages", body)

    def extend_complaint(self, identity: str, reason: str) -> Document:
        """Give a complaint the longer term that its deadline allows, once."""
        return self._post(f"/complaints/{quoted(identity)}/extend", {"reason": reason})

    def decide_complaint(
        self, identity: str, outcome: str, reasons: str, answer: str = ""
    ) -> Document:
        """Decide a complaint; ``answer`` is what is sent to the complainant."""
        body = {"outcome": outcome, "reasons": reasons, "answer": answer}
        return self._post(f"/complaints/{quoted(identity)}/decide", body)
