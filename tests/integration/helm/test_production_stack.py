"""The example for the vLLM production stack: its values and those of Sluis name the same things."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from gateway.governance.catalogue.config_file import parse
from tests.support.chart import CHART, Document, named, processes, validate
from tests.support.vllm_api import names_of

pytestmark = pytest.mark.integration

Render = Callable[..., list[Document]]
FOLDER = Path(__file__).resolve().parents[3] / "deploy" / "vllm-production-stack"
SLUIS = (FOLDER / "sluis-values.yaml").read_text(encoding="utf-8")
RELEASE = NAMESPACE = "vllm"


@pytest.fixture
def stack() -> Document:
    return dict(yaml.safe_load((FOLDER / "stack-values.yaml").read_text(encoding="utf-8")))


@pytest.fixture
def sluis(render: Render) -> list[Document]:
    return render(yaml.safe_load(SLUIS))


def test_the_gateway_asks_the_service_of_the_router(stack: Document, sluis: list[Document]) -> None:
    port = stack["routerSpec"]["servicePort"]
    config = parse(yaml.safe_dump(yaml.safe_load(SLUIS)["config"]), source="sluis-values.yaml")
    (provider,) = config.providers
    host = f"{RELEASE}-router-service.{NAMESPACE}.svc.cluster.local"
    assert provider.base_url == f"http://{host}:{port}/v1"
    policy = named(sluis, "NetworkPolicy", "sluis-gateway")
    ranges = {
        peer["ipBlock"]["cidr"]
        for rule in policy["spec"]["egress"]
        if {"protocol": "TCP", "port": port} in rule["ports"]
        for peer in rule["to"]
    }
    assert ranges == {"10.244.0.0/16", "10.96.0.0/12"}


def test_the_registered_names_are_those_of_the_engine(stack: Document) -> None:
    (model,) = stack["servingEngineSpec"]["modelSpec"]
    assert model["enableLoRA"] is True
    arguments = ["--enable-lora", *model["vllmConfig"]["extraArgs"]]
    registered = re.findall(r"register-engine (\S+) \d+ --served-name (\S+)", SLUIS)
    assert names_of(arguments) == [name for _, name in registered]
    config = yaml.safe_load(SLUIS)["config"]
    versions = [one["version"] for one in config["deployments"]]
    assert versions == [f"{name}@production" for name, _ in registered]
    contexts = {one["capabilities"]["context"] for one in config["deployments"]}
    assert contexts == {model["vllmConfig"]["maxModelLen"]}


def test_the_engine_downloads_nothing_and_reads_the_model_only(stack: Document) -> None:
    engine = stack["servingEngineSpec"]
    environment = {one["name"]: one["value"] for one in engine["env"]}
    assert environment["HF_HUB_OFFLINE"] == environment["TRANSFORMERS_OFFLINE"] == "1"
    assert engine["vllmApiKey"]["secretName"]
    (model,) = engine["modelSpec"]
    (mount,) = model["extraVolumeMounts"]
    assert mount["readOnly"] is True
    assert model["modelURL"].startswith(f"{mount['mountPath']}/")
    for image in (model, stack["routerSpec"]):
        assert re.fullmatch(r"\S+@sha256:[0-9a-f]{64}", f"{image['repository']}:{image['tag']}")


def test_the_gateway_alone_reaches_the_router(stack: Document, sluis: list[Document]) -> None:
    router, engines = stack["extraObjects"]
    for policy in (router, engines):
        validate(policy)
        assert policy["metadata"]["namespace"] == NAMESPACE
    assert router["spec"]["podSelector"]["matchLabels"] == stack["routerSpec"]["labels"]
    assert engines["spec"]["podSelector"]["matchLabels"] == stack["servingEngineSpec"]["labels"]
    (rule,) = router["spec"]["ingress"]
    (peer,) = rule["from"]
    labels = {name: pod["metadata"]["labels"] for name, pod, _ in processes(sluis)}
    wanted = peer["podSelector"]["matchLabels"].items()
    assert [name for name, own in labels.items() if wanted <= own.items()] == ["gateway"]
    assert rule["ports"] == [{"protocol": "TCP", "port": stack["routerSpec"]["containerPort"]}]
    assert engines["spec"]["egress"] == []


def test_metrics_have_the_names_of_the_model_worker(stack: Document) -> None:
    rules = yaml.safe_load((CHART / "rules" / "vllm-metrics.yaml").read_text(encoding="utf-8"))
    assert stack["servingEngineSpec"]["serviceMonitor"]["metricRelabelings"] == rules
