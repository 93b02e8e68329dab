"""Rotate the signing key: the old key signs the new one, which is used from the next start."""

from pathlib import Path
from typing import Any

from gateway.core.errors import ConfigError
from gateway.core.system.secrets import activate_next_key, next_signing_key
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.changes.governed import sign_again
from gateway.governance.merkle_log import signing_keys
from gateway.processes.control_plane import open_plane
from gateway.processes.settings import Settings


async def rotate(settings: Settings, target: Path | None) -> dict[str, Any]:
    """Record the next key as an entry and as a link, then write its files.

    ``target`` is the directory of the new files; None is the secrets directory. After a crash the
    same call finishes the work with the same key.

    Raises:
        TrailDamaged: when the trail is damaged: a new key must not hide that.
        ConfigError: when the files cannot be written; then nothing is recorded.
    """
    directory = target or settings.secrets_dir
    async with open_plane(settings) as plane:
        await plane.trail.log.advance()
        try:
            new = next_signing_key(directory)
        except OSError as error:
            raise ConfigError(
                f"{directory} cannot be written ({error.strerror}); give --to DIRECTORY and put "
                "the files in the secret by hand"
            ) from error
        async with plane.database.write() as connection:
            await signing_keys.hand_over(
                connection, plane.journal, LOCAL_OPERATOR, old=plane.secrets.signing, new=new
            )
            await sign_again(connection, new, [plane.secrets.signing.public_key()])
            chain = "".join(await signing_keys.links(connection))
        activate_next_key(directory, chain=chain)
        return {
            "old": signing_keys.public_of(plane.secrets.signing).hex(),
            "new": signing_keys.public_of(new).hex(),
            "written": str(directory),
        }
