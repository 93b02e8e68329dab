"""The snapshot document: the data plane's whole configuration, published by the control plane.

Plain data with a digest and a signature. It never holds secrets: providers reference theirs as
``env:NAME``, and keys are HMAC digests.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from gateway.core.objects.deployments import Alias, Deployment
from gateway.core.objects.issuers import Issuer
from gateway.core.objects.keys import Key
from gateway.core.objects.mandates import Mandate
from gateway.core.objects.models import ModelVersion
from gateway.core.objects.providers import Provider
from gateway.core.objects.settings import (
    LOOPBACK,
    MODELS,
    PRIVACY,
    PSEUDONYMOUS,
    REFUSE,
    TermLists,
)
from gateway.core.objects.teams import Team
from gateway.core.objects.use_cases import UseCase
from gateway.core.objects.value import SnapshotValue

FORMAT = 1
TENANT = "default"
KEY_REQUESTS = "key-requests"  # the file beside snapshots where a gateway asks for new keys


class SignedChange(SnapshotValue, frozen=True):
    """The record of a change of governance, as JSON, with the control plane's signature."""

    document: str
    signature: str


class Stops(SnapshotValue, frozen=True):
    """What was stopped, by name; keys by id. A stop outlives the object that it names."""

    use_cases: list[str] = []
    deployments: list[str] = []
    aliases: list[str] = []
    keys: list[str] = []

    def by_kind(self) -> dict[str, list[str]]:
        """The names by the kind of the object."""
        return {
            "use_case": self.use_cases,
            "deployment": self.deployments,
            "alias": self.aliases,
            "key": self.keys,
        }

    def listed(self) -> list[str]:
        """All of them as ``kind:name``; of keys, which may be persons, the number."""
        named = self.by_kind()
        keys = named.pop("key")
        listed = [f"{kind}:{name}" for kind, names in named.items() for name in names]
        return [*listed, f"keys:{len(keys)}"] if keys else listed


class Snapshot(SnapshotValue, frozen=True):
    """Everything that the data plane needs to serve requests.

    ``number`` counts the changes of the installation; ``changes`` are the records of what is in
    force, of each line since it was last widened; ``settings`` are those that only another person
    undoes. ``cut_offs`` are the sign-ons that were ended, by keys of
    ``gateway.identity.cut_offs``: tokens issued at or before the epoch second are refused, and all
    tokens where it is None.
    """

    created: float
    bundle: dict[str, str]
    providers: list[Provider] = []
    deployments: list[Deployment] = []
    aliases: list[Alias] = []
    teams: list[Team] = []
    use_cases: list[UseCase] = []
    keys: list[Key] = []
    issuers: list[Issuer] = []
    models: list[ModelVersion] = []
    internal_networks: list[str] = msgspec.field(default_factory=lambda: list(LOOPBACK))
    terms: TermLists = TermLists()
    settings: dict[str, dict[str, Any]] = {}
    number: int = 0
    changes: list[SignedChange] = []
    cut_offs: dict[str, int | None] = {}
    stops: Stops = Stops()
    mandates: list[Mandate] = []
    version: int = FORMAT

    @property
    def persons_hidden(self) -> bool:
        """Whether nothing may show which person a request is of."""
        return hides_persons(self.settings.get(PRIVACY, {}))

    @property
    def serves_unregistered(self) -> bool:
        """Whether internal models serve without an approved version."""
        return self.settings.get(MODELS, {}).get("unregistered") != REFUSE

    @property
    def bundle_digest(self) -> str:
        """Digest of the policy bundle, as written in decisions and headers."""
        return bundle_digest(self.bundle)


def hides_persons(privacy: Mapping[str, Any]) -> bool:
    """Returns whether the setting ``privacy`` asks for pseudonyms in place of persons."""
    return privacy.get("persons") == PSEUDONYMOUS


def bundle_digest(files: dict[str, str]) -> str:
    """Returns the ``sha256:`` digest of the bundle's files, independent of their order."""
    return "sha256:" + hashlib.sha256(bundle_document(files)).hexdigest()


def bundle_document(files: dict[str, str]) -> bytes:
    """Returns the bundle as JSON pairs of name and text, which its digest covers."""
    return msgspec.json.encode(sorted(files.items()))
