"""Load the secrets of a process; a key service unwraps the key where it is wrapped.

The key service's module, which loads an HTTP client, is imported only then.
"""

from gateway.core.system.secrets import Secrets, SecretsMissing, load, wrapped_kek
from gateway.processes.settings import Settings


async def secrets_of(settings: Settings) -> Secrets:
    """The secrets of this installation; waits for a key service that is unavailable.

    Raises:
        SecretsMissing: when they are incomplete, or the service does not unwrap the key.
    """
    text = wrapped_kek(settings.secrets_dir)
    if text is None:
        return load(settings.secrets_dir)
    from gateway.key_services import UNWRAP_TIMEOUT_S, unwrap_kek

    kek = await unwrap_kek(text, settings.key_logins, timeout_s=UNWRAP_TIMEOUT_S)
    return load(settings.secrets_dir, kek=kek)


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
