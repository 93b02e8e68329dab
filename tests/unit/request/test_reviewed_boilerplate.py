"""Reviewed boilerplate of a client sets no level and leaves as it is; what is around it counts."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from gateway.classifiers.limits import ScanLimits
from gateway.classifiers.pool import ClassifierScan
from gateway.compiled.policy import CompiledPolicy
from gateway.privacy import Boilerplate
from gateway.privacy.boilerplate import digest_of
from gateway.request.body_texts import CollectedTexts
from gateway.request.scanner import Scanner
from tests.support.detector import DETECTOR
from tests.support.outgoing import COMPILED

KNOWN = "Co-author commits as Claude Jansen <claude.jansen@agents-at-work.nl> at the end."
TOOL = "Writes a report.\n\nAsk Sanne de Vries (sanne@vries-advies.nl) when the tool fails twice."
USER = "Mijn naam is Bram Haverkort en ik woon in Delft."


def policy() -> CompiledPolicy:
    release = {
        "client": "agent",
        "version": "1",
        "reviewed_by": "A",
        "reviewed_on": "2026-11-29",
        "digests": [digest_of(KNOWN), digest_of(TOOL.split("\n\n")[1])],
    }
    known = Boilerplate.of({"version": 1, "releases": [release]})
    return replace(COMPILED.policy, boilerplate=known)


class Listening:
    """A classifier that finds nothing and keeps what it was given."""

    version = "listening"

    def __init__(self) -> None:
        self.read: list[str] = []

    async def scan(
        self,
        texts: Sequence[str],
        *,
        owner: str,
        limits: ScanLimits,
        judged: Sequence[bool] | None = None,
    ) -> ClassifierScan:
        self.read += texts
        return ClassifierScan([()] * len(texts))


def scanner(names: Listening | None = None) -> Scanner:
    return Scanner(DETECTOR, names, key=b"k" * 32, capacity=50, person_key=lambda *_: None)


async def found_in(text: str) -> list[str]:
    batch = await scanner().scan_all([text], policy())
    return [text[one.start : one.end] for one in batch.scans[text].findings]


async def test_a_reviewed_paragraph_has_no_findings_and_another_keeps_them() -> None:
    assert await found_in(KNOWN) == []
    assert "Bram Haverkort" in await found_in(f"{KNOWN}\n\n{USER}")
    assert "Claude Jansen" in await found_in(f"{KNOWN} {USER}")


@pytest.mark.parametrize("between", ["\n\n", "\n\nSee also: "])
async def test_a_word_that_nobody_reads_is_found_beside_a_reviewed_one(between: str) -> None:
    known = "Answer in the language of the user: English, Русский, 中文."
    release = {
        "client": "agent",
        "version": "1",
        "reviewed_by": "A",
        "reviewed_on": "2026-11-29",
        "digests": [digest_of(known)],
    }
    boilerplate = Boilerplate.of({"version": 1, "releases": [release]})
    own = replace(COMPILED.policy, boilerplate=boilerplate)
    text = f"{known}{between}Иван Петров болен."
    batch = await scanner().scan_all([known, text], own)
    assert batch.scans[known].findings == ()
    (found,) = batch.scans[text].findings
    assert text[found.start : found.end].endswith("Иван Петров болен")


async def test_a_name_in_boilerplate_is_searched_in_no_other_text() -> None:
    batch = await scanner().scan_all([KNOWN, "Vraag het Claude Jansen."], policy())
    assert batch.scans[KNOWN].spans == ()


async def test_boilerplate_leaves_as_it_is_beside_the_same_name_of_a_user() -> None:
    mine = "Ik ben Claude Jansen, mail mij op claude.jansen@agents-at-work.nl"
    batch = await scanner().scan_all([f"{KNOWN}\n\n{mine}", mine, KNOWN], policy())
    assert batch.scans[KNOWN].spans == ()
    both = f"{KNOWN}\n\n{mine}"
    assert [start >= len(KNOWN) for start, _, _ in batch.scans[both].spans] == [True, True]


async def test_the_classifier_reads_no_reviewed_paragraph() -> None:
    names = Listening()
    await scanner(names).scan_all([KNOWN, f"{KNOWN}\n\n{USER}"], policy())
    first, second = names.read
    assert first == ""
    assert second.strip() == USER
    assert second.index(USER) == len(KNOWN) + 2


@pytest.mark.parametrize(
    "schema", [{}, {"properties": {"a": {"type": "string", "description": "What to write."}}}]
)
async def test_a_paragraph_in_the_definition_of_a_tool_is_known(schema: dict[str, Any]) -> None:
    collected = CollectedTexts(policy().boilerplate)
    tool = {"name": "report", "description": TOOL, "parameters": schema}
    fields = COMPILED.policy.fields["chat_completions"]
    body = {
        "model": "m",
        "messages": [{"role": "user", "content": "Hoi"}],
        "tools": [{"type": "function", "function": tool}],
    }
    fields.read(body, collected)
    batch = await scanner().scan_all(list(collected.texts), policy(), reviewed=collected.reviewed)
    assert not any(one.findings for one in batch.scans.values())
