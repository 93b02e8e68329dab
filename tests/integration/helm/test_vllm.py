"""vLLM in the chart: its model, accelerators and address, and what contradicts config."""

import copy
import re
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from gateway.governance.catalogue.config_file import parse
from tests.integration.helm.test_monitoring import exposed
from tests.support.chart import (
    CHART,
    Document,
    Rendered,
    environment,
    flows,
    mounts,
    named,
    of_kind,
    processes,
    validate,
)

pytestmark = pytest.mark.integration

Helm = Callable[..., "subprocess.CompletedProcess[str]"]
Render = Callable[..., list[Document]]
Refused = Callable[..., str]
VALUES: Document = yaml.safe_load((CHART / "ci" / "vllm-values.yaml").read_text(encoding="utf-8"))
# As vLLM writes them since 0.12; the values do not matter.
SCRAPED = [
    (f"vllm:{name}", {"model_name": "letters@2", **more})
    for name, more in (
        ("num_requests_running", {}),
        ("num_requests_waiting", {}),
        ("kv_cache_usage_perc", {}),
        ("prompt_tokens_total", {}),
        ("generation_tokens_total", {}),
        ("request_success_total", {"finished_reason": "stop"}),
        ("num_preemptions_total", {}),
        *(
            (f"{one}{end}", {})
            for one in (
                "e2e_request_latency_seconds",
                "time_to_first_token_seconds",
                "request_time_per_output_token_seconds",
                "request_queue_time_seconds",
            )
            for end in ("_bucket", "_sum", "_count")
        ),
    )
]
PLAIN: Document = {
    "vllm": {"tls": {"existingSecret": ""}, "plainHttp": True, "apiKey": {"existingSecret": ""}},
    "config": {
        "providers": [
            {
                "name": "vllm",
                "kind": "vllm",
                "zone": "internal",
                "base_url": "http://sluis-vllm:8000/v1",
                "plain_http": True,
            }
        ]
    },
}


def deployment(documents: list[Document]) -> Document:
    return named(documents, "Deployment", "sluis-vllm")


def pod(documents: list[Document]) -> Document:
    return dict(deployment(documents)["spec"]["template"])


def changed(**fields: Any) -> Document:
    """The provider of the example, otherwise; a field of None is left out."""
    provider = copy.deepcopy(VALUES["config"]["providers"][0]) | fields
    return {
        "config": {"providers": [{k: v for k, v in provider.items() if v is not None}]},
    }


def test_it_is_off_by_default(rendered: Rendered) -> None:
    assert "vllm" not in str(rendered["default"])


def test_it_serves_the_model_of_the_claim_under_its_name(rendered: Rendered) -> None:
    documents = rendered["vllm"]
    container = pod(documents)["spec"]["containers"][0]
    assert container["command"] == ["vllm", "serve"]
    model, *options = container["args"]
    assert model == "/models/mistral-small-3.2"
    assert {"--served-model-name=mistral-small", "--port=8000"} <= set(options)
    assert options[-1] == "--tool-call-parser=mistral"
    claim = {"claimName": "sluis-models", "readOnly": True}
    mount = mounts(pod(documents))["/models"]
    assert mount["readOnly"] is True
    assert mount["volume"]["persistentVolumeClaim"] == claim
    config = parse(
        named(documents, "ConfigMap", "sluis-config")["data"]["sluis.yaml"], source="sluis.yaml"
    )
    assert config.deployments[0].model == "mistral-small"
    service = named(documents, "Service", "sluis-vllm")["spec"]
    assert config.providers[0].base_url == f"https://sluis-vllm:{service['ports'][0]['port']}/v1"


def test_accelerators_and_shared_memory_are_those_of_the_values(render: Render) -> None:
    documents = render({"vllm": {"gpu": {"resource": "amd.com/gpu", "count": 4}}}, profile="vllm")
    spec = pod(documents)["spec"]
    container = spec["containers"][0]
    assert container["resources"]["limits"] == {"memory": "96Gi", "amd.com/gpu": 4}
    assert "--tensor-parallel-size=4" in container["args"]
    assert spec["runtimeClassName"] == "nvidia"
    volumes = [mount["volume"] for mount in mounts(pod(documents)).values()]
    shared = {"medium": "Memory", "sizeLimit": "8Gi"}
    assert {"name": "shm", "emptyDir": shared} in volumes
    without = render({"vllm": {"gpu": {"count": 0}}}, profile="vllm")
    container = pod(without)["spec"]["containers"][0]
    assert container["resources"]["limits"] == {"memory": "96Gi"}
    assert not [one for one in container["args"] if "tensor" in one]


