"""Requests to the control plane with the user's own credential, and its refusals."""

from typing import Any
from urllib.parse import quote

import httpx

Document = dict[str, Any]
_TIMEOUT = httpx.Timeout(15.0, connect=3.0)
SLOW_TIMEOUT = httpx.Timeout(180.0, connect=3.0)  # exports, hashing weights, starting detectors


class ControlError(Exception):
    """The control plane refused a request or could not be reached.

    ``code`` is the server's, else ``unreachable``, ``timeout`` or ``unexpected``; ``detail`` is
    the server's sentence, in English, or empty.
    """

    def __init__(self, code: str, detail: str = "", *, status: int = 0) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.status = status


class ControlHttp:
    """Sends requests; a refusal becomes an error."""

    def __init__(
        self, http: httpx.Client, bearer: str, *, timeout: httpx.Timeout = _TIMEOUT
    ) -> None:
        self._http = http
        self._timeout = timeout
        self._headers = {"authorization": f"Bearer {bearer}"}

    def _get(self, path: str, **query: object) -> Document:
        parameters = {name: value for name, value in query.items() if value is not None}
        return document_of(self._send("GET", path, query=parameters))

    def _post(
        self, path: str, body: Document | None = None, *, timeout: httpx.Timeout | None = None
    ) -> Document:
        return document_of(self._send("POST", path, body=body, timeout=timeout))

    def _put(self, path: str, body: Document) -> Document:
        return document_of(self._send("PUT", path, body=body))

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Document | None = None,
        body: Document | None = None,
        timeout: httpx.Timeout | None = None,
    ) -> httpx.Response:
        try:
            response = self._http.request(
                method,
                path,
                params=query,
                json=body,
                headers=self._headers,
                timeout=timeout or self._timeout,
            )
        except httpx.TimeoutException as error:
            raise ControlError("timeout") from error
        except httpx.HTTPError as error:
            raise ControlError("unreachable") from error
        if response.status_code >= 300:
            raise _refusal(response)
        return response


def quoted(text: str) -> str:
    """A text as one part of a path."""
    return quote(text, safe="")


def document_of(response: httpx.Response) -> Document:
    """The document of a response.

    Raises:
        ControlError: when it is none.
    """
    try:
        return dict(response.json())
    except (ValueError, TypeError) as error:
        raise ControlError("unexpected", status=response.status_code) from error


def _refusal(response: httpx.Response) -> ControlError:
    try:
        error = response.json()["error"]
        return ControlError(
            str(error["code"]), str(error.get("message") or ""), status=response.status_code
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return ControlError("unexpected", status=response.status_code)
