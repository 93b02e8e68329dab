"""``sluis.yaml``: its schema, and errors that name the line."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import Field, PrivateAttr, ValidationError, model_validator

from gateway.core.clearance import CEILING, Clearance
from gateway.core.errors import ConfigError
from gateway.core.level import Level, Zone
from gateway.core.snapshot import GUARDRAIL_KINDS
from gateway.core.text import yaml_text
from gateway.governance.catalogue.access_nodes import KeyNode, TeamNode, faults_of_rights
from gateway.governance.catalogue.config_values import (
    EnvReference,
    Name,
    Network,
    Node,
    Text,
)
from gateway.governance.catalogue.identity_nodes import IdentityNode, faults_of
from gateway.governance.catalogue.processing_register import (
    OrganisationNode,
    ReportsNode,
)
from gateway.governance.catalogue.provider_nodes import (
    ClearanceNode,
    DeploymentNode,
    ProviderNode,
    deployment_faults,
    provider_faults,
)
from gateway.governance.catalogue.rights_faults import (
    rights_faults,
    unknown_name,
)
from gateway.governance.catalogue.use_case_fields import UseCaseFields

Line = Callable[[tuple[Any, ...]], int]
Records = Mapping[str, Collection[str]]
_NO_RECORDS: Records = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class SourceText:
    """Where values are written: the name of the file, and the line of each place."""

    name: str
    line: Line

    def fault(self, where: tuple[Any, ...], what: str) -> str:
        """The line of an error message about a place."""
        return f"{self.name}:{self.line(where)}: {_place(where)}: {what}"


class AliasNode(Node):
    """A name for applications."""

    name: Name
    candidates: list[Name] = Field(min_length=1)


class UseCaseNode(UseCaseFields):
    """A registered purpose."""

    name: Name


class RecoveryNode(Node):
    """A person who can open the way back, by the digest of the code that only this person has."""

    person: Text
    digest: str = Field(pattern=r"^sha256:[0-9a-f]{64}$")


class ApprovalsNode(Node):
    """Whether one person may decide while there is no other: embedded mode only.

    ``recovery`` are the two persons of ``sluis recover``.
    """

    one_person: Literal["while-alone", "never"] | None = None
    recovery: list[RecoveryNode] | None = None

    @model_validator(mode="after")
    def _two_persons(self) -> Self:
        if self.recovery is None:
            return self
        persons = {one.person.casefold() for one in self.recovery}
        digests = {one.digest for one in self.recovery}
        if len(self.recovery) != 2 or len(persons) != 2 or len(digests) != 2:
            raise ValueError("recovery names two persons, each with a code of their own")
        return self


class PrivacyNode(Node):
    """How persons who use models appear: by name, or by pseudonyms only (works council)."""

    persons: Literal["named", "pseudonymous"] | None = None


class ModelsNode(Node):
    """Whether internal models serve without an approved version."""

    unregistered: Literal["refuse", "serve"] | None = None


class AuditNode(Node):
    """How often a person may reveal stored bodies in a day without another person."""

    reveals_per_day: Annotated[int, Field(ge=0, le=10_000)] | None = None


class ConfigFile(Node):
    """The whole file."""

    version: Literal[1]
    providers: list[ProviderNode] = Field(default=[])
    deployments: list[DeploymentNode] = Field(default=[])
    aliases: list[AliasNode] = Field(default=[])
    use_cases: list[UseCaseNode] = Field(default=[])
    teams: list[TeamNode] = Field(default=[])
    keys: list[KeyNode] = Field(default=[])
    identity: IdentityNode = IdentityNode()
    internal_networks: list[Network] | None = None
    privacy: PrivacyNode = PrivacyNode()
    approvals: ApprovalsNode = ApprovalsNode()
    models: ModelsNode = ModelsNode()
    audit: AuditNode = AuditNode()
    organisation: OrganisationNode | None = None
    reports: ReportsNode = ReportsNode()
    _text: SourceText = PrivateAttr(default=SourceText("sluis.yaml", lambda _: 1))

    @property
    def source(self) -> str:
        """The name of the file."""
        return self._text.name

    def fault(self, where: tuple[Any, ...], what: str) -> str:
        """The line of an error message about a place in the file."""
        return self._text.fault(where, what)

    def read_from(self, text: SourceText) -> None:
        """Note where the values are written."""
        self._text = text


def parse(text: str, *, source: str, records: Records = _NO_RECORDS) -> ConfigFile:
    """The checked file; it may name ``records``, the objects that no file owns, by section.

    Raises:
        ConfigError: one line per fault, ``file:line: where: what is wrong``.
    """
    try:
        tree, loaded = yaml_text.read(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{source}: not valid YAML: {error}") from error
    written = SourceText(source, _line_finder(tree))
    try:
        config = ConfigFile.model_validate(loaded or {})
    except ValidationError as error:
        faults = [written.fault(e["loc"], _what(e)) for e in error.errors()]
        raise ConfigError("\n".join(faults)) from error
    config.read_from(written)
    faults = [config.fault(where, what) for where, what in _cross_check(config, tree, records)]
    if faults:
        raise ConfigError("\n".join(faults))
    return config


def _cross_check(
    config: ConfigFile, tree: yaml.Node | None, records: Records
) -> list[tuple[tuple[Any, ...], str]]:
    """Faults across values: unknown names, clearances above those of the zone."""
    faults: list[tuple[tuple[Any, ...], str]] = []
    providers = {provider.name: provider for provider in config.providers}
    names = {
        "providers": set(providers),
        "deployments": {item.name for item in config.deployments},
        "teams": {item.name for item in config.teams},
        "use_cases": {item.name for item in config.use_cases},
        "aliases": {item.name for item in config.aliases},
    }
    for section, known in (*names.items(), ("keys", {key.name for key in config.keys})):
        if len(known) != len(getattr(config, section)):
            faults.append(((section,), "a name is used twice"))
    for section, of_records in records.items():
        names[section] |= set(of_records)

    def require(where: tuple[Any, ...], name: str | None, section: str) -> None:
        if name is not None and name not in names[section]:
            faults.append((where, unknown_name(name, section, list(names[section]))))

    for index, deployment in enumerate(config.deployments):
        where = ("deployments", index)
        require((*where, "provider"), deployment.provider, "providers")
        provider = providers.get(deployment.provider)
        if provider and deployment.clearance:
            faults += _too_wide((*where, "clearance"), provider.zone, deployment.clearance)
    guardrails = {
        one.name
        for one in config.deployments
        if one.provider in providers and providers[one.provider].kind in GUARDRAIL_KINDS
    }
    for index, alias in enumerate(config.aliases):
        for candidate in alias.candidates:
            require(("aliases", index, "candidates"), candidate, "deployments")
            if candidate in guardrails:
                what = f"{candidate} is a guardrail: content rules ask it, requests cannot"
                faults.append((("aliases", index, "candidates"), what))
    for index, key in enumerate(config.keys):
        require(("keys", index, "team"), key.team, "teams")
        for purpose in key.purposes:
            require(("keys", index, "purposes"), purpose, "use_cases")
    faults += faults_of_rights(
        config.keys,
        config.teams,
        {},
        models=names["aliases"] | names["deployments"],
        purposes=names["use_cases"],
    )
    faults += rights_faults(config.identity.issuers, names, tree)
    faults += faults_of(config.identity)
    faults += provider_faults(config.providers)
    faults += deployment_faults(config.deployments, providers)
    faults += _credential_faults(config)
    return faults


def _credential_faults(config: ConfigFile) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Variables of which one holder would send what another one signs in with.

    What providers have, they may share: which of them gets it, two persons decide.
    """
    holders: dict[str, str] = {}
    for where, variable in references_of(config):
        holder = where[0] if where[0] == "providers" else _place(where[:2])
        first = holders.setdefault(variable, holder)
        if first != holder:
            yield where, f"{variable} belongs to {first}: give this a variable of its own"


