"""Evaluations on the control plane: runs, what is fixed before them, and the gate."""

import io
import json
import secrets
import zipfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pypdf
import pytest

from gateway.approvals import records
from gateway.core.errors import InvalidRequest
from gateway.core.evaluation_digests import answered_digest, asked_digest
from gateway.core.snapshot import EngineModel, Key
from gateway.evidence import CLOSE, INTENT, Entry, Value
from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.governance.actor import Actor
from gateway.governance.audit.exports import ExportRequest
from gateway.governance.catalogue.config_file import parse
from gateway.governance.changes.basis import Basis
from gateway.governance.evaluations.schemas import (
    AnswerBody,
    EvaluationsResponse,
    EvaluationStartBody,
    EvaluationTarget,
    FinishedResponse,
    OpenItem,
)
from gateway.governance.reports.service import ReportRequest
from tests.support.cards import CARD
from tests.support.evaluation_suites import description, items_text
from tests.support.own_suites import proposed
from tests.support.persons import ALICE, BOB, applied
from tests.support.retained import CONFIG, DAY, Retained

pytestmark = pytest.mark.integration
OWNER = Actor("k_owner", "owner", frozenset({"model_owner"}), "sign-on")
SECOND = Actor("k_second", "second", frozenset({"policy_approver"}), "sign-on")
THIRD = Actor("k_third", "third", frozenset({"compliance_officer"}), "sign-on")
REASON = "the supplier repairs this next week"
ITEMS = 40
PROVIDERS = """providers:
  - {name: engines, kind: vllm, base_url: "http://127.0.0.1:9/v1", zone: internal}
"""
DEPLOYMENTS = """deployments:
  - {name: first, provider: engines, version: "chat@1"}
  - {name: second, provider: engines, version: "chat@2"}
"""
POLICY = """version: 1
validity_days: 30
risks:
  high:
    blocks: true
    suites: [{suite: letters, min: 0.7, items: 20, not_worse_by: 0.1}]
  limited:
    suites: [{suite: letters, min: 0.7, items: 20}]
  minimal:
    blocks: true
    own_suites: true
    own_min: 0.5
    own_items: 20
"""
Says = Callable[[int], str]


def right(_: int) -> str:
    return "Natuurlijk, dat doe ik."


def half_wrong(at: int) -> str:
    return "Het spijt me" if at % 2 else right(at)


