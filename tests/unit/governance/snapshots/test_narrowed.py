"""A refused state still ends use, and widens nothing."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from gateway.approvals.lines import lines_between
from gateway.approvals.objects import objects_of
from gateway.core.level import Zone
from gateway.core.snapshot import Key, ModelVersion, Provider, Snapshot, Stops
from gateway.governance.snapshots.narrowed import narrowed

names = st.sampled_from(["a", "b", "c"])
some = st.lists(names, unique=True)
cut_offs = st.dictionaries(names, st.none() | st.integers(0, 9))
levels = st.sampled_from(["internal", "confidential", "restricted"])
keys = st.dictionaries(names, st.tuples(levels, st.booleans()))
states = st.sampled_from(["registered", "approved", "quarantined"])


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    zone = draw(st.sampled_from(list(Zone)))
    return Snapshot(
        created=draw(st.floats(0, 9)),
        bundle={},
        providers=[Provider("p", "openai", "https://p.example/v1", zone)],
        keys=[
            Key(id=name, name=name, digest="d", clearance=clearance, blocked=blocked)
            for name, (clearance, blocked) in draw(keys).items()
        ],
        models=[ModelVersion("m", "1", "d", draw(states), "base", "b")],
        stops=Stops(use_cases=draw(some), keys=draw(some)),
        cut_offs=draw(cut_offs),
        number=draw(st.integers(0, 2)),
    )


@given(snapshots(), snapshots())
def test_nothing_widens(published: Snapshot, refused: Snapshot) -> None:
    after = narrowed(published, refused)
    assert not [
        line for line in lines_between(objects_of(published), objects_of(after)) if line.widens
    ]


@given(snapshots(), snapshots())
def test_what_ends_use_goes_through(published: Snapshot, refused: Snapshot) -> None:
    after = narrowed(published, refused)
    assert {*refused.stops.use_cases, *published.stops.use_cases} == {*after.stops.use_cases}
    for name, until in refused.cut_offs.items():
        kept = after.cut_offs[name]
        assert kept is None or (until is not None and kept >= until)
    if refused.number >= published.number:
        known = {key.id for key in refused.keys}
        assert {key.id for key in after.keys} == {key.id for key in published.keys} & known
    if refused.models[0].state == "quarantined":
        assert after.models[0].state == "quarantined"


@given(snapshots(), snapshots())
def test_twice_is_as_once(published: Snapshot, refused: Snapshot) -> None:
    once = narrowed(published, refused)
    assert structs.replace(narrowed(once, refused), created=0) == structs.replace(once, created=0)
