"""Unsigned responses of a TSA in the form of RFC 3161, element by element."""

import hashlib
from collections.abc import Mapping

GRANTED_AT = b"20231114222140Z"
SHA_256 = bytes.fromhex("608648016503040201")
Node = tuple[str, int, "bytes | list[Node]"]
# Elements that hold just what they must; in the others more may follow.
CLOSED = (
    "token",
    "outer",
    "content",
    "inner",
    "octets",
    "imprint",
    "answer",
)
OPEN = ("status", "signed", "info", "algorithm", "digests", "policy", "serial")


def der(tag: int, content: bytes) -> bytes:
    """One element, its length as short as it can be."""
    size = len(content)
    more = b"" if size < 128 else size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 128 + len(more) if more else size]) + more + content


def answer(
    note: str,
    *,
    tags: Mapping[str, int] | None = None,
    contents: Mapping[str, bytes] | None = None,
    behind: Mapping[str, bytes] | None = None,
) -> bytes:
    """A TimeStampResp over a note, with changed tags, contents or trailing bytes of elements."""
    digest = hashlib.sha256(note.encode()).digest()
    return _encoded(_tree(digest), tags or {}, contents or {}, behind or {})


def names(note: str = "") -> list[str]:
    """Of all elements that say or hold what counts."""

    def walk(node: Node) -> list[str]:
        inner = node[2] if isinstance(node[2], list) else []
        return [node[0], *(name for one in inner for name in walk(one))]

    return [name for name in walk(_tree(note.encode())) if not name.startswith("more")]


def _tree(digest: bytes) -> Node:
    info: Node = (
        "info",
        48,
        [
            ("version", 2, b"\x01"),
            ("policy", 6, bytes.fromhex("2a0304")),
            (
                "imprint",
                48,
                [
                    ("algorithm", 48, [("hashed", 6, SHA_256), ("more: null", 5, b"")]),
                    ("digest", 4, digest),
                ],
            ),
            ("serial", 2, b"\x05"),
            ("clock", 24, GRANTED_AT),
            ("more: nonce", 2, b"\x07"),
        ],
    )
    signed: Node = (
        "signed",
        48,
        [
            ("version of signed", 2, b"\x03"),
            ("digests", 49, b""),
            (
                "content",
                48,
                [
                    ("form", 6, bytes.fromhex("2a864886f70d0109100104")),
                    ("inner", 160, [("octets", 4, [info])]),
                ],
            ),
            ("more: signers", 49, b"x" * 300),
        ],
    )
    status: Node = ("status", 48, [("granted", 2, b"\x00"), ("more: words", 48, b"\x0c\x04Fine")])
    kind: Node = ("kind", 6, bytes.fromhex("2a864886f70d010702"))
    token: Node = ("token", 48, [kind, ("outer", 160, [signed])])
    return ("answer", 48, [status, token])


def _encoded(
    node: Node, tags: Mapping[str, int], contents: Mapping[str, bytes], behind: Mapping[str, bytes]
) -> bytes:
    name, tag, inner = node
    if isinstance(inner, list):
        inner = b"".join(_encoded(one, tags, contents, behind) for one in inner)
    return der(tags.get(name, tag), contents.get(name, inner) + behind.get(name, b""))
