"""The version after this one: a copy of the program with one more migration."""

import os
import shutil
from pathlib import Path

from gateway.storage.schema_version import known_versions

ROOT = Path(__file__).resolve().parents[2]
NEXT = "9999"
_MIGRATION = f"""\
import sqlalchemy as sa
from alembic import op

revision = "{NEXT}"
down_revision = "{{before}}"
expands = {{expands}}


def upgrade() -> None:
    op.add_column("audit_entry", sa.Column("of_next_version", sa.Text()))


def downgrade() -> None:
    op.drop_column("audit_entry", "of_next_version")
"""


def next_version(folder: Path, *, expands: bool) -> dict[str, str]:
    """Makes it in a folder; returns the settings that start it.

    ``expands`` says that its migration leaves this version running.
    """
    for name in ("gateway", "migrations", "policies"):
        shutil.copytree(
            ROOT / name,
            folder / name,
            copy_function=_link,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    text = _MIGRATION.format(before=known_versions()[-1], expands=expands)
    (folder / "migrations" / "versions" / f"{NEXT}_next_version.py").write_text(text)
    return {"PYTHONPATH": str(folder), "PYTHONSAFEPATH": "1"}


def _link(source: str, target: str) -> None:
    """The file itself where that is possible: the program has fifty megabytes."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
