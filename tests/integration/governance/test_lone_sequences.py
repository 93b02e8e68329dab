"""Random sequences of files, approvals and starts: one person alone widens nothing, all start.

What counts is what a request may do, who counts as a person and what may be spent, not the rules.
"""

import copy
import itertools
import math
import os
import random
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from gateway.approvals.provenance import check_provenance
from gateway.core.errors import ConfigError
from gateway.core.level import Level
from gateway.core.snapshot import Budget, Key, Snapshot
from gateway.governance.catalogue.config_file import parse
from gateway.governance.plane import ControlPlane
from tests.integration.governance.test_every_power import BASE
from tests.support.persons import ALICE, approved, secret_of
from tests.support.retained import Retained

pytestmark = pytest.mark.integration
Config = dict[str, Any]
Grant = tuple[Any, ...]
RUNS, STEPS = (60, 12) if os.environ.get("SLUIS_CAMPAIGN") else (2, 8)
LEVELS = ("public", "internal", "confidential", "restricted")
# By section of the file: the values that a field may get; None takes the field away.
VALUES: dict[str, dict[str, list[Any]]] = {
    "providers": {
        "zone": ["eu", "global"],
        "base_url": ["https://eu.example/v1", "https://other.example/v1"],
        "api_key": [None, "env:A", "env:B"],
        "ca": [None, "/etc/ca.pem"],
    },
    "deployments": {
        "provider": ["eu", "far"],
        "model": ["m", "n"],
        "clearance": [None, {"clear": "public", "redacted": "public"}],
    },
    "aliases": {"candidates": [["a"], ["b"], ["a", "b"], ["b", "a"]]},
    "teams": {
        "floor": [None, *LEVELS],
        "budget": [None, {"amount": 5}, {"amount": 50}, {"amount": 50, "currency": "USD"}],
    },
    "use_cases": {
        "floor": [None, *LEVELS],
        "zones": [[], ["internal"], ["eu"], ["eu", "global"]],
        "risk": ["minimal", "limited"],
    },
    "keys": {
        "clearance": list(LEVELS),
        "floor": [None, *LEVELS],
        "team": [None, "makers", "sellers"],
        "models": [[], ["a"], ["chat"], ["a", "b"]],
        "purposes": [[], ["letters"], ["letters", "hiring"]],
        "networks": [[], ["10.1.0.0/16"], ["10.1.2.0/24"]],
        "expires": [None, 1_900_000_000, 2_000_000_000],
    },
}
START: Config = yaml.safe_load(BASE)
START["teams"].append({"name": "sellers", "floor": "restricted"})
START["use_cases"].append({
    "name": "hiring",
    "owner": "hr",
    "legal_basis": "contract",
    "risk": "limited",
})
START["keys"][2]["models"] = ["a"]
ADMINS = 2  # keys of persons, which these files leave alone


def changed(config: Config, choice: random.Random) -> Config:
    """The file with one field changed, or one object taken out or put back."""
    config = copy.deepcopy(config)
    section = choice.choice(list(VALUES))
    items = config.setdefault(section, [])
    firm = ADMINS if section == "keys" else 0
    if choice.random() < 0.3:
        names = {item["name"] for item in items}
        gone = [item for item in START[section][firm:] if item["name"] not in names]
        if gone:
            items.append(copy.deepcopy(choice.choice(gone)))
        elif len(items) > firm:
            items.pop(choice.randrange(firm, len(items)))
    elif len(items) > firm:
        item = items[choice.randrange(firm, len(items))]
        field, values = choice.choice(list(VALUES[section].items()))
        item[field] = choice.choice(values)
        if item[field] is None:
            del item[field]
    return config


def grants(snapshot: Snapshot) -> dict[str, tuple[str | None, set[Grant]]]:
    """By key its team, and each purpose, level of a text and destination that it is let to."""
    return {key.name: (key.team, set(_of_key(snapshot, key))) for key in snapshot.keys}


