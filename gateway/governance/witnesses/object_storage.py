"""A bucket with object lock: each head is an object that cannot change for years."""

import base64
import datetime
import hashlib
from collections.abc import Callable
from urllib.parse import quote

import httpx

from gateway.core.system.aws_sigv4 import signed_headers
from gateway.core.system.credentials import AwsCredentials
from gateway.evidence.witness import WitnessEndpoint
from gateway.governance.merkle_log.log_reader import LogReader
from gateway.governance.witnesses.http_client import request
from gateway.governance.witnesses.witness import Head, WitnessFailed, WitnessReceipt


class ObjectWitness:
    """Puts each head as an object, locked in compliance mode."""

    def __init__(
        self,
        place: WitnessEndpoint,
        login: AwsCredentials | None,
        client: httpx.AsyncClient,
        wall: Callable[[], float],
    ) -> None:
        """``wall`` is epoch seconds."""
        self._place = place
        self._login = login
        self._client = client
        self._wall = wall

    async def show(self, head: Head, reader: LogReader) -> WitnessReceipt:
        """Store the note under its size and digest; a repetition changes nothing."""
        if self._login is None:
            raise WitnessFailed("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set")
        note = head.checkpoint.note.encode()
        name = f"{head.checkpoint.size:020d}-{hashlib.sha256(note).hexdigest()[:16]}.txt"
        url = f"{self._place.url}/{quote(name)}"
        now = datetime.datetime.fromtimestamp(self._wall(), datetime.UTC)
        until = now + datetime.timedelta(days=self._place.retain_days)
        headers = signed_headers(
            "PUT",
            url,
            note,
            credentials=self._login,
            region=self._place.region,
            service="s3",
            now=now,
            headers={
                "content-type": "text/plain; charset=utf-8",
                # A put with a lock must have the digest of its body.
                "content-md5": base64.b64encode(
                    hashlib.md5(note, usedforsecurity=False).digest()
                ).decode(),
                "x-amz-object-lock-mode": "COMPLIANCE",
                "x-amz-object-lock-retain-until-date": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
            },
        )
        answer = await request(self._client, "PUT", url, note, headers)
        if not answer.is_success:
            raise WitnessFailed(f"it answered {answer.status_code}")
        return WitnessReceipt(head.checkpoint.note)
