"""Model versions while others are at work: where a tag points, and who waits for whom."""

import asyncio
import datetime
import pickle
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from gateway.approvals import records
from gateway.core.errors import Denied, InvalidRequest
from gateway.core.manifest import verify
from gateway.governance.actor import Actor
from gateway.governance.changes.basis import Basis
from gateway.governance.models import files as subject
from gateway.governance.models.schemas import RegisteredVersion
from gateway.governance.models.service import ModelRegistry
from tests.support.cards import CARD, with_card
from tests.support.retained import DAY, Retained

pytestmark = pytest.mark.integration
OWNER = Actor("k_owner", "owner", frozenset({"model_owner"}), "sign-on")
SECOND = Actor("k_second", "second", frozenset({"policy_approver"}), "sign-on")
THIRD = Actor("k_third", "third", frozenset({"compliance_officer"}), "sign-on")
FOURTH = Actor("k_fourth", "fourth", frozenset({"policy_approver"}), "sign-on")
TAG, ROUNDS, REFUSE = "production", 8, "control:model:refuse"


def draft_in(folder: Path) -> None:
    """The least that can be registered and approved."""
    folder.mkdir()
    (folder / "config.json").write_text("{}", encoding="utf-8")
    with_card(folder)


async def approved(models: ModelRegistry, folder: Path, versions: str) -> None:
    draft_in(folder)
    for version in versions:
        await models.register("tiny", version, OWNER, base=folder)
        for approver in (SECOND, THIRD):
            await models.approve("tiny", version, approver)


async def one(models: ModelRegistry, version: str) -> RegisteredVersion:
    (found,) = [one for one in await models.list() if (one.name, one.version) == ("tiny", version)]
    return found


async def tagged(models: ModelRegistry) -> str:
    (now,) = [one.version for one in await models.list() if TAG in one.tags]
    return now


async def test_a_rollback_goes_to_the_version_before_also_when_another_promotes(
    kept: Retained, tmp_path: Path
) -> None:
    models = kept.plane.models
    await approved(models, tmp_path / "tiny", "123")
    for _ in range(ROUNDS):
        for version in "12":
            await models.promote("tiny", version, OWNER, tag=TAG)
        back, _ = await asyncio.gather(
            models.rollback("tiny", OWNER, tag=TAG), models.promote("tiny", "3", SECOND, tag=TAG)
        )
        now = await tagged(models)
        # Either the rollback came first, from 2 to 1, or it came second, from 3 to 2.
        assert (back, now) in [("1", "3"), ("2", "2")]


