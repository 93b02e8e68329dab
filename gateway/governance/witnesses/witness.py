"""What every kind of witness does, and how it fails."""

from dataclasses import dataclass
from typing import Protocol

from gateway.evidence.key_chain import Chain
from gateway.governance.audit.log_reader import LogReader
from gateway.governance.audit.sequencer import Checkpoint


class WitnessFailed(Exception):
    """The witness did not take the head; says why, without content."""


class LogForkDetected(Exception):
    """The witness holds a head, signed by this log, that this log is no continuation of."""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest signed head. ``seen`` is the size that the witness is known to have seen, or 0."""

    checkpoint: Checkpoint
    chain: Chain
    seen: int


@dataclass(frozen=True, slots=True)
class WitnessReceipt:
    """What a witness has taken: the checkpoint, with the lines that it adds.

    ``stamp`` is the answer of a TSA over the checkpoint (RFC 3161, a TimeStampResp), else None.
    """

    note: str
    stamp: bytes | None = None


class Witness(Protocol):
    """One place or party that heads are shown to."""

    async def show(self, head: Head, reader: LogReader) -> WitnessReceipt:
        """Shows a head; gives the checkpoint with what the witness adds to it.

        Raises:
            WitnessFailed: when it did not take it.
            Contradicted: when it holds proof of another history.
            OSError: when it cannot be reached.
        """
        ...
