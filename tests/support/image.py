"""The image of ``make image``: its root file system, and an installation that runs in it.

A process runs as in a cluster: in a mount namespace of its own, with a read-only root, /tmp in
memory and a writable data folder, and as the user that the image names. Its network is the
machine's.
"""

import json
import os
import re
import shutil
import subprocess
import tarfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from tests.support.installation import SECRETS, Installation
from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
DATA = "/var/lib/sluis"
TOOLS = ("mmdebstrap", "buildah")
_ENTER = """
root=$1 data=$2 user=$3
shift 3
mount --bind "$root" "$root"
mount -o remount,bind,ro,nosuid "$root"
mount --bind "$data" "$root/var/lib/sluis"
mount -t tmpfs -o size=64m,mode=1777 tmpfs "$root/tmp"
mount -t proc proc "$root/proc"
mount -t tmpfs -o size=1m tmpfs "$root/dev"
mkdir -m 1777 "$root/dev/shm"
for device in null zero random urandom; do
  : > "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
exec /usr/sbin/chroot --userspec="$user" "$root" "$@"
"""
_LOCKED = re.compile(
    r"^([a-z0-9][^\s;]*==[^\s;]+)(?: ; ([^\\\n]+))?(.*(?:\n +--hash=.*)*)", re.MULTILINE
)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def obstacle() -> str | None:
    """The reason why the image cannot be built or run here; None where it can."""
    if os.geteuid() != 0:
        return "an image is built and entered as root"
    if "SLUIS_IMAGE" in os.environ:
        return None
    absent = [tool for tool in TOOLS if shutil.which(tool) is None]
    return f"{', '.join(absent)} is not installed" if absent else None


@cache
def archive() -> Path:
    """The OCI archive: the one that SLUIS_IMAGE names, else a new one."""
    if named := os.environ.get("SLUIS_IMAGE"):
        return Path(named)
    subprocess.run(["/bin/bash", "scripts/image.sh"], cwd=ROOT, check=True)
    return ROOT / "dist" / "sluis-image.tar"


@dataclass(frozen=True)
class Image:
    """An unpacked image: the folder of its root, and its configuration."""

    root: Path
    config: dict[str, Any]

    @property
    def packages(self) -> Path:
        """The folder of its Python packages."""
        return next((self.root / "opt/sluis/lib").glob("python3*/site-packages"))

    @property
    def python(self) -> str:
        """The version of its Python, such as 3.13."""
        return self.packages.parent.name.removeprefix("python")

    def listing(self) -> dict[str, tuple[int, int, int]]:
        """Every path of its root with mode, size and time of change."""
        return {
            str(path.relative_to(self.root)): (found.st_mode, found.st_size, found.st_mtime_ns)
            for path in self.root.rglob("*")
            for found in [path.lstat()]
        }


def unpack(source: Path, folder: Path) -> Image:
    """Unpack an OCI archive: its layers in order."""
    blobs, root = folder / "oci", folder / "root"
    root.mkdir()
    with tarfile.open(source) as tar:
        tar.extractall(blobs, filter="data")

    def blob(digest: str) -> Path:
        return blobs / "blobs" / digest.replace(":", "/")

    index = json.loads((blobs / "index.json").read_text("utf-8"))
    manifest = json.loads(blob(index["manifests"][0]["digest"]).read_text("utf-8"))
    for layer in manifest["layers"]:
        subprocess.run(["/bin/tar", "-xpf", blob(layer["digest"]), "-C", root], check=True)
    config = json.loads(blob(manifest["config"]["digest"]).read_text("utf-8"))["config"]
    shutil.rmtree(blobs)
    return Image(root, config)


def locked(path: Path, python: str) -> dict[str, tuple[str, frozenset[str]]]:
    """The packages of a lock that are for Linux on x86-64: version and hashes, by name."""
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": "linux",
        "platform_machine": "x86_64",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
    }
    found = {}
    for match in _LOCKED.finditer(path.read_text("utf-8")):
        pin = Requirement(match[1] + (f" ; {match[2]}" if match[2] else ""))
        if pin.marker is None or pin.marker.evaluate(environment):
            version = str(pin.specifier).removeprefix("==")
            found[pin.name] = (version, frozenset(_HASH.findall(match[0])))
    return found


@dataclass
class ImageInstallation(Installation):
    """``sluis`` processes in the image, over one data folder that its user owns."""

    image: Image | None = None
    forks: bool = False  # another root
    console_port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        user, group = map(int, self.user.split(":"))
        self.mounted.mkdir(parents=True)
        os.chown(self.mounted, user, group)

    @property
    def mounted(self) -> Path:
        """The folder that processes see as /var/lib/sluis."""
        return self.folder / "mounted"

    @property
    def user(self) -> str:
        assert self.image is not None
        return str(self.image.config["User"])

    def environment(self) -> dict[str, str]:
        assert self.image is not None
        return {
            **dict(item.split("=", 1) for item in self.image.config["Env"]),
            **SECRETS,
            "SLUIS_HOST": "127.0.0.1",
            "SLUIS_DATA_PORT": str(self.data_port),
            "SLUIS_CONTROL_PORT": str(self.control_port),
            "SLUIS_CONSOLE_PORT": str(self.console_port),
            "SLUIS_WORKER_PORT": str(self.worker_port),
        }

    def inside(self, *arguments: str) -> list[str]:
        """The command line that runs a program in the image."""
        assert self.image is not None
        enter = [
            "/usr/bin/unshare",
            "--mount",
            "--propagation",
            "private",
            "/bin/sh",
            "-euc",
            _ENTER,
        ]
        return [*enter, "sh", str(self.image.root), str(self.mounted), self.user, *arguments]

    def command(self, *arguments: str) -> list[str]:
        assert self.image is not None
        return self.inside(*self.image.config["Entrypoint"], *arguments)

    def apply(self, config: str) -> None:
        (self.mounted / "sluis.yaml").write_text(config, encoding="utf-8")
        self.sluis("apply", "-f", f"{DATA}/sluis.yaml")


def descendants(process: int) -> list[int]:
    """A process and all that it has started."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text("utf-8")
        except OSError:  # it has ended
            continue
        parents[int(folder.name)] = int(stat.rpartition(")")[2].split()[1])
    found = [process]
    for one in found:  # grows
        found += [child for child, parent in parents.items() if parent == one]
    return found
