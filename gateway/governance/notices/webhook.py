"""Signed webhooks in the form of Standard Webhooks: id, time and body under an HMAC-SHA256."""

import asyncio
import base64
import hashlib
import hmac
import ssl
from urllib.parse import urlsplit

import httpx
import orjson

from gateway.governance.notices.address import NoticeFailed, checked_address
from gateway.governance.notices.channels import WebhookNode, signing_secret
from gateway.governance.notices.message import Notice

_LIMIT_S = 15.0


async def send_webhook(hook: WebhookNode, notice: Notice) -> None:
    """Send a notice; redirects are not followed, and what is answered is not read.

    Raises:
        NoticeFailed: when the receiver did not answer 2xx.
        OSError: when it cannot be reached.
    """
    url = urlsplit(hook.url)
    host = url.hostname or ""
    port = url.port or (443 if url.scheme == "https" else 80)
    address = await asyncio.to_thread(checked_address, host, port, private=hook.private_address)
    body = orjson.dumps(notice.document())
    at = f"[{address}]" if ":" in address else address
    target = url._replace(netloc=f"{at}:{port}").geturl()
    headers = {
        "content-type": "application/json",
        "host": url.netloc,
        **signature(signing_secret(hook.secret_file), notice, body),
    }
    verify = ssl.create_default_context(cafile=str(hook.ca) if hook.ca else None)
    try:
        async with (
            asyncio.timeout(_LIMIT_S),
            httpx.AsyncClient(
                verify=verify, trust_env=False, follow_redirects=False, timeout=_LIMIT_S
            ) as client,
            client.stream(
                "POST",
                target,
                content=body,
                headers=headers,
                extensions={"sni_hostname": host},  # the certificate is that of the name
            ) as answer,
        ):
            if not answer.is_success:
                raise NoticeFailed(f"the receiver answered {answer.status_code}")
    except httpx.HTTPError as error:
        raise NoticeFailed(type(error).__name__) from error


def signature(secret: bytes, notice: Notice, body: bytes) -> dict[str, str]:
    """The headers that say who sent a body, and when."""
    seconds = str(int(notice.made.timestamp()))
    signed = b".".join((notice.id.encode(), seconds.encode(), body))
    digest = base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
    return {
        "webhook-id": notice.id,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{digest}",
    }
