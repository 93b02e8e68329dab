"""The deployments behind which versions are evaluated."""

from dataclasses import dataclass
from typing import Any

from gateway.core.errors import InvalidRequest
from gateway.core.model_life import CANDIDATES, SERVED
from gateway.core.snapshot import Snapshot
from gateway.routing.version_bindings import VersionBindings

PRODUCTION = "production"  # the tag that candidates are compared with


@dataclass(frozen=True, slots=True)
class EvaluatedDeployment:
    """A deployment of a version, and what proves that it serves it."""

    name: str
    proof: str


def deployment_of(
    snapshot: Snapshot | None, row: Any, wanted: str | None = None, *, first: bool = False
) -> EvaluatedDeployment:
    """The deployment that serves a version; of several the ``first``, where it does not matter.

    Raises:
        InvalidRequest: when the version has ended, none serves it, or several do and none is
            ``wanted``.
    """
    name = f"{row.name}@{row.version}"
    if row.state not in CANDIDATES | SERVED:
        raise InvalidRequest(f"{name} is {row.state}; it is not evaluated any more.")
    found = _deployments(snapshot, row)
    if wanted is not None:
        found = [one for one in found if one.name == wanted]
    if not found:
        raise InvalidRequest(
            f"No deployment serves {name}. Add one to sluis.yaml, with `model: {name}` for a "
            f"worker and `version: {name}` for another provider, and apply it.",
            param="deployment",
        )
    if len(found) > 1 and not first:
        names = ", ".join(one.name for one in found)
        raise InvalidRequest(f"Several deployments serve {name}: name one of {names}.")
    return found[0]


def _deployments(snapshot: Snapshot | None, row: Any) -> list[EvaluatedDeployment]:
    if snapshot is None:
        return []
    bindings = VersionBindings(snapshot)
    providers = {provider.name: provider for provider in snapshot.providers}
    found = []
    for deployment in snapshot.deployments:
        provider = providers[deployment.provider]
        bound = bindings.bind(deployment, provider)
        version = bound.version
        if version is None or (version.name, version.version) != (row.name, row.version):
            continue
        if bound.candidate or not bound.problem:
            found.append(EvaluatedDeployment(deployment.name, bound.proof))
    return found
