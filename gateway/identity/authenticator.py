"""Finds the principal of a bearer credential, or refuses the request."""

from collections.abc import Callable

from gateway.core.errors import Unauthenticated
from gateway.core.principal import Principal
from gateway.core.snapshot import Snapshot
from gateway.identity.api_key_index import ApiKeyIndex
from gateway.identity.asserted_user import asserted_user
from gateway.identity.token_checks import UnknownSigningKey
from gateway.identity.tokens import TOKEN_PREFIX, TokenVerifier, looks_like_token, principal_of


class Authenticator:
    """Authenticates callers against one snapshot."""

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        pepper: bytes,
        unknown_key: Callable[[str], None] | None = None,
    ) -> None:
        """``unknown_key`` is told the issuer of each token that names a key it may have by now."""
        self._pepper = pepper
        self._unknown_key = unknown_key
        self._keys = ApiKeyIndex(snapshot, pepper)
        self._tokens = TokenVerifier(snapshot.issuers)

    def authenticate(self, credential: str | None, *, now: float) -> Principal:
        """Returns the principal of a bearer credential; ``now`` is epoch seconds.

        Raises:
            Unauthenticated: when it is missing, unknown, expired or not valid.
            Unavailable: when no keys of a token's issuer are known.
        """
        if not credential:
            raise Unauthenticated("No API key was given. Send 'Authorization: Bearer <key>'.")
        if looks_like_token(credential):
            return self._of_token(credential, now=now)
        principal = self._keys.find(credential, now=now)
        if principal is None:
            raise Unauthenticated("This API key is not known. Check it, or ask for a new one.")
        return principal

    def _of_token(self, token: str, *, now: float) -> Principal:
        try:
            claims = self._tokens.verify(token, now=now)
        except UnknownSigningKey as unknown:
            if self._unknown_key is not None:
                self._unknown_key(unknown.issuer)
            raise
        return principal_of(claims, self._pepper)

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
