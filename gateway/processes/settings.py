"""Process settings, which only the composition roots read, once."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.x509 import Certificate as X509Certificate
from cryptography.x509 import load_pem_x509_certificates

from gateway.core.system.credentials import AwsCredentials, KeyServiceCredentials, VaultCredentials
from gateway.core.system.logs import FORMATS, LEVELS
from gateway.evidence.witness import WitnessConfig, WitnessEndpoint, WitnessKey
from gateway.governance.http.trusted_proxies import Network
from gateway.governance.security_events.destination import EventDestination
from gateway.identity.approval_tokens import ApprovalPins
from gateway.limits.store_settings import StoreSettings
from gateway.processes.setting_values import (
    SettingsError,
    approval_pins,
    count,
    networks,
    number,
    origins,
    port,
    share,
)

LOOPBACK = "127.0.0.1"
_DTYPES = ("auto", "float32", "bfloat16", "float16")
_SIGNED_HEAD = "signed-head"
_SHORTEST_TOKEN = 24  # characters, as of keys
# Credentials of the installation itself: no configuration may send them to a provider.
_NO_REFERENCE = {
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "SLUIS_DATABASE_URL",
    "SLUIS_METRICS_TOKEN",
    "SLUIS_TOKEN",
    "SLUIS_VALKEY_URL",
    "VAULT_TOKEN",
}
# Credentials that commands send to other machines.
_OF_COMMANDS = {"SLUIS_ACCEPTANCE_KEY", "SLUIS_ACCEPTANCE_TOKEN", "SLUIS_TOKEN"}


@dataclass(frozen=True, slots=True)
class Certificate:
    """PEM files of a server: the certificate chain and the private key."""

    chain: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings from the environment; ``database_url`` is None in embedded mode (SQLite files)."""

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
    console_idle_s: int  # 0: a session does not end by itself
    demo_port: int
    drain_s: int
    leave_s: float
    worker_threads: int
    worker_pool_tokens: int
    worker_batch_tokens: int
    worker_waiting: int  # these three are sized from memory where they are 0
    worker_dtype: str
    worker_deadline_s: int
    worker_certificate: Certificate | None
    detectors: int
    detector_cache_mib: int
    document_s: float
    ready_urls: tuple[str, ...]
    control_url: str
    control_is_named: bool  # by SLUIS_CONTROL_URL
    console_url: str  # as browsers reach it; without a path
    gateway_url: str | None  # as the control plane reaches one
    otlp_endpoint: str | None
    otlp_sampled: float
    otlp_metrics_every_s: float
    old_metric_names: bool  # metrics also have the names of the version before
    internal_only_after_s: float
    refuse_after_s: float
    witnessing: WitnessConfig
    key_logins: KeyServiceCredentials
    security_events: tuple[EventDestination, ...]
    notices: Path | None
    trusted_proxies: tuple[Network, ...]  # they may say in x-forwarded-for who calls
    erasures: Path | None  # the file of erasures, which backups do not restore
    signed_head: Path | None  # the file of the newest signed head, outside the database
    models_dir: Path | None  # for files of models that are uploaded; None refuses them
    valkey: StoreSettings | None  # None: limits are counted in each gateway
    count_per_replica: bool  # and it is meant so, although there are several
    approval_pins: ApprovalPins | None  # None: of the keys in records
    origins: tuple[str, ...]  # of pages whose scripts may call the gateway
    remote_url: str | None  # the control plane of a command; None is this machine
    token: str | None = field(repr=False)
    metrics_token: str | None = field(repr=False)  # None: /metrics asks for none

    @property
    def embedded(self) -> bool:
        """Whether one data directory on one machine holds everything."""
        return self.database_url is None

    @property
    def governance_url(self) -> str:
        """The URL of the control plane's database."""
        return self.database_url or f"sqlite:///{self.data_dir / 'governance.db'}"


