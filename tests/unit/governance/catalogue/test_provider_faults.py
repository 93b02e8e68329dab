"""Providers of sluis.yaml: what each kind takes, and what is refused with what to write."""

import msgspec
import pytest

from gateway.core.errors import ConfigError
from gateway.core.snapshot import Deployment, Provider, Snapshot
from gateway.governance.catalogue.config_file import parse
from gateway.governance.catalogue.deployments import deployments_of, without_version
from gateway.governance.catalogue.statements import Stored, needs_version, provider_of
from gateway.routing import problems

pytestmark = pytest.mark.unit
AZURE = "kind: azure, zone: eu, base_url: 'https://x.openai.azure.com'"
BEDROCK = "kind: bedrock, zone: eu, base_url: 'https://bedrock-runtime.eu-west-1.amazonaws.com'"
OPENAI = "kind: openai, zone: eu, base_url: 'https://x.nl/v1'"
INSIDE = "kind: vllm, zone: internal, base_url: 'http://vllm.models.svc:8000/v1'"
PROXY = "proxy: 'http://p.nl:3128'"
PLAIN = "kind: openai, zone: eu, base_url: 'http://127.0.0.1:9/v1'"
PIN = "sha256//" + "A" * 43 + "="
ENTRA = "tenant: t-1, client: c-1"
ROLE = "region: eu-west-1, role: 'arn:aws:iam::111122223333:role/sluis'"
KEY = "region: eu-west-1, access_key: 'env:A', secret_key: 'env:B'"
NOTHING = Stored({}, {}, {}, [])


def file_with(provider: str) -> str:
    return f"version: 1\nproviders:\n  - {{name: one, {provider}}}\n"


@pytest.mark.parametrize(
    "provider",
    [
        f"{AZURE}, api_key: 'env:K'",
        f"{AZURE}, api_key: 'env:K', api_version: 2024-10-21, apis: [chat_completions]",
        f"{AZURE}, api_key: 'env:K', api_version: 2025-04-01-preview",
        f"{AZURE}, entra: {{{ENTRA}, secret: 'env:S'}}",
        f"{AZURE}, entra: {{{ENTRA}, token_file: /token, authority: 'https://login.example.nl'}}",
        f"{BEDROCK}, api_key: 'env:K'",
        f"{BEDROCK}, aws: {{{KEY}}}",
        f"{BEDROCK}, aws: {{{KEY}, session_token: 'env:C'}}",
        f"{BEDROCK}, aws: {{{ROLE}, token_file: /token, sts: 'https://sts.example.nl'}}",
        f"{BEDROCK}, aws: {{{ROLE}, access_key: 'env:A', secret_key: 'env:B'}}",
        f"{OPENAI}, apis: [chat_completions, embeddings]",
        f"{OPENAI}, private_address: true",
        f"{INSIDE}, plain_http: true",
        f"{OPENAI}, proxy: 'http://proxy.example.nl:3128', ca: /ca.pem",
        f"{OPENAI}, proxy: 'http://[fd00::1]:3128', proxy_auth: 'env:P', pins: ['{PIN}']",
    ],
)
def test_what_can_be_used_is_accepted(provider: str) -> None:
    (node,) = parse(file_with(provider), source="s").providers
    assert provider_of(node, NOTHING).kind == node.kind


