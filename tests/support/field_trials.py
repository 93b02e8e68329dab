"""Every field of every governed object, with values that one person tries to give it.

The fields are those of the structs of a snapshot. A field without values here, or without a reason
why no file states it, fails a test.
"""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, get_args, get_origin

import msgspec

from gateway.core.objects import declare
from gateway.core.snapshot import (
    Alias,
    Deployment,
    Issuer,
    Key,
    Mandate,
    ModelVersion,
    Provider,
    Snapshot,
    Team,
    UseCase,
)

Config = dict[str, Any]
Values = Mapping[str, list[Any]]
ADA = "ada@example.nl"
PEM = "/etc/ssl/certs/ca.pem"
PIN = "sha256//" + "A" * 43 + "="
DPIA = "https://example.nl/dpia"
# By kind: the struct of the snapshot, the section of the file, and the object that is tried.
KINDS: dict[str, tuple[type[msgspec.Struct], str, str]] = {
    "provider": (Provider, "providers", "eu"),
    "deployment": (Deployment, "deployments", "a"),
    "alias": (Alias, "aliases", "chat"),
    "team": (Team, "teams", "makers"),
    "use_case": (UseCase, "use_cases", "letters"),
    "issuer": (Issuer, "identity", "staff"),
    "key": (Key, "keys", "app"),
    "model": (ModelVersion, "", ""),
    "mandate": (Mandate, "", ""),
}
# Fields of ``Snapshot`` that are no list of such objects: where they are tried, or why not.
OTHER_PARTS: Mapping[str, str] = {
    "bundle": "routes of policies",
    "internal_networks": "SETTINGS",
    "terms": "routes of terms",
    "settings": "SETTINGS",
    "cut_offs": "routes of persons, SCIM",
    "stops": "routes of stops",
    "created": "a time",
    "number": "counts the changes",
    "changes": "the records themselves",
    "version": "the format",
}
_BUDGET: Values = {
    "amount": [500_000, 0],
    "currency": ["USD"],
    "period": ["month"],
}
_LIMITS: Values = {
    key: [None, 2, 900000] for key in ("requests_per_minute", "tokens_per_minute", "concurrent")
}
_LEVELS = ["public", "internal", "confidential", "restricted"]


def _under(place: str, values: Values) -> dict[str, list[Any]]:
    return {f"{place}.{name}": tried for name, tried in values.items()}


