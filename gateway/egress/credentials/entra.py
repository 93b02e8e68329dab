"""Tokens of Microsoft Entra ID, for Azure OpenAI without a static key.

Sources: Microsoft identity platform, "OAuth 2.0 client credentials flow" (secret, and a federated
credential as client assertion); Microsoft Entra Workload ID for the token file; Azure OpenAI in
Foundry Models, "Authentication".
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import orjson

from gateway.core.errors import UpstreamFailed, UpstreamFault
from gateway.core.snapshot import EntraSignOn
from gateway.egress.credentials.token_endpoint import Renewed, TokenEndpoint, not_understood

_SCOPE = "https://cognitiveservices.azure.com/.default"
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class EntraToken:
    """An access token of an application: by its secret, or by the token of its workload."""

    def __init__(
        self,
        sign_on: EntraSignOn,
        secret: str | None,
        endpoint: TokenEndpoint,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``clock`` is epoch seconds."""
        self._sign_on = sign_on
        self._secret = secret
        self._endpoint = endpoint
        self._clock = clock
        self._token = Renewed(self._fetch, clock)

    async def headers(self, target: str, body: bytes) -> Mapping[str, str]:
        """The header with the token.

        Raises:
            UpstreamFailed: when there is no token.
        """
        return {"authorization": f"Bearer {await self._token.get()}"}

    async def close(self) -> None:
        """Closes the connections to Entra ID."""
        await self._endpoint.close()

    async def _fetch(self) -> tuple[str, float]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._sign_on.client,
            "scope": self._sign_on.scope or _SCOPE,
            **await self._proof(),
        }
        try:
            answer = orjson.loads(await self._endpoint.post(form, lambda _path, _body: {}))
            token, lasts = str(answer["access_token"]), float(answer["expires_in"])
        except (ValueError, TypeError, LookupError) as error:
            raise not_understood() from error
        if not (token.isascii() and token.isprintable()):
            raise not_understood()
        return token, self._clock() + lasts

    async def _proof(self) -> dict[str, str]:
        if self._sign_on.token_file is None:
            return {"client_secret": self._secret or ""}
        token = await read_token(self._sign_on.token_file)
        return {"client_assertion_type": _ASSERTION, "client_assertion": token}


async def read_token(path: str) -> str:
    """The token of a workload; its file is read each time, as the platform replaces it.

    Raises:
        UpstreamFailed: when the file cannot be read.
    """
    try:
        return (await asyncio.to_thread(Path(path).read_text, "ascii")).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UpstreamFailed(
            "The token file of the provider's sign-on cannot be read.",
            fault=UpstreamFault.OPERATOR,
        ) from error