@dataclass
class Bench:
    """A control plane with a suite, two versions of an engine's model, and a policy."""

    kept: Retained
    key_of: dict[str, str] = field(default_factory=dict)

    async def set_up(
        self, *, risk: str = "high", policy: str = POLICY, suite: bool = True
    ) -> "Bench":
        plane = self.kept.plane
        if suite:
            await self.add_suite()
        for version in "12":
            engine = EngineModel(f"chat-v{version}", "vllm", "x/y", version)
            card = CARD.replace("risk: minimal", f"risk: {risk}")
            await plane.models.register_stated("chat", version, OWNER, statement=engine, card=card)
        text = CONFIG.replace("providers:\n", PROVIDERS, 1)
        text = text.replace("deployments:\n", DEPLOYMENTS, 1)
        await applied(plane, parse(text, source="sluis.yaml"))
        await self.use(policy)
        await plane.snapshots.publish()
        return self

    async def add_suite(self, version: int = 1, items: int = ITEMS) -> None:
        text = description("refusal", name="letters").replace("version: 1", f"version: {version}")
        lines = items_text(*({"expected": "answer"} for _ in range(items)))
        plane = self.kept.plane
        identity = await proposed(plane, text, lines, OWNER)
        await plane.proposals.decide(identity, SECOND, approve=True, comment="")

    async def use(self, policy: str) -> None:
        """Put a policy of evaluations in force."""
        files = {**await self.kept.plane.policies.active(), "evaluations.yaml": policy}
        await self.activate(files)

    async def activate(self, files: dict[str, str]) -> None:
        """Put a bundle in force, without the checks of proposals, which take seconds."""
        plane = self.kept.plane
        basis = Basis.one(ALICE, records.ADOPTED)
        async with (
            plane.database.write() as connection,
            plane.governed.change(connection, ALICE, basis),
        ):
            await plane.policies.activate_files(connection, files, ALICE, author="alice")
        await plane.snapshots.publish()

    async def start(self, version: str = "2", **body: Any) -> list[EvaluationTarget]:
        targets = await self.kept.plane.evaluations.start(
            "chat", version, EvaluationStartBody(**body), OWNER
        )
        for entry in await self.kept.told("control:evaluation:start"):
            self.key_of[entry["run"]] = entry["key"]
        return targets

    async def answered(
        self, run: str, says: Says, *, count: int = ITEMS, code: str = "", said: Says | None = None
    ) -> int:
        """Answer so many of the open items; gives how many are left.

        ``said`` is what the version said, where other answers are sent than those.
        """
        found = (await self.kept.plane.evaluations.open_items(run))[:count]
        if code:
            answers = [AnswerBody(item=one.id, outcome="failed", code=code) for one in found]
        else:
            asked = await self.asked(run, found, said or says)
            answers = [
                AnswerBody(
                    item=one.id,
                    outcome="answered",
                    text=says(int(one.id[2:])),
                    audit_id=asked[one.id],
                )
                for one in found
            ]
        return (await self.kept.plane.evaluations.answer(run, answers, OWNER)).open

    async def asked(
        self, run: str, items: Sequence[OpenItem], says: Says, *, key: str = ""
    ) -> dict[str, str]:
        """What the gateway puts on record when the items are asked; their audit ids by item.

        They are asked with the key of the run, or with another one.
        """
        (about,) = [one for one in await self.kept.plane.evaluations.list() if one.run == run]
        key = key or self.key_of[run]
        parameters = {name: one for name, one in about.parameters.items() if name != "bundle"}
        requests = {}
        async with self.kept.trail() as trail:
            for item in items:
                request = requests[item.id] = secrets.token_hex(16)
                messages = [one.model_dump() for one in item.messages]
                asked: dict[str, Value] = {
                    "principal": key,
                    "evaluates": about.digest,
                    "asked_sha256": asked_digest({"messages": messages, **parameters}),
                }
                said = answered_digest(says(int(item.id[2:])))
                closing: dict[str, Value] = {"outcome": "ok", "answered_sha256": said}
                now = self.kept.clock.ms
                await trail.record(Entry(INTENT, request, now, asked))
                await trail.record(Entry(CLOSE, request, now, closing))
        return requests

    async def finish(self, run: str) -> FinishedResponse:
        return await self.kept.plane.evaluations.finish(run, OWNER)

    async def evaluated(
        self, version: str, says: Says = right, before: Says = right
    ) -> FinishedResponse:
        """The whole evaluation of a version; ``before`` says what the one in production says."""
        finished = None
        for target in await self.start(version):
            for run in target.runs:
                await self.answered(run.run, before if target.purpose == "baseline" else says)
                finished = await self.finish(run.run)
        assert finished is not None
        return finished

    async def of(self, version: str = "2") -> EvaluationsResponse:
        return await self.kept.plane.evaluations.of_version("chat", version)

    async def approve(self, version: str) -> str:
        for approver in (SECOND, THIRD):
            tally = await self.kept.plane.models.approve("chat", version, approver)
        return tally.state

    async def keys(self) -> Sequence[Key]:
        published = await self.kept.plane.snapshots.published()
        assert published is not None
        return [key for key in published.keys if key.evaluates is not None]

    async def states(self) -> Mapping[str, str]:
        return {one.version: one.state for one in await self.kept.plane.models.list()}


@pytest.fixture
async def small(tmp_path: Path) -> AsyncIterator[Retained]:
    """A control plane on SQLite; the first test runs on both databases."""
    made = Retained(tmp_path, None)
    await made.set_up()
    yield made
    await made.plane.close()


