"""What the metrics and spans of an attempt say about where it goes."""

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

# Names of the semantic conventions; other kinds of providers have their own name there.
_PROVIDERS = {"azure": "azure.ai.openai", "bedrock": "aws.bedrock", "worker": "sluis"}
_PORTS = {"https": 443, "http": 80}


class Destination(NamedTuple):
    """A deployment, in the order of the attributes of an attempt; all of it is configuration."""

    provider: str
    model: str
    address: str
    port: str
    deployment: str


@lru_cache(maxsize=4096)
def destination_of(kind: str, base_url: str, model: str, deployment: str) -> Destination:
    """Returns the destination of a deployment of ``model``, on a provider of this kind."""
    url = urlsplit(base_url)
    port = url.port or _PORTS.get(url.scheme, 443)
    return Destination(_PROVIDERS.get(kind, kind), model, url.hostname or "", str(port), deployment)
