"""Settings of the product as values: sluis.yaml, sign-on, witnesses, erasures and telemetry."""

import base64
import copy
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from gateway.governance.catalogue.config_file import ConfigFile, parse
from gateway.governance.catalogue.identity_nodes import IdentityNode
from gateway.processes.settings import read
from tests.support.chart import (
    CHART,
    Document,
    environment,
    flows,
    mounts,
    named,
    processes,
    validate,
)

pytestmark = pytest.mark.integration

Render = Callable[..., list[Document]]
Refused = Callable[..., str]
ISSUER = {
    "name": "entra",
    "profile": "entra",
    "issuer": "https://login.microsoftonline.com/tenant/v2.0",
    "audience": "api://sluis",
    "groups": [{"group": "analysts", "team": "support", "models": ["assistant"]}],
}
CLIENT = {"issuer": "entra", "client_id": "console", "client_secret": "env:CONSOLE_SECRET"}
SIGN_ON: Document = {
    "config": {
        "teams": [{"name": "support"}],
        "identity": {"issuers": [ISSUER], "console": CLIENT},
    },
    "console": {
        "enabled": True,
        "url": "https://sluis.example.nl",
        "signOn": {"existingSecret": "sluis-console"},
    },
}
KEY = b"\x04" + bytes(range(32))
WITNESS_KEY = "w1+{}+{}".format(
    hashlib.sha256(b"w1\n" + KEY).hexdigest()[:8], base64.b64encode(KEY).decode()
)
WITNESSES: Document = {
    "witnesses": {
        "endpoints": [
            "https://witness.example.nl/w1",
            "s3+https://s3.example.nl/heads?days=400",
            "tsa+https://tsa.example.nl",
        ],
        "keys": [WITNESS_KEY],
        "region": "eu-central-1",
        "existingSecret": "sluis-object-storage",
        "tsaCertificates": {"existingConfigMap": "tsa"},
    },
    "network": {"witnesses": {"cidrs": ["198.51.100.0/24"]}},
}


def pod_of(documents: list[Document], component: str) -> Document:
    return dict(named(documents, "Deployment", f"sluis-{component}")["spec"]["template"])


def egress_of(documents: list[Document], component: str) -> set[tuple[str, str, int]]:
    return set(flows(documents, pod_of(documents, component)["metadata"]["labels"], "egress"))


def without(values: Document, *path: str) -> Document:
    changed = copy.deepcopy(values)
    inner: Any = changed
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return changed


def test_the_schema_takes_every_section_of_the_configuration_file() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    config = schema["properties"]["config"]
    assert config["additionalProperties"] is False
    assert set(config["properties"]) == set(ConfigFile.model_fields)
    identity = config["properties"]["identity"]
    assert set(identity["properties"]) == set(IdentityNode.model_fields)


def test_a_whole_configuration_reaches_the_product(render: Render) -> None:
    config = {
        "organisation": {"name": "Voorbeeld NV", "data_protection_officer": "fg@example.nl"},
        "reports": {"timezone": "Europe/Amsterdam", "regular": [{"kind": "activity"}]},
        "privacy": {"persons": "pseudonymous"},
        "audit": {"reveals_per_day": 10},
        "approvals": {"one_person": "never"},
        "internal_networks": [{"network": "203.0.113.0/24", "public": True}],
    }
    document = named(render({"config": config}), "ConfigMap", "sluis-config")
    parsed = parse(document["data"]["sluis.yaml"], source="sluis.yaml")
    assert parsed.organisation is not None
    assert parsed.organisation.name == "Voorbeeld NV"
    assert parsed.reports.timezone == "Europe/Amsterdam"
    assert parsed.privacy.persons == "pseudonymous"
    assert parsed.audit.reveals_per_day == 10


@pytest.mark.parametrize(
    "provider",
    [
        {"entra": {"secret": "inline"}},
        {"aws": {"secret_key": "inline"}},
        {"aws": {"session_token": "inline"}},
    ],
)
def test_credentials_of_providers_are_references(refused: Refused, provider: Document) -> None:
    assert "values don't meet" in refused({"config": {"providers": [provider]}})


