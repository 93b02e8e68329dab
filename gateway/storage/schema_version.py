"""The version of the database's schema, against the one that this program needs."""

import re
from collections.abc import Collection

from gateway.core.errors import ConfigError
from gateway.storage import resources

_DOWN = re.compile(r'^down_revision = "(\w+)"$', re.MULTILINE)


class SchemaMismatch(ConfigError):
    """The database is of another version than this program; the message says what to do."""


def known_versions() -> list[str]:
    """The versions that this program can migrate from, oldest first; the last is its own.

    Each migration names the one before it. Their numbers are not in order. The files are read and
    not loaded: Alembic takes a fifth of a second.
    """
    after: dict[str, str] = {}
    for file in (resources.directory("migrations") / "versions").glob("*.py"):
        before = _DOWN.search(file.read_text(encoding="utf-8"))
        after[before[1] if before else ""] = file.name.partition("_")[0]
    versions, version = list[str](), ""
    while version in after:
        version = after[version]
        versions.append(version)
    return versions


def refuse_newer(found: Collection[str]) -> None:
    """Refuse a database of a version that this program does not know.

    Raises:
        SchemaMismatch: when it is.
    """
    known = known_versions()
    if unknown := sorted(set(found).difference(known)):
        raise SchemaMismatch(
            f"The database has schema {', '.join(unknown)}, which this version of Sluis does not "
            f"know: its own is {known[-1]}. Start the version that migrated it, or restore the "
            "backup of before that migration."
        )


def require_current(found: Collection[str]) -> None:
    """Refuse a database of another version than this program's own.

    Raises:
        SchemaMismatch: when it is.
    """
    refuse_newer(found)
    newest = known_versions()[-1]
    if list(found) != [newest]:
        has = f"schema {', '.join(found)}" if found else "no schema"
        raise SchemaMismatch(
            f"The database has {has}, and this version of Sluis needs {newest}. "
            "Run `sluis migrate`."
        )
