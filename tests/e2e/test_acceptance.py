"""Acceptance of real installations: in order, and with one broken thing each."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.support.certificates import Certificate, certificate
from tests.support.connect_proxy import ConnectProxy
from tests.support.installation import ADMIN_KEY, APP_KEY, OFFICER_KEY, Installation
from tests.support.issuer import TestIssuer
from tests.support.openai_api import OpenAIApi
from tests.support.ports import free_port

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly]
HOST = "provider.invalid"
CONFIG = """\
version: 1
providers:
  - {{name: outside, kind: openai, zone: eu, base_url: "https://{host}/v1", proxy: "{proxy}",
     pins: ["{pin}"], ca: "{ca}",
     contract: {{region: EU, transfer_basis: none-needed, review: 2099-12-31}}}}
  - {{name: house, kind: openai, base_url: "{house}", zone: internal}}
  - {{name: idle, kind: openai, base_url: "{house}", zone: internal}}
deployments:
  - {{name: far, provider: outside, model: gpt}}
  - {{name: own, provider: house, model: own}}
aliases: [{{name: assistant, candidates: [far, own]}}]
teams: [{{name: support}}]
keys:
  - {{name: app, team: support, secret: "env:TEST_APP_KEY", clearance: restricted}}
  - {{name: admin, kind: admin, roles: [platform_admin, policy_author],
     secret: "env:TEST_ADMIN_KEY"}}
  - {{name: officer, kind: admin, roles: [compliance_officer, policy_approver],
     secret: "env:TEST_OFFICER_KEY"}}
identity:
  issuers:
    - {{name: company, issuer: "{issuer}", audience: "urn:sluis", roles_claim: groups,
       roles: {{sluis-admins: platform_admin}},
       groups: {{staff: {{team: support, models: [assistant]}}}}}}
