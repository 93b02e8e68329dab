"""Powers: what needs another person, and the roles that may approve it (policies/powers.yaml)."""

from collections.abc import Mapping
from typing import Any

from gateway.core.text import yaml_text

FILE = "powers.yaml"


class PowersError(ValueError):
    """The file of powers cannot be used."""


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
        self._approvers = {power: frozenset(node["approve"]) for power, node in found.items()}
        self._titles = {power: node["title"] for power, node in found.items()}

    def __iter__(self) -> Any:
        return iter(sorted(self._approvers))

    def approvers(self, power: str) -> frozenset[str]:
        """The roles that may approve it."""
        return self._approvers[power]

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
        if not isinstance(node, dict) or set(node) != {"approve", "title"}:
            raise PowersError(f"{FILE}: {power}: write 'title' and 'approve'")
        if not isinstance(node["approve"], list) or not node["approve"]:
            raise PowersError(f"{FILE}: {power}: 'approve' must list at least one role")
        if not isinstance(node["title"], dict) or set(node["title"]) != {"en", "nl"}:
            raise PowersError(f"{FILE}: {power}: 'title' must have en and nl")
    return powers
