"""``/scim/v2``: the protocol of SCIM over HTTP (RFC 7644). Its errors have SCIM's own form."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from scim2_models import (
    Context,
    Error,
    InvalidSyntaxException,
    ListResponse,
    Meta,
    NotFoundException,
    NotImplementedException,
    Resource,
    ResponseParameters,
    SCIMException,
)

from gateway.core.errors import Refusal
from gateway.core.http_errors import status_of, waiting_of
from gateway.governance.actor import Actor
from gateway.governance.http.permissions import Guard
from gateway.governance.scim import filters
from gateway.governance.scim.groups import ScimGroups
from gateway.governance.scim.resources import MAX_RESULTS, PREFIX, PROVIDER, Group, User
from gateway.governance.scim.users import ScimUsers

_PAGE = 100
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_MEDIA_TYPE = "application/scim+json"
Handle = Callable[[Request, Actor], Awaitable[Response]]


def error_response(status: int, detail: str, **headers: str) -> Response:
    """An error in SCIM's form."""
    return _json(Error(status=status, detail=detail).model_dump(), status, **headers)


def refusal_response(refusal: Refusal) -> Response:
    """The response that a refusal becomes under ``/scim/v2``."""
    return error_response(status_of(refusal), refusal.message, **waiting_of(refusal))


