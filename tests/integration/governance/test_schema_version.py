"""The versions of the schema are read without Alembic, and agree with it."""

import pytest
from alembic.script import ScriptDirectory

from gateway.storage.database import alembic_config
from gateway.storage.schema_version import known_versions, supported_programs

pytestmark = pytest.mark.integration


def test_versions_are_those_of_alembic_in_its_order() -> None:
    scripts = ScriptDirectory.from_config(alembic_config())
    assert known_versions() == [one.revision for one in scripts.walk_revisions()][::-1]


def test_each_migration_says_in_its_own_words_whether_it_only_adds() -> None:
    """``expands`` is read as text: what Python reads must be the same."""
    scripts = ScriptDirectory.from_config(alembic_config())
    supported = supported_programs()
    assert supported[0] == known_versions()[-1]
    for one in scripts.walk_revisions():
        expands = getattr(one.module, "expands", False)
        if one.revision not in supported:
            break
        assert expands is (one.revision != supported[-1])
