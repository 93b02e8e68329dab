"""One entry of a package: the disclosed values, and how deleted ones are marked.

A line of ``entries.jsonl`` is ``{"leaf":…,"disclosure":…}``: the bytes of the hashed leaf and of
the committed values. Deleted values are replaced by ``{"gone":KIND,"entry":N}``, where entry N of
the log "control" records the deletion. In a full package an entry with a stored body has
``"body":…`` as well.
"""

from dataclasses import dataclass, replace
from typing import Literal

import orjson

from gateway.evidence.disclosure_profile import ALWAYS, DisclosureProfile
from gateway.evidence.entry import disclosed_fields, values_of


@dataclass(frozen=True, slots=True)
class Deletion:
    """Values or a body that are no longer stored.

    ``kind`` is "expired" by retention, "erased" for a person, or "missing" without a recorded
    reason. ``entry`` is the number of the entry of the log "control" that records the deletion,
    None until it is written.
    """

    kind: Literal["expired", "erased", "missing"]
    entry: int | None = None

    def json(self) -> bytes:
        """Returns the JSON that replaces the deleted part."""
        return orjson.dumps({"gone": self.kind, "entry": self.entry})


MISSING = Deletion("missing")


@dataclass(frozen=True, slots=True, repr=False)
class StoredBody:
    """A stored body with the data that binds it to its entry.

    ``key`` is the data key, to which the leaf commits. ``frame`` is the nonce (12 bytes) and the
    tag (16 bytes) of AES-256-GCM. The leaf has the digest of nonce, ciphertext and tag together.
    """

    key: bytes
    frame: bytes
    text: bytes

    def json(self) -> bytes:
        """Returns the JSON for a line."""
        return orjson.dumps({
            "key": self.key.hex(),
            "frame": self.frame.hex(),
            "text": self.text.decode(),
        })


@dataclass(frozen=True, slots=True, repr=False)
class ExportRow:
    """One stored entry. ``disclosure`` is None when it was deleted; ``deletion`` says how.

    ``body`` is None without a stored body, and in a package without bodies. An entry that is not
    ``selected`` discloses only the fields that show this.
    """

    log: str
    seq: int
    leaf: bytes
    disclosure: bytes | None
    deletion: Deletion = MISSING
    body: StoredBody | Deletion | None = None
    selected: bool = True

    def limited_to(self, profile: DisclosureProfile) -> "ExportRow":
        """Returns a copy with only the values that a profile discloses.

        The seed is left out: it gives the salts of all fields.
        """
        if self.disclosure is None or profile.fields is None:
            return self
        opened = profile.disclosed(values_of(self.disclosure))
        return replace(self, disclosure=orjson.dumps(["", opened]))


def export_line(row: ExportRow, profile: DisclosureProfile, *, sealed_body: bool) -> bytes:
    """Returns the line of an entry; ``sealed_body`` says that its leaf has a body's digest."""
    body = b""
    if profile is DisclosureProfile.FULL and sealed_body and row.selected:
        body = b',"body":' + (row.body or MISSING).json()
    return b'{"leaf":%b,"disclosure":%b%b}\n' % (row.leaf, _opened(row, profile), body)


def _opened(row: ExportRow, profile: DisclosureProfile) -> bytes:
    """Returns each disclosed value as it was committed to; nothing is encoded again."""
    if row.disclosure is None:
        return row.deletion.json()
    opens = profile.opens if row.selected else ALWAYS.__contains__
    return b"[%b]" % b",".join(disclosed_fields(row.disclosure, opens))