"""


@dataclass
class Accepted:
    """An installation and what it depends on."""

    sluis: Installation
    proxy: ConnectProxy
    issuer: TestIssuer
    gateways: list[str] = field(default_factory=list)

    def run(self, *options: str, code: int, key: str | None = APP_KEY) -> dict[str, Any]:
        """What is found by check and part; the exit code is as expected."""
        output = self.sluis.folder / "acceptance.json"
        sent = {"SLUIS_ACCEPTANCE_TOKEN": self.issuer.token("ada", groups=["staff"])}
        if key:
            sent["SLUIS_ACCEPTANCE_KEY"] = key
        self.sluis.settings |= sent
        named = [word for url in self.gateways for word in ("--gateway", url)]
        command = ("acceptance", *named, "--control", self.sluis.control, "--output", str(output))
        done = self.sluis.sluis(*command, *options, check=False)
        for name in sent:
            self.sluis.settings.pop(name)
        assert done.returncode == code, done.stdout + done.stderr
        self.text = output.with_suffix(".txt").read_text(encoding="utf-8")
        assert done.stdout.strip() == self.text.strip()
        self.report = output
        self.facts = json.loads(output.read_bytes())["facts"]
        return {f"{one['check']} {one['about']}".strip(): one for one in self.facts["findings"]}

    def outcomes(self, found: dict[str, Any], outcome: str) -> set[str]:
        return {name for name, one in found.items() if one["outcome"] == outcome}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate(tmp_path_factory.mktemp("tls"), hosts=[HOST], days=90)


@pytest.fixture(scope="module")
def accepted(
    tmp_path_factory: pytest.TempPathFactory,
    postgres: Any,
    own: Certificate,
    internal_provider: OpenAIApi,
) -> Iterator[Accepted]:
    """An installation on PostgreSQL; its commercial provider is behind a proxy."""
    from tests.support.postgres import fresh_database
    from tests.support.schema import TEMPLATE

    with (
        fresh_database(postgres, TEMPLATE) as url,
        OpenAIApi(tls=own) as api,
        ConnectProxy({HOST: api.port}) as proxy,
        TestIssuer() as issuer,
    ):
        sluis = Installation(tmp_path_factory.mktemp("accepted"), url)
        sluis.sluis("secrets", "create")
        place = {"host": HOST, "proxy": proxy.url, "pin": own.pin, "ca": own.path}
        sluis.apply(CONFIG.format(**place, house=internal_provider.url, issuer=issuer.url))
        try:
            sluis.start("control", "gateway")
            yield Accepted(sluis, proxy, issuer, [sluis.url])
        finally:
            sluis.stop()


def test_an_installation_in_order_is_accepted(accepted: Accepted) -> None:
    found = accepted.run(code=0)
    assert accepted.outcomes(found, "fault") == set()
    assert accepted.outcomes(found, "not_applicable") == {
        "standby", "key_service", "witness", "provider idle", "way idle",
        "limits_store", "collector", "guardrail",
    }  # fmt: skip
    assert found["provider outside"]["detail"] == "far: 200"
    assert found["way outside"]["detail"] == f"proxy: 127.0.0.1:{accepted.proxy.port}"
    assert found["way house"]["detail"] == "proxy: -"
    assert found[f"token {accepted.sluis.url}"]["detail"] == "models: assistant"
    assert found["redaction far"]["detail"] == "zone eu, redacted: 1"
    assert found["restoring far"]["outcome"] == "ok"
    assert f"bypass {HOST}:443" in accepted.outcomes(found, "ok")
    assert found["database"]["detail"].startswith("PostgreSQL ")


def test_the_report_is_signed_and_on_record(accepted: Accepted, tmp_path: Path) -> None:
    accepted.run("--language", "nl", code=0)
    assert accepted.text.startswith("Acceptatie van Sluis ")
    assert "Fouten: 0." in accepted.text
    verify = ("reports", "verify", str(accepted.report), "--json")
    digest = json.loads(accepted.sluis.sluis(*verify).stdout)["facts_sha256"]
    assert digest in accepted.text
    made = accepted.sluis.admin("GET", "/audit?event=control:report:make", OFFICER_KEY).json()
    newest = made["entries"][0]
    path = f"/audit/entries/{newest['seq']}"
    entry = accepted.sluis.admin("GET", path, OFFICER_KEY).json()
    assert entry["fields"]["report"] == digest
    changed = tmp_path / "changed.json"
    changed.write_text(accepted.report.read_text().replace('"fault"', '"ok"').replace("far", "fat"))
    done = accepted.sluis.sluis("reports", "verify", str(changed), check=False)
    assert done.returncode == 1
    assert "TAMPERED" in done.stdout
    secret = (APP_KEY, ADMIN_KEY)
    assert not [one for one in secret if one in accepted.report.read_text()]


def test_a_gateway_that_is_not_there_is_a_fault(accepted: Accepted) -> None:
    gone = f"http://127.0.0.1:{free_port()}"
    accepted.gateways.append(gone)
    try:
        found = accepted.run(code=1, key=None)
    finally:
        accepted.gateways.remove(gone)
    assert accepted.outcomes(found, "fault") == {f"gateway_ready {gone}"}
    assert found["provider"]["reason"] == "no_key"
    assert "What to do: Mend the part that it names" in accepted.text


def test_what_answers_and_is_no_gateway_is_a_fault(accepted: Accepted) -> None:
    accepted.gateways.insert(0, accepted.issuer.url)
    try:
        found = accepted.run(code=1)
    finally:
        accepted.gateways.pop(0)
    faults = accepted.outcomes(found, "fault")
    assert {f"gateway_ready {accepted.issuer.url}", f"token {accepted.issuer.url}"} <= faults
    assert {"provider outside", "provider house"} <= faults
    assert f"gateway_ready {accepted.sluis.url}" not in faults


def test_a_proxy_that_refuses_is_a_fault_of_its_provider(accepted: Accepted) -> None:
    accepted.sluis.kill("gateway")  # so that no connection is open
    accepted.sluis.start("gateway")
    accepted.proxy.manner = "refuse"
    try:
        found = accepted.run(code=1)
    finally:
        accepted.proxy.manner = "tunnel"
    assert accepted.outcomes(found, "fault") == {"provider outside"}
    assert found["redaction"]["reason"] == "no_commercial"


@pytest.fixture
def wider(accepted: Accepted, eu: OpenAIApi) -> Iterator[None]:
    """A provider that this machine reaches itself, and an issuer that is not there."""
    sluis, file = accepted.sluis, accepted.sluis.folder / "wider.yaml"
    config = (sluis.folder / "sluis.yaml").read_text(encoding="utf-8")
    provider = f"""\
  - {{name: open, kind: openai, base_url: "{eu.url}", zone: eu,
     contract: {{region: EU, transfer_basis: none-needed, review: 2099-12-31}}}}
