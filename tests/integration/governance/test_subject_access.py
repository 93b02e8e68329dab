"""Subject access, and erasures that outlive a restored backup (check A4), on both databases."""

import asyncio
import json
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from gateway.core.errors import Denied, InvalidRequest, Unavailable
from gateway.evidence import Entry
from gateway.evidence.value_reader import LedgerValues, PostgresValues
from gateway.governance.access_control.permissions import Permissions
from gateway.governance.actor import LOCAL_OPERATOR, Actor
from gateway.governance.data_subjects.tombstones import Tombstone, Tombstones, read
from gateway.governance.holds.service import NewHold
from gateway.processes.cli import main
from tests.support.retained import DAY, NOW, PEOPLE, TABLES, Retained, person

pytestmark = pytest.mark.integration
OFFICER = Actor("k_officer", "officer", frozenset({"compliance_officer"}), "sign-on")
JAN, PETRA = "Jan Kwijtelaar", "Petra Zoekgeraakt"
REQUEST, OTHER = "a" * 32, "b" * 32


async def readable(kept: Retained, scope: str) -> set[str]:
    """The values of a scope that a gateway can still read."""
    reader: LedgerValues | PostgresValues = (
        PostgresValues(kept.url, kek=kept.plane.secrets.kek)
        if kept.url
        else LedgerValues(kept.data / "audit-gateway.db", kek=kept.plane.secrets.kek)
    )
    found = await reader.load(scope, now_ms=kept.clock.ms)
    await reader.close()
    return {value for _, value in found.values()}


# Access.


async def test_a_package_shows_a_person_what_is_stored_and_nothing_of_others(
    kept: Retained, tmp_path: Path
) -> None:
    async with kept.trail() as trail:
        await kept.asked(trail, REQUEST, age=2, people=["jjj222", "ppp333"])
        await kept.asked(trail, OTHER, age=1, people=["ppp333"])
    path = tmp_path / "jan.zip"
    given = await kept.plane.subject_access.export(
        path, person("dhr. Jan Kwijtelaar"), OFFICER, reason="9"
    )
    assert (given.values, given.requests, given.bodies) == (1, 1, 2)
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name).decode() for name in package.namelist()}
    assert set(parts) == {
        "values.json",
        "cases.json",
        "entries.json",
        "entries.csv",
        "README.txt",
        "LEESMIJ.txt",
        f"bodies/{REQUEST}.json",
    }
    (value,) = json.loads(parts["values.json"])
    assert (value["type"], value["value"], value["audit_id"]) == ("PERSON", JAN, REQUEST)
    (entry,) = json.loads(parts["entries.json"])
    told = ("audit_id", "application", "purpose", "model", "zone", "provider", "level", "outcome")
    assert [entry[name] for name in told] == [
        REQUEST,
        "k_app",
        "service",
        "assistant",
        "eu",
        "example-eu",
        "confidential",
        "ok",
    ]
    assert entry["time"] == NOW - 2 * DAY
    intent, close = json.loads(parts[f"bodies/{REQUEST}.json"])
    assert intent["body"]["messages"] == [f"Over {JAN} gaat dit", "Over [PERSON_ppp333] gaat dit"]
    assert close["body"] == [f"Beste {JAN}"]
    assert not any("Zoekgeraakt" in part or OTHER in part for part in parts.values())
    for words in ("Gemeente Voorbeeld", "service", "contract", "example-eu", "PERSON"):
        assert words in parts["README.txt"]
        assert words in parts["LEESMIJ.txt"]
    (told_of,) = await kept.told("subject:access:export")
    assert (told_of["values"], told_of["entries"], told_of["bodies"]) == (1, 1, 2)
    assert told_of["principal"] == OFFICER.id
    assert "kwijtelaar" not in str(told_of).lower()
    assert kept.name(JAN) not in str(told_of)