@pytest.mark.parametrize(
    ("provider", "place", "cure"),
    [
        ("kind: azure, zone: eu", "providers.0", "needs base_url"),
        ("kind: bedrock, zone: eu", "providers.0", "needs base_url"),
        (f"{AZURE}, entra: {{{ENTRA}}}", "providers.0.entra", "token_file"),
        (
            f"{AZURE}, entra: {{{ENTRA}, secret: 'env:S', token_file: /t}}",
            "providers.0.entra",
            "token_file",
        ),
        (f"{AZURE}, entra: {{{ENTRA}, secret: hunter2}}", "providers.0.entra.secret", "env:NAME"),
        (
            f"{AZURE}, api_key: 'env:K', entra: {{{ENTRA}, secret: 'env:S'}}",
            "providers.0.entra",
            "api_key",
        ),
        (f"{OPENAI}, entra: {{{ENTRA}, secret: 'env:S'}}", "providers.0.entra", "kind azure"),
        (f"{AZURE}, aws: {{{KEY}}}", "providers.0.aws", "kind bedrock"),
        (f"{BEDROCK}, aws: {{region: eu-west-1}}", "providers.0.aws", "access_key"),
        (f"{BEDROCK}, aws: {{{ROLE}}}", "providers.0.aws", "token_file"),
        (
            f"{BEDROCK}, aws: {{region: eu-west-1, token_file: /t}}",
            "providers.0.aws",
            "the role",
        ),
        (
            f"{BEDROCK}, aws: {{region: eu-west-1, access_key: 'env:A'}}",
            "providers.0.aws",
            "belong together",
        ),
        (f"{BEDROCK}, aws: {{{KEY}, role: sluis}}", "providers.0.aws.role", ""),
        (f"{BEDROCK}, aws: {{region: '../x', role: x}}", "providers.0.aws.region", ""),
        (f"{OPENAI}, api_version: 2024-10-21", "providers.0.api_version", "kind azure"),
        (f"{AZURE}, api_version: latest", "providers.0.api_version", ""),
        (f"{BEDROCK}, apis: [chat_completions]", "providers.0.apis", "openai or azure"),
        (f"{OPENAI}, apis: [embeddings]", "providers.0.apis", "chat_completions"),
        (f"{OPENAI}, plain_http: true", "providers.0.plain_http", "TLS"),
        (f"{INSIDE}, private_address: true", "providers.0.private_address", "internal_networks"),
        (f"{OPENAI}, apis: [messages]", "providers.0.apis", ""),
        (f"{OPENAI}, {PROXY}", "providers.0.proxy", "ca or pins"),
        (f"{OPENAI}, proxy_auth: 'env:P'", "providers.0.proxy_auth", "there is none"),
        (f"{OPENAI}, {PROXY}, proxy_auth: hunter2", "providers.0.proxy_auth", "env:NAME"),
        (f"{OPENAI}, proxy: 'http://a:hunter2@p.nl:3128'", "providers.0.proxy", ""),
        (f"{OPENAI}, proxy: 'https://p.nl:3128'", "providers.0.proxy", ""),
        (f"{OPENAI}, {PROXY}, pins: [abc]", "providers.0.pins", ""),
        (f"{INSIDE}, plain_http: true, {PROXY}, ca: /c", "providers.0.proxy", "is internal"),
        (f"{PLAIN}, {PROXY}, ca: /c", "providers.0.proxy", "https only"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_cure(provider: str, place: str, cure: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse(file_with(provider), source="s")
    assert f"s:3: {place}" in str(refused.value)
    assert cure in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_a_private_address_is_asked_of_new_providers_alone() -> None:
    (node,) = parse(file_with(OPENAI), source="s").providers
    new = provider_of(node, NOTHING)
    assert new.private_address is False
    old = msgspec.structs.replace(new, private_address=None)
    assert provider_of(node, Stored({"one": old}, {}, {}, [])).private_address is None
    assert provider_of(node, Stored({"one": new}, {}, {}, [])).private_address is False
    (inside,) = parse(file_with(INSIDE), source="s").providers
    assert provider_of(inside, NOTHING).private_address is False  # also if it moves outside later
    moved = msgspec.structs.replace(old, base_url="https://elsewhere.nl/v1")
    assert provider_of(node, Stored({"one": moved}, {}, {}, [])).private_address is False


GUARDED = """version: 1
providers:
  - {{name: guards, kind: {kind}, zone: internal, base_url: "http://127.0.0.1:1/v1"}}
deployments:
  - {{name: safety, provider: guards, {deployment}}}
aliases: {aliases}
"""


@pytest.mark.parametrize("kind", ["guardrail", "moderations"])
def test_a_guardrail_is_a_deployment_that_needs_no_version(kind: str) -> None:
    text = GUARDED.format(kind=kind, deployment="model: judge", aliases="[]")
    config = parse(text, source="s")
    providers = [provider_of(one, NOTHING) for one in config.providers]
    warnings: list[str] = []
    (made,) = deployments_of(config, providers, NOTHING, warnings)
    assert (made.needs_version, warnings) == (False, [])
    assert without_version([made], providers, serve=False) == []


@pytest.mark.parametrize(
    ("deployment", "aliases", "place", "cure"),
    [
        ("timeouts: {connect: 1}", "[]", "deployments.0", "state model"),
        ("model: m, version: 'a@b'", "[]", "deployments.0.version", "not for a guardrail"),
        ("model: m, capabilities: {tools: true}", "[]", "deployments.0.capabilities", "not for"),
        ("model: m, price: {input_per_million: 1}", "[]", "deployments.0.price", "not for"),
        ("model: m", "[{name: a, candidates: [safety]}]", "aliases.0.candidates", "a guardrail"),
    ],
)
def test_a_guardrail_answers_no_request(
    deployment: str, aliases: str, place: str, cure: str
) -> None:
    text = GUARDED.format(kind="guardrail", deployment=deployment, aliases=aliases)
    with pytest.raises(ConfigError) as refused:
        parse(text, source="s")
    assert place in str(refused.value)
    assert cure in str(refused.value)


def test_a_deployment_from_before_versions_serves_until_its_model_or_place_changes() -> None:
    text = file_with(INSIDE) + "deployments:\n  - {name: d, provider: one, model: m}\n"
    config = parse(text, source="s")
    (node,), provider = config.deployments, provider_of(config.providers[0], NOTHING)
    (new,) = deployments_of(config, [provider], NOTHING, [])
    assert new.needs_version
    old = msgspec.structs.replace(new, needs_version=False)

    def needed(before: Deployment, now: Provider = provider, **changed: str) -> bool:
        stored = Stored({"one": provider}, {"d": before}, {}, [])
        return needs_version(msgspec.structs.replace(node, **changed), now, stored)

    assert not needed(old)
    assert needed(new)  # what was added since needs one, also if it is stated again
    assert needed(old, model="another")
    assert needed(old, version="m@production")
    moved = msgspec.structs.replace(provider, base_url="http://elsewhere.svc:8000/v1")
    assert needed(old, moved)
    kept = without_version([old], [provider], serve=False)
    assert [one.endswith("recorded as unproven") for one in kept] == [True]
    snapshot = Snapshot(
        created=0.0,
        bundle={},
        providers=[provider],
        deployments=[old, msgspec.structs.replace(new, name="new")],
        settings={"models": {"unregistered": "refuse"}},
    )
    assert problems(snapshot) == {"new": "it states no version"}
