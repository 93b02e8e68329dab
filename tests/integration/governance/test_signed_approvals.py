"""Approvals that the identity provider signs, with the real oidc-provider."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws

from gateway.approvals.provenance import ProvenanceError, check_provenance
from gateway.approvals.signed import nonce_of
from gateway.core.system.secrets import create
from gateway.processes.settings import read
from tests.support import office as offices
from tests.support import oidc_provider
from tests.support.control_app import SECRET
from tests.support.issuer import AUDIENCE, TestIssuer
from tests.support.office import Office
from tests.support.oidc_provider import CONSOLE, REDIRECT, OidcProvider
from tests.support.provider_tokens import key

pytestmark = pytest.mark.integration
USERS = {
    "anna": {"name": "Anna", "groups": ["admins", "approvers"]},
    "bert": {"name": "Bert", "groups": ["approvers"]},
    "carla": {"name": "Carla", "groups": ["approvers", "officers"]},
    "dora": {"name": "Dora", "groups": ["guards"]},
}
APPROVALS = f"      approvals: {{{{client_id: {CONSOLE}, client_secret: env:SIGNING_SECRET}}}}\n"
SIGNING, OTHER = key(kid="one"), key(kid="two")
KEY = (
    "keys: [{{name: tess, kind: admin, owner: tess, secret: env:TESS_KEY, "
    "roles: [policy_approver]}}]\n"
)
CONFIG = KEY + offices.CONFIG.replace("      logout_clients: [console]\n", APPROVALS).replace(
    "roles: {{", "roles: {{guards: data_protection_officer, "
)


class _Signing(Office):
    config = CONFIG
    provider: OidcProvider

    def token(self, name: str) -> str:
        return self.provider.person_token(name, AUDIENCE)

    async def begun(self, who: str, proposal: str) -> dict[str, Any]:
        path, body = f"/proposals/{proposal}/sign-on", {"redirect_uri": REDIRECT}
        answer = await self.ask(who, "POST", path, body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def signed(self, who: str, login: str, proposal: str) -> dict[str, str]:
        begun = await self.begun(who, proposal)
        code, state = self.provider.sign_on(begun["authorization_url"], login)
        assert state == begun["state"]
        return {"code": code, "state": state, "redirect_uri": REDIRECT}

    async def approve(self, who: str, proposal: str, sign_on: Any = None) -> Any:
        body = {"comment": "agreed", **({"sign_on": sign_on} if sign_on else {})}
        return await self.ask(who, "POST", f"/proposals/{proposal}/approve", body)

    async def wider(self, who: str, networks: str = "10.0.0.0/8") -> str:
        text = self.config.format(audience=AUDIENCE)
        text += f"internal_networks: [127.0.0.0/8, {networks}]\n"
        answer = await self.ask(who, "POST", "/apply", {"text": text})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["proposal"])


@pytest.fixture(scope="module")
def provider(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OidcProvider]:
    folder = oidc_provider.install(request.config)
    running = OidcProvider(
        folder, tmp_path_factory.mktemp("provider") / "log", users=USERS, secret=SECRET
    )
    running.start(SIGNING)
    yield running
    running.stop()


@pytest.fixture(params=["sqlite", "postgres"])
async def office(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    issuer: TestIssuer,
    provider: OidcProvider,
) -> AsyncIterator[_Signing]:
    secrets = create(tmp_path / "secrets")
    url = f"sqlite:///{tmp_path / 'governance.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
    made = _Signing(url, secrets, tmp_path if request.param == "sqlite" else None, issuer)
    made.provider = provider
    made.config = CONFIG.replace("{issuer}", provider.issuer)
    await made.open()
    yield made
    await made.close()


async def test_an_approval_is_signed_by_the_provider(office: _Signing) -> None:
    anna, bert = office.token("anna"), office.token("bert")
    proposal = await office.wider(anna)
    bare = await office.approve(bert, proposal)
    assert (bare.status_code, bare.json()["error"]["code"]) == (403, "sign_on_needed")
    done = await office.approve(bert, proposal, await office.signed(bert, "bert", proposal))
    assert done.status_code == 200, done.text
    assert "10.0.0.0/8" in (await office.snapshot()).internal_networks
    (applied,) = [one for one in await office.entries() if "signed_approval" in one]
    assert applied["proposal"] == proposal
    said = json.loads(applied["signed_approval"])
    token = json.loads(jws.extract_compact(said["token"].encode()).payload)
    assert token["sub"] == "bert"
    assert token["nonce"] == nonce_of(said["text"])
    assert json.loads(said["text"])["proposal"] == proposal


async def test_a_gateway_takes_only_what_a_pinned_key_signed(
    office: _Signing, tmp_path: Path
) -> None:
    anna, bert = office.token("anna"), office.token("bert")
    proposal = await office.wider(anna)
    await office.approve(bert, proposal, await office.signed(bert, "bert", proposal))
    snapshot, signer = await office.snapshot(), office.secrets.signing.public_key()
    pins = tmp_path / "pins.json"
    for keys, clients, holds in (
        ([SIGNING], [CONSOLE], True),
        ([OTHER, SIGNING], ["another", CONSOLE], True),
        ([OTHER], [CONSOLE], False),
        ([SIGNING], ["another"], False),
        ([], [CONSOLE], False),
    ):
        held = {"keys": [one.as_dict(private=False) for one in keys], "clients": clients}
        pins.write_text(json.dumps(held), encoding="utf-8")
        trusted = read({"SLUIS_ISSUER_KEYS": str(pins)}).approval_pins
        with nullcontext() if holds else pytest.raises(ProvenanceError, match=r"10\.0\.0\.0"):
            check_provenance(snapshot, None, signer, one_person=False, pins=trusted)


async def test_an_issuer_that_signs_is_not_removed_alone(office: _Signing) -> None:
    anna = office.token("anna")
    answer = await office.ask(
        anna, "POST", "/apply", {"text": "version: 1\nidentity: {}\n" + KEY.format()}
    )
    assert answer.status_code == 202, answer.text
    proposal = str(answer.json()["proposal"])
    assert [one.name for one in (await office.snapshot()).issuers if one.approvals] == ["staff"]
    refused = await office.approve(office.token("bert"), proposal)
    assert refused.json()["error"]["code"] == "sign_on_needed"


async def test_a_pin_says_when_signing_began(
    tmp_path: Path, issuer: TestIssuer, provider: OidcProvider
) -> None:
    """What was approved before explains a start, unless a pin says that it was signed."""
    secrets = create(tmp_path / "secrets")
    office = _Signing(f"sqlite:///{tmp_path / 'governance.db'}", secrets, tmp_path, issuer)
    office.provider = provider
    signing = CONFIG.replace("{issuer}", provider.issuer)
    office.config = signing.replace(APPROVALS, "")
    await office.open()
    anna, bert = office.token("anna"), office.token("bert")
    assert (await office.approve(bert, await office.wider(anna))).status_code == 200
    office.config = signing
    assert (await office.approve(bert, await office.wider(anna))).status_code == 200
    snapshot, pins = await office.snapshot(), tmp_path / "pins.json"
    for since, holds in ((None, True), (snapshot.number, True), (0, False)):
        pins.write_text(json.dumps({"keys": [], "clients": [], "since": since}), encoding="utf-8")
        trusted = read({"SLUIS_ISSUER_KEYS": str(pins)}).approval_pins
        with nullcontext() if holds else pytest.raises(ProvenanceError, match="pinned key"):
            signer = secrets.signing.public_key()
            check_provenance(snapshot, None, signer, one_person=False, pins=trusted)
    await office.close()


async def test_each_of_several_approvals_is_signed(office: _Signing) -> None:
    anna, carla, dora = (office.token(name) for name in ("anna", "carla", "dora"))
    body = {"owner": "team support", "legal_basis": "contract", "risk": "limited"}
    made = await office.ask(anna, "PUT", "/use-cases/letters", body)
    proposal = str(made.json()["proposal"])
    for who, login, left in ((dora, "dora", ["approver"]), (carla, "carla", [])):
        bare = await office.approve(who, proposal)
        assert (bare.status_code, bare.json()["error"]["code"]) == (403, "sign_on_needed")
        done = await office.approve(who, proposal, await office.signed(who, login, proposal))
        assert done.status_code == 200, done.text
        assert [one["kind"] for one in done.json()["waits_for"]] == left
    assert [one.name for one in (await office.snapshot()).use_cases] == ["letters"]
    signed = [one["signed_approval"] for one in await office.entries() if "signed_approval" in one]
    tokens = [json.loads(one)["token"] for one in signed]
    subjects = [json.loads(jws.extract_compact(one.encode()).payload)["sub"] for one in tokens]
    assert subjects == ["dora", "carla"]


async def test_only_the_approver_signs_and_only_for_that(office: _Signing) -> None:
    anna, bert = office.token("anna"), office.token("bert")
    first = await office.wider(anna)
    other = await office.approve(bert, first, await office.signed(bert, "carla", first))
    assert other.status_code == 403, other.text
    signed = await office.signed(bert, "bert", first)
    second = await office.wider(anna, "172.16.0.0/12")
    moved = await office.approve(bert, second, signed)
    assert (moved.status_code, moved.json()["error"]["code"]) == (409, "stale_proposal")
    by_another = await office.approve(office.token("carla"), second, signed)
    assert by_another.status_code == 400
    forged = {**signed, "state": signed["state"].replace(".", ".0", 1)}
    assert (await office.approve(bert, second, forged)).status_code == 400


async def test_an_author_begins_no_sign_on_for_the_own_proposal(office: _Signing) -> None:
    anna = office.token("anna")
    proposal = await office.wider(anna)
    body = {"redirect_uri": REDIRECT}
    begun = await office.ask(anna, "POST", f"/proposals/{proposal}/sign-on", body)
    assert begun.status_code == 403
    assert (await office.ask(anna, "GET", f"/proposals/{proposal}")).json()["state"] == "pending"


async def test_a_key_approves_nothing_where_persons_sign(office: _Signing) -> None:
    proposal = await office.wider(office.token("anna"))
    refused = await office.approve(SECRET, proposal)  # the key of tess
    assert refused.json()["error"]["code"] == "sign_on_needed"
