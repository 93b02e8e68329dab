"""Commands from another machine: the same words, over the network, with a token of one's own."""

import hashlib
import json
import socket
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.core.manifest import manifest_of
from gateway.processes.cli import main
from tests.support.certificates import Certificate, certificate
from tests.support.installation import (
    ADMIN_KEY,
    APP_KEY,
    OFFICER_KEY,
    Installation,
)
from tests.support.ports import free_port
from tests.support.tiny_model import make_tiny

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.nightly]


def elsewhere(
    url: str, *arguments: str, token: str | None = ADMIN_KEY, **variables: str | None
) -> Result:
    """Runs a command as on a machine that has nothing of the installation."""
    missing = {"SLUIS_DATA_DIR": "/nonexistent/sluis", "SLUIS_DATABASE_URL": None}
    runner = CliRunner(env={**missing, "SLUIS_TOKEN": token, "SLUIS_URL": url, **variables})
    return runner.invoke(main, arguments)


def refusal(result: Result) -> str:
    assert result.exit_code == 1, result.output
    assert result.output.startswith("Error: ")
    assert "Traceback" not in result.output
    return result.output


def test_keys_are_issued_listed_and_revoked_as_on_the_machine_itself(sluis: Installation) -> None:
    issued = elsewhere(
        sluis.control, "keys", "create", "from-afar", "--team", "support", "--days", "3", "--json"
    )
    assert issued.exit_code == 0, issued.output
    key = json.loads(issued.output)
    sluis.until(lambda: sluis.ask("Hallo", key["secret"]).status_code == 200, "the key works")

    there, here = (
        elsewhere(sluis.control, "keys", "list", "--json"),
        sluis.sluis("keys", "list", "--json"),
    )
    assert json.loads(there.output) == json.loads(here.stdout)
    assert elsewhere(sluis.control, "keys", "list").output == sluis.sluis("keys", "list").stdout

    revoked = elsewhere(sluis.control, "keys", "revoke", "from-afar")
    assert revoked.output == f"revoked: {key['id']}\n"
    sluis.until(lambda: sluis.ask("Hallo", key["secret"]).status_code == 401, "it works no more")
    again = refusal(elsewhere(sluis.control, "keys", "revoke", "from-afar"))
    assert again == refusal_here(sluis, "keys", "revoke", "from-afar")


def refusal_here(sluis: Installation, *arguments: str) -> str:
    done = sluis.sluis(*arguments, check=False)
    assert done.returncode == 1
    return done.stderr


def test_what_was_done_stands_in_the_trail_under_the_one_who_did_it(sluis: Installation) -> None:
    elsewhere(sluis.control, "keys", "create", "recorded-afar")
    sluis.sluis("keys", "create", "recorded-here")
    found = sluis.admin(
        "GET", "/audit", OFFICER_KEY, params={"event": "control:key:create", "limit": 2}
    ).json()["entries"]
    assert [entry["principal"] for entry in found] == ["local:operator", "k_admin"]


def test_a_file_is_applied_and_its_errors_name_their_lines(
    sluis: Installation, config: str, tmp_path: Path
) -> None:
    path = tmp_path / "wished.yaml"
    path.write_text(config, encoding="utf-8")
    there = elsewhere(sluis.control, "apply", "-f", str(path), "--json")
    assert there.exit_code == 0, there.output
    here = sluis.sluis("apply", "-f", str(path), "--json").stdout
    unlike = {"snapshot"}
    assert {k: v for k, v in json.loads(there.output).items() if k not in unlike} == {
        k: v for k, v in json.loads(here).items() if k not in unlike
    }
    path.write_text("version: 1\nnonsense: true\n", encoding="utf-8")
    told = refusal(elsewhere(sluis.control, "apply", "-f", str(path)))
    assert "wished.yaml" in told
    assert told == refusal_here(sluis, "apply", "-f", str(path))


def test_models_are_registered_by_their_place_on_the_control_planes_machine(
    sluis: Installation,
) -> None:
    folder = make_tiny(sluis.models_dir / "afar")
    options = ("models", "register", "afar", "1", "--base")
    relative = elsewhere(sluis.control, *options, "tiny")
    assert relative.exit_code == 2
    assert "absolute" in relative.output
    done = elsewhere(sluis.control, *options, str(folder))
    assert done.exit_code == 0, done.output
    assert "state: draft" in done.output
    assert "afar" in elsewhere(sluis.control, "models", "list").output
    draft = refusal(elsewhere(sluis.control, "models", "promote", "afar", "1"))
    assert draft == refusal_here(sluis, "models", "promote", "afar", "1")
    gone = elsewhere(
        sluis.control, "models", "quarantine", "afar", "1", "--reason", "a test", token=OFFICER_KEY
    )
    assert gone.output == "model: afar@1\nstate: quarantined\n"


