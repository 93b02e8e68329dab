"""Signing keys, one after another, and chains that somebody made up."""

from dataclasses import replace

from gateway.evidence.checkpoint import signature_line
from gateway.evidence.key_chain import rotation_note
from tests.support.packages import Log, cosignature, key, public
from tests.support.tampering import by_outsider, manifest_with, part_with
from tests.support.verifier.cases import GOOD, SEEN_AT, UNKNOWN_KEY, Cases


def add_rotated(cases: Cases) -> None:
    log = Log().add(20)
    old = log.checkpoint()
    log.add(5)
    early = log.package(cases.path(), 3, 9)
    log.rotate(key(2))
    log.add(10)
    second = log.package(cases.path(), 21, 30, before=old)
    log.rotate(key(3))
    log.add(5)
    witnessed = replace(
        log.witnessed("w1", 20), note=old + cosignature(old, "w1", key(11), SEEN_AT)
    )
    third = log.package(cases.path(), 2, 12, witnessed=[witnessed])
    for number, says in ((1, "successor"), (2, "successor"), (3, "HOLDS")):
        cases.add(f"rotated twice, key {number}", third, GOOD, says, key=number)
    for number in (1, 2):
        cases.add(f"rotated once, key {number}", second, GOOD, "continuation", key=number)
    cases.add("rotated once, a key from later", second, UNKNOWN_KEY, "no chain", key=3)
    cases.add("never in the chain", third, UNKNOWN_KEY, "no chain", key=4)
    chain = cases.file("signing.chain", "".join(log.links))
    cases.add("from before, with a later key", early, GOOD, "successor", "--chain", chain, key=3)
    cases.add("from before, without the chain", early, UNKNOWN_KEY, "no chain", key=3)
    cases.add("no chain file", early, UNKNOWN_KEY, "chain", "--chain", cases.folder / "no", key=3)
    for kept in (old, log.checkpoint()):
        file = cases.file(f"rotated{len(kept)}{log.size if kept != old else 20}.txt", kept)
        cases.add(
            "file over a rotation",
            second if kept == old else third,
            GOOD,
            "",
            "--witness-file",
            file,
        )

    real = log.links[1]
    taken = rotation_note(origin=log.origin, old=key(5), new=key(4), time=1)
    half = taken.split("\n\n")[0] + "\n"
    by_new = half + "\n" + signature_line(half, name=log.origin, key=key(4))
    by_old = half + "\n" + signature_line(half, name=log.origin, key=key(5))
    forged = taken.replace(f"old {public(key(5)).hex()}", f"old {public(key(1)).hex()}")
    for name, text in {
        "forged": forged,
        "by the new key alone": by_new,
        "by the old key alone": by_old,
        "edited": real.replace("time 1", "time 2"),
        "renamed": real.replace("/signing-key", "/signing-kez"),
        "no keys": real.replace("old ", "old x"),
        "of one line": "x\n\n— x eA==\n",
        "signed, of another kind": _linked(
            log.links[1].replace("/signing-key", "/signing-kez"), log.origin
        ),
        "too long": log.links[1] * 101,
        "of another kind": log.checkpoint(),
    }.items():
        package = cases.insider(third, part_with("keys.txt", text), 3)
        cases.add(f"chain {name}", package, UNKNOWN_KEY, "hand-over", key=1)
    package = cases.insider(log.package(cases.path(), 2, 12), part_with("keys.txt", taken), 3)
    cases.add("chain of others", package, UNKNOWN_KEY, "no chain", key=1)
    cases.add("chain of others, own key", package, GOOD, "HOLDS", key=3)
    package = cases.insider(
        third, part_with("keys.txt", "\n".join((log.links[1], log.links[0]))), 3
    )
    cases.add("chain in another order", package, GOOD, "successor", key=1)
    package = cases.insider(third, part_with("keys.txt", log.links[0] * 50 + log.links[1] * 50), 3)
    cases.add("a chain as long as may be", package, GOOD, "successor", key=1)
    package = cases.insider(third, manifest_with(key=public(key(4)).hex()), 4)
    cases.add("key swapped", package, UNKNOWN_KEY, "no chain", key=3)
    package = by_outsider(third, cases.path(), part_with("keys.txt", log.links[0]))
    cases.add("chain cut", package, UNKNOWN_KEY, "no chain", key=1)


def _linked(text: str, origin: str) -> str:
    """Signed anew by the second key and the third."""
    body = text.split("\n\n", maxsplit=1)[0] + "\n"
    lines = (signature_line(body, name=origin, key=key(number)) for number in (2, 3))
    return f"{body}\n{''.join(lines)}"
