"""Time stamps of signed heads by a real TSA: part of exports, asynchronous, checked by openssl."""

import logging
import socket
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rfc3161_client import (
    HashAlgorithm,
    TimeStampRequest,
    TimestampRequestBuilder,
    decode_timestamp_response,
)
from sqlalchemy import text

from gateway.core.system.secrets import PUBLIC, load
from gateway.evidence import verify as verifier
from gateway.evidence.witness import WitnessConfig, WitnessEndpoint
from gateway.governance.plane import ControlPlane, build
from gateway.governance.witnesses import service as publisher
from gateway.governance.witnesses.der import certificates_in_order
from gateway.governance.witnesses.tsa import check
from gateway.governance.witnesses.witness import WitnessFailed
from tests.integration.evidence.test_trail import NOW, VERIFIER, Make, make, plane, verify
from tests.integration.evidence.test_witnesses import exported, happened, manifest
from tests.support.tampering import EditablePackage, by_insider, by_outsider
from tests.support.time_stamps import der
from tests.support.tsa import Authority, TsaServer

__all__ = ["make", "plane"]
pytestmark = pytest.mark.integration
Stamping = Callable[..., ControlPlane]
NOTE = b"a note"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("mine") / "house")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("other") / "house")


@pytest.fixture(scope="module")
def answered(authority: Authority) -> tuple[TimeStampRequest, bytes]:
    request = TimestampRequestBuilder(NOTE, HashAlgorithm.SHA256).build()
    return request, authority.reply(request.as_bytes())


@pytest.fixture
def tsa(authority: Authority, other: Authority) -> Iterator[TsaServer]:
    with TsaServer(authority=authority, other=other) as server:
        yield server


@pytest.fixture
async def stamping(
    plane: ControlPlane, authority: Authority, tmp_path: Path
) -> AsyncIterator[Stamping]:
    """The same control plane with TSAs; each call is like a process of its own."""
    made = []

    def one(*places: str) -> ControlPlane:
        named = tuple(WitnessEndpoint.parse(place) for place in places)
        built = build(
            database_url=plane.database.url,
            secrets=load(tmp_path / "secrets"),
            data_dir=tmp_path if plane.database.is_sqlite else None,
            witnessing=WitnessConfig(named, tsa_certificates=authority.certificates),
        )
        made.append(built)
        return built

    yield one
    for built in made:
        await built.close()


def unpacked(package: Path, folder: Path) -> list[tuple[Path, Path]]:
    """Notes and time stamps of a package, as an auditor takes them out."""
    with zipfile.ZipFile(package) as parts:
        parts.extractall(
            folder, [name for name in parts.namelist() if name.startswith("timestamps/")]
        )
    notes = sorted(folder.glob("timestamps/*.txt"))
    return [(note, note.with_suffix(".tsr")) for note in notes]


def output_of(package: Path, key: Path, *more: str) -> str:
    command = [sys.executable, "-I", str(VERIFIER), str(package), "--key", str(key), *more]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


async def test_an_export_holds_time_stamps_that_openssl_accepts(
    stamping: Stamping, make: Make, tsa: TsaServer, other: Authority, tmp_path: Path
) -> None:
    plane, key = stamping(tsa.place), tmp_path / "secrets" / PUBLIC
    sizes = []
    for start in (0, 1000, 2000):
        await happened(plane, make, start)
        await plane.trail.witnesses.show()
        newest = await plane.trail.log.latest()
        assert newest is not None
        sizes.append(newest.size)
    package = await exported(plane, tmp_path / "e.zip", NOW + 1000, NOW + 1500)
    ((note, stamp),) = unpacked(package, tmp_path / "out")
    assert tsa.authority.accepts(note, stamp)
    assert not other.accepts(note, stamp)
    _, time = verifier.parse_timestamp(stamp.read_bytes())
    whole = f"of {time}: the signed head over {sizes[1]} entries, which hold"
    assert f"TIME STAMP timestamps/1.tsr, {whole}" in output_of(package, key, "--language", "en")
    assert f"TIJDSTEMPEL timestamps/1.tsr, van {time}" in output_of(
        package, key, "--language", "nl"
    )
    (claim,) = manifest(package)["timestamps"]
    assert (claim["name"], claim["size"]) == (tsa.place, sizes[1])
    assert manifest(package)["witnessed"] is False
    assert verify(package, key, "--require-witness") == 2  # nobody keeps the head


