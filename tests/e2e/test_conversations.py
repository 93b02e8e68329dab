"""A named conversation stores its values for itself only, until they are erased."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.evidence.ledger_import import connect, import_ledgers
from tests.support.installation import ADMIN_KEY, APP_KEY, LOW_KEY, STRICT_KEY, Installation
from tests.support.openai_api import OpenAIApi

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly]
EMAILS = ("jan.kwijt@example.nl", "petra.zoek@example.nl", "quint.weg@example.nl")
TEXT = "Schrijf naar {}, {} en {}.".format(*EMAILS)
PLACEHOLDER = re.compile(r"\[EMAIL_[a-z0-9]+\]")


@pytest.fixture
def own(tmp_path: Path, config: str) -> Iterator[Installation]:
    """An installation of one test, which counts and erases what it stores."""
    installation = Installation(tmp_path)
    installation.apply(config)
    try:
        installation.start("control", "gateway")
        yield installation
    finally:
        installation.stop()


def send_people(sluis: Installation, eu: OpenAIApi, **headers: str) -> list[str]:
    """Send a text about three people; returns their placeholders as the provider received them."""
    answer = sluis.ask(TEXT, **headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["choices"][0]["message"]["content"] == f"Echo: {TEXT}"
    found = PLACEHOLDER.findall(eu.last()["messages"][0]["content"])
    assert len(found) == 3
    return found


def ask(sluis: Installation, text: str, key: str = APP_KEY, **headers: str) -> str:
    answer = sluis.ask(text, key, **headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["choices"][0]["message"]["content"])


def stored(sluis: Installation) -> dict[str, int]:
    tables = sluis.data_dir / "audit-gateway.db"
    import_ledgers(tables)
    with closing(connect(tables)) as db:
        return {
            table: db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
            for table in ("vault_value", "value_key", "mention")
        }


def test_only_the_same_key_and_conversation_restores_stored_values(
    sluis: Installation, eu: OpenAIApi
) -> None:
    first, second, _ = send_people(sluis, eu, x_sluis_conversation="c-1")
    question = f"Schrijf zoek@kwijt.example: wie is {first}? En (e-mail {second[7:-1]})?"
    answer = ask(sluis, question, x_sluis_conversation="c-1")
    sent = eu.last()["messages"][0]["content"]
    assert (first in sent, second in sent) == (True, True)
    assert answer == f"Echo: Schrijf zoek@kwijt.example: wie is {EMAILS[0]}? En {EMAILS[1]}?"
    for headers, key in (
        ({"x_sluis_conversation": "c-2"}, APP_KEY),
        ({}, APP_KEY),
        ({"x_sluis_conversation": "c-1"}, STRICT_KEY),
    ):
        assert ask(sluis, question, key, **headers) == f"Echo: {question}"
        assert first not in eu.last()["messages"][0]["content"]


def test_a_stream_and_an_internal_model_restore_it_too(sluis: Installation, eu: OpenAIApi) -> None:
    first = send_people(sluis, eu, x_sluis_conversation="c-3")[0]
    body = {"model": "inside", "messages": [{"role": "user", "content": f"Wie is {first}?"}]}
    answer = sluis.ask(body, x_sluis_conversation="c-3")
    assert answer.json()["choices"][0]["message"]["content"] == f"Echo: Wie is {EMAILS[0]}?"
    streamed = sluis.ask({**body, "model": "outside", "stream": True}, x_sluis_conversation="c-3")
    chunks = [
        json.loads(line[6:]) for line in streamed.text.splitlines() if line.startswith("data: {")
    ]
    text = "".join(c["choices"][0]["delta"].get("content") or "" for c in chunks if c["choices"])
    assert text == f"Echo: Wie is {EMAILS[0]}?"


def test_without_the_header_no_value_is_stored_and_people_are_found(
    own: Installation, eu: OpenAIApi
) -> None:
    send_people(own, eu)
    send_people(own, eu, x_sluis_conversation="")
    assert stored(own) == {"vault_value": 0, "value_key": 0, "mention": 6}
    subject = ("--subject", f"EMAIL={EMAILS[0].upper()}", "--reason", "request 2026-121", "--json")
    found = json.loads(own.sluis("erase", *subject, "--dry-run").stdout)
    assert found["subjects"] == [{"type": "EMAIL", "values": 0, "entries": 2, "answers": 0}]


def test_a_turn_that_repeats_the_history_stores_it_once(own: Installation, eu: OpenAIApi) -> None:
    for _ in range(3):
        send_people(own, eu, x_sluis_conversation="c")
    assert stored(own) == {"vault_value": 3, "value_key": 3, "mention": 9}


def test_an_erased_person_stays_a_placeholder_and_others_are_restored(
    own: Installation, eu: OpenAIApi
) -> None:
    found = send_people(own, eu, x_sluis_conversation="c")
    question = "Wie zijn {}, {} en {}?".format(*found)
    subject = ("--subject", f"EMAIL={EMAILS[0].upper()}", "--reason", "request 2026-117", "--json")
    found_subjects = json.loads(own.sluis("erase", *subject, "--dry-run").stdout)
    assert found_subjects["subjects"] == [
        {"type": "EMAIL", "values": 1, "entries": 1, "answers": 0}
    ]
    assert ask(own, question, x_sluis_conversation="c").startswith(f"Echo: Wie zijn {EMAILS[0]}")
    erased = json.loads(own.sluis("erase", *subject).stdout)
    assert erased["erased"] == [{"type": "EMAIL", "values": 1, "entries": 2, "answers": 0}]
    answer = own.ask(question, x_sluis_conversation="c")
    content = answer.json()["choices"][0]["message"]["content"]
    assert content == f"Echo: Wie zijn {found[0]}, {EMAILS[1]} en {EMAILS[2]}?"
    closed = own.entries(answer.headers["x-sluis-audit-id"])[-1]
    assert closed["unknown_echoes"] == 1
    own.stop()
    for file in (one for one in own.folder.rglob("*") if one.is_file()):
        assert not any(email.encode() in file.read_bytes() for email in EMAILS), file


def test_subjects_are_for_the_data_protection_officer(sluis: Installation) -> None:
    body = {"subjects": [{"type": "EMAIL", "value": EMAILS[0]}], "reason": "request 2026-118"}
    officer = sluis.admin(
        "POST", "/keys", json={"name": "dpo", "kind": "admin", "roles": ["data_protection_officer"]}
    ).json()["secret"]
    for path in ("/subjects/find", "/subjects/erase"):
        refused = sluis.admin("POST", path, ADMIN_KEY, json=body)
        assert refused.status_code == 403
        assert "data_protection_officer" in refused.json()["error"]["message"]
        assert sluis.admin("POST", path, officer, json=body).status_code == 200
    bad = {**body, "subjects": [{"type": "EMAIL", "value": ""}]}
    assert sluis.admin("POST", "/subjects/find", officer, json=bad).status_code == 400
    assert LOW_KEY not in sluis.admin("GET", "/audit", officer).text


def test_replicas_restore_and_erase_the_same_values(
    postgres_url: str, tmp_path: Path, config: str, eu: OpenAIApi
) -> None:
    one = Installation(tmp_path, database_url=postgres_url)
    tmp_path.mkdir(exist_ok=True)
    one.sluis("secrets", "create")
    one.apply(config)
    other = Installation(tmp_path, database_url=postgres_url, control_port=one.control_port)
    try:
        one.start("control", "gateway")
        other.start("gateway")
        first, second, _ = send_people(one, eu, x_sluis_conversation="c")
        question = f"Wie zijn {first} en {second}?"
        restored = f"Echo: Wie zijn {EMAILS[0]} en {EMAILS[1]}?"
        assert ask(other, question, x_sluis_conversation="c") == restored
        one.sluis("erase", "--subject", f"EMAIL={EMAILS[0]}", "--reason", "request 2026-119")
        left = f"Echo: Wie zijn {first} en {EMAILS[1]}?"
        for replica in (one, other):
            assert ask(replica, question, x_sluis_conversation="c") == left
    finally:
        other.stop()
        one.stop()
