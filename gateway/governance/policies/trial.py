"""A trial as the catalogue has it: a key, a use case and a model in place of single attributes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from gateway.approvals.objects import Objects
from gateway.core.errors import InvalidRequest
from gateway.core.level import Level, Zone
from gateway.core.objects.keys import KEY
from gateway.core.snapshot import Key, Team, UseCase
from gateway.governance.policies.probe import Where, Who
from gateway.governance.policies.recorded import CatalogueView
from gateway.governance.policies.schemas import TryBody

T = TypeVar("T")
# Why a gateway would refuse the request before any policy is asked.
MODEL_NOT_FOR_KEY, USE_CASE_NOT_FOR_KEY = "model_not_for_key", "use_case_not_for_key"


@dataclass(frozen=True, slots=True)
class Trial:
    """A caller, the deployments, and what a gateway would refuse before the policies."""

    who: Who
    destinations: Sequence[Where]
    against: Sequence[str]


def trial_of(body: TryBody, objects: Objects, actor_id: str) -> Trial:
    """The trial that a request describes: a key and a use case bring their attributes with them.

    Raises:
        InvalidRequest: when a key, use case or model is named that there is not.
    """
    key = _key(objects, body.caller) if body.caller else None
    purpose = body.use_case or (key.purposes[0] if key and key.purposes else "")
    case = _named(objects, "use_case", purpose, UseCase) if body.use_case or key else None
    given = body.model_dump(include=set(Who.__struct_fields__))
    given |= {"roles": tuple(body.roles), "zones": tuple(body.zones)}
    who = Who(**given, id=actor_id)
    if key:
        who = _who_of(key, _named(objects, "team", key.team or "", Team))
    if case and (key or not body.zones):
        who = msgspec.structs.replace(
            who,
            use_case=case.name,
            risk=case.risk or "none",
            zones=tuple(map(Zone, case.zones)),
            floor=_highest(who.floor, case.floor if key else who.floor),
        )
    against = []
    if key and body.model and key.models and body.model not in key.models:
        against.append(MODEL_NOT_FOR_KEY)
    if key and purpose and key.purposes and purpose not in key.purposes:
        against.append(USE_CASE_NOT_FOR_KEY)
    return Trial(who, _destinations(objects, body.model), against)


def _key(objects: Objects, name: str) -> Key:
    for (kind, _), document in objects.items():
        if kind == KEY and document["name"] == name:
            return msgspec.convert(document, Key)
    raise InvalidRequest(f"There is no key {name!r}.", code="not_found", param="caller")


def _named(objects: Objects, kind: str, name: str, form: type[T]) -> T | None:
    document = objects.get((kind, name))
    return msgspec.convert(document, form) if document is not None else None


def _who_of(key: Key, team: Team | None) -> Who:
    return Who(
        id=key.id,
        kind=key.kind,
        team=key.team or "",
        roles=tuple(key.roles),
        clearance=key.clearance,
        floor=_highest(key.floor, team.floor if team else key.floor),
        key=key.name,
    )


def _highest(*levels: str) -> str:
    return max(map(Level.parse, levels)).label


def _destinations(objects: Objects, model: str) -> Sequence[Where]:
    if not model:
        return ()
    found = CatalogueView(objects).destinations({"model": model})
    if not found:
        raise InvalidRequest(f"There is no model {model!r}.", code="not_found", param="model")
    return found