def _of_key(snapshot: Snapshot, key: Key) -> Iterator[Grant]:
    teams = {team.name: team for team in snapshot.teams}
    providers = {provider.name: provider for provider in snapshot.providers}
    reachable = {name for alias in snapshot.aliases for name in _targets(alias.name, snapshot, key)}
    reachable |= {
        name for one in snapshot.deployments for name in _targets(one.name, snapshot, key)
    }
    cases = [one for one in snapshot.use_cases if not key.purposes or one.name in key.purposes]
    team_floor = teams[key.team].floor if key.team in teams else "public"
    for case, one, text in itertools.product(cases, snapshot.deployments, LEVELS):
        provider = providers[one.provider]
        if one.name not in reachable or (case.zones and provider.zone.value not in case.zones):
            continue
        level = max(map(Level.parse, (text, key.floor, team_floor, case.floor)))
        cleared = one.cleared_in(provider.zone)
        if level <= min(Level.parse(key.clearance), max(cleared.clear, cleared.redacted)):
            place = (provider.base_url, provider.api_key, provider.ca, provider.zone, one.model)
            for address in ("10.1.2.3", "10.1.3.3", "192.0.2.1"):
                if not key.networks or any(_within(address, net) for net in key.networks):
                    for moment in (1_850_000_000, 1_950_000_000, 2_050_000_000):
                        if key.expires is None or moment < key.expires:
                            yield case.name, text, place, address, moment


def _targets(name: str, snapshot: Snapshot, key: Key) -> list[str]:
    """The deployments behind a name that a key may use."""
    if key.models and name not in key.models:
        return []
    aliases = {alias.name: alias.candidates for alias in snapshot.aliases}
    return aliases.get(name, [name])


def _within(address: str, network: str) -> bool:
    return address.startswith({"10.1.0.0/16": "10.1.", "10.1.2.0/24": "10.1.2."}[network])


def issuers(snapshot: Snapshot) -> set[str]:
    """Whose tokens are believed, and how."""
    return {repr(one) for one in snapshot.issuers}


def roles(snapshot: Snapshot) -> set[tuple[str, str]]:
    """Who holds which role by a key."""
    return {(key.digest, role) for key in snapshot.keys for role in key.roles}


def spent(budget: Budget | None, currency: str) -> float:
    return budget.amount if budget and budget.currency == currency else math.inf


def check_alone(before: Snapshot, after: Snapshot) -> None:
    """Check that nothing was widened: nobody is let to more, is somebody else, or spends more."""
    had = grants(before)
    for name, (team, may) in grants(after).items():
        same_team = [of for other, of in had.values() if other == team]
        known = [had[name][1]] if name in had else same_team
        assert any(may <= of for of in known) or not may, (name, team)
    assert issuers(after) <= issuers(before)
    assert roles(after) <= roles(before)
    budgets = {one.name: one.budget for one in before.teams}
    for one in after.teams:
        for currency in ("EUR", "USD"):
            if one.name in budgets:
                assert spent(one.budget, currency) <= spent(budgets[one.name], currency)


class Sequence:
    """One installation of two persons, and every snapshot that it published."""

    def __init__(self, plane: ControlPlane) -> None:
        self.plane = plane
        self.published: list[Snapshot] = []

    async def apply(self, config: Config) -> str | None:
        text = yaml.safe_dump(config)
        done = await self.plane.catalogue.apply(
            parse(text, source="sluis.yaml"), ALICE, resolve=secret_of
        )
        return done.done.proposal

    async def approve(self, proposal: str) -> None:
        await approved(self.plane, proposal)

    async def publish(self) -> Snapshot:
        """The snapshot in force, which every gateway takes over: new ones, and earlier ones."""
        await self.plane.snapshots.publish()
        assert self.plane.snapshots.problem is None
        snapshot = await self.plane.snapshots.published()
        assert snapshot is not None
        for before in (None, *self.published):
            key = self.plane.secrets.signing.public_key()
            check_provenance(snapshot, before, key, one_person=self.plane.database.is_sqlite)
        self.published.append(snapshot)
        return snapshot


@pytest.mark.parametrize("seed", range(RUNS))
async def test_one_person_alone_widens_nothing_and_every_gateway_starts(
    kept: Retained, seed: int
) -> None:
    choice, sequence = random.Random(seed), Sequence(kept.plane)
    if proposal := await sequence.apply(START):
        await sequence.approve(proposal)
    before, config = await sequence.publish(), START
    for _ in range(STEPS):
        wanted = changed(config, choice)
        try:
            proposal = await sequence.apply(wanted)
        except ConfigError:  # it names what it took out
            continue
        config = wanted
        after = await sequence.publish()
        check_alone(before, after)
        if proposal and choice.random() < 0.5:
            await sequence.approve(proposal)
            after = await sequence.publish()
        before = after
