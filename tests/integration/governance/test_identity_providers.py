"""The trial of a token, by API and command: why it is accepted or not, and never in a log."""

import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from gateway.core.objects.keys import NewKey
from gateway.core.objects.token_profiles import PROFILES
from gateway.governance.catalogue.config_file import parse
from tests.support.control_app import control_app
from tests.support.key_server import KeyServer, key_server
from tests.support.persons import applied, issued
from tests.support.provider_tokens import key, published, signed
from tests.support.retained import CONFIG, Retained

pytestmark = pytest.mark.integration
PASSED = ["format", "issuer", "algorithm", "type", "signature", "audience"]
PASSED += ["kind of token", "times", "claims", "rights"]


@dataclass
class Trial:
    kept: Retained
    provider: KeyServer
    admin_key: str

    async def ask(self, method: str, path: str, body: Any = None, who: str | None = None) -> Any:
        app = control_app(self.kept.plane)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://control/admin/v1",
            headers={"authorization": f"Bearer {who or self.admin_key}"},
        ) as client:
            return await client.request(method, path, json=body)

    async def explained(self, token: str) -> Any:
        answer = await self.ask("POST", "/identity/test", {"token": token})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def token(self, *, header: Any = None, by: Any = None, **changes: Any) -> str:
        now = int(self.kept.clock())
        claims = {
            "iss": self.provider.address,
            "aud": ["urn:sluis", "account"],
            "sub": "carla",
            "typ": "Bearer",
            "azp": "assistant",
            "name": "Carla de Vries",
            "realm_access": {"roles": ["officers", "offline_access"]},
            "groups": ["/staff"],
            "iat": now,
            "exp": now + 300,
        }
        return signed({**claims, **changes}, {"typ": "JWT", **(header or {})}, by)


@pytest.fixture
async def trial(kept: Retained) -> AsyncIterator[Trial]:
    async with key_server(published(key())) as provider:
        config = (
            f"{CONFIG}identity:\n  issuers:\n    - name: staff\n      profile: keycloak\n"
            f'      issuer: "{provider.address}"\n      audience: urn:sluis\n'
            "      roles: {officers: compliance_officer}\n"
            "      groups: [{group: staff}]\n"
        )
        parsed = parse(config, source="sluis.yaml")
        await applied(kept.plane, parsed)
        await kept.plane.issuer_keys.refresh()
        new = NewKey(name="ops", kind="admin", roles=["platform_admin"])
        yield Trial(kept, provider, await issued(kept.plane, new))


async def test_an_accepted_token_shows_what_it_gets(trial: Trial) -> None:
    found = await trial.explained(f"Bearer {trial.token()}\n")
    assert found["accepted"]
    assert [check["check"] for check in found["checks"]] == PASSED
    assert all(check["passed"] and check["says"] for check in found["checks"])
    owner = found["principal"]
    assert owner["kind"] == "person"
    assert owner["console_roles"] == ["compliance_officer"]
    assert owner["groups"] == ["/staff", "staff"]
    assert owner["client"] == "assistant"
    me = (await trial.ask("GET", "/me", who=trial.token())).json()
    assert (me["id"], me["roles"]) == (owner["id"], owner["console_roles"])


async def test_every_fault_of_a_token_is_named_at_once(trial: Trial) -> None:
    bad = trial.token(aud="account", typ="ID", exp=1, header={"typ": "JOSE"})
    found = await trial.explained(bad)
    failed = {check["check"]: check["says"] for check in found["checks"] if not check["passed"]}
    assert failed.keys() == {"type", "audience", "kind of token", "times"}
    assert "urn:sluis" in failed["audience"]
    assert found["principal"] is None
    assert found["seen"]["aud"] == "account"
    assert found["seen"]["typ"] == "JOSE"


@pytest.mark.parametrize("token", ["nonsense", "eyJ9.e30.AAAA", "x" * 90_000])
async def test_what_is_no_token_is_told_too(trial: Trial, token: str) -> None:
    found = await trial.explained(token)
    assert [one["check"] for one in found["checks"]] == ["format"]
    assert not found["accepted"]


async def test_a_token_of_a_stranger_says_who_is_trusted(trial: Trial) -> None:
    found = await trial.explained(trial.token(iss="https://stranger.example"))
    assert found["checks"][-1]["check"] == "issuer"
    assert trial.provider.address in found["checks"][-1]["says"]
    assert found["seen"]["iss"] == "https://stranger.example"


async def test_a_new_key_is_fetched_as_at_a_sign_in(trial: Trial) -> None:
    new = key(kid="new")
    trial.provider.keys = published(new)
    found = await trial.explained(trial.token(header={"kid": "new"}, by=new))
    assert found["accepted"]


async def test_the_token_stands_in_no_log_and_no_entry(
    trial: Trial, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = trial.token()
    await trial.explained(token)
    await trial.explained(trial.token(exp=1))
    refused = await trial.ask("POST", "/identity/test", {"token": token, "else": 1})
    assert refused.status_code == 400
    signature = token.rpartition(".")[2]
    assert signature not in caplog.text + refused.text
    rows = await trial.kept.plane.trail.rows("SELECT disclosure FROM audit_detail", {})
    assert not [row for row in rows if signature.encode() in bytes(row["disclosure"])]


async def test_it_takes_a_permission(trial: Trial) -> None:
    new = NewKey(name="reader", kind="admin", roles=["auditor"])
    reader = await issued(trial.kept.plane, new)
    body = {"token": trial.token()}
    assert (await trial.ask("POST", "/identity/test", body, who=reader)).status_code == 403
    assert (await trial.ask("GET", "/identity/providers", who=reader)).status_code == 403


async def test_the_providers_are_listed_with_the_settings_in_force(trial: Trial) -> None:
    found = (await trial.ask("GET", "/identity/providers")).json()
    assert {profile["name"] for profile in found["profiles"]} == set(PROFILES)
    (issuer,) = found["issuers"]
    assert (issuer["name"], issuer["profile"], issuer["keys"]) == ("staff", "keycloak", [key().kid])
    assert "RS256" in issuer["algorithms"]
    assert issuer["fetched"] == trial.kept.clock()
    assert "x5c" not in json.dumps(found)
