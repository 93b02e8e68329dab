"""Powers: what needs another person, and the roles that may approve it (policies/powers.yaml)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any, TypeGuard

from gateway.core.text import yaml_text

FILE = "powers.yaml"
COUNTED = frozenset({"models"})  # powers that more than one person approves
_REQUIRED, _OPTIONAL = {"approve", "title"}, {"count", "each", "days"}
_MOST_PERSONS, _MOST_DAYS = 5, 3650


class PowersError(ValueError):
    """The file of powers cannot be used."""


@dataclass(frozen=True, slots=True)
class NeededApprovals:
    """``count`` persons, among them one for each role of ``each``; they hold for so many days."""

    count: int = 1
    each: tuple[str, ...] = ()
    days: int | None = None

    def met_by(self, roles_of_persons: Sequence[Collection[str]]) -> bool:
        """Whether persons with these roles are enough; each counts for one role only."""
        if len(roles_of_persons) < self.count:
            return False
        return any(
            all(role in held for role, held in zip(self.each, chosen, strict=True))
            for chosen in permutations(roles_of_persons, len(self.each))
        )


class Powers:
    """The powers of a file; a power that it does not name has the approvers of the release."""

    def __init__(self, text: str | None, *, shipped: str) -> None:
        """``text`` is the file in force, None without one; ``shipped`` that of the release.

        Raises:
            PowersError: names the power that cannot be used.
        """
        of_release = _read(shipped)
        found = {**of_release, **(_read(text) if text else {})}
        if unknown := sorted(found.keys() - of_release.keys()):
            raise PowersError(f"{FILE}: there is no power {unknown[0]!r}")
        merged = {power: {**of_release.get(power, {}), **node} for power, node in found.items()}
        self._needs = {power: _needed(power, node) for power, node in merged.items()}
        self._approvers = {power: frozenset(node["approve"]) for power, node in found.items()}
        self._titles = {power: node["title"] for power, node in found.items()}

    def __iter__(self) -> Any:
        return iter(sorted(self._approvers))

    def approvers(self, power: str) -> frozenset[str]:
        """The roles that may approve it."""
        return self._approvers[power]

    def needed(self, power: str) -> NeededApprovals:
        """How many approvals it needs, and by which roles."""
        return self._needs[power]

    def title(self, power: str, language: str) -> str:
        """What it permits, in Dutch or English."""
        return str(self._titles[power][language])

    @property
    def roles(self) -> frozenset[str]:
        """Every role that may approve something."""
        return frozenset().union(*self._approvers.values())


def _read(text: str) -> dict[str, Mapping[str, Any]]:
    powers = yaml_text.mapping(text).get("powers")
    if not isinstance(powers, dict):
        raise PowersError(f"{FILE}: 'powers' must be a mapping")
    for power, node in powers.items():
        if not isinstance(node, dict) or not _REQUIRED <= set(node) <= _REQUIRED | _OPTIONAL:
            raise PowersError(f"{FILE}: {power}: write 'title' and 'approve'")
        if power not in COUNTED and set(node) != _REQUIRED:
            raise PowersError(f"{FILE}: {power}: one other person approves it, without a count")
        if not isinstance(node["approve"], list) or not node["approve"]:
            raise PowersError(f"{FILE}: {power}: 'approve' must list at least one role")
        if not isinstance(node["title"], dict) or set(node["title"]) != {"en", "nl"}:
            raise PowersError(f"{FILE}: {power}: 'title' must have en and nl")
    return powers


def _needed(power: str, node: Mapping[str, Any]) -> NeededApprovals:
    if power not in COUNTED:
        return NeededApprovals()
    count, each, days = node.get("count"), node.get("each", []), node.get("days")
    if not _is_number(count, _MOST_PERSONS) or not _is_number(days, _MOST_DAYS):
        raise PowersError(
            f"{FILE}: {power}: 'count' is 1 to {_MOST_PERSONS} persons, 'days' 1 to {_MOST_DAYS}"
        )
    if not isinstance(each, list) or not set(each) <= set(node["approve"]) or len(each) > count:
        raise PowersError(f"{FILE}: {power}: 'each' lists roles of 'approve', at most 'count'")
    return NeededApprovals(count, tuple(each), days)


def _is_number(value: Any, most: int) -> TypeGuard[int]:
    return type(value) is int and 1 <= value <= most