def references_of(
    value: Any, where: tuple[Any, ...] = ()
) -> Iterator[tuple[tuple[Any, ...], EnvReference]]:
    """Every reference to a credential in a file, with its place."""
    if isinstance(value, EnvReference):
        yield where, value
    elif isinstance(value, Node):
        for field in type(value).model_fields:
            yield from references_of(getattr(value, field), (*where, field))
    elif isinstance(value, list | dict):
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from references_of(item, (*where, step))


def _too_wide(
    where: tuple[Any, ...], zone: Zone, setting: ClearanceNode
) -> list[tuple[tuple[Any, ...], str]]:
    ceiling = CEILING[zone]
    wanted = Clearance(Level.parse(setting.clear), Level.parse(setting.redacted))
    if wanted.narrowed_by(ceiling) == wanted:
        return []
    return [
        (
            where,
            (
                f"the zone {zone.value} may receive at most clear: {ceiling.clear.label}, "
                f"redacted: {ceiling.redacted.label}; configuration can only narrow that"
            ),
        )
    ]


def _line_finder(tree: yaml.Node | None) -> Line:
    def line(where: tuple[Any, ...]) -> int:
        node, found = tree, 1
        for step in where:
            child = _child(node, step)
            if child is None:
                break
            found, node = child
        return found

    return line


def _child(node: yaml.Node | None, step: Any) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for number, (key, value) in enumerate(node.value):
            if step in {key.value, number}:  # a mapping that may be written as a list too
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item = node.value[step]
        return item.start_mark.line + 1, item
    return None


def _place(where: tuple[Any, ...]) -> str:
    return ".".join(str(step) for step in where) or "file"


def _what(error: Any) -> str:
    if error["type"] == "extra_forbidden":
        return "unknown key; see README.md for the keys that exist"
    return str(error["msg"]).removeprefix("Value error, ")
