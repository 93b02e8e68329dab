"""``sluis.yaml``: its schema, and errors that name the line."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import Field, PrivateAttr, ValidationError, model_validator

from gateway.core.clearance import CEILING
from gateway.core.errors import ConfigError
from gateway.core.level import Zone
from gateway.core.objects.declare import Mark, fields_of
from gateway.core.objects.keys import NewKey
from gateway.core.objects.providers import StatedProvider
from gateway.core.objects.settings import AuditSetting, ModelsSetting, PrivacySetting
from gateway.core.objects.value import SnapshotValue
from gateway.core.objects.values import Network, Text
from gateway.core.snapshot import (
    GUARDRAIL_KINDS,
    Alias,
    ClearanceSetting,
    Deployment,
    Team,
    UseCase,
)
from gateway.core.text import yaml_text
from gateway.governance.catalogue.access_faults import faults_of_rights
from gateway.governance.catalogue.identity_nodes import IdentityNode, faults_of
from gateway.governance.catalogue.processing_register import (
    OrganisationNode,
    ReportsNode,
)
from gateway.governance.catalogue.provider_faults import deployment_faults, provider_faults
from gateway.governance.catalogue.rights_faults import (
    rights_faults,
    unknown_name,
)
from gateway.governance.catalogue.stated import FromDeclaration, Node, Stated

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


class ConfigFile(Node):
    """The whole file."""

    version: Literal[1]
    providers: list[Stated[StatedProvider]] = Field(default=[])
    deployments: list[Stated[Deployment]] = Field(default=[])
    aliases: list[Stated[Alias]] = Field(default=[])
    use_cases: list[Stated[UseCase]] = Field(default=[])
    teams: list[Stated[Team]] = Field(default=[])
    keys: list[Annotated[NewKey, FromDeclaration("days")]] = Field(default=[])
    identity: IdentityNode = IdentityNode()
    internal_networks: list[Network] | None = None
    privacy: Stated[PrivacySetting] = PrivacySetting()
    approvals: ApprovalsNode = ApprovalsNode()
    models: Stated[ModelsSetting] = ModelsSetting()
    audit: Stated[AuditSetting] = AuditSetting()
    organisation: OrganisationNode | None = None
    reports: ReportsNode = ReportsNode()
    _text: SourceText = PrivateAttr(default=SourceText("sluis.yaml", lambda _: 1))
    _written: Any = PrivateAttr(default=None)

    @property
    def source(self) -> str:
        """The name of the file."""
        return self._text.name

    def fault(self, where: tuple[Any, ...], what: str) -> str:
        """The line of an error message about a place in the file."""
        return self._text.fault(where, what)

    def states(self, *where: str | int) -> bool:
        """Whether a value is written in the file, whatever it is."""
        found = self._written
        for step in where:
            if isinstance(found, dict) and step not in found:
                return False
            found = found[step]
        return found is not None

    def read_from(self, text: SourceText, written: Any) -> None:
        """Note what is written, and where."""
        self._text = text
        self._written = written


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
    config.read_from(written, loaded)
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
        if not key.secret:
            faults.append((("keys", index), "state secret: env:NAME, the variable that holds it"))
        require(("keys", index, "team"), key.team, "teams")
        for purpose in key.purposes:
            require(("keys", index, "purposes"), purpose, "use_cases")
    faults += faults_of_rights(
        config.keys,
        config.teams,
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


def references_of(value: Any, where: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Every reference to a credential in a file, with its place."""
    if isinstance(value, Node | SnapshotValue):
        for name, is_credential in _declared(type(value)):
            inner = getattr(value, name)
            if is_credential and inner:
                yield (*where, name), inner
            elif not is_credential:
                yield from references_of(inner, (*where, name))
    elif isinstance(value, list | dict):
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from references_of(item, (*where, step))


@cache
def _declared(part: type[Node | SnapshotValue]) -> list[tuple[str, bool]]:
    """The fields of a part of the file, and whether each is a credential."""
    if issubclass(part, SnapshotValue):
        return [(one.name, one.is_credential) for one in fields_of(part)]
    return [(name, Mark.CREDENTIAL in one.metadata) for name, one in part.model_fields.items()]


def _too_wide(
    where: tuple[Any, ...], zone: Zone, setting: ClearanceSetting
) -> list[tuple[tuple[Any, ...], str]]:
    ceiling = CEILING[zone]
    wanted = setting.value()
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
