"""Each pod has the secrets that its process needs, and no other."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.core.system import secrets
from tests.support.chart import Document, environment, mounts, processes, secret_files, validate

pytestmark = pytest.mark.integration

Render = Callable[..., list[Document]]
KEY = {"kek", "kek.wrapped"}
CONTROL = KEY | {"pepper", "placeholder", "operator-token", "signing.pem", "signing.pub"}
FILES = {
    "gateway": KEY | {"pepper", "placeholder", "worker-token", "signing.pub"},
    "control": CONTROL | {"worker-token"},
    "migrate": CONTROL,
    "apply": CONTROL,
    "worker": {"worker-token", "signing.pub"},
    "console": set(),
}
READERS: dict[str, Callable[[Path], object]] = {
    "gateway": secrets.load_for_gateway,
    "control": secrets.load,
    "migrate": secrets.load,
    "apply": secrets.load,
    "worker": secrets.load_for_worker,
}


def test_each_process_mounts_the_files_that_it_needs(render: Render) -> None:
    documents = render({}, profile="worker-hpa")
    for document in documents:
        validate(document)
    assert {name: secret_files(pod) for name, pod, _ in processes(documents)} == FILES


@pytest.mark.parametrize("process", READERS)
def test_these_files_are_enough(render: Render, tmp_path: Path, process: str) -> None:
    directory = tmp_path / "secrets"
    secrets.create(directory)
    pods = {name: pod for name, pod, _ in processes(render({}, profile="worker-hpa"))}
    for file in directory.iterdir():
        if file.name not in secret_files(pods[process]):
            file.unlink()
    assert READERS[process](directory)


def test_only_the_key_may_be_absent_from_the_secret(render: Render) -> None:
    for name, pod, _ in processes(render({}, profile="worker-hpa")):
        if name == "console":
            continue
        optional = {
            item["key"]
            for source in mounts(pod)["/etc/sluis/secrets"]["volume"]["projected"]["sources"]
            if source["secret"].get("optional")
            for item in source["secret"]["items"]
        }
        assert optional == (set() if name == "worker" else KEY)


def test_a_component_may_have_a_database_role_of_its_own(render: Render) -> None:
    own = {
        "gateway": {"existingSecret": "db-gateway", "key": "dsn"},
        "hooks": {"existingSecret": "db-owner"},
    }
    found = {}
    for name, pod, _ in processes(render({"database": own}, profile="worker-hpa")):
        if name not in {"console", "worker"}:
            found[name] = environment(pod)["SLUIS_DATABASE_URL"]["valueFrom"]["secretKeyRef"]
    assert found == {
        "gateway": {"name": "db-gateway", "key": "dsn"},
        "control": {"name": "sluis-database", "key": "url"},
        "migrate": {"name": "db-owner", "key": "url"},
        "apply": {"name": "db-owner", "key": "url"},
    }


def test_the_worker_has_no_database(render: Render) -> None:
    pods = {name: pod for name, pod, _ in processes(render({}, profile="worker-hpa"))}
    given = environment(pods["worker"])
    assert not {"SLUIS_DATABASE_URL", "PGSSLMODE", "PGSSLROOTCERT"} & given.keys()
    assert given["SLUIS_CONTROL_URL"]["value"] == "http://sluis-control:8081"


def test_models_are_where_they_run_and_where_they_are_hashed(render: Render) -> None:
    holders = set()
    for name, pod, _ in processes(render({}, profile="worker-hpa")):
        if mount := mounts(pod).get("/models"):
            claim = {"claimName": "sluis-models", "readOnly": True}
            assert mount["volume"]["persistentVolumeClaim"] == claim
            assert mount["readOnly"] is True
            holders.add(name)
    assert holders == {"worker", "control"}