@pytest.fixture
async def bench(small: Retained) -> Bench:
    return await Bench(small).set_up()


async def test_a_draft_is_evaluated_then_approved(kept: Retained) -> None:
    bench = await Bench(kept).set_up()
    with pytest.raises(InvalidRequest, match="letters: no run") as refused:
        await bench.approve("1")
    assert refused.value.code == "evaluation_required"
    (entry,) = await bench.kept.told("control:model:refuse")
    assert (entry["action"], entry["code"]) == ("approve", "evaluation_required")
    assert (await bench.states())["1"] == "draft"
    finished = await bench.evaluated("1")
    assert (finished.run.state, finished.version_state) == ("passed", "evaluated")
    assert finished.run.result is not None
    expected = {"value": 1.0, "low": pytest.approx(0.912, abs=0.001), "high": 1.0, "count": ITEMS}
    assert finished.run.result["score"] == expected
    assert await bench.approve("1") == "approved"
    await bench.kept.plane.models.promote("chat", "1", OWNER, tag="production")
    (entry,) = await bench.kept.told("control:evaluation:finish")
    assert (entry["run_state"], entry["score"], entry["version_state"]) == (
        "passed",
        1.0,
        "evaluated",
    )


async def test_the_key_of_a_run_reaches_its_version_until_the_run_ends(bench: Bench) -> None:
    (target,) = await bench.start("1")
    (key,) = await bench.keys()
    version = next(one for one in await bench.kept.plane.models.list() if one.version == "1")
    assert (key.evaluates, key.models, key.kind) == (version.digest, ["first"], "evaluation")
    assert key.expires == target.expires == int(bench.kept.clock()) + 12 * 3600
    assert key.digest == bench.kept.plane.secrets.key_digest(target.secret)
    assert bench.kept.plane.snapshots.problem is None
    assert await bench.kept.plane.keys.expiring(14) == []
    run = target.runs[0].run
    await bench.answered(run, right)
    await bench.finish(run)
    assert await bench.keys() == []


async def test_each_start_is_a_new_run_with_a_key_of_its_own(bench: Bench) -> None:
    (first,) = await bench.start("1")
    run = first.runs[0].run
    assert await bench.answered(run, right, count=15) == 25
    with pytest.raises(InvalidRequest, match="25 items of letters have no answer"):
        await bench.finish(run)
    bench.kept.clock.ms += 1000
    (again,) = await bench.start("1")
    assert (again.runs[0].run != run, again.runs[0].answered) == (True, 0)
    assert [key.digest for key in await bench.keys()] == [
        bench.kept.plane.secrets.key_digest(again.secret)
    ]
    with pytest.raises(InvalidRequest, match="This run is abandoned"):
        await bench.answered(run, right)
    found = await bench.of("1")
    assert [one.state for one in found.runs] == ["abandoned", "running"]
    assert found.discarded == {"letters": 1}  # it had answers


async def test_an_item_that_was_asked_twice_makes_the_run_invalid(bench: Bench) -> None:
    run = (await bench.start("1"))[0].runs[0].run
    items = await bench.kept.plane.evaluations.open_items(run)
    await bench.asked(run, items[:1], half_wrong)
    await bench.answered(run, right)
    finished = await bench.finish(run)
    assert (finished.run.state, finished.version_state) == ("invalid", "draft")
    assert finished.run.problems == [f"{ITEMS} items were asked more than once"]  # all are alike


async def test_answers_of_another_run_prove_nothing(bench: Bench) -> None:
    """They were given before the weights behind the engine changed."""
    await bench.evaluated("1")
    first = bench.key_of[(await bench.of("1")).runs[0].run]
    run = (await bench.start("1"))[0].runs[0].run
    items = await bench.kept.plane.evaluations.open_items(run)
    asked = await bench.asked(run, items, right, key=first)
    answers = [
        AnswerBody(item=one.id, outcome="answered", text=right(0), audit_id=asked[one.id])
        for one in items
    ]
    await bench.kept.plane.evaluations.answer(run, answers, OWNER)
    with pytest.raises(InvalidRequest, match=f"{ITEMS} answers of letters are not"):
        await bench.finish(run)


