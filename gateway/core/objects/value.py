"""The base of the values of a snapshot."""

import msgspec


class SnapshotValue(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A plain immutable value of the document."""

    def check(self) -> None:
        """Check, where a person states it, what its fields must be together.

        Raises:
            ValueError: when they do not go together.
        """
