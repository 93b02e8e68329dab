"""This version takes over a data directory that an earlier version wrote, and goes on with it."""

import json
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.compatibility.installation import (
    APP,
    AUTHOR,
    FACTS,
    OFFICER,
    PERIOD,
    PUBLIC,
    REQUESTS,
    STORED,
    VALUES,
    said,
    unpacked,
)
from tests.compatibility.product import Product

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly]
_TABLES = ("audit_entry", "audit_detail", "vault_value", "value_key")
_ALARMS = ("erasure:file:ahead", "trail:head:refused", "process:job:fault", "snapshot:swap:failed")


def started(name: str, folder: Path) -> Iterator[Product]:
    product = unpacked(name, folder)
    try:
        product.start("up")
        yield product
    finally:
        product.stop()


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    yield from started("stopped", tmp_path_factory.mktemp("stopped"))


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    yield from started("killed", tmp_path_factory.mktemp("killed"))


def asked(product: Product, path: str, key: str = AUTHOR, **body: Any) -> dict[str, Any]:
    """An answer of the control plane; with a body it is a POST."""
    answer = product.admin("POST" if body else "GET", path, key, body or None)
    assert answer.is_success, answer.text
    return dict(answer.json())


def received(product: Product) -> list[str]:
    """The last message of each request that left."""
    address = f"http://127.0.0.1:{product.demo_port}/received"
    bodies = httpx.get(address, timeout=10).json()["received"]
    return [one["body"]["messages"][-1]["content"] for one in bodies]


def events(package: Path) -> dict[str, list[str]]:
    """The events of each request in a package, in their order."""
    found: dict[str, list[str]] = {}
    for leaf in leaves(package):
        found.setdefault(leaf["request"], []).append(leaf["event"])
    return found


def leaves(package: Path) -> list[dict[str, Any]]:
    with zipfile.ZipFile(package) as file:
        lines = file.read("entries.jsonl").splitlines()
    return [json.loads(line)["leaf"] for line in lines]


def test_what_served_before_serves(product: Product) -> None:
    assert httpx.get(f"{product.url}/readyz", timeout=10).json() == {"status": "ready"}
    assert httpx.get(f"{product.control}/readyz", timeout=10).json() == {"status": "ready"}
    assert "demonstration provider" in said(product.ask("What is a lock?", PUBLIC))
    names = {one["id"] for one in product.v1("GET", "/models", APP).json()["data"]}
    assert names == {"assistant", "house", "demo-eu", "house-chat"}
    log = product.log.read_text(encoding="utf-8")
    assert not [alarm for alarm in _ALARMS if alarm in log], log


def test_what_an_internal_engine_served_before_is_on_record_as_unproven(product: Product) -> None:
    versions = asked(product, "/models")["models"]
    (found,) = [one for one in versions if one["name"] == "house-chat"]
    assert (found["kind"], found["state"]) == ("engine", "unproven")
    (adopted,) = asked(product, "/audit?event=control:model:adopt")["entries"]
    assert adopted["event"] == "control:model:adopt"


def test_keys_are_those_that_they_were(product: Product) -> None:
    made = FACTS["keys"]["made"]
    live = time.time() < made["expires"]
    assert product.ask("What is a lock?", made["secret"]).status_code == (200 if live else 401)
    assert product.ask("A lock?", FACTS["keys"]["revoked"]["secret"]).status_code == 401
    keys = {one["name"]: one for one in asked(product, "/keys")["keys"]}
    assert keys["made-app"]["id"] == made["id"]
    assert keys["revoked-app"]["revoked"] is not None
    assert {name for name, one in keys.items() if one["source"] == "file"} >= {"app", "officer"}


def test_a_conversation_goes_on_with_the_values_that_it_stored(product: Product) -> None:
    placeholders = [word.rstrip(".") for word in FACTS["placeholders"].split() if "[" in word]
    assert len(placeholders) == len(VALUES)
    text = f"Kunt u bevestigen dat dit het is: {', '.join(placeholders)}"
    answer = said(product.ask(text, APP, x_sluis_conversation=FACTS["conversation"]))
    assert not [value for value in VALUES if value not in answer], answer
    assert not [value for value in VALUES if value in "".join(received(product))]
    other = said(product.ask(text, APP, x_sluis_conversation="case-of-another"))
    assert not [value for value in VALUES if value in other]


def test_a_value_gets_the_placeholder_that_it_had(product: Product) -> None:
    answer = product.ask(FACTS["text"], APP, x_sluis_conversation=FACTS["conversation"])
    assert not [value for value in VALUES if value not in said(answer)]
    assert answer.headers["x-sluis-redacted"] == "4"
    assert FACTS["placeholders"] in received(product)


def test_what_was_refused_is_refused(product: Product) -> None:
    answer = product.ask(FACTS["health"], APP)
    assert answer.status_code == FACTS["statuses"]["refused"]
    assert answer.json()["error"]["code"] == FACTS["refusal"]


@pytest.mark.parametrize("name", sorted(set(REQUESTS) - {"killed"}))
def test_an_old_request_is_found_with_all_its_entries(product: Product, name: str) -> None:
    told = asked(product, f"/audit/{REQUESTS[name]}")["entries"]
    of_then = events(STORED / "full.zip")[REQUESTS[name]]
    assert [one["event"] for one in told if one["event"] in of_then][: len(of_then)] == of_then
    found = asked(product, f"/audit?request={REQUESTS[name]}")["entries"]
    assert {one["event"] for one in found} >= set(of_then)


def test_stored_bodies_open(product: Product) -> None:
    told = asked(product, f"/audit/{REQUESTS['dutch']}/reveal", code="audit", reason="an upgrade")
    assert FACTS["placeholders"] in json.dumps(told["payloads"], ensure_ascii=False)


