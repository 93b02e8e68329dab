"""The stack of compose.yaml, run unchanged by Docker Compose on Podman, in a folder of its own.

The images of others are the stand-ins of tests/image/stand_ins, under the names of the real ones.
Podman has systemd run health checks; here a thread runs them, so no systemd is needed.
"""

import json
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support import image as images
from tests.support.image import ROOT

TOOLS = ("podman", "docker-compose", "runc", "catatonit", "nft", "mmdebstrap", "npm")
PORTS = (8080, 8081, 8083, 8180, 8501)
_PODMAN, _COMPOSE = "/usr/bin/podman", "/usr/bin/docker-compose"
_START_S, _CHECK_S, _PAUSE_S = 600, 30, 2
_CONFIG = """
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
static_dir = "{folder}/static"
tmp_dir = "{folder}/run/libpod"
volume_path = "{folder}/volumes"
[network]
network_config_dir = "{folder}/networks"
"""
_STORAGE = """
[storage]
driver = "overlay"
graphroot = "{folder}/images"
runroot = "{folder}/run/storage"
"""


def obstacle() -> str | None:
    """The reason why the stack cannot run here; None where it can."""
    if reason := images.obstacle():
        return reason
    if absent := [tool for tool in TOOLS if shutil.which(tool) is None]:
        return f"{', '.join(absent)} is not installed"
    taken = [port for port in PORTS if _listens(port)]
    return f"ports {taken} are taken" if taken else None


@dataclass(frozen=True)
class Stack:
    """A copy of compose.yaml and deploy/ in a folder, and Podman with its state beside it."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if name != "SLUIS_IMAGE"},
            "CONTAINERS_CONF": str(self.folder / "containers.conf"),
            "CONTAINERS_STORAGE_CONF": str(self.folder / "storage.conf"),
            "DOCKER_HOST": f"unix://{self.folder}/podman.sock",
            "PODMAN_IGNORE_CGROUPSV1_WARNING": "1",
        }

    def podman(self, *arguments: str) -> str:
        return self._run(_PODMAN, *arguments)

    def compose(self, *arguments: str) -> str:
        return self._run(_COMPOSE, *arguments)

    def command(self, *arguments: str, **variables: str) -> str:
        """Runs a command as the documents say: beside the control plane, with its secrets."""
        given = [part for item in variables.items() for part in ("--env", "=".join(item))]
        return self.compose("run", "--rm", "--no-deps", "-T", *given, "control", *arguments)

    def secret(self, name: str) -> str:
        return (self.folder / "deploy" / "secrets" / name).read_text("utf-8")

    def containers(self) -> dict[str, dict[str, Any]]:
        """What Podman says of each service."""
        names = self.podman("ps", "--all", "--format", "{{.Names}}").split()
        found = json.loads(self.podman("inspect", *names))
        return {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in found}

    def check(self) -> None:
        """Runs every health check once."""
        for name in self.podman("ps", "--format", "{{.Names}}").split():
            subprocess.run(
                [_PODMAN, "healthcheck", "run", name],
                env=self.environment, capture_output=True, check=False, timeout=_CHECK_S,
            )  # fmt: skip

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment,
            capture_output=True, text=True, check=False, timeout=_START_S,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout


@contextmanager
def installed(folder: Path, archive: Path) -> Iterator[Stack]:
    """The stack with all its images and secrets, not started; the end removes what it made."""
    stack = Stack(folder)
    (folder / "containers.conf").write_text(_CONFIG.format(folder=folder), encoding="utf-8")
    (folder / "storage.conf").write_text(_STORAGE.format(folder=folder), encoding="utf-8")
    shutil.copy(ROOT / "compose.yaml", folder)
    shutil.copytree(ROOT / "deploy", folder / "deploy", ignore=shutil.ignore_patterns("secrets"))
    ended = threading.Event()
    watch = threading.Thread(target=_watch, args=(stack, ended))
    service = subprocess.Popen(
        [_PODMAN, "system", "service", "--time", "0", stack.environment["DOCKER_HOST"]],
        env=stack.environment, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        stack._run("bash", str(ROOT / "tests/image/stand_ins/build.sh"))
        stack.podman("load", "--input", str(archive))
        stack._run("bash", "deploy/secrets.sh")
        watch.start()
        yield stack
    finally:
        ended.set()
        if watch.is_alive():
            watch.join()
        stack.compose("down", "--volumes")
        service.terminate()
        service.wait(timeout=_CHECK_S)
        stack.podman("rmi", "--all", "--force")
        mounted = str(folder / "images/overlay")
        subprocess.run(["/bin/umount", "--recursive", "--quiet", mounted], check=False)


def _watch(stack: Stack, ended: threading.Event) -> None:
    while not ended.wait(_PAUSE_S):
        stack.check()


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
