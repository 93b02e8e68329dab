"""Refusals of the control plane as HTTP responses of one shape."""

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import Match

from gateway.core.errors import InvalidRequest, Refusal, TrailDamaged, Unavailable
from gateway.core.http_errors import NOT_ALLOWED, body_of, status_of, waiting_of


def install(app: FastAPI) -> None:
    """Map every refusal to its status and its body."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _not_routed)
    app.add_exception_handler(TrailDamaged, _damaged)
    app.add_exception_handler(OSError, _system_failed)
    app.add_exception_handler(Exception, _fault)


def refusal_response(refusal: Refusal) -> Response:
    """The response that a refusal becomes."""
    status = status_of(refusal)
    return JSONResponse(body_of(refusal), status_code=status, headers=waiting_of(refusal))


def system_failure(error: OSError) -> Refusal:
    """The refusal where a system call failed: a package, say, is written to a disk first."""
    return Unavailable(
        f"A disk or a connection of the control plane failed ({type(error).__name__}). Check "
        "that there is room and that it reaches what it needs; then try again.",
        retry_after=30,
    )


async def _refused(_: Request, error: Exception) -> Response:
    if not isinstance(error, Refusal):
        raise error
    return refusal_response(error)


async def _system_failed(_: Request, error: Exception) -> Response:
    if not isinstance(error, OSError):
        raise error
    return refusal_response(system_failure(error))


async def _invalid(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    where = ".".join(str(step) for step in first["loc"][1:]) or "body"
    refusal = InvalidRequest(f"{where}: {first['msg']}", param=where)
    return JSONResponse(body_of(refusal), status_code=400)


async def _not_routed(request: Request, error: Exception) -> Response:
    """No such path, or not by this method; then all methods are named, of each route of the path.

    Source: RFC 9110, section 15.5.6.
    """
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code != 405:
        return refusal_response(InvalidRequest("There is no such path.", code="not_found"))
    routes = iter_route_contexts(request.app.routes)
    fitting = [one for one in routes if one.matches(request.scope)[0] != Match.NONE]
    allowed = sorted({method for one in fitting for method in one.methods or ()})
    refusal = InvalidRequest(f"{request.method} is not possible here.", code=NOT_ALLOWED)
    response = refusal_response(refusal)
    response.headers["allow"] = ", ".join(allowed)
    return response


async def _damaged(_: Request, error: Exception) -> Response:
    refusal = Refusal(f"The trail is damaged and was not signed: {error}", code="trail_damaged")
    return JSONResponse(body_of(refusal), status_code=409)


async def _fault(_: Request, error: Exception) -> Response:
    """A fault of the control plane. The log has its kind; its text may quote the request."""
    refusal = Refusal("Something went wrong inside the control plane.", code="internal_error")
    return JSONResponse(body_of(refusal), status_code=500)