@pytest.mark.parametrize(
    "behave",
    [
        "down",
        "other nonce",
        "other imprint",
        "other kind of digest",
        "other signer",
        "rejected",
        "garbage",
        "nothing",
        "flood",
        "granted, and no token",
        "more behind it",
        "another path",
        "no such host",
    ],
)
async def test_an_answer_that_is_no_time_stamp_of_ours_stops_nothing(
    stamping: Stamping,
    make: Make,
    tsa: TsaServer,
    tmp_path: Path,
    behave: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    places = {"no such host": "tsa+https://tsa.invalid/tsr", "another path": f"{tsa.place}/x"}
    plane = stamping(places.get(behave, tsa.place))
    tsa.down, tsa.behave = behave == "down", behave
    await happened(plane, make, 0)
    with caplog.at_level(logging.ERROR):
        package = await exported(plane, tmp_path / "e.zip")
    assert "log:witness:fail" in caplog.messages
    assert not unpacked(package, tmp_path / "out")
    assert verify(package, tmp_path / "secrets" / PUBLIC) == 0
    async with plane.database.read() as connection:
        assert not (await connection.execute(text("SELECT 1 FROM log_witness"))).all()
    tsa.down, tsa.behave = False, ""
    if behave not in places:
        package = await exported(plane, tmp_path / "again.zip")
        assert unpacked(package, tmp_path / "again")


async def test_a_tsa_that_hangs_is_not_waited_for(
    stamping: Stamping,
    make: Make,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publisher, "_LIMIT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, and says nothing
        plane = stamping(f"tsa+http://127.0.0.1:{silent.getsockname()[1]}/tsr")
        await happened(plane, make, 0)
        with caplog.at_level(logging.ERROR):
            package = await exported(plane, tmp_path / "e.zip")
    failed = [one for one in caplog.records if one.getMessage() == "log:witness:fail"]
    assert [vars(record)["reason"] for record in failed] == ["TimeoutError"]
    assert verify(package, tmp_path / "secrets" / PUBLIC) == 0


async def test_a_head_is_stamped_once(stamping: Stamping, make: Make, tsa: TsaServer) -> None:
    plane = stamping(tsa.place)
    await happened(plane, make, 0)
    await plane.trail.witnesses.show()
    await plane.trail.witnesses.show()
    await stamping(tsa.place).trail.witnesses.show()
    assert len(tsa.asked) == 1
    await happened(plane, make, 1000)
    await plane.trail.witnesses.show()
    assert len(tsa.asked) == 2


def _byte_of_digest(one: EditablePackage) -> None:
    data = bytearray(one.parts["timestamps/1.tsr"])
    digest, _ = verifier.parse_timestamp(bytes(data))
    data[data.index(digest)] ^= 1
    one.parts["timestamps/1.tsr"] = bytes(data)


def _note_signed_anew(one: EditablePackage) -> None:
    size = int(one.parts["timestamps/1.txt"].split(b"\n")[1])
    one.parts["timestamps/1.txt"] = one.head(size, bytes(32))


def _another_note(one: EditablePackage) -> None:
    one.parts["timestamps/1.txt"] += b"\n"


def _cut(one: EditablePackage) -> None:
    one.parts["timestamps/1.tsr"] = one.parts["timestamps/1.tsr"][:-1]


async def test_a_time_stamp_that_was_tampered_with_is_found(
    stamping: Stamping, make: Make, tsa: TsaServer, tmp_path: Path
) -> None:
    plane = stamping(tsa.place)
    await happened(plane, make, 0)
    package, key = await exported(plane, tmp_path / "e.zip"), tmp_path / "secrets" / PUBLIC
    assert verify(package, key) == 0
    for change in (_byte_of_digest, _note_signed_anew, _another_note, _cut):
        assert verify(by_outsider(package, tmp_path / "t.zip", change), key) == 1, change
        changed = by_insider(package, tmp_path / "t.zip", change, plane.secrets.signing)
        assert verify(changed, key) == 1, change


def test_certificates_come_in_any_order_and_times_with_fractions(tmp_path: Path) -> None:
    house = Authority(tmp_path / "house", digits=3, chain=True)
    request = TimestampRequestBuilder(NOTE, HashAlgorithm.SHA256).build()
    answer = house.reply(request.as_bytes())
    with pytest.raises(ValueError, match="InvalidSetOrdering"):
        decode_timestamp_response(answer)
    check(answer, request, list(house.certificates))
    (tmp_path / "note").write_bytes(NOTE)
    (tmp_path / "answer").write_bytes(answer)
    assert house.accepts(tmp_path / "note", tmp_path / "answer")


def test_a_certificate_that_is_none_is_a_refusal(
    answered: tuple[TimeStampRequest, bytes], authority: Authority
) -> None:
    """Whoever is on the way can add one: no signature covers it."""
    request, answer = answered
    for before, after in (
        (bytes.fromhex("a003020102"), bytes.fromhex("a003020109")),  # a version that there is not
        (b"house", b"\xff\xff\xff\xff\xff"),
    ):
        with pytest.raises(WitnessFailed):
            check(_with_certificate(answer, before, after), request, list(authority.certificates))


def _with_certificate(answer: bytes, before: bytes, after: bytes) -> bytes:
    """The TSA's certificate once more, changed."""

    def rewrapped(data: bytes, path: tuple[int, ...]) -> bytes:
        whole = verifier.der_elements(data)
        at, *rest = path
        tag, content = whole[at]
        inner = (
            rewrapped(content, tuple(rest)) if rest else content + content.replace(before, after, 1)
        )
        whole[at] = (tag, inner)
        return b"".join(der(*one) for one in whole)

    return rewrapped(answer, (0, 1, 1, 0, 3))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=3))
def test_no_damage_to_an_answer_confuses_anybody(
    answered: tuple[TimeStampRequest, bytes], authority: Authority, damage: list[tuple[int, int]]
) -> None:
    request, answer = answered
    raw = bytearray(answer)
    for place, value in damage:
        raw[place % len(raw)] = value
    try:
        check(bytes(raw), request, list(authority.certificates))
    except WitnessFailed:
        return
    digest, _ = verifier.parse_timestamp(bytes(raw))
    assert digest == request.message_imprint.message


@given(st.binary(max_size=80))
def test_data_that_is_not_a_response_keeps_its_order(junk: bytes) -> None:
    assert sorted(certificates_in_order(junk)) == sorted(junk)