def read(
    environ: Mapping[str, str] | None = None,
    *,
    data_dir: Path | None = None,
    remote_url: str | None = None,
) -> Settings:
    """Settings from the environment; ``data_dir`` and ``remote_url`` come from a command line.

    Raises:
        SettingsError: for a value that cannot be used, or a setting that this version lacks.
    """
    env = os.environ if environ is None else environ
    folder = (data_dir or Path(env.get("SLUIS_DATA_DIR", ".sluis"))).resolve()
    return Settings(
        data_dir=folder,
        secrets_dir=Path(env.get("SLUIS_SECRETS_DIR") or folder / "secrets").resolve(),
        cache_dir=_cache(env, folder),
        config=Path(env["SLUIS_CONFIG"]).resolve() if env.get("SLUIS_CONFIG") else None,
        database_url=env.get("SLUIS_DATABASE_URL") or None,
        host=env.get("SLUIS_HOST", LOOPBACK),
        data_port=port(env, "SLUIS_DATA_PORT", 8080),
        control_port=port(env, "SLUIS_CONTROL_PORT", 8081),
        worker_port=port(env, "SLUIS_WORKER_PORT", 8082),
        console_port=port(env, "SLUIS_CONSOLE_PORT", 8501),
        console_idle_s=count(env, "SLUIS_CONSOLE_IDLE_S", 1800, minimum=0),
        demo_port=port(env, "SLUIS_DEMO_PORT", 8083),
        drain_s=count(env, "SLUIS_DRAIN_S", 20),
        leave_s=number(env, "SLUIS_LEAVE_S", 0),
        worker_threads=count(env, "SLUIS_WORKER_THREADS", 2),
        worker_pool_tokens=count(env, "SLUIS_WORKER_POOL_TOKENS", 0, minimum=0),
        worker_batch_tokens=count(env, "SLUIS_WORKER_BATCH_TOKENS", 0, minimum=0),
        worker_waiting=count(env, "SLUIS_WORKER_WAITING", 0, minimum=0),
        worker_dtype=_one_of(env, "SLUIS_WORKER_DTYPE", _DTYPES) or "auto",
        worker_deadline_s=count(env, "SLUIS_WORKER_DEADLINE_S", 120),
        worker_certificate=_certificate(env, "SLUIS_WORKER_CERT", "SLUIS_WORKER_KEY"),
        detectors=count(env, "SLUIS_DETECTORS", _default_detectors(), minimum=0),
        detector_cache_mib=count(env, "SLUIS_DETECTOR_CACHE_MIB", 32),
        document_s=number(env, "SLUIS_DOCUMENT_SECONDS", 10),
        ready_urls=tuple(filter(None, env.get("SLUIS_READY_URLS", "").split(","))),
        control_url=_control_url(env),
        control_is_named=bool(env.get("SLUIS_CONTROL_URL")),
        console_url=_console_url(env),
        gateway_url=env.get("SLUIS_GATEWAY_URL", "").rstrip("/") or None,
        otlp_endpoint=env.get("OTEL_EXPORTER_OTLP_ENDPOINT") or None,
        otlp_sampled=share(env, "OTEL_TRACES_SAMPLER_ARG", 0.1),
        otlp_metrics_every_s=number(env, "OTEL_METRIC_EXPORT_INTERVAL", 60_000) / 1000,
        old_metric_names=_one_of(env, "SLUIS_OLD_METRIC_NAMES", ("on", "off")) != "off",
        internal_only_after_s=number(env, "SLUIS_SNAPSHOT_INSIDE_ONLY_AFTER", 900),
        refuse_after_s=number(env, "SLUIS_SNAPSHOT_REFUSE_AFTER", 86_400),
        witnessing=_witnessing(env),
        key_logins=KeyServiceCredentials(_vault(env), _aws(env)),
        security_events=_security_events(env),
        notices=Path(env["SLUIS_NOTICES"]) if env.get("SLUIS_NOTICES") else None,
        trusted_proxies=networks(env, "SLUIS_TRUSTED_PROXIES"),
        erasures=_erasures(env, folder),
        signed_head=_signed_head(env, folder),
        models_dir=_models_dir(env, folder),
        valkey=_valkey(env),
        count_per_replica=_one_of(env, "SLUIS_COUNT_PER_REPLICA", ("on", "off")) == "on",
        approval_pins=approval_pins(env, "SLUIS_ISSUER_KEYS"),
        origins=origins(env, "SLUIS_CORS_ORIGINS"),
        remote_url=remote_url,
        token=env.get("SLUIS_TOKEN") or None,
        metrics_token=_metrics_token(env),
    )


def log_settings(environ: Mapping[str, str] | None = None) -> tuple[str, str | None]:
    """The level and the form of the log; a form of None depends on where the log goes.

    Raises:
        SettingsError: for a level or a form that does not exist.
    """
    env = os.environ if environ is None else environ
    level = _one_of(env, "SLUIS_LOG_LEVEL", LEVELS) or "warning"
    return level, _one_of(env, "SLUIS_LOG_FORMAT", FORMATS)


