"""Expiry on both databases: by class, in batches, through crashes; and invalid tables."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.core.errors import InvalidRequest
from gateway.core.system.secrets import PUBLIC
from gateway.decisions import BundleError
from gateway.evidence import Entry
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.audit.expired_range import expired_ranges
from gateway.governance.policies.bundle import check, read_bundle
from gateway.governance.policies.retention_policy import RetentionError, durations, retention_of
from gateway.governance.retention import removal
from gateway.governance.retention import service as expiry
from gateway.governance.retention.service import EVENT
from tests.support.retained import DAY, NOW, Clock, Retained

pytestmark = pytest.mark.integration
VERIFIER = Path(__file__).resolve().parents[3] / "gateway" / "evidence" / "verify.py"
TABLE = yaml.safe_load(read_bundle()["retention.yaml"])
DEFAULT, HIGH = TABLE["classes"]["default"], TABLE["classes"]["high_risk"]


def with_change(**change: Any) -> dict[str, str]:
    return {"retention.yaml": yaml.safe_dump({**TABLE, **change})}


def verified(package: Path, key: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-I", str(VERIFIER), str(package), "--lang", "en", "--key", str(key)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


async def test_each_part_goes_when_its_days_are_over_and_the_leaf_stays(kept: Retained) -> None:
    async with kept.trail() as trail:
        await kept.asked(trail, "r" * 32, age=0, hours=24 * 200)
    entries = await kept.count("audit_entry", "log LIKE 'gateway%'")
    start = kept.clock.ms
    for day, left in (
        (DEFAULT["bodies"], {"bodies": 2, "values": 1, "mentions": 1, "disclosures": 2}),
        (DEFAULT["bodies"] + 1, {"bodies": 0, "values": 0, "mentions": 1, "disclosures": 2}),
        (DEFAULT["disclosures"] + 1, {"bodies": 0, "values": 0, "mentions": 0, "disclosures": 0}),
    ):
        kept.clock.ms = start + day * DAY
        await kept.plane.expiry.run()
        assert await kept.left() == left, day
    assert await kept.count("audit_entry", "log LIKE 'gateway%'") == entries
    first, second = await kept.told(EVENT)
    assert first["removed"] == {"bodies": 2, "values": 1}
    assert second["removed"] == {"disclosures": 2, "mentions": 1}
    assert first["until"]["bodies"] == NOW + DAY
    assert {first["retention_class"], second["retention_class"]} == {"default"}


async def test_a_use_case_is_kept_as_long_as_its_risk_asks(kept: Retained) -> None:
    age = DEFAULT["disclosures"] + 2
    async with kept.trail() as trail:
        for number, purpose in enumerate(("service", "hiring", "gone-from-the-catalogue", "")):
            await kept.asked(trail, f"{number:032x}", age=age, purpose=purpose)
    await kept.plane.expiry.run()
    query = "SELECT DISTINCT request FROM audit_detail WHERE request <> '' ORDER BY request"
    rows = await kept.plane.trail.rows(query, {})
    assert [int(row["request"], 16) for row in rows] == [1, 2]
    by_class = {told["retention_class"]: told["removed"] for told in await kept.told(EVENT)}
    assert by_class["default"]["disclosures"] == 4
    assert by_class["high_risk"] == {"bodies": 4, "values": 2}


async def test_what_waited_on_a_disk_is_no_younger_for_that(kept: Retained) -> None:
    await kept.plane.expiry.run()
    async with kept.trail() as trail:  # a gateway that had waited is back after the day's run
        await kept.asked(trail, "r" * 32, age=DEFAULT["disclosures"] + 2)
        await trail.record(Entry("trail:spool:end", "s", kept.clock.ms, {"entries": 2}))
    await kept.plane.expiry.run()
    assert await kept.count("audit_detail", f"request = '{'r' * 32}'") == 0


async def test_nothing_to_do_is_no_entry_and_a_day_has_one_run(kept: Retained) -> None:
    async with kept.trail() as trail:
        await kept.asked(trail, "r" * 32, age=1)
    for _ in range(3):
        await kept.plane.expiry.run()
    assert await kept.told(EVENT) == []
    async with kept.trail() as trail:  # older than today's run looked at: next day's business
        await kept.asked(trail, "s" * 32, age=DEFAULT["bodies"])
    await kept.plane.expiry.run()
    assert await kept.told(EVENT) == []
    kept.clock.ms += DAY + DAY // 2
    for _ in range(3):
        await kept.plane.expiry.run()
    assert len(await kept.told(EVENT)) == 1


async def test_a_request_that_ends_behind_the_cut_off_stays_whole(kept: Retained) -> None:
    async with kept.trail() as trail:
        await kept.asked(trail, "r" * 32, age=DEFAULT["bodies"] + 1, lasting=DAY + 1)
    kept.clock.ms += DAY - 1
    await kept.plane.expiry.run()
    assert (await kept.left())["bodies"] == 2
    kept.clock.ms += DAY
    await kept.plane.expiry.run()
    assert (await kept.left())["bodies"] == 0


async def test_a_run_that_is_broken_off_is_continued_and_counts_once(
    kept: Retained, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiry, "_DUE", expiry._DUE.replace("LIMIT 1000", "LIMIT 6"))
    monkeypatch.setattr(removal, "_BATCH", 2)
    async with kept.trail() as trail:
        for number in range(20):
            await kept.asked(trail, f"{number:032x}", age=DEFAULT["bodies"] + 1)

    class PowerCutError(Exception):
        """Ends a run in the middle of a batch's transaction."""

    real, batches = removal.remove, 0

    async def cut(*arguments: Any, **named: Any) -> int:
        nonlocal batches
        batches += 1
        done = await real(*arguments, **named)
        if batches == 4:
            raise PowerCutError
        return done

    monkeypatch.setattr(expiry, "remove", cut)
    with pytest.raises(PowerCutError):
        await kept.plane.expiry.run()
    left = (await kept.left())["bodies"]
    assert 0 < left < 40
    assert await kept.told(EVENT) == []
    await kept.plane.close()
    await kept.open()
    await kept.plane.expiry.run()
    (told,) = await kept.told(EVENT)
    assert told["removed"] == {"bodies": 40, "values": 20}
    assert (await kept.left())["bodies"] == 0


