"""PATCH bodies in the forms that identity providers send."""

from typing import Any

from scim2_models import InvalidValueException

MAX_OPERATIONS = 1000


def unfolded(payload: dict[str, Any]) -> dict[str, Any]:
    """The body, with value paths that are keys of a path-less value as operations.

    Microsoft Entra ID sends ``{"op": "Add", "value": {"emails[type eq \\"work\\"].value": …}}``.

    Raises:
        InvalidValueException: when there are too many operations.
    """
    name = next((key for key in payload if key.lower() == "operations"), "Operations")
    operations = payload.get(name)
    if not isinstance(operations, list):
        return payload
    if len(operations) > MAX_OPERATIONS:
        raise InvalidValueException(detail=f"A PATCH has at most {MAX_OPERATIONS} operations.")
    return {**payload, name: [part for one in operations for part in _parts(one)]}


def _parts(operation: Any) -> list[Any]:
    value = operation.get("value") if isinstance(operation, dict) else None
    if not isinstance(value, dict) or operation.get("path"):
        return [operation]
    paths = {key: given for key, given in value.items() if "[" in key}
    rest = {key: given for key, given in value.items() if key not in paths}
    parts = [{**operation, "path": path, "value": given} for path, given in paths.items()]
    return [{**operation, "value": rest}, *parts] if rest or not parts else parts
