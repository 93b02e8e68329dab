"""AWS Signature Version 4, by hand: two pages of the standard library instead of a client library.

Source: AWS, "Create a signed AWS API request" (IAM User Guide).
"""

import datetime
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

from gateway.core.system.credentials import AwsCredentials


def signed(
    method: str,
    url: str,
    body: bytes,
    *,
    login: AwsCredentials,
    region: str,
    service: str,
    now: datetime.datetime,
    headers: Mapping[str, str],
) -> dict[str, str]:
    """All headers of a request, with the one that signs the others; names in lower case.

    The path of ``url`` is signed as it stands, which is right for ``s3`` in every case and for other
    services as long as nothing in it is encoded.
    """
    parts = urlsplit(url)
    digest = hashlib.sha256(body).hexdigest()
    moment = now.strftime("%Y%m%dT%H%M%SZ")
    sent = {
        **headers,
        "host": parts.netloc,
        "x-amz-date": moment,
        "x-amz-content-sha256": digest,
    }
    if login.token:
        sent["x-amz-security-token"] = login.token
    names = ";".join(sorted(sent))
    lines = "".join(f"{name}:{sent[name].strip()}\n" for name in sorted(sent))
    request = f"{method}\n{parts.path}\n{parts.query}\n{lines}\n{names}\n{digest}"
    scope = f"{moment[:8]}/{region}/{service}/aws4_request"
    hashed = hashlib.sha256(request.encode()).hexdigest()
    to_sign = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashed}"
    key = f"AWS4{login.secret}".encode()
    for step in scope.split("/"):
        key = hmac.digest(key, step.encode(), "sha256")
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    sent["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={login.key_id}/{scope}, SignedHeaders={names}, "
        f"Signature={signature}"
    )
    return sent