async def test_two_control_planes_at_once_count_nothing_twice(kept: Retained) -> None:
    async with kept.trail() as trail:
        for number in range(30):
            await kept.asked(trail, f"{number:032x}", age=DEFAULT["bodies"] + 1)
    other = Retained(kept.folder, kept.url, kept.clock)
    await other.open()
    await asyncio.gather(kept.plane.expiry.run(), other.plane.expiry.run())
    (told,) = await kept.told(EVENT)
    assert told["removed"] == {"bodies": 60, "values": 30}
    await other.plane.close()


async def test_what_expired_is_known_by_the_number_of_its_entry_and_the_export_verifies(
    kept: Retained, tmp_path: Path
) -> None:
    async with kept.trail() as trail:
        for number in range(4):
            await kept.asked(trail, f"{number:032x}", age=DEFAULT["disclosures"] + 1)
        await kept.asked(trail, "f" * 32, age=1)
    await kept.plane.expiry.run()
    query = "SELECT log, seq FROM audit_entry WHERE event = :event"
    (entry,) = await kept.plane.trail.rows(query, {"event": EVENT})
    (log,) = {
        row["log"]
        for row in await kept.plane.trail.rows(
            "SELECT log FROM audit_entry WHERE log LIKE 'gateway%'", {}
        )
    }
    told = await expired_ranges(kept.plane.trail.rows, kept.plane.database, log, first=0, end=100)
    assert [(one.first, one.last, one.entry) for one in told] == [(1, 8, entry["seq"])]
    package = tmp_path / "e.zip"
    await kept.plane.trail.export(
        package, LOCAL_OPERATOR, since=0, until=kept.clock.ms + DAY, formats=["csv"]
    )
    done = verified(package, tmp_path / "secrets" / PUBLIC)
    assert done.returncode == 0, done.stdout
    assert "8 entries" in done.stdout


async def test_whoever_asks_for_what_expired_is_told_which_entry_says_so(kept: Retained) -> None:
    async with kept.trail() as trail:
        await kept.asked(trail, "r" * 32, age=DEFAULT["bodies"] + 1)
    await kept.plane.expiry.run()
    query = "SELECT seq FROM audit_entry WHERE event = :event"
    (entry,) = await kept.plane.trail.rows(query, {"event": EVENT})
    with pytest.raises(InvalidRequest, match=f"entry {entry['seq']} of the log control"):
        await kept.plane.reveals.reveal(
            "r" * 32, LOCAL_OPERATOR, code="complaint", reason="complaint number 7"
        )
    assert len(await kept.plane.trail.entries_of("r" * 32)) == 2
    kept.clock.ms += DEFAULT["disclosures"] * DAY
    await kept.plane.expiry.run()
    with pytest.raises(InvalidRequest, match="whose values are still kept"):
        await kept.plane.trail.entries_of("r" * 32)


