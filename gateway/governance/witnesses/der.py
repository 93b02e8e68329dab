"""The order of certificates in a time stamp.

DER requires sorted elements of a set (X.690, 11.6), and so does the library that reads time stamps.
Many TSAs, such as those on openssl, send certificates in the order of the chain. No signature
covers that order.
"""

_CERTIFICATES = b"\xa0"


def certificates_in_order(answer: bytes) -> bytes:
    """A TimeStampResp with its certificates sorted; anything else unchanged."""
    try:
        [(_, response)] = _elements(answer)
        _, (_, token) = _elements(response)
        _, (_, wrapped) = _elements(token)
        [(_, signed)] = _elements(wrapped)
        _, _, _, (given, certificates), *_ = _elements(signed)
        sorted_ones = b"".join(sorted(whole for whole, _ in _elements(certificates)))
    except (ValueError, IndexError):
        return answer
    if not given.startswith(_CERTIFICATES):
        return answer
    return answer.replace(certificates, sorted_ones, 1)


def _elements(data: bytes) -> list[tuple[bytes, bytes]]:
    """The DER elements of some bytes, each whole and as its content.

    Raises:
        ValueError: when the bytes are not DER elements.
        IndexError: when it ends too early.
    """
    found, at = [], 0
    while at < len(data):
        start, size, at = at, data[at + 1], at + 2
        if size & 0x80:
            count = size & 0x7F
            size, at = int.from_bytes(data[at : at + count], "big"), at + count
        end = at + size
        if end > len(data):
            raise ValueError("cut off")
        found.append((data[start:end], data[at:end]))
        at = end
    return found