def test_the_console_signs_on_with_one_secret_and_one_way_out(render: Render) -> None:
    documents = render(SIGN_ON)
    for document in documents:
        validate(document)
    pod = pod_of(documents, "console")
    variables = environment(pod)
    assert variables["CONSOLE_SECRET"]["valueFrom"]["secretKeyRef"] == {
        "name": "sluis-console",
        "key": "client-secret",
    }
    folder, _, file = variables["SLUIS_CONFIG"]["value"].rpartition("/")
    source = mounts(pod)[folder]["volume"]["configMap"]["name"]
    parsed = parse(named(documents, "ConfigMap", source)["data"][file], source=file)
    assert parsed.identity.console is not None
    assert parsed.identity.console.client_id == "console"
    assert parsed.identity.issuers[0].issuer == ISSUER["issuer"]
    assert not parsed.providers
    assert egress_of(documents, "console") >= {("203.0.113.7/32", "TCP", 443)}
    holders = {name for name, pod, _ in processes(documents) if "CONSOLE_SECRET" in str(pod)}
    assert holders == {"console"}


def test_a_changed_client_starts_the_console_again(render: Render) -> None:
    changed = copy.deepcopy(SIGN_ON)
    changed["config"]["identity"]["console"]["client_id"] = "another"
    marks = [
        pod_of(render(one), "console")["metadata"]["annotations"] for one in (SIGN_ON, changed)
    ]
    assert marks[0] != marks[1]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (without(SIGN_ON, "console", "signOn"), "console.signOn.existingSecret"),
        (SIGN_ON | {"network": {"identity": {"cidrs": []}}}, "network.identity.cidrs"),
        (
            SIGN_ON | {"console": SIGN_ON["console"] | {"replicas": 2}},
            "console.replicas must be 1",
        ),
    ],
)
def test_a_sign_on_that_cannot_work_is_refused(
    refused: Refused, values: Document, said: str
) -> None:
    assert said in refused(values)


def test_the_control_plane_alone_shows_heads_to_witnesses(
    render: Render, tmp_path_factory: pytest.TempPathFactory
) -> None:
    documents = render(WITNESSES, profile="worker-hpa")
    for document in documents:
        validate(document)
    holders = {name for name, pod, _ in processes(documents) if "SLUIS_WITNESSES" in str(pod)}
    assert holders == {"control"}
    pod = pod_of(documents, "control")
    values = {name: one["value"] for name, one in environment(pod).items() if "value" in one}
    folder, _, file = values["SLUIS_TSA_CERTS"].rpartition("/")
    assert mounts(pod)[folder]["volume"]["configMap"]["items"][0]["path"] == file
    certificates = tmp_path_factory.mktemp("tsa") / "ca.crt"
    certificates.write_text("", encoding="ascii")
    with_login = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    wanted = values | with_login
    del wanted["SLUIS_TSA_CERTS"]
    wanted["SLUIS_WITNESSES"] = ",".join(values["SLUIS_WITNESSES"].split(",")[:2])
    read_back = read(wanted).witnessing
    assert [place.kind for place in read_back.endpoints] == ["http", "s3"]
    assert read_back.endpoints[1].region == "eu-central-1"
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        source = environment(pod)[name]["valueFrom"]["secretKeyRef"]
        assert source == {"name": "sluis-object-storage", "key": name}
    assert ("198.51.100.0/24", "TCP", 443) in egress_of(documents, "control")
    assert ("198.51.100.0/24", "TCP", 443) not in egress_of(documents, "gateway")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (without(WITNESSES, "network"), "network.witnesses"),
        (without(WITNESSES, "witnesses", "keys"), "witnesses.keys"),
        (without(WITNESSES, "witnesses", "tsaCertificates"), "witnesses.tsaCertificates"),
        ({"witnesses": {"endpoints": ["https://user:pw@witness.example.nl"]}}, "don't meet"),
        ({"witnesses": {"endpoints": ["https://a.example.nl,file:/x"]}}, "don't meet"),
    ],
)
def test_witnesses_that_cannot_work_are_refused(
    refused: Refused, values: Document, said: str
) -> None:
    assert said in refused(values)


