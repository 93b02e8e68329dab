"""What is kept beside an entry: whom it mentions, and the values of a conversation that has a name."""

from collections.abc import Callable, Iterator

from gateway.core.errors import Unavailable
from gateway.evidence import MAX_LOADED, RedactedValue, StoreFailed, ValueReader, VaultWrite
from gateway.privacy import Scope, Vault
from gateway.request.context import AdmittedRequest, StoredConversation
from gateway.request.scanner import PersonKey

_HOUR_MS = 3_600_000
_RETRY_AFTER_S = 2


class ConversationStore:
    """Reads what a conversation has stored, and says what is to be stored with each entry.

    A request that names no conversation has no ``StoredConversation``; of it only mentions are kept.
    """

    def __init__(
        self, reader: ValueReader, *, pepper: bytes, who: PersonKey, wall: Callable[[], float]
    ) -> None:
        """``pepper`` keys the names of scopes, ``who`` names people, ``wall`` is epoch seconds."""
        self._reader = reader
        self._pepper = pepper
        self._who = who
        self._wall = wall

    async def recall(self, admitted: AdmittedRequest, scope: Scope) -> StoredConversation | None:
        """What the conversation has stored; None when policy keeps nothing.

        Raises:
            Unavailable: when it cannot be read.
        """
        if not admitted.handles.policy.redaction.vault.keep:
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
        """What is stored with an intent: new values, and whom the request mentions.

        No more values than are ever loaded; those beyond live for this request.
        """
        redaction, memory = admitted.handles.policy.redaction, admitted.memory
        if redaction.mentions:
            admitted.mentioned = self._mentioned(admitted, vault)
        if memory is None:
            return _mentions(admitted.mentioned)
        fresh = list(self._taken(memory, vault))[:MAX_LOADED]
        memory.kept.update(one.id for one in fresh)
        expires = self._now_ms() + redaction.vault.hours * _HOUR_MS
        return VaultWrite(memory.scope, expires, fresh, admitted.mentioned)

    def with_close(self, admitted: AdmittedRequest, said: set[str]) -> VaultWrite | None:
        """What is stored with the closing entry: whom the answer alone mentions."""
        if not said or not admitted.handles.policy.redaction.mentions:
            return None
        return _mentions(tuple(sorted(said.difference(admitted.mentioned))))

    def _mentioned(self, admitted: AdmittedRequest, vault: Vault) -> tuple[str, ...]:
        people = [seen.mentions for seen in admitted.scan.seen.values() if seen.mentions]
        if admitted.memory is not None and vault.echoed:
            echoed = (self._who(*admitted.memory.values[id_]) for id_ in vault.echoed)
            people.append(tuple(filter(None, echoed)))
        return people[0] if len(people) == 1 else tuple(sorted(set().union(*people)))

    def _taken(self, memory: StoredConversation, vault: Vault) -> Iterator[RedactedValue]:
        for id_, type_, value in vault.taken():
            who = None if id_ in memory.kept else self._who(type_, value)
            if who is not None:
                yield RedactedValue(id_, type_, value, who)

    def _now_ms(self) -> int:
        return int(self._wall() * 1000)


def _mentions(people: tuple[str, ...]) -> VaultWrite | None:
    return VaultWrite("", 0, [], people) if people else None
