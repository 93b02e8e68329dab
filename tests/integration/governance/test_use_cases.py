"""Use cases on both databases: what is refused, who owns one, and what an upgrade keeps."""

import datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from gateway.core.errors import ConfigError
from gateway.governance.catalogue.config_file import parse
from gateway.governance.catalogue.statements import stored_provider
from gateway.governance.changes.tables import catalogue
from tests.integration.governance.test_stops import Desk
from tests.support.contracts import contract_until
from tests.support.persons import ALICE, approved, secret_of
from tests.support.retained import DAY, NOW, Retained

pytestmark = pytest.mark.integration
DPIA = "https://intranet.example.nl/dpia/9"
LETTERS: dict[str, Any] = {
    "owner": "team letters",
    "overseer": "head of letters",
    "legal_basis": "public-task",
    "data_categories": ["name and address"],
    "risk": "limited",
    "zones": ["internal"],
    "floor": "restricted",
    "transparency": ["notice", "marking"],
}
HIGH = {**LETTERS, "risk": "high", "fria": DPIA, "review": "2099-12-31"}


@pytest.fixture
async def desk(kept: Retained) -> Desk:
    await kept.plane.snapshots.publish()
    return Desk(kept)


async def applied(kept: Retained, text: str) -> list[str]:
    """The warnings of an apply; another person approves what waits."""
    plane = kept.plane
    config = parse(text, source="sluis.yaml", records=await plane.catalogue.records())
    applied = await plane.catalogue.apply(config, ALICE, resolve=secret_of, may_lock_out=True)
    if applied.done.proposal:
        await approved(plane, applied.done.proposal)
    return applied.warnings


async def registered(desk: Desk) -> None:
    """A use case as a record, which another person approved where that is needed."""
    answer = await desk.ask("platform_admin", "PUT", "/use-cases/letters", LETTERS)
    if proposal := answer.json().get("proposal"):
        await approved(desk.kept.plane, proposal)


def case(**changes: Any) -> str:
    fields = {"name": "letters", "owner": "hr", "legal_basis": "contract", "risk": "high"}
    stated = ", ".join(f"{name}: {value}" for name, value in (fields | changes).items())
    return f"version: 1\nuse_cases:\n  - {{{stated}}}\n"


async def test_a_record_is_stored_with_all_that_is_stated(desk: Desk) -> None:
    put = await desk.ask("compliance_officer", "PUT", "/use-cases/letters", HIGH)
    if put.status_code == 202:
        await approved(desk.kept.plane, put.json()["proposal"])
    shown = (await desk.ask("auditor", "GET", "/use-cases/letters")).json()
    assert {name: shown[name] for name in HIGH} == HIGH
    assert (shown["source"], shown["file"], shown["stopped"]) == ("record", None, False)
    assert (shown["review_state"], shown["lacking"]) == ("current", None)
    (found,) = [one for one in (await desk.snapshot())[0].use_cases if one.name == "letters"]
    assert (found.floor, found.zones, found.review) == ("restricted", ["internal"], "2099-12-31")
    (entry,) = await desk.kept.told("control:use_case:set")
    assert entry["use_case"] == "letters"
    assert 'floor: "internal" -> "restricted"' in entry["difference"]
    (register,) = (await desk.ask("platform_admin", "GET", "/catalogue")).json()["register"]
    assert register["use_cases"]["letters"]["overseer"] == "head of letters"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"risk": "prohibited"}, "article 5"),
        ({"dpia": None, "fria": None}, "dpia or fria"),
        ({"fria": None, "dpia": DPIA, "deployer": "public-body"}, "fria_needed"),
        ({"fria": None, "dpia": DPIA, "deployer": "insurance"}, "does not take its place"),
        ({"deployer": "somebody"}, "deployer"),
        ({"review": None}, "review"),
        ({"review": "soon"}, "review"),
        ({"zones": ["moon"]}, "zones"),
        ({"colour": "blue"}, "colour"),
        ({"overseer": "a\x00b"}, "control character"),
        ({"transparency": ["silence"]}, "transparency"),
        ({"transparency": ["notice", "notice"]}, "twice"),
    ],
)
async def test_what_may_not_be_is_refused(
    desk: Desk, changes: dict[str, Any], message: str
) -> None:
    answer = await desk.ask("platform_admin", "PUT", "/use-cases/letters", {**HIGH, **changes})
    assert answer.status_code == 400
    assert message in answer.text
    assert (await desk.ask("auditor", "GET", "/use-cases/letters")).status_code == 404


@pytest.mark.parametrize("role", ["auditor", "policy_author", "model_owner"])
async def test_who_may_not_write_does_not(desk: Desk, role: str) -> None:
    assert (await desk.ask(role, "PUT", "/use-cases/letters", LETTERS)).status_code == 403
    assert (await desk.ask(role, "DELETE", "/use-cases/letters")).status_code == 403


async def test_the_file_and_the_records_never_fight(desk: Desk) -> None:
    for method, body in (("PUT", LETTERS), ("DELETE", None)):
        answer = await desk.ask("platform_admin", method, "/use-cases/service", body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "owned_by_file")
        assert "sluis.yaml" in answer.json()["error"]["message"]
    await registered(desk)
    with pytest.raises(ConfigError, match=r"sluis.yaml:3: use_cases.0.name: .*record"):
        await applied(desk.kept, case(risk="limited"))
    assert await applied(desk.kept, "version: 1\n") == []
    assert [one.name for one in await desk.kept.plane.use_cases.list()] == ["letters"]


