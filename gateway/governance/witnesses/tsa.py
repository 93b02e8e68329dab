"""A time stamping authority (RFC 3161): it signs that a head was there at a moment, and keeps nothing."""

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
from gateway.governance.audit.log_reader import LogReader
from gateway.governance.witnesses.der import certificates_in_order
from gateway.governance.witnesses.http_client import asked
from gateway.governance.witnesses.witness import Head, WitnessFailed, WitnessReceipt

_HEADERS = {
    "content-type": "application/timestamp-query",
    "accept": "application/timestamp-reply",
}
_REASON = 200  # characters of what a library says
# The last ones come from certificates in the answer, which no signature covers: anybody on the way can add one.
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
    """Asks one TSA; its answer counts only under the authorities that are given."""

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
        """Has the exact bytes of the signed note stamped."""
        note = head.checkpoint.note.encode()
        request = TimestampRequestBuilder(note, HashAlgorithm.SHA256).build()
        answer = await asked(self._client, "POST", self._url, request.as_bytes(), _HEADERS)
        if answer.status_code != httpx.codes.OK:
            raise WitnessFailed(f"it answered {answer.status_code}")
        check(answer.content, request, self._authorities)
        return WitnessReceipt(head.checkpoint.note, answer.content)


def check(answer: bytes, request: TimeStampRequest, authorities: list[x509.Certificate]) -> None:
    """Nothing when it is a time stamp for this request, signed under one of the authorities.

    Raises:
        WitnessFailed: says why it is none.
    """
    try:
        response = decode_timestamp_response(certificates_in_order(answer))
        if response.status != PKIStatus.GRANTED:
            raise WitnessFailed(f"it granted nothing: status {response.status}")
        signed = VerifierBuilder(nonce=request.nonce, roots=authorities).build()
        signed.verify(response, request.message_imprint.message)
        # It must be one that packages verify with; that it is over SHA-256 is seen here as well.
        verifier.parse_timestamp(answer)
    except _FAULTS as error:
        reason = f"{type(error).__name__}: {error}"[:_REASON]
        raise WitnessFailed(f"its answer does not hold: {reason}") from error