def test_it_reaches_nothing_and_downloads_nothing(rendered: Rendered) -> None:
    documents = rendered["vllm"]
    labels = pod(documents)["metadata"]["labels"]
    assert set(flows(documents, labels, "egress")) == set()
    assert set(flows(documents, labels, "ingress")) == {("gateway", "TCP", 8000)}
    variables = {name: one.get("value") for name, one in environment(pod(documents)).items()}
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "VLLM_NO_USAGE_STATS"):
        assert variables[name] == "1"
    written = [v for k, v in variables.items() if k.endswith(("HOME", "DIR"))]
    assert written
    writable = [path for path, one in mounts(pod(documents)).items() if "readOnly" not in one]
    assert all(any(str(one).startswith(path) for path in writable) for one in written)


def test_prometheus_does_not_reach_it(render: Render) -> None:
    values = {"metrics": {"allowFrom": [{"namespace": "monitoring"}]}}
    documents = render(values, profile="vllm")
    labels = pod(documents)["metadata"]["labels"]
    assert set(flows(documents, labels, "ingress")) == {("gateway", "TCP", 8000)}


def test_prometheus_reaches_it_where_that_is_wanted_under_the_names_of_the_worker(
    render: Render,
) -> None:
    wanted = {
        "vllm": {"metrics": {"enabled": True}},
        "metrics": {
            "allowFrom": [{"namespace": "monitoring"}],
            "serviceMonitor": {"enabled": True},
        },
    }
    documents = render(wanted, profile="vllm")
    labels = pod(documents)["metadata"]["labels"]
    callers = {("gateway", "TCP", 8000), ("monitoring/", "TCP", 8000)}
    assert set(flows(documents, labels, "ingress")) == callers
    monitor = named(documents, "ServiceMonitor", "sluis-vllm")
    validate(monitor)
    (endpoint,) = monitor["spec"]["endpoints"]
    assert (endpoint["scheme"], endpoint["tlsConfig"]["serverName"]) == ("https", "sluis-vllm")
    lines = [relabelled(line, endpoint["metricRelabelings"]) for line in SCRAPED]
    assert {name for name, _ in lines if not name.startswith("vllm:")} <= exposed().keys()
    assert ("sluis_worker_requests_running", {"gen_ai_request_model": "letters@2"}) in lines
    finished = {"gen_ai_request_model": "letters@2", "sluis_outcome": "stop"}
    assert ("sluis_worker_requests_total", finished) in lines
    kept = [name for name, _ in lines if name.startswith("vllm:")]
    assert kept == ["vllm:num_preemptions_total"]


def relabelled(
    line: tuple[str, dict[str, str]], rules: list[dict[str, Any]]
) -> tuple[str, dict[str, str]]:
    """A metric after the rules of its monitor, as Prometheus applies them."""
    labels = {"__name__": line[0], **line[1]}
    for rule in rules:
        (source,) = rule["sourceLabels"]
        if found := re.fullmatch(rule["regex"], labels.get(source, "")):
            labels[rule["targetLabel"]] = found.expand(rule["replacement"].replace("$", "\\"))
    name = labels.pop("__name__")
    return name, {k: v for k, v in labels.items() if k not in ("model_name", "finished_reason")}


