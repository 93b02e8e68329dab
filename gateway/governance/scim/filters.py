"""Filters of SCIM as conditions of SQL: equality on what is indexed, joined by ``and``."""

from collections.abc import Callable, Mapping
from typing import Any

from scim2_models import InvalidFilterException, ScimFilter
from scim2_models.path import Comparison, FilterNode, LogicalExpr
from sqlalchemy import ColumnElement, select

from gateway.governance.persons.tables import person, person_group, person_group_member
from gateway.governance.scim.resources import Group, User

MAX_FILTER = 1000  # characters
Condition = Callable[[str], ColumnElement[bool]]


def _folded(column: Any) -> Condition:
    return lambda value: column == value.casefold()


def _exact(column: Any) -> Condition:
    return lambda value: column == value


def _has_member(value: str) -> ColumnElement[bool]:
    groups = select(person_group_member.c.group_id).where(person_group_member.c.person_id == value)
    return person_group.c.id.in_(groups)


_OF_USERS: Mapping[str, Condition] = {
    "id": _exact(person.c.id),
    "externalid": _exact(person.c.external_id),
    "username": _folded(person.c.user_name_key),
    "displayname": _exact(person.c.display_name),
    "emails": _folded(person.c.email_key),
    "emails.value": _folded(person.c.email_key),
}
_OF_GROUPS: Mapping[str, Condition] = {
    "id": _exact(person_group.c.id),
    "externalid": _exact(person_group.c.external_id),
    "displayname": _folded(person_group.c.display_key),
    "members": _has_member,
    "members.value": _has_member,
}


def of_users(text: str | None) -> list[ColumnElement[bool]]:
    """The conditions of a filter on persons.

    Raises:
        InvalidFilterException: when it is not valid or not supported.
    """
    return _conditions(text, User, _OF_USERS)


def of_groups(text: str | None) -> list[ColumnElement[bool]]:
    """The conditions of a filter on groups.

    Raises:
        InvalidFilterException: when it is not valid or not supported.
    """
    return _conditions(text, Group, _OF_GROUPS)


def _conditions(
    text: str | None, model: Any, supported: Mapping[str, Condition]
) -> list[ColumnElement[bool]]:
    if not text:
        return []
    if len(text) > MAX_FILTER:
        raise InvalidFilterException(detail=f"A filter has at most {MAX_FILTER} characters.")
    try:
        return list(_walk(ScimFilter[model](text).ast, supported))
    except RecursionError as error:
        raise InvalidFilterException(detail="The filter is nested too deeply.") from error


def _walk(node: FilterNode, supported: Mapping[str, Condition]) -> list[ColumnElement[bool]]:
    if isinstance(node, LogicalExpr) and node.op == "and":
        return [condition for term in node.terms for condition in _walk(term, supported)]
    if isinstance(node, Comparison) and node.op == "eq" and isinstance(node.value, str):
        path = node.attr_path
        name = f"{path.attr}.{path.sub_attr}" if path.sub_attr else path.attr
        name = name.lower()
        if name in supported:
            return [supported[name](node.value)]
    raise InvalidFilterException(
        detail=f"Supported are 'eq' with a text, joined by 'and', on: {', '.join(supported)}."
    )