def test_cases_holds_and_terms_are_there(product: Product) -> None:
    holds = {one["id"]: one for one in asked(product, "/holds")["holds"]}
    assert holds[FACTS["hold"]]["requests"] == [REQUESTS["dutch"]]
    assert holds[FACTS["released"]]["state"] == "released"
    path = f"/complaints/{FACTS['complaint']}"
    assert asked(product, path)["state"] in {"open", "overdue"}  # as time goes by
    texts = asked(product, f"{path}/reveal", reason="an upgrade")["texts"]
    assert "The answer is wrong." in texts.values()
    path = f"/incidents/{FACTS['incident']}"
    assert asked(product, path)["state"] == "closed"
    texts = asked(product, f"{path}/reveal", reason="an upgrade")["texts"]
    assert "an answer went to a wrong person" in texts.values()
    terms = asked(product, "/terms?kind=deny")
    assert [one["text"] for one in terms["terms"]] == [FACTS["term"]]
    said(product.ask(f"Wat staat er in {FACTS['term']}?", APP))
    assert FACTS["term"] not in received(product)[-1]


def test_a_proposal_of_then_is_approved_now(killed: Product) -> None:
    states = {one["id"]: one["state"] for one in asked(killed, "/proposals")["proposals"]}
    made = FACTS["proposals"]
    assert {states[made["approved"]], states[made["terms_deny"]]} == {"approved"}
    changes = asked(killed, f"/proposals/{made['pending']}")["changes"]
    assert list(changes) == ["redaction.yaml"]
    for name in ("pending", "terms_allow"):
        asked(killed, f"/proposals/{made[name]}/approve", OFFICER, comment="agreed")
    assert "gender: true" in asked(killed, "/policies")["files"]["redaction.yaml"]


def test_a_person_of_then_is_found_and_an_erased_one_is_not(
    product: Product, tmp_path: Path
) -> None:
    output = tmp_path / "person.zip"
    product.sluis(
        "subjects", "export", "--type", "BSN", "--value", VALUES[1], "--output", str(output)
    )
    with zipfile.ZipFile(output) as package:
        assert VALUES[1] in package.read("values.json").decode()
        assert REQUESTS["dutch"] in package.read("entries.json").decode()
    erased = [{"type": "EMAIL", "value": "j.kwijtelaar@post.example.nl"}]
    body = {"subjects": erased, "reason": "request 2026-118"}
    found = product.admin("POST", "/subjects/find", OFFICER, body).json()
    assert found["subjects"] == [{"type": "EMAIL", "values": 0, "entries": 0, "answers": 0}]
    body["subjects"] = [{"type": "BSN", "value": VALUES[1]}]
    assert product.admin("POST", "/subjects/find", OFFICER, body).json()["subjects"][0]["values"]
    stones = product.data.with_name("data.erasures.jsonl")
    product.sluis("erase", "--replay", str(stones))


def test_the_whole_period_exports_and_verifies(product: Product, tmp_path: Path) -> None:
    package = tmp_path / "now.zip"
    exported(product, package)
    with zipfile.ZipFile(STORED / "full.zip") as old:
        (tmp_path / "verify.py").write_bytes(old.read("verify.py"))
    verified(package, tmp_path / "verify.py")  # an auditor may have kept the script of then
    known = [leaf for leaf in leaves(STORED / "full.zip") if leaf["log"] != "control"]
    assert not [leaf for leaf in known if leaf not in leaves(package)]


def test_the_installation_says_that_it_is_well(product: Product) -> None:
    done = product.sluis("doctor", "--json", check=False)
    assert done.returncode == 0, done.stdout


def test_what_a_killed_process_left_is_taken_over(killed: Product, tmp_path: Path) -> None:
    told = asked(killed, f"/audit/{REQUESTS['killed']}")["entries"]
    assert {"request:departure:intent", "request:answer:close"} <= {one["event"] for one in told}
    answer = killed.ask(FACTS["text"], APP, x_sluis_conversation=FACTS["conversation"])
    assert not [value for value in VALUES if value not in said(answer)]
    exported(killed, tmp_path / "now.zip")
    assert "trail:log:settle" in {leaf["event"] for leaf in leaves(tmp_path / "now.zip")}
    assert REQUESTS["killed"] in events(tmp_path / "now.zip")


def test_the_schema_is_migrated_and_no_entry_is_lost(tmp_path: Path) -> None:
    product = unpacked("stopped", tmp_path)
    before = counted(product)
    recorded = dict.fromkeys(("audit_entry", "audit_detail"), 1)  # what was in force before
    for _ in range(2):
        product.sluis("migrate")
        assert counted(product) == {
            table: rows + recorded.get(table, 0) for table, rows in before.items()
        }
    assert before["audit_entry"] > 0


def counted(product: Product) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in ("governance.db", "audit-gateway.db"):
        with closing(sqlite3.connect(product.data / name)) as db:
            tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master")}
            for table in tables.intersection(_TABLES):
                rows = db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
                counts[table] = counts.get(table, 0) + rows
    return counts


def exported(product: Product, package: Path) -> None:
    """An export of all that there is, which ``sluis audit verify`` finds whole."""
    product.sluis("audit", "export", *PERIOD, "--output", str(package))
    done = product.sluis("audit", "verify", str(package), "--language", "en")
    assert done.stdout.startswith("HOLDS: "), done.stdout


def verified(package: Path, script: Path) -> None:
    """The same by a script alone, with the key that was given out then."""
    command = [
        sys.executable,
        "-I",
        str(script),
        str(package),
        "--key",
        str(STORED / "signing.pub"),
    ]
    done = subprocess.run(
        command, cwd=script.parent, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
