"""``/admin/v1``: the control plane over HTTP, a file for each subject."""

from gateway.governance.http.app import create_app

__all__ = ["create_app"]
