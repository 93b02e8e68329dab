"""The version of the database's schema, against the one that this program needs.

A migration that only adds says ``expands = True``: the program of the version before it runs with
the new schema too, so that processes of both versions serve during an upgrade. The database holds
the list of those programs, since an older one cannot know: a row of ``schema_window`` for each.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from gateway.core.errors import ConfigError
from gateway.storage import resources

_DOWN = re.compile(r'^down_revision = "(\w+)"$', re.MULTILINE)
_EXPANDS = re.compile(r"^expands = True$", re.MULTILINE)


class SchemaMismatch(ConfigError):
    """The database is of another version than this program; the message says what to do."""


@dataclass(frozen=True, slots=True)
class FoundSchema:
    """The versions that a database says it has (one), and the programs that may use it."""

    versions: Collection[str]
    programs: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class _Migration:
    version: str
    expands: bool


def known_versions() -> list[str]:
    """The versions that this program can migrate from, oldest first; the last is its own."""
    return [one.version for one in _migrations()]


def supported_programs() -> list[str]:
    """The programs, newest first, that run with the schema of this program."""
    programs = list[str]()
    for one in reversed(list(_migrations())):
        programs.append(one.version)
        if not one.expands:
            break
    return programs


def is_usable_newer(found: FoundSchema) -> bool:
    """Whether the database is of a newer version that this program may use as it is."""
    known = known_versions()
    return bool(set(found.versions).difference(known)) and known[-1] in found.programs


def refuse_newer(found: FoundSchema) -> None:
    """Refuse a database of a version that this program does not know, unless it may use it.

    Raises:
        SchemaMismatch: when it may not.
    """
    known = known_versions()
    unknown = sorted(set(found.versions).difference(known))
    if unknown and not is_usable_newer(found):
        raise SchemaMismatch(
            f"The database has schema {', '.join(unknown)}, which this version of Sluis does not "
            f"know: its own is {known[-1]}. Start the version that migrated it, or restore the "
            "backup of before that migration."
        )


def require_usable(found: FoundSchema) -> None:
    """Refuse a database that this program cannot use as it is.

    Raises:
        SchemaMismatch: when it cannot.
    """
    refuse_newer(found)
    newest = known_versions()[-1]
    if list(found.versions) != [newest] and not is_usable_newer(found):
        has = f"schema {', '.join(found.versions)}" if found.versions else "no schema"
        raise SchemaMismatch(
            f"The database has {has}, and this version of Sluis needs {newest}. "
            "Run `sluis migrate`."
        )


def _migrations() -> Iterator[_Migration]:
    """The migrations, oldest first.

    Each names the one before it. Their numbers are not in order. The files are read and not loaded:
    Alembic takes a fifth of a second.
    """
    after: dict[str, _Migration] = {}
    for file in (resources.directory("migrations") / "versions").glob("*.py"):
        text = file.read_text(encoding="utf-8")
        before = _DOWN.search(text)
        version = file.name.partition("_")[0]
        after[before[1] if before else ""] = _Migration(version, bool(_EXPANDS.search(text)))
    version = ""
    while version in after:
        yield (one := after[version])
        version = one.version
