"""A time stamping authority (RFC 3161): it signs the time of a head, and stores nothing."""

from collections.abc import Iterable

import httpx
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimeStampRequest,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from gateway.evidence import verify as verifier
from gateway.evidence.witness import WitnessEndpoint
from gateway.governance.merkle_log.log_reader import LogReader
from gateway.governance.witnesses.der import certificates_in_order
from gateway.governance.witnesses.http_client import request
from gateway.governance.witnesses.witness import Head, WitnessFailed, WitnessReceipt

_HEADERS = {
    "content-type": "application/timestamp-query",
    "accept": "application/timestamp-reply",
}
_REASON = 200  # characters of an error of the library
# The last ones come from certificates in the answer. No signature covers them: an attacker on the
# path can add one.
_FAULTS = (
    ValueError,
    IndexError,
    VerificationError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


class TsaWitness:
    """One TSA. Its time stamp counts only under the configured authorities."""

    def __init__(
        self,
        place: WitnessEndpoint,
        authorities: Iterable[x509.Certificate],
        client: httpx.AsyncClient,
    ) -> None:
        self._url = place.url
        self._authorities = list(authorities)
        self._client = client

    async def show(self, head: Head, reader: LogReader) -> WitnessReceipt:
        """Request a time stamp over the exact bytes of the signed note."""
        note = head.checkpoint.note.encode()
        query = TimestampRequestBuilder(note, HashAlgorithm.SHA256).build()
        answer = await request(self._client, "POST", self._url, query.as_bytes(), _HEADERS)
        if answer.status_code != httpx.codes.OK:
            raise WitnessFailed(f"it answered {answer.status_code}")
        check(answer.content, query, self._authorities)
        return WitnessReceipt(head.checkpoint.note, answer.content)


def check(answer: bytes, query: TimeStampRequest, authorities: list[x509.Certificate]) -> None:
    """Check that an answer is a time stamp for this query, under one of the authorities.

    Raises:
        WitnessFailed: with the reason.
    """
    try:
        response = decode_timestamp_response(certificates_in_order(answer))
        if response.status != PKIStatus.GRANTED:
            raise WitnessFailed(f"it granted nothing: status {response.status}")
        signed = VerifierBuilder(nonce=query.nonce, roots=authorities).build()
        signed.verify(response, query.message_imprint.message)
        # The verifier of packages must accept it too; it also checks that the digest is SHA-256.
        verifier.parse_timestamp(answer)
    except _FAULTS as error:
        reason = f"{type(error).__name__}: {error}"[:_REASON]
        raise WitnessFailed(f"its answer does not hold: {reason}") from error
