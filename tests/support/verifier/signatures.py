"""Ed25519 at its edges: forms that must not pass although the sums come out."""

import hashlib
import zipfile
from pathlib import Path

from gateway.evidence import verify
from tests.support.packages import key, public
from tests.support.tampering import manifest_with, replaced, rewrite_package
from tests.support.verifier.cases import GOOD, TAMPERED, Cases

ORDER = 2**252 + 27742317777372353535851937790883648493  # of the curve's base point
_ORDER_4 = (2**255 - 19).to_bytes(32, "little")  # y = 0, in a form that is not the one for it


def add_signatures(cases: Cases) -> None:
    with zipfile.ZipFile(cases.middle) as package:
        manifest = package.read("manifest.json")
        good = bytes.fromhex(package.read("manifest.sig").decode())
    s = int.from_bytes(good[32:], "little")
    for name, signature in {
        "s of another round": good[:32] + (s + ORDER).to_bytes(32, "little"),
        "longer": good + b"\x00",
        "shorter": good[:-1],
        "none": b"",
        "r that is no number": b"\xff" * 32 + good[32:],
        "r off the curve": b"\x02" + bytes(31) + good[32:],
        "s negated": good[:32] + (ORDER - s).to_bytes(32, "little"),
        "another s": good[:32] + ((s + 1) % ORDER).to_bytes(32, "little"),
        "r negated": good[:31] + bytes([good[31] ^ 0x80]) + good[32:],
        "r neutral, written badly": _neutral(manifest, (2**255 - 18).to_bytes(32, "little")),
        "r neutral, with a sign": _neutral(manifest, (1 + 2**255).to_bytes(32, "little")),
    }.items():
        changed = _signed(cases, cases.middle, signature)
        cases.add(f"signature {name}", changed, TAMPERED, "signature of the manifest")
    neutral = _signed(cases, cases.middle, _neutral(manifest, (1).to_bytes(32, "little")))
    cases.add("signature with r neutral, written well", neutral, GOOD)
    for name, raw in {
        "no number": b"\xff" * 32,
        "off the curve": b"\x02" + bytes(31),
        "of order four": _ORDER_4,
    }.items():
        changed = cases.insider(cases.middle, manifest_with(key=raw.hex()))
        if raw == _ORDER_4:
            with zipfile.ZipFile(changed) as package:
                changed = _signed(cases, changed, _by_order_4(package.read("manifest.json")))
        given = cases.file(f"{name}.pub", raw.hex())
        cases.add(f"a key {name}", changed, TAMPERED, "signature of the manifest", key=given)


def _signed(cases: Cases, package: Path, signature: bytes) -> Path:
    return rewrite_package(
        package, cases.path(), replaced("manifest.sig", signature.hex().encode())
    )


def _neutral(message: bytes, r: bytes) -> bytes:
    """A signature with the neutral point as r, in any encoding: only the key's owner makes it."""
    seed = hashlib.sha512(key(1).private_bytes_raw()).digest()
    scalar = int.from_bytes(seed[:32], "little") & ((1 << 254) - 8) | (1 << 254)
    k = int.from_bytes(hashlib.sha512(r + public(key(1)) + message).digest(), "little")
    return r + (k * scalar % ORDER).to_bytes(32, "little")


def _by_order_4(message: bytes) -> bytes:
    """A signature that anyone can make for that key, when it is accepted as a point."""
    for number in range(1, 100):
        x, y, z, _ = verify._multiply_point(number, verify.BASE)
        inverse = pow(z, verify.P - 2, verify.P)
        x, y = x * inverse % verify.P, y * inverse % verify.P
        r = int(y | (x & 1) << 255).to_bytes(32, "little")
        k = int.from_bytes(hashlib.sha512(r + _ORDER_4 + message).digest(), "little")
        if k % verify.L % 4 == 0:
            return r + number.to_bytes(32, "little")
    raise AssertionError("none of a hundred numbers fits")
