"""AWS Signature Version 4 with the standard library, instead of a client library.

Source: AWS, "Create a signed AWS API request" (IAM User Guide).
"""

import datetime
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from gateway.core.system.credentials import AwsCredentials


def signed_headers(
    method: str,
    url: str,
    body: bytes,
    *,
    credentials: AwsCredentials,
    region: str,
    service: str,
    now: datetime.datetime,
    headers: Mapping[str, str],
) -> dict[str, str]:
    """Returns all headers of a request, including its signature; names are in lower case.

    The path of ``url`` is signed as it is for ``s3``, and percent-encoded once more for every other
    service.
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
    if credentials.token:
        sent["x-amz-security-token"] = credentials.token
    names = ";".join(sorted(sent))
    lines = "".join(f"{name}:{sent[name].strip()}\n" for name in sorted(sent))
    path = parts.path if service == "s3" else quote(parts.path, safe="/~")
    request = f"{method}\n{path}\n{parts.query}\n{lines}\n{names}\n{digest}"
    scope = f"{moment[:8]}/{region}/{service}/aws4_request"
    hashed = hashlib.sha256(request.encode()).hexdigest()
    to_sign = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashed}"
    key = f"AWS4{credentials.secret}".encode()
    for step in scope.split("/"):
        key = hmac.digest(key, step.encode(), "sha256")
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    sent["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credentials.key_id}/{scope}, SignedHeaders={names}, "
        f"Signature={signature}"
    )
    return sent
