"""Reading documents: once, in time, in their place, and never taken for read when they were not."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.dialects.base import RequestFacts
from gateway.dialects.openai_chat import OpenAIChat
from gateway.privacy.documents import ExtractedDocument
from gateway.request.context import ParsedRequest
from gateway.request.documents import MOST, DocumentExtractor

pytestmark = pytest.mark.unit
KEY = b"k" * 32
PLACE = "messages[0].content[0].file"


class Reader:
    """Reads what it was told of; ``stuck`` does not answer until ``release``."""

    def __init__(self, said: dict[str, ExtractedDocument | None]) -> None:
        self.said = said
        self.asked: list[str] = []
        self.running = self.most = 0
        self.release = threading.Event()
        self.full = threading.Event()
        self._lock = threading.Lock()

    def __call__(self, file_data: str, *, seconds: float) -> ExtractedDocument | None:
        with self._lock:
            self.asked.append(file_data)
            self.running += 1
            self.most = max(self.most, self.running)
            if self.running == 2:
                self.full.set()
        if file_data.startswith("stuck"):
            self.release.wait(20)
        with self._lock:
            self.running -= 1
        return self.said.get(file_data)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def reader() -> Iterator[Reader]:
    reader = Reader({
        "a": ExtractedDocument("tekst", True),
        "b": ExtractedDocument("deel", False),
        "bad": None,
    })
    yield reader
    reader.release.set()


def made(reader: Reader, *, deadline_s: float = 20.0, clock: Any = None) -> DocumentExtractor:
    return DocumentExtractor(reader, key=KEY, deadline_s=deadline_s, clock=clock or Clock())


def request(*files: Any, kind: str = "file", **more: Any) -> ParsedRequest:
    parts = [{"type": kind, "file": file, **more} for file in files]
    paths: list[Any] = [("messages", 0, "content", at, "file") for at in range(len(files))]
    places = [f"messages[0].content[{at}].file" for at in range(len(files))]
    return ParsedRequest(
        dialect=OpenAIChat(),
        facts=RequestFacts("m", streams=False, wants_usage=False, most_output=1),
        body={"messages": [{"role": "user", "content": parts}]},
        texts=[],
        dropped=[],
        inside_only=list(places),
        unread=list(places),
        documents=paths,
    )


def contents(request: ParsedRequest) -> list[Any]:
    return list(request.body["messages"][0]["content"])


async def test_a_document_becomes_its_text_under_its_name(reader: Reader) -> None:
    read = await made(reader).as_text(request({"filename": "brief.pdf", "file_data": "a"}))
    text = "Document: brief.pdf\n\ntekst"
    assert contents(read) == [{"type": "text", "text": text}]
    assert read.texts == [text]
    assert read.dropped == [PLACE]
    assert read.unread == read.inside_only == []


async def test_what_was_read_in_part_is_unread_and_its_bytes_stay_behind(reader: Reader) -> None:
    read = await made(reader).as_text(request({"file_data": "b"}))
    assert contents(read)[0]["text"].startswith("deel")
    assert read.unread == read.dropped == [PLACE]


@pytest.mark.parametrize("file", [{"file_data": "bad"}, {"file_id": "x"}, {"file_data": 5}, "a"])
async def test_what_was_not_read_stays_as_it_is(reader: Reader, file: Any) -> None:
    given = request(file)
    read = await made(reader).as_text(given)
    assert contents(read) == contents(given)
    assert read.unread == read.inside_only == [PLACE]
    assert read.dropped == read.texts == []


@pytest.mark.parametrize("more", [{"kind": "text"}, {"text": "also this"}])
async def test_a_file_in_another_kind_of_part_is_not_read(
    reader: Reader, more: dict[str, Any]
) -> None:
    read = await made(reader).as_text(request({"file_data": "a"}, **more))
    assert read.unread == [PLACE]
    assert reader.asked == []


async def test_a_growing_chat_reads_a_document_once(reader: Reader) -> None:
    attachments = made(reader)
    first = await attachments.as_text(request({"file_data": "a"}))
    second = await attachments.as_text(request({"file_data": "a"}, {"file_data": "a"}))
    assert reader.asked == ["a"]
    assert contents(second) == contents(first) * 2


async def test_what_cannot_be_read_is_not_tried_at_every_turn(reader: Reader) -> None:
    attachments = made(reader)
    for _ in range(3):
        await attachments.as_text(request({"file_data": "bad"}))
    assert reader.asked == ["bad"]


async def test_texts_are_forgotten_after_half_an_hour(reader: Reader) -> None:
    clock = Clock()
    attachments = made(reader, clock=clock)
    for now, asked in ((0.0, 1), (1799.0, 1), (1801.0, 2)):
        clock.now = now
        await attachments.as_text(request({"file_data": "a"}))
        assert len(reader.asked) == asked


async def test_no_more_than_eight_mebibytes_are_kept(reader: Reader) -> None:
    reader.said |= {f"big{at}": ExtractedDocument("x" * 3_000_000, True) for at in range(3)}
    attachments = made(reader)
    for at in (0, 1, 2, 2, 1, 0):
        await attachments.as_text(request({"file_data": f"big{at}"}))
    assert reader.asked == ["big0", "big1", "big2", "big0"]


async def test_one_that_hangs_is_unread_and_others_are_read(reader: Reader) -> None:
    attachments = made(reader, deadline_s=0.2)
    read = await attachments.as_text(request({"file_data": "stuck"}, {"file_data": "a"}))
    assert read.unread == [PLACE]
    assert contents(read)[1]["text"] == "tekst"


async def test_what_hangs_fills_no_more_than_its_places_and_what_waited_never_begins(
    reader: Reader,
) -> None:
    attachments = made(reader, deadline_s=0.1)
    stuck = [{"file_data": f"stuck{at}"} for at in range(6)]
    read = await attachments.as_text(request(*stuck))
    assert len(read.unread) == 6
    assert reader.most == len(reader.asked) == 2
    attachments.close()


async def test_a_caller_who_leaves_takes_what_waited_along(reader: Reader) -> None:
    attachments = made(reader)
    stuck = [{"file_data": f"stuck{at}"} for at in range(6)]
    task = asyncio.create_task(attachments.as_text(request(*stuck)))
    assert await asyncio.to_thread(reader.full.wait, 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    reader.release.set()
    await attachments.as_text(request({"file_data": "a"}))
    assert len(reader.asked) == 3


async def test_no_more_than_a_few_of_one_request_are_read(reader: Reader) -> None:
    reader.said |= {f"f{at}": ExtractedDocument("x", True) for at in range(MOST + 4)}
    files = [{"file_data": f"f{at}"} for at in range(MOST + 4)]
    assert len((await made(reader).as_text(request(*files))).unread) == 4
