"""``sluis secrets wrap`` and ``rewrap``, and what ``sluis doctor`` says of the key service."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.core.system import secrets
from gateway.processes import kek_wrapping
from gateway.processes.cli import main
from gateway.processes.secrets_loader import secrets_of
from gateway.processes.settings import read, resolve_reference
from tests.integration.key_services.conftest import CANARIES, ENVIRONMENT
from tests.support.aws_kms import ARN, KEY_ID, SECRET, AwsKms
from tests.support.vault_transit import Key, VaultTransit

pytestmark = pytest.mark.integration
KMS_EU = "https://kms.eu-central-1.amazonaws.com"


def sluis(directory: Path, *arguments: str, **environment: str) -> Result:
    """A command on the installation that the directory is of; it prints no secret."""
    env = {**ENVIRONMENT, "SLUIS_DATA_DIR": str(directory.parent), **environment}
    done = CliRunner().invoke(main, arguments, env=env)
    assert not [canary for canary in CANARIES if canary in done.output]
    assert isinstance(done.exception, SystemExit | None), done.exception
    return done


def wrap(directory: Path, service: VaultTransit | AwsKms, *more: str) -> Result:
    if isinstance(service, VaultTransit):
        named = ["--vault", service.url, "--key", "sluis"]
    else:
        named = ["--kms", service.url, "--key", ARN]
    return sluis(directory, "secrets", "wrap", *named, *more)


def kek_of(directory: Path) -> bytes:
    """What a start makes of the directory."""
    return asyncio.run(secrets_of(read(ENVIRONMENT, data_dir=directory.parent))).kek


def in_files(folder: Path, text: str) -> list[Path]:
    """The files under a folder in which a text stands."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if text.encode() in path.read_bytes()]


def refused(done: Result, why: str) -> None:
    """It ended with 1 and one line."""
    assert done.exit_code == 1, done.output
    assert done.output.startswith("Error: ")
    assert done.output.count("\n") == 1
    assert why in done.output


@pytest.mark.parametrize("service", ["vault", "kms"])
def test_the_key_is_removed_from_disk_and_restored(
    directory: Path, service: str, request: pytest.FixtureRequest
) -> None:
    plain = secrets.load(directory)
    done = wrap(directory, request.getfixturevalue(service), "--json")
    assert done.exit_code == 0, done.output
    output = json.loads(done.output)
    assert output["written"] == str(directory / "kek.wrapped")
    assert "key" in output["wrapped_by"]
    assert not (directory / "kek").exists()
    assert not [path for path in directory.iterdir() if path.name.endswith(".part")]
    assert in_files(directory.parent, plain.kek.hex()) == []
    assert plain.kek.hex() not in done.output
    assert set(document(directory)) == {"service", "address", "key", "ciphertext"} | (
        {"mount"} if service == "vault" else {"region"}
    )


@pytest.mark.parametrize("service", ["vault", "kms"])
def test_a_rewrap_is_under_the_newest_version(
    directory: Path, service: str, request: pytest.FixtureRequest
) -> None:
    stand_in: VaultTransit | AwsKms = request.getfixturevalue(service)
    kek = secrets.load(directory).kek
    wrap(directory, stand_in)
    before = document(directory)
    stand_in.keys[before["key"]].rotate()
    assert sluis(directory, "secrets", "rewrap").exit_code == 0
    after = document(directory)
    assert after.pop("ciphertext") != before.pop("ciphertext")
    assert after == before
    assert kek_of(directory) == kek


def test_after_a_rewrap_the_old_version_may_go(directory: Path, vault: VaultTransit) -> None:
    wrap(directory, vault)
    key = vault.keys["sluis"]
    key.rotate()
    key.min_decryption_version = 2
    refused(sluis(directory, "secrets", "rewrap"), "min_decryption_version")
    key.min_decryption_version = 1
    assert sluis(directory, "secrets", "rewrap").exit_code == 0
    assert document(directory)["ciphertext"].startswith("vault:v2:")
    key.min_decryption_version = 2
    assert kek_of(directory)


def test_a_rewrap_goes_to_another_key_and_another_service(
    directory: Path, vault: VaultTransit, kms: AwsKms
) -> None:
    kek = secrets.load(directory).kek
    wrap(directory, vault)
    vault.keys["second"] = Key()
    assert sluis(directory, "secrets", "rewrap", "--key", "second").exit_code == 0
    assert document(directory)["key"] == "second"
    del vault.keys["sluis"]
    done = sluis(directory, "secrets", "rewrap", "--kms", kms.url, "--key", ARN)
    assert done.exit_code == 0, done.output
    assert document(directory)["service"] == "aws-kms"
    vault.keys.clear()
    assert kek_of(directory) == kek


@pytest.mark.parametrize("command", ["wrap", "rewrap"])
def test_nothing_is_changed_when_the_service_refuses(
    directory: Path, vault: VaultTransit, kms: AwsKms, command: str
) -> None:
    if command == "rewrap":
        wrap(directory, vault)
    before = files(directory)
    kms.denied.add(ARN)
    done = sluis(directory, "secrets", command, "--kms", kms.url, "--key", ARN)
    refused(done, "AccessDeniedException")
    done = sluis(directory, "secrets", command, "--vault", vault.url, "--key", "absent")
    refused(done, "there is no such key")
    assert files(directory) == before