def test_each_pod_loads_the_adapters_at_every_start(render: Render, refused: Refused) -> None:
    adapters = [{"name": "letters@2", "path": "letters-2"}, {"name": "tone@1", "path": "a/tone"}]
    deployments = [
        {"name": "letters", "provider": "vllm", "version": "letters@production"},
        {"name": "tone", "provider": "vllm", "model": "tone@1"},
    ]
    values = {
        "vllm": {"adapters": adapters},
        "config": {"deployments": deployments, "aliases": []},
    }
    documents = render(values, profile="vllm")
    arguments = pod(documents)["spec"]["containers"][0]["args"]
    at = arguments.index("--lora-modules")
    assert arguments[at - 1] == "--enable-lora"
    assert arguments[at + 1 : at + 3] == ["letters@2=/models/letters-2", "tone@1=/models/a/tone"]
    assert arguments[at + 3].startswith("--")
    deployments[1]["model"] = "other@1"
    assert "vllm serves mistral-small, letters@2, tone@1" in refused(values, profile="vllm")
    twice = {"vllm": {"adapters": adapters, "extraArgs": ["--lora-modules=x=/models/x"]}}
    assert "leave one of them out" in refused(twice, profile="vllm")


def test_its_key_and_its_certificate_are_where_they_are_needed(rendered: Rendered) -> None:
    documents = rendered["vllm"]
    source = environment(pod(documents))["VLLM_API_KEY"]["valueFrom"]
    assert source == {"secretKeyRef": {"name": "sluis-vllm-key", "key": "api-key"}}
    container = pod(documents)["spec"]["containers"][0]
    probes = ("startupProbe", "livenessProbe", "readinessProbe")
    assert {container[one]["httpGet"]["scheme"] for one in probes} == {"HTTPS"}
    files = {
        name: [
            item["key"] for item in mounts(one)["/etc/sluis/vllm-tls"]["volume"]["secret"]["items"]
        ]
        for name, one, _ in processes(documents)
        if "/etc/sluis/vllm-tls" in mounts(one)
    }
    assert files == {"vllm": ["tls.crt", "tls.key"], "gateway": ["ca.crt"]}


def test_without_tls_both_sides_state_it(render: Render) -> None:
    documents = render(PLAIN, profile="vllm")
    container = pod(documents)["spec"]["containers"][0]
    assert container["readinessProbe"]["httpGet"]["scheme"] == "HTTP"
    assert not [one for one in container["args"] if "ssl" in one]
    assert "VLLM_API_KEY" not in environment(pod(documents))
    assert "/etc/sluis/vllm-tls" not in mounts(
        named(documents, "Deployment", "sluis-gateway")["spec"]["template"]
    )


def test_a_rollout_waits_for_the_model_to_load(render: Render) -> None:
    values = {"vllm": {"startupSeconds": 605, "replicas": 1}}
    documents = render(values, profile="vllm")
    spec = deployment(documents)["spec"]
    startup = pod(documents)["spec"]["containers"][0]["startupProbe"]
    assert startup["periodSeconds"] * startup["failureThreshold"] >= 605
    assert spec["progressDeadlineSeconds"] > 605
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 0, "maxUnavailable": 1}
    budgets = {one["metadata"]["name"] for one in of_kind(documents, "PodDisruptionBudget")}
    assert "sluis-vllm" not in budgets


def test_several_pods_have_a_budget(rendered: Rendered) -> None:
    budget = named(rendered["vllm"], "PodDisruptionBudget", "sluis-vllm")["spec"]
    assert budget["minAvailable"] == 1
    assert (
        budget["selector"]["matchLabels"].items()
        <= pod(rendered["vllm"])["metadata"]["labels"].items()
    )


def test_additions_reach_its_pod(render: Render) -> None:
    values = {
        "vllm": {
            "extraEnv": [{"name": "NCCL_DEBUG", "value": "WARN"}],
            "extraVolumes": [{"name": "adapters", "persistentVolumeClaim": {"claimName": "lora"}}],
            "extraVolumeMounts": [{"name": "adapters", "mountPath": "/adapters"}],
            "podAnnotations": {"example.nl/cost-centre": "4711"},
        }
    }
    documents = render(values, profile="vllm")
    for document in documents:
        validate(document)
    assert environment(pod(documents))["NCCL_DEBUG"]["value"] == "WARN"
    assert "/adapters" in mounts(pod(documents))
    assert pod(documents)["metadata"]["annotations"]["example.nl/cost-centre"] == "4711"


