"""Process settings: read once, by the composition roots only."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"


class SettingsError(Exception):
    """A setting has a value that cannot be used; names the variable."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says. ``database_url`` is None in embedded mode (SQLite files)."""

    data_dir: Path
    secrets_dir: Path
    cache_dir: Path
    config: Path | None
    database_url: str | None
    host: str
    data_port: int
    control_port: int
    worker_port: int
    console_port: int
    demo_port: int
    worker_threads: int
    detectors: int
    ready_urls: tuple[str, ...]
    control_url: str
    otlp_endpoint: str | None
    inside_only_after_s: float
    refuse_after_s: float

    @property
    def embedded(self) -> bool:
        """Whether everything lives in one data directory on one machine."""
        return self.database_url is None

    @property
    def governance_url(self) -> str:
        """The control plane's database."""
        return self.database_url or f"sqlite:///{self.data_dir / 'governance.db'}"


def read(environ: Mapping[str, str] | None = None, *, data_dir: Path | None = None) -> Settings:
    """Settings from the environment; ``data_dir`` from a command line wins.

    Raises:
        SettingsError: for a port or duration that is not a number.
    """
    env = os.environ if environ is None else environ
    folder = (data_dir or Path(env.get("SLUIS_DATA_DIR", ".sluis"))).resolve()
    config = env.get("SLUIS_CONFIG")
    return Settings(
        data_dir=folder,
        secrets_dir=Path(env.get("SLUIS_SECRETS_DIR") or folder / "secrets").resolve(),
        cache_dir=Path(env.get("SLUIS_CACHE_DIR") or folder / "cache").resolve(),
        config=Path(config).resolve() if config else None,
        database_url=env.get("SLUIS_DATABASE_URL") or None,
        host=env.get("SLUIS_HOST", LOOPBACK),
        data_port=_port(env, "SLUIS_DATA_PORT", 8080),
        control_port=_port(env, "SLUIS_CONTROL_PORT", 8081),
        worker_port=_port(env, "SLUIS_WORKER_PORT", 8082),
        console_port=_port(env, "SLUIS_CONSOLE_PORT", 8501),
        demo_port=_port(env, "SLUIS_DEMO_PORT", 8083),
        worker_threads=_count(env, "SLUIS_WORKER_THREADS", 2),
        detectors=_count(env, "SLUIS_DETECTORS", _default_detectors(), least=0),
        ready_urls=tuple(filter(None, env.get("SLUIS_READY_URLS", "").split(","))),
        control_url=env.get("SLUIS_CONTROL_URL")
        or f"http://{LOOPBACK}:{_port(env, 'SLUIS_CONTROL_PORT', 8081)}",
        otlp_endpoint=env.get("OTEL_EXPORTER_OTLP_ENDPOINT") or None,
        inside_only_after_s=_seconds(env, "SLUIS_SNAPSHOT_INSIDE_ONLY_AFTER", 900),
        refuse_after_s=_seconds(env, "SLUIS_SNAPSHOT_REFUSE_AFTER", 86_400),
    )


def resolve_reference(reference: str) -> str | None:
    """The value of ``env:NAME``, or None when it is not set."""
    return os.environ.get(reference.removeprefix("env:")) or None


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SettingsError(f"{name} must be a port number, not {text!r}")
    return int(text)


def _count(env: Mapping[str, str], name: str, default: int, *, least: int = 1) -> int:
    text = env.get(name) or str(default)
    if not text.isdigit() or int(text) < least:
        raise SettingsError(f"{name} must be a whole number from {least}, not {text!r}")
    return int(text)


def _default_detectors() -> int:
    """One core stays with the gateway itself."""
    return min(4, max(1, (os.cpu_count() or 1) - 1))


def _seconds(env: Mapping[str, str], name: str, default: float) -> float:
    text = env.get(name) or str(default)
    try:
        return float(text)
    except ValueError as error:
        raise SettingsError(f"{name} must be a number of seconds, not {text!r}") from error
