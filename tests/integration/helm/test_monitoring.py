"""Scraping, alert rules and the dashboard: every metric in them is one that the product exposes."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
import yaml

import gateway.worker
from gateway.classifiers.pool import DetectorPool
from gateway.evidence import Spool
from gateway.processes.gateway_telemetry import gateway_telemetry
from gateway.processes.settings import read
from tests.support.chart import (
    CHART,
    Document,
    environment,
    flows,
    named,
    of_kind,
    processes,
    validate,
)

pytestmark = pytest.mark.integration

Render = Callable[..., list[Document]]
Refused = Callable[..., str]
RULES = CHART / "rules" / "sluis.yaml"
DASHBOARD = CHART / "dashboards" / "sluis.json"
ON = {
    "metrics": {
        "allowFrom": [{"namespace": "monitoring"}],
        "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
        "rules": {"enabled": True, "labels": {"release": "prometheus"}},
        "dashboards": {"enabled": True, "annotations": {"grafana_folder": "AI"}},
    }
}


class Owner:
    """Stands in for the owners of values that gauges read."""

    waiting = oldest_s = characters = known = active = bytes = 0


def exposed() -> set[str]:
    """The names of all series that gateway and worker expose."""
    telemetry = gateway_telemetry(read({}), cast("Spool", Owner()), cast("DetectorPool", Owner()))
    found = set()
    text = telemetry.exposition()
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", text, flags=re.MULTILINE):
        found |= series(name, kind)
    # The worker's gauges exist for models that it serves; its code has their names.
    for file in Path(str(gateway.worker.__file__)).parent.glob("*.py"):
        for name in re.findall(
            r'"((?:gateway_worker|gen_ai_server)_\w+)"', file.read_text("utf-8")
        ):
            found |= series(name, "histogram" if name.endswith("_seconds") else "other")
    return found


def series(name: str, kind: str) -> set[str]:
    if kind == "histogram":
        return {f"{name}_{part}" for part in ("bucket", "sum", "count")}
    return {name}


def queries() -> Iterator[str]:
    for group in yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]:
        yield from (rule["expr"] for rule in group["rules"])
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    for panel in dashboard["panels"]:
        yield from (target["expr"] for target in panel.get("targets", []))
    yield from (one["query"] for one in dashboard["templating"]["list"] if one["type"] == "query")


def metrics_of(query: str) -> set[str]:
    """The metrics of a query: what is selected from, and every name in the form of one of ours."""
    bare = re.sub(r'"[^"]*"', '""', query)
    bare = re.sub(r"\b(?:by|without)\s*\([^)]*\)", "", bare)
    selected = set(re.findall(r"([a-zA-Z_:][\w:]*)\s*[\[{]", bare))
    return selected | set(re.findall(r"\b(?:sluis|gen_ai|gateway_worker)_\w+", bare))


def test_every_metric_of_rules_and_dashboard_exists() -> None:
    known = exposed()
    assert len(known) > 30
    found = {name for query in queries() for name in metrics_of(query)}
    assert len(found) > 15
    assert found <= known, sorted(found - known)


def test_a_metric_that_does_not_exist_is_seen() -> None:
    assert metrics_of('sum by (pod) (rate(invented_total{a="b"}[5m])) > sluis_other') == {
        "invented_total",
        "sluis_other",
    }


def test_each_alert_says_what_it_is_and_what_to_do() -> None:
    readme = (CHART / "README.md").read_text(encoding="utf-8")
    rules = [
        r for g in yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"] for r in g["rules"]
    ]
    names = [rule["alert"] for rule in rules]
    assert len(set(names)) == len(names)
    for rule in rules:
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}
        assert set(rule["annotations"]) == {"summary", "description"}
        assert rule["alert"] in readme


def test_nothing_of_it_is_rendered_by_default(render: Render) -> None:
    documents = render({}, profile="worker-hpa")
    assert not of_kind(documents, "ServiceMonitor", "PrometheusRule")
    assert "grafana" not in str(documents)


def test_the_operator_gets_its_kinds(render: Render) -> None:
    documents = render(ON, profile="worker-hpa")
    for document in documents:
        validate(document)
    monitors = of_kind(documents, "ServiceMonitor")
    for monitor in monitors:
        component = monitor["metadata"]["labels"]["app.kubernetes.io/component"]
        service = named(documents, "Service", f"sluis-{component}")
        wanted = monitor["spec"]["selector"]["matchLabels"]
        assert wanted.items() <= service["metadata"]["labels"].items()
        (endpoint,) = monitor["spec"]["endpoints"]
        assert endpoint["port"] == service["spec"]["ports"][0]["name"]
        assert monitor["metadata"]["labels"]["release"] == "prometheus"
        assert endpoint.get("scheme", "http") == {"gateway": "http", "worker": "https"}[component]
    assert len(monitors) == 2
    (rules,) = of_kind(documents, "PrometheusRule")
    assert rules["spec"] == yaml.safe_load(RULES.read_text(encoding="utf-8"))
    dashboards = named(documents, "ConfigMap", "sluis-dashboards")
    assert dashboards["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert dashboards["metadata"]["annotations"] == {"grafana_folder": "AI"}
    written = json.loads(dashboards["data"]["sluis.json"])
    assert written == json.loads(DASHBOARD.read_text(encoding="utf-8"))


def test_prometheus_reaches_what_has_metrics(render: Render) -> None:
    documents = render(ON, profile="worker-hpa")
    reached = {
        name
        for name, pod, _ in processes(documents)
        for peer, _, _ in flows(documents, pod["metadata"]["labels"], "ingress")
        if peer == "monitoring/"
    }
    assert reached == {"gateway", "worker"}


def test_a_monitor_that_the_network_policy_closes_is_refused(refused: Refused) -> None:
    assert "metrics.allowFrom" in refused({"metrics": {"serviceMonitor": {"enabled": True}}})


def test_the_worker_takes_its_limits_from_values(render: Render) -> None:
    values = {"worker": {"poolTokens": 1_000_000, "batchTokens": 2048, "deadlineSeconds": 300}}
    for name, pod, _ in processes(render(values, profile="worker-hpa")):
        if name == "worker":
            plain = {k: v["value"] for k, v in environment(pod).items() if "value" in v}
            settings = read({
                k: v
                for k, v in plain.items()
                if k.startswith("SLUIS_WORKER_") and k[-4:] not in ("CERT", "_KEY")
            })
            assert settings.worker_pool_tokens == 1_000_000
            assert settings.worker_batch_tokens == 2048
            assert settings.worker_deadline_s == 300
