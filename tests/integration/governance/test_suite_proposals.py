"""A suite of the organisation's own is proposed by one person and approved by another."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from gateway.core.errors import Denied, InvalidRequest
from gateway.core.system.secrets import create
from gateway.evaluation.versions.suite import read_suite
from gateway.governance.actor import Actor
from gateway.governance.evaluations.schemas import SuiteSummary
from gateway.governance.evaluations.tables import evaluation_suite
from gateway.governance.plane import build
from gateway.governance.proposals.states import APPROVED, PENDING
from gateway.governance.proposals.tables import proposal
from tests.integration.governance.test_evaluations import ITEMS, OWNER, SECOND, THIRD, Bench
from tests.support.evaluation_suites import description, items_text, line
from tests.support.own_suites import proposed
from tests.support.retained import Retained
from tests.support.schema import migrate

pytestmark = pytest.mark.integration
AUTHOR = Actor("k_author", "author", frozenset({"model_owner", "policy_approver"}), "sign-on")
ABOUT = description("refusal", name="poems")
TEXT = items_text({"expected": "answer"}, {"expected": "refuse"})
OTHER = items_text({"expected": "answer"}, {"expected": "answer"})


@pytest.fixture
async def small(tmp_path: Path) -> AsyncIterator[Retained]:
    """A control plane on SQLite."""
    made = Retained(tmp_path, None)
    await made.set_up()
    yield made
    await made.plane.close()


@pytest.fixture
async def bench(small: Retained) -> Bench:
    return await Bench(small).set_up()


async def decide(kept: Retained, identity: str, actor: Actor = SECOND) -> None:
    await kept.plane.proposals.decide(identity, actor, approve=True, comment="")


async def state(kept: Retained, identity: str) -> str:
    return (await kept.plane.proposals.get(identity)).summary.state


async def own(kept: Retained) -> Sequence[SuiteSummary]:
    return [one for one in await kept.plane.evaluations.suites.list() if one.own]


async def test_a_suite_is_in_use_once_another_person_approves(small: Retained) -> None:
    identity = await proposed(small.plane, ABOUT, TEXT, AUTHOR)
    assert await own(small) == []
    with pytest.raises(Denied, match="Roles that have it: compliance_officer, policy_approver"):
        await decide(small, identity, OWNER)
    assert await own(small) == []
    await decide(small, identity)
    (found,) = await own(small)
    digest = read_suite(ABOUT, TEXT).digest
    assert (found.name, found.digest, found.approved_by) == ("poems", digest, SECOND.id)
    (asked,) = await small.told("control:proposal:create")
    (added,) = await small.told("control:evaluation:suite")
    about = ("suite", "version", "digest", "licence", "items")
    assert [asked[name] for name in about] == ["poems", 1, digest, "CC0-1.0", 2]
    assert [added[name] for name in about] == [asked[name] for name in about]
    assert (added["author"], added["principal"]) == (AUTHOR.id, SECOND.id)
    assert not any("Vraag" in str(entry) for entry in (asked, added))


async def test_the_proposer_does_not_approve_a_suite(tmp_path: Path) -> None:
    plane = build(
        database_url=f"sqlite:///{tmp_path / 'governance.db'}",
        secrets=create(tmp_path / "secrets"),
        data_dir=None,
    )
    await migrate(plane.database)
    await plane.start()
    try:
        identity = await proposed(plane, ABOUT, TEXT, AUTHOR)
        with pytest.raises(Denied, match="another person must"):
            await plane.proposals.decide(identity, AUTHOR, approve=True, comment="")
        assert not any(one.own for one in await plane.evaluations.suites.list())
        await plane.proposals.decide(identity, SECOND, approve=True, comment="")
        assert [one.name for one in await plane.evaluations.suites.list() if one.own] == ["poems"]
    finally:
        await plane.close()


async def test_a_suite_that_waits_does_not_run(bench: Bench) -> None:
    identity = await proposed(bench.kept.plane, ABOUT, TEXT, OWNER)
    with pytest.raises(InvalidRequest, match=f"sluis proposals approve {identity}") as refused:
        await bench.start("1", suites=["letters", "poems"])
    assert (refused.value.code, refused.value.param) == ("suite_not_approved", "suites")
    assert await bench.kept.plane.evaluations.list() == []
    await decide(bench.kept, identity)
    targets = await bench.start("1", suites=["letters", "poems"])
    assert [run.suite for one in targets for run in one.runs] == ["letters", "poems"]


async def test_a_suite_that_waits_does_not_meet_the_gate(small: Retained) -> None:
    bench = await Bench(small).set_up(risk="minimal", suite=False)
    about = description("refusal", name="letters")
    lines = items_text(*({"expected": "answer"} for _ in range(ITEMS)))
    identity = await proposed(small.plane, about, lines, OWNER)
    with pytest.raises(InvalidRequest, match="add a suite of your own"):
        await bench.approve("1")
    await decide(small, identity)
    assert (await bench.evaluated("1", lambda _: "Natuurlijk.")).run.state == "passed"
    assert await bench.approve("1") == "approved"


async def test_the_version_in_use_counts_until_the_next_is_approved(bench: Bench) -> None:
    await bench.evaluated("1")
    about = description("refusal", name="letters").replace("version: 1", "version: 2")
    identity = await proposed(bench.kept.plane, about, TEXT, OWNER)
    assert (await bench.of("1")).lacking == []
    assert [one.version for one in await own(bench.kept)] == [1]
    await decide(bench.kept, identity)
    assert (await bench.of("1")).lacking == [
        "letters: the suite or its scorer has changed since; run it again"
    ]


async def test_of_two_proposals_of_a_version_one_wins(kept: Retained) -> None:
    texts = (TEXT, OTHER)
    both = [await proposed(kept.plane, ABOUT, text, OWNER) for text in texts]
    done = await asyncio.gather(
        *(decide(kept, one, by) for one, by in zip(both, (SECOND, THIRD), strict=True)),
        return_exceptions=True,
    )
    states = [await state(kept, one) for one in both]
    assert sorted(states) == sorted([APPROVED, PENDING])
    winner, loser = states.index(APPROVED), states.index(PENDING)
    refused = done[loser]
    assert isinstance(refused, InvalidRequest)
    assert (done[winner], refused.code) == (None, "stale_proposal")
    assert "poems has version 1 since this was proposed" in refused.message
    (found,) = await own(kept)
    assert found.digest == read_suite(ABOUT, texts[winner]).digest
    with pytest.raises(InvalidRequest, match="a suite never changes"):
        await proposed(kept.plane, ABOUT, TEXT, OWNER)
    await kept.plane.proposals.decide(both[loser], SECOND, approve=False, comment="")


async def test_a_byte_that_changes_before_the_approval_is_found(small: Retained) -> None:
    identity = await proposed(small.plane, ABOUT, TEXT, OWNER)
    of_it = proposal.c.id == identity
    async with small.plane.database.write() as connection:
        document = await connection.scalar(select(proposal.c.document).where(of_it))
        assert document is not None
        changed = document.replace("refuse", "answer")
        assert changed != document
        await connection.execute(update(proposal).where(of_it).values(document=changed))
    with pytest.raises(InvalidRequest, match="is not what was proposed") as refused:
        await decide(small, identity)
    assert refused.value.code == "stale_proposal"
    assert (await state(small, identity), await own(small)) == (PENDING, [])


async def test_an_approver_reads_what_is_new_and_the_whole(bench: Bench) -> None:
    plane = bench.kept.plane
    about = description("refusal", name="letters").replace("version: 1", "version: 2")
    # Of forty items the first is changed, the last two are gone, and one is new.
    fields = [{"expected": "refuse"}, *({"expected": "answer"} for _ in range(ITEMS - 3))]
    lines = "\n".join((items_text(*fields), line("new", expected="answer")))
    identity = await proposed(plane, about, lines, OWNER)
    shown = await plane.suite_proposals.show(identity)
    assert (shown.added, shown.removed, shown.changed) == (1, 2, 1)
    assert [one["id"] for one in shown.first] == ["i-0", "new"]
    assert shown.replaces is not None
    assert (shown.replaces.version, shown.suite.version) == (1, 2)
    files = await plane.suite_proposals.files(identity)
    assert (files.description, files.items) == (about, lines)
    (summary,) = (await plane.proposals.page(state=PENDING)).proposals
    changed = {one.field: (one.before, one.after) for one in summary.lines}
    assert changed["digest"] == (shown.replaces.digest, shown.suite.digest)
    assert (changed["version"], changed["items"]) == ((1, 2), (ITEMS, ITEMS - 1))
    await decide(bench.kept, identity)
    assert (await plane.proposals.get(identity)).document == "{}"
    with pytest.raises(InvalidRequest, match="This proposal is approved") as refused:
        await plane.suite_proposals.show(identity)
    assert refused.value.code == "already_closed"


async def test_what_was_added_before_stays_in_use(small: Retained) -> None:
    bench = await Bench(small).set_up(suite=False)
    about = description("refusal", name="letters")
    lines = items_text(*({"expected": "answer"} for _ in range(ITEMS)))
    async with small.plane.database.write() as connection:
        await connection.execute(
            insert(evaluation_suite).values(
                name="letters",
                version=1,
                digest=read_suite(about, lines).digest,
                description=about,
                items=lines,
                added=0.0,
                added_by="k_owner",
            )
        )
    assert [one.approved_by for one in await own(small)] == [None]
    assert (await bench.evaluated("1")).version_state == "evaluated"
