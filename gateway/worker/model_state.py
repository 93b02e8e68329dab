"""The state of a requested version, and why one was refused."""

from dataclasses import dataclass
from typing import Any

import torch

from gateway.core.errors import Refusal
from gateway.core.manifest import DigestMismatch, ManifestError
from gateway.worker.memory import NotEnoughMemory
from gateway.worker.spec import ServedModel

LOADING, READY, RESTARTING, REFUSED = "loading", "ready", "restarting", "refused"
# Why a version was refused, in one word that says nothing of its files.
_CHANGED, _MEMORY, _UNUSABLE = "files_changed", "memory", "unusable"


@dataclass(frozen=True, slots=True)
class LoadFailure:
    """Why a version was refused: in a word, for the operator, and for the log."""

    cause: str
    reason: str
    logged: str


@dataclass(frozen=True, slots=True)
class ModelState:
    """The state of one requested version; of a refused one why, and what answers in its place."""

    served: ServedModel
    state: str
    reason: str | None = None
    cause: str | None = None
    stands_in: ServedModel | None = None

    def document(self) -> dict[str, Any]:
        """The state as the gateway and the operator read it."""
        return {
            "id": self.served.served_name,
            "digest": self.served.digest,
            "state": self.state,
            "reason": self.reason,
            "cause": self.cause,
            "stands_in": self.stands_in.served_name if self.stands_in else None,
        }


def failure_of(error: Exception) -> LoadFailure:
    """Why a load failed; the message of a library's error is not logged: it may be anything."""
    if isinstance(error, DigestMismatch):
        return LoadFailure(_CHANGED, str(error), str(error))
    if isinstance(error, NotEnoughMemory):
        return LoadFailure(_MEMORY, str(error), str(error))
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        text = "The memory was full while it was loaded: give the worker more, or serve less."
        return LoadFailure(_MEMORY, text, text)
    if isinstance(error, (ManifestError, Refusal)):
        return LoadFailure(_UNUSABLE, str(error), str(error))
    return LoadFailure(_UNUSABLE, f"{type(error).__name__}: {error}", type(error).__name__)
