"""Finds the principal of a bearer credential, or refuses the request."""

from gateway.core.errors import Unauthenticated
from gateway.core.principal import Principal
from gateway.core.pseudonym import person_key_pseudonym
from gateway.core.snapshot import Snapshot
from gateway.identity.api_key_index import ApiKeyIndex
from gateway.identity.asserted_user import asserted_user
from gateway.identity.tokens import TOKEN_PREFIX, TokenVerifier, principal_of


class Authenticator:
    """Authenticates callers against one snapshot."""

    def __init__(self, snapshot: Snapshot, *, pepper: bytes) -> None:
        self._pepper = pepper
        self._persons_hidden = snapshot.persons_hidden
        self._keys = ApiKeyIndex(snapshot, pepper)
        self._tokens = TokenVerifier(snapshot.issuers)

    def authenticate(self, credential: str | None, *, now: float) -> Principal:
        """Returns the principal of a bearer credential; ``now`` is epoch seconds.

        Raises:
            Unauthenticated: when it is missing, unknown, expired or not valid.
        """
        if not credential:
            raise Unauthenticated("No API key was given. Send 'Authorization: Bearer <key>'.")
        if credential.startswith("eyJ") and credential.count(".") == 2:
            return principal_of(self._tokens.verify(credential, now=now), self._pepper)
        principal = self._keys.find(credential, now=now)
        if principal is None:
            raise Unauthenticated("This API key is not known. Check it, or ask for a new one.")
        return principal

    def recorded_id(self, principal: Principal) -> str:
        """Returns the id for entries; the name in a personal key's id is hidden by setting."""
        of_key = principal.kind == "person" and not principal.id.startswith(TOKEN_PREFIX)
        if self._persons_hidden and of_key:
            return person_key_pseudonym(self._pepper, principal.id)
        return principal.id

    def asserted_user_of(self, user: str, *, by: Principal) -> str:
        """Returns the pseudonym of a user that ``by`` names without proof.

        Raises:
            InvalidRequest: when the name is malformed.
        """
        return asserted_user(user, by=by.id, pepper=self._pepper)

    def is_still_valid(self, principal: Principal, *, now: float) -> bool:
        """Returns whether a principal that was authenticated earlier is still valid."""
        if principal.expires is not None and principal.expires <= now:
            return False
        return principal.id.startswith(TOKEN_PREFIX) or self._keys.contains(principal.id)
