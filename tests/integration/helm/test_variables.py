"""Keys of providers and applications: each variable by its name, and no other key of a Secret."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.chart import Document, environment, processes, validate

pytestmark = pytest.mark.integration

Render = Callable[..., list[Document]]
Refused = Callable[..., str]
PROVIDERS: list[Document] = [
    {"name": "a", "kind": "openai", "api_key": "env:OPENAI_KEY", "proxy_auth": "env:PROXY_LOGIN"},
    {"name": "b", "kind": "azure", "entra": {"secret": "env:ENTRA_SECRET"}},
    {
        "name": "c",
        "kind": "bedrock",
        "aws": {
            "access_key": "env:BEDROCK_ID",
            "secret_key": "env:BEDROCK_SECRET",
            "session_token": "env:BEDROCK_SESSION",
        },
    },
    {"name": "d", "kind": "openai", "api_key": "env:OPENAI_KEY"},
]
OF_PROVIDERS = {
    "OPENAI_KEY", "PROXY_LOGIN", "ENTRA_SECRET", "BEDROCK_ID", "BEDROCK_SECRET", "BEDROCK_SESSION",
}  # fmt: skip
CONFIG: Document = {
    "providers": PROVIDERS,
    "keys": [{"name": "bot", "secret": "env:BOT_KEY"}, {"name": "ops", "secret": "env:OPS_KEY"}],
}


def given(documents: list[Document], secret: str) -> dict[str, set[str]]:
    """The variables that each process has from a Secret, each under its own name there."""
    found: dict[str, set[str]] = {}
    for name, pod, _ in processes(documents):
        for variable, entry in environment(pod).items():
            source: Any = entry.get("valueFrom", {}).get("secretKeyRef", {})
            if source.get("name") == secret:
                assert source == {"name": secret, "key": variable}
                found.setdefault(name, set()).add(variable)
    return found


def test_each_process_has_the_variables_that_config_names_for_it(render: Render) -> None:
    documents = render({"config": CONFIG}, profile="worker-hpa")
    for document in documents:
        validate(document)
    assert given(documents, "sluis-provider-keys") == {"gateway": OF_PROVIDERS}
    keys = {"BOT_KEY", "OPS_KEY"}
    assert given(documents, "sluis-application-keys") == {"control": keys, "apply": keys}


def test_no_process_takes_a_whole_secret(render: Render) -> None:
    for profile in ("complete", "worker-hpa"):
        for name, _, container in processes(render({}, profile=profile)):
            assert "envFrom" not in container, name


def test_names_that_config_does_not_have_are_listed(render: Render) -> None:
    values = {
        "providerKeys": {"names": ["OTHER_KEY", "OPENAI_API_KEY"]},
        "applicationKeys": {"names": ["LATER_KEY"]},
    }
    documents = render(values)
    assert given(documents, "sluis-provider-keys") == {"gateway": {"OTHER_KEY", "OPENAI_API_KEY"}}
    later = {"LATER_KEY"}
    assert given(documents, "sluis-application-keys") == {"control": later, "apply": later}


def test_a_variable_of_extra_env_is_not_read_from_the_secret(render: Render) -> None:
    source = {"secretKeyRef": {"name": "own", "key": "key"}}
    extra = [{"name": "OPENAI_KEY", "valueFrom": source}]
    documents = render({"config": CONFIG, "gateway": {"extraEnv": extra}})
    assert given(documents, "sluis-provider-keys") == {"gateway": OF_PROVIDERS - {"OPENAI_KEY"}}


@pytest.mark.parametrize(
    "name",
    [
        "SLUIS_DETECTORS",
        "PYTHONPATH",
        "PYTHONSTARTUP",
        "LD_PRELOAD",
        "SSL_CERT_FILE",
        "REQUESTS_CA_BUNDLE",
        "PGSSLMODE",
        "OTEL_RESOURCE_ATTRIBUTES",
        "VAULT_ADDR",
        "AWS_SECRET_ACCESS_KEY",
        "HTTPS_PROXY",
        "https_proxy",
        "PATH",
        "HOME",
    ],
)
def test_a_name_that_processes_read_themselves_is_refused(refused: Refused, name: str) -> None:
    provider = {"name": "a", "kind": "openai", "api_key": f"env:{name}"}
    key = {"name": "bot", "secret": f"env:{name}"}
    for values in (
        {"config": {"providers": [provider]}},
        {"config": {"keys": [key]}},
        {"providerKeys": {"names": [name]}},
        {"applicationKeys": {"names": [name]}},
    ):
        message = refused(values)
        assert f"the variable {name}, which the processes themselves read" in message
        assert "give the key another name" in message


@pytest.mark.parametrize("name", ["AWS_BEARER_TOKEN_BEDROCK", "HF_TOKEN", "PG_KEY", "PROXY_LOGIN"])
def test_names_that_are_only_alike_are_taken(render: Render, name: str) -> None:
    config = {"providers": [{"name": "a", "kind": "openai", "api_key": f"env:{name}"}]}
    assert given(render({"config": config}), "sluis-provider-keys") == {"gateway": {name}}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"providerKeys": {"existingSecret": ""}}, "providerKeys.existingSecret"),
        (
            {
                "applicationKeys": {"existingSecret": ""},
                "config": {"keys": [{"name": "bot", "secret": "env:BOT_KEY"}]},
            },
            "applicationKeys.existingSecret",
        ),
        (
            {"applicationKeys": {"existingSecret": "", "names": ["BOT_KEY"]}},
            "applicationKeys.existingSecret",
        ),
    ],
)
def test_a_variable_that_nothing_gives_is_refused(
    refused: Refused, values: Document, said: str
) -> None:
    assert said in refused(values)


def test_a_name_of_the_sign_on_that_processes_read_is_refused(refused: Refused) -> None:
    client = {"issuer": "entra", "client_id": "console", "client_secret": "env:PYTHONHOME"}
    message = refused({"config": {"identity": {"console": client}}})
    assert "config.identity.console.client_secret names the variable PYTHONHOME" in message
