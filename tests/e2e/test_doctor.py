"""The doctor names what ends soon and what one person holds alone."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.e2e, pytest.mark.nightly]
SOON = "no key expires within 14 days"
ALONE = "approvals do not end when one person leaves"
MORE = """  - {name: third, kind: admin, roles: [policy_approver], owner: third@bank.example,
     secret: "env:TEST_THIRD_KEY"}
  - {name: fourth, kind: admin, roles: [policy_approver], owner: fourth@bank.example,
     secret: "env:TEST_FOURTH_KEY"}
"""
SECRETS = {
    "TEST_THIRD_KEY": "sk-test-third-00000000000000000",
    "TEST_FOURTH_KEY": "sk-test-fourth-0000000000000000",
}


def checks(sluis: Installation) -> dict[str, str]:
    """By check what to do, "" where all is well."""
    done = sluis.sluis("doctor", "--json", check=False)
    return {one["check"]: one["todo"] for one in json.loads(done.stdout)["checks"]}


@pytest.fixture
def sluis(tmp_path: Path, postgres_url: str) -> Installation:
    made = Installation(tmp_path, database_url=postgres_url, settings=SECRETS)
    made.sluis("secrets", "create")
    return made


def test_without_a_data_directory_it_checks_the_database(
    tmp_path: Path, postgres_url: str, config: str
) -> None:
    sluis = Installation(tmp_path, database_url=postgres_url)
    sluis.sluis("secrets", "create")
    sluis.apply(config)
    places = {"SLUIS_DATA_DIR": "absent", "SLUIS_SECRETS_DIR": "data/secrets"}  # as in a container
    settings = {name: str(tmp_path / place) for name, place in places.items()}
    found = checks(replace(sluis, settings=settings))
    assert found["database"] == found["trail holds together"] == ""
    assert "data directory" not in found


def test_a_key_that_expires_soon_is_named_with_what_to_do(sluis: Installation, config: str) -> None:
    sluis.apply(config)
    assert checks(sluis)[SOON] == ""
    sluis.sluis("keys", "create", "passing", "--team", "support", "--days", "3")
    assert "passing" in checks(sluis)[SOON]
    assert "sluis keys change" in checks(sluis)[SOON]


def test_approvals_that_one_person_takes_along_are_named(sluis: Installation, config: str) -> None:
    sluis.apply(config)
    assert "third person" in checks(sluis)[ALONE]


def test_approvals_that_others_can_give_are_in_order(sluis: Installation, config: str) -> None:
    sluis.apply(config + MORE)
    assert checks(sluis)[ALONE] == ""
