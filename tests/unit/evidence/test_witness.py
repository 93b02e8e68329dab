"""Witnesses as settings name them, notes one after another, and the signature of object storage."""

import asyncio
import base64
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.evidence.checkpoint import (
    SignedNote,
    checkpoint,
    from_base64,
    parse_notes,
    signed_note,
    verify_checkpoint,
)
from gateway.evidence.key_chain import chain_of, rotation_note
from gateway.evidence.verify import from_base64 as verifier_from_base64
from gateway.evidence.verify import parse_notes as verifier_parse_notes
from gateway.evidence.witness import WitnessEndpoint, WitnessKey
from gateway.processes.control_plane import warn_when_unwitnessed
from gateway.processes.maintenance import doctor
from gateway.processes.setting_values import SettingsError
from gateway.processes.settings import read
from tests.support.certificates import certificate
from tests.support.packages import key, public, witness_key

pytestmark = pytest.mark.unit
ROOT = bytes(32)


def test_endpoints_are_parsed_from_a_setting() -> None:
    found = read({
        "SLUIS_WITNESSES": "file:/mnt/worm/sluis.txt, https://witness.example.nl/w1/,"
        "s3+https://s3.example.nl/trail/sluis?days=400",
        "SLUIS_WITNESS_KEYS": witness_key("witness.example.nl/w1", key(4)),
        "AWS_ACCESS_KEY_ID": "id",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "eu-west-1",
    }).witnessing
    file, http, s3 = found.endpoints
    assert (file.kind, str(file.path), file.label) == (
        "file",
        "/mnt/worm/sluis.txt",
        "file:sluis.txt",
    )
    assert (http.kind, http.url) == ("http", "https://witness.example.nl/w1")
    assert (s3.kind, s3.url, s3.retain_days, s3.region) == (
        "s3",
        "https://s3.example.nl/trail/sluis",
        400,
        "eu-west-1",
    )
    assert found.credentials is not None
    assert "secret" not in repr(found)
    assert read({}).witnessing.endpoints == ()


@pytest.mark.parametrize(
    "setting",
    [
        "file:relative.txt",
        "http://witness.example.nl",
        "ftp://witness.example.nl",
        "witness",
        "https://a:b@witness.example.nl",
        "https://witness.example.nl?x=1",
        "s3+https://s3.example.nl",
        "s3+https://s3.example.nl/b?days=0",
        "s3+https://s3.example.nl/b?days=x",
        "s3+https://s3.example.nl/b?other=1",
        "s3+file:/x",
        "tsa+ftp://tsa.example.nl",
        "tsa+file:/x",
        "tsa+https://a:b@tsa.example.nl",
        "tsa+https://tsa.example.nl?x=1",
        "tsa+s3+https://s3.example.nl/b",
        "tsa+https://",
    ],
)
def test_an_invalid_endpoint_is_refused(setting: str) -> None:
    with pytest.raises(SettingsError, match="SLUIS_WITNESSES"):
        read({"SLUIS_WITNESSES": setting, "SLUIS_WITNESS_KEYS": witness_key("w", key(4))})


def test_a_witness_without_its_credentials_is_refused() -> None:
    with pytest.raises(SettingsError, match="SLUIS_WITNESS_KEYS"):
        read({"SLUIS_WITNESSES": "https://witness.example.nl"})
    with pytest.raises(SettingsError, match="AWS_ACCESS_KEY_ID"):
        read({"SLUIS_WITNESSES": "s3+https://s3.example.nl/b"})
    good = witness_key("w", key(4))
    for bad in ("w", "w+00000000+AAAA", good.replace("w+", "v+"), good[:-8]):
        with pytest.raises(SettingsError):
            read({"SLUIS_WITNESS_KEYS": bad})
    assert str(WitnessKey.parse(good)) == good


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_tsa_needs_the_certificates_of_its_authority(tmp_path: Path, scheme: str) -> None:
    files = certificate(tmp_path)
    place = f"tsa+{scheme}://tsa.example.org/tsr/"
    found = read({"SLUIS_WITNESSES": place, "SLUIS_TSA_CERTS": str(files.path)}).witnessing
    (tsa,) = found.endpoints
    assert (tsa.kind, tsa.url, tsa.label) == ("tsa", f"{scheme}://tsa.example.org/tsr/", place)
    assert [one.serial_number for one in found.tsa_certificates] == [7]
    assert not found.witnessed  # it keeps nothing


@pytest.mark.parametrize("given", ["unset", "no file", "a folder", "no certificate", "a key"])
def test_a_tsa_without_them_is_refused(tmp_path: Path, given: str) -> None:
    files = certificate(tmp_path)
    (tmp_path / "words").write_text("no certificate", encoding="ascii")
    named = {
        "unset": "",
        "no file": tmp_path / "none",
        "a folder": tmp_path,
        "no certificate": tmp_path / "words",
        "a key": files.key,
    }[given]
    environment = {"SLUIS_WITNESSES": "tsa+https://tsa.example.org", "SLUIS_TSA_CERTS": str(named)}
    with pytest.raises(SettingsError, match=r"SLUIS_TSA_CERTS.* PEM file"):
        read(environment)
    assert read({"SLUIS_TSA_CERTS": str(named)}).witnessing.tsa_certificates == ()


