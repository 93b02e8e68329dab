"""The statement over a real trail, on both databases: honest, and with each sentence made false."""

import csv
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pypdf
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from msgspec.json import encode
from msgspec.structs import replace
from pyarrow import parquet
from sqlalchemy import text

from gateway.approvals.objects import digest_of
from gateway.approvals.signed import Approval, SignedApproval, nonce_of
from gateway.core.errors import InvalidRequest
from gateway.core.snapshot import bundle_digest
from gateway.core.system.secrets import PUBLIC
from gateway.evidence import CLOSE, INTENT, Entry
from gateway.evidence.export import LATE_MS, ExportResult
from gateway.governance.actor import Actor
from gateway.governance.audit.exports import ExportRequest
from gateway.governance.audit.search import Search
from gateway.governance.journal import Journal
from gateway.processes.cli import main
from tests.support.governed import AUTHOR, DECIDER, bundle_line, key_lines, zone_line
from tests.support.retained import DAY, NOW, Retained

pytestmark = pytest.mark.integration
VERIFIER = Path(__file__).resolve().parents[3] / "gateway" / "evidence" / "verify.py"
ASKING = Actor("k_auditor", "auditor", frozenset({"auditor"}), "api")
BEFORE, DURING = NOW - 3 * DAY, NOW - 1000
BUNDLE = "sha256:" + "b" * 64
Change = Callable[["Desk"], Awaitable[None]]


class Desk:
    """Writes the entries of an installation, each at its own time."""

    def __init__(self, kept: Retained) -> None:
        self.kept = kept
        self.time = BEFORE

    async def record(self, person: tuple[str, str], event: str, **fields: Any) -> None:
        """An entry of the control plane."""
        identity, name = person
        actor = Actor(f"k_{identity}", name, frozenset({"platform_admin"}), "api")
        journal = Journal(wall=lambda: self.time / 1000)
        async with self.kept.plane.database.write() as connection:
            await journal.record(
                connection, actor, event, **{"name": name, "person": identity, **fields}
            )

    async def zone(
        self,
        provider: str,
        before: str | None,
        after: str,
        by: tuple[str, str] = DECIDER,
        **signed: str,
    ) -> None:
        """A zone comes into force by a proposal."""
        lines, proposal = [zone_line(provider, before, after)], f"p-{provider}-{after}"
        about: dict[str, Any] = {"proposal": proposal, "kind": "change", "lines": lines}
        await self.record(AUTHOR, "control:proposal:create", **about)
        said = {"author_person": AUTHOR[0], "author_name": AUTHOR[1], "one_person": by == AUTHOR}
        await self.record(by, "control:proposal:approve", **about, **said)
        await self.applied(lines, basis="two-persons", proposal=proposal, **signed)

    async def applied(self, lines: list[str], **fields: Any) -> None:
        """A change comes into force."""
        await self.record(DECIDER, "control:change:apply", door="api", lines=lines, **fields)

    async def policy(self) -> None:
        """A bundle comes into force by a proposal."""
        about = {"proposal": "p-policy", "kind": "policy_bundle"}
        await self.record(AUTHOR, "control:proposal:create", **about)
        await self.record(DECIDER, "control:proposal:approve", **about, author_person=AUTHOR[0])
        await self.record(DECIDER, "control:policy:activate", digest=BUNDLE)
        shipped = bundle_digest(await self.kept.plane.policies.active())
        lines = [bundle_line(shipped, BUNDLE)]
        await self.applied(lines, basis="two-persons", proposal="p-policy")

    async def requests(self, *, departed: bool = True, **fields: Any) -> None:
        """A gateway serves one request inside and one abroad."""
        self.kept.clock.ms = self.time
        async with self.kept.trail() as trail:
            for request, zone, provider, level in (
                ("a" * 32, "internal", "house", "restricted"),
                ("b" * 32, "eu", "abroad", "confidential"),
            ):
                facts = {"zone": zone, "provider": provider, "level": level, **fields}
                if departed:
                    await trail.record(Entry(INTENT, request, self.time, facts, BUNDLE))
                await trail.record(Entry(CLOSE, request, self.time, {"outcome": "ok"}, BUNDLE))
        self.kept.clock.ms = NOW


async def honest(desk: Desk) -> None:
    """All before the period: what is in force then has to be derived."""
    await desk.applied(key_lines(AUTHOR, DECIDER), basis="bootstrap")
    await desk.zone("house", None, "internal")
    await desk.zone("abroad", None, "eu")
    await desk.policy()


