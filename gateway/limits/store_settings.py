"""Where the store of shared counters is."""

from urllib.parse import urlsplit

import msgspec


class StoreSettings(msgspec.Struct, frozen=True):
    """``url`` is redis:// or rediss:// (TLS), with its login if it needs one.

    ``ca`` is a PEM file of authorities; None means the public ones. ``timeout_s`` bounds one call.
    """

    url: str
    ca: str | None = None
    timeout_s: float = 0.25

    def __repr__(self) -> str:
        """Without the login."""
        return f"StoreSettings({self.place})"

    @property
    def place(self) -> str:
        """The address without the login."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname}:{parts.port or 6379}"

    def check(self) -> None:
        """Raises ValueError when the address is none; the text has no login."""
        parts = urlsplit(self.url)
        if parts.scheme not in {"redis", "rediss"} or not parts.hostname:
            raise ValueError("it must be redis://host:6379 or rediss://host:6379 (TLS)")
        if parts.query or parts.fragment:
            raise ValueError("it must have no query: other settings are variables of their own")
        parts.port  # noqa: B018 - it is parsed here, and raises ValueError
        if parts.path.strip("/") and not parts.path.strip("/").isdigit():
            raise ValueError("its path must be the number of a database, such as /0")