_RIGHTS: Values = {
    "team": ["makers", None],
    "models": [["a", "f", "c"], None],
    "purposes": [["letters", "memos", "hiring"], None],
    "clearance": ["restricted", "public"],
    "floor": ["public", "restricted"],
    **_under("budget", _BUDGET),
    **_under("limits", _LIMITS),
}
VALUES: dict[str, Values] = {
    "provider": {
        "name": ["eu2"],
        "kind": ["anthropic", "moderations"],
        "base_url": ["https://elsewhere.example/v1"],
        "zone": ["eu", "internal"],
        "api_key": ["env:STAFF_KEY", "env:OTHER", None],
        "ca": [PEM],
        "contract.region": ["global"],
        "contract.transfer_basis": ["scc"],
        "contract.review": ["2099-12-31", "2031-01-01"],
        "contract.subprocessors": [["somebody"]],
        "contract.retention": [3650],
        "contract.training": [True],
        "contract.reference": ["C-2"],
        "apis": [["chat_completions"]],
        "api_version": ["2025-01-01-preview"],
        "entra.tenant": ["elsewhere"],
        "entra.client": ["another"],
        "entra.secret": ["env:OTHER"],
        "entra.token_file": ["/var/run/token"],
        "entra.authority": ["https://login.elsewhere.example"],
        "entra.scope": ["https://elsewhere.example/.default"],
        "aws.region": ["us-east-1"],
        "aws.access_key": ["env:OTHER"],
        "aws.secret_key": ["env:OTHER"],
        "aws.session_token": ["env:OTHER"],
        "aws.role": ["arn:aws:iam::123456789012:role/other"],
        "aws.token_file": ["/var/run/token"],
        "aws.sts": ["https://sts.elsewhere.example"],
        "private_address": [True, False],
        "plain_http": [True],
        "proxy": ["http://elsewhere.example:3128"],
        "proxy_auth": ["env:OTHER"],
        "pins": [[PIN], []],
    },
    "deployment": {
        "name": ["another"],
        "provider": ["far", "house"],
        "model": ["global.m"],
        **_under(
            "price",
            {
                **{
                    key: [0, 900]
                    for key in (
                        "input_per_million",
                        "output_per_million",
                        "cached_input_per_million",
                        "cache_write_per_million",
                        "cache_write_1h_per_million",
                    )
                },
                "currency": ["USD"],
            },
        ),
        "clearance.clear": ["internal", "public"],
        "clearance.redacted": ["confidential", "public"],
        "capabilities.context": [5, 1_000_000],
        "capabilities.images": [True, False],
        "capabilities.tools": [True, False],
        **_under("timeouts", {key: [50] for key in ("connect", "first_token", "idle", "total")}),
        "version": ["gpt@1", "gpt@production"],
    },
    "alias": {"name": ["talk"], "candidates": [["a", "b"], ["b"], ["c", "a"]]},
    "team": {
        "name": ["others"],
        "floor": ["public", "restricted"],
        **_under("budget", _BUDGET),
        **_under("limits", _LIMITS),
        **_under("per_person.limits", _LIMITS),
        **_under("per_person.budget", _BUDGET),
        **_under("per_model.*.limits", _LIMITS),
        **_under("per_model.*.budget", _BUDGET),
        "self_service.models": [["a", "b"], ["chat"]],
        "self_service.purposes": [["letters", "memos", "hiring"]],
        "self_service.clearance": ["restricted", "public"],
        "self_service.days": [365, 1],
        "self_service.keys_per_person": [100],
        "lead": ["bob", ADA],
    },
    "use_case": {
        "name": ["others"],
        "owner": ["bob", "hr"],
        "legal_basis": ["consent"],
        "risk": ["minimal", "high"],
        "floor": ["public", "restricted"],
        "zones": [["internal", "eu", "global"], [], ["internal"]],
        "review": ["2098-01-01", "2030-01-01", None],
        "description": ["another text"],
        "overseer": ["nobody"],
        "data_subjects": ["citizens"],
        "data_categories": [["health"]],
        "dpia": [DPIA + "/2", None],
        "fria": [DPIA + "/3"],
        **_under("limits", _LIMITS),
        **_under("budget", _BUDGET),
        "transparency": [[], ["notice"]],
        "deployer": ["other"],
    },
    "issuer": {
        "name": ["crew"],
        "issuer": ["https://elsewhere.example"],
        "audience": ["other", ["urn:sluis", "other"]],
        "roles_claim": ["department"],
        "roles": [{"admins": "platform_admin", "visitors": "policy_approver"}, {}],
        "profile": ["keycloak"],
        "typ": [["JWT"]],
        "algorithms": [["ES256"]],
        "max_age": [3600],
        "groups_claim": ["department"],
        **_under(
            "claims",
            {key: ["department"] for key in ("subject", "name", "client", "session")},
        ),
        "claims.kind": ["idtyp=app"],
        "claims.author": [["actor"]],
        "require": [{}, {"department": ["it", "hr"]}],
        "keys_max_age": [2_000_000],
        "jwks_uri": ["https://elsewhere.example/jwks"],
        "ca": [PEM],
        "proxy": ["http://elsewhere.example:3128"],
        "bearer_file": ["/var/run/secrets/token"],
        **_under("groups.*", {**_RIGHTS, "group": ["everybody"], "when": [{"department": "x"}]}),
        **_under("applications.*", _RIGHTS),
        "scim.subject": ["userName", "none"],
        "scim.client": ["another", None],
        "logout_clients": [["another"], []],
        "approvals.client_id": ["another"],
        "approvals.client_secret": ["env:OTHER"],
        "approvals.acr_values": [["low"]],
    },
    "key": {
        "name": ["other"],
        "digest": ["env:OTHER_SECRET"],
        "kind": ["person", "admin"],
        "team": ["makers", None],
        "models": [["a", "f", "c"], []],
        "purposes": [["letters", "memos", "hiring"], []],
        "roles": [["policy_approver"], ["auditor"]],
        "clearance": ["restricted", "public"],
        "floor": ["public", "restricted"],
        "strict": [False],
        "expires": [4_000_000_000, 1_850_000_000, None],
        "owner": ["bob", ADA],
        **_under("limits", _LIMITS),
        **_under("budget", _BUDGET),
        "networks": [["10.0.0.0/8"], ["10.1.9.0/24"], []],
    },
}
# Fields that no file states, and who does.
NOT_IN_FILES: Mapping[str, Mapping[str, str]] = {
    "provider": {"needs_contract": "true for every provider that a file states"},
    "deployment": {"needs_version": "true for every deployment that a file states"},
    "key": {
        "id": "made of the name, or by chance",
        "issued_by": "who asks",
        "former": "a rotation",
        "former_until": "a rotation",
        "blocked": "the state of the owner",
        "evaluates": "the runner of evaluations",
    },
    "issuer": {"keys": "the issuer itself", "published": "the issuer itself"},
    "model": dict.fromkeys(ModelVersion.__struct_fields__, "routes of models"),
    "mandate": dict.fromkeys(Mandate.__struct_fields__, "routes of mandates"),
}
# The object whose field is tried, where it is not that of ``KINDS``.
_AT = {
    "provider": {
        "zone": "far",
        "contract": "far",
        "entra": "azure",
        "api_version": "azure",
        "aws": "bedrock",
        "plain_http": "house",
        "proxy": "behind",
        "proxy_auth": "behind",
        "pins": "behind",
    },
    "deployment": {"clearance": "b"},
}
_WRITTEN = {("key", "digest"): "secret"}  # a field of the snapshot under the name in the file
SETTINGS: Mapping[str, list[Any]] = {
    "approvals.one_person": ["while-alone"],
    "approvals.recovery": [
        [
            {"person": ADA, "digest": "sha256:" + "a" * 64},
            {"person": "bob", "digest": "sha256:" + "b" * 64},
        ]
    ],
    "privacy.persons": ["named"],
    "models.unregistered": ["serve"],
    "audit.reveals_per_day": [21, 5],
    "internal_networks": [["127.0.0.0/8", "10.0.0.0/8"], ["127.0.0.0/8"], None],
}