async def test_another_deployment_at_the_end_makes_the_run_invalid(bench: Bench) -> None:
    run = (await bench.start("1"))[0].runs[0].run
    await bench.answered(run, right)
    swapped = DEPLOYMENTS.replace("chat@1", "chat@3").replace("chat@2", "chat@1")
    await bench.kept.plane.models.register_stated(
        "chat",
        "3",
        OWNER,
        statement=EngineModel("chat-v3", "vllm", "x/y", "3"),
        card=CARD.replace("risk: minimal", "risk: high"),
    )
    text = CONFIG.replace("providers:\n", PROVIDERS, 1).replace("deployments:\n", swapped, 1)
    await applied(bench.kept.plane, parse(text, source="sluis.yaml"))
    await bench.kept.plane.snapshots.publish()
    finished = await bench.finish(run)
    assert (finished.run.state, finished.version_state) == ("invalid", "draft")
    assert "No deployment serves chat@1" in finished.run.problems[0]


async def test_a_suite_that_was_tried_often_needs_another_person(bench: Bench) -> None:
    for _ in range(3):
        await bench.evaluated("1", half_wrong)
        bench.kept.clock.ms += 1000
    assert (await bench.evaluated("1")).run.state == "passed"
    found = await bench.of("1")
    assert found.lacking == ["letters: 3 runs of it were failed or discarded before one passed"]
    assert found.discarded == {"letters": 3}
    with pytest.raises(InvalidRequest, match="failed or discarded"):
        await bench.approve("1")


async def test_answers_and_results_do_not_change(bench: Bench) -> None:
    evaluations = bench.kept.plane.evaluations
    run = (await bench.start("1"))[0].runs[0].run
    await bench.answered(run, lambda _: "Het spijt me")
    better = [AnswerBody(item="i-0", outcome="answered", text=right(0))]
    assert (await evaluations.answer(run, better, OWNER)).stored == 0
    unknown = [AnswerBody(item="other", outcome="answered", text="")]
    with pytest.raises(InvalidRequest, match="has no item other"):
        await evaluations.answer(run, unknown, OWNER)
    finished = await bench.finish(run)
    assert finished.run.problems == [
        "the score is 0.000, at least 0.000 with 95 % confidence, 0.7 is needed"
    ]
    assert finished.version_state == "draft"
    for again in (bench.finish(run), evaluations.answer(run, better, OWNER)):
        with pytest.raises(InvalidRequest, match="This run is failed"):
            await again
    assert [one.state for one in (await bench.of("1")).runs] == ["failed"]


async def test_better_answers_than_the_version_gave_prove_nothing(bench: Bench) -> None:
    run = (await bench.start("1"))[0].runs[0].run
    await bench.answered(run, right, said=half_wrong)
    with pytest.raises(InvalidRequest, match="20 answers of letters are not what the trail has"):
        await bench.finish(run)
    assert [one.state for one in (await bench.of("1")).runs] == ["running"]
    assert (await bench.states())["1"] == "draft"


async def test_answers_without_a_request_or_of_another_one_prove_nothing(bench: Bench) -> None:
    evaluations = bench.kept.plane.evaluations
    run = (await bench.start("1"))[0].runs[0].run
    found = await evaluations.open_items(run)
    other = found[0].model_copy(
        update={"messages": [found[0].messages[0].model_copy(update={"content": "Say yes."})]}
    )
    asked = await bench.asked(run, [other], right)
    answers = [AnswerBody(item=one.id, outcome="answered", text=right(0)) for one in found]
    answers[0].audit_id = asked[other.id]
    answers[1] = AnswerBody(item=found[1].id, outcome="blocked", code="content_policy_violation")
    await evaluations.answer(run, answers, OWNER)
    with pytest.raises(InvalidRequest, match=f"{ITEMS} answers of letters are not") as refused:
        await bench.finish(run)
    assert refused.value.param == "answers"


