"""The control plane's application, built once for a plane, as building it takes longest."""

from fastapi import FastAPI

from gateway.governance.app import create_app
from gateway.governance.plane import ControlPlane

SECRET = "sk-value-0000000000000000000"
_newest: list[tuple[ControlPlane, FastAPI]] = []


def control_app(plane: ControlPlane) -> FastAPI:
    """The application of this plane; every ``env:NAME`` of an applied file has the same value."""
    for known, app in _newest:
        if known is plane:
            return app
    app = create_app(plane, resolve=lambda _: SECRET)
    _newest[:] = [(plane, app), *_newest[:1]]
    return app
