"""The organisation's lists: two people, no term in the trail, and the next request honours them."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from gateway.core.errors import Denied, InvalidRequest
from gateway.core.snapshot import TermLists, unseal
from gateway.core.system.secrets import create, load
from gateway.governance.actor import Actor
from gateway.governance.plane import ControlPlane, build
from gateway.governance.proposals.tables import proposal
from gateway.governance.terms.changes import Term, TermChange
from gateway.privacy import Terms
from tests.support.installation import APP_KEY, OFFICER_KEY, Installation
from tests.support.openai_api import OpenAIApi
from tests.support.schema import migrate

pytestmark = pytest.mark.integration
AUTHOR = Actor("k_author", "author", frozenset({"policy_author"}), "sign-on")
OTHER = Actor("k_other", "other", frozenset({"policy_approver"}), "sign-on")


@pytest.fixture(params=["sqlite", "postgres"])
async def plane(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ControlPlane]:
    secrets = create(tmp_path / "secrets")
    url = f"sqlite:///{tmp_path / 'governance.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
    built = build(database_url=url, secrets=secrets, data_dir=None)
    await migrate(built.database)
    await built.start()
    yield built
    await built.close()


async def propose(plane: ControlPlane, change: TermChange) -> str:
    return await plane.proposals.create(await plane.terms.draft(change), AUTHOR, comment="why")


async def changed(plane: ControlPlane, add: list[Term], remove: list[Term] | None = None) -> str:
    made = await propose(plane, TermChange(add, remove or []))
    await plane.proposals.decide(made, OTHER, approve=True, comment="")
    return made


async def test_requests_name_the_lists_as_their_activation_does(
    plane: ControlPlane, tmp_path: Path
) -> None:
    await changed(plane, [Term("deny", "Acme", "PERSON"), Term("allow", "Sluis")])
    query = (
        "SELECT d.disclosure FROM audit_entry e JOIN audit_detail d ON d.log = e.log AND d.seq = "
        "e.seq "
        "WHERE e.event = 'control:terms:activate'"
    )
    async with plane.database.read() as connection:
        disclosure = (await connection.execute(text(query))).scalar_one()
    recorded = json.loads(disclosure)[1]["digest"]
    assert recorded == Terms(await in_force(plane), load(tmp_path / "secrets").pepper).mark


async def in_force(plane: ControlPlane) -> TermLists:
    async with plane.database.read() as connection:
        return await plane.terms.lists(connection)


async def test_nobody_approves_their_own_terms(plane: ControlPlane) -> None:
    add = TermChange([Term("deny", "Acme Holding")])
    made = await propose(plane, add)
    with pytest.raises(Denied, match="another person"):
        await plane.proposals.decide(made, AUTHOR, approve=True, comment="")
    assert await in_force(plane) == TermLists()
    await plane.proposals.decide(made, OTHER, approve=True, comment="")
    assert await in_force(plane) == TermLists(deny={"Acme Holding": "PERSON"})


async def test_terms_come_change_and_go(plane: ControlPlane) -> None:
    many = [Term("deny", f"Klant {number}", "CITY") for number in range(1500)]
    await changed(plane, [*many, Term("allow", "De Vries  Bouw\u200b BV"), Term("allow", "Sluis")])
    await changed(
        plane,
        [Term("deny", "KLANT 7", "EMAIL")],
        [Term("allow", "sluis"), Term("deny", "klant 8"), Term("deny", "never there")],
    )
    now = await in_force(plane)
    assert (len(now.deny), now.allow) == (1499, ["De Vries Bouw BV"])
    assert now.deny["KLANT 7"] == "EMAIL"
    page = await plane.terms.list("deny", offset=0, limit=2)
    assert page.counts == {"deny": 1499, "allow": 1}
    assert [one.text for one in page.terms] == ["Klant 0", "Klant 1"]
    assert page.terms[0].proposed_by == AUTHOR.id
    assert page.terms[0].approved_by == OTHER.id


async def test_a_change_that_is_so_already_is_not_proposed(plane: ControlPlane) -> None:
    await changed(plane, [Term("deny", "Acme")])
    for change in (
        TermChange([Term("deny", "ACME")]),
        TermChange([], [Term("deny", "Other")]),
        TermChange(),
    ):
        with pytest.raises(InvalidRequest, match="nothing to propose"):
            await propose(plane, change)


@pytest.mark.parametrize(
    ("term", "reason"),
    [
        (Term("deny", "x"), "two letters"),
        (Term("deny", "\u200b - \u200b"), "two letters"),
        (Term("deny", "Quibble\0stone"), "control characters"),
        (Term("deny", "Quibblestone " * 20), "200 characters"),
        (Term("deny", "\ufdfa" * 20), "200 characters"),
        (Term("deny", "Quibblestone", "SECRET"), "type"),
        (Term("later", "Quibblestone"), "deny or allow"),
    ],
)
async def test_a_term_that_cannot_be_taken_is_named_by_its_place(
    plane: ControlPlane, term: Term, reason: str
) -> None:
    change = TermChange([Term("deny", "Good"), term])
    with pytest.raises(InvalidRequest, match=reason) as refused:
        await propose(plane, change)
    assert refused.value.message.startswith("add.1: ")
    assert "Quibble" not in refused.value.message


async def test_no_term_stands_in_the_trail(plane: ControlPlane) -> None:
    await changed(plane, [Term("deny", "Quibblestone"), Term("allow", "Wobblebridge")])
    async with plane.database.read() as connection:
        rows = (await connection.execute(text("SELECT leaf FROM audit_entry"))).all()
        details = (await connection.execute(text("SELECT disclosure FROM audit_detail"))).all()
        kept = (await connection.execute(proposal.select())).mappings().one()
    trail = b"".join(bytes(row[0]) for row in (*rows, *details)).lower()
    assert b"quibblestone" not in trail
    assert b"wobblebridge" not in trail
    entries = [json.loads(bytes(row[0]))[1] for row in details]
    (made,) = [one for one in entries if "added" in one]
    assert (made["kind"], made["added"], made["removed"]) == ("terms", 2, 0)
    (active,) = [one for one in entries if "allow" in one]
    assert (active["deny"], active["allow"], active["author"]) == (1, 1, AUTHOR.id)
    assert len(active["digest"]) == len(made["digest"]) == 24
    assert kept["document"] == "{}"  # what was decided is kept by the lists alone


async def test_the_snapshot_carries_the_lists(plane: ControlPlane) -> None:
    before = await plane.snapshots.publish()
    await changed(plane, [Term("deny", "Acme", "CITY"), Term("allow", "Sluis")])
    after = await plane.snapshots.publish()
    assert after != before
    async with plane.database.read() as connection:
        row = (
            await connection.execute(text("SELECT envelope FROM snapshot ORDER BY id DESC LIMIT 1"))
        ).one()
    snapshot, _ = unseal(bytes(row.envelope), plane.secrets.signing.public_key())
    assert snapshot.terms == TermLists(deny={"Acme": "CITY"}, allow=["Sluis"])


@pytest.fixture
async def production(postgres_url: str, tmp_path: Path, config: str) -> AsyncIterator[Installation]:
    """Real processes over PostgreSQL: nobody is alone there."""
    installation = Installation(tmp_path, database_url=postgres_url)
    installation.folder.mkdir(exist_ok=True)
    installation.sluis("secrets", "create")
    installation.apply(config)
    try:
        installation.start("control", "gateway")
        yield installation
    finally:
        installation.stop()


def test_a_denied_term_is_redacted_in_the_next_request_once_another_approves(
    production: Installation, eu: OpenAIApi
) -> None:
    said = "Wat weten we over project kraanvogel?"
    assert production.ask(said).headers["x-sluis-sensitivity"] == "internal"
    assert "kraanvogel" in eu.bodies[-1].decode()
    body = {"add": [{"kind": "deny", "text": "Project Kraanvogel"}], "reason": "our customer"}
    made = production.admin("POST", "/terms", OFFICER_KEY, json=body)
    assert made.status_code == 201, made.text
    path = f"/proposals/{made.json()['id']}"
    for seen_by_many in (path, "/proposals", "/audit"):
        assert "kraanvogel" not in production.admin("GET", seen_by_many, OFFICER_KEY).text.lower()
    own = production.admin("POST", f"{path}/approve", OFFICER_KEY, json={})
    assert own.status_code == 403
    assert "another person" in own.json()["error"]["message"]
    approver = {"name": "second", "kind": "admin", "roles": ["policy_approver"], "owner": "carla"}
    made = production.admin("POST", "/keys", json=approver).json()
    production.admin("POST", f"/proposals/{made['proposal']}/approve", OFFICER_KEY, json={})
    other = made["secret"]
    shown = production.admin("GET", f"/terms{path}", other).json()
    assert shown["add"] == [{"kind": "deny", "text": "Project Kraanvogel", "type": "PERSON"}]
    assert production.admin("POST", f"{path}/approve", other, json={}).status_code == 200

    def redacted() -> bool:
        return production.ask(said).headers["x-sluis-sensitivity"] == "confidential"

    production.until(redacted, "the list is in force")
    audit_id = production.ask(said).headers["x-sluis-audit-id"]
    story = production.admin("GET", f"/audit/{audit_id}", OFFICER_KEY).json()["entries"]
    pepper = load(production.data_dir / "secrets").pepper
    terms = Terms(TermLists(deny={"Project Kraanvogel": "PERSON"}), pepper)
    assert terms.mark in [entry["fields"].get("lists") for entry in story]
    sent = eu.bodies[-1].decode()
    assert "kraanvogel" not in sent.lower()
    assert "[PERSON_" in sent
    detected = httpx.post(
        f"{production.url}/v1/privacy/detect",
        json={"text": said},
        timeout=60,
        headers={"authorization": f"Bearer {APP_KEY}"},
    ).json()["spans"]
    assert [(span["type"], span["detector"]) for span in detected] == [("PERSON", "list:deny")]
    tried = production.admin("POST", "/policies/try", OFFICER_KEY, json={"text": said}).json()
    (finding,) = tried["findings"]
    assert (finding["tier"], finding["level"], finding["reason"]) == (
        "lists",
        "confidential",
        "personal_data",
    )
    assert finding["allowable"] is False


def test_terms_by_command(tmp_path: Path) -> None:
    sluis = Installation(tmp_path)
    words = tmp_path / "names.txt"
    words.write_text("Acme Holding\n\nQuibble & Co\n", encoding="utf-8")
    arguments = ("--kind", "deny", "--type", "CITY", "--file", str(words), "--reason", "customers")
    made = json.loads(sluis.sluis("terms", "propose", *arguments, "--json").stdout)
    assert made["state"] == "pending"
    listed = json.loads(sluis.sluis("terms", "list", "--kind", "deny", "--json").stdout)
    assert (listed["terms"], listed["counts"]) == ([], {"deny": 0, "allow": 0})
    words.write_text("x\n", encoding="utf-8")
    refused = sluis.sluis("terms", "propose", *arguments, check=False)
    assert refused.returncode != 0
    assert "add.0: a term needs at least two letters" in refused.stderr
