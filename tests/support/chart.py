"""Documents that the chart renders, and parts of them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate

_TESTS = Path(__file__).resolve().parents[1]
CHART = _TESTS.parent / "helm"
SCHEMAS = _TESTS / "integration" / "helm" / "schemas"

Document = dict[str, Any]
Rendered = dict[str, list[Document]]


def of_kind(documents: list[Document], *kinds: str) -> list[Document]:
    """The documents of these kinds."""
    return [item for item in documents if item["kind"] in kinds]


def pods(documents: list[Document]) -> list[Document]:
    """The pod templates of Deployments and Jobs."""
    return [item["spec"]["template"] for item in of_kind(documents, "Deployment", "Job")]


def processes(documents: list[Document]) -> Iterator[tuple[str, Document, Document]]:
    """Each process by name, with its pod template and its container."""
    for pod in pods(documents):
        container = pod["spec"]["containers"][0]
        yield container["name"], pod, container


def named(documents: list[Document], kind: str, name: str) -> Document:
    """The document of this kind and name."""
    return next(d for d in of_kind(documents, kind) if d["metadata"]["name"] == name)


def environment(pod: Document) -> dict[str, Document]:
    """The variables of a pod's container by name; none may be listed twice."""
    listed = pod["spec"]["containers"][0]["env"]
    names = {item["name"]: item for item in listed}
    assert len(names) == len(listed), listed
    return names


def mounts(pod: Document) -> dict[str, Document]:
    """The mounts of a pod's container by path, each with its volume."""
    volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
    return {
        mount["mountPath"]: mount | {"volume": volumes[mount["name"]]}
        for mount in pod["spec"]["containers"][0]["volumeMounts"]
    }


def validate(document: Document) -> None:
    """Check a document against the schemas of Kubernetes, or of the chart's custom kinds.

    Raises:
        jsonschema.ValidationError: for what an API server would refuse.
    """
    own = SCHEMAS / f"{document['kind'].lower()}.json"
    if own.exists():
        jsonschema.validate(document, json.loads(own.read_text(encoding="utf-8")))
    else:
        kubernetes_validate.validate(document, "1.34", strict=True)


def secret_files(pod: Document) -> set[str]:
    """The files of the secrets directory in a pod."""
    found = set()
    for path, mount in mounts(pod).items():
        if "sluis-secrets" in str(mount["volume"]):
            assert path == environment(pod)["SLUIS_SECRETS_DIR"]["value"]
            assert mount["readOnly"] is True
            for source in mount["volume"]["projected"]["sources"]:
                assert source["secret"]["items"], "without items all of them are mounted"
                found |= {item["path"] for item in source["secret"]["items"]}
    return found


def selects(selector: Document, labels: dict[str, str]) -> bool:
    """Whether a selector, by labels alone, selects these labels."""
    assert set(selector) == {"matchLabels"}, selector
    return bool(selector["matchLabels"].items() <= labels.items())


def flows(
    documents: list[Document], labels: dict[str, str], way: str
) -> Iterator[tuple[str, str, int]]:
    """What the policies that select a pod open in one direction; closed by none is an error."""
    policies = [
        policy["spec"]
        for policy in of_kind(documents, "NetworkPolicy")
        if selects(policy["spec"]["podSelector"], labels)
    ]
    assert any(way.capitalize() in policy["policyTypes"] for policy in policies), labels
    side = {"ingress": "from", "egress": "to"}[way]
    for policy in policies:
        for rule in policy.get(way) or []:
            # An absent or empty list of peers or ports would mean all of them.
            assert rule[side], rule
            assert rule["ports"], rule
            for peer in rule[side]:
                for port in rule["ports"]:
                    yield _peer_name(peer), port["protocol"], port["port"]


def _peer_name(peer: Document) -> str:
    if "ipBlock" in peer:
        outside = peer["ipBlock"].get("except", [])
        return " except ".join([peer["ipBlock"]["cidr"], *outside])
    labels = peer.get("podSelector", {}).get("matchLabels", {})
    if "namespaceSelector" not in peer:
        assert labels["app.kubernetes.io/instance"] == "sluis"
        return str(labels["app.kubernetes.io/component"])
    namespace = peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
    return f"{namespace}/{','.join(f'{key}={value}' for key, value in labels.items())}"