EVENTS: Document = {
    "securityEvents": {
        "destinations": ["syslog+tls://siem.example.nl", "otlp+https://collector.example.nl"]
    },
    "network": {"securityEvents": {"cidrs": ["198.51.100.7/32"]}},
}


def test_the_control_plane_alone_sends_security_events(render: Render) -> None:
    documents = render(EVENTS, profile="worker-hpa")
    for document in documents:
        validate(document)
    holders = {name for name, pod, _ in processes(documents) if "SLUIS_SECURITY_EVENTS" in str(pod)}
    assert holders == {"control"}
    value = environment(pod_of(documents, "control"))["SLUIS_SECURITY_EVENTS"]["value"]
    places = read({"SLUIS_SECURITY_EVENTS": value}).security_events
    assert [place.label for place in places] == [
        "tls:siem.example.nl:6514",
        "otlp:collector.example.nl:4318",
    ]
    assert ("198.51.100.7/32", "TCP", 6514) in egress_of(documents, "control")
    assert ("198.51.100.7/32", "TCP", 6514) not in egress_of(documents, "gateway")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (without(EVENTS, "network"), "network.securityEvents"),
        ({"securityEvents": {"destinations": ["syslog+udp://siem.example.nl"]}}, "don't meet"),
        ({"securityEvents": {"destinations": ["otlp+https://u:p@a.example.nl"]}}, "don't meet"),
    ],
)
def test_security_events_that_cannot_be_sent_are_refused(
    refused: Refused, values: Document, said: str
) -> None:
    assert said in refused(values)


def test_erasures_are_on_a_volume_of_the_control_plane(render: Render) -> None:
    documents = render({"erasures": {"existingClaim": "sluis-erasures"}})
    for name, pod, _ in processes(documents):
        assert ("SLUIS_ERASURES" in environment(pod)) is (name == "control")
    pod = pod_of(documents, "control")
    folder, _, file = environment(pod)["SLUIS_ERASURES"]["value"].rpartition("/")
    mount = mounts(pod)[folder]
    assert mount["volume"]["persistentVolumeClaim"] == {"claimName": "sluis-erasures"}
    assert "readOnly" not in mount
    assert file == "erasures.jsonl"


def test_telemetry_goes_from_the_gateway_to_the_collector(render: Render) -> None:
    values = {
        "otel": {
            "endpoint": "http://collector.observability:4318",
            "tracesSampled": 0.25,
            "metricsIntervalMilliseconds": 15000,
        },
        "network": {"telemetry": {"namespace": "observability"}},
    }
    documents = render(values)
    for name, pod, _ in processes(documents):
        present = {one.startswith("OTEL_") for one in environment(pod)}
        assert (True in present) is (name == "gateway")
    variables = environment(pod_of(documents, "gateway"))
    settings = read({k: v["value"] for k, v in variables.items() if "value" in v})
    assert settings.otlp_endpoint == "http://collector.observability:4318"
    assert settings.otlp_sampled == 0.25
    assert settings.otlp_metrics_every_s == 15
    assert ("observability/", "TCP", 4318) in egress_of(documents, "gateway")
    assert ("observability/", "TCP", 4318) not in egress_of(documents, "control")


def test_a_collector_that_nothing_can_reach_is_refused(refused: Refused) -> None:
    assert "network.telemetry" in refused({"otel": {"endpoint": "http://collector:4318"}})


def test_internal_only_refuses_a_public_witness_and_collector(refused: Refused) -> None:
    for name, values in (
        ("witnesses", {"witnesses": {"endpoints": ["s3+https://s3.example.nl/heads"]}}),
        ("telemetry", {"otel": {"endpoint": "https://collector.example.nl"}}),
    ):
        public = {"network": {name: {"cidrs": ["8.8.8.0/24"]}}}
        message = refused(values | public, profile="internal-only")
        assert f"network.{name}: 8.8.8.0/24 is not a private network" in message


