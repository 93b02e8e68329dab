"""The address of a client behind proxies that the operator trusts."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

from starlette.types import ASGIApp, Receive, Scope, Send

Network = IPv4Network | IPv6Network
_HEADER = b"x-forwarded-for"


class TrustedProxies:
    """ASGI middleware: the client of a request is the last address that no trusted proxy has.

    A header from anybody else is ignored: a caller could write any address into it.
    """

    def __init__(self, app: ASGIApp, networks: Sequence[Network]) -> None:
        self._app = app
        self._networks = networks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        client = scope.get("client")
        if self._networks and scope["type"] == "http" and client and self._trusts(client[0]):
            sent = b",".join(value for name, value in scope["headers"] if name == _HEADER)
            address = self._nearest(sent.decode("latin-1"), client[0])
            scope = {**scope, "client": (address, 0)}
        await self._app(scope, receive, send)

    def _nearest(self, forwarded: str, peer: str) -> str:
        address = peer
        for one in reversed(forwarded.split(",")):
            if not self._trusts(address):
                break
            try:
                address = str(ip_address(one.strip()))
            except ValueError:
                break  # what precedes it is worth as little
        return address

    def _trusts(self, address: str) -> bool:
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return any(found.version == one.version and found in one for one in self._networks)
