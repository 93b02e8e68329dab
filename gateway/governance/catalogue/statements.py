"""What a file states about use cases and providers, compared with what is in force.

Statements that are required now were not always. What was in force without them stays until it
changes, with a warning; anything new or changed is refused, or narrowed.
"""

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec
import orjson

from gateway.core.errors import ConfigError
from gateway.core.level import Zone
from gateway.core.objects.declare import fields_of
from gateway.core.snapshot import Deployment, Provider, UseCase
from gateway.governance.catalogue.config_file import ConfigFile
from gateway.governance.catalogue.use_case_duties import missing_for_high_risk

_DEFAULT_URL = {"openai": "https://api.openai.com/v1", "anthropic": "https://api.anthropic.com"}

_NO_DEPLOYER = (
    "state deployer (public-body, public-service, creditworthiness, insurance or other): AI Act "
    "article 27 asks some of them for a fria beside the dpia"
)

OF_RECORD = (
    "a record of the control plane owns this use case: change it with `sluis use-cases set`, or "
    "delete it there first"
)


@dataclass(frozen=True, slots=True)
class Stored:
    """What is in force by name; ``records`` are use cases that no file owns."""

    providers: Mapping[str, Provider]
    deployments: Mapping[str, Deployment]
    use_cases: Mapping[str, UseCase]
    records: Collection[str]

    @classmethod
    def of(cls, found: dict[str, list[bytes]], records: Collection[str]) -> "Stored":
        """What is in force in a loaded catalogue."""
        register = orjson.loads(found["register"][0]) if found["register"] else {}
        stated = register.get("use_cases", {})
        cases = [orjson.loads(raw) for raw in found["use_case"]]
        known = [msgspec.convert(one | stated.get(one["name"], {}), UseCase) for one in cases]
        return cls(
            {one.name: one for one in map(stored_provider, found["provider"])},
            {one.name: one for one in map(_stored_deployment, found["deployment"])},
            {one.name: one for one in known},
            records,
        )

    def same_provider(self, provider: Provider) -> Provider | None:
        """The provider in force of this name, if its kind, host and zone are the same."""
        before = self.providers.get(provider.name)
        if before is None or _place(before) != _place(provider):
            return None
        return before


def _place(provider: Provider) -> tuple[str, str | None, Zone]:
    return provider.kind, urlsplit(provider.base_url).hostname, provider.zone


def stored_provider(raw: bytes) -> Provider:
    """The provider of a stored document."""
    return msgspec.json.decode(raw, type=Provider)


def _stored_deployment(raw: bytes) -> Deployment:
    return msgspec.json.decode(raw, type=Deployment)


def needs_version(node: Deployment, provider: Provider, stored: Stored) -> bool:
    """Whether a deployment of a file serves nothing without an approved version, once inside.

    One that was in force before versions of every kind were registered stays as it is, until its
    model changes, or its provider's kind, host or zone.
    """
    if provider.is_guardrail:
        return False
    before = stored.deployments.get(node.name)
    if node.version is not None or before is None or before.needs_version:
        return True
    same = (before.provider, before.model) == (node.provider, node.model)
    return not same or stored.same_provider(provider) is None


def provider_of(node: Provider, stored: Stored) -> Provider:
    """A provider of a file; without a contract it gets no confidential text.

    One that was in force before contracts were registered, or before private addresses had to be
    stated, stays as it is until its kind, host or zone changes.
    """
    provider = Provider(**{one.name: getattr(node, one.name) for one in fields_of(Provider)})
    if not provider.base_url:
        provider = msgspec.structs.replace(provider, base_url=_DEFAULT_URL[node.kind])
    before = stored.same_provider(provider)
    inside = provider.zone is Zone.INTERNAL
    if provider.private_address is None and (before is None or before.private_address is not None):
        provider = msgspec.structs.replace(provider, private_address=False)
    if provider.contract is not None:
        return msgspec.structs.replace(provider, needs_contract=True)
    kept = inside or (before is not None and not before.needs_contract)
    return msgspec.structs.replace(provider, needs_contract=not kept)


def check_use_cases(config: ConfigFile, stored: Stored, today: datetime.date) -> list[str]:
    """Warnings about the use cases of a file.

    Raises:
        ConfigError: for one that a record owns, and one of high risk that is new or changed and
            lacks its assessment or review date; with the lines.
    """
    faults: list[str] = []
    warnings: list[str] = []
    for index, case in enumerate(config.use_cases):
        if case.name in stored.records:
            faults.append(config.fault(("use_cases", index, "name"), OF_RECORD))
            continue
        lacking = missing_for_high_risk(case)
        if lacking and stored.use_cases.get(case.name) == case:
            warnings.append(f"use case {case.name}: {lacking}; it stays in force until it changes")
        elif lacking:
            faults.append(config.fault(("use_cases", index, "risk"), lacking))
        if not lacking and case.risk == "high" and not case.fria and case.deployer is None:
            warnings.append(f"use case {case.name}: {_NO_DEPLOYER}")
        if case.review and case.review < today.isoformat():
            warnings.append(f"use case {case.name}: its review was due on {case.review}")
    if faults:
        raise ConfigError("\n".join(faults))
    return warnings


@dataclass(frozen=True, slots=True)
class ContractGap:
    """What is wrong with a provider's contract; ``kept`` is one from before there were any."""

    provider: str
    lacking: str
    kept: bool = False

    def __str__(self) -> str:
        return f"provider {self.provider}: {self.lacking}"


def contract_gaps(providers: Iterable[Provider], today: datetime.date) -> list[ContractGap]:
    """The commercial providers without a contract in force, or without any."""
    found = (_contract_gap(one, today) for one in providers if one.zone is not Zone.INTERNAL)
    return [gap for gap in found if gap is not None]


def _contract_gap(provider: Provider, today: datetime.date) -> ContractGap | None:
    name, contract = provider.name, provider.contract
    if not provider.needs_contract:
        kept = "no contract is stated; it stays in force as before until it changes"
        return ContractGap(name, kept, kept=True)
    if contract is None:
        return ContractGap(name, "no contract is stated, so it gets no confidential text")
    if datetime.date.fromisoformat(contract.review) < today:
        due = f"its contract was due for review on {contract.review}: no confidential text"
        return ContractGap(name, due)
    return None
