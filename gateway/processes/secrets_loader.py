"""The secrets as a process needs them: with a key that a key service unwraps, where it is wrapped.

The key service's part, which brings an HTTP client, is imported only then.
"""

from gateway.core.system.secrets import Secrets, SecretsMissing, load, wrapped_kek
from gateway.processes.settings import Settings


async def secrets_of(settings: Settings) -> Secrets:
    """The secrets of this installation; the key service is waited for when it is away.

    Raises:
        SecretsMissing: when they are not whole, or the service does not open the key.
    """
    text = wrapped_kek(settings.secrets_dir)
    if text is None:
        return load(settings.secrets_dir)
    from gateway.key_services import UNWRAP_TIMEOUT_S, unwrap_kek

    kek = await unwrap_kek(text, settings.key_logins, timeout_s=UNWRAP_TIMEOUT_S)
    return load(settings.secrets_dir, kek=kek)


async def look_at_key_service(settings: Settings) -> tuple[str, str | None] | None:
    """Which key service holds the key, and what is wrong with it if anything; None without one."""
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
