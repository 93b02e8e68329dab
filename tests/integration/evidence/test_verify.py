"""The stand-alone verifier: good packages, tampered ones, bad input, and its output."""

import ast
import string
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.evidence import verify
from tests.support.mutation import VERIFIER
from tests.support.packages import Log, key, key_file
from tests.support.verifier import Case, Cases, all_cases

pytestmark = [pytest.mark.integration, pytest.mark.slow]


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Cases:
    return all_cases(tmp_path_factory.mktemp("cases"))


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = verify.main(list(arguments))
    return code, capsys.readouterr().out


def test_every_case_gives_its_exit_code(cases: Cases, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(cases.folder.rglob("*"))
    for case in cases.all:
        code, out = asked(capsys, "--language", "en", *case.arguments)
        assert (code, case.says in out) == (case.code, True), (case.name, code, out)
    assert sorted(cases.folder.rglob("*")) == before  # nothing was written


def test_every_result_exists_in_dutch(cases: Cases, capsys: pytest.CaptureFixture[str]) -> None:
    heads = {0: "KLOPT:", 1: "GEWIJZIGD:", 2: "ONVOLLEDIG:", 3: "ONBEKENDE SLEUTEL:"}
    by_text: dict[str, Case] = {case.says or case.name: case for case in cases.all}
    for case in by_text.values():
        if "--json" in case.arguments:
            continue
        code, out = asked(capsys, *case.arguments, "--language", "nl")
        assert code == case.code
        assert out.startswith(heads[code]), case.name


def test_both_languages_have_the_same_texts() -> None:
    def facts(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text)} - {None}

    english, dutch = verify.TEXTS["en"], verify.TEXTS["nl"]
    assert english.keys() == dutch.keys()
    for name in english:
        assert facts(english[name]) == facts(dutch[name]), name
        assert dutch[name].isascii()  # any console can show it


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "nl_NL.UTF-8"}, "nl"),
        ({"LC_ALL": "nl_BE", "LANG": "en_GB"}, "nl"),
        ({"LC_ALL": "", "LC_MESSAGES": "nl", "LANG": "en_GB"}, "nl"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LC_ALL": "C"}, "en"),
        ({}, "en"),
    ],
)
def test_the_output_is_in_the_language_of_the_system(
    environment: dict[str, str], language: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-E", str(VERIFIER), str(tmp_path / "none.zip"), "--key", "none"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert done.stdout.startswith("ONBEKEND" if language == "nl" else "UNKNOWN")


def test_it_needs_only_the_standard_library_of_python_3_9() -> None:
    tree = ast.parse(VERIFIER.read_text(encoding="utf-8"), feature_version=(3, 9))
    names = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names <= sys.stdlib_module_names


def test_a_package_of_any_size_takes_the_same_memory(tmp_path: Path) -> None:
    code = (
        "import sys, tracemalloc; sys.path.insert(0, sys.argv[1]); import verify;"
        "tracemalloc.start(); code = verify.main(sys.argv[2:]);"
        "print(tracemalloc.get_traced_memory()[1]); sys.exit(code)"
    )
    peaks = []
    for count in (2000, 12_000):
        package = Log().add(count).package(tmp_path / f"{count}.zip")
        arguments = [str(VERIFIER.parent), str(package), "--key", str(key_file(tmp_path, key(1)))]
        done = subprocess.run(
            [sys.executable, "-B", "-c", code, *arguments],
            capture_output=True,
            text=True,
            check=True,
        )
        peaks.append(int(done.stdout.split()[-1]))
        assert zipfile.ZipFile(package).getinfo("entries.jsonl").file_size > 1500 * count
    assert peaks[1] < peaks[0] * 1.2


@settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(data=st.data())
def test_random_damage_is_always_detected(
    data: st.DataObject, cases: Cases, tmp_path: Path
) -> None:
    raw = bytearray(cases.middle.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, 50))
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(raw[: len(raw) - cut])
    trust = verify.TrustRoots(bytes.fromhex(cases.keys[1].read_text("ascii")), [], [], [], False)
    try:
        verify.verify(str(damaged), trust)
    except verify.VerificationError:
        return
    with zipfile.ZipFile(damaged) as found, zipfile.ZipFile(cases.middle) as wanted:
        assert found.namelist() == wanted.namelist()
        for name in wanted.namelist():
            assert found.read(name) == wanted.read(name)


def test_the_help_lists_all_options(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        asked(capsys, "--help")
    assert ended.value.code == 0
    help_text = capsys.readouterr().out
    for option in (
        "--key",
        "--chain",
        "--witness-key",
        "--witness-file",
        "--require-witness",
        "--language",
        "--statement",
        "--json",
    ):
        assert option in help_text
