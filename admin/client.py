"""HTTP client of the control plane, with the user's own credential."""

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import httpx

from admin.access_calls import AccessCalls
from admin.case_calls import CaseCalls
from admin.control_http import SLOW_TIMEOUT, ControlError, Document, document_of, quoted
from admin.model_calls import ModelCalls
from admin.policy_calls import PolicyCalls

__all__ = ["Client", "ControlError", "CurrentUser", "Document", "Download", "transport"]

MOST_PROPOSALS = 50  # of a page


@dataclass(frozen=True, slots=True)
class CurrentUser:
    """The signed-in user with the permissions that the control plane grants."""

    id: str
    name: str
    roles: tuple[str, ...]
    permissions: frozenset[str]

    def may(self, permission: str) -> bool:
        """Whether to show a page or button; the server checks every request itself."""
        return permission in self.permissions


@dataclass(frozen=True, slots=True)
class Download:
    """A file from the control plane."""

    name: str
    data: bytes
    entries: int


@dataclass(frozen=True, slots=True)
class PendingProposal:
    """A proposal that waits for a person with one of these roles."""

    proposal: str
    roles: tuple[str, ...]


def transport(control_url: str, *, verify: ssl.SSLContext | bool = True) -> httpx.Client:
    """Connections to the control plane that all users share; they hold no credential."""
    return httpx.Client(
        base_url=f"{control_url.rstrip('/')}/admin/v1",
        trust_env=False,
        follow_redirects=False,
        verify=verify,
    )