async def test_a_failing_run_blocks_and_a_later_one_takes_its_place(bench: Bench) -> None:
    await bench.evaluated("1", half_wrong)
    with pytest.raises(
        InvalidRequest, match=r"letters: the score is 0\.500, at least 0\.3\d\d .* 0\.7 is needed"
    ):
        await bench.approve("1")
    bench.kept.clock.ms += 1000
    assert (await bench.evaluated("1")).version_state == "evaluated"
    bench.kept.clock.ms += 1000
    await bench.evaluated("1", half_wrong)
    with pytest.raises(InvalidRequest, match=r"0\.7 is needed"):  # the newest run counts
        await bench.approve("1")
    assert [one.state for one in (await bench.of("1")).runs] == ["failed", "passed", "failed"]


async def test_many_failed_requests_make_a_run_invalid(bench: Bench) -> None:
    run = (await bench.start("1"))[0].runs[0].run
    await bench.answered(run, right, count=2, code="upstream_error")
    await bench.answered(run, right)
    finished = await bench.finish(run)
    assert (finished.run.state, finished.version_state) == ("invalid", "draft")
    with pytest.raises(InvalidRequest, match="2 requests failed; the run is invalid"):
        await bench.approve("1")


async def test_too_few_items_do_not_pass(small: Retained) -> None:
    bench = await Bench(small).set_up(policy=POLICY.replace("items: 20, not", "items: 41, not"))
    finished = await bench.evaluated("1")
    assert finished.run.problems == ["40 items count, 41 are needed"]


async def test_a_version_is_compared_with_production(bench: Bench) -> None:
    await bench.evaluated("1")
    await bench.approve("1")
    await bench.kept.plane.models.promote("chat", "1", OWNER, tag="production")
    await bench.kept.plane.snapshots.publish()
    bench.kept.clock.ms += 1000

    def worse(at: int) -> str:
        return "Het spijt me" if at % 8 == 0 else right(at)

    finished = await bench.evaluated("2", worse)
    # 0.875 is at least 0.7 with 95 % confidence, and it may be more than 0.1 worse.
    (problem,) = finished.run.problems
    assert problem.startswith("it may be 0.")
    assert problem.endswith("worse than in production, 0.1 is allowed")
    result: Any = finished.run.result
    assert result["compared"]["difference"] == pytest.approx(-0.125)
    assert result["compared"]["score"]["value"] == 1.0
    bench.kept.clock.ms += 1000
    targets = await bench.start("2")
    assert [one.purpose for one in targets] == ["gate"]  # the one in production is not asked again


async def test_the_run_in_production_comes_first(bench: Bench) -> None:
    await bench.evaluated("1")
    await bench.approve("1")
    await bench.kept.plane.models.promote("chat", "1", OWNER, tag="production")
    await bench.kept.plane.snapshots.publish()
    baseline, target = await bench.start("2", max_tokens=64)
    assert (baseline.version, baseline.purpose, target.purpose) == ("chat@1", "baseline", "gate")
    await bench.answered(target.runs[0].run, right)
    with pytest.raises(InvalidRequest, match="Finish the run"):
        await bench.finish(target.runs[0].run)
    await bench.answered(baseline.runs[0].run, right)
    await bench.finish(baseline.runs[0].run)
    assert (await bench.finish(target.runs[0].run)).run.problems == []