"""
    issuer = f"""\
    - {{name: gone, issuer: "http://127.0.0.1:{free_port()}", audience: "urn:sluis"}}
"""
    config = config.replace("providers:\n", f"providers:\n{provider}")
    file.write_text(config.replace("issuers:\n", f"issuers:\n{issuer}"), encoding="utf-8")
    sluis.sluis("apply", "-f", str(file), "--allow-waiting")
    for one in sluis.admin("GET", "/proposals", OFFICER_KEY).json()["proposals"]:
        if one["state"] == "pending":
            path = f"/proposals/{one['id']}/approve"
            assert sluis.admin("POST", path, OFFICER_KEY, json={}).is_success
    yield
    sluis.sluis("apply", "-f", str(sluis.folder / "sluis.yaml"))


@pytest.mark.usefixtures("wider")
def test_a_way_around_an_absent_issuer_and_a_key_of_nobody_are_faults(
    accepted: Accepted, eu: OpenAIApi
) -> None:
    found = accepted.run(code=1, key="sk-test-nobody-00000000000000000")
    assert accepted.outcomes(found, "fault") == {
        f"bypass 127.0.0.1:{eu.port}",
        "issuer gone",
        f"detectors {accepted.sluis.url}",
        "provider outside",
        "provider house",
    }
    assert "invalid_api_key" in found["provider house"]["detail"]


def test_a_database_that_is_away_is_a_fault_and_the_report_is_still_signed(
    accepted: Accepted,
) -> None:
    sluis, url = accepted.sluis, accepted.sluis.database_url
    assert url is not None
    sluis.database_url = url.replace("/t", "/gone-", 1)
    try:
        found = accepted.run(code=1)
    finally:
        sluis.database_url = url
    assert "database" in accepted.outcomes(found, "fault")
    verify = ("reports", "verify", str(accepted.report))
    assert accepted.sluis.sluis(*verify).returncode == 0


def test_an_embedded_installation_says_what_does_not_apply(
    tmp_path: Path, config: str, eu: OpenAIApi
) -> None:
    sluis = Installation(tmp_path)
    sluis.apply(config)
    sluis.start("control", "gateway")
    output = tmp_path / "acceptance.json"
    sluis.settings["SLUIS_ACCEPTANCE_KEY"] = APP_KEY
    try:
        done = sluis.sluis(
            "acceptance", "--gateway", sluis.url, "--output", str(output), "--json", check=False
        )
    finally:
        sluis.stop()
    findings = json.loads(output.read_bytes())["facts"]["findings"]
    faults = {f"{one['check']} {one['about']}" for one in findings if one["outcome"] == "fault"}
    assert faults == {"provider dead"}, findings  # nothing listens at its address
    assert done.returncode == 1
    reasons = {f"{one['check']} {one['about']}": one["reason"] for one in findings}
    assert reasons["bypass "] == reasons["database "] == "embedded"
    assert reasons["provider far"] == "policy"
