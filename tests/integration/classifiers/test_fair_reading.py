"""Long and short texts side by side, read by one real detector process."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.classifiers.limits import ScanLimits, UnreadReason
from gateway.classifiers.pool import ClassifierScan, DetectorPool

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]
ROOT = Path(__file__).resolve().parents[3]
SHORT = "Beste mevrouw Jansen, Pieter de Vries uit Utrecht belt u morgen over dossier {}."
LIMITS = ScanLimits(5.0, per_kib_s=0.1, ceiling_s=60)


def prose(kib: int) -> str:
    """Letters and mails full of names, from a marked set."""
    file = ROOT / "evaluation" / "datasets" / "mixed-10.jsonl"
    rows = [json.loads(line)["text"] for line in file.read_text(encoding="utf-8").splitlines()]
    text = "\n\n".join(rows)
    return (text * (kib * 1024 // len(text) + 1))[: kib * 1024]


def numbered(text: str, name: str) -> str:
    """A text in which every line is another one, so that no chunk occurs twice."""
    return "\n".join(f"{line} {name}{n}" for n, line in enumerate(text.splitlines()))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool() -> AsyncIterator[DetectorPool]:
    pool = DetectorPool(1)
    await pool.start()
    await pool.ready()
    yield pool
    await pool.close()


def start(pool: DetectorPool, text: str, owner: str) -> "asyncio.Task[ClassifierScan]":
    return asyncio.create_task(pool.scan([text], owner=owner, limits=LIMITS))


async def test_short_texts_beside_a_long_one_are_all_read(pool: DetectorPool) -> None:
    text = numbered(prose(244), "a")
    long = start(pool, text, "a")
    for number in range(12):
        owner = "ab"[number % 2]
        short = await pool.scan([SHORT.format(number)], owner=owner, limits=ScanLimits(5.0))
        assert short.unread is None
        assert {one.type for one in short.entities[0] or ()} >= {"PERSON", "CITY"}
    assert not long.done()
    long.cancel()
    await asyncio.gather(long, return_exceptions=True)
    assert pool.waiting == 0


async def test_two_owners_advance_together(pool: DetectorPool) -> None:
    many = [start(pool, numbered(prose(12), f"m{n}"), "many") for n in range(3)]
    one = start(pool, numbered(prose(12), "one"), "one")
    assert (await one).unread is None
    assert sum(task.done() for task in many) <= 1
    await asyncio.gather(*many)


async def test_the_next_attempt_goes_on_where_the_deadline_ended_the_first(
    pool: DetectorPool,
) -> None:
    text = numbered(prose(32), "again")
    first = await pool.scan([text], owner="a", limits=ScanLimits(0.3))
    assert first == ClassifierScan([None], UnreadReason.DEADLINE)
    known = pool.known
    again = await pool.scan([text], owner="a", limits=LIMITS)
    assert again.unread is None
    assert pool.known > known
    assert again == await pool.scan([text], owner="b", limits=ScanLimits(0.3))


async def test_a_name_at_the_border_of_two_chunks_is_found(pool: DetectorPool) -> None:
    sentence = "en daarna sprak ik met Willemijn Oosterhuis over de begroting en het rooster "
    text = sentence * 80  # without lines and full stops, so that chunks end at words
    (entities,) = (await pool.scan([text], owner="a", limits=LIMITS)).entities
    assert entities is not None
    covered = [
        any(one.start <= at and at + 20 <= one.end for one in entities if one.type == "PERSON")
        for at in (index * len(sentence) + sentence.find("Willemijn") for index in range(80))
    ]
    assert all(covered)
