"""One period, as those see it who trust more witnesses or fewer."""

import base64
from dataclasses import replace

from gateway.evidence.checkpoint import signature_line
from tests.support.packages import Log, cosignature, key, witness_key
from tests.support.tampering import manifest_with
from tests.support.verifier.cases import GOOD, INCOMPLETE, SEEN_AT, TAMPERED, Cases


def add_witnessed(cases: Cases) -> None:
    log, key_of = cases.log, ("--witness-key", cases.witness_keys)
    must = "--require-witness"
    cases.add("cosigned", cases.middle, GOOD, "WITNESSED: w1 saw the whole period", *key_of, must)
    cases.add("when", cases.middle, GOOD, "2023-11-14 22:21:40 UTC", *key_of)
    cases.add("required, nothing given", cases.middle, INCOMPLETE, "covers it", must)
    other = cases.file("other.keys", witness_key("w1", key(12)))
    cases.add("key of another", cases.middle, INCOMPLETE, "covers it", "--witness-key", other, must)
    cases.add("not required", cases.middle, GOOD, "that you trust", "--witness-key", other)
    named = cases.file("named.keys", witness_key("w9", key(11)))
    cases.add(
        "name of another", cases.middle, INCOMPLETE, "covers it", "--witness-key", named, must
    )

    whole = cases.file("w45.txt", "".join(log.checkpoint(size) for size in (3, 30, 45)))
    cases.add("file", cases.middle, GOOD, "file holds a signed head", "--witness-file", whole, must)
    for size, code, says in (
        (45, GOOD, "signed head"),
        (39, GOOD, "signed head"),
        (38, GOOD, "signed head"),
        (37, INCOMPLETE, "entries 38 to 38"),
        (30, INCOMPLETE, "entries 31 to 38"),
        (21, INCOMPLETE, "covers it"),
        (20, INCOMPLETE, "covers it"),
        (3, INCOMPLETE, "covers it"),
        (41, INCOMPLETE, "covers it"),
    ):
        kept = cases.file(f"only{size}.txt", log.checkpoint(size))
        cases.add(f"file of {size}", cases.middle, code, says, "--witness-file", kept, must)
    part = cases.folder / "only30.txt"
    cases.add(
        "in part",
        cases.middle,
        GOOD,
        "UNWITNESSED from entry 31 of the log on (2023-11-14 22:13:20 UTC), up to 38",
        "--witness-file",
        part,
    )
    both = (*key_of, "--witness-file", part)
    cases.add("file in part, cosigned whole", cases.middle, GOOD, "w1 saw", *both, must)

    fork = Log(note="other").add(45)
    for size, code in (
        (45, TAMPERED),
        (30, TAMPERED),
        (20, TAMPERED),
        (39, TAMPERED),
        (41, GOOD),
    ):
        kept = cases.file(f"fork{size}.txt", fork.checkpoint(size))
        says = "two histories" if code else "that you trust"
        cases.add(f"fork at {size}", cases.middle, code, says, "--witness-file", kept)
    forged = cases.file("forged.txt", Log(key(9), log.origin, note="other").add(45).checkpoint(45))
    cases.add(
        "a fork that this log never signed",
        cases.middle,
        GOOD,
        "HOLDS",
        "--witness-file",
        forged,
    )
    strange = Log(key(2), note="other").add(45).checkpoint(45)
    torn = strange + "no note\n\nx\n" + log.checkpoint(3)[:-40] + "\n\n" + log.checkpoint(45)
    kept = cases.file("torn.txt", torn + "left behind\n\n")
    cases.add("torn", cases.middle, GOOD, "signed head", "--witness-file", kept, must)
    headless = cases.file("headless.txt", "— x eA==\n" + log.checkpoint(45))
    cases.add(
        "a line before all notes",
        cases.middle,
        INCOMPLETE,
        "covers",
        "--witness-file",
        headless,
        must,
    )
    odd = cases.folder / "odd.txt"
    odd.write_bytes(b"\xff\xfe\n\n" + log.checkpoint(45).encode())
    cases.add(
        "a file that is not all text",
        cases.middle,
        GOOD,
        "signed head",
        "--witness-file",
        odd,
        must,
    )
    cases.add(
        "two files",
        cases.middle,
        GOOD,
        "signed head",
        "--witness-file",
        kept,
        "--witness-file",
        part,
        must,
    )
    cases.add(
        "no file", cases.middle, INCOMPLETE, "witness file", "--witness-file", cases.folder / "no"
    )
    for name, text in (
        ("words", "w1"),
        ("a log's key", f"w1+00000000+{base64.b64encode(bytes([1]) + bytes(32)).decode()}"),
        ("short", f"w1+00000000+{base64.b64encode(bytes([4]) + bytes(31)).decode()}"),
        ("a stray sign", (good := witness_key("w1", key(11)))[:-9] + "!" + good[-9:]),
        ("no name", f"+00000000+{base64.b64encode(bytes([4]) + bytes(32)).decode()}"),
    ):
        bad = cases.file(f"{name}.keys", text)
        cases.add(
            f"witness key: {name}",
            cases.middle,
            INCOMPLETE,
            "keys of witnesses",
            "--witness-key",
            bad,
        )
    cases.add(
        "no keys",
        cases.middle,
        INCOMPLETE,
        "keys of witnesses",
        "--witness-key",
        cases.folder / "no",
    )
    _cosignatures(cases, log, key_of)


