"""Load the secrets of a process; a key service unwraps the key where it is wrapped.

The key service's module, which loads an HTTP client, is imported only then.
"""

from gateway.core.system.secrets import (
    GatewaySecrets,
    Secrets,
    SecretsMissing,
    load,
    load_for_gateway,
    wrapped_kek,
)
from gateway.processes.settings import Settings


async def secrets_of(settings: Settings) -> Secrets:
    """The secrets of this installation; waits for a key service that is unavailable.

    Raises:
        SecretsMissing: when they are incomplete, or the service does not unwrap the key.
    """
    return load(settings.secrets_dir, kek=await _unwrapped(settings))


async def gateway_secrets_of(settings: Settings) -> GatewaySecrets:
    """The secrets that a gateway needs; waits for a key service that is unavailable.

    Raises:
        SecretsMissing: when they are incomplete, or the service does not unwrap the key.
    """
    return load_for_gateway(settings.secrets_dir, kek=await _unwrapped(settings))


async def check_key_service(settings: Settings) -> tuple[str, str | None] | None:
    """The key service that wraps the key, and its problem if any; None without a key service."""
    about = "key service"
    try:
        text = wrapped_kek(settings.secrets_dir)
        if text is None:
            return None
        from gateway.key_services import WrappedKek, unwrap_kek

        about = f"key service: {WrappedKek.parse(text).reference}"
        await unwrap_kek(text, settings.key_logins)
    except SecretsMissing as problem:
        return about, str(problem)
    return about, None


async def _unwrapped(settings: Settings) -> bytes | None:
    """The key from the key service; None where the key is a file."""
    text = wrapped_kek(settings.secrets_dir)
    if text is None:
        return None
    from gateway.key_services import UNWRAP_TIMEOUT_S, unwrap_kek

    return await unwrap_kek(text, settings.key_logins, timeout_s=UNWRAP_TIMEOUT_S)
