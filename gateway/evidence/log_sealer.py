"""Sealing of batches: the chain of one log, and the encryption of what is stored beside it."""

import os
from collections.abc import Sequence

from gateway.evidence.commit_queue import PendingEntry
from gateway.evidence.entry import GENESIS, SEED_BYTES, Entry, SealedEntry, seal
from gateway.evidence.payload import PayloadCipher, SubjectKey
from gateway.evidence.rows import EntryBatch
from gateway.evidence.stored_answers import StoredAnswer
from gateway.evidence.values import Mention, StoredValue, ValueCipher


class LogSealer:
    """The chain of one log; ``log`` is its id. A batch counts once it is ``advance``d over."""

    def __init__(self, kek: bytes, log: str) -> None:
        self.log = log
        self._seq, self._prev = 0, GENESIS
        self._payload_cipher = PayloadCipher(kek, log)
        self._value_cipher = ValueCipher(kek)

    @property
    def is_empty(self) -> bool:
        """Whether no batch of this log is known to be durable."""
        return self._seq == 0

    def advance(self, batch: EntryBatch) -> None:
        """Continues the chain after a batch that is durable."""
        last = batch.sealed[-1]
        self._seq, self._prev = last.seq + 1, last.hash

    def seal(self, batch: Sequence[PendingEntry], *, degraded: bool) -> EntryBatch:
        """Returns the next batch of the log; ``degraded`` goes on record in each entry."""
        sealed: list[SealedEntry] = []
        keys: list[SubjectKey] = []
        values: list[StoredValue] = []
        mentions: list[Mention] = []
        answers: list[StoredAnswer] = []
        seq, prev = self._seq, self._prev
        # One call for all: each call releases the GIL, which costs more than the bytes.
        seeds = os.urandom(SEED_BYTES * len(batch)).hex()
        if degraded:
            for pending in batch:
                pending.entry.fields = {**pending.entry.fields, "degraded": True}
        for number, pending in enumerate(batch):
            if pending.body is not None:
                self._encrypt(pending.entry, pending.body, keys)
            seed = seeds[2 * SEED_BYTES * number : 2 * SEED_BYTES * (number + 1)]
            one = seal(pending.entry, log=self.log, seq=seq, prev=prev, seed=seed)
            sealed.append(one)
            if pending.vault_write is not None:
                write = pending.vault_write
                values += self._value_cipher.seal_all(write, seq=seq, time=one.time)
                mentions.append(Mention(seq, one.time, write.mentions))
                answers += [answer.stored(seq, one.time) for answer in write.answers]
            seq, prev = seq + 1, one.hash
        return EntryBatch(self.log, sealed, keys, values, mentions, answers)

    def _encrypt(self, entry: Entry, body: bytes, keys: list[SubjectKey]) -> None:
        subject = entry.subject or "none"
        encrypted = self._payload_cipher.encrypt(body, subject=subject, request=entry.request)
        entry.subject = subject
        entry.payload = encrypted.ciphertext
        entry.payload_key = encrypted.commitment
        entry.wrapped_key = encrypted.wrapped_key
        if encrypted.new_subject_key:
            keys.append(encrypted.new_subject_key)
