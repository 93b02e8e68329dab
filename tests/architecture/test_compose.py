"""The reference stack: valid by the Compose Specification, and closed as its documents say.

tests/data/compose/compose-spec.json is the schema of the specification (Apache-2.0) of 23 June
2026.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import jsonschema
import pytest
import yaml

from gateway.governance.catalogue.config_file import parse
from gateway.processes.cli import main
from gateway.processes.settings import read

_ROOT = Path(__file__).resolve().parents[2]
_DEPLOY = _ROOT / "deploy"
STACK: dict[str, Any] = yaml.safe_load((_ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = STACK["services"]
_OWN = {name: body for name, body in SERVICES.items() if "SLUIS_IMAGE" in body["image"]}
_PINNED = re.compile(r"^[\w./-]+:\d+\.\d+(\.\d+)?$")
_SECRET_NAMES = re.compile(r"PASSWORD|SECRET|TOKEN|KEY|DATABASE_URL")


def targets(service: dict[str, Any]) -> dict[str, str]:
    """The secrets of a service: the name in the container, and the secret."""
    found = service.get("secrets", [])
    return dict(
        (one, one) if isinstance(one, str) else (one["target"], one["source"]) for one in found
    )


def variables(service: dict[str, Any]) -> set[str]:
    return {*service.get("environment", {}), *targets(service)}


def references(text: str) -> set[str]:
    """The names behind ``env:`` in a configuration."""
    return set(re.findall(r"env:([A-Z_]+)", text))


def published() -> Iterator[str]:
    for service in SERVICES.values():
        yield from service.get("ports", [])


def test_it_is_valid_by_the_specification() -> None:
    schema = json.loads(
        (_ROOT / "tests/data/compose/compose-spec.json").read_text(encoding="utf-8")
    )
    jsonschema.Draft7Validator(schema).validate(STACK)


def test_it_has_every_part_of_an_installation() -> None:
    assert {"postgres", "valkey", "collector", "identity", "migrate", "apply"} < set(SERVICES)
    assert {"gateway", "control", "console"} < set(_OWN)


def test_only_loopback_ports_are_published_each_once() -> None:
    ports = list(published())
    assert [port for port in ports if not re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port)] == []
    assert len(set(ports)) == len(ports)


def test_images_of_others_are_pinned() -> None:
    others = {name: body["image"] for name, body in SERVICES.items() if name not in _OWN}
    assert {name for name, image in others.items() if not _PINNED.match(image)} == set()


def test_our_image_has_the_version_of_the_project() -> None:
    version = re.search(r'^version = "(.+)"', (_ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None
    assert {body["image"] for body in _OWN.values()} == {f"${{SLUIS_IMAGE:-sluis:{version[1]}}}"}


@pytest.mark.parametrize("name", _OWN)
def test_our_processes_have_no_rights_and_no_writable_root(name: str) -> None:
    service = _OWN[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service


@pytest.mark.parametrize("name", SERVICES)
def test_what_runs_on_is_watched(name: str) -> None:
    service = SERVICES[name]
    if service.get("restart") == "unless-stopped" and name != "collector":  # it has no shell
        # Podman splits the words of a list at their spaces.
        assert isinstance(service["healthcheck"]["test"], str)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_starts_after_those_that_it_calls(name: str) -> None:
    waits = SERVICES[name].get("depends_on", {})
    for other, how in waits.items():
        ends = SERVICES[other].get("restart") == "no"
        shared = SERVICES[name].get("network_mode") == f"service:{other}" and other == "gateway"
        watched = "healthcheck" in SERVICES[other] and not shared
        wanted = "service_healthy" if watched else "service_started"
        assert how["condition"] == ("service_completed_successfully" if ends else wanted)
    if "SLUIS_VALKEY_URL" in targets(SERVICES[name]) and name != "control":
        assert waits["valkey"] == {"condition": "service_healthy"}


@pytest.mark.parametrize("name", SERVICES)
def test_what_shares_a_network_restarts_with_its_owner(name: str) -> None:
    mode, _, owner = SERVICES[name].get("network_mode", "").partition(":")
    if mode == "service":  # the network of a container goes when that container stops
        assert SERVICES[name]["depends_on"][owner]["restart"] is True


@pytest.mark.parametrize("name", _OWN)
def test_its_data_directory_can_be_written(name: str) -> None:
    service = _OWN[name]
    default = re.search(r"SLUIS_DATA_DIR=(\S+)", (_ROOT / "Containerfile").read_text("utf-8"))
    assert default is not None
    places = [mount.split(":")[1] for mount in service.get("volumes", []) if mount.count(":") == 1]
    places += [mount.split(":")[0] for mount in service["tmpfs"]]
    data = PurePosixPath(service.get("environment", {}).get("SLUIS_DATA_DIR", default[1]))
    stores = service["command"] != ["demo-provider"]
    assert not stores or any(data.is_relative_to(place) for place in places)


def test_the_database_is_ready_only_when_others_reach_it() -> None:
    # While the image prepares the folder its server listens on a socket file, and not by TCP.
    assert "--host" in SERVICES["postgres"]["healthcheck"]["test"]


@pytest.mark.parametrize("name", _OWN)
def test_a_process_may_drain_before_it_is_killed(name: str) -> None:
    if SERVICES[name].get("restart") == "unless-stopped":
        assert int(SERVICES[name]["stop_grace_period"].removesuffix("s")) >= read({}).drain_s + 10


def test_the_collector_takes_all_that_is_sent_to_it() -> None:
    config = yaml.safe_load((_DEPLOY / "collector.yaml").read_text(encoding="utf-8"))
    pipelines = config["service"]["pipelines"]
    assert set(pipelines) == {"traces", "metrics", "logs"}
    port = config["receivers"]["otlp"]["protocols"]["http"]["endpoint"].rpartition(":")[2]
    for name, service in _OWN.items():
        if endpoint := service.get("environment", {}).get("OTEL_EXPORTER_OTLP_ENDPOINT"):
            assert endpoint == f"http://collector:{port}", name
    (events,) = read(SERVICES["control"]["environment"]).security_events
    assert events.url == f"http://collector:{port}"


@pytest.mark.parametrize("name", _OWN)
def test_its_variables_are_settings_or_references(name: str) -> None:
    settings = (_ROOT / "gateway/processes/settings.py").read_text(encoding="utf-8")
    config = (_DEPLOY / "sluis.yaml").read_text(encoding="utf-8")
    known = set(re.findall(r'"((?:SLUIS|OTEL)_[A-Z_]+)"', settings)) | references(config)
    assert variables(_OWN[name]) - known == set()


@pytest.mark.parametrize("name", _OWN)
def test_its_commands_exist(name: str) -> None:
    line = " ".join([*_OWN[name]["entrypoint"], *_OWN[name]["command"]]).replace(
        "sluis sluis ", "sluis "
    )
    commands = re.findall(r"(?<![\w/.-])sluis ([a-z][a-z-]+)", line)
    assert commands
    assert {command for command in commands if command not in main.commands} == set()


def test_the_processes_that_apply_have_every_secret_of_the_configuration() -> None:
    config = (_DEPLOY / "sluis.yaml").read_text(encoding="utf-8")
    keys = references(config) - {"CONSOLE_SECRET"}
    for name in ("apply", "control"):
        assert keys <= set(targets(SERVICES[name]))
    assert set(targets(SERVICES["console"])) == {"CONSOLE_SECRET"}
    assert set(targets(SERVICES["gateway"])) == {"SLUIS_DATABASE_URL", "SLUIS_VALKEY_URL"}


@pytest.mark.parametrize("name", ["gateway", "identity"])
def test_its_entry_point_makes_variables_of_secrets(tmp_path: Path, name: str) -> None:
    (tmp_path / "APP_KEY").write_text("sluis_a b$c", encoding="utf-8")
    (tmp_path / "OPS_KEY").write_text("sluis_ops", encoding="utf-8")
    shell, option, script, *rest = SERVICES[name]["entrypoint"]
    script = script.replace("$$", "$").replace("/run/secrets", str(tmp_path))
    script = script.replace("/opt/keycloak/bin/kc.sh ", "")
    done = subprocess.run(
        [f"/bin/{shell}", option, script, *rest, "/usr/bin/env"],
        env={}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert {"APP_KEY=sluis_a b$c", "OPS_KEY=sluis_ops"} <= set(done.stdout.splitlines())


def test_no_secret_is_written_in_it() -> None:
    for service in SERVICES.values():
        named = {name for name in service.get("environment", {}) if _SECRET_NAMES.search(name)}
        assert {name for name in named if not name.endswith(("_FILE", "_DIR"))} == set()
    realm = json.loads((_DEPLOY / "realm.json").read_text(encoding="utf-8"))
    values = [client["secret"] for client in realm["clients"] if "secret" in client]
    values += [one["value"] for user in realm["users"] for one in user["credentials"]]
    assert {value for value in values if not re.fullmatch(r"\$\{[A-Z_]+\}", value)} == set()
    wanted = {value[2:-1] for value in values}
    assert wanted <= set(targets(SERVICES["identity"]))


def test_secrets_are_files_that_the_script_writes(tmp_path: Path) -> None:
    script = tmp_path / "secrets.sh"
    script.write_bytes((_DEPLOY / "secrets.sh").read_bytes())
    subprocess.run(["/bin/bash", str(script)], check=True, capture_output=True)
    written = {path.name: path.read_text("utf-8") for path in (tmp_path / "secrets").iterdir()}
    assert set(written) == set(STACK["secrets"])
    for name, secret in STACK["secrets"].items():
        assert secret == {"file": f"./deploy/secrets/{name}"}
        assert re.fullmatch(r"[\w:/@-]{40,}", written[name])
    assert len(set(written.values())) == len(written)
    again = subprocess.run(["/bin/bash", str(script)], check=False, capture_output=True)
    assert again.returncode == 1


def test_realm_and_configuration_agree() -> None:
    config = parse((_DEPLOY / "sluis.yaml").read_text(encoding="utf-8"), source="sluis.yaml")
    realm = json.loads((_DEPLOY / "realm.json").read_text(encoding="utf-8"))
    (issuer,), console = config.identity.issuers, config.identity.console
    assert console is not None
    clients = {client["clientId"]: client for client in realm["clients"]}
    assert issuer.issuer.endswith(f"/realms/{realm['realm']}")
    assert issuer.issuer.startswith(SERVICES["identity"]["environment"]["KC_HOSTNAME"] + "/")
    assert {console.client_id, issuer.audience} == set(clients)
    assert set(issuer.roles) == {role["name"] for role in realm["roles"]["realm"]}
    assert clients[console.client_id]["redirectUris"] == ["http://127.0.0.1:8501/oauth2callback"]


def test_files_that_are_mounted_exist() -> None:
    mounts = [mount for service in SERVICES.values() for mount in service.get("volumes", [])]
    paths = [mount.split(":")[0] for mount in mounts if mount.startswith(".")]
    assert paths
    assert [path for path in paths if not (_ROOT / path).is_file()] == []
    named = {mount.split(":")[0] for mount in mounts if not mount.startswith(".")}
    assert named == set(STACK["volumes"])
