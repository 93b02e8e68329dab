"""Ingress and HTTPRoute: with TLS, for the paths of an API, and never behind a closed policy."""

from collections.abc import Callable

import pytest

from tests.support.chart import Document, named, of_kind, validate

pytestmark = pytest.mark.integration

Render = Callable[..., list[Document]]
Refused = Callable[..., str]
CALLER = {"allowFrom": [{"namespace": "ingress-nginx"}]}
INGRESS = {
    "enabled": True,
    "className": "nginx",
    "hosts": ["sluis.example.nl"],
    "tls": {"secretName": "sluis-tls"},
    "annotations": {"nginx.ingress.kubernetes.io/proxy-read-timeout": "600"},
}
ROUTE = {
    "enabled": True,
    "parentRefs": [{"name": "public", "namespace": "envoy", "sectionName": "https"}],
    "hostnames": ["sluis.example.nl"],
    "timeouts": {"request": "10m"},
}
CONSOLE = {"enabled": True, "url": "https://sluis.example.nl"}
PUBLISHED = {
    "gateway": (8080, ["/v1"]),
    "control": (8081, ["/admin/v1", "/scim/v2", "/logout"]),
    "console": (8501, ["/"]),
}


def values_of(component: str, **more: object) -> Document:
    own = {**CALLER, **(CONSOLE if component == "console" else {}), **more}
    return {component: own}


@pytest.mark.parametrize("component", PUBLISHED)
def test_an_ingress_has_tls_and_the_paths_of_the_api(render: Render, component: str) -> None:
    documents = render(values_of(component, ingress=INGRESS))
    (ingress,) = of_kind(documents, "Ingress")
    validate(ingress)
    assert ingress["metadata"]["annotations"] == INGRESS["annotations"]
    assert ingress["spec"]["ingressClassName"] == "nginx"
    assert ingress["spec"]["tls"] == [{"hosts": INGRESS["hosts"], "secretName": "sluis-tls"}]
    (rule,) = ingress["spec"]["rules"]
    assert rule["host"] == "sluis.example.nl"
    assert [path["path"] for path in rule["http"]["paths"]] == PUBLISHED[component][1]
    for path in rule["http"]["paths"]:
        service = named(documents, "Service", path["backend"]["service"]["name"])
        assert service["metadata"]["name"] == f"sluis-{component}"
        assert path["backend"]["service"]["port"]["name"] == service["spec"]["ports"][0]["name"]


@pytest.mark.parametrize("component", PUBLISHED)
def test_a_route_leads_to_the_service(render: Render, component: str) -> None:
    documents = render(values_of(component, httpRoute=ROUTE))
    assert not of_kind(documents, "Ingress")
    (route,) = of_kind(documents, "HTTPRoute")
    validate(route)
    port, paths = PUBLISHED[component]
    assert route["spec"]["parentRefs"] == ROUTE["parentRefs"]
    assert route["spec"]["hostnames"] == ROUTE["hostnames"]
    (rule,) = route["spec"]["rules"]
    assert [match["path"]["value"] for match in rule["matches"]] == paths
    assert rule["backendRefs"] == [{"name": f"sluis-{component}", "port": port}]
    assert rule["timeouts"] == {"request": "10m"}
    assert named(documents, "Service", f"sluis-{component}")["spec"]["ports"][0]["port"] == port


def test_nothing_is_published_by_default(render: Render) -> None:
    documents = render({"console": {"enabled": True}})
    assert not of_kind(documents, "Ingress", "HTTPRoute")


def test_without_a_secret_the_certificate_is_that_of_the_controller(render: Render) -> None:
    ingress = {"enabled": True, "hosts": ["llm.example.nl"]}
    (rendered,) = of_kind(render({"gateway": {"ingress": ingress}}), "Ingress")
    assert rendered["spec"]["tls"] == [{"hosts": ["llm.example.nl"]}]
    assert "ingressClassName" not in rendered["spec"]


@pytest.mark.parametrize("component", PUBLISHED)
@pytest.mark.parametrize(("kind", "wanted"), [("ingress", INGRESS), ("httpRoute", ROUTE)])
def test_one_that_the_network_policy_closes_is_refused(
    refused: Refused, component: str, kind: str, wanted: Document
) -> None:
    message = refused(values_of(component, **{kind: wanted, "allowFrom": []}))
    assert f"{component}.{kind} is on" in message
    assert f"{component}.allowFrom" in message


@pytest.mark.parametrize(
    "values",
    [
        {"ingress": {"enabled": True}},
        {"ingress": {"enabled": True, "hosts": ["https://llm.example.nl"]}},
        {"httpRoute": {"enabled": True, "hostnames": ["llm.example.nl"]}},
        {"httpRoute": {"enabled": True, "parentRefs": [{"name": "public"}]}},
        {"httpRoute": ROUTE | {"timeouts": {"request": "ten minutes"}}},
    ],
)
def test_one_without_its_host_or_parent_is_refused(refused: Refused, values: Document) -> None:
    assert "values don't meet" in refused({"gateway": values})


def test_a_console_whose_address_is_another_host_is_refused(refused: Refused) -> None:
    for url in ("", "https://other.example.nl"):
        message = refused(values_of("console", url=url, ingress=INGRESS))
        assert "console.url" in message
