"""Random sequences: one person alone widens nothing, every gateway starts, nobody is locked out.

Ada, who has every role, changes the file and uses the API; another person approves some of what
waits; gateways and the control plane start anew in between. What counts is what a request may do,
who counts as a person and what may be spent (``tests/support/reach.py``), not the rules.
"""

import asyncio
import copy
import json
from collections.abc import Coroutine
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from gateway.approvals.provenance import check_provenance
from gateway.core.errors import Refusal
from gateway.core.snapshot import Snapshot
from gateway.core.system.secrets import create
from tests.support.access_matrix import Answer
from tests.support.field_trials import ADA, Config, Trial, trials, written
from tests.support.issuer import TestIssuer
from tests.support.lone_house import CAMPAIGN, LoneHouse
from tests.support.persons import approved
from tests.support.postgres import fresh_database
from tests.support.reach import gained, reach_of
from tests.support.schema import TEMPLATE

pytestmark = pytest.mark.integration
RUNS, STEPS = (60, 12) if CAMPAIGN else (2, 8)
SECTIONS = ("providers", "deployments", "aliases", "teams", "use_cases", "keys")
APPROVING = {"policy_approver", "compliance_officer", "data_protection_officer"}
_DOLLARS = {"amount": 500, "currency": "USD"}
AMOUNTS = st.sampled_from([None, {"amount": 5}, {"amount": 500}, _DOLLARS])
LEVELS = st.sampled_from(["public", "internal", "confidential", "restricted"])
NAMES = st.sampled_from(["own", "other"])


class LoneSequences(RuleBasedStateMachine):
    """One installation of two persons and of Ada, and every snapshot that it published."""

    issuer: TestIssuer
    server: Any = None  # of PostgreSQL; SQLite without one

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(TemporaryDirectory()))
        url = f"sqlite:///{folder / 'governance.db'}"
        if self.server:
            url = self.stack.enter_context(fresh_database(self.server, TEMPLATE))
        data_dir = None if self.server else folder
        self.house = LoneHouse(url, create(folder / "secrets"), data_dir, self.issuer)
        self.published: list[Snapshot] = []
        self.waiting: list[str] = []
        try:
            self.run(self.house.set_up())
            self.look(alone=False)
        except BaseException:
            self.teardown()
            raise
        self.config: Config = self.house.base

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run(work)

    def teardown(self) -> None:
        self.run(self.house.close())
        self.stack.close()
        self.loop.close()

    @rule(trial=st.sampled_from(list(trials(values=None))))
    def change_a_field(self, trial: Trial) -> None:
        try:
            config = written(self.config, trial)
        except (KeyError, StopIteration, ValueError):  # the object was taken out
            return
        self.apply(config)

    @rule(section=st.sampled_from(SECTIONS), place=st.integers(0, 9))
    def take_out_or_put_back(self, section: str, place: int) -> None:
        config = copy.deepcopy(self.config)
        items, begun = config[section], self.house.base[section]
        item = begun[place % len(begun)]
        if names := [one for one in items if one["name"] == item["name"]]:
            items.remove(names[0])
        else:
            items.append(copy.deepcopy(item))
        self.apply(config)

    @rule(name=NAMES, budget=AMOUNTS, floor=LEVELS)
    def set_a_team(self, name: str, budget: Any, floor: str) -> None:
        self.ask("PUT", f"/teams/{name}", {"budget": budget, "floor": floor})

    @rule(name=NAMES)
    def delete_a_team(self, name: str) -> None:
        self.ask("DELETE", f"/teams/{name}")

    @rule(team=NAMES, clearance=LEVELS, budget=AMOUNTS)
    def issue_a_key(self, team: str, clearance: str, budget: Any) -> None:
        body = {"name": "bot", "team": team, "clearance": clearance, "budget": budget}
        self.ask("POST", "/keys", {**body, "models": ["a"], "purposes": ["letters"]})

    @rule(clearance=LEVELS, budget=AMOUNTS)
    def change_a_key(self, clearance: str, budget: Any) -> None:
        self.ask("PATCH", "/keys/bot", {"clearance": clearance, "budget": budget})

    @rule()
    def revoke_a_key(self) -> None:
        self.ask("POST", "/keys/bot/revoke")

    @rule(team=NAMES, clearance=LEVELS, days=st.sampled_from([30, 300]))
    def give_a_mandate(self, team: str, clearance: str, days: int) -> None:
        most = {"clearance": clearance, "expires": days}
        grants = [{"kind": "key", "teams": [team], "most": most}]
        body = {"holder": "bob", "until": "2027-06-30", "grants": grants}
        self.ask("PUT", "/mandates/daily", body)

    @rule()
    def end_a_mandate(self) -> None:
        self.ask("DELETE", "/mandates/daily")

    @rule(place=st.integers(0, 9))
    def another_person_approves(self, place: int) -> None:
        if not self.waiting:
            return
        proposal = self.waiting.pop(place % len(self.waiting))
        try:
            self.run(approved(self.house.plane, proposal))
        except Refusal:  # a newer one replaced it, or it would leave nobody who approves
            return
        self.look(alone=False)

    @rule()
    def start_the_control_plane_anew(self) -> None:
        self.run(self.house.start_anew())
        self.look(alone=True)

    @invariant()
    def two_persons_can_approve(self) -> None:
        now = self.published[-1]
        owners = {key.owner for key in now.keys if not key.blocked and APPROVING & set(key.roles)}
        by_sign_on = any(APPROVING & set(one.roles.values()) for one in now.issuers)
        assert by_sign_on or len(owners) > 1

    def apply(self, config: Config) -> None:
        answer = self.ask("POST", "/apply", {"text": json.dumps(config)})
        if answer.status in {200, 202}:
            self.config = config

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """Ada asks, and tries to approve what waits."""
        who = self.house.credentials[len(self.published) % 2]
        answer: Answer = self.run(self.house.send(who, method, f"/admin/v1{path}", body))
        assert answer.status < 500, answer
        if answer.status == 202:
            self.waiting.append(json.loads(answer.text)["proposal"])
            self.run(self.house.alone(answer, len(self.published)))
        self.look(alone=True)
        return answer

    def look(self, *, alone: bool) -> None:
        """Take over what is in force, as gateways of every age do."""
        now = self.run(self.house.in_force())
        key = self.house.secrets.signing.public_key()
        for before in (None, *self.published):
            check_provenance(now, before, key, one_person=False)
        if alone:
            more = gained(reach_of(self.published[-1]), reach_of(now), by=ADA)
            assert not more, more
        self.published.append(now)


@pytest.mark.timeout(7_200 if CAMPAIGN else 300)
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_one_person_alone_widens_nothing_and_every_gateway_starts(
    request: pytest.FixtureRequest, issuer: TestIssuer, database: str
) -> None:
    server = request.getfixturevalue("postgres") if database == "postgres" else None
    machine = type("Sequences", (LoneSequences,), {"issuer": issuer, "server": server})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not CAMPAIGN,  # the campaign looks for new ones
            phases=[*Phase] if CAMPAIGN else [Phase.generate],  # a failure is not made smaller
            suppress_health_check=list(HealthCheck),
        ),
    )
