"""Which versions workers report ready: a tag moves only when its version is."""

from collections.abc import Collection


class ReportedVersions:
    """The digests that each worker has loaded, by its address; shared by all snapshots."""

    def __init__(self) -> None:
        self._ready: dict[str, frozenset[str]] = {}

    def note(self, address: str, digests: Collection[str] | None) -> None:
        """Keep what a worker reports; None when it could not be asked."""
        if digests is None:
            self._ready.pop(address, None)
        else:
            self._ready[address] = frozenset(digests)

    def at(self, address: str) -> frozenset[str] | None:
        """Returns the digests at an address; None when nothing is known of it."""
        return self._ready.get(address)
