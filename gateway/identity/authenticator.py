"""Finds the principal of a bearer credential, or refuses the request."""

from collections.abc import Callable
from functools import partial

from gateway.core.errors import Denied, Unauthenticated
from gateway.core.principal import Principal
from gateway.core.pseudonym import person_key_pseudonym
from gateway.core.snapshot import Snapshot
from gateway.identity.api_key_index import ApiKeyIndex
from gateway.identity.asserted_user import asserted_user
from gateway.identity.cut_offs import CutOffs
from gateway.identity.delegation import proven_user
from gateway.identity.networks import lies_in
from gateway.identity.rights import TokenRights
from gateway.identity.token_checks import UnknownSigningKey
from gateway.identity.tokens import Claims, TokenVerifier, looks_like_token


class Authenticator:
    """Authenticates callers against one snapshot."""

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        pepper: bytes,
        unknown_key: Callable[[str], None] | None = None,
    ) -> None:
        """``unknown_key`` gets the issuer of each token that names a key it may have by now."""
        self._pepper = pepper
        self._persons_hidden = snapshot.persons_hidden
        self._unknown_key = unknown_key
        self._keys = ApiKeyIndex(snapshot, pepper)
        self._tokens = TokenVerifier(snapshot.issuers)
        self._rights = TokenRights(snapshot.issuers, snapshot.teams, pepper=pepper)
        self._cut_offs = CutOffs(snapshot.cut_offs)

    def authenticate(self, credential: str | None, *, now: float) -> Principal:
        """Returns the principal of a bearer credential; ``now`` is epoch seconds.

        Raises:
            NoRights: when it is a valid token that no mapping names.
            Unauthenticated: when it is missing, unknown, expired, cut off or not valid.
            Unavailable: when no keys of a token's issuer are known.
        """
        if not credential:
            raise Unauthenticated("No API key was given. Send 'Authorization: Bearer <key>'.")
        if looks_like_token(credential):
            return self._admitted(self._rights.principal_of(self._verified(credential, now=now)))
        principal = self._keys.find(credential, now=now)
        if principal is None:
            raise Unauthenticated("This API key is not known. Check it, or ask for a new one.")
        return principal

    def _admitted(self, principal: Principal) -> Principal:
        if principal.sign_on and (ended := self._cut_offs.reason(principal.sign_on)):
            raise Unauthenticated(ended)
        return principal

    def recorded_id(self, principal: Principal) -> str:
        """Returns the id for entries; the name in a personal key's id is hidden by setting."""
        if self._persons_hidden and principal.kind == "person" and principal.sign_on is None:
            return person_key_pseudonym(self._pepper, principal.id)
        return principal.id

    def _verified(self, token: str, *, now: float) -> Claims:
        try:
            return self._tokens.verify(token, now=now)
        except UnknownSigningKey as unknown:
            if self._unknown_key is not None:
                self._unknown_key(unknown.issuer)
            raise

    def check_network(self, principal: Principal, address: str | None) -> None:
        """Checks that a key may be used from the address that the connection came from.

        Raises:
            Denied: when it may not, or the address is not known.
        """
        if principal.networks and not lies_in(principal.networks, address):
            raise Denied(
                "This key may not be used from your network. Ask its owner to allow it.",
                rules=("key.networks",),
            )

    def asserted_user_of(self, user: str, *, by: Principal) -> str:
        """Returns the pseudonym of a user that ``by`` names without proof.

        Raises:
            InvalidRequest: when the name is malformed.
        """
        return asserted_user(user, by=by.id, pepper=self._pepper)

    def proven_user_of(self, token: str, *, by: Principal, now: float) -> Principal:
        """Returns the user whose token the application ``by`` presents beside its own credential.

        Raises:
            Denied: when ``by`` is no application.
            NoRights: when no mapping names the user.
            Unauthenticated: when the token is not valid, or not that of a person.
            Unavailable: when no keys of the token's issuer are known.
        """
        verified = partial(self._verified, now=now)
        return self._admitted(proven_user(token, by=by, verified=verified, rights=self._rights))

    def is_still_valid(self, principal: Principal, *, now: float) -> bool:
        """Returns whether a principal that was authenticated earlier is still valid.

        The user of an application that acts on behalf of one must still be valid too.
        """
        user = principal.on_behalf_of
        if user is not None and not self.is_still_valid(user, now=now):
            return False
        if principal.expires is not None and principal.expires <= now:
            return False
        if principal.sign_on is None:
            return self._keys.contains(principal.id)
        ended = self._cut_offs.reason(principal.sign_on)
        return ended is None and self._rights.still_grant(principal.granted_by)
