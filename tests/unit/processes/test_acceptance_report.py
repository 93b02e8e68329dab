"""The report of an acceptance: its texts, its signature, and who may have signed it."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.evidence.checkpoint import origin_of
from gateway.evidence.key_chain import rotation_note
from gateway.governance.reports.verification import ReportVerdict, verify
from gateway.processes.acceptance import report
from gateway.processes.acceptance.findings import CheckFinding, CheckOutcome
from gateway.processes.acceptance.report import AcceptanceFacts, as_json, as_text, texts_of

pytestmark = pytest.mark.unit
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\1")


def public_of(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def facts(key: Ed25519PrivateKey = KEY) -> AcceptanceFacts:
    found = [
        CheckFinding("clock", "", CheckOutcome.OK, "", "", 3),
        CheckFinding("bypass", "llm.example:443", CheckOutcome.FAULT, "open", "", 12),
        CheckFinding("token", "", CheckOutcome.NOT_APPLICABLE, "", "no_token", 0),
    ]
    return AcceptanceFacts("2026-11-29T12:00:00+00:00", "0.1.0", public_of(key).hex(), found)


def nodes() -> Iterator[ast.AST]:
    """The syntax of the package."""
    for path in Path(str(report.__file__)).parent.glob("*.py"):
        yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def test_both_languages_have_every_text() -> None:
    english, dutch = texts_of("en"), texts_of("nl")
    assert english.checks.keys() == dutch.checks.keys()
    assert english.reasons.keys() == dutch.reasons.keys()
    assert english.outcomes.keys() == dutch.outcomes.keys() == set(CheckOutcome)


def test_every_check_has_a_text_and_every_text_is_of_a_check_or_a_reason() -> None:
    texts = texts_of("en")
    strings = {one.value for one in nodes() if isinstance(one, ast.Constant)}
    parts = {f"{part}_ready" for part in ("gateway", "control")}
    assert {*texts.checks, *texts.reasons} <= strings | parts
    calls = [one for one in nodes() if isinstance(one, ast.Call) and one.args]
    for call in calls:
        name, first = ast.unparse(call.func).rpartition(".")[2], call.args[0]
        if isinstance(first, ast.Constant) and name in {"run", "add", "skip"}:
            assert first.value in texts.checks
        if isinstance(first, ast.Constant) and name == "skipped":
            assert first.value in texts.reasons


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Faults: 1.", "FAULT  bypass [llm.example:443]", "What to do: Close the way")),
        ("nl", ("Fouten: 1.", "FOUT   bypass [llm.example:443]", "Wat te doen: Sluit de weg")),
    ],
)
def test_a_fault_says_what_to_do(language: str, words: tuple[str, ...]) -> None:
    text = as_text(facts(), language)
    for word in words:
        assert word in text


def test_a_report_is_verified_with_the_key_that_signed_it() -> None:
    data = as_json(facts(), KEY, "en")
    found = verify(data, public_of(KEY))
    assert (found.verdict, found.kind) == (ReportVerdict.HOLDS, "acceptance")
    assert found.digest in as_text(facts(), "en")
    assert verify(data, public_of(OTHER)).verdict is ReportVerdict.UNKNOWN_KEY


def test_a_report_of_a_later_key_is_verified_with_the_chain() -> None:
    origin = origin_of(public_of(KEY))
    links = rotation_note(origin=origin, old=KEY, new=OTHER, time=1)
    data = as_json(facts(OTHER), OTHER, "en")
    assert verify(data, public_of(KEY), links).verdict is ReportVerdict.HOLDS
    with pytest.raises(ValueError, match="lacks a good signature"):
        verify(data, public_of(KEY), links.replace("time 1", "time 2"))


def _without_the_fault(document: dict[str, Any]) -> None:
    document["facts"]["findings"][1]["outcome"] = "ok"


def _with_another_signature(document: dict[str, Any]) -> None:
    document["signature"] = "00" * 64


@pytest.mark.parametrize("change", [_without_the_fault, _with_another_signature])
def test_a_changed_report_does_not_hold(change: Any) -> None:
    document = orjson.loads(as_json(facts(), KEY, "en"))
    change(document)
    assert verify(orjson.dumps(document), public_of(KEY)).verdict is ReportVerdict.TAMPERED


@pytest.mark.parametrize("data", [b"", b"[]", b'{"facts": {}, "signature": "", "key": "zz"}'])
def test_what_is_no_report_is_unreadable(data: bytes) -> None:
    assert verify(data, public_of(KEY)).verdict is ReportVerdict.UNREADABLE
