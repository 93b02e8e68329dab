"""Values of claims: what stands at a path in the claims of a token, whatever its shape."""

from collections.abc import Iterable, Mapping

ClaimPath = str | list[str]


def values_at(claims: Mapping[str, object], path: ClaimPath) -> frozenset[str]:
    """Returns the texts at a path: a single text, or those of a list; anything else is ignored.

    A path is a dotted text, or the list of its steps where a name has dots. A claim with exactly
    the dotted name counts first, as in namespaced claims such as ``https://example.org/groups``.
    """
    found: object = claims
    for step in _steps(claims, path):
        found = found.get(step) if isinstance(found, Mapping) else None
    listed = found if isinstance(found, list) else [found]
    return frozenset(value for value in listed if isinstance(value, str))


def attributes_at(claims: Mapping[str, object], paths: Iterable[str]) -> frozenset[tuple[str, str]]:
    """Returns each path with each of its values, for the given paths alone."""
    return frozenset((path, value) for path in paths for value in values_at(claims, path))


def _steps(claims: Mapping[str, object], path: ClaimPath) -> list[str]:
    if isinstance(path, list):
        return path
    return [path] if path in claims else path.split(".")