def alone(*arguments: str) -> str:
    """What the script says without the rest of the product."""
    command = [sys.executable, "-I", str(VERIFIER), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return done.stdout


async def stated(kept: Retained, tmp_path: Path, *options: str) -> tuple[dict[int, str], str]:
    """The verdicts by the stand-alone script and the command, which must agree, and the text."""
    package = tmp_path / "p.zip"
    later = Desk(kept)  # an entry from after the period shows where it ends
    later.time = NOW + LATE_MS
    await later.record(AUTHOR, "access:session:open")
    done = await kept.plane.exports.make(package, ASKING, ExportRequest(NOW - DAY, NOW))
    assert isinstance(done, ExportResult)
    key = str(kept.folder / "secrets" / PUBLIC)
    asked = [str(package), "--key", key, "--statement", "--json", "--language", "en"]
    found = json.loads(alone(*asked, *options))
    assert found["result"] == "HOLDS"
    sentences = found["statement"]["sentences"]
    texts = [reason["text"] for one in sentences for reason in one["reasons"]]
    return {one["number"]: one["verdict"] for one in sentences}, "\n".join(texts)


async def change_of_zone(desk: Desk) -> None:
    await desk.zone("abroad", "eu", "internal", by=AUTHOR)


async def without_approval(desk: Desk) -> None:
    lines = [zone_line("abroad", "eu", "internal")]
    await desk.applied(lines, basis="two-persons", proposal="p-none")


async def called_narrowing(desk: Desk) -> None:
    await desk.applied([zone_line("abroad", "eu", "internal")], basis="one-person")


async def hidden_exception(desk: Desk) -> None:
    await desk.record(AUTHOR, "control:audit:export", one_person=True)
    async with desk.kept.plane.database.write() as connection:
        await connection.execute(
            text("DELETE FROM audit_detail WHERE log = 'control' AND event = :event"),
            {"event": "control:audit:export"},
        )


async def nothing(_: Desk) -> None:
    """No further change."""


@pytest.mark.parametrize(
    ("change", "request_fields", "sentence", "says"),
    [
        (nothing, {}, None, "house = internal: Anna de Boer (u_anna)"),
        (nothing, {}, None, "approvals were given with keys of this installation"),
        (nothing, {"departed": False}, 1, "their departure is missing: requests aaaa"),
        (nothing, {"level": "restricted"}, 2, "sent to another zone: requests bbbb"),
        (change_of_zone, {}, 3, "abroad = internal: one person decided alone"),
        (without_approval, {}, 3, "abroad = internal: no entry approves it"),
        (called_narrowing, {}, 3, "recorded as a narrowing, which it is not"),
        (nothing, {"provider": "other"}, 3, "provider other = eu: in use, but no entry"),
        (hidden_exception, {}, 4, "could be exceptions are gone: control:"),
    ],
)
async def test_each_sentence_is_as_true_as_the_trail(
    kept: Retained,
    tmp_path: Path,
    change: Change,
    request_fields: dict[str, Any],
    sentence: int | None,
    says: str,
) -> None:
    desk = Desk(kept)
    await honest(desk)
    desk.time = DURING
    await desk.record(AUTHOR, "control:key:create", key="k_new")
    await change(desk)
    await desk.requests(**request_fields)
    verdicts, said = await stated(kept, tmp_path)
    # One person set up the provider of the configuration, and nobody saw this log.
    wanted = dict.fromkeys((1, 2, 4), "proven") | {3: "not proven", 5: "not proven"}
    if sentence:
        wanted[sentence] = "not proven"
    assert verdicts == wanted, said
    assert says in said
    assert "entries of the log control before it" in said
    assert "no witness has seen this period" in said
    assert "what detection misses is rated too low. Published on" in said


async def test_names_and_differences_stand_in_tables_reports_and_search(
    kept: Retained, tmp_path: Path
) -> None:
    desk = Desk(kept)
    desk.time = DURING
    await desk.zone("house", None, "internal")
    package = tmp_path / "n.zip"
    wanted = ExportRequest(NOW - DAY, NOW, ("jsonl", "csv", "parquet", "pdf"))
    await kept.plane.exports.make(package, ASKING, wanted)
    with zipfile.ZipFile(package) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    (row,) = [
        one
        for one in csv.DictReader(io.StringIO(parts["entries.csv"].decode()))
        if one["event"] == "control:proposal:approve"
    ]
    change = "provider house, zone: – -> internal"
    shown = {
        "name": DECIDER[1],
        "person": DECIDER[0],
        "author_name": AUTHOR[1],
        "author_person": AUTHOR[0],
        "difference": change,
    }
    assert {name: row[name] for name in shown} == shown
    table = parquet.read_table(io.BytesIO(parts["entries.parquet"])).to_pylist()
    (same,) = [one for one in table if one["event"] == "control:proposal:approve"]
    assert {name: same[name] for name in shown} == shown
    for language, label in (("en", "proposed by"), ("nl", "voorgesteld door")):
        pages = pypdf.PdfReader(io.BytesIO(parts[f"report.{language}.pdf"])).pages
        said = " ".join(" ".join(page.extract_text() for page in pages).split())
        assert f"{DECIDER[1]} ({DECIDER[0]})" in said
        assert f"{label} {AUTHOR[1]}" in said
        assert "zone: – -> internal" in said
    search = Search(kept.plane.trail)
    page = await search.page({"event": "control:proposal:approve"})
    assert [(one["name"], one["person"]) for one in page.rows] == [(DECIDER[1], DECIDER[0])]
    entry = await kept.plane.trail.entry("control", page.rows[0]["seq"])
    assert entry.fields["author_name"] == AUTHOR[1]
    with pytest.raises(InvalidRequest, match="no such entry"):
        await kept.plane.trail.entry("control", 10**6)


async def test_the_command_says_the_same_and_its_exit_code_is_that_of_the_package(
    kept: Retained, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = Desk(kept)
    await honest(desk)
    desk.time = DURING
    await change_of_zone(desk)
    await desk.requests()
    await stated(kept, tmp_path)
    key = str(kept.folder / "secrets" / PUBLIC)
    for language, heading, verdict in (
        ("nl", "VERKLARING over de periode", "3. NIET BEWEZEN"),
        ("en", "STATEMENT about the period", "3. NOT PROVEN"),
    ):
        asked = ["audit", "verify", str(tmp_path / "p.zip"), "--key", key, "--statement"]
        with pytest.raises(SystemExit) as ended:
            main([*asked, "--language", language])
        out = capsys.readouterr().out
        assert ended.value.code == 0
        assert out == alone(*asked[2:], "--language", language)
        assert heading in out
        assert verdict in out
    packed = tmp_path / "changed.zip"
    packed.write_bytes((tmp_path / "p.zip").read_bytes()[:-30])
    with pytest.raises(SystemExit) as ended:
        main(["audit", "verify", str(packed), "--key", key, "--statement", "--json"])
    assert ended.value.code == 2
    found = json.loads(capsys.readouterr().out)
    assert (found["result"], "statement" in found) == ("INCOMPLETE", False)


async def signs_on(desk: Desk) -> None:
    """Persons sign on, and their approvals are signed."""
    about = {"object": "issuer staff", "before": None, "power": "issuer.roles"}
    roles = {**about, "field": "roles", "after": {"approvers": "policy_approver"}}
    client = {**about, "field": "approvals", "after": {"client_id": "approvals"}}
    await desk.applied([json.dumps(one) for one in (roles, client)], basis="bootstrap")


def signed(key: RSAKey, **changed: Any) -> dict[str, str]:
    """What the entry of a signed approval of a zone says beside its lines."""
    said = Approval(AUTHOR[0], DECIDER[0], "p-abroad-internal", {})
    said = replace(said, lines={"provider/abroad/zone": digest_of("internal")})
    text = changed.pop("text", said).text()
    claims = {"sub": "bram", "aud": "approvals", "nonce": nonce_of(text), **changed}
    one = SignedApproval(
        text, jwt.encode({"alg": "RS256"}, claims, key), key.as_dict(private=False)
    )
    return {"signed_approval": encode(one).decode(), "author": AUTHOR[0], "approver": DECIDER[0]}


KEY, OTHER = RSAKey.generate_key(2048), RSAKey.generate_key(2048)
SAID = Approval(
    AUTHOR[0], DECIDER[0], "p-abroad-internal", {"provider/abroad/zone": digest_of("global")}
)


@pytest.mark.parametrize(
    ("approval", "says"),
    [
        (signed(KEY), "with keys that you gave"),
        ({}, "no identity provider signed the approval"),
        (signed(OTHER), "a key that is not in the files of --issuer-keys"),
        (signed(KEY, aud="another"), "is not this approval"),
        (signed(KEY, nonce="0" * 64), "is not this approval"),
        (signed(KEY, sub=AUTHOR[0]), "is not this approval"),
        (signed(KEY, text=SAID), "is not this approval"),
    ],
)
async def test_who_approved_is_what_the_identity_provider_signed(
    kept: Retained, tmp_path: Path, approval: dict[str, str], says: str
) -> None:
    desk = Desk(kept)
    await honest(desk)
    await signs_on(desk)
    desk.time = DURING
    await desk.zone("abroad", "eu", "internal", DECIDER, **approval)
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"keys": [KEY.as_dict(private=False)]}), encoding="utf-8")
    _, said = await stated(kept, tmp_path, "--issuer-keys", str(keys))
    assert says in said
    assert ("abroad = internal: Anna" in said) == (says == "with keys that you gave")
