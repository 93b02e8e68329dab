"""A new signing key, which the old one and itself have signed: at the next start it signs."""

from pathlib import Path
from typing import Any

from gateway.core.errors import ConfigError
from gateway.core.system.secrets import activate_next_key, next_signing
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.merkle_log import signing_keys
from gateway.processes.control_plane import opened
from gateway.processes.settings import Settings


async def rotate(settings: Settings, target: Path | None) -> dict[str, Any]:
    """Records the next key as an entry and as a link, then puts it in its place.

    ``target`` is where the new files go, None is the secrets directory. After a crash in between the
    same call finishes what was begun, with the same key.

    Raises:
        TrailDamaged: when the trail does not hold together: a new key must not hide that.
        ConfigError: when the files cannot be written; nothing was recorded then.
    """
    directory = target or settings.secrets_dir
    async with opened(settings) as plane:
        await plane.trail.log.advance()
        try:
            new = next_signing(directory)
        except OSError as error:
            raise ConfigError(
                f"{directory} cannot be written ({error.strerror}); give --to DIRECTORY and put the "
                "files in the secret by hand"
            ) from error
        async with plane.database.write() as connection:
            await signing_keys.hand_over(
                connection, plane.journal, LOCAL_OPERATOR, old=plane.secrets.signing, new=new
            )
            chain = "".join(await signing_keys.links(connection))
        activate_next_key(directory, chain=chain)
        return {
            "old": signing_keys.public_of(plane.secrets.signing).hex(),
            "new": signing_keys.public_of(new).hex(),
            "written": str(directory),
        }