def _cosignatures(cases: Cases, log: Log, key_of: tuple[object, ...]) -> None:
    note, must = log.checkpoint(39), "--require-witness"
    good = cosignature(note, "w1", key(11), SEEN_AT)
    blob = base64.b64decode(good.split(" ")[2])
    later = (SEEN_AT + 99).to_bytes(8, "big")
    lines = {
        "moved in time": f"— w1 {base64.b64encode(blob[:4] + later + blob[12:]).decode()}\n",
        "of another tree": cosignature(log.checkpoint(38), "w1", key(11), SEEN_AT),
        "of no length": f"— w1 {base64.b64encode(blob[:12]).decode()}\n",
        "no base64": "— w1 !!!\n",
        "with a stray sign": good[:-9] + "!" + good[-9:],
        "under another name": good.replace("— w1", "— w2"),
        "under another id": f"— w1 {base64.b64encode(b'0000' + blob[4:]).decode()}\n",
        "as a line alone": good.removeprefix("— "),
        "a plain signature": signature_line(note.split("\n\n")[0] + "\n", name="w1", key=key(11)),
    }
    for name, line in lines.items():
        package = log.package(cases.path(), 21, 38, witnessed=[log.witnessed("w1", 39, line)])
        cases.add(f"cosignature {name}", package, INCOMPLETE, "covers it", *key_of, must)
    many = "".join((
        lines["no base64"],
        lines["moved in time"],
        cosignature(note, "w1", key(11), SEEN_AT + 1000),
        good,
    ))
    package = log.package(cases.path(), 21, 38, witnessed=[log.witnessed("w1", 39, many)])
    cases.add("the earliest counts", package, GOOD, "22:21:40", *key_of)
    part = cosignature(log.checkpoint(30), "w1", key(11), SEEN_AT)
    package = log.package(cases.path(), 21, 38, witnessed=[log.witnessed("w1", 30, part)])
    cases.add("cosigned in part", package, INCOMPLETE, "entries 31 to 38", *key_of, must)
    cases.add("named in part", package, GOOD, "from entry 31", *key_of)
    witnessed = log.witnessed("w1", 39, good)
    witnessed = replace(witnessed, note=witnessed.note.replace("\n\n", f"\n\n— {log.origin} !!!\n"))
    package = log.package(cases.path(), 21, 38, witnessed=[witnessed])
    cases.add("junk before the signatures", package, GOOD, "w1 saw the whole", *key_of, must)
    both = [log.witnessed("w1", 30, part), log.witnessed("w1", 39, good)]
    package = log.package(cases.path(), 21, 38, witnessed=both)
    cases.add("cosigned twice", package, GOOD, "w1 saw the whole", *key_of, must)
    above = log.witnessed("w1", 45, cosignature(log.checkpoint(45), "w1", key(11), SEEN_AT))
    cases.add(
        "cosigned at the end",
        log.package(cases.path(), 21, 45, witnessed=[above]),
        GOOD,
        "w1 saw",
        *key_of,
        must,
    )
    first = [log.witnessed("w1", 21, cosignature(log.checkpoint(21), "w1", key(11), SEEN_AT))]
    package = log.package(cases.path(), 21, 38, witnessed=first)
    cases.add("cosigned before it", package, INCOMPLETE, "covers it", *key_of, must)
    odd = Log().add(3)
    package = cases.insider(odd.package(cases.path()), manifest_with(witnesses=3))
    cases.add("strange claims", package, GOOD, "no witness has")
    package = cases.insider(
        odd.package(cases.path()),
        manifest_with(witnesses=[{"name": "\x1b[31mw"}]),
    )
    cases.add("nothing acts on the terminal", package, GOOD, "\\x1b[31mw")
