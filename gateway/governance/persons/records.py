"""Persons as rows: how they are found, stored and read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.governance.persons.tables import person

SCIM, SIGN_ON, REQUEST = "scim", "sign-on", "request"
MAX_NAME, MAX_ADDRESS = 256, 320


@dataclass(frozen=True, slots=True)
class Person:
    """A person of an issuer. Times are epoch seconds.

    ``principal`` is the pseudonym of the subject of their tokens, None while it is not known.
    ``provided_active`` is what the identity provider says by SCIM, None when it says nothing;
    ``active`` is what is in force.
    ``emails`` and ``names`` have the form of SCIM. ``roles`` are those of the last sign-on to the
    control plane.
    """

    id: str
    issuer: str
    source: str
    created: float
    changed: float
    principal: str | None = None
    external_id: str | None = None
    user_name: str | None = None
    emails: tuple[dict[str, Any], ...] = ()
    display_name: str | None = None
    names: dict[str, str] | None = None
    roles: frozenset[str] = frozenset()
    active: bool = True
    provided_active: bool | None = None
    deactivated_at: float | None = None
    deleted: float | None = None

    @property
    def email(self) -> str | None:
        """The primary e-mail address, or the first."""
        addresses = sorted(self.emails, key=lambda one: not one.get("primary"))
        return next((str(one["value"]) for one in addresses if one.get("value")), None)

    @property
    def label(self) -> str:
        """How people recognise the person in entries and lists."""
        return self.display_name or self.user_name or self.email or self.principal or self.id

    @property
    def login_names(self) -> frozenset[str]:
        """The user name and all e-mail addresses, case-folded."""
        given = (self.user_name, *(one.get("value") for one in self.emails))
        return frozenset(str(name).casefold() for name in given if name)

    def is_called(self, reference: str | None) -> bool:
        """Whether the owner of a key, or the id of an actor, is this person."""
        return reference is not None and (
            reference in {self.id, self.principal} or reference.casefold() in self.login_names
        )

    def values(self) -> dict[str, Any]:
        """The row."""
        email = self.email
        return {
            "id": self.id,
            "issuer": self.issuer,
            "source": self.source,
            "principal": self.principal,
            "external_id": self.external_id,
            "user_name": self.user_name,
            "user_name_key": self.user_name.casefold() if self.user_name else None,
            "email_key": email.casefold() if email else None,
            "emails": orjson.dumps(self.emails).decode(),
            "display_name": self.display_name,
            "names": orjson.dumps(self.names or {}).decode(),
            "roles": orjson.dumps(sorted(self.roles)).decode(),
            "active": self.active,
            "provided_active": self.provided_active,
            "created": self.created,
            "changed": self.changed,
            "deactivated_at": self.deactivated_at,
            "deleted": self.deleted,
        }


def person_of(row: Any) -> Person:
    """The person in a row."""
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    for column in ("user_name_key", "email_key"):
        del values[column]
    values["emails"] = tuple(orjson.loads(values["emails"]))
    values["names"] = orjson.loads(values["names"])
    values["roles"] = frozenset(orjson.loads(values["roles"]))
    return Person(**values)


async def create(connection: AsyncConnection, new: Person) -> None:
    """Store a new person."""
    await connection.execute(insert(person).values(**new.values()))


async def store(connection: AsyncConnection, changed: Person) -> None:
    """Store a changed person."""
    await connection.execute(
        update(person).where(person.c.id == changed.id).values(**changed.values())
    )


async def find_all(connection: AsyncConnection, *conditions: ColumnElement[bool]) -> list[Person]:
    """The persons that meet all conditions, oldest first."""
    query = select(person).where(*conditions).order_by(person.c.created, person.c.id)
    return [person_of(row) for row in await connection.execute(query)]


async def page(
    connection: AsyncConnection, *conditions: ColumnElement[bool], offset: int, limit: int
) -> tuple[list[Person], int]:
    """Some of the persons that meet all conditions, oldest first, and how many there are."""
    counted = select(func.count()).select_from(person).where(*conditions)
    total = int((await connection.execute(counted)).scalar_one())
    query = select(person).where(*conditions).order_by(person.c.created, person.c.id)
    rows = await connection.execute(query.offset(offset).limit(limit))
    return [person_of(row) for row in rows], total


async def referenced(connection: AsyncConnection, reference: str) -> Person:
    """The person with that id, principal, user name or e-mail address.

    Raises:
        InvalidRequest: when no person, or more than one, is called so.
    """
    name = reference.casefold()
    found = await find_all(
        connection,
        or_(
            person.c.id == reference,
            and_(
                person.c.deleted.is_(None),
                or_(
                    person.c.principal == reference,
                    person.c.user_name_key == name,
                    person.c.email_key == name,
                ),
            ),
        ),
    )
    if len(found) != 1:
        raise InvalidRequest(
            f"{len(found) or 'No'} persons are called so; use the id of a person "
            "(sluis persons list).",
            code="not_found",
        )
    return found[0]


async def of_token(
    connection: AsyncConnection, issuer: str, principal: str, names: Iterable[str]
) -> Person | None:
    """The person of a token: by its subject, else by a name of a person not seen before."""
    by_subject = await find_all(connection, person.c.principal == principal)
    if by_subject:
        return min(by_subject, key=lambda one: one.deleted is not None)
    known: Sequence[str] = list(names)
    by_name = await find_all(
        connection,
        person.c.issuer == issuer,
        person.c.source == SCIM,
        person.c.deleted.is_(None),
        or_(person.c.user_name_key.in_(known), person.c.email_key.in_(known)),
    )
    return by_name[0] if len(by_name) == 1 else None
