"""Packages with time stamps, and with what is none."""

import hashlib
import json
from collections.abc import Callable
from functools import partial
from typing import Any

from gateway.evidence.export import TimestampToken
from tests.support.packages import Log
from tests.support.tampering import EditablePackage, proof_with
from tests.support.time_stamps import CLOSED, OPEN, answer, der, names
from tests.support.verifier.cases import GOOD, INCOMPLETE, TAMPERED, Cases

_NONE = "1.tsr is not what it should be"
_OF_ANOTHER = "1.tsr is not a time stamp over the note beside it"
_NOT_THOSE = "not those that the proofs speak of"


def add_stamped(cases: Cases) -> None:
    for add in (_good, _unread, _lengths, _lies, _parts):
        add(cases)


def stamps(log: Log, *sizes: int) -> list[TimestampToken]:
    """Time stamps of the heads over so many entries."""
    witnessed = [log.witnessed("tsa", size) for size in sizes]
    return [TimestampToken(one, answer(one.note)) for one in witnessed]


def _good(cases: Cases) -> None:
    log = cases.log
    for size, says in (
        (45, "over 45 entries, which hold the whole period"),
        (39, "over 39 entries, which hold"),
        (38, "over 38 entries, which hold"),
        (37, "over 37 entries, which do not"),
        (20, "over 20 entries, which do not hold the whole period"),
    ):
        package = log.package(cases.path(), 21, 38, before=cases.before, stamps=stamps(log, size))
        cases.add(
            f"stamp of {size}",
            package,
            GOOD,
            f"1.tsr, of 2023-11-14 22:21:40 UTC: the signed head {says}",
        )
    cases.add("stamp: a command", package, GOOD, "openssl ts -verify -data 1.txt -in 1.tsr -CAfile")
    cases.add(
        "stamp in Dutch", package, GOOD, "TIJDSTEMPEL timestamps/1.tsr, van", "--language", "nl"
    )
    cases.add(
        "stamp: no witness", package, INCOMPLETE, "no witness that you trust", "--require-witness"
    )
    cases.add("no stamp", cases.middle, GOOD, "clock was right.\nNot proven either")
    many = log.package(cases.path(), 21, 38, stamps=stamps(log, *range(21, 33)))
    cases.add("twelve stamps", many, GOOD, "timestamps/12.tsr, of 2023")
    fork = cases.file("fork at a stamp.txt", Log(note="other").add(45).checkpoint(41))
    known = log.package(cases.path(), 21, 38, stamps=stamps(log, 41))
    cases.add(
        "stamp of another tree than a witness saw",
        known,
        TAMPERED,
        "two histories",
        "--witness-file",
        fork,
    )


def _read(cases: Cases, name: str, code: int, says: str, **changes: Any) -> None:
    _given(cases, name, code, says, lambda note: answer(note, **changes))


def _given(cases: Cases, name: str, code: int, says: str, make: Callable[[str], bytes]) -> None:
    """A small package with whatever is made of the note."""
    log = Log().add(3)
    witnessed = log.witnessed("tsa", 2)
    package = log.package(cases.path(), stamps=[TimestampToken(witnessed, make(witnessed.note))])
    cases.add(f"stamp {name}", package, code, says)


def _unread(cases: Cases) -> None:
    more = der(2, b"\x01")
    for name in names():
        _given(
            cases,
            f"with another tag: {name}",
            TAMPERED,
            _NONE,
            partial(answer, tags={name: 19}),
        )
    for name in CLOSED:
        _read(cases, f"with more in {name}", TAMPERED, _NONE, behind={name: more})
    for name in OPEN:
        _read(cases, f"with more in {name}", GOOD, "2023-11-14", behind={name: more})
    for name in ("answer", "status", "signed", "info", "imprint", "algorithm", "octets"):
        _read(cases, f"with nothing in {name}", TAMPERED, _NONE, contents={name: b""})
    for name, content in {
        "granted": b"\x01",
        "kind": b"\x2a",
        "form": b"\x2a",
        "version": b"\x02",
        "hashed": b"\x2a",
    }.items():
        _read(cases, f"with another {name}", TAMPERED, _NONE, contents={name: content})
    for clock in (
        b"20231114222140",
        b"2023111422214Z",
        b"202311142221400Z",
        b"20231114222140.Z",
        b"20231114222140,5Z",
        b"20231314222140Z",
        b"20231114222160Z",
        b"20231114222140Zx",
        b"20231114222140+0100",
    ):
        _read(cases, f"at {clock.decode()}", TAMPERED, _NONE, contents={"clock": clock})
    _read(cases, "in a fraction", GOOD, "22:21:40", contents={"clock": b"20231114222140.25Z"})
    for name, make in {
        "empty": lambda _: b"",
        "one byte": lambda _: b"\x30",
        "words": lambda _: b"granted",
        "cut off": lambda note: answer(note)[:-1],
        "longer": lambda note: answer(note) + b"\x00",
        "twice": lambda note: answer(note) * 2,
    }.items():
        _given(cases, name, TAMPERED, _NONE, make)


