"""Signatures of AWS for Amazon Bedrock: by an access key, or by a role for a while.

Sources: AWS, "Create a signed AWS API request" (IAM User Guide); AWS Security Token Service API
Reference, AssumeRole and AssumeRoleWithWebIdentity.
"""

import datetime
import time
from collections.abc import Callable, Mapping
from functools import partial
from xml.etree import ElementTree

from gateway.core.snapshot import AwsSignOn
from gateway.core.system.aws_sigv4 import signed_headers
from gateway.core.system.credentials import AwsCredentials
from gateway.egress.credentials.entra import read_token
from gateway.egress.credentials.token_endpoint import Renewed, TokenEndpoint, not_understood

_STS_VERSION = "2011-06-15"
_SESSION = "sluis"
_NAMESPACE = "{https://sts.amazonaws.com/doc/2011-06-15/}"


class AwsSignature:
    """Signs each request with a key of its own, or with those of a role that it takes."""

    def __init__(
        self,
        sign_on: AwsSignOn,
        own: AwsCredentials | None,
        *,
        host: str,
        sts: tuple[TokenEndpoint, str] | None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``own`` is the access key; ``sts`` the token service and its host, needed for a role.

        ``clock`` is epoch seconds.
        """
        self._sign_on = sign_on
        self._own = own
        self._host = host
        self._sts = sts
        self._clock = clock
        self._role = Renewed(self._assume, clock)

    async def headers(self, target: str, body: bytes) -> Mapping[str, str]:
        """The signature and what it covers.

        Raises:
            UpstreamFailed: when the role cannot be taken.
        """
        credentials = self._own if self._sts is None else await self._role.get()
        return self._signed(credentials, "bedrock", self._host, {}, target, body)

    async def close(self) -> None:
        """Closes the connections to the token service."""
        if self._sts is not None:
            await self._sts[0].close()

    def _signed(
        self,
        credentials: AwsCredentials | None,
        service: str,
        host: str,
        headers: Mapping[str, str],
        target: str,
        body: bytes,
    ) -> dict[str, str]:
        if credentials is None:
            return {}
        signed = signed_headers(
            "POST",
            f"https://{host}{target}",
            body,
            credentials=credentials,
            region=self._sign_on.region,
            service=service,
            now=datetime.datetime.fromtimestamp(self._clock(), datetime.UTC),
            headers=headers,
        )
        return {name: value for name, value in signed.items() if name not in {"host", *headers}}

    async def _assume(self) -> tuple[AwsCredentials, float]:
        if self._sts is None:
            raise not_understood()
        endpoint, host = self._sts
        form = {
            "Version": _STS_VERSION,
            "RoleArn": self._sign_on.role or "",
            "RoleSessionName": _SESSION,
        }
        if self._sign_on.token_file is None:
            form["Action"] = "AssumeRole"
            answer = await endpoint.post(form, partial(self._signed, self._own, "sts", host, {}))
        else:
            form["Action"] = "AssumeRoleWithWebIdentity"
            form["WebIdentityToken"] = await read_token(self._sign_on.token_file)
            answer = await endpoint.post(form, lambda _path, _body: {})
        return _credentials(answer)


def _credentials(answer: bytes) -> tuple[AwsCredentials, float]:
    """The temporary credentials of an answer, and their end."""
    try:
        # Expat limits the expansion of entities, and the answer is of AWS over TLS.
        root = ElementTree.fromstring(answer)  # noqa: S314
    except ElementTree.ParseError as error:
        raise not_understood() from error
    found = root.find(f".//{_NAMESPACE}Credentials")
    if found is None:
        raise not_understood()
    key_id, secret, token, end = (
        (found.findtext(_NAMESPACE + name) or "").strip()
        for name in ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")
    )
    try:
        expires = datetime.datetime.fromisoformat(end).timestamp()
    except ValueError as error:
        raise not_understood() from error
    if not (key_id and secret and token):
        raise not_understood()
    return AwsCredentials(key_id, secret, token), expires
