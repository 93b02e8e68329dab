"""Files that are no honest zip, and keys that are none."""

import shutil
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.support.tampering import (
    EditablePackage,
    replaced,
    rewrite_package,
    without,
    write_package,
)
from tests.support.verifier.cases import GOOD, INCOMPLETE, TAMPERED, UNKNOWN_KEY, Cases

BAD_NAMES = (
    "../evil",
    "/etc/evil",
    "C:evil",
    "..\\evil",
    "a/../b",
    "a//b",
    ".hidden",
    "a\nb",
    "a/",
)


def add_zips(cases: Cases) -> None:
    path = cases.path()
    path.write_bytes(b"")
    cases.add("an empty file", path, INCOMPLETE, "zip")
    cases.add("no file", cases.folder / "none.zip", INCOMPLETE, "zip")
    cases.add("a folder", cases.folder, INCOMPLETE, "zip")
    path = cases.path()
    path.write_bytes(cases.middle.read_bytes()[:-200])
    cases.add("truncated", path, INCOMPLETE, "zip")
    path = cases.path()
    path.write_bytes(b"PK\x05\x06" + b"\xff" * 18)
    cases.add("an end without a beginning", path, INCOMPLETE)
    for name in (
        "manifest.json",
        "manifest.sig",
        "entries.jsonl",
        "checkpoint.txt",
        "proof.json",
    ):
        package = rewrite_package(cases.middle, cases.path(), without(name))
        cases.add(f"without {name}", package, INCOMPLETE, name)
    package = rewrite_package(cases.middle, cases.path(), without("entries.csv"))
    cases.add("without a listed part", package, INCOMPLETE, "entries.csv")
    for name in BAD_NAMES:
        package = rewrite_package(cases.middle, cases.path(), replaced(name, b""))
        cases.add(f"name {name!r}", package, TAMPERED, "outside the package")
    _made(cases, "doubled", TAMPERED, "twice", lambda target: target.writestr("README.txt", b"x"))
    _made(cases, "a bomb", TAMPERED, "larger", lambda target: target.writestr("bomb", bytes(10**6)))
    dense = cases.insider(cases.middle, _dense)
    cases.add("a dense part that is no bomb", dense, GOOD)
    _made(
        cases,
        "many names",
        TAMPERED,
        "",
        _many,
    )
    _made(
        cases,
        "bzip2",
        TAMPERED,
        "packed",
        lambda target: target.writestr("x", b"x", compress_type=zipfile.ZIP_BZIP2),
    )
    cases.add("a huge manifest", _huge(cases), TAMPERED, "manifest.json is larger")
    cases.add("locked", _patched(cases, b"verify.py", at=-38, value=b"\x01"), TAMPERED, "packed")
    for name in ("manifest.json", "entries.jsonl", "proof.json"):
        cases.add(f"{name} cannot be unpacked", _spoilt(cases, name), INCOMPLETE, name)
    cases.add("an undeclared bomb", _undeclared(cases), INCOMPLETE, "entries.jsonl")
    for name, text in (("no key", "x"), ("a short key", "00"), ("no text", "\u00e9")):
        cases.add(name, cases.middle, UNKNOWN_KEY, "key file", key=cases.file(f"{name}.pub", text))
    cases.add("no key file", cases.middle, UNKNOWN_KEY, "key file", key=cases.folder / "none")
    cases.add("the wrong key", cases.middle, UNKNOWN_KEY, "another key", key=2)


def _made(
    cases: Cases, name: str, code: int, says: str, change: Callable[[zipfile.ZipFile], None]
) -> None:
    path = cases.path()
    shutil.copy(cases.middle, path)
    with warnings.catch_warnings(), zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as target:
        warnings.simplefilter("ignore")
        change(target)
    cases.add(name, path, code, says)


def _patched(cases: Cases, name: bytes, *, at: int, value: bytes) -> Path:
    """A byte in the entry of the central directory that names a part."""
    data = bytearray(cases.middle.read_bytes())
    place = data.rindex(name) + at
    data[place : place + len(value)] = value
    path = cases.path()
    path.write_bytes(data)
    return path


def _spoilt(cases: Cases, name: str) -> Path:
    with zipfile.ZipFile(cases.middle) as package:
        info = package.getinfo(name)
    data = bytearray(cases.middle.read_bytes())
    start = info.header_offset + 30 + len(name)
    data[start + 4 : start + info.compress_size] = b"\xff" * (info.compress_size - 4)
    path = cases.path()
    path.write_bytes(data)
    return path


def _huge(cases: Cases) -> Path:
    """Stored, not packed: nothing tells it from an honest part but its size."""
    path = cases.path()
    with zipfile.ZipFile(cases.middle) as honest, zipfile.ZipFile(path, "w") as target:
        for name in honest.namelist():
            data = bytes(33 * 1024**2) if name == "manifest.json" else honest.read(name)
            target.writestr(name, data)
    return path


def _undeclared(cases: Cases) -> Path:
    """The directory says that the entries are small, but they unpack to a million bytes."""
    with zipfile.ZipFile(cases.middle) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts["entries.jsonl"] = bytes(10**6)
    path = write_package(parts, cases.path())
    data = bytearray(path.read_bytes())
    place = data.rindex(b"entries.jsonl") - 46 + 24
    data[place : place + 4] = (1000).to_bytes(4, "little")
    path.write_bytes(data)
    return path


def _many(target: zipfile.ZipFile) -> None:
    for number in range(1001):
        target.writestr(f"f{number}", b"")


def _dense(one: EditablePackage) -> None:
    one.parts["note.txt"] = b"a" * 500_000
    one.manifest["parts"]["note.txt"] = ""