class Client(AccessCalls, CaseCalls, ModelCalls, PolicyCalls):
    """Requests of one signed-in user. Every method may raise ControlError."""

    def current_user(self) -> CurrentUser:
        """The user behind the credential."""
        found = self._get("/me")
        return CurrentUser(
            found["id"], found["name"], tuple(found["roles"]), frozenset(found["permissions"])
        )

    def sign_out(self) -> None:
        """End the sign-on of the user; a copy of its token is worth nothing from now on."""
        self._post("/me/sign-out")

    def overview(self, since_ms: int) -> Document:
        """Counts and quantiles since a moment."""
        return self._get("/overview", since=since_ms)

    def home(self) -> Document:
        """What waits for the user, the state of the installation, and today's figures."""
        return self._get("/home")

    def saved_views(self) -> list[Document]:
        """The searches that the user keeps, by name."""
        return list(self._get("/saved-views")["views"])

    def save_view(self, name: str, filters: Mapping[str, str]) -> Document:
        """Keep a search; one of the same name is replaced."""
        return self._post("/saved-views", {"name": name, "filters": dict(filters)})

    def delete_view(self, identity: str) -> Document:
        """Delete a search that the user keeps."""
        return document_of(self._send("DELETE", f"/saved-views/{quoted(identity)}"))

    def usage(self, question: Mapping[str, str]) -> Document:
        """Figures of a period, of its parts and by group."""
        return self._get("/usage", **question)

    def usage_csv(self, question: Mapping[str, str]) -> bytes:
        """The same as a file."""
        return self._send("GET", "/usage", query={**question, "format": "csv"}).content

    def search(
        self,
        filters: Mapping[str, str],
        *,
        limit: int,
        before: str | None = None,
        since: int | None = None,
        until: int | None = None,
    ) -> Document:
        """A page of entries, newest first."""
        return self._get("/audit", **filters, limit=limit, before=before, since=since, until=until)

    def request_entries(self, audit_id: str) -> list[Document]:
        """Every entry of one request."""
        return list(self._get(f"/audit/{quoted(audit_id)}")["entries"])

    def entry(self, log: str, seq: int) -> Document:
        """One entry by its log and number."""
        return self._get(f"/audit/entries/{seq}", log=log)

    def reveal(self, audit_id: str, code: str, reason: str) -> list[Document] | PendingProposal:
        """The stored, redacted bodies of one request; recorded, and above the bound it waits."""
        found = self._post(f"/audit/{quoted(audit_id)}/reveal", {"code": code, "reason": reason})
        if "proposal" in found:
            return PendingProposal(str(found["proposal"]), tuple(found["roles"]))
        return list(found["payloads"])

    def export(self, body: Mapping[str, object]) -> Download | PendingProposal:
        """A package with all entries of a period; a full one waits for approval."""
        response = self._send("POST", "/audit/exports", body=dict(body), timeout=SLOW_TIMEOUT)
        if response.status_code == httpx.codes.ACCEPTED:
            pending = document_of(response)
            return PendingProposal(str(pending["proposal"]), tuple(pending["roles"]))
        name = (
            response.headers.get("content-disposition", "").partition('filename="')[2].rstrip('"')
        )
        entries = int(response.headers.get("x-sluis-entries", "0"))
        return Download(name or "sluis-audit.zip", response.content, entries)

    def reports(self) -> Document:
        """Kinds, languages and formats of reports, and the stored scheduled ones."""
        return self._get("/reports")

    def report(self, body: Mapping[str, object]) -> Document:
        """A report as a document with its facts; the call is recorded."""
        body = {**body, "format": "json"}
        return document_of(self._send("POST", "/reports", body=body, timeout=SLOW_TIMEOUT))

    def report_file(self, body: Mapping[str, object]) -> bytes:
        """A report as a file."""
        return self._send("POST", "/reports", body=dict(body), timeout=SLOW_TIMEOUT).content

    def stored_report(self, identity: str, language: str, form: str) -> bytes:
        """A stored report as a file."""
        parameters = {"language": language, "format": form}
        path = f"/reports/{quoted(identity)}"
        return self._send("GET", path, query=parameters, timeout=SLOW_TIMEOUT).content

    def check_report(self, identity: str) -> Document:
        """Recount a stored report; the result says whether its figures are the same."""
        return self._post(f"/reports/{quoted(identity)}/check", timeout=SLOW_TIMEOUT)

    def terms(self, kind: str, *, offset: int = 0, limit: int = 200) -> Document:
        """A page of terms, the size of each list, and the types that a term can have."""
        return self._get("/terms", kind=kind, offset=offset, limit=limit)

    def propose_terms(
        self, *, add: Sequence[Document] = (), remove: Sequence[Document] = (), reason: str
    ) -> str:
        """Propose a change of the lists; returns the proposal's id."""
        body = {"add": list(add), "remove": list(remove), "reason": reason}
        return str(self._post("/terms", body)["id"])

    def proposed_terms(self, identity: str) -> Document:
        """The terms of a pending proposal."""
        return self._get(f"/terms/proposals/{quoted(identity)}")

    def asked_proposals(self, *, kind: str = "") -> Document:
        """The newest proposals that the user was asked to review."""
        return self._get("/proposals", asked=True, kind=kind or None, limit=MOST_PROPOSALS)

    def ask_reviewers(self, identity: str, persons: list[str], roles: list[str]) -> Document:
        """Ask persons and roles to review a proposal; recorded."""
        path = f"/proposals/{quoted(identity)}/reviewers"
        return self._post(path, {"persons": persons, "roles": roles})

    def proposals(self, state: str, *, kind: str = "", before: str | None = None) -> Document:
        """A page of proposals of a state, newest first, with the cursor of the next one."""
        asked = {"state": state, "kind": kind or None, "before": before, "limit": MOST_PROPOSALS}
        return self._get("/proposals", **asked)

    def comment(self, identity: str, text: str) -> Document:
        """Say something about a proposal that waits; the comment is recorded."""
        return self._post(f"/proposals/{quoted(identity)}/comments", {"text": text})

    def proposal(self, identity: str) -> Document:
        """One proposal with its changes."""
        return self._get(f"/proposals/{quoted(identity)}")

    def approve_proposal(
        self, identity: str, *, comment: str, sign_on: Mapping[str, str] | None = None
    ) -> None:
        """Approve a proposal; ``sign_on`` is the code of the sign-on that signs it."""
        body = {"comment": comment, "sign_on": sign_on}
        self._post(f"/proposals/{quoted(identity)}/approve", body, timeout=SLOW_TIMEOUT)

    def begin_proposal_sign_on(self, identity: str, *, redirect_uri: str) -> Document:
        """Begin the sign-on that signs an approval."""
        return self._post(f"/proposals/{quoted(identity)}/sign-on", {"redirect_uri": redirect_uri})

    def reject_proposal(self, identity: str, comment: str) -> None:
        """Reject a proposal."""
        self._post(f"/proposals/{quoted(identity)}/reject", {"comment": comment})

    def subject_types(self) -> list[str]:
        """The types of identifiers by which a person is found."""
        return [str(type_) for type_ in self._get("/subjects/types")["types"]]

    def find_subject(self, body: Mapping[str, object]) -> Document:
        """What is stored of a person; the call is recorded."""
        return self._post("/subjects/find", dict(body), timeout=SLOW_TIMEOUT)

    def export_subject(self, body: Mapping[str, object]) -> Download:
        """The package for a person; ``entries`` counts the requests that mention the person."""
        response = self._send("POST", "/subjects/export", body=dict(body), timeout=SLOW_TIMEOUT)
        entries = int(response.headers.get("x-sluis-requests", "0"))
        return Download("sluis-access.zip", response.content, entries)

    def erase_subject(self, body: Mapping[str, object]) -> Document:
        """Erase a person, or propose it where policy requires a second person."""
        return self._post("/subjects/erase", dict(body), timeout=SLOW_TIMEOUT)

    def holds(self) -> list[Document]:
        """All legal holds, active ones first."""
        return list(self._get("/holds")["holds"])

    def create_hold(self, body: Mapping[str, object]) -> str:
        """Place a hold; returns its id."""
        return str(self._post("/holds", dict(body))["id"])

    def release_hold(self, identity: str, reason: str) -> Document:
        """Release a hold, or propose it where policy requires a second person."""
        return self._post(f"/holds/{quoted(identity)}/release", {"reason": reason})
