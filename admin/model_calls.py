"""Calls of the console about models and their evaluations."""

from collections.abc import Mapping, Sequence

from admin.control_http import SLOW_TIMEOUT, ControlHttp, Document, quoted


class ModelCalls(ControlHttp):
    """Versions, their cards, evaluations, approvals and tags. Every method may raise ControlError.

    A version is named by its model and its own name.
    """

    def models(self) -> Document:
        """All versions, and how many persons must approve one."""
        return self._get("/models")

    def register_model(self, body: Mapping[str, object]) -> str:
        """Register a version by folders of the control plane's machine; returns its digest."""
        done = self._post("/models", dict(body), timeout=SLOW_TIMEOUT)
        return str(done["digest"])

    def model_card(self, name: str, version: str) -> Document:
        """What the card of a version states, and what it lacks."""
        return self._get(f"{_version(name, version)}/card")

    def approve_model(
        self, name: str, version: str, *, sign_on: Mapping[str, str] | None = None
    ) -> None:
        """Approve a version; ``sign_on`` is the code of the sign-on that signs it."""
        path = f"{_version(name, version)}/approve"
        self._post(path, {"sign_on": sign_on}, timeout=SLOW_TIMEOUT)

    def begin_model_sign_on(self, name: str, version: str, *, redirect_uri: str) -> Document:
        """Begin the sign-on that signs an approval."""
        path = f"{_version(name, version)}/sign-on"
        return self._post(path, {"redirect_uri": redirect_uri})

    def quarantine_model(self, name: str, version: str, reason: str) -> None:
        """Take a version out of service."""
        self._post(f"{_version(name, version)}/quarantine", {"reason": reason})

    def retire_model(self, name: str, version: str, reason: str) -> None:
        """End a version."""
        self._post(f"{_version(name, version)}/retire", {"reason": reason})

    def deprecate_model(self, name: str, version: str, *, until: str, reason: str) -> None:
        """Give a version its last day."""
        self._post(f"{_version(name, version)}/deprecate", {"until": until, "reason": reason})

    def promote_model(self, name: str, version: str, tag: str) -> None:
        """Point a tag at a version."""
        self._post(f"{_version(name, version)}/promote", {"tag": tag})

    def roll_back_model(self, name: str, tag: str, to: str | None = None) -> str:
        """Point a tag back, at the last approved version by default; returns that version."""
        body = {"tag": tag} if to is None else {"tag": tag, "to": to}
        return str(self._post(f"/models/{quoted(name)}/rollback", body)["version"])

    def model_history(self, name: str) -> list[Document]:
        """Where the tags of a model have pointed, oldest first."""
        return list(self._get(f"/models/{quoted(name)}/history")["moves"])

    def evaluation_counts(self) -> list[Document]:
        """How the newest runs of each version ended."""
        return list(self._get("/evaluations")["versions"])

    def evaluations(self, name: str, version: str) -> Document:
        """All runs of a version, and what the gate lacks."""
        return self._get(f"{_version(name, version)}/evaluations")

    def suites(self) -> list[Document]:
        """The suites in use."""
        return list(self._get("/evaluations/suites")["suites"])

    def proposed_suite(self, identity: str) -> Document:
        """A suite that waits for another person, beside the one in use."""
        return self._get(f"/evaluations/suites/proposals/{quoted(identity)}")

    def proposed_suite_files(self, identity: str) -> Document:
        """The texts of the two files of a suite that waits."""
        return self._get(f"/evaluations/suites/proposals/{quoted(identity)}/files")

    def run_evaluation(self, name: str, version: str, suites: Sequence[str]) -> list[Document]:
        """Have the control plane evaluate a version; without suites those that policy asks for."""
        body = {"suites": list(suites)}
        done = self._post(f"{_version(name, version)}/evaluations/run", body, timeout=SLOW_TIMEOUT)
        return list(done["runs"])

    def override_evaluation(self, name: str, version: str, reason: str) -> str:
        """Propose to let pass what a version lacks; returns the proposal's id."""
        path = f"{_version(name, version)}/evaluations/override"
        return str(self._post(path, {"reason": reason})["proposal"])


def _version(name: str, version: str) -> str:
    return f"/models/{quoted(name)}/{quoted(version)}"
