"""What goes through although a state is refused: what ends use never waits for anything."""

from collections.abc import Mapping

import msgspec

from gateway.core.model_life import WITHDRAWN
from gateway.core.snapshot import Key, ModelVersion, Snapshot, Stops


def narrowed(published: Snapshot, refused: Snapshot) -> Snapshot:
    """The snapshot in force less what a refused state stops, cuts off, revokes, ends and withdraws.

    Nothing of it widens. Keys that a database does not know which was set back stay in force.
    """
    set_back = refused.number < published.number
    mandates = {one.name for one in (published if set_back else refused).mandates}
    return msgspec.structs.replace(
        published,
        created=refused.created,
        stops=_both(published.stops, refused.stops),
        cut_offs=_later(published.cut_offs, refused.cut_offs),
        keys=published.keys if set_back else _kept(published.keys, refused.keys),
        models=_withdrawn(published.models, refused.models),
        mandates=[one for one in published.mandates if one.name in mandates],
    )


def _both(one: Stops, other: Stops) -> Stops:
    return Stops(**{
        field: sorted({*getattr(one, field), *getattr(other, field)})
        for field in Stops.__struct_fields__
    })


def _later(one: Mapping[str, int | None], other: Mapping[str, int | None]) -> dict[str, int | None]:
    """The cut-offs of both; None is for good."""
    joined = {**one, **other}
    for key in one.keys() & other.keys():
        first, second = one[key], other[key]
        joined[key] = None if first is None or second is None else max(first, second)
    return joined


def _kept(keys: list[Key], live: list[Key]) -> list[Key]:
    blocked = {key.id: key.blocked for key in live}
    return [
        msgspec.structs.replace(key, blocked=key.blocked or blocked[key.id])
        for key in keys
        if key.id in blocked
    ]


def _withdrawn(models: list[ModelVersion], stored: list[ModelVersion]) -> list[ModelVersion]:
    gone = {(one.name, one.version): one.state for one in stored if one.state in WITHDRAWN}
    return [
        msgspec.structs.replace(one, state=gone.get((one.name, one.version), one.state))
        for one in models
    ]