@dataclass(frozen=True, slots=True)
class Trial:
    """A field of a kind, and the value that a person tries to give it."""

    kind: str
    field: str
    value: Any

    def __str__(self) -> str:
        return f"{self.kind}.{self.field} = {self.value!r}"


def fields_of(struct: type[msgspec.Struct]) -> Iterator[str]:
    """Every field down to plain values, by path; ``*`` stands for an item of a list or mapping."""
    for field in declare.fields_of(struct):
        found = list(_structs_in(field.type))
        if not found:
            yield field.name
        for inner, step in found:
            yield from (f"{field.name}{step}.{name}" for name in fields_of(inner))


def _structs_in(type_: Any, step: str = "") -> Iterator[tuple[type[msgspec.Struct], str]]:
    """The structs of a type, with the step to an item."""
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        yield type_, step
    elif isinstance(type_, UnionType):
        for one in get_args(type_):
            yield from _structs_in(one, step)
    elif get_origin(type_) in {list, dict}:
        yield from _structs_in(get_args(type_)[-1], f"{step}.*")


def kinds_of_snapshot() -> set[type[msgspec.Struct]]:
    """The structs in lists of a snapshot."""
    return {
        one
        for field in msgspec.structs.fields(Snapshot)
        if field.name not in OTHER_PARTS
        for one, _ in _structs_in(field.type)
    }


def trials(*, values: int | None) -> Iterator[Trial]:
    """All fields that a file can state, each with so many of its values; None for all."""
    for kind, fields in {**VALUES, "setting": SETTINGS}.items():
        for field, tried in fields.items():
            yield from (Trial(kind, field, value) for value in tried[:values])


def written(base: Config, trial: Trial) -> Config:
    """The file with the field changed."""
    config = copy.deepcopy(base)
    if trial.kind == "setting":
        put(config, trial.field, trial.value)
        return config
    _, section, name = KINDS[trial.kind]
    field = _WRITTEN.get((trial.kind, trial.field), trial.field)
    name = _AT.get(trial.kind, {}).get(field.split(".")[0], name)
    items = config["identity"]["issuers"] if section == "identity" else config[section]
    (item,) = [one for one in items if one["name"] == name]
    if field == "name" and trial.kind != "issuer":  # a new one: others name the old one
        item = copy.deepcopy(item)
        item |= {"secret": "env:NEW_KEY"} if trial.kind == "key" else {}
        items.append(item)
    put(item, field, trial.value)
    return config


def put(item: dict[str, Any], field: str, value: Any) -> None:
    """Give a field of an item a value, by path; None takes it away."""
    _put(item, field.split("."), value)


def _put(node: Any, path: list[str], value: Any) -> None:
    step, *rest = path
    key: Any = step if step != "*" else (0 if isinstance(node, list) else next(iter(node)))
    if rest:
        if isinstance(node, dict) and key not in node:
            node[key] = dict(_NEEDED.get(step, {}))
        _put(node[key], rest, value)
    elif value is None:
        node.pop(key, None)
    else:
        node[key] = value
        for other in _INSTEAD.get(step, ()):
            node.pop(other, None)


# What a value takes the place of, and what a part that is new needs beside it.
_INSTEAD = {"token_file": ("secret", "access_key", "secret_key", "session_token")}
_NEEDED = {"approvals": {"client_id": "sluis"}}