@pytest.mark.parametrize(
    "argument",
    [
        "--api-key=abc",
        "--api_key=abc",
        "--model=/other",
        "--port=9000",
        "--ssl-keyfile=/x",
        "--config=/models/vllm.yaml",
        "--hf-token=hf_abc",
        "--enable-log-requests",
        "--enable-log-outputs",
        "--no-disable-log-requests",
        "--tensor-parallel-size=2",
        "hf_abcdefgh",
        "--x=sk-abc",
    ],
)
def test_arguments_that_are_the_charts_or_secret_or_log_content_are_refused(
    refused: Refused, argument: str
) -> None:
    assert "values don't meet" in refused({"vllm": {"extraArgs": [argument]}}, profile="vllm")


@pytest.mark.parametrize(
    "argument", ["--model-impl=vllm", "--config-format=mistral", "--hf-overrides={}", "-O3"]
)
def test_arguments_that_are_only_alike_are_taken(render: Render, argument: str) -> None:
    documents = render({"vllm": {"extraArgs": [argument]}}, profile="vllm")
    assert pod(documents)["spec"]["containers"][0]["args"][-1] == argument


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"vllm": {"image": {"digest": ""}}}, "vllm.image.repository and vllm.image.digest"),
        ({"vllm": {"models": {"existingClaim": ""}}}, "- vllm.models.existingClaim"),
        ({"vllm": {"models": {"path": ""}}}, "- vllm.models.path"),
        ({"vllm": {"servedName": ""}}, "- vllm.servedName"),
        ({"vllm": {"tls": {"existingSecret": ""}}}, "without TLS: name a certificate"),
        ({"vllm": {"plainHttp": True}}, "leave one of them out"),
        ({"vllm": {"rollout": {"maxUnavailable": 0}}}, "no pod can ever be replaced"),
        (
            {"vllm": {"resources": {"limits": {"nvidia.com/gpu": 1}}}},
            "set vllm.gpu.count instead",
        ),
        ({"vllm": {"preStopSleepSeconds": 116}}, "vllm.terminationGracePeriodSeconds"),
        ({"vllm": {"extraEnv": [{"name": "HF_HUB_OFFLINE", "value": "0"}]}}, "set by the chart"),
        (changed(base_url="http://sluis-vllm:8000/v1"), "vllm serves https://sluis-vllm:8000/v1"),
        (changed(base_url="https://sluis-vllm.default.svc:443/v1"), "and vllm serves https://"),
        (changed(base_url="https://sluis-vllm:8000"), "and vllm serves https://"),
        (changed(zone="eu"), "its zone is internal"),
        (changed(ca=None), "needs ca: /etc/sluis/vllm-tls/ca.crt"),
        (changed(api_key=None), "needs api_key: env:NAME"),
        ({"config": {"internal_networks": []}}, "the cluster's range of Services"),
        (
            {"config": {"deployments": [{"name": "a", "provider": "vllm", "model": "other"}]}},
            "deployment a asks for the model other, and vllm serves mistral-small",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(refused: Refused, values: Document, said: str) -> None:
    assert said in refused(values, profile="vllm")


def test_plain_http_that_the_provider_does_not_state_is_refused(refused: Refused) -> None:
    values = copy.deepcopy(PLAIN)
    del values["config"]["providers"][0]["plain_http"]
    assert "needs plain_http: true" in refused(values, profile="vllm")


@pytest.mark.parametrize(
    "values",
    [
        changed(base_url="https://sluis-vllm.default.svc.cluster.local:8000/v1"),
        changed(ca=None) | {"caBundle": {"existingConfigMap": "roots"}},
        {
            "vllm": {"extraArgs": ["--enable-lora", "--lora-modules", "legal=/models/legal"]},
            "config": {"deployments": [{"name": "legal", "provider": "vllm", "model": "legal"}]},
        },
        {"config": {"providers": [{"name": "other", "kind": "vllm", "zone": "internal",
                                   "base_url": "https://engines.example.nl:8000/v1"}]}},
    ],
)  # fmt: skip
def test_other_true_ways_to_say_it_are_taken(render: Render, values: Document) -> None:
    assert deployment(render(values, profile="vllm"))


def test_the_notes_say_where_it_is(helm: Helm) -> None:
    done = helm("install", "--dry-run=client", "--generate-name", profile="vllm")
    assert done.returncode == 0, done.stderr
    assert "vLLM serves mistral-small at https://" in done.stdout
    assert 'api_key: "env:VLLM_KEY"' in done.stdout
