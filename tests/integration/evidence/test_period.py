"""The period of a package is proven by entries, and each of its parts is compared or named."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from gateway.evidence import verify
from gateway.evidence.export import LATE_MS, RangeEdges
from tests.support.effort import examples
from tests.support.packages import NOW, Log, cosignature, key, key_file, witness_key
from tests.support.tampering import EditablePackage, by_insider

pytestmark = pytest.mark.integration
_COUNT = 24
_STEP_MS = 1500
_SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
_MOMENT = st.integers(-2 * LATE_MS, _COUNT * _STEP_MS + 3 * LATE_MS).map(lambda ms: NOW + ms)
Said = tuple[int, str]


def _log(lateness: list[int]) -> Log:
    """Entries of several processes, each signed some milliseconds after its time."""
    log = Log()
    for index, late in enumerate(lateness):
        log.clock = NOW + index * _STEP_MS - late - index
        log.entry("request:departure:intent", {"zone": "eu"}, log=f"gateway/{index % 3}")
    return log


def _times(log: Log) -> list[int]:
    return [int(json.loads(row.leaf)["time"]) for row in log.rows]


def _said(capsys: pytest.CaptureFixture[str], package: Path, *more: str) -> Said:
    public = key_file(package.parent, key(1))
    code = verify.main([str(package), "--key", str(public), "--language", "en", *more])
    return code, capsys.readouterr().out


@settings(max_examples=examples(120), suppress_health_check=_SLOW, deadline=None)
@given(
    lateness=st.lists(st.integers(0, LATE_MS - 1), min_size=_COUNT, max_size=_COUNT),
    cut=st.tuples(st.integers(0, _COUNT), st.integers(0, _COUNT)).map(sorted),
    period=st.tuples(_MOMENT, _MOMENT).map(sorted),
    shown=st.none() | st.tuples(st.integers(0, _COUNT), st.integers(0, _COUNT)),
)
def test_a_period_that_is_proven_has_no_entry_outside(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    lateness: list[int],
    cut: list[int],
    period: list[int],
    shown: tuple[int, int] | None,
) -> None:
    """The operator cuts where it likes, and labels and signs what is left as it likes."""
    log, (first, end), (since, until) = _log(lateness), cut, period
    package = log.package(tmp_path / "p.zip", first, end, period=(since, until), edges=True)
    if shown is not None:  # other edges than the product would choose
        low, high = max(first - shown[0], 0), min(end + shown[1], log.size)
        edges = log.edges_between(low, first, end, high)
        package = by_insider(package, tmp_path / "q.zip", _with_edges(edges), key(1))
    code, out = _said(capsys, package, "--statement")
    hidden = [
        time
        for index, time in enumerate(_times(log))
        if not first <= index < end and since <= time < until
    ]
    if hidden:
        assert code or not any(f"{number}. PROVEN" in out for number in (1, 2, 3, 4)), out
        assert code or "PERIOD: " not in out


def _with_edges(edges: RangeEdges) -> Callable[[EditablePackage], None]:
    def change(one: EditablePackage) -> None:
        one.proof["edges"] = edges.document()
        one.parts["edges.jsonl"] = edges.lines()
        one.manifest["parts"]["edges.jsonl"] = ""

    return change


def test_a_month_with_what_lies_around_it_is_proven(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = _log([0] * _COUNT)
    times = _times(log)
    period = times[8], times[12]
    package = log.package(tmp_path / "p.zip", 8, 12, period=period, edges=True)
    code, out = _said(capsys, package, "--statement")
    assert code == 0
    assert "PERIOD: the log has no other entry" in out
    assert "NOT PROVEN: the" not in out


@pytest.mark.parametrize("until", [_COUNT * _STEP_MS, 30 * 86_400_000])
def test_a_part_that_is_labelled_as_the_whole_is_not_proven(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], until: int
) -> None:
    log = _log([0] * _COUNT)
    honest = log.package(tmp_path / "p.zip", 0, 14, period=(NOW, NOW + until), edges=False)
    code, out = _said(capsys, honest, "--statement")
    assert code == 0
    assert "NOT PROVEN: the end of the period" in out
    assert "1. NOT PROVEN" in out
    with_edges = log.package(tmp_path / "q.zip", 0, 14, period=(NOW, NOW + until), edges=True)
    assert _said(capsys, with_edges)[0] == verify.TAMPERED


def test_a_witness_closes_a_period_that_nothing_follows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = _log([0] * _COUNT)
    until = _times(log)[-1] + 1
    keys = tmp_path / "witness.keys"
    keys.write_text(witness_key("w1", key(11)))
    for seconds, says in ((0, "NOT PROVEN: the end"), (LATE_MS // 1000 + 1, "PERIOD: ")):
        line = cosignature(log.checkpoint(), "w1", key(11), until // 1000 + seconds)
        seen = [log.witnessed("w1", log.size, line)]
        package = log.package(tmp_path / "p.zip", period=(NOW, until), witnessed=seen)
        code, out = _said(capsys, package, "--witness-key", str(keys))
        assert code == 0
        assert says in out
        assert says not in _said(capsys, package)[1] or not seconds


def _parts(tmp_path: Path) -> Path:
    log = Log().add(4)
    before = log.checkpoint(1)
    log.rotate(key(2))
    log.add(6)
    period = NOW, NOW + 10
    log.clock = NOW + LATE_MS
    log.add(2)
    more = {
        "report.pdf": b"%PDF-1.7 spent: 12 euro",
        "report.json": b'{"requests": 12}',
        "detectors.json": b'{"published": null}',
        "entries.parquet": b"PAR1",
    }
    return log.package(
        tmp_path / "p.zip",
        2,
        10,
        before=before,
        formats=["jsonl", "csv"],
        more=more,
        period=(period[0] + 2, period[1]),
        edges=True,
    )


def test_a_proof_under_another_name_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An absent proof may mean that there is none to give, so a name must be a known one."""
    package = _parts(tmp_path)

    def renamed(name: str) -> Callable[[EditablePackage], None]:
        def change(one: EditablePackage) -> None:
            raw = one.parts["proof.json"]
            one.parts["proof.json"] = raw.replace(f'"{name}":'.encode(), f'"{name}x":'.encode(), 1)

        return change

    for name in ("outside", "grown", "seen", "stamped", "edges"):
        code, out = _said(capsys, by_insider(package, tmp_path / "q.zip", renamed(name), key(2)))
        assert code == verify.TAMPERED, (name, out)


@settings(max_examples=examples(150), suppress_health_check=_SLOW, deadline=None)
@given(st.data())
@example(None)
def test_a_changed_byte_of_any_part_is_found_or_its_part_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data: st.DataObject | None
) -> None:
    package = _parts(tmp_path)
    code, out = _said(capsys, package)
    assert code == 0
    (listed,) = [line for line in out.splitlines() if line.startswith("NOT CHECKED")]
    named = set(listed.rsplit(": ", 1)[1].rstrip(".").split(", "))
    assert {"entries.csv", "report.pdf", "report.json", "detectors.json"} <= named
    if data is None:
        return

    def change(one: EditablePackage) -> None:
        free = sorted(set(one.parts) - {"manifest.json", "manifest.sig"} - named)
        name = data.draw(st.sampled_from(free))
        raw = bytearray(one.parts[name])
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at] ^= data.draw(st.integers(1, 255))
        assume(name != "proof.json" or raw.lower() != one.parts[name].lower())  # hex in any case
        one.parts[name] = bytes(raw)
        if name == "entries.jsonl":
            one.lines = one.parts[name].splitlines(keepends=True)

    code, out = _said(capsys, by_insider(package, tmp_path / "q.zip", change, key(2)))
    assert code != 0, out
