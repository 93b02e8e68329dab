"""Calls of the console about keys, the catalogue and stop switches."""

from collections.abc import Mapping

from admin.control_http import ControlHttp, Document, quoted


class AccessCalls(ControlHttp):
    """What a console asks about who may reach what."""

    def keys(self) -> list[Document]:
        """All keys, never their secrets."""
        return list(self._get("/keys")["keys"])

    def issue_key(self, body: Mapping[str, object]) -> Document:
        """A new key; only this response holds its secret."""
        return self._post("/keys", dict(body))

    def rotate_key(self, key_id: str, overlap_hours: int) -> Document:
        """A new secret of a key; the one before works on for so many hours."""
        return self._post(f"/keys/{quoted(key_id)}/rotate", {"overlap_hours": overlap_hours})

    def revoke_key(self, key_id: str) -> None:
        """Revoke a key at once."""
        self._post(f"/keys/{quoted(key_id)}/revoke")

    def catalogue(self) -> Document:
        """Teams, use cases, aliases and everything else in the catalogue."""
        return self._get("/catalogue")

    def own_use_cases(self) -> list[Document]:
        """The use cases that the caller owns."""
        return list(self._get("/own-use-cases")["use_cases"])

    def own_teams(self) -> list[Document]:
        """The teams that the caller leads, with their keys."""
        return list(self._get("/own-teams")["teams"])

    def own_usage(self, places: str, name: str) -> Document:
        """The figures of one of these."""
        return self._get(f"/{places}/{quoted(name)}/usage")

    def own_approvals(self) -> list[Document]:
        """What waits for the caller as an owner."""
        return list(self._get("/own-approvals")["approvals"])

    def approve_as_owner(
        self, identity: str, *, comment: str, sign_on: Mapping[str, str] | None = None
    ) -> Document:
        """Approve that an own use case starts; says who else has to."""
        body = {"comment": comment, "sign_on": sign_on}
        return self._post(f"/own-approvals/{quoted(identity)}/approve", body)

    def reject_as_owner(self, identity: str, comment: str) -> None:
        """Reject that an own use case starts."""
        self._post(f"/own-approvals/{quoted(identity)}/reject", {"comment": comment})

    def begin_owner_sign_on(self, identity: str, *, redirect_uri: str) -> Document:
        """Begin the sign-on that signs an approval."""
        path = f"/own-approvals/{quoted(identity)}/sign-on"
        return self._post(path, {"redirect_uri": redirect_uri})

    def stop_own(self, name: str, reason: str) -> Document:
        """Stop an own use case at once."""
        return self._post(f"/own-use-cases/{quoted(name)}/stop", {"reason": reason})

    def stops(self) -> list[Document]:
        """All stops that are in force."""
        return list(self._get("/stops")["stops"])

    def stop(self, what: str, name: str, reason: str) -> Document:
        """Stop something at once; names the gateways that have not acknowledged it."""
        return self._post(f"/{what}/{quoted(name)}/stop", {"reason": reason})

    def start(self, what: str, name: str, reason: str) -> str:
        """Propose that something may be used again; returns the proposal's id."""
        return str(self._post(f"/{what}/{quoted(name)}/start", {"reason": reason})["proposal"])
