"""What narrows acts at once, what widens waits, and nothing refers to what is not there."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.approvals.lines import lines_between
from gateway.governance.changes.edits import Edit, after, split

PROVIDER = {"name": "p", "kind": "openai", "base_url": "https://p.example/v1", "zone": "eu"}
STATE: dict[tuple[str, str], dict[str, Any]] = {
    ("provider", "p"): PROVIDER,
    ("deployment", "d"): {"name": "d", "provider": "p", "model": "m"},
    ("deployment", "e"): {"name": "e", "provider": "p", "model": "m"},
    ("alias", "a"): {"name": "a", "candidates": ["d", "e"]},
}


def test_a_credential_waits_with_the_address_that_it_belongs_to() -> None:
    moved = {**PROVIDER, "base_url": "https://q.example/v1", "api_key": "env:Q"}
    done = split(STATE, [Edit("provider", "p", moved)])
    assert done.now == []
    assert [waiting.fields for waiting in done.waiting] == [["api_key", "base_url"]]
    edit = done.waiting[0].on(PROVIDER)
    assert edit is not None
    assert edit.document == moved


def test_what_narrows_in_the_same_object_acts_at_once() -> None:
    before = {("use_case", "u"): {"name": "u", "risk": "high", "floor": "internal"}}
    new = {"name": "u", "risk": "limited", "floor": "restricted"}
    done = split(before, [Edit("use_case", "u", new)])
    assert [edit.document for edit in done.now] == [
        {"name": "u", "risk": "high", "floor": "restricted"}
    ]
    assert [waiting.fields for waiting in done.waiting] == [["risk"]]


def test_a_key_waits_for_the_team_that_waits() -> None:
    team = Edit("team", "t", {"name": "t", "floor": "public"})
    key = Edit("key", "k_1", {"id": "k_1", "name": "one", "digest": "x", "team": "t"})
    done = split({}, [team, key])
    assert done.now == []
    assert [waiting.name for waiting in done.waiting] == ["t", "k_1"]


def test_a_provider_that_goes_takes_along_what_refers_to_it() -> None:
    done = split(STATE, [Edit("provider", "p", None)])
    left = after(STATE, done.now)
    assert left == {}
    assert done.waiting == []


def test_all_or_nothing_lets_everything_wait() -> None:
    widened = Edit("provider", "p", {**PROVIDER, "zone": "internal"})
    done = split(STATE, [widened, Edit("deployment", "d", None)], all_or_nothing=True)
    assert done.now == []
    assert [waiting.place for waiting in done.waiting] == [("provider", "p"), ("deployment", "d")]


def test_a_stale_edit_is_not_made() -> None:
    (waiting,) = split(STATE, [Edit("provider", "p", {**PROVIDER, "zone": "internal"})]).waiting
    assert waiting.on(None) is None
    assert waiting.on({**PROVIDER, "zone": "global"}) is None
    other = {**PROVIDER, "api_key": "env:P"}
    assert waiting.on(other) == Edit("provider", "p", {**other, "zone": "internal"})


ZONES = st.sampled_from(["global", "eu", "internal"])
NAMES = st.sampled_from("abc")
PROVIDERS = st.dictionaries(NAMES, ZONES, max_size=3)


def objects(
    providers: dict[str, str], wanted: dict[str, str], aliases: dict[str, set[str]]
) -> dict[tuple[str, str], dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {
        ("provider", name): {"name": name, "zone": zone} for name, zone in providers.items()
    }
    deployments = {name: of for name, of in wanted.items() if of in providers}
    found |= {
        ("deployment", name): {"name": name, "provider": of} for name, of in deployments.items()
    }
    for name, candidates in aliases.items():
        known = sorted(one for one in candidates if one in deployments)
        if known:
            found["alias", name] = {"name": name, "candidates": known}
    return found


STATES = st.builds(
    objects,
    PROVIDERS,
    st.dictionaries(NAMES, NAMES, max_size=3),
    st.dictionaries(NAMES, st.sets(NAMES), max_size=2),
)


@given(STATES, STATES)
def test_from_any_state_to_any_other(
    before: dict[tuple[str, str], dict[str, Any]], wanted: dict[tuple[str, str], dict[str, Any]]
) -> None:
    edits = [Edit(*place, wanted.get(place)) for place in sorted({*before, *wanted})]
    done = split(before, edits)
    at_once = after(before, done.now)
    assert not any(line.widens for line in lines_between(before, at_once))
    for (kind, _), document in at_once.items():
        if kind == "deployment":
            assert ("provider", document["provider"]) in at_once
        if kind == "alias":
            assert all(("deployment", one) in at_once for one in document["candidates"])
    whole = dict(at_once)
    for waiting in done.waiting:
        edit = waiting.on(whole.get(waiting.place))
        if edit is not None:
            whole = after(whole, [edit])
    if not done.waiting:
        assert whole == wanted