async def test_a_package_of_what_is_gone_says_what_is_left(kept: Retained, tmp_path: Path) -> None:
    async with kept.trail() as trail:
        await kept.asked(trail, REQUEST, age=100, people=["jjj222"])
    await kept.plane.expiry.run()
    given = await kept.plane.subject_access.export(
        tmp_path / "a.zip", person(JAN), OFFICER, reason="9"
    )
    assert (given.values, given.requests, given.bodies) == (0, 1, 0)
    await kept.plane.subjects.erase(person(JAN), LOCAL_OPERATOR, reason="10")
    given = await kept.plane.subject_access.export(
        tmp_path / "b.zip", person(JAN), OFFICER, reason="11"
    )
    assert (given.values, given.requests, given.bodies) == (0, 0, 0)
    assert zipfile.ZipFile(tmp_path / "b.zip").testzip() is None


async def test_a_package_that_fails_leaves_no_file_and_a_reason_names_nobody(
    kept: Retained, tmp_path: Path
) -> None:
    path = tmp_path / "jan.zip"
    with pytest.raises(InvalidRequest, match="names the person"):
        await kept.plane.subject_access.export(
            path, person(JAN), OFFICER, reason=f"letter of {JAN}"
        )
    assert not list(tmp_path.glob("jan*"))


def test_officers_may_give_access_and_others_may_not() -> None:
    permissions = Permissions()
    for role, may in (
        ("compliance_officer", True),
        ("data_protection_officer", True),
        ("platform_admin", False),
        ("auditor", False),
        ("policy_author", False),
    ):
        actor = Actor("k", "k", frozenset({role}), "sign-on")
        if may:
            permissions.require(actor, "subjects:export")
            continue
        with pytest.raises(Denied):
            permissions.require(actor, "subjects:export")


# Erasures on file.


async def backed_up(kept: Retained) -> dict[str, Any]:
    """All tables, or all files."""
    if not kept.url:
        await kept.plane.close()
        shutil.copytree(kept.data, kept.folder / "backup")
        await kept.open()
        return {}
    async with kept.plane.database.read() as connection:
        found = {}
        for table in (*TABLES, "erased", "subject_key", "hold"):
            rows = (await connection.execute(text(f"SELECT * FROM {table}"))).mappings()
            found[table] = [dict(row) for row in rows]
        return found


async def restored(kept: Retained, backup: dict[str, Any]) -> None:
    """The backup, in a process that starts anew."""
    await kept.plane.close()
    if not kept.url:
        shutil.rmtree(kept.data)
        shutil.copytree(kept.folder / "backup", kept.data)
    await kept.open()
    async with kept.plane.database.write() as connection:
        for table, rows in backup.items():
            await connection.execute(text(f"DELETE FROM {table}"))
            if rows:
                columns, values = ", ".join(rows[0]), ", ".join(f":{name}" for name in rows[0])
                await connection.execute(
                    text(f"INSERT INTO {table} ({columns}) VALUES ({values})"), rows
                )


async def replayed(kept: Retained) -> dict[str, Any]:
    done = await kept.plane.subjects.replay(list(read(kept.erasures)), LOCAL_OPERATOR)
    return done.model_dump()


async def test_an_older_backup_and_the_erasures_on_file_leave_nothing_readable(
    kept: Retained,
) -> None:
    async with kept.trail() as trail:
        await kept.asked(trail, REQUEST, age=0, people=["jjj222", "ppp333"])
    (row,) = await kept.plane.trail.rows(
        "SELECT wrapped FROM value_key WHERE identifier = :who", {"who": kept.name(JAN)}
    )
    key = bytes(row["wrapped"])
    backup = await backed_up(kept)
    kept.clock.ms += 1000
    assert await kept.plane.subjects.erasure_gap() is None
    await kept.plane.subjects.erase(person(JAN), LOCAL_OPERATOR, reason="nr 7")
    assert await readable(kept, f"scope-{REQUEST}") == {PETRA}
    assert await kept.plane.subjects.erasure_gap() is None
    await restored(kept, backup)
    assert await readable(kept, f"scope-{REQUEST}") == {JAN, PETRA}
    behind = await kept.plane.subjects.erasure_gap()
    assert behind is not None
    assert (behind.path, behind.there) == (kept.erasures, behind.wanted - 1)
    assert await replayed(kept) == {"replayed": 1, "on_hold": 0}
    assert await readable(kept, f"scope-{REQUEST}") == {PETRA}
    assert await kept.count("mention") == 1
    assert await kept.plane.subjects.erasure_gap() is None
    (told,) = await kept.told("subject:values:replay")
    assert (told["subjects"], told["held"]) == (1, 0)
    given = await kept.plane.subject_access.export(
        kept.folder / "jan.zip", person(JAN), OFFICER, reason="nr 8"
    )
    assert (given.values, given.requests) == (0, 0)
    await kept.plane.close()
    for file in kept.data.rglob("*"):  # on SQLite, where the files are ours
        data = file.read_bytes() if file.is_file() else b""
        assert key not in data, file
        assert not any(who.encode() in data for who in PEOPLE.values()), file


