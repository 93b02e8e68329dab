"""The metadata that the tables of all slices share. Entries are in gateway/evidence/schema.sql."""

from sqlalchemy import MetaData

_NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=_NAMING)
