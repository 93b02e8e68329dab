"""Calls of the console about policies."""

from collections.abc import Mapping

from admin.control_http import SLOW_TIMEOUT, ControlHttp, Document


class PolicyCalls(ControlHttp):
    """Reads, tries, checks and proposes bundles. Every method may raise ControlError."""

    def policies(self) -> Document:
        """The active bundle and the history."""
        return self._get("/policies")

    def rules(self, digest: str | None = None) -> list[Document]:
        """The rules of a bundle as sentences; of the active one by default."""
        return list(self._get("/policies/rules", digest=digest)["rules"])

    def try_text(self, body: Mapping[str, object]) -> Document:
        """Findings, level and decisions for a text; nothing is stored or sent."""
        return self._post("/policies/try", dict(body), timeout=SLOW_TIMEOUT)

    def policy_names(self) -> dict[str, list[str]]:
        """The names of the catalogue that rules and trials may mention."""
        return dict(self._get("/policies/names"))

    def check_bundle(self, body: Mapping[str, object]) -> Document:
        """Check whether a draft or proposal compiles and passes its cases, with its faults."""
        return self._post("/policies/check", dict(body), timeout=SLOW_TIMEOUT)

    def compare_bundle(self, body: Mapping[str, object]) -> Document:
        """The report on what a draft changes of the bundle in force."""
        return self._post("/policies/difference", dict(body), timeout=SLOW_TIMEOUT)

    def propose_bundle(self, body: Mapping[str, object]) -> str:
        """Propose a draft; returns the proposal's id."""
        return str(self._post("/policies/proposals", dict(body), timeout=SLOW_TIMEOUT)["id"])

    def replay_bundle(self, body: Mapping[str, object]) -> Document:
        """What a draft or proposal would have decided about the recorded requests of a period."""
        return self._post("/policies/replay", dict(body), timeout=SLOW_TIMEOUT)

    def bundle_difference(self, before: str, after: str) -> Document:
        """The report on two bundles of the history, and their changed files."""
        return self._get("/policies/difference", before=before, after=after)

    def roll_back_bundle(self, digest: str, comment: str) -> str:
        """Propose an earlier bundle; returns the proposal's id."""
        return str(self._post("/policies/rollback", {"to": digest, "comment": comment})["id"])