async def test_what_came_after_an_erasure_survives_its_replay(kept: Retained) -> None:
    async with kept.trail() as trail:
        await kept.asked(trail, REQUEST, age=0)
    kept.clock.ms += 1000
    await kept.plane.subjects.erase(person(JAN), LOCAL_OPERATOR, reason="nr 7")
    kept.clock.ms += 1000
    async with kept.trail() as trail:
        await kept.asked(trail, OTHER, age=0)
    for _ in range(2):
        assert await replayed(kept) == {"replayed": 1, "on_hold": 0}
        assert await readable(kept, f"scope-{OTHER}") == {JAN}


async def test_an_erasure_at_this_moment_is_no_sign_of_an_older_database(kept: Retained) -> None:
    other = Retained(kept.folder, kept.url, kept.clock)
    await other.open()
    erasing = asyncio.gather(
        *(
            other.plane.subjects.erase(
                person(f"Jan Kwijtelaar{number}"), LOCAL_OPERATOR, reason="nr 7"
            )
            for number in range(12)
        )
    )
    found = []
    while not erasing.done():
        found.append(await kept.plane.subjects.erasure_gap())
    await erasing
    await other.plane.close()
    assert set(found) == {None}


async def test_values_that_come_late_are_of_who_was_erased_all_the_same(kept: Retained) -> None:
    await kept.plane.subjects.erase(person(JAN), LOCAL_OPERATOR, reason="nr 7")
    await kept.plane.subjects.sweep()
    kept.clock.ms += DAY
    await kept.plane.subjects.sweep()
    async with kept.trail() as trail:  # a gateway that had waited on its own disk is back
        await kept.asked(trail, REQUEST, age=2, hours=24 * 9)
        await kept.asked(trail, OTHER, age=0)
        await trail.record(Entry("trail:spool:end", "s", kept.clock.ms, {"entries": 2}))
    await kept.plane.subjects.sweep()
    assert await readable(kept, f"scope-{REQUEST}") == set()
    assert await readable(kept, f"scope-{OTHER}") == {JAN}


async def test_a_replay_leaves_who_is_on_hold_and_stays_to_be_done(kept: Retained) -> None:
    async with kept.trail() as trail:
        await kept.asked(trail, REQUEST, age=0, people=["jjj222", "ppp333"])
    hold = await kept.plane.holds.create(
        NewHold("claim 1", NOW + 30 * DAY, people=tuple(person(JAN))), OFFICER
    )
    backup = await backed_up(kept)
    kept.clock.ms += 1000
    await kept.plane.holds.release(hold, OFFICER, reason="settled")
    await kept.plane.subjects.erase(person(JAN), LOCAL_OPERATOR, reason="nr 7")
    await kept.plane.subjects.erase(person(PETRA), LOCAL_OPERATOR, reason="nr 8")
    await restored(kept, backup)
    assert await replayed(kept) == {"replayed": 1, "on_hold": 1}
    assert await readable(kept, f"scope-{REQUEST}") == {JAN}
    assert await kept.plane.subjects.erasure_gap() is not None
    await kept.plane.holds.release(hold, OFFICER, reason="settled")
    assert await replayed(kept) == {"replayed": 2, "on_hold": 0}
    assert await readable(kept, f"scope-{REQUEST}") == set()
    assert await kept.plane.subjects.erasure_gap() is None


