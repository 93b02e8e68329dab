"""The protocol of witnesses, and their errors."""

from dataclasses import dataclass
from typing import Protocol

from gateway.evidence.key_chain import Chain
from gateway.governance.merkle_log.log_reader import LogReader
from gateway.governance.merkle_log.sequencer import Checkpoint


class WitnessFailed(Exception):
    """The witness did not accept the head; the message is the reason, without content."""


class LogForkDetected(Exception):
    """The witness holds a head, signed by this log, that this log does not continue."""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest signed head. ``seen`` is the size that the witness is known to have seen, or 0."""

    checkpoint: Checkpoint
    chain: Chain
    seen: int


@dataclass(frozen=True, slots=True)
class WitnessReceipt:
    """The checkpoint that a witness accepted, with its cosignatures.

    ``stamp`` is the answer of a TSA over the checkpoint (RFC 3161, a TimeStampResp), else None.
    """

    note: str
    stamp: bytes | None = None


class Witness(Protocol):
    """A party to which heads are shown."""

    async def show(self, head: Head, reader: LogReader) -> WitnessReceipt:
        """Show a head; gives the accepted checkpoint.

        Raises:
            WitnessFailed: when it did not accept the head.
            LogForkDetected: when it holds proof of another history.
            OSError: when it cannot be reached.
        """
        ...
