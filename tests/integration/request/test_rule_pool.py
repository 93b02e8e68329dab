"""Rules in a process of their own: the same results, and an event loop that goes on."""

import asyncio
import gc
import json
import time
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from gateway.classifiers.pool import DetectorPool
from gateway.classifiers.protocol import ScanRequest
from gateway.compiled.policy import CompiledPolicy, compile_policy
from gateway.core.errors import Unavailable
from gateway.core.snapshot import TermLists, bundle_digest
from gateway.governance.policies.bundle import read_bundle
from gateway.privacy import Terms
from gateway.processes import memory, settings
from gateway.request.rule_pool import RulePool, start_of
from gateway.request.scanner import ScanBatch, Scanner
from tests.support.detector import DETECTOR

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]
ROOT = Path(__file__).resolve().parents[3]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rules() -> AsyncIterator[RulePool]:
    pool = RulePool(start_of(settings.read().cache_dir))
    pool.start()
    yield pool
    await pool.close()


@pytest.fixture
def settled() -> Iterator[None]:
    """As in a gateway, the collector leaves alone what is there already."""
    memory.settle(first=True)
    yield
    gc.unfreeze()


@pytest.fixture(scope="module")
def policy() -> CompiledPolicy:
    return _policy(TermLists(deny={"kraanvogel": "PERSON"}, allow=["sluis"]))


def _policy(lists: TermLists) -> CompiledPolicy:
    files = read_bundle()
    return compile_policy(files, digest=bundle_digest(files), terms=Terms(lists))


def _scanner(rules: RulePool | None) -> Scanner:
    return Scanner(
        DETECTOR,
        None,
        key=b"k" * 32,
        capacity=1000,
        person_key=lambda type_, value: f"{type_}:{value}",
        rules=rules,
    )


def _texts() -> list[str]:
    file = ROOT / "evaluation" / "datasets" / "mixed-10.jsonl"
    rows = [json.loads(line)["text"] for line in file.read_text(encoding="utf-8").splitlines()]
    texts = [*rows[:40], "Over Kraanvogel, [PERSON_x1y2z3w4] dus.", "Bel Sluis.", ""]
    return list(dict.fromkeys(texts))


class _NothingFound:
    """A detector process that finds nothing in anything."""

    def __init__(self) -> None:
        self._answer = msgspec.msgpack.encode("names-of-nothing")

    async def send(self, data: bytes) -> None:
        request = msgspec.msgpack.decode(data, type=ScanRequest)
        self._answer = msgspec.msgpack.encode([[] for _ in request.passages])

    async def receive(self) -> bytes:
        await asyncio.sleep(0)
        return self._answer

    async def end(self) -> None:
        pass


async def _answering_nothing() -> _NothingFound:
    return _NothingFound()


async def _both(
    rules: RulePool, texts: list[str], policy: CompiledPolicy
) -> tuple[ScanBatch, ScanBatch]:
    neighbours = list(pairwise(texts))
    here = await _scanner(None).scan_all(texts, policy, neighbours)
    there = await _scanner(rules).scan_all(texts, policy, neighbours)
    return here, there


async def test_the_results_are_those_of_the_gateway_itself(
    rules: RulePool, policy: CompiledPolicy
) -> None:
    here, there = await _both(rules, _texts(), policy)
    assert list(here.scans) == list(there.scans)
    assert here == there
    assert any(one.mentions for one in there.scans.values())


async def test_each_policy_has_its_own_terms_and_rules(
    rules: RulePool, policy: CompiledPolicy
) -> None:
    text = "Over Kraanvogel en Zeearend. " * 200
    for deny in ("kraanvogel", "zeearend", "anders", "nogiets", "kraanvogel"):
        here, there = await _both(rules, [text], _policy(TermLists(deny={deny: "PERSON"})))
        assert here == there
        assert len(there.scans[text].spans) == (200 if deny in ("kraanvogel", "zeearend") else 0)


async def test_a_request_that_is_not_scanned_in_time_is_refused(policy: CompiledPolicy) -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    rules = RulePool(never, deadline_s=0.05)  # type: ignore[arg-type]
    rules.start()
    with pytest.raises(Unavailable):
        await _scanner(rules).scan_all(["Regel van een tekst. " * 500], policy)
    await rules.close()


class _Heartbeat:
    """Counts turns of the event loop, and the most CPU time of all threads between two of them.

    A thread that holds the interpreter costs CPU time; another process beside this one does not.
    """

    def __init__(self) -> None:
        self.longest_s = 0.0
        self.turns = 0

    async def run(self) -> None:
        while True:
            began = time.process_time()
            await asyncio.sleep(0.001)
            self.longest_s = max(self.longest_s, time.process_time() - began)
            self.turns += 1


@pytest.mark.parametrize(
    ("line", "mebibytes"),
    [
        ("Beste mevrouw Jansen, wilt u mij bellen op 06-12345678 over de offerte? ", 1),
        ("De vergadering is om drie uur en de notulen volgen later deze week. ", 4),
        ("één tekst – met “tekens” van Zoë; ", 4),
        ("abcdefghij", 4),
        ("12 34 ab; ", 4),
    ],
    ids=["personal", "prose", "accents", "one-word", "numbers"],
)
@pytest.mark.usefixtures("settled")
async def test_a_body_of_megabytes_does_not_hold_the_event_loop(
    rules: RulePool, policy: CompiledPolicy, line: str, mebibytes: int
) -> None:
    size = mebibytes << 20
    text = (line * (size // len(line) + 1))[:size]
    beside, heart = DetectorPool(1, start=_answering_nothing), _Heartbeat()
    await beside.start()
    await beside.ready()
    scanner = Scanner(
        DETECTOR, beside, key=b"k" * 32, capacity=9, person_key=lambda *_: None, rules=rules
    )
    beat = asyncio.create_task(heart.run())
    batch = await scanner.scan_all([text], policy)
    beat.cancel()
    await beside.close()
    assert batch.unread is None
    assert heart.turns > 10
    assert heart.longest_s < 0.5  # reading it on the loop takes seconds
