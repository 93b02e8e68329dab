"""What is stored beside an entry: mentions of persons, and the values of a named conversation."""

from collections.abc import Callable, Iterator

from gateway.core.errors import Unavailable
from gateway.evidence import MAX_LOADED, RedactedValue, StoreFailed, ValueReader, VaultWrite
from gateway.privacy import Scope, Vault
from gateway.request.context import AdmittedRequest, StoredConversation
from gateway.request.text_scanner import PersonKey

_HOUR_MS = 3_600_000
_RETRY_AFTER_S = 2


class ConversationStore:
    """Reads the values of a conversation, and makes what is stored with each entry.

    A request that names no conversation stores mentions only.
    """

    def __init__(
        self,
        reader: ValueReader,
        *,
        pepper: bytes,
        person_key: PersonKey,
        wall: Callable[[], float],
    ) -> None:
        """``pepper`` keys scopes, ``person_key`` names persons, ``wall`` is epoch seconds."""
        self._reader = reader
        self._pepper = pepper
        self._person_key = person_key
        self._wall = wall

    async def recall(self, admitted: AdmittedRequest, scope: Scope) -> StoredConversation | None:
        """The stored values of the conversation; None when policy stores none.

        Raises:
            Unavailable: when it cannot be read.
        """
        if not admitted.compiled.policy.redaction.vault.keep:
            return None
        name = scope.name(self._pepper)
        try:
            return StoredConversation(name, await self._reader.load(name, now_ms=self._now_ms()))
        except StoreFailed as error:
            raise Unavailable(
                "What this conversation has stored cannot be read, so the request is not served. "
                "Try again shortly, or without x-sluis-conversation.",
                retry_after=_RETRY_AFTER_S,
            ) from error

    def with_intent(self, admitted: AdmittedRequest, vault: Vault) -> VaultWrite | None:
        """What is stored with an intent: new values, and the persons that the request mentions.

        No more values than are ever loaded; further ones live for this request only.
        """
        redaction, stored = admitted.compiled.policy.redaction, admitted.conversation_values
        if redaction.mentions or admitted.keeps:
            admitted.mentioned = self._mentioned(admitted, vault)
        if stored is None:
            return _mentions(admitted.mentioned)
        fresh = list(self._new_values(stored, vault))[:MAX_LOADED]
        stored.stored.update(one.id for one in fresh)
        expires = self._now_ms() + redaction.vault.hours * _HOUR_MS
        return VaultWrite(stored.scope, expires, fresh, admitted.mentioned)

    def with_close(self, admitted: AdmittedRequest, mentions: set[str]) -> VaultWrite | None:
        """What is stored with the closing entry: persons that only the answer mentions.

        With answers all persons: their erasure since the departure must not hide the answers.
        """
        if admitted.kept:
            persons = tuple(sorted(mentions.union(admitted.mentioned)))
            return VaultWrite("", 0, [], persons, admitted.kept)
        if not mentions or not admitted.compiled.policy.redaction.mentions:
            return None
        return _mentions(tuple(sorted(mentions.difference(admitted.mentioned))))

    def _mentioned(self, admitted: AdmittedRequest, vault: Vault) -> tuple[str, ...]:
        persons = [scan.mentions for scan in admitted.scan.scans.values() if scan.mentions]
        stored = admitted.conversation_values
        if stored is not None and vault.echoed:
            echoed = (self._person_key(*stored.values[id_]) for id_ in vault.echoed)
            persons.append(tuple(filter(None, echoed)))
        return persons[0] if len(persons) == 1 else tuple(sorted(set().union(*persons)))

    def _new_values(self, stored: StoredConversation, vault: Vault) -> Iterator[RedactedValue]:
        for id_, type_, value in vault.taken():
            person = None if id_ in stored.stored else self._person_key(type_, value)
            if person is not None:
                yield RedactedValue(id_, type_, value, person)

    def _now_ms(self) -> int:
        return int(self._wall() * 1000)


def _mentions(persons: tuple[str, ...]) -> VaultWrite | None:
    return VaultWrite("", 0, [], persons) if persons else None
