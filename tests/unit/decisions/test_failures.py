"""The failure table: closed where it says nothing."""

import pytest
import yaml

from gateway.core.level import Level
from gateway.core.limits_policy import LocalLimits
from gateway.core.spool_policy import SpoolPolicy
from gateway.decisions import Action, FailureTable
from gateway.storage import resources


def test_the_shipped_table_keeps_unchecked_requests_internal() -> None:
    text = (resources.directory("policies") / "failures.yaml").read_text(encoding="utf-8")
    table = FailureTable.of(yaml.safe_load(text))
    assert {table.action("names", level) for level in Level} == {Action.INTERNAL_ONLY}


def test_a_missing_control_is_refused() -> None:
    table = FailureTable.of({
        "version": 1,
        "controls": {"names": {"deadline_ms": 10, "longest": 5, "on_failure": {"public": "flag"}}},
    })
    assert table.action("names", Level.PUBLIC) is Action.FLAG
    assert table.action("names", Level.RESTRICTED) is Action.REFUSE
    assert table.action("another", Level.PUBLIC) is Action.REFUSE


@pytest.mark.parametrize(
    ("control", "says"),
    [
        ({"deadline_ms": 10, "longest": 5, "on_failure": {"public": "allow"}}, "'allow'"),
        ({"deadline_ms": 10, "longest": 5, "on_failure": {"secret": "flag"}}, "names: .*'secret'"),
        ({"deadline_ms": 0, "longest": 5, "on_failure": {}}, "names: limits"),
        ({"deadline_ms": 10, "longest": 0, "on_failure": {}}, "names: limits"),
        ({"deadline_ms": 10, "waiting_kib": 0, "on_failure": {}}, "names: limits"),
        ({"deadline_ms": 10, "per_kib_ms": -1, "on_failure": {}}, "names: per_kib_ms"),
        ({"deadline_ms": 10, "ceiling_ms": 9, "on_failure": {}}, "names: ceiling_ms"),
        ({"deadline_ms": 10, "when_full": "refuse", "on_failure": {}}, "'refuse'"),
        ({"longest": 10, "on_failure": {}}, "`deadline_ms`"),
        ({"deadline_ms": 10, "longest": 5, "on_failure": {}, "callers": "choose"}, "`callers`"),
    ],
)
def test_a_table_that_is_not_sound_is_refused(control: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        FailureTable.of({"version": 1, "controls": {"names": control}})


def test_the_shipped_table_refuses_without_the_database() -> None:
    text = (resources.directory("policies") / "failures.yaml").read_text(encoding="utf-8")
    assert FailureTable.of(yaml.safe_load(text)).spool_policy is None
    assert FailureTable.of({"version": 1, "controls": {}}).spool_policy is None  # an older bundle


def test_a_bundle_may_let_entries_wait_on_the_gateways_disk() -> None:
    evidence = {
        "mode": "spool",
        "minutes": 5,
        "megabytes": 10,
        "requests": "all",
        "level": "internal",
    }
    table = FailureTable.of({"version": 1, "controls": {}, "evidence": evidence})
    assert table.spool_policy == SpoolPolicy(5, 10, internal_only=False, level=Level.INTERNAL)
    narrow = FailureTable.of({"version": 1, "controls": {}, "evidence": {"mode": "spool"}})
    assert narrow.spool_policy == SpoolPolicy(15, 256, internal_only=True, level=Level.RESTRICTED)


@pytest.mark.parametrize(
    ("evidence", "says"),
    [
        ({"mode": "allow"}, "'allow'"),
        ({"mode": "spool", "minutes": 0}, "evidence.minutes"),
        ({"mode": "spool", "minutes": 1441}, "evidence.minutes"),
        ({"mode": "spool", "megabytes": 0}, "evidence.megabytes"),
        ({"mode": "spool", "requests": "eu"}, "evidence.requests"),
        ({"mode": "spool", "level": "secret"}, "evidence: .*'secret'"),
        ({"mode": "spool", "callers": "choose"}, "`callers`"),
        ({"mode": "refuse", "level": "secret"}, "evidence: .*'secret'"),
    ],
)
def test_unsound_bounds_of_the_spool_are_refused(evidence: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        FailureTable.of({"version": 1, "controls": {}, "evidence": evidence})


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"mode": "refuse"}, None),
        ({"mode": "local"}, LocalLimits(1)),
        ({"mode": "local", "replicas": 3}, LocalLimits(3)),
    ],
)
def test_a_bundle_says_what_holds_without_the_store_of_limits(
    limits: object, expected: LocalLimits | None
) -> None:
    assert FailureTable.of({"version": 1, "controls": {}}).local_limits is None
    table = FailureTable.of({"version": 1, "controls": {}, "limits": limits})
    assert table.local_limits == expected


@pytest.mark.parametrize("limits", [{"mode": "ignore"}, {"replicas": 0}, {"share": 2}])
def test_limits_that_are_not_sound_are_refused(limits: object) -> None:
    with pytest.raises(ValueError, match="limits"):
        FailureTable.of({"version": 1, "controls": {}, "limits": limits})
