"""One administrator alone changes nothing that widens, through whatever door; two persons do."""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import yaml

from tests.support.installation import ADMIN_KEY, OFFICER_KEY, Installation
from tests.support.openai_api import OpenAIApi
from tests.support.persons import owned

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
SECRET = "Mijn wachtwoord is Zomer2024!geheim en ik ben hiv-positief, Jan de Vries"


@pytest.fixture(params=["sqlite", "postgres"])
def sluis(request: pytest.FixtureRequest, tmp_path: Path, config: str) -> Iterator[Installation]:
    """An installation of two persons: Alice administers, Bob approves."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else None
    made = Installation(tmp_path, database_url=url)
    if url:
        made.folder.mkdir(exist_ok=True)
        made.sluis("secrets", "create")
    made.apply(owned(config))
    try:
        made.start("control", "gateway")
        yield made
    finally:
        made.stop()


def wider(config: str, far: OpenAIApi) -> str:
    """The file that calls a global provider internal."""
    changed = owned(config).replace(
        f'base_url: "{far.url}", zone: global', f'base_url: "{far.url}", zone: internal'
    )
    assert changed != owned(config)
    return changed


def zones(sluis: Installation) -> dict[str, str]:
    found = sluis.admin("GET", "/catalogue", ADMIN_KEY).json()["provider"]
    return {provider["name"]: provider["zone"] for provider in found}


def leaves(sluis: Installation) -> bool:
    """Whether restricted text goes to the provider that was global."""
    body = {"model": "gpt-far", "messages": [{"role": "user", "content": SECRET}]}
    return bool(sluis.ask(body).headers.get("x-sluis-deployment") == "gpt-far")


def test_a_zone_waits_for_another_person_and_the_entry_shows_the_difference(
    sluis: Installation, config: str, global_provider: OpenAIApi
) -> None:
    made = sluis.admin("POST", "/apply", ADMIN_KEY, json={"text": wider(config, global_provider)})
    assert made.status_code == 202, made.text
    assert made.json()["waiting"] == ["provider far: zone: global -> internal"]
    assert made.json()["applied"] == []
    proposal = made.json()["proposal"]
    again = sluis.admin("POST", "/apply", ADMIN_KEY, json={"text": wider(config, global_provider)})
    assert again.json()["proposal"] == proposal, "the same file is not proposed twice"
    own = sluis.admin("POST", f"/proposals/{proposal}/approve", ADMIN_KEY, json={})
    assert own.status_code == 403
    assert zones(sluis)["far"] == "global"
    body = {"comment": "the machine moved inside"}
    done = sluis.admin("POST", f"/proposals/{proposal}/approve", OFFICER_KEY, json=body)
    assert done.status_code == 200, done.text
    assert zones(sluis)["far"] == "internal"
    sluis.until(lambda: leaves(sluis), "the change is in force")
    shown = sluis.admin("GET", f"/proposals/{proposal}", OFFICER_KEY).json()
    assert (shown["author"], shown["decider"]) == ("admin", "officer")
    assert shown["decision_comment"] == "the machine moved inside"


def test_narrowing_acts_at_once_beside_what_waits(
    sluis: Installation, config: str, global_provider: OpenAIApi
) -> None:
    text = wider(config, global_provider).replace(
        "name: press, floor: public", "name: press, floor: confidential"
    )
    made = sluis.admin("POST", "/apply", ADMIN_KEY, json={"text": text})
    assert made.status_code == 202
    assert made.json()["applied"] == ["team press: floor: public -> confidential"]


def test_the_command_says_what_waits_and_exits_with_3(
    sluis: Installation, config: str, global_provider: OpenAIApi, tmp_path: Path
) -> None:
    path = tmp_path / "wider.yaml"
    path.write_text(wider(config, global_provider), encoding="utf-8")
    applied = sluis.sluis("apply", "-f", str(path), check=False)
    assert applied.returncode == 3, applied.stderr
    assert "provider far: zone: global -> internal" in applied.stdout.splitlines()
    told = sluis.sluis("apply", "-f", str(path), "--allow-waiting", "--json")
    proposal = json.loads(told.stdout)["proposal"]
    own = sluis.sluis("proposals", "approve", proposal, check=False)
    assert own.returncode != 0
    assert zones(sluis)["far"] == "global"
    sluis.admin("POST", f"/proposals/{proposal}/reject", OFFICER_KEY, json={"comment": "no"})
    assert sluis.sluis("proposals", "show", proposal, "--json").stdout.count('"rejected"') == 1


@pytest.mark.parametrize("role", ["operator", "bootstrap", "no_such_role"])
def test_roles_that_do_not_exist_are_refused_with_those_that_do(
    sluis: Installation, role: str
) -> None:
    key = {"name": "x", "kind": "admin", "owner": "carol", "roles": [role]}
    refused = sluis.admin("POST", "/keys", ADMIN_KEY, json=key)
    assert refused.status_code == 400
    assert "platform_admin" in refused.json()["error"]["message"]


def test_a_puppet_key_approves_nothing_of_who_issued_it(
    sluis: Installation, config: str, global_provider: OpenAIApi
) -> None:
    key = {"name": "carol", "kind": "admin", "owner": "carol", "roles": ["policy_approver"]}
    made = sluis.admin("POST", "/keys", ADMIN_KEY, json=key)
    assert made.status_code == 202
    puppet = made.json()["secret"]
    assert sluis.admin("GET", "/me", puppet).status_code == 401, "it waits"
    approve = f"/proposals/{made.json()['proposal']}/approve"
    assert sluis.admin("POST", approve, ADMIN_KEY, json={}).status_code == 403
    assert sluis.admin("POST", approve, OFFICER_KEY, json={}).status_code == 200
    assert sluis.admin("GET", "/me", puppet).status_code == 200
    text = wider(config, global_provider)
    proposal = sluis.admin("POST", "/apply", ADMIN_KEY, json={"text": text}).json()["proposal"]
    refused = sluis.admin("POST", f"/proposals/{proposal}/approve", puppet, json={})
    assert refused.status_code == 403
    assert "issued your key" in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    "changes",
    [
        {"floor": "public"},
        {"clearance": "restricted"},
        {"kind": "person", "owner": "carol", "roles": ["policy_approver"]},
    ],
    ids=["floor", "clearance", "roles"],
)
def test_a_key_with_more_than_the_usual_rights_waits(
    sluis: Installation, changes: dict[str, str]
) -> None:
    body = {"name": "wide", "team": "support", **changes}
    made = sluis.admin("POST", "/keys", ADMIN_KEY, json=body)
    assert made.status_code == 202
    assert sluis.ask("Hallo", made.json()["secret"]).status_code == 401
    usual = sluis.admin("POST", "/keys", ADMIN_KEY, json={"name": "usual", "team": "support"})
    assert usual.status_code == 201
    sluis.until(lambda: sluis.ask("Hallo", usual.json()["secret"]).status_code == 200, "the key")


def test_a_stale_proposal_is_refused(
    sluis: Installation, config: str, global_provider: OpenAIApi
) -> None:
    text = wider(config, global_provider)
    proposal = sluis.admin("POST", "/apply", ADMIN_KEY, json={"text": text}).json()["proposal"]
    dropped = yaml.safe_load(owned(config))
    dropped["providers"] = [one for one in dropped["providers"] if one["name"] != "far"]
    dropped["deployments"] = [one for one in dropped["deployments"] if one["provider"] != "far"]
    for alias in dropped["aliases"]:
        alias["candidates"] = [one for one in alias["candidates"] if one != "gpt-far"] or ["gpt-eu"]
    applied = sluis.admin("POST", "/apply", ADMIN_KEY, json={"text": yaml.safe_dump(dropped)})
    assert applied.is_success, applied.text
    late = sluis.admin("POST", f"/proposals/{proposal}/approve", OFFICER_KEY, json={})
    assert late.status_code in (404, 409), late.text
    assert "far" not in zones(sluis)


def sql(sluis: Installation, statement: str) -> None:
    """A change by hand in the database."""
    if sluis.database_url:
        url = sluis.database_url.replace("postgresql+asyncpg", "postgresql")

        async def run() -> None:
            connection = await asyncpg.connect(url)
            await connection.execute(statement)
            await connection.close()

        asyncio.run(run())
        return
    with closing(sqlite3.connect(sluis.data_dir / "governance.db")) as db:
        db.execute(statement)
        db.commit()


_ZONE = (
    'UPDATE catalogue SET document = replace(document, \'"zone":"global"\', '
    "'\"zone\":\"internal\"') WHERE kind = 'provider' AND name = 'far'"
)
_ROLES = (
    "UPDATE api_key SET document = replace(document, '\"platform_admin\"', "
    '\'"platform_admin","compliance_officer","policy_approver"\') WHERE name = \'admin\''
)
_APPROVED = "UPDATE proposal SET state = 'approved', decided_by = 'k_officer'"
_NO_RECORDS = "DELETE FROM governed_line"


def entry_of(sluis: Installation, event: str) -> Callable[[], bool]:
    def there() -> bool:
        rows: list[Any] = sluis.admin("GET", f"/audit?event={event}", OFFICER_KEY).json()["entries"]
        return bool(rows)

    return there


@pytest.mark.parametrize("statement", [_ZONE, _NO_RECORDS], ids=["zone", "records"])
def test_what_is_written_into_the_database_reaches_nobody(
    sluis: Installation, statement: str
) -> None:
    for each in {_ZONE, statement}:
        sql(sluis, each)
    sluis.until(entry_of(sluis, "control:snapshot:refuse"), "the alarm is on record")
    assert not leaves(sluis)
    sluis.stop()
    sluis.start("control", "gateway")
    assert not leaves(sluis)
    assert "snapshot:publish:refused" in (sluis.folder / "control.log").read_text()


def test_an_exception_waits_and_ends_by_itself(
    sluis: Installation, config: str, global_provider: OpenAIApi
) -> None:
    body = {
        "text": wider(config, global_provider),
        "exception_minutes": 1,
        "comment": "incident 12",
    }
    made = sluis.admin("POST", "/apply", ADMIN_KEY, json=body)
    assert made.status_code == 202, made.text
    assert zones(sluis)["far"] == "global"
    path = f"/proposals/{made.json()['proposal']}/approve"
    assert sluis.admin("POST", path, ADMIN_KEY, json={}).status_code == 403
    assert sluis.admin("POST", path, OFFICER_KEY, json={}).status_code == 200
    sluis.until(lambda: leaves(sluis), "it is in force")
    (found,) = sluis.admin("GET", "/break-glass", OFFICER_KEY).json()["exceptions"]
    if sluis.database_url:  # a minute of waiting is enough for one of the two
        ended = sluis.admin("POST", f"/break-glass/{found['id']}/end", OFFICER_KEY, json={})
        assert ended.status_code == 200, ended.text
    sluis.until(lambda: not leaves(sluis), "its time is over", limit=70)
    assert zones(sluis)["far"] == "global"
    (found,) = sluis.admin("GET", "/break-glass", OFFICER_KEY).json()["exceptions"]
    assert found["state"] == "ended"


def test_a_refused_state_still_stops_and_revokes(sluis: Installation) -> None:
    key = sluis.admin("POST", "/keys", ADMIN_KEY, json={"name": "later", "team": "support"}).json()
    sluis.until(lambda: sluis.ask("Hallo", key["secret"]).status_code == 200, "a new key")
    sql(sluis, _ZONE)
    sluis.until(entry_of(sluis, "control:snapshot:refuse"), "the alarm is on record")
    stopped = sluis.admin(
        "POST", "/aliases/assistant/stop", OFFICER_KEY, json={"reason": "incident 12"}
    )
    assert [one["state"] for one in stopped.json()["gateways"]] == ["acknowledged"]
    refused = sluis.ask("Hallo")
    assert refused.status_code == 403
    assert "stopped" in refused.json()["error"]["message"]
    sluis.admin("POST", f"/keys/{key['id']}/revoke", ADMIN_KEY)
    body = {"model": "outside", "messages": [{"role": "user", "content": "Hallo"}]}
    sluis.until(lambda: sluis.ask(body, key["secret"]).status_code == 401, "it is revoked")
    assert not leaves(sluis)


def test_a_stop_that_is_deleted_from_the_database_stays(sluis: Installation) -> None:
    reason = {"reason": "incident 12"}
    stopped = sluis.admin("POST", "/aliases/assistant/stop", OFFICER_KEY, json=reason)
    assert stopped.status_code == 200, stopped.text
    sql(sluis, "DELETE FROM stop")
    sluis.until(entry_of(sluis, "control:snapshot:refuse"), "the alarm is on record")
    assert sluis.ask("Hallo").status_code == 403


def test_roles_from_the_database_approve_nothing(
    sluis: Installation, config: str, global_provider: OpenAIApi
) -> None:
    sql(sluis, _ROLES)
    assert "policy_approver" not in sluis.admin("GET", "/me", ADMIN_KEY).json()["roles"]
    text = wider(config, global_provider)
    sluis.admin("POST", "/apply", ADMIN_KEY, json={"text": text})
    sql(sluis, _APPROVED)
    assert not leaves(sluis)


def test_applying_the_file_again_repairs_what_was_written_into_the_database(
    sluis: Installation, config: str
) -> None:
    sql(sluis, _ZONE)
    sluis.until(entry_of(sluis, "control:snapshot:refuse"), "the alarm is on record")
    repaired = sluis.admin("POST", "/apply", ADMIN_KEY, json={"text": owned(config)})
    assert repaired.status_code == 200, repaired.text
    assert repaired.json()["changed"] == ["provider far: zone: internal -> global"]
    key = sluis.admin("POST", "/keys", ADMIN_KEY, json={"name": "later", "team": "support"})
    sluis.until(lambda: sluis.ask("Hallo", key.json()["secret"]).status_code == 200, "a new key")