def test_files_of_this_machine_are_sent_and_registered(sluis: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    make_tiny(folder)
    options = ("models", "register", "sent", "--upload", "--base", str(folder))
    done = elsewhere(sluis.control, *options, "1")
    assert done.exit_code == 0, done.output
    assert "config.json: " in done.output  # its progress
    here = json.loads(sluis.sluis("models", "list", "--json").stdout)
    (sent,) = [one for one in here["models"] if one["name"] == "sent"]
    assert sent["state"] == "draft"
    assert manifest_of(folder).digest == sent["base_digest"]
    (folder / "run.py").write_text("print()", encoding="utf-8")
    assert "run.py" in refusal(elsewhere(sluis.control, *options, "2"))


PERIOD = ("audit", "export", "--from", "2026-01-01", "--to", "2036-01-01", "--output")


def test_an_export_comes_over_the_network_whole_and_verifies(
    sluis: Installation, tmp_path: Path
) -> None:
    package = tmp_path / "afar.zip"
    done = elsewhere(sluis.control, *PERIOD, str(package), "--json", token=OFFICER_KEY)
    assert done.exit_code == 0, done.output
    facts = json.loads(done.output)
    assert facts["entries"] > 0
    assert facts["written"] == str(package)
    assert [path.name for path in tmp_path.iterdir()] == ["afar.zip"]
    sluis.sluis("audit", "verify", str(package))
    here = json.loads(sluis.sluis(*PERIOD, str(tmp_path / "here.zip"), "--json").stdout)
    assert here.keys() == facts.keys()
    assert here["entries"] > facts["entries"]  # the first export is itself an entry


def test_a_full_package_waits_for_another_person_whatever_way_it_is_asked_for(
    sluis: Installation, tmp_path: Path
) -> None:
    sluis.ask("Mijn naam is Jan de Vries.")
    package = tmp_path / "full.zip"
    full = (*PERIOD, str(package), "--profile", "full", "--json")
    why = ("--reason", "complaint 2026-17")
    assert "Say why" in refusal(elsewhere(sluis.control, *full, token=OFFICER_KEY))

    def here(*arguments: str) -> tuple[int, str]:
        done = sluis.sluis(*arguments, check=False)
        return done.returncode, done.stdout

    def there(*arguments: str) -> tuple[int, str]:
        done = elsewhere(sluis.control, *arguments, token=OFFICER_KEY)
        return done.exit_code, done.output

    for ask in (here, there):
        code, told = ask(*full, *why)
        waiting = json.loads(told)
        assert (code, waiting["state"], list(tmp_path.iterdir())) == (3, "pending", [])
        assert "compliance_officer or data_protection_officer" in waiting["message"]
        assert f"/admin/v1/proposals/{waiting['proposal']}/approve" in waiting["message"]
        path = f"/proposals/{waiting['proposal']}/approve"
        assert sluis.admin("POST", path, ADMIN_KEY, json={}).status_code == 403
        assert sluis.admin("POST", path, OFFICER_KEY, json={}).status_code == 200
        code, told = ask(*full)
        assert (code, json.loads(told)["written"]) == (0, str(package))
        assert (
            "stored bodies" in sluis.sluis("audit", "verify", str(package), "--lang", "en").stdout
        )
        package.unlink()


def test_an_unknown_format_is_refused_on_both_ways(sluis: Installation, tmp_path: Path) -> None:
    arguments = (*PERIOD, str(tmp_path / "x.zip"), "--format", "jsonl,clay")
    there = refusal(elsewhere(sluis.control, *arguments, token=OFFICER_KEY))
    assert "clay" in there
    assert there == refusal_here(sluis, *arguments)
    assert not list(tmp_path.iterdir())


@contextmanager
def answering(answer: bytes, tls: Certificate | None = None) -> Iterator[str]:
    """A server that gives every caller these bytes and hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))
    context = tls.context() if tls else None

    def serve() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(plain, server_side=True) if context else plain as caller:
                    caller.recv(65_536)
                    caller.sendall(answer)
            except OSError:
                plain.close()

    thread = threading.Thread(target=serve)
    thread.start()
    port = listener.getsockname()[1]
    try:
        yield f"https://127.0.0.1:{port}" if tls else f"http://127.0.0.1:{port}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def test_an_export_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    before = tmp_path / "kept.zip"
    before.write_text("the export of last month", encoding="utf-8")
    half = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nPK only the beginning"
    with answering(half) as url:
        told = refusal(elsewhere(url, *PERIOD, str(before)))
    assert "broke off" in told
    assert before.read_text(encoding="utf-8") == "the export of last month"
    assert [path.name for path in tmp_path.iterdir()] == ["kept.zip"]


@pytest.mark.parametrize("token", [None, " ", "two words", "k\u00e9y", "sk-\nx: y"])
def test_without_a_usable_token_nothing_is_asked_and_it_says_what_to_do(token: str | None) -> None:
    told = refusal(elsewhere(f"http://127.0.0.1:{free_port()}", "keys", "list", token=token))
    assert "SLUIS_TOKEN" in told
    assert "--kind admin" in told


def test_a_refused_token_and_a_missing_role_are_told_apart(sluis: Installation) -> None:
    unknown = refusal(elsewhere(sluis.control, "keys", "list", token="sk-unknown-0000000000000"))
    assert "not known" in unknown
    assert "SLUIS_TOKEN" in unknown
    assert "application" in refusal(elsewhere(sluis.control, "keys", "list", token=APP_KEY))
    powerless = refusal(elsewhere(sluis.control, "keys", "create", "x", token=OFFICER_KEY))
    assert "platform_admin" in powerless
    assert "SLUIS_TOKEN" not in powerless


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://control.example.nl", "use https"),
        ("http://192.0.2.7:8081", "use https"),
        ("ftp://127.0.0.1", "such as https://"),
        ("control.example.nl", "such as https://"),
        ("https://user:secret@127.0.0.1", "SLUIS_TOKEN"),
        ("https://[::1", "--url"),
    ],
)
def test_an_address_that_would_not_be_safe_is_never_contacted(url: str, reason: str) -> None:
    told = refusal(elsewhere(url, "keys", "list"))
    assert reason in told
    assert "secret" not in told


def test_the_option_wins_and_excludes_a_data_directory(sluis: Installation, tmp_path: Path) -> None:
    listed = elsewhere("http://127.0.0.1:1", "keys", "list", "--url", sluis.control)
    assert listed.exit_code == 0, listed.output
    both = elsewhere(sluis.control, "keys", "list", "--data-dir", str(tmp_path))
    assert both.exit_code == 2
    assert "--data-dir" in both.output


def test_nobody_home_and_somebody_else_home_are_told() -> None:
    nobody = refusal(elsewhere(f"http://127.0.0.1:{free_port()}", "keys", "list"))
    assert "cannot be reached" in nobody
    with answering(b"HTTP/1.1 302 Found\r\nlocation: /login\r\ncontent-length: 0\r\n\r\n") as url:
        assert "answered 302" in refusal(elsewhere(url, "keys", "list"))
    with answering(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n<ok>") as url:
        assert "not as a control plane" in refusal(elsewhere(url, "keys", "list"))


def test_a_certificate_of_an_unknown_authority_is_refused_and_a_named_one_taken(
    tmp_path: Path,
) -> None:
    own, other = certificate(tmp_path), certificate(tmp_path, "other")
    answer = b'HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{"keys":[]}'
    with answering(answer, own) as url:
        told = refusal(elsewhere(url, "keys", "list", SSL_CERT_FILE=str(other.path)))
        assert "not trusted" in told
        assert "SSL_CERT_FILE" in told
        trusted = elsewhere(url, "keys", "list", "--json", SSL_CERT_FILE=str(own.path))
    assert trusted.exit_code == 0, trusted.output
    assert json.loads(trusted.output) == {"keys": []}
    with answering(answer) as plain:
        https = plain.replace("http://", "https://")
        assert "https" in refusal(elsewhere(https, "keys", "list"))


def test_a_selection_is_the_same_from_both_ends(sluis: Installation, tmp_path: Path) -> None:
    sluis.ask("Hello")
    package = tmp_path / "some.zip"
    wanted = (
        *PERIOD,
        str(package),
        "--where",
        "zone=global,eu",
        "--where",
        "level=public",
        "--json",
    )
    here = json.loads(sluis.sluis(*wanted).stdout)
    there = json.loads(elsewhere(sluis.control, *wanted, token=OFFICER_KEY).output)
    assert here["selected"] == there["selected"]
    said = sluis.sluis("audit", "verify", str(package), "--lang", "en").stdout
    assert f"SELECTION level=public, zone=eu|global: {there['selected']} of" in said
    assert "such as zone=global" in refusal(
        elsewhere(sluis.control, *PERIOD, str(package), "--where", "global", token=OFFICER_KEY)
    )
    unknown = (*PERIOD, str(package), "--where", "colour=red")
    assert "not by colour" in refusal(elsewhere(sluis.control, *unknown, token=OFFICER_KEY))
    assert "not by colour" in sluis.sluis(*unknown, check=False).stderr


def test_a_package_holds_the_policies_and_detectors_that_decided(
    sluis: Installation, tmp_path: Path
) -> None:
    answer = sluis.ask("Mijn naam is Jan de Vries.")
    package = tmp_path / "all.zip"
    sluis.sluis(*PERIOD, str(package), "--format", "jsonl")
    with zipfile.ZipFile(package) as opened:
        parts = {name: opened.read(name) for name in opened.namelist()}
    bundle = answer.headers["x-sluis-bundle"]
    policies = parts[f"policies/{bundle.removeprefix('sha256:')}.json"]
    assert f"sha256:{hashlib.sha256(policies).hexdigest()}" == bundle
    assert "levels.yaml" in dict(json.loads(policies))
    detectors = json.loads(parts["detectors.json"])
    models = [json.loads(data) for name, data in parts.items() if name.startswith("models/")]
    cards = {one["version"]: one["card"] for one in models}
    assert any("CC BY 4.0" in cards.get(version, "") for version in detectors["used"])
    said = sluis.sluis("audit", "verify", str(package), "--lang", "en").stdout
    assert "policies by which these entries were decided are in the package" in said