def test_the_examples_of_the_readme_render(render: Render) -> None:
    text = (CHART / "README.md").read_text(encoding="utf-8")
    examples = [part.partition("```")[0] for part in text.split("```yaml\n")[1:]]
    whole = [yaml.safe_load(one) for one in examples]
    assert len(whole) >= 3
    for values in whole:
        wrapped = {"config": values} if "providers" in values else values
        for document in render(wrapped):
            validate(document)


LIMITED: Document = {
    "config": {"teams": [{"name": "support", "per_person": {"budget": {"amount": 10}}}]},
    "gateway": {"replicas": 2},
}


def test_who_counts_and_who_checks_get_the_store_of_limits(render: Render) -> None:
    values: Document = {
        **LIMITED,
        "valkey": {"existingSecret": "sluis-valkey", "timeoutMilliseconds": 100},
        "network": {"valkey": {"cidrs": ["10.30.0.7/32"]}},
    }
    documents = render(values)
    for name, pod, _ in processes(documents):
        assert ("SLUIS_VALKEY_URL" in environment(pod)) is (name in {"gateway", "control"})
    variables = environment(pod_of(documents, "gateway"))
    source = {"secretKeyRef": {"name": "sluis-valkey", "key": "url"}}
    assert variables["SLUIS_VALKEY_URL"]["valueFrom"] == source
    assert variables["SLUIS_VALKEY_TIMEOUT_MS"]["value"] == "100"
    for component in ("gateway", "control"):
        assert ("10.30.0.7/32", "TCP", 6379) in egress_of(documents, component)
    labels = named(documents, "Job", "sluis-migrate")["spec"]["template"]["metadata"]["labels"]
    assert ("10.30.0.7/32", "TCP", 6379) not in set(flows(documents, labels, "egress"))


def test_a_store_that_nothing_can_reach_is_refused(refused: Refused) -> None:
    assert "network.valkey" in refused({"valkey": {"existingSecret": "sluis-valkey"}})


@pytest.mark.parametrize("gateway", [{"replicas": 2}, {"autoscaling": {"enabled": True}}])
def test_replicas_that_would_each_allow_the_whole_of_a_limit_are_refused(
    refused: Refused, render: Render, gateway: Document
) -> None:
    limited = {**LIMITED, "gateway": {"replicas": 1, **gateway}}
    assert "valkey.existingSecret" in refused(limited)
    documents = render({**limited, "valkey": {"countPerReplica": True}})
    for component in ("gateway", "control"):
        given = environment(pod_of(documents, component))
        assert given["SLUIS_COUNT_PER_REPLICA"]["value"] == "on"


@pytest.mark.parametrize(
    "values",
    [
        {**LIMITED, "gateway": {"replicas": 1}},
        {"config": {"teams": [{"name": "support"}]}, "gateway": {"replicas": 3}},
        {"config": {"teams": [{"name": "support", "budget": None}]}, "gateway": {"replicas": 3}},
    ],
)
def test_one_gateway_or_no_limit_needs_no_store(render: Render, values: Document) -> None:
    deployment = named(render(values), "Deployment", "sluis-gateway")
    assert deployment["spec"]["strategy"]["rollingUpdate"]["maxSurge"] == 1


@pytest.mark.parametrize("uploads", [False, True])
def test_only_the_control_plane_writes_models_and_only_for_uploads(
    render: Render, uploads: bool
) -> None:
    models = {"existingClaim": "models", "uploads": uploads}
    documents = render({"worker": {"enabled": True, "models": models}})
    for process, writes in (("control", uploads), ("worker", False)):
        pod = pod_of(documents, process)
        mount = mounts(pod)["/models"]
        assert mount.get("readOnly", False) is not writes
        assert ("SLUIS_MODELS_DIR" in environment(pod)) is writes