def test_a_wrap_that_was_broken_off_is_finished(directory: Path, vault: VaultTransit) -> None:
    plain = (directory / "kek").read_bytes()
    wrap(directory, vault)
    (directory / "kek").write_bytes(plain)  # as after a crash before it was removed
    refused(sluis(directory, "keys", "list"), "Remove kek: `sluis secrets wrap`")
    assert "Remove kek" in sluis(directory, "doctor").output
    refused(sluis(directory, "secrets", "rewrap"), "Remove kek")
    assert wrap(directory, vault).exit_code == 0
    assert not (directory / "kek").exists()
    assert kek_of(directory).hex() == plain.decode()


def test_of_two_different_keys_none_is_removed(directory: Path, vault: VaultTransit) -> None:
    wrap(directory, vault)
    (directory / "kek").write_text("0f" * 32, encoding="ascii")
    before = files(directory)
    refused(wrap(directory, vault), "are different keys")
    assert files(directory) == before


def test_files_are_durable_before_the_key_is_removed(
    directory: Path, vault: VaultTransit, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    for name in ("fsync", "unlink", "replace"):
        real = getattr(os, name)

        def noted(*args: Any, _real: Any = real, _name: str = name, **more: Any) -> Any:
            calls.append((_name, Path(args[0]).name if _name != "fsync" else ""))
            return _real(*args, **more)

        monkeypatch.setattr(os, name, noted)
    wrap(directory, vault)
    wanted = [
        ("fsync", ""),
        ("replace", "kek.wrapped.part"),
        ("fsync", ""),
        ("unlink", "kek"),
        ("fsync", ""),
    ]
    assert [call for call in calls if call != ("unlink", "kek.wrapped.part")] == wanted


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ([], "--vault or --kms"),
        (["--vault", "https://v.example.nl", "--kms", KMS_EU, "--key", "k"], "one of them"),
        (["--vault", "https://v.example.nl"], "--key"),
        (["--vault", "http://v.example.nl", "--key", "k"], "in the clear"),
        (["--vault", "https://t:x@v.example.nl", "--key", "k"], "without path or login"),
        (["--vault", "https://v.example.nl", "--key", "k", "--region", "eu"], "--region with"),
        (["--kms", KMS_EU, "--key", "k", "--mount", "m"], "--mount goes"),
        (["--kms", "https://10.0.0.1", "--key", "k"], "--region"),
    ],
)
def test_a_key_that_is_not_named_rightly_is_refused(
    directory: Path, arguments: list[str], why: str
) -> None:
    before = files(directory)
    refused(sluis(directory, "secrets", "wrap", *arguments), why)
    assert files(directory) == before


@pytest.mark.parametrize(
    ("kms", "key", "region"),
    [
        ("https://10.0.0.1", ARN, "eu-central-1"),
        (KMS_EU, "alias/sluis", "eu-central-1"),
        ("https://kms-fips.us-east-1.amazonaws.com/", "k", "us-east-1"),
        ("https://vpce-1-2.kms.eu-west-3.vpce.amazonaws.com", "k", "eu-west-3"),
    ],
)
def test_the_region_is_that_of_the_key_or_the_address(kms: str, key: str, region: str) -> None:
    named = kek_wrapping.KeySpec(vault=None, kms=kms, key=key, mount=None, region=None)
    assert named.reference().region == region


def test_commands_say_when_there_is_nothing_to_do(directory: Path, vault: VaultTransit) -> None:
    refused(sluis(directory, "secrets", "rewrap"), "secrets wrap")
    wrap(directory, vault)
    refused(wrap(directory, vault), "is wrapped already, by vault-transit")
    refused(
        sluis(
            directory,
            "secrets",
            "wrap",
            "--vault",
            vault.url,
            "--key",
            "k",
            str(directory / "absent"),
        ),
        "There are no secrets in",
    )


def test_a_read_only_directory_is_reported(
    directory: Path, vault: VaultTransit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mounted(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(kek_wrapping, "write_wrapped_kek", mounted)
    refused(wrap(directory, vault), "Read-only file system")
    assert (directory / "kek").exists()


def test_doctor_says_which_service_holds_the_key(directory: Path, vault: VaultTransit) -> None:
    def checks(**environment: str) -> list[dict[str, Any]]:
        found = json.loads(sluis(directory, "doctor", "--json", **environment).output)["checks"]
        return [one for one in found if one["check"].startswith("key service")]

    assert sluis(directory, "migrate").exit_code == 0
    assert sluis(directory, "doctor").exit_code == 0
    assert checks() == []
    wrap(directory, vault)
    name = f"key service: vault-transit at {vault.url}, key transit/sluis"
    assert checks() == [{"check": name, "ok": True, "todo": ""}]
    (output,) = checks(VAULT_TOKEN="hvs.other")
    assert (output["check"], output["ok"]) == (name, False)
    assert "VAULT_TOKEN_FILE" in output["todo"]
    vault.sealed = True
    assert "unseal" in checks()[0]["todo"]
    assert sluis(directory, "doctor").exit_code == 1
    (directory / "kek.wrapped").write_text("{}", encoding="utf-8")
    assert "Restore it" in checks()[0]["todo"]


def test_the_credentials_are_read_once_and_not_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    padded = {name: f" {value}\n" for name, value in ENVIRONMENT.items()}
    logins = read(padded).key_logins
    assert (logins.vault.token, logins.aws and logins.aws.secret) == (CANARIES[0], SECRET)
    assert not [canary for canary in CANARIES if canary in repr(read(padded))]
    assert read({}).key_logins.aws is None
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
        expected = KEY_ID if name == "AWS_ACCESS_KEY_ID" else None
        assert resolve_reference(f"env:{name}") == expected


def document(directory: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((directory / "kek.wrapped").read_text(encoding="utf-8"))
    return found


def files(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}
