"""The control plane's HTTP client: the user's own credential, and nothing else."""

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

Document = dict[str, Any]
_LIMITS = httpx.Timeout(15.0, connect=3.0)
_SLOW = httpx.Timeout(180.0, connect=3.0)  # exports, hashing weights, detectors that start


class ControlError(Exception):
    """The control plane refused, or could not be asked.

    ``code`` is the server's, else ``unreachable``, ``timeout`` or ``unexpected``; ``detail`` is
    the server's sentence, in English, or empty.
    """

    def __init__(self, code: str, detail: str = "", *, status: int = 0) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.status = status


@dataclass(frozen=True, slots=True)
class CurrentUser:
    """Who is signed in, and what the control plane lets them do."""

    id: str
    name: str
    roles: tuple[str, ...]
    permissions: frozenset[str]

    def may(self, permission: str) -> bool:
        """Whether a page or button is worth showing; the server decides anyway."""
        return permission in self.permissions


@dataclass(frozen=True, slots=True)
class Download:
    """A file from the control plane."""

    name: str
    data: bytes
    entries: int


@dataclass(frozen=True, slots=True)
class PendingProposal:
    """A proposal that somebody with one of these roles decides about first."""

    proposal: str
    roles: tuple[str, ...]


def transport(control_url: str, *, verify: ssl.SSLContext | bool = True) -> httpx.Client:
    """Connections to the control plane, shared by all users; it holds no credential."""
    return httpx.Client(
        base_url=f"{control_url.rstrip('/')}/admin/v1",
        trust_env=False,
        follow_redirects=False,
        verify=verify,
    )


