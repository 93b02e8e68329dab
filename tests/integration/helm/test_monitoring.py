"""Scraping, alert rules and the dashboard: every metric in them is one that the product exposes."""

import json
import re
from collections.abc import Callable, Iterator

import pytest
import yaml

from gateway.processes.settings import read
from gateway.telemetry.metric import Metric, MetricKind, label
from gateway.telemetry.table import TABLE
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


TARGET = {"namespace", "pod", "le"}  # labels that Prometheus and the format add


def exposed() -> dict[str, set[str]]:
    """The names of all series, without those that are deprecated, and their labels."""
    return {
        name: {label(one) for one in metric.attributes}
        for metrics in TABLE.values()
        for metric in metrics
        for name in series(metric)
    }


def series(metric: Metric) -> set[str]:
    if metric.kind is MetricKind.HISTOGRAM:
        return {f"{metric.prometheus}_{part}" for part in ("bucket", "sum", "count")}
    return {metric.prometheus}


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
    bare = re.sub(r"\{[^}]*\}", "{}", bare)
    selected = set(re.findall(r"([a-zA-Z_:][\w:]*)\s*[\[{]", bare))
    return selected | set(re.findall(r"\b(?:sluis|gen_ai|gateway_worker)_\w+", bare))


def labels_of(query: str) -> set[str]:
    """The labels that a query groups by or selects by."""
    groups = re.findall(r"\b(?:by|without)\s*\(([^)]*)\)", query)
    grouped = {one.strip() for group in groups for one in group.split(",")}
    selectors = re.findall(r"\{([^}]*)\}", query)
    return grouped | {name for one in selectors for name in re.findall(r"(\w+)\s*[=!]~?\"", one)}


def test_every_metric_of_rules_and_dashboard_exists() -> None:
    known = exposed()
    assert len(known) > 60
    found = {name for query in queries() for name in metrics_of(query)}
    assert len(found) > 30
    assert found <= known.keys(), sorted(found - known.keys())


def test_every_label_of_rules_and_dashboard_is_one_of_its_metrics() -> None:
    known = exposed()
    for query in queries():
        has = TARGET.union(*(known[name] for name in metrics_of(query)))
        assert labels_of(query) <= has, (query, sorted(labels_of(query) - has))


def test_a_metric_or_a_label_that_does_not_exist_is_seen() -> None:
    query = 'sum by (pod, b) (rate(invented_total{a="b",c!~"d"}[5m])) > sluis_other'
    assert metrics_of(query) == {"invented_total", "sluis_other"}
    assert labels_of(query) == {"pod", "a", "b", "c"}


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
        assert endpoint.get("scheme", "http") == {"worker": "https"}.get(component, "http")
        assert "authorization" not in endpoint
    assert len(monitors) == 3
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
    assert reached == {"gateway", "control", "worker"}


def test_the_token_of_the_metrics_goes_to_processes_and_prometheus(render: Render) -> None:
    token = {"existingSecret": "scrape", "key": "bearer"}
    documents = render({"metrics": {**ON["metrics"], "token": token}}, profile="worker-hpa")
    wanted = {"name": "scrape", "key": "bearer"}
    for monitor in of_kind(documents, "ServiceMonitor"):
        (endpoint,) = monitor["spec"]["endpoints"]
        assert endpoint["authorization"] == {"type": "Bearer", "credentials": wanted}
    given = {
        name: environment(pod)["SLUIS_METRICS_TOKEN"]["valueFrom"]["secretKeyRef"]
        for name, pod, _ in processes(documents)
        if "SLUIS_METRICS_TOKEN" in environment(pod)
    }
    assert given == {"gateway": wanted, "control": wanted, "worker": wanted}


def test_old_names_can_be_switched_off(render: Render) -> None:
    documents = render({"metrics": {"oldNames": False}}, profile="worker-hpa")
    off = [
        name
        for name, pod, _ in processes(documents)
        if environment(pod).get("SLUIS_OLD_METRIC_NAMES", {}).get("value") == "off"
    ]
    assert sorted(off) == ["control", "gateway", "worker"]


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
