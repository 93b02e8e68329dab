"""What a file states about use cases and providers, compared with what is in force.

Statements that are required now were not always. What was in force without them stays until it
changes, with a warning; anything new or changed is refused, or narrowed.
"""

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import orjson

from gateway.core.errors import ConfigError
from gateway.core.level import Zone
from gateway.core.snapshot import Provider
from gateway.governance.catalogue.config_file import ConfigFile
from gateway.governance.catalogue.documents import CONTRACT, Document
from gateway.governance.catalogue.use_case_fields import UseCaseFields, missing_for_high_risk

OF_RECORD = (
    "a record of the control plane owns this use case: change it with `sluis use-cases set`, or "
    "delete it there first"
)


@dataclass(frozen=True, slots=True)
class Stored:
    """The documents in force by name; ``records`` are use cases that no file owns."""

    providers: Mapping[str, Document]
    use_cases: Mapping[str, Document]
    records: Collection[str]

    @classmethod
    def of(cls, found: dict[str, list[bytes]], records: Collection[str]) -> "Stored":
        """The documents of a loaded catalogue."""
        register: Document = orjson.loads(found["register"][0]) if found["register"] else {}
        stated = register.get("use_cases", {})
        cases = {one["name"]: one for one in map(orjson.loads, found["use_case"])}
        return cls(
            {one["name"]: one for one in map(orjson.loads, found["provider"])},
            {name: {**one, **stated.get(name, {})} for name, one in cases.items()},
            records,
        )

    def has_case(self, name: str, fields: UseCaseFields) -> bool:
        """Whether this use case is in force with exactly these statements."""
        before = self.use_cases.get(name)
        if before is None:
            return False
        known = UseCaseFields.model_validate({k: v for k, v in before.items() if k != "name"})
        return use_case_document(name, known) == use_case_document(name, fields)

    def has_without_contract(self, provider: Provider) -> bool:
        """Whether it was in force before contracts were registered, on the same host."""
        before = self.providers.get(provider.name)
        if before is None or CONTRACT in before:
            return False
        same = (provider.kind, _host(provider.base_url), provider.zone.value)
        return (before["kind"], _host(before["base_url"]), before["zone"]) == same


def _host(url: str) -> str | None:
    return urlsplit(url).hostname


def use_case_document(name: str, fields: UseCaseFields) -> Document:
    """The document of a use case."""
    stated = fields.model_dump(mode="json", include=set(UseCaseFields.model_fields))
    return {"name": name, **{key: value for key, value in stated.items() if value is not None}}


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
        if lacking and stored.has_case(case.name, case):
            warnings.append(f"use case {case.name}: {lacking}; it stays in force until it changes")
        elif lacking:
            faults.append(config.fault(("use_cases", index, "risk"), lacking))
        if case.review and case.review < today:
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


def contract_gaps(providers: Iterable[Document], today: datetime.date) -> list[ContractGap]:
    """The commercial providers without a contract in force, or without any."""
    found = (_contract_gap(one, today) for one in providers if one["zone"] != Zone.INTERNAL.value)
    return [gap for gap in found if gap is not None]


def _contract_gap(provider: Document, today: datetime.date) -> ContractGap | None:
    name, contract = str(provider["name"]), provider.get(CONTRACT)
    if contract is None:
        kept = "no contract is stated; it stays in force as before until it changes"
        return ContractGap(name, kept, kept=True)
    if not contract:
        return ContractGap(name, "no contract is stated, so it gets no confidential text")
    if datetime.date.fromisoformat(contract["review"]) < today:
        due = f"its contract was due for review on {contract['review']}: no confidential text"
        return ContractGap(name, due)
    return None
