"""Disclosure profiles: what a package of each opens, and that nothing else is anywhere in it."""

import hashlib
import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from gateway.evidence import verify
from gateway.evidence.disclosure_profile import OPERATIONAL, WITHHELD, DisclosureProfile
from gateway.evidence.entry import SEARCHED
from gateway.evidence.export_row import Deletion
from gateway.evidence.payload import commitment_of
from gateway.governance.reports.entries_table import _NUMBERS, _TEXTS, EntriesTable
from tests.support.packages import Log, key, key_file
from tests.support.tampering import by_insider
from tests.support.verifier.deleted import expiry_run
from tests.support.verifier.disclosed import at

pytestmark = pytest.mark.unit
CANARY = "Kwijtelaar"
NAMES = sorted([*WITHHELD, *OPERATIONAL - {"removed", "until", "log"}, "of_no_table"])


def verified(package: Path) -> int:
    with tempfile.TemporaryDirectory() as folder:
        given_ = str(key_file(Path(folder), key(1)))
        return int(verify.main([str(package), "--key", given_]))


def opened(package: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(package) as source:
        return {name: source.read(name) for name in source.namelist()}


def table_of(log: Log, profile: DisclosureProfile) -> bytes:
    table = EntriesTable(profile)
    for row in log.rows:
        table.add(row.limited_to(profile))
    return table.bytes()


values = st.one_of(
    st.integers(0, 10**6),
    st.booleans(),
    st.text(max_size=8),
    st.lists(st.text(max_size=5), max_size=3),
    st.dictionaries(st.sampled_from("abc"), st.integers(0, 9)),
)
entries = st.lists(
    st.fixed_dictionaries({
        "fields": st.dictionaries(st.sampled_from(NAMES), values, max_size=9),
        "kept": st.booleans(),
        "body": st.sampled_from([None, "stored", "expired", "missing"]),
    }),
    max_size=8,
)


def parsed(name: str, value: Any, number: int) -> Any:
    """A value as it would be: columns of tables have a type, and people are not to be named."""
    if name in WITHHELD or name == "of_no_table":
        return f"{CANARY} {name} {number}"
    if name in _TEXTS:
        return str(value)
    return len(str(value)) if name in _NUMBERS else value


def made(given_: list[dict[str, Any]]) -> Log:
    """A log in which what must not be told says so: values of people, and all bodies."""
    log, gone = Log(), Deletion("expired", 0)
    expiry_run(log, 99, 99)
    for number, one in enumerate(given_):
        fields = {name: parsed(name, value, number) for name, value in one["fields"].items()}
        body = {
            None: None,
            "stored": f'["{CANARY} body {number}"]'.encode(),
            "expired": gone,
            "missing": Deletion("missing"),
        }[one["body"]]
        log.entry(
            "request:answer:close",
            fields,
            log=f"gateway/{number % 2}",
            kept=one["kept"],
            gone=gone,
            body=body,
        )
    return log


@settings(max_examples=60, deadline=None)
@given(given_=entries, profile=st.sampled_from(DisclosureProfile))
def test_any_package_verifies_and_holds_no_withheld_value(
    given_: list[dict[str, Any]], profile: DisclosureProfile
) -> None:
    log = made(given_)
    with tempfile.TemporaryDirectory() as folder:
        more = {"entries.parquet": table_of(log, profile)}
        package = log.package(Path(folder) / "p.zip", formats=["csv"], profile=profile, more=more)
        assert verified(package) == 0
        parts = opened(package)
        parts["entries.parquet"] = json.dumps(
            parquet.read_table(io.BytesIO(parts["entries.parquet"])).to_pylist(), default=str
        ).encode()
        everything = b"\n".join(parts.values())
    if profile is DisclosureProfile.METADATA:
        assert CANARY.encode() not in everything
    bodies = sum(one["body"] == "stored" for one in given_)
    shown = everything.count(f'["{CANARY} body'.encode()) + everything.count(
        f'[\\"{CANARY} body'.encode()
    )
    assert shown == (bodies if profile is DisclosureProfile.FULL else 0)
    if profile is not DisclosureProfile.METADATA:
        names = [name for one in given_ if one["kept"] for name in one["fields"]]
        told_count = sum(name in WITHHELD or name == "of_no_table" for name in names)
        assert parts["entries.jsonl"].count(f'"{CANARY} '.encode()) == told_count + shown


@settings(max_examples=40, deadline=None)
@given(
    given_=entries.filter(lambda some: any(one["kept"] and one["fields"] for one in some)),
    profile=st.sampled_from(DisclosureProfile),
    other=st.sampled_from(DisclosureProfile),
    data=st.data(),
)
def test_a_package_that_discloses_more_or_less_than_its_profile_fails(
    given_: list[dict[str, Any]],
    profile: DisclosureProfile,
    other: DisclosureProfile,
    data: st.DataObject,
) -> None:
    log = made(given_)
    with tempfile.TemporaryDirectory() as folder:
        whole = log.package(Path(folder) / "w.zip", profile=DisclosureProfile.PSEUDONYMISED)
        parsed = [json.loads(line) for line in opened(whole)["entries.jsonl"].splitlines()]
        package = log.package(Path(folder) / "p.zip", profile=profile)
        lines = [json.loads(line) for line in opened(package)["entries.jsonl"].splitlines()]
        kept = [index for index, one in enumerate(lines) if isinstance(one["disclosure"], list)]
        index = data.draw(st.sampled_from(kept))
        shown, there = lines[index]["disclosure"], parsed[index]["disclosure"]
        hidden = [value for value in there if value not in shown]
        if bool(hidden) and data.draw(st.booleans()):
            extra = data.draw(st.sampled_from(hidden))
            changed = sorted([*shown, extra], key=lambda value: str(value[1]))
        elif shown:
            changed = [
                value
                for value in shown
                if value is not shown[data.draw(st.integers(0, len(shown) - 1))]
            ]
            changed = changed if len(changed) < len(shown) else shown[1:]
        else:
            changed = None
        if changed is not None:
            change = at(index, lambda line: line.update(disclosure=changed))
            assert verified(by_insider(package, Path(folder) / "t.zip", change, key(1))) == 1

        def claim(one: Any) -> None:
            one.manifest.update(profile=other.value, fields=other.fields, approval="p")

        lied = by_insider(package, Path(folder) / "l.zip", claim, key(1))
        differs = _shown(log, profile) != _shown(log, other)
        assert verified(lied) == (1 if differs else 0)


def _shown(log: Log, profile: DisclosureProfile) -> list[Any]:
    """What of each entry a profile shows: where two show the same, nobody can tell them apart."""
    return [
        (
            row.limited_to(profile).disclosure
            and sorted(json.loads(row.limited_to(profile).disclosure or b"[]")[1]),
            json.loads(row.leaf)["payload"] is not None and profile is DisclosureProfile.FULL,
        )
        for row in log.rows
    ]


def test_the_verifier_has_the_same_tables() -> None:
    assert set(WITHHELD) == verify.PERSONAL
    assert verify.ALWAYS <= OPERATIONAL
    assert set(SEARCHED) - set(WITHHELD) - {"cost_micros"} <= verify.ALWAYS
    assert all(WITHHELD.values())


def test_columns_of_withheld_fields_are_not_in_the_tables(tmp_path: Path) -> None:
    log = Log().add(3)
    for profile, known in (
        (DisclosureProfile.METADATA, False),
        (DisclosureProfile.PSEUDONYMISED, True),
    ):
        package = log.package(tmp_path / f"{profile}.zip", formats=["csv"], profile=profile)
        head = opened(package)["entries.csv"].splitlines()[0].decode().split(",")
        names = parquet.read_table(io.BytesIO(table_of(log, profile))).column_names
        for columns in (head, names):
            assert ("principal" in columns, "team" in columns, "model" in columns) == (known,) * 3
            assert {"zone", "outcome", "gone", "gone_entry"} <= set(columns)


def test_tables_show_deletions_and_their_records(tmp_path: Path) -> None:
    log = Log()
    log.entry("request:answer:close", {"zone": "eu"}, kept=False, gone=Deletion("expired", 7))
    log.entry("request:answer:close", {"zone": "eu"}, kept=False)
    package = log.package(tmp_path / "p.zip", formats=["csv"])
    rows = opened(package)["entries.csv"].decode().splitlines()[1:]
    assert [row.split(",")[-2:] for row in rows] == [["expired", "7"], ["missing", ""]]
    got = parquet.read_table(io.BytesIO(table_of(log, DisclosureProfile.METADATA))).to_pylist()
    assert [(row["gone"], row["gone_entry"]) for row in got] == [("expired", 7), ("missing", None)]


def test_a_body_opens_with_any_implementation_of_aes_gcm(tmp_path: Path) -> None:
    log = Log()
    text = '{"messages":["é [PERSON_1] \\"x\\""]}'
    log.entry("request:answer:close", {}, body=text.encode())
    package = log.package(tmp_path / "p.zip", profile=DisclosureProfile.FULL)
    line = json.loads(opened(package)["entries.jsonl"])
    leaf, body = line["leaf"], line["body"]
    known, frame = bytes.fromhex(body["key"]), bytes.fromhex(body["frame"])
    assert commitment_of(known) == leaf["payload_key"]
    sealed = AESGCM(known).encrypt(frame[:12], body["text"].encode(), leaf["request"].encode())
    assert sealed[-16:] == frame[12:]
    assert hashlib.sha256(frame[:12] + sealed).hexdigest() == leaf["payload"]
    assert body["text"] == text


@settings(max_examples=60)
@given(
    st.binary(min_size=32, max_size=32),
    st.binary(min_size=12, max_size=12),
    st.binary(max_size=700),
)
def test_the_verifiers_cipher_is_aes_gcm_without_its_tag(
    known: bytes, nonce: bytes, text: bytes
) -> None:
    wanted = AESGCM(known).encrypt(nonce, text, None)[:-16]
    assert verify.gcm_ciphertext(known, nonce, text) == wanted


def test_the_readme_describes_the_profile_in_both_languages(tmp_path: Path) -> None:
    for profile, words in (
        (DisclosureProfile.METADATA, ("withheld", "achtergehouden")),
        (DisclosureProfile.PSEUDONYMISED, ("pseudonyms", "pseudoniem")),
        (DisclosureProfile.FULL, ("bodies", "teksten")),
    ):
        readme = opened(Log().package(tmp_path / "p.zip", profile=profile))["README.txt"].decode()
        assert all(word in readme for word in words)