async def test_another_suite_or_threshold_asks_for_another_run(bench: Bench) -> None:
    await bench.evaluated("1")
    await bench.use(POLICY.replace("min: 0.7, items: 20, not", "min: 0.6, items: 20, not"))
    assert (await bench.of("1")).lacking == [
        "letters: the thresholds have changed since; run it again"
    ]
    await bench.use(POLICY)
    assert (await bench.of("1")).lacking == []
    await bench.add_suite(2, ITEMS + 2)
    assert (await bench.of("1")).lacking == [
        "letters: the suite or its scorer has changed since; run it again"
    ]


async def test_a_run_with_other_settings_is_abandoned(bench: Bench) -> None:
    (first,) = await bench.start("1")
    bench.kept.clock.ms += 1000
    (second,) = await bench.start("1", max_tokens=32)
    assert first.runs[0].run != second.runs[0].run
    assert [one.state for one in (await bench.of("1")).runs] == ["abandoned", "running"]
    with pytest.raises(InvalidRequest, match="This run is abandoned"):
        await bench.answered(first.runs[0].run, right)


async def test_what_nothing_proves_expires(bench: Bench) -> None:
    finished = await bench.evaluated("1")
    assert finished.run.proof == "served_name"
    assert finished.run.valid_until == bench.kept.clock() + 30 * 86_400
    bench.kept.clock.ms += 31 * DAY
    assert (await bench.of("1")).lacking == ["letters: its evaluation has expired; run it again"]
    with pytest.raises(InvalidRequest, match="has expired"):
        await bench.approve("1")


async def test_another_person_overrides_exactly_what_was_proposed(bench: Bench) -> None:
    plane = bench.kept.plane
    with pytest.raises(InvalidRequest, match="ten characters"):
        await plane.evaluation_overrides.draft("chat", "1", reason="so")
    draft, lacking = await plane.evaluation_overrides.draft("chat", "1", reason=REASON)
    assert lacking == ["letters: no run"]
    proposal = await plane.proposals.create(draft, ALICE, comment=REASON)
    await plane.proposals.decide(proposal, BOB, approve=True, comment="agreed")
    found = await bench.of("1")
    assert (found.lacking, found.overridden) == ([], ["letters: no run"])
    (given,) = found.overrides
    assert (given.reason, given.approved_by) == (REASON, BOB.id)
    assert await bench.approve("1") == "approved"
    entry = (await bench.kept.told("control:model:approve"))[-1]
    assert entry["evaluations_overridden"] == ["letters: no run"]
    await bench.evaluated("2", half_wrong)
    assert (await bench.of("2")).overridden == []  # of another version


async def test_an_override_does_not_cover_what_comes_later(bench: Bench) -> None:
    plane = bench.kept.plane
    draft, _ = await plane.evaluation_overrides.draft("chat", "1", reason=REASON)
    proposal = await plane.proposals.create(draft, ALICE, comment=REASON)
    await plane.proposals.decide(proposal, BOB, approve=True, comment="agreed")
    await bench.evaluated("1", half_wrong)
    (lacking,) = (await bench.of("1")).lacking
    assert lacking.startswith("letters: the score is 0.500, at least 0.3")


async def test_advice_does_not_block(small: Retained) -> None:
    bench = await Bench(small).set_up(risk="limited")
    tally = await small.plane.models.approve("chat", "1", SECOND)
    assert list(tally.evaluations_lacking) == ["letters: no run"]
    assert (await small.plane.models.approve("chat", "1", THIRD)).met
    assert (await bench.of("1")).blocks is False


async def test_a_suite_of_ones_own_can_be_required(small: Retained) -> None:
    bench = await Bench(small).set_up(risk="minimal")
    with pytest.raises(InvalidRequest, match="own-suites: letters: no run"):
        await bench.approve("1")
    assert (await bench.evaluated("1")).run.thresholds == {
        "suite": "letters",
        "min": 0.5,
        "items": 20,
        "not_worse_by": None,
    }
    assert await bench.approve("1") == "approved"


