"""A witness of C2SP tlog-witness: it gets a consistency proof and returns cosignatures."""

import base64
from collections.abc import Iterable

import httpx

from gateway.evidence.checkpoint import parse_notes
from gateway.evidence.witness import WitnessEndpoint, WitnessKey, cosignatures
from gateway.governance.merkle_log.log_reader import LogReader
from gateway.governance.witnesses.http_client import request
from gateway.governance.witnesses.witness import Head, WitnessFailed, WitnessReceipt

_SIZE_TYPE = "text/x.tlog.size"


class HttpWitness:
    """One witness. Only cosignatures of its configured keys count."""

    def __init__(
        self, place: WitnessEndpoint, keys: Iterable[WitnessKey], client: httpx.AsyncClient
    ) -> None:
        self._url = f"{place.url}/add-checkpoint"
        self._keys = tuple(keys)
        self._client = client

    async def show(self, head: Head, reader: LogReader) -> WitnessReceipt:
        """Request cosignatures; once more when the witness has seen another size."""
        answer = await self._request(head, head.seen, reader)
        if answer.status_code == httpx.codes.CONFLICT:
            answer = await self._request(head, _size(answer, head), reader)
        if answer.status_code != httpx.codes.OK:
            raise WitnessFailed(f"it answered {answer.status_code}")
        return WitnessReceipt(self._cosigned(head.checkpoint.note, answer.text))

    async def _request(self, head: Head, seen: int, reader: LogReader) -> httpx.Response:
        proof = await reader.growth(seen, head.checkpoint.size)
        lines = [f"old {seen}", *(base64.b64encode(node).decode() for node in proof), ""]
        body = "\n".join(lines) + "\n" + head.checkpoint.note
        return await request(self._client, "POST", self._url, body.encode())

    def _cosigned(self, note: str, answer: str) -> str:
        """The checkpoint with the valid cosignatures of an answer."""
        given = next(parse_notes(note + answer))
        found = dict.fromkeys(one.line for one in cosignatures(given, self._keys))
        if not found:
            raise WitnessFailed("its answer holds no good signature by a key that is known")
        return note + "".join(found)


def _size(answer: httpx.Response, head: Head) -> int:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip()
    size = answer.text.removesuffix("\n")
    if kind != _SIZE_TYPE or not size.isascii() or not size.isdigit():
        raise WitnessFailed("it holds another tree, or does not say which size it has seen")
    if int(size) > head.checkpoint.size:
        raise WitnessFailed(f"it says it has seen {size} entries, which is more than there are")
    return int(size)