@given(st.lists(st.sampled_from(["note", "torn", "words", ""]), max_size=6))
def test_notes_are_found_among_other_lines(kinds: list[str]) -> None:
    note = checkpoint(origin="log", size=3, root=ROOT, key=key(1))
    kinds_of_text = {"note": note, "torn": note[:-30] + "\n\n", "words": "words\n\n", "": "\n"}
    text = "".join(kinds_of_text[kind] for kind in kinds)
    found = list(parse_notes(text))
    assert [str(one) for one in found].count(note) == kinds.count("note")
    assert [(one.body, [line.rstrip("\n") for line in one.lines]) for one in found] == list(
        verifier_parse_notes(text.split("\n"))
    )


def test_a_checkpoint_counts_by_its_own_keys_only() -> None:
    note = checkpoint(origin="log", size=3, root=ROOT, key=key(1))
    assert verify_checkpoint(note, origin="log", keys=[public(key(2)), public(key(1))]).size == 3
    for text, origin, known in (
        (note, "other", 1),
        (note, "log", 2),
        (note.replace("\n3\n", "\n4\n"), "log", 1),
        ("", "log", 1),
        (signed_note("log\nx\n\n", name="log", key=key(1)), "log", 1),
    ):
        with pytest.raises(ValueError, match=r".+"):
            verify_checkpoint(text, origin=origin, keys=[public(key(known))])


def test_any_key_gives_the_same_chain() -> None:
    origin = f"sluis.audit/{public(key(1)).hex()[:16]}"
    links = [rotation_note(origin=origin, old=key(at), new=key(at + 1), time=5) for at in (1, 2)]
    for at in (1, 2, 3):
        found = chain_of(public(key(at)), links)
        assert found.origin == origin
        assert found.keys == {public(key(one)) for one in (1, 2, 3)}
    assert chain_of(public(key(9)), links).keys == {public(key(9))}
    half = next(parse_notes(links[0]))
    for bad in (
        links[0].replace("time 5", "time 6"),
        str(SignedNote(half.body, half.lines[:1])),
        str(SignedNote(half.body, half.lines[1:])),
        rotation_note(origin="sluis.audit/0", old=key(1), new=key(2), time=5),
    ):
        with pytest.raises(ValueError, match=r".+"):
            chain_of(public(key(1)), [bad])


@pytest.mark.parametrize(
    ("environment", "warned"),
    [
        ({"SLUIS_DATABASE_URL": "postgresql://db/sluis"}, True),
        ({"SLUIS_DATABASE_URL": "postgresql://db/sluis", "SLUIS_WITNESSES": "file:/w.txt"}, False),
        (
            {
                "SLUIS_DATABASE_URL": "postgresql://db/sluis",
                "SLUIS_WITNESSES": "tsa+https://tsa.example.org",
                "SLUIS_TSA_CERTS": "a file",
            },
            True,
        ),
        ({}, False),
    ],
)
def test_a_start_without_a_witness_is_reported_outside_embedded_mode(
    environment: dict[str, str], tmp_path: Path, caplog: pytest.LogCaptureFixture, *, warned: bool
) -> None:
    if "SLUIS_TSA_CERTS" in environment:
        environment = {**environment, "SLUIS_TSA_CERTS": str(certificate(tmp_path).path)}
    warn_when_unwitnessed(read(environment))
    assert any(line.startswith("log:witness:none") for line in caplog.messages) is warned
    checks = asyncio.run(doctor(read({**environment, "SLUIS_DATA_DIR": str(tmp_path)})))["checks"]
    assert {one["check"]: one["ok"] for one in checks}["a witness for the trail"] is not warned


@pytest.mark.parametrize("text", ["s3+https://s3.example.nl/b", "https://w.example.nl"])
def test_an_endpoint_shows_no_credentials(text: str) -> None:
    assert WitnessEndpoint.parse(text).label == text


@pytest.mark.parametrize("decode", [from_base64, verifier_from_base64])
@given(st.binary(max_size=70), st.integers(0, 93), st.integers(1, 255))
def test_of_each_signature_one_text_is_read(
    decode: Callable[[str], bytes], signature: bytes, at: int, change: int
) -> None:
    """Whoever changes a character of a note changes what it says, or the note is refused."""
    text = base64.b64encode(signature).decode()
    assert decode(text) == signature
    if at < len(text):
        other = text[:at] + chr(ord(text[at]) ^ change) + text[at + 1 :]
        with suppress(ValueError):
            assert decode(other) != signature
