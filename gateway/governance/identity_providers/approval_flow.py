"""Sign-ons that approve something: the authorization code flow of OpenID Connect with PKCE.

The approver's browser comes back to the client that began it: the console, or a program on the
approver's machine. That client hands the code in, and the control plane exchanges it at the
provider itself. What the database says about the keys of an issuer does not count here.
"""

import hmac
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from gateway.core.errors import Denied, InvalidRequest, Unauthenticated, Unavailable
from gateway.core.pseudonym import pseudonym
from gateway.core.snapshot import Issuer
from gateway.governance.actor import Actor, ApprovalSignOn
from gateway.governance.changes.approval_sign_on import ToBeSigned
from gateway.governance.identity_providers.schemas import CodeBody, SignOnResponse
from gateway.governance.issuer_keys.fetch import FAULTS, connection_of, discover, fetch
from gateway.identity.approval_tokens import (
    MAX_AGE_S,
    ApprovalToken,
    key_of,
    verify_approval_token,
)

_SCOPE = "openid profile email"
_EXPIRED = "This sign-on is over: start it again."


@dataclass(frozen=True, slots=True)
class _State:
    """What comes back with the code: it binds the sign-on to the approver and to what it is for.

    ``path`` is that of what is approved, in base64url: a client that kept nothing can go on.
    """

    started: int
    nonce: str
    chance: str
    path: str

    @classmethod
    def read(cls, text: str) -> "_State":
        started, *rest = text.split(".")
        if not started.isdecimal() or len(rest) != 3 or not all(rest):
            raise InvalidRequest("This is no state of a sign-on.", param="sign_on.state")
        return cls(int(started), *rest)

    def __str__(self) -> str:
        return f"{self.started}.{self.nonce}.{self.chance}.{self.path}"


class ApprovalFlow:
    """Begins and ends the sign-ons of approvers."""

    def __init__(
        self,
        *,
        issuers: Callable[[], Awaitable[Sequence[Issuer]]],
        secret: Callable[[str], str | None],
        pepper: bytes,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """``issuers`` gives those in force, ``secret`` resolves a reference."""
        self._issuers = issuers
        self._secret = secret
        self._pepper = pepper
        self._wall = wall

    async def begin(
        self,
        actor: Actor,
        redirect_uri: str,
        path: str,
        approve: Callable[[Actor], Awaitable[object]],
    ) -> SignOnResponse:
        """Begin the sign-on that the approval of what is at ``path`` needs.

        ``approve`` makes the approval of an actor.

        Raises:
            InvalidRequest: when none is needed.
            Unavailable: when the provider cannot be reached.
        """
        issuer = await self._issuer()
        try:
            await approve(replace(actor, approval=ApprovalSignOn()))
        except ToBeSigned as asked:
            about = urlsafe_b64encode(path.encode()).rstrip(b"=").decode()
            state = _State(int(self._wall()), asked.nonce, secrets.token_urlsafe(16), about)
            return await self._begun(issuer, state, actor, redirect_uri)
        raise InvalidRequest("This needs no sign-on.", code="no_sign_on_needed")

    async def signed(self, actor: Actor, code: CodeBody | None) -> Actor:
        """The actor with the sign-on whose code was handed in.

        Raises:
            Denied: when another person signed on.
            InvalidRequest: when the code or the state is wrong or too old.
            Unavailable: when the provider cannot be reached.
        """
        if code is None:
            return actor
        issuer, state = await self._issuer(), _State.read(code.state)
        now = self._wall()
        if not 0 <= now - state.started <= MAX_AGE_S:
            raise InvalidRequest(_EXPIRED, code="sign_on_expired")
        raw, key = await self._exchanged(issuer, state, actor, code)
        try:
            found = verify_approval_token(raw, key, issuer, nonce=state.nonce, at=now)
        except Unauthenticated as error:
            raise InvalidRequest(error.message, code="sign_on_refused") from error
        if not self._is_of(found, actor):
            raise Denied("Another person signed on than the one who approves.")
        return replace(actor, approval=ApprovalSignOn(state.nonce, raw, key))

    async def _issuer(self) -> Issuer:
        for issuer in await self._issuers():
            if issuer.approvals:
                return issuer
        raise InvalidRequest("No issuer signs approvals here.", code="no_sign_on_needed")

    async def _begun(
        self, issuer: Issuer, state: _State, actor: Actor, redirect_uri: str
    ) -> SignOnResponse:
        try:
            found = await discover(issuer)
        except FAULTS as error:
            raise _unreachable(issuer) from error
        acr = issuer.approvals.acr_values if issuer.approvals else []
        async with self._client(issuer, redirect_uri) as client:
            url, _ = client.create_authorization_url(
                found.authorization_endpoint,
                state=str(state),
                nonce=state.nonce,
                code_verifier=self._verifier(state, actor),
                max_age=0,
                prompt="login",
                **({"acr_values": " ".join(acr)} if acr else {}),
            )
        return SignOnResponse(
            authorization_url=url, state=str(state), expires=state.started + MAX_AGE_S
        )

    async def _exchanged(
        self, issuer: Issuer, state: _State, actor: Actor, code: CodeBody
    ) -> tuple[str, dict[str, Any]]:
        """The identity token of a code, and the key that the provider publishes for it now."""
        try:
            endpoint = (await discover(issuer)).token_endpoint
            async with self._client(issuer, code.redirect_uri) as client:
                answer = await client.fetch_token(
                    endpoint, code=code.code, code_verifier=self._verifier(state, actor)
                )
            raw = str(answer.get("id_token", ""))
            key = key_of(raw, (await fetch(issuer)).keys)
        except (OAuthError, Unauthenticated) as error:
            raise InvalidRequest(
                f"{issuer.name} does not accept this code. Sign on again.", code="sign_on_refused"
            ) from error
        except FAULTS as error:
            raise _unreachable(issuer) from error
        if key is None:
            raise InvalidRequest(
                f"{issuer.name} does not publish the key of its identity token.",
                code="sign_on_refused",
            )
        return raw, key

    def _client(self, issuer: Issuer, redirect_uri: str) -> AsyncOAuth2Client:
        client = issuer.approvals
        reference = client.client_secret if client else ""
        return AsyncOAuth2Client(
            client.client_id if client else None,
            self._secret(reference) if reference else None,
            scope=_SCOPE,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            token_endpoint_auth_method=None if reference else "none",
            **connection_of(issuer),
        )

    def _verifier(self, state: _State, actor: Actor) -> str:
        """The PKCE code verifier: only this installation knows it, and only for this approver."""
        return hmac.digest(self._pepper, f"approval\0{state}\0{actor.id}".encode(), "sha256").hex()

    def _is_of(self, found: ApprovalToken, actor: Actor) -> bool:
        subject = pseudonym(self._pepper, f"subject:{found.issuer}", found.subject)
        if actor.via == "sign-on":
            return actor.person == f"u_{subject}"
        return bool(actor.persons & (found.aliases | {found.subject.casefold()}))


def _unreachable(issuer: Issuer) -> Unavailable:
    return Unavailable(f"{issuer.name} cannot be reached to sign on. Try again.", retry_after=5)
