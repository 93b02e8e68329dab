"""One entry as it stands in a package: what is opened of it, and what is said of what is gone.

A line of ``entries.jsonl`` is ``{"leaf":…,"disclosure":…}``, byte for byte what was hashed and what was
committed to. What is not there any more is ``{"gone":KIND,"entry":N}`` in its place, where entry N of
the log "control" says so. In a full package an entry with a stored body has ``"body":…`` as well.
"""

from dataclasses import dataclass, replace
from typing import Literal

import orjson

from gateway.evidence.disclosure_profile import ALWAYS, DisclosureProfile
from gateway.evidence.entry import committed, values_of


@dataclass(frozen=True, slots=True)
class Deletion:
    """Values or a body that are not stored any more.

    ``kind`` is "expired" by retention, "erased" for a person, or "missing", of which no entry says
    why. ``entry`` is the number of the entry of the log "control" that records it, None while there
    is none.
    """

    kind: Literal["expired", "erased", "missing"]
    entry: int | None = None

    def json(self) -> bytes:
        """As it stands in the place of what is gone."""
        return orjson.dumps({"gone": self.kind, "entry": self.entry})


MISSING = Deletion("missing")


@dataclass(frozen=True, slots=True, repr=False)
class StoredBody:
    """A stored body with what binds it to its entry.

    ``key`` is the data key (the leaf commits to it), ``frame`` the nonce (12 bytes) and the tag (16) of
    AES-256-GCM; nonce, ciphertext and tag together are what the leaf has the digest of.
    """

    key: bytes
    frame: bytes
    text: bytes

    def json(self) -> bytes:
        """As it stands in a line."""
        return orjson.dumps({
            "key": self.key.hex(),
            "frame": self.frame.hex(),
            "text": self.text.decode(),
        })


@dataclass(frozen=True, slots=True, repr=False)
class ExportRow:
    """One stored entry. ``disclosure`` is None when it is gone; ``gone`` says how.

    ``body`` is None where there never was one, or the package is to have none. What is not ``selected``
    is opened no further than it takes to see that.
    """

    log: str
    seq: int
    leaf: bytes
    disclosure: bytes | None
    gone: Deletion = MISSING
    body: StoredBody | Deletion | None = None
    selected: bool = True

    def under(self, profile: DisclosureProfile) -> "ExportRow":
        """The same with the values that a profile opens, for whoever counts or lists them.

        The seed is left out: it gives the salts of all fields.
        """
        if self.disclosure is None or profile.fields is None:
            return self
        opened = profile.of(values_of(self.disclosure))
        return replace(self, disclosure=orjson.dumps(["", opened]))


def line(row: ExportRow, profile: DisclosureProfile, *, sealed_body: bool) -> bytes:
    """The line of an entry; ``sealed_body`` says that its leaf has the digest of one."""
    body = b""
    if profile is DisclosureProfile.FULL and sealed_body and row.selected:
        body = b',"body":' + (row.body or MISSING).json()
    return b'{"leaf":%b,"disclosure":%b%b}\n' % (row.leaf, _opened(row, profile), body)


def _opened(row: ExportRow, profile: DisclosureProfile) -> bytes:
    """Each value as it was committed to: nothing is written anew."""
    if row.disclosure is None:
        return row.gone.json()
    opens = profile.opens if row.selected else ALWAYS.__contains__
    return b"[%b]" % b",".join(committed(row.disclosure, opens))