def _lengths(cases: Cases) -> None:
    for size in (0, 1, 126, 127, 128, 129, 255, 256, 257, 511, 512, 60_000):
        words = {"status": der(2, b"\x00") + der(48, bytes(size))}
        _read(cases, f"with {size} bytes of words", GOOD, "2023-11-14", contents=words)
    for name, written in {
        "in a byte too many": b"\x30\x81\x05hello",
        "in a byte too many, at its limit": b"\x30\x81\x7f" + bytes(127),
        "in two for one": b"\x30\x82\x00\x80" + bytes(128),
        "in two for the largest of one": b"\x30\x82\x00\xff" + bytes(255),
        "in three": b"\x30\x83\x01\x00\x00" + bytes(256),
        "without an end": b"\x30\x80\x00\x00",
        "without an end, as it seems": b"\x30\x80" + bytes(128),
        "in none": b"\x30\x80",
        "beyond the end": b"\x30\x03ab",
        "cut off": b"\x30\x82\x01",
    }.items():
        words = {"status": der(2, b"\x00") + written}
        _read(cases, f"with a length {name}", TAMPERED, _NONE, contents=words)
    _given(cases, "as large as may be", GOOD, "2023-11-14", lambda note: _filled(note, 65_536))
    _given(cases, "too large", TAMPERED, _NONE, lambda note: _filled(note, 65_537))


def _filled(note: str, size: int) -> bytes:
    """An answer of so many bytes."""

    def words(count: int) -> bytes:
        return answer(note, contents={"status": der(2, b"\x00") + der(48, bytes(count))})

    return words(60_000 + size - len(words(60_000)))


def _lies(cases: Cases) -> None:
    log = Log().add(20)
    two = stamps(log, 9, 12)
    swapped = [TimestampToken(two[0].checkpoint, two[1].response), two[1]]
    cases.add(
        "stamp of another note", log.package(cases.path(), stamps=swapped), TAMPERED, _OF_ANOTHER
    )
    digest = hashlib.sha256(b"").digest()
    _read(cases, "of nothing", TAMPERED, _OF_ANOTHER, contents={"digest": digest})
    _read(cases, "of a part of the digest", TAMPERED, _OF_ANOTHER, contents={"digest": b""})
    package = log.package(cases.path(), stamps=two)
    other = Log(note="other").add(20)
    for name, says, change in (
        ("a note with a word more", _OF_ANOTHER, _note(lambda note: note + "\n")),
        (
            "a note of another tree",
            "continuation of the checkpoint in timestamps/1.txt",
            _note(lambda _: other.checkpoint(9), again=True),
        ),
        (
            "a note of another log",
            "of another tree",
            _note(lambda note: _of_other(log), again=True),
        ),
        (
            "a note that nobody signed",
            "1.txt is not signed",
            _note(lambda note: note.replace("— ", "— x"), again=True),
        ),
        ("two notes", "1.txt is not", _note(lambda note: note + note, again=True)),
        ("no note", "1.txt is not", _note(lambda _: "note", again=True)),
        (
            "another proof",
            "continuation of the checkpoint in timestamps/2.txt",
            _proofs(lambda proofs: [proofs[0], proofs[0]]),
        ),
        ("a proof less", _NOT_THOSE, _proofs(lambda proofs: proofs[:1])),
        ("a proof more", _NOT_THOSE, _proofs(lambda proofs: [*proofs, proofs[1]])),
        ("no proofs", _NOT_THOSE, lambda one: one.proof.pop("stamped")),
        ("a word for proofs", "proof.json", proof_with(stamped="x")),
        ("a number for proofs", "proof.json", proof_with(stamped=3)),
    ):
        cases.add(f"stamp, {name}", cases.insider(package, change), TAMPERED, says)


def _of_other(log: Log) -> str:
    return Log(log.signing, "another.log").add(20).checkpoint(9)


def _note(
    change: Callable[[str], str], *, again: bool = False
) -> Callable[[EditablePackage], None]:
    """The first note says something else; its time stamp is made ``again``."""

    def apply(one: EditablePackage) -> None:
        note = change(one.parts["timestamps/1.txt"].decode())
        one.parts["timestamps/1.txt"] = note.encode()
        if again:
            one.parts["timestamps/1.tsr"] = answer(note)

    return apply


def _proofs(change: Callable[[list[object]], list[object]]) -> Callable[[EditablePackage], None]:
    return lambda one: one.proof.update(stamped=change(one.proof["stamped"]))


def _parts(cases: Cases) -> None:
    log = Log().add(5)
    package = log.package(cases.path(), stamps=stamps(log, 3))
    plain = log.package(cases.path())
    for name, of, change in (
        ("a stamp without its note", package, lambda one: _taken(one, "timestamps/1.txt")),
        ("a note without its stamp", package, lambda one: _taken(one, "timestamps/1.tsr")),
        ("one more part", package, lambda one: _put(one, "timestamps/2.tsr", b"x")),
        ("parts of another name", package, _renamed),
        ("parts without a proof", plain, _added),
    ):
        cases.add(f"stamp, {name}", cases.insider(of, change), TAMPERED, _NOT_THOSE)
    older = cases.insider(plain, lambda one: one.proof.pop("stamped"))
    cases.add("a package from before time stamps", older, GOOD, "HOLDS")


def _taken(one: EditablePackage, name: str) -> None:
    del one.parts[name], one.manifest["parts"][name]


def _put(one: EditablePackage, name: str, data: bytes) -> None:
    one.parts[name] = data
    one.manifest["parts"][name] = ""


def _renamed(one: EditablePackage) -> None:
    for ending in ("txt", "tsr"):
        _put(one, f"timestamps/2.{ending}", one.parts[f"timestamps/1.{ending}"])
        _taken(one, f"timestamps/1.{ending}")


def _added(one: EditablePackage) -> None:
    note = one.parts["checkpoint.txt"].decode()
    _put(one, "timestamps/1.txt", note.encode())
    _put(one, "timestamps/1.tsr", answer(note))
    assert json.loads(one.parts["proof.json"])["stamped"] == []
