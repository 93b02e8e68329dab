"""An OpenID Connect issuer that only publishes its keys; the test makes the tokens."""

import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.support.loopback import LoopbackServer

AUDIENCE = "urn:sluis"
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


def new_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})


@dataclass
class TestIssuer(LoopbackServer):
    """Starts on a free loopback port."""

    __test__ = False
    key: RSAKey = field(default_factory=new_key)

    def __post_init__(self) -> None:
        app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._discovery),
                Route("/jwks", self._jwks),
            ]
        )
        self.serve(app)

    def token(self, subject: str, **claims: Any) -> str:
        """An access token of an hour; ``typ`` is the type in its header."""
        now = int(time.time())
        return self._signed(
            claims.pop("typ", "at+jwt"),
            {"aud": AUDIENCE, "sub": subject, "iat": now - 5, "exp": now + 3600, **claims},
        )

    def logout_token(self, **claims: Any) -> str:
        """A logout token for the console's client; None takes a claim out."""
        now = int(time.time())
        good = {
            "aud": "console",
            "iat": now,
            "exp": now + 120,
            "jti": uuid.uuid4().hex,
            "events": {LOGOUT: {}},
        }
        typ = claims.pop("typ", "logout+jwt")
        key = claims.pop("key", None)
        return self._signed(typ, {**good, **claims}, key)

    def _signed(self, typ: str | None, claims: dict[str, Any], key: RSAKey | None = None) -> str:
        header = {"alg": "RS256", "kid": "one", **({"typ": typ} if typ else {})}
        given = {n: v for n, v in {"iss": self.url, **claims}.items() if v is not None}
        return jwt.encode(header, given, key or self.key)

    async def _discovery(self, _: Request) -> JSONResponse:
        return JSONResponse({"issuer": self.url, "jwks_uri": f"{self.url}/jwks"})

    async def _jwks(self, _: Request) -> JSONResponse:
        return JSONResponse(KeySet([self.key]).as_dict(private=False))
