"""Where providers may be: private addresses and plain http only where that is stated."""

import ipaddress
from typing import Any

import pytest

from gateway.core.level import Zone
from gateway.core.snapshot import Provider
from gateway.egress.address import ProviderRefused, resolve

pytestmark = pytest.mark.unit
NETWORKS: list[Any] = [ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("127.0.0.0/8")]


def at(url: str, zone: Zone, **stated: Any) -> Provider:
    return Provider("one", "vllm", url, zone, **stated)


@pytest.mark.parametrize(
    "provider",
    [
        at("https://203.0.113.7/v1", Zone.EU, private_address=True),
        at("https://10.1.2.3/v1", Zone.EU, private_address=True),
        at("https://10.1.2.3/v1", Zone.GLOBAL),  # from before it was asked
        at("https://8.8.8.8/v1", Zone.EU, private_address=False),
        at("http://127.0.0.1:8000/v1", Zone.EU, private_address=False),
        at("https://10.1.2.3/v1", Zone.INTERNAL),
        at("http://10.1.2.3:8000/v1", Zone.INTERNAL, plain_http=True),
        at("http://127.0.0.1:8000/v1", Zone.INTERNAL),
    ],
    ids=str,
)
def test_an_allowed_address(provider: Provider) -> None:
    assert resolve(provider, NETWORKS).addresses


@pytest.mark.parametrize(
    ("provider", "cure"),
    [
        (at("https://10.1.2.3/v1", Zone.EU, private_address=False), "private_address: true"),
        (at("https://192.168.1.2/v1", Zone.GLOBAL, private_address=False), "private_address"),
        (at("https://[fd00::1]/v1", Zone.EU, private_address=False), "private_address"),
        (at("http://10.1.2.3:8000/v1", Zone.INTERNAL), "plain_http: true"),
        (at("http://10.1.2.3:8000/v1", Zone.EU, private_address=True), "https"),
        (at("http://8.8.8.8/v1", Zone.EU, plain_http=True), "https"),
        (at("https://192.168.1.2/v1", Zone.INTERNAL), "internal_networks"),
        (at("http://192.168.1.2/v1", Zone.INTERNAL, plain_http=True), "internal_networks"),
        (at("https://169.254.169.254/v1", Zone.EU, private_address=True), "never"),
    ],
    ids=str,
)
def test_a_refused_address(provider: Provider, cure: str) -> None:
    with pytest.raises(ProviderRefused, match=cure):
        resolve(provider, NETWORKS)