async def test_without_its_file_an_erasure_is_not_done(kept: Retained) -> None:
    async with kept.trail() as trail:
        await kept.asked(trail, REQUEST, age=0)
    kept.erasures.mkdir()  # no file can be made there
    with pytest.raises(Unavailable, match=r"erasures\.jsonl cannot be written"):
        await kept.plane.subjects.erase(person(JAN), LOCAL_OPERATOR, reason="nr 7")
    assert await readable(kept, f"scope-{REQUEST}") == {JAN}
    assert await kept.told("subject:values:erase") == []


def test_a_line_that_a_crash_left_unfinished_is_left_out(tmp_path: Path) -> None:
    stones = Tombstones(tmp_path / "deeper" / "erasures.jsonl")
    assert stones.last() is None
    one, two = (Tombstone(n, n, f"h{n}", [f"{n}" * 24]) for n in (1, 2))
    stones.append(one)
    with stones.path.open("ab") as file:
        file.write(b'{"time":9,"se')
    assert list(read(stones.path)) == [one]
    stones.append(two)
    assert list(read(stones.path)) == [one, two]
    assert stones.last() == two
    assert stones.path.stat().st_mode & 0o077 == 0
    stones.path.write_bytes(b"no json\n" + stones.path.read_bytes())
    with pytest.raises(InvalidRequest, match="line 1"):
        list(read(stones.path))


@settings(max_examples=25)
@given(st.integers(0, 400), st.lists(st.text("0123456789abcdef", min_size=8), max_size=3))
def test_a_file_cut_at_any_byte_keeps_what_was_whole_and_goes_on(
    cut: int, names: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        stones = Tombstones(Path(folder) / "erasures.jsonl")
        before = [Tombstone(number, number, "h" * 64, names) for number in range(3)]
        for one in before:
            stones.append(one)
        whole = stones.path.read_bytes()
        stones.path.write_bytes(whole[:cut])
        after = Tombstone(9, 9, "last")
        stones.append(after)
        lines = whole[:cut].count(b"\n")
        assert list(read(stones.path)) == [*before[:lines], after]


# The command line, on the machine itself.


def test_commands_hold_release_give_access_erase_and_replay(tmp_path: Path) -> None:
    data = tmp_path / "data"

    def sluis(*words: str, code: int = 0) -> Any:
        done = CliRunner().invoke(main, [*words, "--data-dir", str(data), "--json"])
        assert done.exit_code == code, done.output
        return json.loads(done.stdout) if code == 0 else done.output

    who, why = ("--subject", f"PERSON={JAN}"), ("--reason", "claim 2026-31")
    made = sluis("holds", "create", *who, *why, "--review", "2090-01-01")
    (shown,) = sluis("holds", "list")["holds"]
    assert (shown["id"], shown["people"], shown["state"]) == (made["id"], ["PERSON"], "active")
    assert made["id"] in sluis("erase", *who, *why, code=1)
    wanted = sluis("holds", "release", made["id"], *why)
    assert wanted["state"] == "pending"
    assert sluis("erase", "--dry-run", *who, *why)["entries"] == []
    package = tmp_path / "jan.zip"
    asked = ("subjects", "export", "--type", "person", "--value", JAN, "--output", str(package))
    given = sluis(*asked)
    assert (given["values"], given["requests"]) == (0, 0)
    assert "LEESMIJ.txt" in zipfile.ZipFile(package).namelist()
    sluis("erase", "--subject", f"PERSON={PETRA}", *why)
    stones = tmp_path / "data.erasures.jsonl"
    assert sluis("erase", "--replay", str(stones)) == {"replayed": 1, "on_hold": 0}
    assert "Give --subject" in sluis("erase", code=2)
    assert "leave the rest out" in sluis("erase", "--replay", str(stones), *who, code=2)
