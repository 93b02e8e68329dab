"""What a platform adds to pods: environment, volumes, labels, annotations and placement."""

from collections.abc import Callable

import pytest

from tests.support.chart import Document, environment, mounts, named, of_kind, processes, validate

pytestmark = pytest.mark.integration

Render = Callable[..., list[Document]]
Refused = Callable[..., str]
SECTIONS = {
    "gateway": ["gateway"],
    "control": ["control"],
    "worker": ["worker"],
    "console": ["console"],
    "hooks": ["migrate", "apply"],
}
AFFINITY = {
    "nodeAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": {
            "nodeSelectorTerms": [
                {"matchExpressions": [{"key": "pool", "operator": "In", "values": ["apps"]}]}
            ]
        }
    }
}
EXTRAS = {
    "extraEnv": [
        {"name": "HTTPS_PROXY", "value": "http://proxy.example.nl:3128"},
        {
            "name": "PROXY_PASSWORD",
            "valueFrom": {"secretKeyRef": {"name": "proxy", "key": "password"}},
        },
    ],
    "extraEnvFrom": [{"secretRef": {"name": "more"}}, {"configMapRef": {"name": "settings"}}],
    "extraVolumes": [{"name": "tokens", "emptyDir": {"sizeLimit": "1Mi"}}],
    "extraVolumeMounts": [{"name": "tokens", "mountPath": "/var/run/tokens"}],
    "podAnnotations": {"sidecar.istio.io/inject": "false"},
    "podLabels": {"azure.workload.identity/use": "true"},
    "affinity": AFFINITY,
    "priorityClassName": "business-critical",
    "serviceAccount": {"annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/sluis"}},
}


@pytest.mark.parametrize("section", SECTIONS)
def test_extras_reach_the_processes_of_their_section_only(render: Render, section: str) -> None:
    documents = render({section: EXTRAS}, profile="worker-hpa")
    for name, pod, container in processes(documents):
        account = named(documents, "ServiceAccount", pod["spec"]["serviceAccountName"])
        present = {
            environment(pod).get("HTTPS_PROXY", {}).get("value") == "http://proxy.example.nl:3128",
            "valueFrom" in environment(pod).get("PROXY_PASSWORD", {}),
            {"secretRef": {"name": "more"}} in container.get("envFrom", []),
            {"configMapRef": {"name": "settings"}} in container.get("envFrom", []),
            "emptyDir" in mounts(pod).get("/var/run/tokens", {}).get("volume", {}),
            pod["metadata"].get("annotations", {}).get("sidecar.istio.io/inject") == "false",
            pod["metadata"]["labels"].get("azure.workload.identity/use") == "true",
            pod["spec"].get("affinity") == AFFINITY,
            pod["spec"].get("priorityClassName") == "business-critical",
            "eks.amazonaws.com/role-arn" in account["metadata"].get("annotations", {}),
        }
        assert present == {name in SECTIONS[section]}, name
    for document in documents:
        validate(document)


@pytest.mark.parametrize("component", ["gateway", "control", "worker", "console"])
def test_annotations_of_a_service_are_its_own(render: Render, component: str) -> None:
    wanted = {"cloud.example/internal": "true"}
    documents = render({component: {"service": {"annotations": wanted}}}, profile="worker-hpa")
    marked = [
        service["metadata"]["name"]
        for service in of_kind(documents, "Service")
        if service["metadata"].get("annotations") == wanted
    ]
    assert marked == [f"sluis-{component}"]


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "OPENAI_API_KEY", "value": "anything"},
        {"name": "SLUIS_TOKEN", "value": "anything"},
        {"name": "DB_PASSWORD", "value": "anything"},
        {"name": "CLIENT_SECRET", "value": "anything"},
        {"name": "SLUIS_DATABASE_URL", "value": "postgresql://db/sluis"},
        {"name": "HTTPS_PROXY", "value": "http://user:hunter2@proxy.example.nl:3128"},
        {"name": "ANYTHING", "value": "sk-live-0123"},
        {"name": "ANYTHING", "value": "-----BEGIN PRIVATE KEY-----"},
        {"name": "ANYTHING"},
        {"name": "not a name", "value": "x"},
        {"name": "ANYTHING", "value": "x", "valueFrom": {"fieldRef": {"fieldPath": "spec"}}},
    ],
)
def test_a_secret_in_clear_and_a_faulty_entry_are_refused(
    refused: Refused, entry: Document
) -> None:
    assert "values don't meet" in refused({"gateway": {"extraEnv": [entry]}})


@pytest.mark.parametrize(
    "name", ["VAULT_TOKEN_FILE", "SSL_KEY_PATH", "SLUIS_WITNESS_KEYS", "MONKEY_COUNT"]
)
def test_names_of_files_and_of_public_keys_take_a_value(render: Render, name: str) -> None:
    documents = render({"gateway": {"extraEnv": [{"name": name, "value": "/run/x"}]}})
    pod = named(documents, "Deployment", "sluis-gateway")["spec"]["template"]
    assert environment(pod)[name]["value"] == "/run/x"


@pytest.mark.parametrize(
    ("section", "names"),
    [
        ("gateway", ["SLUIS_DETECTORS"]),
        ("control", ["SLUIS_SECRETS_DIR"]),
        ("hooks", ["HOME"]),
        ("gateway", ["TWICE", "TWICE"]),
    ],
)
def test_a_variable_is_set_once(refused: Refused, section: str, names: list[str]) -> None:
    entries = [{"name": name, "value": "x"} for name in names]
    message = refused({section: {"extraEnv": entries}})
    assert f"{section}.extraEnv: {names[0]} is set by the chart already" in message


@pytest.mark.parametrize(
    "values",
    [
        {"extraVolumes": [{"name": "host", "hostPath": {"path": "/"}}]},
        {"extraVolumes": [{"name": "secrets", "emptyDir": {}}]},
        {"extraVolumeMounts": [{"name": "tokens", "mountPath": "relative"}]},
        {"podLabels": {"app.kubernetes.io/component": "worker"}},
        {"extraEnvFrom": [{"secretRef": {"name": "a"}, "configMapRef": {"name": "b"}}]},
        {"podAnnotations": {"number": 1}},
    ],
)
def test_what_breaks_the_pod_or_its_policies_is_refused(refused: Refused, values: Document) -> None:
    assert "values don't meet" in refused({"gateway": values})
