"""What may stand in ``sluis.yaml``: nothing that a gateway could not use afterwards."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest

from gateway.core.errors import ConfigError
from gateway.core.objects.declare import Mark, fields_of
from gateway.core.objects.value import SnapshotValue
from gateway.governance.catalogue.config_file import ConfigFile, parse, references_of
from gateway.governance.catalogue.stated import Node

pytestmark = pytest.mark.unit
FILE = """version: 1
providers:
  - {{name: one, kind: openai, zone: eu, base_url: "{url}"{provider}}}
deployments:
  - {{name: one, provider: one, model: "{model}"{deployment}}}
aliases:
  - {{name: assistant, candidates: [one]}}
use_cases:
  - {{name: letters, owner: "{owner}", legal_basis: contract, risk: limited}}
teams:
  - {{name: support{team}}}
keys:
  - {{name: app, team: support, secret: "{secret}"{key}}}
{rest}
"""
GOOD = {
    "url": "https://api.example.nl/v1",
    "provider": "",
    "model": "m",
    "deployment": "",
    "owner": "board",
    "team": "",
    "secret": "env:APP_KEY",
    "key": "",
    "rest": "",
}
ISSUER = "{{name: {0}, issuer: '{1}', audience: 'urn:sluis'}}"


def written(**changes: str) -> str:
    return FILE.format(**{**GOOD, **changes})


def issuers(*addresses: str, names: str = "abc") -> str:
    listed = ", ".join(ISSUER.format(*one) for one in zip(names, addresses, strict=False))
    return f"identity: {{issuers: [{listed}]}}"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"url": "http://127.0.0.1:8000"},
        {"url": "https://[::1]:8443/v1/"},
        {"provider": ', api_key: "env:KEY_2"'},
        {"deployment": ", price: {input_per_million: 0.15, currency: USD}"},
        {"team": ", budget: {amount: 0}, limits: {requests_per_minute: 1}"},
        {"team": ", per_person: {limits: {concurrent: 2}, budget: {amount: 3}}"},
        {"team": ", per_model: {assistant: {budget: {amount: 3}}, one: {limits: {concurrent: 1}}}"},
        {"team": ", self_service: {models: [assistant], purposes: [letters], days: 7}"},
        {"key": ", expires: 1999999999"},
        {"key": ', owner: jan@example.nl, networks: ["10.0.0.0/8"], limits: {concurrent: 2}'},
        {"key": ", kind: admin, roles: [auditor], budget: {amount: 3, currency: EUR}"},
        {"rest": 'internal_networks: ["10.0.0.0/8", "fd00::/8", "192.168.1.7"]'},
        {"rest": issuers("https://id.example.nl/realms/staff", "http://127.0.0.1:9000")},
    ],
)
def test_what_can_be_used_is_accepted(changes: dict[str, str]) -> None:
    assert parse(written(**changes), source="sluis.yaml").version == 1


@pytest.mark.parametrize(
    ("line", "place", "changes"),
    [
        (3, "providers.0.base_url", {"url": "http://127.0.0.1:99999/v1"}),
        (3, "providers.0.base_url", {"url": "http://127.0.0.1:x/v1"}),
        (3, "providers.0.base_url", {"url": "http://127.0.0.1:0/v1"}),
        (3, "providers.0.base_url", {"url": "http://[/v1"}),
        (3, "providers.0.base_url", {"url": "https://"}),
        (3, "providers.0.base_url", {"url": "ftp://api.example.nl"}),
        (3, "providers.0.base_url", {"url": "https://user:hunter2@api.example.nl/v1"}),
        (3, "providers.0.base_url", {"url": "https://api.example.nl/v1?key=hunter2"}),
        (3, "providers.0.base_url", {"url": "https://api.example.nl/v1#part"}),
        (3, "providers.0.base_url", {"url": "https://api.example.nl/v 1"}),
        (3, "providers.0.base_url", {"url": "https://api.example.nl/€"}),
        (3, "providers.0.base_url", {"url": "https://api.example.nl/\\r\\nx: y"}),
        (3, "providers.0.api_key", {"provider": ', api_key: "env:"'}),
        (3, "providers.0.api_key", {"provider": ', api_key: "env:A B"'}),
        (3, "providers.0.ca", {"provider": ', ca: ""'}),
        (5, "deployments.0.model", {"model": ""}),
        (5, "deployments.0.model", {"model": "a\\0b"}),
        (5, "deployments.0.price.input", {"deployment": ", price: {input_per_million: .inf}"}),
        (5, "deployments.0.price.input", {"deployment": ", price: {input_per_million: .nan}"}),
        (5, "deployments.0.price.input", {"deployment": ", price: {input_per_million: 1.0e+300}"}),
        (5, "deployments.0.price.currency", {"deployment": ', price: {currency: ""}'}),
        (9, "use_cases.0.owner", {"owner": "the\\0board"}),
        (11, "teams.0.budget.amount", {"team": ", budget: {amount: .inf}"}),
        (11, "teams.0.budget.currency", {"team": ", budget: {amount: 1, currency: euro}"}),
        (11, "teams.0.limits", {"team": f", limits: {{requests_per_minute: {'9' * 400}}}"}),
        (11, "teams.0.limits", {"team": f", limits: {{tokens_per_minute: {'9' * 30}}}"}),
        (11, "teams.0.per_model", {"team": ", per_model: {gpt-9: {budget: {amount: 1}}}"}),
        (11, "teams.0.per_person", {"team": ", per_person: {limits: {concurrent: 0}}"}),
        (11, "teams.0.self_service.purposes", {"team": ", self_service: {models: [assistant]}"}),
        (13, "keys.0.roles", {"key": ", kind: admin, roles: [operator]"}),
        (13, "keys.0.roles", {"key": ", kind: admin, roles: [bootstrap]"}),
        (13, "keys.0.networks", {"key": ", networks: [10.0.0.1/8]"}),
        (13, "keys.0.limits", {"key": ", limits: {requests_per_hour: 1}"}),
        (13, "keys.0.secret", {"secret": "env:"}),
        (13, "keys.0.expires", {"key": f", expires: {'9' * 30}"}),
        (13, "keys.0.expires", {"key": ", expires: -1"}),
        (13, "keys.0.roles", {"key": ', roles: ["a\\0b"]'}),
        (14, "internal_networks", {"rest": "internal_networks: [nonsense]"}),
        (14, "internal_networks", {"rest": 'internal_networks: ["10.0.0.1/8"]'}),
        (14, "identity.issuers", {"rest": issuers("id.example.nl")}),
        (14, "identity.issuers", {"rest": issuers("http://[")}),
        (14, "identity.issuers", {"rest": issuers("https://a.nl", "https://b.nl", names="aa")}),
        (14, "identity.issuers", {"rest": issuers("https://a.nl", "https://a.nl")}),
        (14, "organisation.name", {"rest": 'organisation: {name: "a\\0b"}'}),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_line(
    line: int, place: str, changes: dict[str, str]
) -> None:
    with pytest.raises(ConfigError) as refused:
        parse(written(**changes), source="sluis.yaml")
    (fault,) = str(refused.value).splitlines()
    assert fault.startswith(f"sluis.yaml:{line}: {place}")
    assert "hunter2" not in fault


# Each field of the file that takes a credential: the kind of provider, and where it stands.
_AWS = ", aws: {region: eu-west-1, access_key: 'env:A', secret_key: 'env:B'}"
CREDENTIALS = {
    "api_key": ("openai", ", api_key: 'env:TRIED'", ""),
    "proxy": (
        "openai",
        ", ca: ca.pem, proxy: 'http://proxy.example.nl:3128', proxy_auth: 'env:TRIED'",
        "",
    ),
    "entra": ("azure", ", entra: {tenant: t.example, client: c, secret: 'env:TRIED'}", ""),
    "aws": ("bedrock", _AWS.replace("env:A", "env:TRIED"), ""),
    "aws secret": ("bedrock", _AWS.replace("env:B", "env:TRIED"), ""),
    "aws session": ("bedrock", _AWS.replace("}", ", session_token: 'env:TRIED'}"), ""),
    "console": (
        "openai",
        "",
        """identity:
  issuers: [{name: a, issuer: 'https://id.example.nl', audience: sluis}]
  console: {issuer: a, client_id: sluis, client_secret: 'env:TRIED'}""",
    ),
    "approvals": (
        "openai",
        "",
        """identity:
  issuers: [{name: a, issuer: 'https://id.example.nl', audience: sluis,
             approvals: {client_id: sluis, client_secret: 'env:TRIED'}}]""",
    ),
}


def _with(credential: str, variable: str) -> str:
    kind, provider, rest = CREDENTIALS[credential]
    text = written(provider=provider, rest=rest).replace("kind: openai", f"kind: {kind}")
    return text.replace("env:TRIED", f"env:{variable}")


@pytest.mark.parametrize("credential", CREDENTIALS)
def test_what_a_key_signs_in_with_is_sent_to_nobody(credential: str) -> None:
    parse(_with(credential, "OWN_SECRET"), source="sluis.yaml")
    with pytest.raises(ConfigError, match="APP_KEY belongs to"):
        parse(_with(credential, "APP_KEY"), source="sluis.yaml")


def test_every_field_of_a_credential_is_tried() -> None:
    tried = {
        tuple(step for step in where if not isinstance(step, int))
        for credential in CREDENTIALS
        for where, variable in references_of(parse(_with(credential, "TRIED"), source="sluis.yaml"))
        if variable == "env:TRIED"
    }
    assert tried | {("keys", "secret")} == set(_places(ConfigFile))


def _places(node: Any, where: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The fields of a file, at any depth, that take a reference to a credential."""
    if isinstance(node, type) and issubclass(node, Node):
        for name, field in node.model_fields.items():
            if Mark.CREDENTIAL in field.metadata:
                yield (*where, name)
            else:
                yield from _places(field.annotation, (*where, name))
    elif isinstance(node, type) and issubclass(node, SnapshotValue):
        for one in fields_of(node):
            yield from _places((one.type, *one.declared), (*where, one.name))
    elif node is Mark.CREDENTIAL:
        yield where
    elif isinstance(node, tuple):
        for part in node:
            yield from _places(part, where)
    else:
        for part in get_args(node):
            yield from _places(part, where)


def test_providers_may_share_a_credential() -> None:
    other = ', api_key: "env:SHARED"}\n'
    second = '  - {name: two, kind: openai, zone: eu, base_url: "https://two.example.nl/v1"'
    text = _with("api_key", "SHARED").replace("deployments:", f"{second}{other}deployments:")
    assert [one.api_key for one in parse(text, source="sluis.yaml").providers] == ["env:SHARED"] * 2
