"""An issuer of access tokens on loopback: its discovery document, its keys, and tokens it signs."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

AUDIENCE = "urn:sluis"


class IdentityProvider:
    """Serves until the end of its block."""

    def __init__(self) -> None:
        self._key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        keys = KeySet([self._key]).as_dict(private=False)
        documents: dict[str, Any] = {"/jwks": keys}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                found = documents.get(self.path)
                body = json.dumps(found).encode()
                self.send_response(200 if found else 404)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        documents["/.well-known/openid-configuration"] = {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/jwks",
        }
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def token(self, subject: str, *groups: Any, seconds: int = 600, **claims: Any) -> str:
        """A good access token, with what is wrong with it in ``claims``; None leaves one out."""
        now = int(time.time())
        given = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": subject,
            "name": subject.title(),
            "iat": now,
            "exp": now + seconds,
            "groups": list(groups),
            **claims,
        }
        kept = {name: value for name, value in given.items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": "one", "typ": "at+jwt"}, kept, self._key)
