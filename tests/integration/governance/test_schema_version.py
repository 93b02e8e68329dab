"""The versions of the schema are read without Alembic, and agree with it."""

import pytest
from alembic.script import ScriptDirectory

from gateway.storage.database import alembic_config
from gateway.storage.schema_version import known_versions

pytestmark = pytest.mark.integration


def test_versions_are_those_of_alembic_in_its_order() -> None:
    scripts = ScriptDirectory.from_config(alembic_config())
    assert known_versions() == [one.revision for one in scripts.walk_revisions()][::-1]