def resolve_reference(reference: str) -> str | None:
    """The value of ``env:NAME``; None when it is unset, or a credential of the installation."""
    name = reference.removeprefix("env:")
    return None if name in _NO_REFERENCE else os.environ.get(name) or None


def withheld_from_processes(references: Iterable[str]) -> frozenset[str]:
    """The variables of ``env:NAME`` references that a process does not use, and of commands.

    Without credentials of the installation, which it does use: as references they count as unset.
    """
    named = frozenset(one.removeprefix("env:") for one in references)
    return (named - _NO_REFERENCE) | _OF_COMMANDS


def _one_of(env: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str | None:
    text = env.get(name) or None
    if text is None or text.lower() in allowed:
        return text and text.lower()
    raise SettingsError(f"{name} must be one of {', '.join(allowed)}, not {text!r}")


def _metrics_token(env: Mapping[str, str]) -> str | None:
    """The bearer of /metrics; secrets made from files end with a line break."""
    token = env.get("SLUIS_METRICS_TOKEN", "").strip()
    if token and (len(token) < _SHORTEST_TOKEN or not token.isascii() or not token.isprintable()):
        raise SettingsError(
            f"SLUIS_METRICS_TOKEN must have at least {_SHORTEST_TOKEN} printable ASCII characters"
        )
    return token or None


def _console_url(env: Mapping[str, str]) -> str:
    own = f"http://{LOOPBACK}:{port(env, 'SLUIS_CONSOLE_PORT', 8501)}"
    return _site(env, "SLUIS_CONSOLE_URL") or own


def _certificate(env: Mapping[str, str], chain: str, key: str) -> Certificate | None:
    paths = [Path(env[name]).resolve() for name in (chain, key) if env.get(name)]
    if not paths:
        return None
    if len(paths) == 1:
        raise SettingsError(f"{chain} and {key} go together: set both, or neither")
    for name, path in zip((chain, key), paths, strict=True):
        if not path.is_file():
            raise SettingsError(f"{name}: there is no file {path}")
    return Certificate(*paths)


def _site(env: Mapping[str, str], name: str) -> str | None:
    """An address of scheme, host and port; https, since sign-in tokens are sent to it."""
    text = env.get(name)
    if not text:
        return None
    url = urlsplit(text)
    local = url.scheme == "http" and url.hostname in {"localhost", LOOPBACK}
    if not url.hostname or (url.scheme != "https" and not local):
        raise SettingsError(f"{name} must be an https address such as https://sluis.example.nl")
    if url.path.strip("/") or url.query or url.fragment or "@" in url.netloc:
        raise SettingsError(f"{name} must be scheme, host and port only, without path or login")
    return f"{url.scheme}://{url.netloc}"


def _witnessing(env: Mapping[str, str]) -> WitnessConfig:
    """The witnesses; object storage takes its credentials from the usual AWS variables."""
    region = env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION") or ""
    try:
        endpoints = [
            WitnessEndpoint.parse(text, region=region) for text in _list(env, "SLUIS_WITNESSES")
        ]
        keys = [WitnessKey.parse(text) for text in _list(env, "SLUIS_WITNESS_KEYS")]
    except ValueError as error:
        raise SettingsError(f"SLUIS_WITNESSES or SLUIS_WITNESS_KEYS: {error}") from error
    if any(endpoint.kind == "http" for endpoint in endpoints) and not keys:
        raise SettingsError("SLUIS_WITNESS_KEYS must name the key of the witness (name+id+base64)")
    credentials = _aws(env)
    if any(endpoint.kind == "s3" for endpoint in endpoints) and credentials is None:
        raise SettingsError(
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set for s3+https witnesses"
        )
    stamped = any(endpoint.kind == "tsa" for endpoint in endpoints)
    certificates = _tsa_certificates(env) if stamped else ()
    return WitnessConfig(tuple(endpoints), tuple(keys), credentials, certificates)


def _security_events(env: Mapping[str, str]) -> tuple[EventDestination, ...]:
    try:
        return tuple(EventDestination.parse(text) for text in _list(env, "SLUIS_SECURITY_EVENTS"))
    except ValueError as error:
        raise SettingsError(f"SLUIS_SECURITY_EVENTS: {error}") from error


def _tsa_certificates(env: Mapping[str, str]) -> tuple[X509Certificate, ...]:
    """The certificates that time stamps must be signed under, from a PEM file."""
    name = env.get("SLUIS_TSA_CERTS")
    if not name:
        raise SettingsError(
            "SLUIS_TSA_CERTS must name a PEM file with the certificates of the TSA's authority, "
            "which its time stamps are checked with"
        )
    try:
        return tuple(load_pem_x509_certificates(Path(name).read_bytes()))
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"SLUIS_TSA_CERTS: {name} cannot be read as a PEM file with certificates "
            f"({type(error).__name__})"
        ) from error