class ScimRoutes:
    """The routes, each for callers with the permission ``scim:write``."""

    def __init__(
        self, guard: Guard, users: ScimUsers, groups: ScimGroups, now: Callable[[], float]
    ) -> None:
        """``now`` is epoch seconds."""
        self._may = guard.allowed("scim:write")
        self._users = users
        self._groups = groups
        self._now = now

    def router(self) -> APIRouter:
        """All routes. They are not in the OpenAPI document: SCIM describes itself."""
        routes = APIRouter(prefix=PREFIX, include_in_schema=False)
        for path, handlers in self._handlers().items():
            routes.add_api_route(path, self._answered(handlers), methods=_METHODS)
        everything_else = dict.fromkeys(_METHODS, _not_found)
        routes.add_api_route("/{path:path}", self._answered(everything_else), methods=_METHODS)
        return routes

    def _handlers(self) -> Mapping[str, Mapping[str, Handle]]:
        return {
            "/ServiceProviderConfig": {"GET": self._config},
            "/ResourceTypes": {"GET": self._resource_types},
            "/ResourceTypes/{identity}": {"GET": self._resource_type},
            "/Schemas": {"GET": self._schemas},
            "/Schemas/{identity}": {"GET": self._schema},
            "/.search": {"POST": _not_implemented},
            "/Bulk": {"POST": _not_implemented},
            "/Me": dict.fromkeys(_METHODS, _not_implemented),
            "/Users": {"GET": self._find_users, "POST": self._create_user},
            "/Users/{identity}": {
                "GET": self._get_user,
                "PUT": self._replace_user,
                "PATCH": self._patch_user,
                "DELETE": self._delete_user,
            },
            "/Groups": {"GET": self._find_groups, "POST": self._create_group},
            "/Groups/{identity}": {
                "GET": self._get_group,
                "PUT": self._replace_group,
                "PATCH": self._patch_group,
                "DELETE": self._delete_group,
            },
        }

    def _answered(self, handlers: Mapping[str, Handle]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                actor = await self._may(request)
                handle = handlers.get(request.method)
                if handle is None:
                    return error_response(405, "This method is not supported here.")
                return await handle(request, actor)
            except SCIMException as error:
                found = error.to_error()
                return _json(found.model_dump(), error.status)
            except ValidationError as error:
                first = Error.from_validation_errors(error)[0]
                return _json(first.model_dump(), first.status or 400)
            except Refusal as refusal:
                return refusal_response(refusal)

        return answer

    async def _config(self, request: Request, _: Actor) -> Response:
        return _described(request, PROVIDER.config, "ServiceProviderConfig", "")

    async def _resource_types(self, request: Request, _: Actor) -> Response:
        return _all_described(request, PROVIDER.resource_types, "ResourceTypes")

    async def _resource_type(self, request: Request, _: Actor) -> Response:
        return _one_described(request, PROVIDER.resource_types, "ResourceTypes")

    async def _schemas(self, request: Request, _: Actor) -> Response:
        return _all_described(request, PROVIDER.schemas, "Schemas")

    async def _schema(self, request: Request, _: Actor) -> Response:
        return _one_described(request, PROVIDER.schemas, "Schemas")

    async def _find_users(self, request: Request, actor: Actor) -> Response:
        conditions = filters.of_users(request.query_params.get("filter"))
        start, count = _range_of(request)
        found, total = await self._users.find(actor, conditions, offset=start - 1, limit=count)
        return _list(request, found, total, start, User)

    async def _create_user(self, request: Request, actor: Actor) -> Response:
        created = await self._users.create(actor, await _document(request))
        return _resource(request, created, Context.RESOURCE_CREATION_RESPONSE, 201)

    async def _get_user(self, request: Request, actor: Actor) -> Response:
        found = await self._users.get(actor, request.path_params["identity"])
        return _resource(request, found, Context.RESOURCE_QUERY_RESPONSE)

    async def _replace_user(self, request: Request, actor: Actor) -> Response:
        body = await _document(request)
        stored = await self._users.replace(actor, request.path_params["identity"], body)
        return _resource(request, stored, Context.RESOURCE_REPLACEMENT_RESPONSE)

    async def _patch_user(self, request: Request, actor: Actor) -> Response:
        body = await _document(request)
        stored = await self._users.patch(actor, request.path_params["identity"], body)
        return _resource(request, stored, Context.RESOURCE_PATCH_RESPONSE)

    async def _delete_user(self, request: Request, actor: Actor) -> Response:
        await self._users.delete(actor, request.path_params["identity"])
        return Response(status_code=204)

    async def _find_groups(self, request: Request, actor: Actor) -> Response:
        conditions = filters.of_groups(request.query_params.get("filter"))
        start, count = _range_of(request)
        found, total = await self._groups.find(
            actor,
            conditions,
            offset=start - 1,
            limit=count,
            with_members=_wants_members(request),
        )
        return _list(request, found, total, start, Group)

    async def _create_group(self, request: Request, actor: Actor) -> Response:
        created = await self._groups.create(actor, await _document(request), now=self._now())
        return _resource(request, created, Context.RESOURCE_CREATION_RESPONSE, 201)

    async def _get_group(self, request: Request, actor: Actor) -> Response:
        found = await self._groups.get(
            actor, request.path_params["identity"], with_members=_wants_members(request)
        )
        return _resource(request, found, Context.RESOURCE_QUERY_RESPONSE)

    async def _replace_group(self, request: Request, actor: Actor) -> Response:
        body, identity = await _document(request), request.path_params["identity"]
        stored = await self._groups.replace(actor, identity, body, now=self._now())
        return _resource(request, stored, Context.RESOURCE_REPLACEMENT_RESPONSE)

    async def _patch_group(self, request: Request, actor: Actor) -> Response:
        body, identity = await _document(request), request.path_params["identity"]
        stored = await self._groups.patch(actor, identity, body, now=self._now())
        return _resource(request, stored, Context.RESOURCE_PATCH_RESPONSE)

    async def _delete_group(self, request: Request, actor: Actor) -> Response:
        await self._groups.delete(actor, request.path_params["identity"])
        return Response(status_code=204)


async def _not_found(_: Request, __: Actor) -> Response:
    raise NotFoundException(detail="There is no such resource.")


async def _not_implemented(_: Request, __: Actor) -> Response:
    raise NotImplementedException(detail="This operation is not supported.")


async def _document(request: Request) -> Any:
    try:
        document = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise InvalidSyntaxException(detail="The body is not valid JSON.") from error
    if not isinstance(document, dict):
        raise InvalidSyntaxException(detail="The body must be a JSON object.")
    return document


def _range_of(request: Request) -> tuple[int, int]:
    """The first wanted place, from 1, and the number of wanted resources."""

    def number(name: str, default: int) -> int:
        text = request.query_params.get(name, "")
        return int(text) if text.lstrip("-").isdigit() and len(text) < 10 else default

    return max(1, number("startIndex", 1)), min(max(0, number("count", _PAGE)), MAX_RESULTS)


def _wants_members(request: Request) -> bool:
    """Whether members are answered; leaving them out spares reading them."""
    excluded = request.query_params.get("excludedAttributes", "").lower().split(",")
    included = request.query_params.get("attributes", "").lower()
    return "members" not in excluded and (not included or "members" in included)


def _parameters(request: Request, model: Any) -> Any:
    names = {"attributes": "attributes", "excludedAttributes": "excluded_attributes"}
    given = {
        field: request.query_params[name]
        for name, field in names.items()
        if request.query_params.get(name)
    }
    return ResponseParameters[model].model_validate(given)


def _located(request: Request, resource: Resource[Any], folder: str) -> None:
    location = f"{str(request.base_url).rstrip('/')}{PREFIX}/{folder}/{resource.id}".rstrip("/")
    resource.meta = Meta(resource_type=type(resource).__name__, location=location)
    for member in getattr(resource, "members", None) or ():
        member.ref = f"{str(request.base_url).rstrip('/')}{PREFIX}/Users/{member.value}"


def _resource(
    request: Request, resource: User | Group, context: Context, status: int = 200
) -> Response:
    _located(request, resource, f"{type(resource).__name__}s")
    parameters = _parameters(request, type(resource))
    document = resource.model_dump(scim_ctx=context, response_parameters=parameters)
    location = str(resource.meta.location) if resource.meta else ""
    return _json(document, status, location=location)


def _list(request: Request, found: list[Any], total: int, start: int, model: Any) -> Response:
    for resource in found:
        _located(request, resource, f"{model.__name__}s")
    answer = ListResponse[model](
        total_results=total, start_index=start, items_per_page=len(found), resources=found
    )
    return _json(
        answer.model_dump(
            scim_ctx=Context.RESOURCE_QUERY_RESPONSE,
            response_parameters=_parameters(request, model),
        )
    )


def _described(request: Request, resource: Any, folder: str, identity: str) -> Response:
    copied = resource.model_copy(deep=True)
    base = f"{str(request.base_url).rstrip('/')}{PREFIX}/{folder}"
    location = f"{base}/{identity}" if identity else base
    copied.meta = Meta(resource_type=type(resource).__name__, location=location)
    return _json(copied.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE))


def _one_described(request: Request, resources: Any, folder: str) -> Response:
    identity = request.path_params["identity"]
    for resource in resources:
        if str(resource.id) == identity:
            return _described(request, resource, folder, identity)
    raise NotFoundException(detail="There is no such resource.")


def _all_described(request: Request, resources: Any, folder: str) -> Response:
    if request.query_params.get("filter"):
        return error_response(403, "Filters are not allowed here (RFC 7644, section 4).")
    copies = [orjson.loads(_described(request, r, folder, str(r.id)).body) for r in resources]
    return _json({
        "schemas": [str(ListResponse.__schema__)],
        "totalResults": len(copies),
        "startIndex": 1,
        "itemsPerPage": len(copies),
        "Resources": copies,
    })


def _json(document: Any, status: int = 200, **headers: str) -> Response:
    return Response(orjson.dumps(document), status, media_type=_MEDIA_TYPE, headers=headers or None)