async def test_nobody_waits_while_files_are_hashed(
    kept: Retained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashing, others_are_done = threading.Event(), threading.Event()

    def slow(*files: Any) -> None:
        hashing.set()
        assert others_are_done.wait(timeout=10), "somebody waits for the hashing"
        verify(*files)

    monkeypatch.setattr(subject, "verify", slow)
    models, folder = kept.plane.models, tmp_path / "tiny"
    draft_in(folder)
    await models.register("tiny", "1", OWNER, base=folder)
    approving = asyncio.ensure_future(models.approve("tiny", "1", SECOND))
    await asyncio.to_thread(hashing.wait)
    await kept.plane.snapshots.publish()
    others_are_done.set()
    assert (await approving).given == 1


async def test_a_second_rollback_goes_further_back_and_not_forward(
    kept: Retained, tmp_path: Path
) -> None:
    models = kept.plane.models
    await approved(models, tmp_path / "tiny", "123")
    for version in "123":
        await models.promote("tiny", version, OWNER, tag=TAG)
    assert await models.rollback("tiny", OWNER, tag=TAG) == "2"
    assert await models.rollback("tiny", OWNER, tag=TAG) == "1"
    with pytest.raises(InvalidRequest, match="no approved version to go back to"):
        await models.rollback("tiny", OWNER, tag=TAG)
    moves = await models.history("tiny", TAG)
    assert [(move.version, move.cause) for move in moves] == [
        ("1", "promote"),
        ("2", "promote"),
        ("3", "promote"),
        ("2", "rollback"),
        ("1", "rollback"),
    ]


async def test_the_snapshot_names_the_versions_before_of_each_tag(
    kept: Retained, tmp_path: Path
) -> None:
    models = kept.plane.models
    await approved(models, tmp_path / "tiny", "123")

    async def earlier() -> dict[str, dict[str, list[str]]]:
        await kept.plane.snapshots.publish()
        published = await kept.plane.snapshots.published()
        assert published is not None
        return {one.version: one.earlier for one in published.models if one.earlier}

    for version in "12":
        await models.promote("tiny", version, OWNER, tag=TAG)
    assert await earlier() == {"2": {TAG: ["1"]}}
    await models.promote("tiny", "3", OWNER, tag=TAG)
    assert await earlier() == {"3": {TAG: ["2", "1"]}}
    await models.rollback("tiny", OWNER, tag=TAG)
    assert await earlier() == {"2": {TAG: ["3", "1"]}}


async def test_a_rollback_passes_over_what_was_withdrawn(kept: Retained, tmp_path: Path) -> None:
    models = kept.plane.models
    await approved(models, tmp_path / "tiny", "1234")
    for version in "1234":
        await models.promote("tiny", version, OWNER, tag=TAG)
    await models.quarantine("tiny", "3", OWNER, reason="wrong advice")
    await models.retire("tiny", "2", OWNER, reason="no longer used")
    for withdrawn in "23":
        with pytest.raises(InvalidRequest, match="only approved versions serve"):
            await models.rollback("tiny", OWNER, tag=TAG, to=withdrawn)
    with pytest.raises(InvalidRequest, match="has not named 9 before"):
        await models.rollback("tiny", OWNER, tag=TAG, to="9")
    assert await models.rollback("tiny", OWNER, tag=TAG) == "1"
    assert await tagged(models) == "1"


async def test_a_rollback_may_name_any_earlier_version(kept: Retained, tmp_path: Path) -> None:
    models = kept.plane.models
    await approved(models, tmp_path / "tiny", "123")
    for version in "123":
        await models.promote("tiny", version, OWNER, tag=TAG)
    assert await models.rollback("tiny", OWNER, tag=TAG, to="1") == "1"
    await models.promote("tiny", "3", OWNER, tag=TAG)
    assert await models.rollback("tiny", OWNER, tag=TAG) == "1"


@pytest.mark.parametrize("kept", ["postgres"], indirect=True)
async def test_two_other_persons_approve_and_neither_counts_twice(
    kept: Retained, tmp_path: Path
) -> None:
    models, folder = kept.plane.models, tmp_path / "tiny"
    draft_in(folder)
    await models.register("tiny", "1", OWNER, base=folder)
    for _ in range(2):
        tally = await models.approve("tiny", "1", SECOND)
        assert (tally.given, tally.needed, tally.state) == (1, 2, "draft")
    with pytest.raises(Denied, match="another person"):
        await models.approve("tiny", "1", OWNER)
    with pytest.raises(InvalidRequest, match="only approved versions serve"):
        await models.promote("tiny", "1", OWNER, tag=TAG)
    tally = await models.approve("tiny", "1", THIRD)
    assert (tally.given, tally.state) == (2, "approved")
    found = await one(models, "1")
    assert [given.approved_by for given in found.approvals] == [SECOND.id, THIRD.id]
    assert (found.life, found.approved_by) == ("approved", THIRD.id)
    await models.promote("tiny", "1", OWNER, tag=TAG)
    assert (await one(models, "1")).life == "production"


@pytest.mark.parametrize("kept", ["postgres"], indirect=True)
async def test_a_key_that_another_approver_issued_is_not_another_person(
    kept: Retained, tmp_path: Path
) -> None:
    models, folder = kept.plane.models, tmp_path / "tiny"
    draft_in(folder)
    await models.register("tiny", "1", OWNER, base=folder)
    issued = replace(THIRD, issued_by=SECOND.id)
    for approver in (issued, SECOND, issued):
        assert (await models.approve("tiny", "1", approver)).given == 1


async def with_powers(kept: Retained, rule: str) -> None:
    """Put a policy bundle in force whose power over models has this rule in place of its count."""
    plane, basis = kept.plane, Basis.one(SECOND, records.ADOPTED)
    files = dict(await plane.policies.active())
    assert "\n    count: 2\n" in files["powers.yaml"]
    files["powers.yaml"] = files["powers.yaml"].replace("count: 2", rule, 1)
    async with (
        plane.database.write() as connection,
        plane.governed.change(connection, SECOND, basis),
    ):
        await plane.policies.activate_files(connection, files, SECOND, author="second")
    plane.permissions.use(await plane.policies.active())


@pytest.mark.parametrize("kept", ["postgres"], indirect=True)
@pytest.mark.parametrize(
    ("rule", "needed", "enough"),
    [
        ("count: 1", 1, [SECOND]),
        ("count: 3", 3, [SECOND, THIRD, FOURTH]),
        ("count: 2\n    each: [policy_approver, compliance_officer]", 2, [SECOND, FOURTH, THIRD]),
    ],
)
async def test_the_persons_that_policy_asks_for_approve(
    kept: Retained, tmp_path: Path, rule: str, needed: int, enough: list[Actor]
) -> None:
    await with_powers(kept, rule)
    models, folder = kept.plane.models, tmp_path / "tiny"
    draft_in(folder)
    await models.register("tiny", "1", OWNER, base=folder)
    tallies = [await models.approve("tiny", "1", one) for one in enough]
    assert [one.met for one in tallies] == [False] * (len(enough) - 1) + [True]
    assert {one.needed for one in tallies} == {needed}


@pytest.mark.parametrize("kept", ["postgres"], indirect=True)
async def test_another_card_voids_the_approvals_before(kept: Retained, tmp_path: Path) -> None:
    models, folder = kept.plane.models, tmp_path / "tiny"
    draft_in(folder)
    await models.register("tiny", "1", OWNER, base=folder)
    assert (await models.approve("tiny", "1", SECOND)).given == 1
    await models.set_card("tiny", "1", OWNER, text=CARD.replace("nothing sensible", "nothing"))
    tally = await models.approve("tiny", "1", THIRD)
    assert (tally.given, tally.met, tally.state) == (1, False, "draft")
    tally = await models.approve("tiny", "1", SECOND)
    assert (tally.given, tally.state) == (2, "approved")


@pytest.mark.parametrize("kept", ["postgres"], indirect=True)
async def test_approvals_end_and_are_given_again(kept: Retained, tmp_path: Path) -> None:
    models = kept.plane.models
    await approved(models, tmp_path / "tiny", "12")
    kept.clock.ms += 366 * DAY
    with pytest.raises(InvalidRequest, match="approvals of tiny@1 have ended"):
        await models.promote("tiny", "1", OWNER, tag=TAG)
    assert (await models.approve("tiny", "1", SECOND)).met is False
    assert (await models.approve("tiny", "1", THIRD)).met is True
    await models.promote("tiny", "1", OWNER, tag=TAG)


async def test_racing_approvals_and_promotions_leave_one_state(
    kept: Retained, tmp_path: Path
) -> None:
    models = kept.plane.models
    await approved(models, tmp_path / "tiny", "12")
    done = await asyncio.gather(
        *(models.promote("tiny", version, OWNER, tag=TAG) for version in "1212"),
        models.quarantine("tiny", "2", OWNER, reason="wrong advice"),
        models.quarantine("tiny", "2", SECOND, reason="wrong advice"),
        return_exceptions=True,
    )
    refused = [fault for fault in done if isinstance(fault, BaseException)]
    assert all(isinstance(fault, InvalidRequest) for fault in refused)
    assert (await one(models, "2")).state == "quarantined"
    moves = [move.version for move in await models.history("tiny", TAG)]
    assert await tagged(models) == moves[-1]


async def test_a_version_gets_a_last_day_and_ends(kept: Retained, tmp_path: Path) -> None:
    models, today = (
        kept.plane.models,
        datetime.datetime.fromtimestamp(kept.clock(), datetime.UTC).date(),
    )
    await approved(models, tmp_path / "tiny", "1")
    with pytest.raises(InvalidRequest, match="today or later"):
        await models.deprecate(
            "tiny", "1", OWNER, until=today - datetime.timedelta(days=2), reason="replaced"
        )
    await models.deprecate("tiny", "1", OWNER, until=today, reason="replaced")
    assert ((await one(models, "1")).state, (await one(models, "1")).until) == (
        "deprecated",
        today.isoformat(),
    )
    with pytest.raises(InvalidRequest, match="only approved versions serve"):
        await models.promote("tiny", "1", OWNER, tag=TAG)
    await models.retire("tiny", "1", OWNER, reason="replaced")
    for again in (
        models.approve("tiny", "1", SECOND),
        models.retire("tiny", "1", OWNER, reason="replaced"),
    ):
        with pytest.raises(InvalidRequest, match="is retired"):
            await again


@dataclass(frozen=True)
class Refused:
    """A change of a version that is refused, and what its entry says."""

    action: str
    code: str = "invalid_request"
    param: str | None = None


async def refused_as(kept: Retained, change: Awaitable[object], expected: Refused) -> None:
    """Check that a change is refused, that nothing else changes, and that it is on record."""
    models = kept.plane.models
    before = await models.list(), await models.history("tiny"), await kept.told(REFUSE)
    with pytest.raises((Denied, InvalidRequest)):
        await change
    entry = (await kept.told(REFUSE))[len(before[2]) :]
    assert (await models.list(), await models.history("tiny")) == before[:2]
    assert [(one["model"], one["action"], one["code"], one.get("param")) for one in entry] == [
        ("tiny", expected.action, expected.code, expected.param)
    ]
    assert str(kept.folder) not in str(entry)


def _pickle(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(pickle.dumps({"weight": 1}))


def _remote_code(folder: Path) -> None:
    (folder / "modeling_tiny.py").write_text("", encoding="utf-8")


def _link(folder: Path) -> None:
    (folder / "tokenizer.json").symlink_to(folder / "config.json")


def _wrong_base(folder: Path) -> None:
    text = CARD.replace("sluis:", f"sluis:\n  base_digest: sha256:{'0' * 64}")
    (folder / "README.md").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("spoil", [_pickle, _remote_code, _link, _wrong_base])
async def test_a_refused_registration_is_on_record(
    kept: Retained, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    draft_in(tmp_path / "tiny")
    spoil(tmp_path / "tiny")
    register = kept.plane.models.register("tiny", "1", OWNER, base=tmp_path / "tiny")
    await refused_as(kept, register, Refused("register"))
    (entry,) = await kept.told(REFUSE)
    assert (entry["version"], entry["principal"]) == ("1", OWNER.id)


async def test_refused_approvals_and_promotions_are_on_record(
    kept: Retained, tmp_path: Path
) -> None:
    models, folder = kept.plane.models, tmp_path / "tiny"
    draft_in(folder)
    await models.register("tiny", "1", OWNER, base=folder)
    await models.register("tiny", "2", OWNER, base=folder, card="# No fields\n")
    for change, expected in (
        (models.approve("tiny", "1", OWNER), Refused("approve", "access_denied")),
        (models.approve("tiny", "2", SECOND), Refused("approve", param="card")),
        (models.approve("tiny", "3", SECOND), Refused("approve", "not_found")),
        (models.promote("tiny", "1", OWNER, tag=TAG), Refused("promote")),
        (models.rollback("tiny", OWNER, tag=TAG), Refused("rollback")),
        (models.register("tiny", "1", OWNER, base=folder), Refused("register")),
        (models.register("tiny", "4", OWNER, base=f"upload:u_{'0' * 32}"), Refused("register")),
    ):
        await refused_as(kept, change, expected)


async def test_refused_cards_and_ends_are_on_record(kept: Retained, tmp_path: Path) -> None:
    models, folder = kept.plane.models, tmp_path / "tiny"
    await approved(models, folder, "1")
    await models.register("tiny", "2", OWNER, base=folder)
    await models.retire("tiny", "1", OWNER, reason="it is old")
    other = CARD.replace("sluis:", f"sluis:\n  base_digest: sha256:{'0' * 64}")
    past, later = datetime.date(2020, 1, 1), datetime.date(2099, 1, 1)
    for change, expected in (
        (models.set_card("tiny", "1", OWNER, text=CARD), Refused("card")),
        (models.set_card("tiny", "2", OWNER, text=other), Refused("card", param="card")),
        (models.set_card("tiny", "3", OWNER, text=CARD), Refused("card", "not_found")),
        (
            models.deprecate("tiny", "2", OWNER, until=past, reason="it is old"),
            Refused("deprecate", param="until"),
        ),
        (
            models.deprecate("tiny", "1", OWNER, until=later, reason="it is old"),
            Refused("deprecate"),
        ),
        (models.retire("tiny", "1", OWNER, reason="it is old"), Refused("retire")),
        (models.quarantine("tiny", "3", OWNER, reason="gone"), Refused("quarantine", "not_found")),
    ):
        await refused_as(kept, change, expected)


async def test_an_entry_of_a_refusal_has_no_text_of_the_caller(
    kept: Retained, tmp_path: Path
) -> None:
    with pytest.raises(InvalidRequest):
        await kept.plane.models.approve("Jan Kwijtelaar", "x" * 500, SECOND)
    (entry,) = await kept.told(REFUSE)
    assert (entry.get("model"), entry.get("version"), entry["code"]) == (None, None, "not_found")