def _aws(env: Mapping[str, str]) -> AwsCredentials | None:
    name, secret, token = (
        env.get(f"AWS_{part}", "").strip()  # secrets made from files end with a line break
        for part in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN")
    )
    return AwsCredentials(name, secret, token) if name and secret else None


def _vault(env: Mapping[str, str]) -> VaultCredentials:
    file, ca = env.get("VAULT_TOKEN_FILE"), env.get("VAULT_CACERT")
    return VaultCredentials(
        token=env.get("VAULT_TOKEN", "").strip(),
        token_file=Path(file).resolve() if file else None,
        namespace=env.get("VAULT_NAMESPACE", "").strip(),
        ca=Path(ca).resolve() if ca else None,
    )


def _erasures(env: Mapping[str, str], data_dir: Path) -> Path | None:
    """The path beside the data directory, so that restoring a backup does not restore it."""
    if named := env.get("SLUIS_ERASURES"):
        return Path(named).resolve()
    embedded = not env.get("SLUIS_DATABASE_URL")
    return data_dir.with_name(f"{data_dir.name}.erasures.jsonl") if embedded else None


def _signed_head(env: Mapping[str, str], data_dir: Path) -> Path | None:
    """The path outside the database: beside the secrets, or beside the erasures."""
    if named := env.get("SLUIS_SIGNED_HEAD"):
        return Path(named).resolve()
    if not env.get("SLUIS_DATABASE_URL"):
        return Path(env.get("SLUIS_SECRETS_DIR") or data_dir / "secrets").resolve() / _SIGNED_HEAD
    erasures = _erasures(env, data_dir)
    return erasures.with_name(_SIGNED_HEAD) if erasures else None


def _valkey(env: Mapping[str, str]) -> StoreSettings | None:
    """The store of shared limits; its URL holds a password, so it can be in a file."""
    name, ca = "SLUIS_VALKEY_URL", env.get("SLUIS_VALKEY_CA")
    url = env.get(name, "").strip()
    if file := env.get(f"{name}_FILE"):
        if url:
            raise SettingsError(f"{name} and {name}_FILE: set one of them")
        try:
            url = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            raise SettingsError(f"{name}_FILE: {file} cannot be read") from error
    if not url:
        return None
    if ca and not Path(ca).is_file():
        raise SettingsError(f"SLUIS_VALKEY_CA: there is no file {ca}")
    timeout_ms = count(env, "SLUIS_VALKEY_TIMEOUT_MS", 250, minimum=10)
    store = StoreSettings(url, str(Path(ca).resolve()) if ca else None, timeout_ms / 1000)
    try:
        store.check()
    except ValueError as error:
        raise SettingsError(f"{name}: {error}") from error
    return store


def _list(env: Mapping[str, str], name: str) -> list[str]:
    return [item for part in env.get(name, "").split(",") if (item := part.strip())]


def _default_detectors() -> int:
    """As many detectors as cores, except one for the gateway itself, at most four."""
    return min(4, max(1, (os.cpu_count() or 1) - 1))


def _models_dir(env: Mapping[str, str], data_dir: Path) -> Path | None:
    """Outside embedded mode only a folder that workers share, which a setting names."""
    if named := env.get("SLUIS_MODELS_DIR"):
        return Path(named).resolve()
    return None if env.get("SLUIS_DATABASE_URL") else data_dir / "uploads"


def _control_url(env: Mapping[str, str]) -> str:
    own = f"http://{LOOPBACK}:{port(env, 'SLUIS_CONTROL_PORT', 8081)}"
    return env.get("SLUIS_CONTROL_URL") or own


def _cache(env: Mapping[str, str], data_dir: Path) -> Path:
    """One cache for all installations of a user: its content is the same for each."""
    if named := env.get("SLUIS_CACHE_DIR"):
        return Path(named).resolve()
    home = env.get("XDG_CACHE_HOME") or (f"{env['HOME']}/.cache" if env.get("HOME") else None)
    return Path(home or data_dir, "sluis").resolve()
