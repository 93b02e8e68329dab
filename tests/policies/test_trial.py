"""A trial for a key, a use case and a model of the catalogue."""

from typing import Any

import pytest

from gateway.core.errors import InvalidRequest
from gateway.core.level import Zone
from gateway.governance.policies.recorded import CatalogueView
from gateway.governance.policies.schemas import TryBody
from gateway.governance.policies.trial import trial_of

pytestmark = pytest.mark.unit
OBJECTS: dict[tuple[str, str], dict[str, Any]] = {
    ("provider", "eu"): {"zone": "eu"},
    ("provider", "house"): {"zone": "internal"},
    ("deployment", "gpt-eu"): {"provider": "eu"},
    ("deployment", "own"): {"provider": "house"},
    ("alias", "assistant"): {"candidates": ["gpt-eu", "own"]},
    ("team", "hr"): {"name": "hr", "floor": "confidential"},
    ("use_case", "hiring"): {
        "name": "hiring",
        "owner": "hr",
        "legal_basis": "contract",
        "risk": "high",
        "zones": ["internal"],
    },
    ("key", "k_1"): {
        "id": "k_1",
        "name": "bot",
        "digest": "",
        "team": "hr",
        "models": ["own"],
        "purposes": ["hiring"],
    },
}


def test_a_key_brings_its_team_clearance_floor_and_use_case() -> None:
    body = TryBody(text="x", caller="bot", clearance="restricted", team="other", model="assistant")
    trial = trial_of(body, OBJECTS, "k_me")
    who = trial.who
    assert (who.id, who.key, who.team, who.kind) == ("k_1", "bot", "hr", "app")
    assert (who.clearance, who.floor) == ("confidential", "confidential")
    assert (who.use_case, who.risk, who.zones) == ("hiring", "high", (Zone.INTERNAL,))
    assert [(one.deployment, one.zone) for one in trial.destinations] == [
        ("gpt-eu", Zone.EU),
        ("own", Zone.INTERNAL),
    ]
    assert trial.against == ["model_not_for_key"]


def test_a_use_case_counts_without_a_key_and_other_attributes_stay() -> None:
    body = TryBody(text="x", use_case="hiring", team="press", floor="public")
    who = trial_of(body, OBJECTS, "k_me").who
    assert (who.id, who.team, who.floor, who.risk) == ("k_me", "press", "public", "high")
    free = TryBody(text="x", use_case="imagined", risk="limited")
    who = trial_of(free, OBJECTS, "k_me").who
    assert (who.use_case, who.risk, who.zones) == ("imagined", "limited", ())


@pytest.mark.parametrize("field", ["caller", "model"])
def test_what_is_not_in_the_catalogue_is_refused(field: str) -> None:
    with pytest.raises(InvalidRequest, match="nobody"):
        trial_of(TryBody.model_validate({"text": "x", field: "nobody"}), OBJECTS, "k_me")


def test_a_replay_gives_a_key_without_a_clearance_the_default_one() -> None:
    known, unknown = (CatalogueView(OBJECTS).who({"principal": one}) for one in ("k_1", "k_2"))
    assert known[0].clearance == "confidential"
    assert unknown[0].clearance == "restricted"
