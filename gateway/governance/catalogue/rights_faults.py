"""Rights of sign-on tokens in ``sluis.yaml``: mappings of groups, claims and workloads."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import yaml

from gateway.core.snapshot import GroupRights, Issuer, Rights
from gateway.governance.access_control.permissions import Permissions

Where = tuple[str | int, ...]
Fault = tuple[tuple[Any, ...], str]


@cache
def known_roles() -> tuple[str, ...]:
    """The roles that can be given, sorted: those of policies/roles.yaml."""
    return tuple(Permissions().roles)


def unknown_name(name: str, section: str, known: Sequence[str]) -> str:
    """What is wrong with a name that does not exist, with those that do."""
    return f"there is no {name!r} in {section} (known: {', '.join(sorted(known)) or 'none'})"


def unknown_roles(where: Where, roles: Sequence[str]) -> list[Fault]:
    """Faults of roles that nothing can be given under."""
    known = known_roles()
    return [
        (where, unknown_name(role, "policies/roles.yaml", known))
        for role in roles
        if role not in known
    ]


def rights_faults(
    issuers: Sequence[Issuer], names: Mapping[str, set[str]], tree: yaml.Node | None
) -> list[Fault]:
    """Faults of mappings: unknown names, and what is mapped twice.

    ``names`` are the known names by section of the file; ``tree`` gives the lines.
    """
    place: Where = ("identity", "issuers")
    faults = list(_repeated_keys(_node_at(tree, place), place))
    for number, issuer in enumerate(issuers):
        where = (*place, number)
        for group, role in issuer.roles.items():
            faults += unknown_roles((*where, "roles", group), [role])
        for part, rights in _placed(issuer):
            faults += _unknown_names((*where, *part), rights, names)
        faults += _repeated_groups(where, issuer.groups, tree)
    return faults


def _placed(issuer: Issuer) -> Iterator[tuple[Where, Rights]]:
    yield from ((("groups", number), rights) for number, rights in enumerate(issuer.groups))
    yield from ((("applications", subject), one) for subject, one in issuer.applications.items())


def _unknown_names(where: Where, rights: Rights, names: Mapping[str, set[str]]) -> list[Fault]:
    models = names["aliases"] | names["deployments"]
    teams = [rights.team] if rights.team is not None else []
    return [
        ((*where, field), unknown_name(name, section, list(known)))
        for field, section, given, known in (
            ("team", "teams", teams, names["teams"]),
            ("models", "aliases or deployments", rights.models, models),
            ("purposes", "use_cases", rights.purposes, names["use_cases"]),
        )
        for name in given
        if name not in known
    ]


def _repeated_groups(
    where: Where, groups: Sequence[GroupRights], tree: yaml.Node | None
) -> list[Fault]:
    """A list may name a group twice. Of a mapping, the keys are checked."""
    first: dict[tuple[str | None, frozenset[tuple[str, str]]], int] = {}
    faults: list[Fault] = []
    listed = _node_at(tree, (*where, "groups"))
    for number, rights in enumerate(groups):
        key = rights.group, frozenset(rights.when.items())
        earlier = first.setdefault(key, number)
        if earlier != number and isinstance(listed, yaml.SequenceNode):
            line = listed.value[earlier].start_mark.line + 1
            faults.append(((*where, "groups", number), f"is mapped in line {line} too; keep one"))
    return faults


def _repeated_keys(node: yaml.Node | None, where: Where) -> Iterator[Fault]:
    """Of a key that comes twice YAML would silently keep the last, and so give other rights."""
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _repeated_keys(item, (*where, number))
    lines: dict[str, int] = {}
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        line = key.start_mark.line + 1
        if key.value in lines:
            what = f"{key.value!r} comes twice, in lines {lines[key.value]} and {line}; keep one"
            yield where, what
        lines.setdefault(str(key.value), line)
        yield from _repeated_keys(value, (*where, str(key.value)))


def _node_at(node: yaml.Node | None, where: Where) -> yaml.Node | None:
    for step in where:
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step] if step < len(node.value) else None
        elif isinstance(node, yaml.MappingNode):
            node = next((value for key, value in node.value if key.value == step), None)
        else:
            return None
    return node