async def test_entries_of_no_request_are_kept_as_administration(kept: Retained) -> None:
    days = TABLE["classes"]["administration"]["disclosures"]
    async with kept.trail() as trail:
        await trail.record(Entry("control:thing:do", "", NOW - (days + 1) * DAY, {"a": 1}))
        await trail.record(Entry("control:thing:do", "", NOW - (days - 1) * DAY, {"a": 2}))
    await kept.plane.expiry.run()
    assert await kept.count("audit_detail", "event = 'control:thing:do'") == 1


async def test_a_new_rule_looks_at_everything_again(kept: Retained) -> None:
    async with kept.trail() as trail:
        await kept.asked(trail, "r" * 32, age=60)
    await kept.plane.expiry.run()
    assert (await kept.left())["bodies"] == 2
    classes = {**TABLE["classes"], "default": {**DEFAULT, "bodies": 30}}
    files = read_bundle() | with_change(classes=classes)
    async with kept.plane.database.write() as connection:
        await kept.plane.policies.activate_files(connection, files, LOCAL_OPERATOR, author="x")
    await kept.plane.expiry.run()
    assert (await kept.left())["bodies"] == 0


class Noticed(Clock):
    """A clock that says when somebody looks at it."""

    def __init__(self, ms: int) -> None:
        super().__init__(ms)
        self.asked = asyncio.Event()

    def __call__(self) -> float:
        self.asked.set()
        return super().__call__()


async def test_what_is_to_be_kept_longer_is_kept_from_its_approval_on(kept: Retained) -> None:
    async with kept.trail() as trail:
        await kept.asked(trail, "r" * 32, age=DEFAULT["bodies"] + 1)
    clock = Noticed(kept.clock.ms)
    other = Retained(kept.folder, kept.url, clock)
    await other.open()
    classes = {**TABLE["classes"], "default": {**DEFAULT, "bodies": DEFAULT["bodies"] + 60}}
    files = read_bundle() | with_change(classes=classes)
    async with kept.plane.database.write() as connection:
        clock.asked.clear()
        running = asyncio.ensure_future(other.plane.expiry.run())
        await clock.asked.wait()  # it knows the table, and waits for its turn
        await kept.plane.policies.activate_files(connection, files, LOCAL_OPERATOR, author="x")
    await running
    assert (await kept.left())["bodies"] == 2
    await other.plane.expiry.run()
    assert (await kept.left())["bodies"] == 2
    clock.ms += 60 * DAY
    await other.plane.expiry.run()
    assert (await kept.left())["bodies"] == 0
    await other.plane.close()


def test_the_packaged_table_is_lawful_and_the_law_stands_in_the_calendar() -> None:
    table = retention_of(read_bundle())
    (log_duty,) = durations()
    assert table.classes["high_risk"].disclosures >= log_duty.least_days >= 184
    assert log_duty.verified_on is None
    assert "compliance/calendar.yaml" not in read_bundle()
    assert retention_of({}) == table  # a bundle of before there was a table


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"classes": {**TABLE["classes"], "high_risk": {"disclosures": 183}}}, "183 is below 184"),
        (
            {
                "unregistered": "default",
                "classes": {**TABLE["classes"], "default": {"disclosures": 90}},
            },
            "90 is below 184",
        ),
        ({"longest": 100}, "above longest"),
        (
            {"classes": {**TABLE["classes"], "default": {"disclosures": 200, "bodies": 201}}},
            "above disclosures",
        ),
        ({"classes": {**TABLE["classes"], "default": {"disclosures": 31}}}, "spending of a month"),
        ({"by_risk": {"high": "nowhere"}}, "no class nowhere"),
        ({"by_risk": {"limited": "default"}}, "does not say which class high has"),
        ({"four_eyes": ["everything"]}, "four_eyes"),
        ({"forever": True}, "forever"),
    ],
)
def test_a_table_that_may_not_be_is_refused_by_name(change: dict[str, Any], said: str) -> None:
    with pytest.raises(RetentionError, match=said):
        retention_of(with_change(**change))
    with pytest.raises(BundleError, match=r"retention\.yaml"):
        check(read_bundle() | with_change(**change))
