"""The OpenAPI document of the control plane: FastAPI's, with our own refusals and credential.

FastAPI knows neither: it names 422 and a shape of its own for a body that is not valid.
"""

from typing import Any

from fastapi import FastAPI

from gateway.core.http_errors import STATUS

_FASTAPIS = ("HTTPValidationError", "ValidationError")
_SIGNED_IN = "/admin/v1"
_STATUSES = (400, 401, 403, 404, 409, 413, 429, 500, 503)
_ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "code": {"type": "string"},
            },
        }
    },
}


def describe(app: FastAPI) -> None:
    """Makes the document say what the application answers."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        return app.openapi_schema or _completed(made())

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's documentation extends it


def _completed(document: dict[str, Any]) -> dict[str, Any]:
    """The document of FastAPI, changed in place: it keeps it for the next time."""
    components = document["components"]
    for name in _FASTAPIS:
        components["schemas"].pop(name, None)
    components["schemas"]["Error"] = _ERROR
    components["responses"] = {f"Refused{status}": _refusal(status) for status in _STATUSES}
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    refused = {
        str(status): {"$ref": f"#/components/responses/Refused{status}"} for status in _STATUSES
    }
    for path, operations in document["paths"].items():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            operation["responses"] = refused | operation["responses"]
            operation["security"] = [{"bearer": []}] if path.startswith(_SIGNED_IN) else []
    return document


def _refusal(status: int) -> dict[str, Any]:
    codes = [code for code, its in STATUS.items() if its == status]
    inner = {"properties": {"error": {"properties": {"code": {"enum": codes}}}}}
    schema = {"allOf": [{"$ref": "#/components/schemas/Error"}, inner]}
    return {
        "description": f"Refused: {', '.join(codes)}.",
        "content": {"application/json": {"schema": schema}},
    }