async def test_a_key_of_the_file_may_be_for_a_record(desk: Desk) -> None:
    await registered(desk)
    await applied(
        desk.kept,
        'version: 1\nkeys: [{name: bot, secret: "env:BOT", purposes: [letters]}]\n',
    )
    kept = await desk.ask("platform_admin", "DELETE", "/use-cases/letters")
    assert (kept.status_code, kept.json()["error"]["code"]) == (409, "in_use")
    await applied(desk.kept, "version: 1\n")
    assert (await desk.ask("platform_admin", "DELETE", "/use-cases/letters")).status_code == 200
    assert (await desk.snapshot())[0].use_cases == []
    missing = await desk.ask("platform_admin", "DELETE", "/use-cases/letters")
    assert missing.status_code == 404


async def test_a_file_with_a_prohibited_or_incomplete_use_case_is_refused_by_line(
    kept: Retained,
) -> None:
    with pytest.raises(ConfigError, match=r"sluis.yaml:3: use_cases.0.risk: .*article 5"):
        parse(case(risk="prohibited"), source="sluis.yaml")
    for lacking in (case(), case(dpia=DPIA), case(review="2099-12-31")):
        with pytest.raises(ConfigError, match=r"sluis.yaml:3: use_cases.0.risk: .*needs"):
            await applied(kept, lacking)
    assert await applied(kept, case(fria=DPIA, review="2099-12-31")) == []


@pytest.mark.parametrize(
    "deployer", ["public-body", "public-service", "creditworthiness", "insurance"]
)
async def test_a_dpia_does_not_replace_a_fria_where_the_law_asks_for_one(
    kept: Retained, deployer: str
) -> None:
    stated = {"deployer": deployer, "dpia": DPIA, "review": "2099-12-31"}
    with pytest.raises(ConfigError, match=r"sluis.yaml:3: use_cases.0.risk: .*article 27"):
        await applied(kept, case(**stated))
    assert await applied(kept, case(**stated, risk="limited")) == []
    assert await applied(kept, case(**stated, fria=DPIA)) == []
    assert await applied(kept, case(**{**stated, "deployer": "other"})) == []


async def test_a_file_of_before_with_a_dpia_alone_is_asked_who_deploys_it(kept: Retained) -> None:
    (warning,) = await applied(kept, case(dpia=DPIA, review="2099-12-31"))
    assert "state deployer" in warning


async def test_what_was_in_force_before_stays_until_it_changes(kept: Retained) -> None:
    """An upgrade finds documents of earlier versions: without assessment, review and contract."""
    await applied(kept, case(fria=DPIA, review="2099-12-31"))
    old = '{"name":"letters","owner":"hr","legal_basis":"contract","risk":"high"}'
    async with kept.plane.database.write() as connection:
        await connection.execute(
            update(catalogue).where(catalogue.c.name == "letters").values(document=old)
        )
    (warning,) = await applied(kept, case())
    assert "needs dpia or fria" in warning
    assert "stays in force" in warning
    (shown,) = await kept.plane.use_cases.list()
    assert shown.lacking is not None
    with pytest.raises(ConfigError, match="needs"):
        await applied(kept, case(owner="somebody"))


async def test_a_review_is_overdue_and_then_expired(kept: Retained) -> None:
    await applied(kept, case(risk="limited", review=_day(NOW)))
    states = []
    for days in (0, 1, 30, 31):
        kept.clock.ms = NOW + days * DAY
        (shown,) = await kept.plane.use_cases.list()
        states.append(shown.review_state)
    assert states == ["current", "overdue", "overdue", "expired"]
    (warning,) = await applied(kept, case(risk="limited", review=_day(NOW)))
    assert "review was due" in warning


def _day(ms: int) -> str:
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.UTC).date().isoformat()


PROVIDER = (
    'version: 1\nproviders:\n  - {{name: a, kind: openai, base_url: "{url}", zone: eu{contract}}}\n'
)
URL = "https://llm.example.eu/v1"


def provider(contract: str = "", url: str = URL) -> str:
    return PROVIDER.format(url=url, contract=contract)


async def until(kept: Retained) -> str | None:
    """Until when the contract covers confidential text."""
    async with kept.plane.database.read() as connection:
        (found,) = (await kept.plane.catalogue.load(connection))["provider"]
    return contract_until(stored_provider(found))


async def test_a_contract_reaches_gateways_as_a_date(kept: Retained) -> None:
    stated = ", contract: {region: EU, transfer_basis: none-needed, review: 2099-12-31}"
    assert await applied(kept, provider(stated)) == []
    assert await until(kept) == "2099-12-31"
    (warning,) = await applied(kept, provider(stated.replace("2099", "2020")))
    assert "due for review" in warning
    (warning,) = await applied(kept, provider())
    assert "no confidential text" in warning
    kept.clock.ms += 1000
    assert await until(kept) == ""
    with pytest.raises(ConfigError, match=r"sluis.yaml:3: .*contract.review"):
        parse(provider(", contract: {region: EU, transfer_basis: scc}"), source="sluis.yaml")


async def test_a_provider_from_before_contracts_stays_until_it_changes(kept: Retained) -> None:
    await applied(kept, provider())
    async with kept.plane.database.write() as connection:
        where = catalogue.c.kind == "provider"
        document = (
            await connection.execute(select(catalogue.c.document).where(where))
        ).scalar_one()
        old = document.replace(',"needs_contract":true', "")
        assert old != document
        await connection.execute(update(catalogue).where(where).values(document=old))
    (warning,) = await applied(kept, provider())
    assert "stays in force as before" in warning
    assert await until(kept) is None
    (warning,) = await applied(kept, provider(url="https://llm.example.eu:8443/v2"))
    assert "stays in force as before" in warning
    await applied(kept, provider(url="https://other.example.eu/v1"))
    kept.clock.ms += 1000
    assert await until(kept) == ""