class Client:
    """What one signed-in user asks. Every method may raise ControlError."""

    def __init__(self, http: httpx.Client, bearer: str, *, limits: httpx.Timeout = _LIMITS) -> None:
        self._http = http
        self._limits = limits
        self._headers = {"authorization": f"Bearer {bearer}"}

    def me(self) -> CurrentUser:
        """The user behind the credential."""
        got = self._get("/me")
        return CurrentUser(
            got["id"], got["name"], tuple(got["roles"]), frozenset(got["permissions"])
        )

    def overview(self, since_ms: int) -> Document:
        """Counts and quantiles since a moment."""
        return self._get("/overview", since=since_ms)

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

    def story(self, audit_id: str) -> list[Document]:
        """Every entry of one request."""
        return list(self._get(f"/audit/{_part(audit_id)}")["entries"])

    def reveal(self, audit_id: str, reason: str) -> list[Document]:
        """The stored, redacted bodies of one request; asking is itself recorded."""
        return list(self._post(f"/audit/{_part(audit_id)}/reveal", {"reason": reason})["payloads"])

    def export(self, wanted: Mapping[str, object]) -> Download | PendingProposal:
        """A package with all entries of a period; a full one waits until somebody approved it."""
        answer = self._send("POST", "/audit/exports", body=dict(wanted), timeout=_SLOW)
        if answer.status_code == httpx.codes.ACCEPTED:
            told = _document(answer)
            return PendingProposal(str(told["proposal"]), tuple(told["roles"]))
        name = answer.headers.get("content-disposition", "").partition('filename="')[2].rstrip('"')
        entries = int(answer.headers.get("x-sluis-entries", "0"))
        return Download(name or "sluis-audit.zip", answer.content, entries)

    def reports(self) -> Document:
        """Kinds, languages and forms of reports, and the regular ones that were made."""
        return self._get("/reports")

    def report(self, wanted: Mapping[str, object]) -> Document:
        """A report as a document with its facts; making it is itself recorded."""
        body = {**wanted, "format": "json"}
        return _document(self._send("POST", "/reports", body=body, timeout=_SLOW))

    def report_file(self, wanted: Mapping[str, object]) -> bytes:
        """The same as a file."""
        return self._send("POST", "/reports", body=dict(wanted), timeout=_SLOW).content

    def stored_report(self, identity: str, language: str, form: str) -> bytes:
        """A regular report as a file."""
        asked = {"language": language, "format": form}
        path = f"/reports/{_part(identity)}"
        return self._send("GET", path, query=asked, timeout=_SLOW).content

    def check_report(self, identity: str) -> Document:
        """Whether a regular report counts the same again."""
        return self._post(f"/reports/{_part(identity)}/check", timeout=_SLOW)

    def models(self) -> list[Document]:
        """All versions."""
        return list(self._get("/models")["models"])

    def approve_model(self, name: str, version: str) -> None:
        """Approves a draft."""
        self._post(f"/models/{_part(name)}/{_part(version)}/approve", timeout=_SLOW)

    def quarantine_model(self, name: str, version: str, reason: str) -> None:
        """Takes a version out of service."""
        self._post(f"/models/{_part(name)}/{_part(version)}/quarantine", {"reason": reason})

    def promote_model(self, name: str, version: str, tag: str) -> None:
        """Points a tag at a version."""
        self._post(f"/models/{_part(name)}/{_part(version)}/promote", {"tag": tag})

    def roll_back_model(self, name: str, tag: str) -> str:
        """Points a tag at the version before; gives that version."""
        return str(self._post(f"/models/{_part(name)}/rollback", {"tag": tag})["version"])

    def policies(self) -> Document:
        """The active bundle and the history."""
        return self._get("/policies")

    def try_text(self, text: str, *, clearance: str, floor: str) -> Document:
        """What a text would meet; nothing is stored or sent."""
        body = {"text": text, "clearance": clearance, "floor": floor}
        return self._post("/policies/try", body, timeout=_SLOW)

    def check_bundle(self, files: Mapping[str, str]) -> Document:
        """Whether a bundle with these files changed compiles and passes its tests."""
        return self._post("/policies/check", {"files": dict(files)})

    def propose_bundle(self, files: Mapping[str, str], comment: str) -> str:
        """Proposes these files; gives the proposal's id."""
        body = {"files": dict(files), "comment": comment}
        return str(self._post("/policies/proposals", body)["id"])

    def terms(self, kind: str, *, offset: int = 0, limit: int = 200) -> Document:
        """Some terms of a list, how many each list has, and the types that a term can have."""
        return self._get("/terms", kind=kind, offset=offset, limit=limit)

    def propose_terms(
        self, *, add: Sequence[Document] = (), remove: Sequence[Document] = (), reason: str
    ) -> str:
        """Proposes a change of the lists; gives the proposal's id."""
        body = {"add": list(add), "remove": list(remove), "reason": reason}
        return str(self._post("/terms", body)["id"])

    def proposed_terms(self, identity: str) -> Document:
        """The terms of a proposal that waits."""
        return self._get(f"/terms/proposals/{_part(identity)}")

    def proposals(self) -> list[Document]:
        """All proposals, newest first."""
        return list(self._get("/proposals")["proposals"])

    def proposal(self, identity: str) -> Document:
        """One proposal with its changes."""
        return self._get(f"/proposals/{_part(identity)}")

    def decide(self, identity: str, *, approve: bool, comment: str) -> None:
        """Approves or rejects a proposal."""
        verb = "approve" if approve else "reject"
        self._post(f"/proposals/{_part(identity)}/{verb}", {"comment": comment})

    def subject_types(self) -> list[str]:
        """The types of identifiers by which a person is found."""
        return [str(one) for one in self._get("/subjects/types")["types"]]

    def find_subject(self, wanted: Mapping[str, object]) -> Document:
        """What is stored of a person; asking is itself recorded."""
        return self._post("/subjects/find", dict(wanted), timeout=_SLOW)

    def access(self, wanted: Mapping[str, object]) -> Download:
        """The package for a person; ``entries`` are the requests that mention him or her."""
        answer = self._send("POST", "/subjects/export", body=dict(wanted), timeout=_SLOW)
        entries = int(answer.headers.get("x-sluis-requests", "0"))
        return Download("sluis-access.zip", answer.content, entries)

    def erase_subject(self, wanted: Mapping[str, object]) -> Document:
        """Erases a person, or proposes to where policy wants a second person."""
        return self._post("/subjects/erase", dict(wanted), timeout=_SLOW)

    def holds(self) -> list[Document]:
        """All legal holds, those that hold first."""
        return list(self._get("/holds")["holds"])

    def create_hold(self, wanted: Mapping[str, object]) -> str:
        """Places a hold; gives its id."""
        return str(self._post("/holds", dict(wanted))["id"])

    def release_hold(self, identity: str, reason: str) -> Document:
        """Releases a hold, or proposes to where policy wants a second person."""
        return self._post(f"/holds/{_part(identity)}/release", {"reason": reason})

    def incidents(self) -> Document:
        """All incidents, those that wait first, and the kinds that there are."""
        return self._get("/incidents")

    def open_incident(self, wanted: Mapping[str, object]) -> Document:
        """Opens an incident; gives it with its deadline."""
        return self._post("/incidents", dict(wanted))

    def incident_texts(self, identity: str, reason: str) -> dict[str, str]:
        """What was written about an incident; asking is itself recorded."""
        return dict(self._post(f"/incidents/{_part(identity)}/reveal", {"reason": reason})["texts"])

    def close_incident(self, identity: str, outcome: str, reported: int | None) -> Document:
        """Closes an incident; ``reported`` is epoch milliseconds."""
        body = {"outcome": outcome, "reported": reported}
        return self._post(f"/incidents/{_part(identity)}/close", body)

    def complaints(self) -> list[Document]:
        """All complaints, those that wait first."""
        return list(self._get("/complaints")["complaints"])

    def complaint_texts(self, identity: str, reason: str) -> dict[str, str]:
        """What somebody complained of; asking is itself recorded."""
        return dict(
            self._post(f"/complaints/{_part(identity)}/reveal", {"reason": reason})["texts"]
        )

    def decide_complaint(self, identity: str, outcome: str, reasons: str) -> Document:
        """Decides a complaint."""
        body = {"outcome": outcome, "reasons": reasons}
        return self._post(f"/complaints/{_part(identity)}/decide", body)

    def keys(self) -> list[Document]:
        """All keys, never their secrets."""
        return list(self._get("/keys")["keys"])

    def issue_key(self, wanted: Mapping[str, object]) -> Document:
        """A new key; its secret is in this answer and nowhere else."""
        return self._post("/keys", dict(wanted))

    def revoke_key(self, key_id: str) -> None:
        """Ends a key at once."""
        self._post(f"/keys/{_part(key_id)}/revoke")

    def catalogue(self) -> Document:
        """Teams, use cases, aliases and the rest of what ``apply`` set."""
        return self._get("/catalogue")

    def _get(self, path: str, **query: object) -> Document:
        asked = {name: value for name, value in query.items() if value is not None}
        return _document(self._send("GET", path, query=asked))

    def _post(
        self, path: str, body: Document | None = None, *, timeout: httpx.Timeout | None = None
    ) -> Document:
        return _document(self._send("POST", path, body=body, timeout=timeout))

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Document | None = None,
        body: Document | None = None,
        timeout: httpx.Timeout | None = None,
    ) -> httpx.Response:
        try:
            answer = self._http.request(
                method,
                path,
                params=query,
                json=body,
                headers=self._headers,
                timeout=timeout or self._limits,
            )
        except httpx.TimeoutException as error:
            raise ControlError("timeout") from error
        except httpx.HTTPError as error:
            raise ControlError("unreachable") from error
        if answer.status_code >= 300:
            raise _refusal(answer)
        return answer


def _part(text: str) -> str:
    return quote(text, safe="")


def _document(answer: httpx.Response) -> Document:
    try:
        return dict(answer.json())
    except (ValueError, TypeError) as error:
        raise ControlError("unexpected", status=answer.status_code) from error


def _refusal(answer: httpx.Response) -> ControlError:
    try:
        error = answer.json()["error"]
        return ControlError(
            str(error["code"]), str(error.get("message") or ""), status=answer.status_code
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return ControlError("unexpected", status=answer.status_code)