async def test_a_bundle_without_the_file_asks_for_nothing(bench: Bench) -> None:
    plane = bench.kept.plane
    files = {k: v for k, v in (await plane.policies.active()).items() if "evaluations" not in k}
    await bench.activate(files)
    assert await bench.approve("1") == "approved"


@pytest.mark.parametrize(
    ("version", "body", "fault"),
    [
        ("3", {}, "There is no version chat@3"),
        ("1", {"suites": ["poems"]}, "There is no suite poems. There are: .*letters"),
        ("1", {"deployment": "second"}, "No deployment serves chat@1"),
    ],
)
async def test_what_cannot_be_started_is_refused(
    bench: Bench, version: str, body: dict[str, Any], fault: str
) -> None:
    with pytest.raises(InvalidRequest, match=fault):
        await bench.start(version, **body)
    assert await bench.keys() == []
    assert await bench.kept.plane.evaluations.list() == []


async def test_a_withdrawn_version_is_not_evaluated(bench: Bench) -> None:
    await bench.kept.plane.models.quarantine("chat", "1", OWNER, reason="wrong advice")
    with pytest.raises(InvalidRequest, match="chat@1 is quarantined"):
        await bench.start("1")


async def test_a_broken_suite_is_refused_and_on_record(bench: Bench) -> None:
    plane, suites = bench.kept.plane, bench.kept.plane.evaluations.suites
    before = await suites.list()
    broken = items_text({"expected": "answer"}) + "\n{"
    with pytest.raises(InvalidRequest, match=r"items\.jsonl:2: "):
        await plane.suite_proposals.draft(description("refusal", name="poems"), broken, OWNER)
    with pytest.raises(InvalidRequest, match="a suite never changes"):
        await bench.add_suite()
    assert await suites.list() == before
    assert len(await bench.kept.told("control:evaluation:refuse")) == 1


async def test_reports_show_runs_and_overrides(bench: Bench) -> None:
    plane = bench.kept.plane
    await bench.evaluated("1", half_wrong)
    draft, _ = await plane.evaluation_overrides.draft("chat", "1", reason=REASON)
    proposal = await plane.proposals.create(draft, ALICE, comment=REASON)
    await plane.proposals.decide(proposal, BOB, approve=True, comment="agreed")
    await plane.trail.log.advance()
    now = bench.kept.clock.ms
    for language, words in (("nl", "gezakt"), ("en", "failed")):
        wanted = ReportRequest("activity", now - DAY, now + DAY, language, "pdf")
        file = await plane.reports.create(wanted, ALICE)
        pages = pypdf.PdfReader(io.BytesIO(file.data)).pages
        shown = " ".join(" ".join(page.extract_text() for page in pages).split())
        assert words in shown
        assert REASON in shown
        assert "chat@1" in shown


@pytest.mark.parametrize("profile", [DisclosureProfile.METADATA, DisclosureProfile.PSEUDONYMISED])
async def test_packages_hold_the_evaluations_of_the_versions_in_them(
    bench: Bench, tmp_path: Path, profile: DisclosureProfile
) -> None:
    plane, now = bench.kept.plane, bench.kept.clock.ms
    await bench.evaluated("1")
    digest = (await bench.of("1")).runs[0].digest
    async with bench.kept.trail() as trail:
        fields = {"principal": "k", "zone": "internal", "model_digest": digest}
        await trail.record(Entry(INTENT, "a" * 32, now, fields, "b", subject="k"), b"{}")
    wanted = ExportRequest(now - DAY, now + DAY, profile=profile)
    await plane.exports.make(tmp_path / "package.zip", ALICE, wanted)
    with zipfile.ZipFile(tmp_path / "package.zip") as package:
        name = f"evaluations/{digest.removeprefix('sha256:')}.json"
        (run,) = json.loads(package.read(name))["runs"]
    assert (run["state"], run["suite"]) == ("passed", "letters")
    assert run["result"]["score"]["value"] == 1.0
    named = None if profile is DisclosureProfile.METADATA else OWNER.id
    assert run["started_by"] == named
