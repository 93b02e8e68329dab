"""ExternalSecrets: for Secrets that the chart reads, before the jobs, and left in place."""

from collections.abc import Callable

import pytest

from tests.support.chart import Document, named, of_kind, validate

pytestmark = pytest.mark.integration

Render = Callable[..., list[Document]]
Refused = Callable[..., str]
STORE = {"name": "vault", "kind": "ClusterSecretStore"}
URL: Document = {"secretKey": "url", "remoteRef": {"key": "sluis/database", "property": "url"}}
DATABASE: Document = {"name": "sluis-database", "storeRef": STORE, "data": [URL]}


def test_what_is_asked_for_is_rendered(render: Render) -> None:
    keys = {
        "name": "sluis-provider-keys",
        "storeRef": {"name": "own"},
        "refreshInterval": "15m",
        "dataFrom": [{"extract": {"key": "sluis/providers", "decodingStrategy": "Base64"}}],
    }
    documents = render({"externalSecrets": [DATABASE, keys]})
    for document in documents:
        validate(document)
    spec = named(documents, "ExternalSecret", "sluis-database")["spec"]
    assert spec == {
        "refreshInterval": "1h",
        "secretStoreRef": STORE,
        "target": {
            "name": "sluis-database",
            "creationPolicy": "Orphan",
            "deletionPolicy": "Retain",
        },
        "data": [URL],
    }
    spec = named(documents, "ExternalSecret", "sluis-provider-keys")["spec"]
    assert spec["refreshInterval"] == "15m"
    assert spec["secretStoreRef"] == {"name": "own", "kind": "SecretStore"}
    assert spec["dataFrom"] == keys["dataFrom"]
    assert "data" not in spec


def test_there_are_none_by_default(render: Render) -> None:
    assert not of_kind(render({}), "ExternalSecret")


def test_they_are_there_before_the_jobs_that_need_them(render: Render) -> None:
    documents = render({"externalSecrets": [DATABASE]})
    (secret,) = of_kind(documents, "ExternalSecret")
    weights = {
        document["metadata"]["name"]: int(
            document["metadata"]["annotations"]["helm.sh/hook-weight"]
        )
        for document in [secret, *of_kind(documents, "Job")]
    }
    assert weights.pop("sluis-database") < min(weights.values())
    hooks = secret["metadata"]["annotations"]["helm.sh/hook"]
    assert hooks == "pre-install,pre-upgrade"
    # A hook is deleted and made again at an upgrade: an owned Secret would be deleted with it.
    assert secret["spec"]["target"]["creationPolicy"] == "Orphan"


def test_a_secret_has_the_type_that_is_asked_for(render: Render) -> None:
    registry = {
        "name": "registry",
        "storeRef": STORE,
        "type": "kubernetes.io/dockerconfigjson",
        "data": [{"secretKey": ".dockerconfigjson", "remoteRef": {"key": "registry"}}],
    }
    documents = render({"image": {"pullSecrets": ["registry"]}, "externalSecrets": [registry]})
    (secret,) = of_kind(documents, "ExternalSecret")
    validate(secret)
    assert secret["spec"]["target"]["template"] == {"type": "kubernetes.io/dockerconfigjson"}


@pytest.mark.parametrize(
    "values",
    [
        {"secrets": {"existingSecret": "one"}},
        {"keyService": {"existingSecret": "one"}},
        {"keyService": {"ca": {"existingSecret": "one"}}},
        {"database": {"hooks": {"existingSecret": "one"}}},
        {"applicationKeys": {"existingSecret": "one"}},
        {"caBundle": {"existingSecret": "one"}},
        {"metrics": {"token": {"existingSecret": "one"}}},
        {"worker": {"tls": {"existingSecret": "one"}}},
        {"console": {"signOn": {"existingSecret": "one"}}},
        {"gateway": {"ingress": {"tls": {"secretName": "one"}}}},
        {"gateway": {"extraEnvFrom": [{"secretRef": {"name": "one"}}]}},
        {
            "control": {
                "extraEnv": [
                    {"name": "A", "valueFrom": {"secretKeyRef": {"name": "one", "key": "a"}}}
                ]
            }
        },
        {"hooks": {"extraVolumes": [{"name": "more", "secret": {"secretName": "one"}}]}},
    ],
)
def test_each_secret_that_a_value_names_can_be_one(render: Render, values: Document) -> None:
    external = {"name": "one", "storeRef": STORE, "dataFrom": [{"extract": {"key": "one"}}]}
    assert of_kind(render(values | {"externalSecrets": [external]}), "ExternalSecret")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "sluis-databse"}, "sluis-databse is a Secret that no other value names"),
        ({"data": []}, "has neither data nor dataFrom"),
        ({"data": [URL, URL]}, "has the key url twice"),
        ({"data": [URL | {"secretKey": "uri"}]}, "has no key url, which is needed"),
        ({"storeRef": {"name": "vault", "kind": "Vault"}}, "values don't meet"),
        ({"storeRef": {}}, "values don't meet"),
        ({"refreshInterval": "hourly"}, "values don't meet"),
        ({"data": [{"secretKey": "url", "value": "postgresql://x"}]}, "values don't meet"),
    ],
)
def test_what_cannot_work_is_refused(refused: Refused, changes: Document, said: str) -> None:
    assert said in refused({"externalSecrets": [DATABASE | changes]})


@pytest.mark.parametrize(
    ("name", "keys", "missing"),
    [
        ("sluis-provider-keys", ["OTHER_KEY"], "OPENAI_API_KEY"),
        ("sluis-secrets", ["kek", "pepper", "placeholder"], "worker-token"),
    ],
)
def test_a_key_that_a_process_needs_is_asked_for(
    refused: Refused, name: str, keys: list[str], missing: str
) -> None:
    data = [{"secretKey": key, "remoteRef": {"key": "sluis"}} for key in keys]
    external = {"name": name, "storeRef": STORE, "data": data}
    message = refused({"externalSecrets": [external]})
    assert f"externalSecrets: {name} has no key {missing}, which is needed" in message


def test_one_is_not_listed_twice(refused: Refused) -> None:
    message = refused({"externalSecrets": [DATABASE, DATABASE]})
    assert "sluis-database is listed twice" in message
