"""The pool over processes that answer when the test says so: order, shares, and what is kept."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import msgspec
import pytest

from gateway.classifiers import process_pool
from gateway.classifiers.chunk_entities import of_part
from gateway.classifiers.chunks import cut
from gateway.classifiers.limits import ScanLimits, UnreadReason
from gateway.classifiers.pool import ClassifierScan, DetectorPool
from gateway.classifiers.protocol import Entity, ScanRequest

SHORT = "Pieter de Vries belt u morgen."
LIMITS = ScanLimits(60)


def long(kib: int, of: str = "a") -> str:
    """A text of many chunks, none of which another text of this kind has."""
    return "".join(f"Regel {n} van {of} over de vergadering.\n" for n in range(kib * 26))


class HandProcess:
    """A detector process whose answers the test gives; it finds ``Pieter``."""

    def __init__(self) -> None:
        self.asked: asyncio.Queue[list[str]] = asyncio.Queue()
        self._answers: asyncio.Queue[bytes | Exception] = asyncio.Queue()
        self._answers.put_nowait(msgspec.msgpack.encode("names-hand"))

    async def send(self, data: bytes) -> None:
        request = msgspec.msgpack.decode(data, type=ScanRequest)
        self.passages = request.passages
        self.asked.put_nowait([passage.text.decode() for passage in request.passages])

    async def receive(self) -> bytes:
        answer = await self._answers.get()
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def end(self) -> None:
        pass

    def fail(self, error: Exception) -> None:
        self._answers.put_nowait(error)

    def answer(self) -> None:
        found = [
            of_part([Entity(at, at + 6, "PERSON", 0.9)] if at >= 0 else [], passage.context)
            for passage in self.passages
            for at in [passage.text.decode().find("Pieter")]
        ]
        self._answers.put_nowait(msgspec.msgpack.encode(found))

    async def read(self) -> list[str]:
        """Answer the next message and return its texts."""
        texts = await self.asked.get()
        self.answer()
        return texts


@asynccontextmanager
async def running(*processes: HandProcess) -> AsyncIterator[DetectorPool]:
    """A pool over these processes, one after another where one has ended."""
    waiting = list(processes)

    async def start() -> HandProcess:
        return waiting.pop(0)

    pool = DetectorPool(1, start=start)
    await pool.start()
    await pool.ready()
    try:
        yield pool
    finally:
        await pool.close()


def scan(
    pool: DetectorPool, texts: Sequence[str], owner: str = "", limits: ScanLimits = LIMITS
) -> "asyncio.Task[ClassifierScan]":
    return asyncio.create_task(pool.scan(texts, owner=owner, limits=limits))


async def test_a_short_text_is_read_before_the_rest_of_a_long_one() -> None:
    process = HandProcess()
    async with running(process) as pool:
        slow = scan(pool, [long(12)], "a")
        await process.asked.get()  # its first chunk is in hand
        same, other = scan(pool, [f"{SHORT} 1"], "a"), scan(pool, [f"{SHORT} 2"], "b")
        await asyncio.sleep(0)
        process.answer()
        assert [await process.read(), await process.read()] == [[f"{SHORT} 2"], [f"{SHORT} 1"]]
        assert (await other).entities == [[Entity(0, 6, "PERSON", 0.9)]]
        await same
        slow.cancel()


async def test_owners_get_equal_shares_however_many_requests_they_have() -> None:
    process = HandProcess()
    async with running(process) as pool:
        many = [scan(pool, [long(12, f"a{n}")], "a") for n in range(3)]
        one = scan(pool, [long(12, "b")], "b")
        await asyncio.sleep(0)
        read = []
        while not one.done():
            read += ["van b" in text for text in await process.read()]
            await asyncio.sleep(0)
        assert read.count(True) == len(cut(long(12, "b")))
        assert abs(read.count(False) - read.count(True)) <= 4
        for task in many:
            task.cancel()


async def test_all_processes_read_one_text() -> None:
    first, second = HandProcess(), HandProcess()
    waiting = [first, second]

    async def start() -> HandProcess:
        return waiting.pop()

    pool = DetectorPool(2, start=start)
    await pool.start()
    await pool.ready()
    task = scan(pool, [long(8)])
    assert await first.asked.get() != await second.asked.get()
    task.cancel()
    await pool.close()


async def test_what_was_read_is_known_after_its_caller_has_left() -> None:
    process, text = HandProcess(), long(8) + SHORT
    chunks = [text[context:end] for context, _, end in cut(text)]
    async with running(process) as pool:
        left = scan(pool, [text])
        read = [*await process.read(), *await process.asked.get()]
        left.cancel()
        await asyncio.gather(left, return_exceptions=True)
        assert pool.waiting == 0
        process.answer()  # too late for its caller
        again = scan(pool, [text])
        while len(read) < len(chunks):
            read += await process.read()
        assert read == chunks
        at = text.find("Pieter")
        assert await again == ClassifierScan([[Entity(at, at + 6, "PERSON", 0.9)]])
        assert await pool.scan([text], owner="", limits=LIMITS) == await again
        assert process.asked.empty()


async def test_a_chunk_that_two_requests_hold_is_read_once() -> None:
    process, shared = HandProcess(), long(4)
    count = len(cut(shared))
    async with running(process) as pool:
        both = [scan(pool, [shared, f"{SHORT} {owner}"], owner) for owner in "ab"]
        await asyncio.sleep(0)
        read: list[str] = []
        while not all(task.done() for task in both):
            read += await process.read()
            for _ in range(3):
                await asyncio.sleep(0)
        assert len(read) == count + 2


async def test_many_small_texts_go_in_few_messages() -> None:
    process = HandProcess()
    async with running(process) as pool:
        texts = [f"Pieter {n}" for n in range(200)]
        task = scan(pool, texts)
        read = [await process.read() for _ in range(4)]
        assert [text for message in read for text in message] == texts
        assert (await task).entities == [[Entity(0, 6, "PERSON", 0.9)]] * 200


async def test_a_text_past_its_deadline_has_no_result_and_the_others_have() -> None:
    process = HandProcess()
    async with running(process) as pool:
        task = scan(pool, [SHORT, long(8)], limits=ScanLimits(0.2))
        assert SHORT in await process.read()
        result = await task
        assert result.unread is UnreadReason.DEADLINE
        assert result.entities == [[Entity(0, 6, "PERSON", 0.9)], None]


async def test_a_full_queue_fails_at_once_with_one_line_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    process, narrow = HandProcess(), ScanLimits(60, room=20_000, waits_for_room=False)
    async with running(process) as pool:
        first = scan(pool, [long(18)], "a", narrow)
        await asyncio.sleep(0)
        with caplog.at_level(logging.WARNING):
            texts = [f"{n} {long(1)}" for n in range(20)]
            refused = await pool.scan(texts, owner="a", limits=narrow)
        assert refused == ClassifierScan([None] * 20, UnreadReason.QUEUE_FULL)
        (line,) = (one for one in caplog.records if one.name == "gateway.classifiers.pool")
        about = line.__dict__
        assert line.getMessage() == "detector:text:unread"
        assert (about["reason"], about["texts_unread"], about["texts"]) == ("queue-full", 20, 20)
        assert "Regel" not in str(about)
        another = scan(pool, [long(4, "b")], "b", narrow)  # an equal share of room is left
        await asyncio.sleep(0)
        assert not another.done()
        first.cancel()
        another.cancel()


async def test_a_request_may_wait_for_room() -> None:
    process, narrow = HandProcess(), ScanLimits(60, room=3000)
    async with running(process) as pool:
        first = scan(pool, [long(3)], "a", narrow)
        await asyncio.sleep(0)
        second = scan(pool, [f"b {SHORT * 60}"], "a", narrow)
        read: list[str] = []
        while SHORT not in "".join(read):
            read += await process.read()
        assert len(read) > 1  # it was not let in at once, or as a short one it had been the first
        assert (await second).unread is None
        first.cancel()


@pytest.mark.parametrize(
    "limits", [ScanLimits(1.0, waits_if_hopeless=False), ScanLimits(60, longest=10_000)]
)
async def test_a_text_that_no_deadline_can_save_fails_at_once(limits: ScanLimits) -> None:
    process = HandProcess()
    async with running(process) as pool:
        result = await pool.scan([long(256)], owner="", limits=limits)
        assert result == ClassifierScan([None], UnreadReason.TOO_LONG)
        assert process.asked.empty()


def test_the_deadline_grows_with_what_is_not_known_up_to_a_ceiling() -> None:
    limits = ScanLimits(5, per_kib_s=0.1, ceiling_s=30)
    assert [limits.deadline_for(kib * 1024) for kib in (0, 10, 100, 10_000)] == [5, 6, 15, 30]


async def test_a_text_over_which_two_processes_end_is_not_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(process_pool, "_RESTART_PAUSE_S", 0)
    processes = [HandProcess() for _ in range(3)]
    async with running(*processes) as pool:
        task = scan(pool, [SHORT])
        for process in processes[:2]:
            await process.asked.get()
            process.fail(asyncio.IncompleteReadError(b"", 4))
        assert await task == ClassifierScan([None], UnreadReason.FAILED)
        task = scan(pool, [SHORT])
        await processes[2].read()
        assert (await task).unread is None


async def test_a_fault_of_our_own_in_a_keeper_is_logged_and_another_keeper_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(process_pool, "_RESTART_PAUSE_S", 0)
    processes = [HandProcess(), HandProcess()]
    async with running(*processes) as pool:
        task = scan(pool, [SHORT])
        await processes[0].asked.get()
        processes[0].fail(KeyError("a fault that nobody foresaw"))
        assert await processes[1].read() == [SHORT]
        assert (await task).unread is None
    assert any(line == "detector:keeper:fault" for line in caplog.messages)


async def test_what_waits_is_measured() -> None:
    process = HandProcess()
    async with running(process) as pool:
        assert (pool.waiting, pool.oldest_s) == (0, 0.0)
        task = scan(pool, [long(4)])
        await process.asked.get()
        assert 0 < pool.waiting < len(long(4))
        assert pool.oldest_s > 0
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert (pool.waiting, pool.oldest_s) == (0, 0.0)
        assert (pool.characters, pool.known) == (len(long(4)), 0)


async def test_a_text_is_judged_where_that_is_wanted_whoever_had_it_read_before() -> None:
    process = HandProcess()
    async with running(process) as pool:

        async def asked_for(judged: bool) -> list[bool]:
            """Whether each passage that the process gets is to be judged."""
            task = asyncio.create_task(pool.scan([SHORT], owner="", limits=LIMITS, judged=[judged]))
            reading = asyncio.create_task(process.read())
            await asyncio.wait([task, reading], return_when=asyncio.FIRST_COMPLETED)
            sent = [one.judged for one in process.passages] if reading.done() else []
            reading.cancel()
            assert (await task).entities == [[Entity(0, 6, "PERSON", 0.9)]]
            return sent

        assert await asked_for(False) == [False]
        assert await asked_for(False) == []
        assert await asked_for(True) == [True]
        assert await asked_for(False) == []
