"""The life of a key at a real gateway: overlap, networks, limits, budgets; on both databases."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.installation import ADMIN_KEY, APP_KEY, OFFICER_KEY, Installation
from tests.support.openai_api import OpenAIApi

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def gateway(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, config: str
) -> Iterator[Installation]:
    if request.param == "postgres":
        from tests.support.postgres import fresh_database
        from tests.support.schema import TEMPLATE

        with fresh_database(request.getfixturevalue("postgres"), TEMPLATE) as url:
            yield from running(Installation(tmp_path_factory.mktemp("keys"), url), config)
    else:
        yield from running(Installation(tmp_path_factory.mktemp("keys")), config)


def running(installation: Installation, config: str) -> Iterator[Installation]:
    if installation.database_url:
        installation.sluis("secrets", "create")  # in production they are given, not made
    installation.apply(config)
    try:
        installation.start("control", "gateway")
        yield installation
    finally:
        installation.stop()


def issued(gateway: Installation, name: str, **given: Any) -> tuple[str, str]:
    """The id and the secret of a new key, once the gateway knows it."""
    body = {"name": name, "models": ["outside"], "purposes": ["service"], **given}
    made = gateway.admin("POST", "/keys", json=body)
    key = made.json()
    if made.status_code == 202:  # it has a role, and there are two persons
        approve = f"/proposals/{key['proposal']}/approve"
        made = gateway.admin("POST", approve, OFFICER_KEY, json={})
    assert made.is_success, made.text
    gateway.until(lambda: status(gateway, key["secret"], "models") != 401, f"{name} is known")
    return key["id"], key["secret"]


def status(gateway: Installation, secret: str, path: str = "") -> int:
    if path:
        headers = {"authorization": f"Bearer {secret}"}
        return httpx.get(f"{gateway.url}/v1/{path}", headers=headers).status_code
    return asked(gateway, secret).status_code


def asked(gateway: Installation, secret: str) -> httpx.Response:
    message = {"role": "user", "content": "Hallo"}
    return gateway.ask({"model": "outside", "messages": [message], "max_tokens": 1}, secret)


def changed(gateway: Installation, key: str, **changes: Any) -> None:
    answer = gateway.admin("PATCH", f"/keys/{key}", json=changes)
    assert answer.status_code == 200, answer.text


def rotated(gateway: Installation, key: str, hours: int) -> str:
    answer = gateway.admin("POST", f"/keys/{key}/rotate", json={"overlap_hours": hours})
    assert answer.status_code == 200, answer.text
    assert answer.json()["id"] == key
    return str(answer.json()["secret"])


def test_two_secrets_work_until_the_overlap_ends(gateway: Installation) -> None:
    key, first = issued(gateway, "rotated")
    second = rotated(gateway, key, 1)
    gateway.until(lambda: status(gateway, second) == 200, "the new secret works")
    assert status(gateway, first) == 200
    third = rotated(gateway, key, 0)
    gateway.until(lambda: status(gateway, third) == 200, "the newest secret works")
    assert [status(gateway, one) for one in (first, second)] == [401, 401]
    assert "replaced" in asked(gateway, second).json()["error"]["message"]


def test_a_key_works_from_its_networks_alone(gateway: Installation) -> None:
    key, secret = issued(gateway, "located", networks=["10.0.0.0/8"])
    refused = asked(gateway, secret)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "access_denied")
    changed(gateway, key, networks=["127.0.0.0/8"])
    gateway.until(lambda: status(gateway, secret) == 200, "the change is in force")
    assert asked(gateway, APP_KEY).status_code == 200


def test_a_limit_of_one_key_is_not_anothers(gateway: Installation) -> None:
    _, narrow = issued(gateway, "narrow", team="support")
    changed(gateway, "narrow", limits={"requests_per_minute": 1})
    _, other = issued(gateway, "wide", team="support")
    gateway.until(lambda: status(gateway, narrow, "models") == 429, "the limit is in force")
    refused = asked(gateway, narrow)
    assert refused.headers["retry-after"]
    assert "This key may send 1 requests" in refused.json()["error"]["message"]
    assert asked(gateway, other).status_code == 200


def test_a_budget_of_a_key_outlives_a_restart(gateway: Installation) -> None:
    _, secret = issued(gateway, "thrifty", budget={"amount": 0.04})
    assert asked(gateway, secret).status_code == 200
    for _ in range(2):
        refused = asked(gateway, secret)
        assert refused.json()["error"]["code"] == "insufficient_quota", refused.text
        assert "this key" in refused.json()["error"]["message"]
        gateway.process("gateway").terminate()
        gateway.process("gateway").wait(timeout=60)
        gateway.start("gateway")


def test_a_new_key_closes_no_connection(gateway: Installation, eu: OpenAIApi) -> None:
    assert asked(gateway, APP_KEY).status_code == 200
    before = eu.peers[-1]
    _, secret = issued(gateway, "fresh")
    assert asked(gateway, secret).status_code == 200
    assert eu.peers[-1] == before


def test_people_have_keys_of_their_team(gateway: Installation) -> None:
    permitted = {"models": ["outside"], "purposes": ["service"]}
    put = gateway.admin("PUT", "/teams/makers", json={"self_service": permitted})
    if put.status_code == 202:  # on PostgreSQL there are two persons
        approve = f"/proposals/{put.json()['proposal']}/approve"
        put = gateway.admin("POST", approve, OFFICER_KEY, json={})
    assert put.status_code == 200, put.text
    _, person = issued(
        gateway, "dev", kind="person", team="makers", roles=["developer"], owner="jan@example.nl"
    )
    made = gateway.admin("POST", "/own-keys", person, json={"name": "mine"})
    assert made.status_code == 201, made.text
    own = made.json()["secret"]
    gateway.until(lambda: status(gateway, own) == 200, "it works")
    beyond = gateway.admin("POST", "/own-keys", person, json={"name": "x", "models": ["inside"]})
    assert beyond.status_code == 403
    assert gateway.admin("GET", "/keys", person).status_code == 403
    assert gateway.admin("POST", f"/own-keys/{made.json()['id']}/revoke", person).status_code == 200
    gateway.until(lambda: status(gateway, own) == 401, "it is revoked")


def test_the_commands_say_the_same(gateway: Installation, tmp_path: Any) -> None:
    settings = tmp_path / "press.yaml"
    settings.write_text("budget: {amount: 12}\n", encoding="utf-8")
    gateway.sluis("teams", "set", "desk", "-f", str(settings))
    assert '"amount": 12' in gateway.sluis("teams", "show", "desk", "--json").stdout
    assert "desk" in gateway.sluis("teams", "list").stdout
    gateway.sluis("keys", "create", "cli", "--team", "desk", "--owner", "jan", "--days", "10")
    assert "cli" in gateway.sluis("keys", "list", "--expiring", "14").stdout
    gateway.sluis("keys", "change", "cli", "--requests", "7", "--days", "30")
    assert '"secret"' in gateway.sluis("keys", "rotate", "cli", "--json").stdout
    assert "cli" not in gateway.sluis("keys", "list", "--expiring", "14").stdout
    refused = gateway.sluis("teams", "delete", "desk", check=False)
    assert refused.returncode != 0
    assert "cli" in refused.stderr
    gateway.sluis("keys", "revoke", "cli")
    gateway.sluis("teams", "delete", "desk")
    owned = gateway.admin("PUT", "/teams/support", ADMIN_KEY, json={})
    assert (owned.status_code, owned.json()["error"]["code"]) == (409, "owned_by_file")
