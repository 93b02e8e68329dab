"""Documents that the chart renders, and parts of them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate

SCHEMAS = Path(__file__).resolve().parents[1] / "integration" / "helm" / "schemas"

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
