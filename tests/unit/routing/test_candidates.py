"""What was stopped is no candidate, and its name tells nothing to a key that may not use it."""

from dataclasses import replace

import pytest

from gateway.core.errors import Stopped, UnknownModel
from gateway.core.level import Level, Zone
from gateway.core.principal import Principal
from gateway.core.snapshot import (
    Alias,
    Deployment,
    EngineModel,
    Limits,
    ModelVersion,
    Provider,
    Snapshot,
    Stops,
)
from gateway.routing import ModelCatalogue, ReportedVersions


def catalogue(**stops: list[str]) -> ModelCatalogue:
    return ModelCatalogue(
        Snapshot(
            created=0.0,
            bundle={},
            providers=[Provider("p", "openai", "http://127.0.0.1:1/v1", Zone.INTERNAL)],
            deployments=[Deployment("one", "p", "m"), Deployment("two", "p", "m")],
            aliases=[Alias("both", ["one", "two"]), Alias("last", ["two"])],
            stops=Stops(**stops),
        )
    )


def principal(*models: str) -> Principal:
    return Principal(
        id="k",
        name="k",
        kind="app",
        team=None,
        roles=frozenset(),
        models=frozenset(models),
        purposes=(),
        clearance=Level.RESTRICTED,
        floor=Level.PUBLIC,
        strict=False,
        limits=Limits(),
    )


def test_an_alias_goes_on_with_its_other_candidates() -> None:
    found = catalogue(deployments=["one"]).choose("both", principal())
    assert [target.name for target in found.candidates] == ["two"]
    assert found.stopped


def test_an_alias_without_any_candidate_left_has_none() -> None:
    found = catalogue(deployments=["two"]).choose("last", principal())
    assert (found.candidates, found.stopped) == ((), True)


@pytest.mark.parametrize(
    ("stops", "model", "rule"),
    [
        ({"deployments": ["one"]}, "one", "stop.deployment"),
        ({"aliases": ["both"]}, "both", "stop.alias"),
    ],
)
def test_a_request_that_names_it_is_refused(
    stops: dict[str, list[str]], model: str, rule: str
) -> None:
    stopped = catalogue(**stops)
    with pytest.raises(Stopped) as refused:
        stopped.choose(model, principal())
    assert (refused.value.code, refused.value.rules) == ("access_denied", (rule,))
    with pytest.raises(UnknownModel):
        stopped.choose(model, principal("last"))
    assert model not in stopped.names(principal())


def test_a_stopped_alias_lends_no_fallback() -> None:
    found = catalogue(aliases=["both"]).choose("one", principal())
    assert [target.name for target in found.candidates] == ["one"]


def test_a_stop_of_what_is_not_there_changes_nothing() -> None:
    stopped = catalogue(aliases=["none"], deployments=["none"])
    with pytest.raises(UnknownModel):
        stopped.choose("none", principal())
    assert not stopped.choose("both", principal()).stopped


def handed_over(state: str = "approved") -> tuple[ModelCatalogue, ReportedVersions]:
    """A deployment whose tag went from version 1, which is in this state, to version 2."""
    reported = ReportedVersions()
    before = ModelVersion("m", "1", "d1", state, "base", "b", clearance="internal")
    now = ModelVersion(
        "m", "2", "d2", "approved", "base", "b", tags=["live"], earlier={"live": ["1"]}
    )
    snapshot = Snapshot(
        created=0.0,
        bundle={},
        providers=[Provider("w", "worker", "http://127.0.0.1:1/v1", Zone.INTERNAL)],
        deployments=[Deployment("own", "w", "m@live")],
        aliases=[Alias("inside", ["own"])],
        models=[before, now],
    )
    return ModelCatalogue(snapshot, reported), reported


@pytest.mark.parametrize("name", ["own", "inside"])
def test_a_tag_takes_effect_once_the_worker_reports_its_version(name: str) -> None:
    found, reported = handed_over()
    chosen = []
    for digests in (None, {"d1"}, {"d1", "d2"}, {"d2"}, {"d1"}, set[str]()):
        reported.note("http://127.0.0.1:1/v1", digests)
        [target] = found.choose(name, principal()).candidates
        chosen.append((target.model, target.digest, target.cleared.clear))
    first, second = ("m@1", "d1", Level.INTERNAL), ("m@2", "d2", Level.RESTRICTED)
    assert chosen == [second, first, second, second, first, second]


@pytest.mark.parametrize("state", ["quarantined", "retired", "draft"])
def test_a_withdrawn_version_is_never_kept(state: str) -> None:
    found, reported = handed_over(state)
    reported.note("http://127.0.0.1:1/v1", {"d1"})
    [target] = found.choose("own", principal()).candidates
    assert target.digest == "d2"


def test_an_answer_under_way_goes_on_when_its_tag_moves_but_not_when_it_is_withdrawn() -> None:
    found, reported = handed_over()
    reported.note("http://127.0.0.1:1/v1", {"d1"})
    [before] = found.choose("own", principal()).candidates
    reported.note("http://127.0.0.1:1/v1", {"d1", "d2"})
    assert found.serves(before)
    assert not handed_over("quarantined")[0].serves(before)


def versioned(state: str) -> ModelCatalogue:
    version = ModelVersion(
        name="chat",
        version="2",
        digest="sha256:2",
        state=state,
        base_dir="",
        base_digest="",
        clearance="confidential",
        kind="engine",
        engine=EngineModel("chat-v2", "vllm", "x/y", "1"),
    )
    return ModelCatalogue(
        Snapshot(
            created=0.0,
            bundle={},
            providers=[Provider("p", "vllm", "http://127.0.0.1:1/v1", Zone.INTERNAL)],
            deployments=[
                Deployment("candidate", "p", "", version="chat@2"),
                Deployment("other", "p", "m"),
            ],
            aliases=[Alias("both", ["candidate", "other"])],
            models=[version],
        )
    )


@pytest.mark.parametrize("state", ["draft", "evaluated", "approved"])
def test_a_version_is_served_to_its_own_evaluation(state: str) -> None:
    found = versioned(state)
    evaluator = replace(principal("candidate"), evaluates="sha256:2")
    (target,) = found.choose("candidate", evaluator).candidates
    assert (target.name, target.model, target.digest) == ("candidate", "chat-v2", "sha256:2")
    assert target.cleared.redacted is Level.CONFIDENTIAL
    assert found.serves(target)
    assert not versioned("quarantined").serves(target)


def test_a_draft_is_served_to_nobody_else() -> None:
    found = versioned("draft")
    choice = found.choose("candidate", principal())
    assert (choice.candidates, choice.unapproved) == ((), True)
    assert [one.name for one in found.choose("both", principal()).candidates] == ["other"]
    assert "candidate" not in found.names(principal())


@pytest.mark.parametrize(
    ("state", "evaluates", "model"),
    [
        ("draft", "sha256:3", "candidate"),  # of another version
        ("draft", "sha256:2", "other"),
        ("draft", "sha256:2", "both"),
        ("quarantined", "sha256:2", "candidate"),
        ("retired", "sha256:2", "candidate"),
    ],
)
def test_the_key_of_an_evaluation_reaches_nothing_else(
    state: str, evaluates: str, model: str
) -> None:
    evaluator = replace(principal(), evaluates=evaluates)
    with pytest.raises(UnknownModel):
        versioned(state).choose(model, evaluator)
    assert versioned(state).names(evaluator) == []
