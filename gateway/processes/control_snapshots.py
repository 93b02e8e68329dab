"""Snapshots of a model worker from the control plane, without a database."""

import time

import httpx

from gateway.processes.settings import Settings
from gateway.processes.snapshot_source import SnapshotPointer, SnapshotSource, configured_source

_TIMEOUT_S = 2.0
_OK, _NOT_MODIFIED, _NONE_YET = 200, 304, 404


class ControlPlaneSource:
    """``/worker/v1/snapshot`` of a control plane. Envelopes are signed, so a proxy changes none."""

    def __init__(self, url: str, token: str) -> None:
        self._url = f"{url.rstrip('/')}/worker/v1/snapshot"
        self._headers = {"authorization": f"Bearer {token}"}
        self._client = httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False)
        self._digest = ""
        self._envelope = b""

    async def latest(self) -> SnapshotPointer | None:
        """Ask for the newest envelope, unless it is the one that was fetched last."""
        known = {"if-none-match": f'"{self._digest}"'} if self._digest else {}
        try:
            answer = await self._client.get(self._url, headers={**self._headers, **known})
        except httpx.HTTPError as error:
            raise OSError(type(error).__name__) from error
        if answer.status_code == _NONE_YET:
            return None
        if answer.status_code == _OK:
            self._digest = answer.headers.get("etag", "").strip('"')
            self._envelope = answer.content
        elif answer.status_code != _NOT_MODIFIED:
            raise OSError(f"the control plane answered {answer.status_code}")
        return SnapshotPointer(self._digest, time.time())

    async def fetch(self, digest: str) -> bytes:
        """The envelope that ``latest`` fetched."""
        if digest != self._digest:
            raise OSError("the snapshot is replaced")
        return self._envelope

    async def aclose(self) -> None:
        """Close the connection."""
        await self._client.aclose()


def worker_source(settings: Settings, token: str) -> SnapshotSource:
    """The control plane where one is named and no database is; else the installation's own."""
    if settings.control_is_named and not settings.database_url:
        return ControlPlaneSource(settings.control_url, token)
    return configured_source(settings)
