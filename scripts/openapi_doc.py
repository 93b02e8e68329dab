"""Write gateway/api/openapi.json, the OpenAPI document of the data plane.

  .venv/bin/python -m scripts.openapi_doc

Routes, codes, bounds and fields come from the code and policies/egress.yaml, the meaning of codes
from docs/api-errors.md. The gateway serves the file as it is. A test compares it with this script.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import yaml

from gateway.api import request_head
from gateway.api.app import MAX_BODY, routes_of
from gateway.api.moderations import OPENAI_CATEGORIES, OWN_CATEGORIES
from gateway.api.operations import PATHS
from gateway.api.request_head import HttpProblem
from gateway.api.v1 import Route
from gateway.core.http_errors import DATA_PLANE
from gateway.core.level import Level
from gateway.dialects.anthropic_messages import AnthropicMessages
from gateway.limits.room import REQUESTS, TOKENS
from gateway.request.pipeline import Pipeline
from scripts.openapi_fields import Schema, schema_of

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "gateway" / "api" / "openapi.json"
_ROW = re.compile(r"^\| (\d{3}) \| (`.+?`) \| (.+?) \|", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_PROBLEM_STATUS = re.compile(rb"HTTP/1.1 (\d{3}) ")
_AUTHENTICATION: list[Schema] = [{"bearer": []}, {"api_key": []}]

_BEFORE_BODY = {  # codes that any route may give, whatever its body is
    "invalid_request",
    "duplicate_header",
    "invalid_api_key",
    "access_denied",
    "not_found",
    "rate_limit_exceeded",
    "insufficient_quota",
    "internal_error",
    "service_unavailable",
    "limits_unavailable",
}
_READS_BODY = _BEFORE_BODY | {"request_too_large", "request_too_complex"}
_CODES: Mapping[str, set[str]] = {
    "models": _BEFORE_BODY | {"model_not_found"},
    "privacy_detect": _READS_BODY,
    "moderations": _READS_BODY,
    "count_tokens": _READS_BODY | {"model_not_found"},
}
_SUMMARIES = {
    "chat_completions": "Chat completions (OpenAI's dialect)",
    "responses": "Responses (OpenAI's dialect)",
    "messages": "Messages (Anthropic's dialect)",
    "embeddings": "Embeddings (OpenAI's dialect)",
    "count_tokens": "An estimate of the input tokens of a Messages request",
    "models": "The models that the caller may ask for",
    "privacy_detect": "What the detectors see in one text",
    "moderations": "What the content policies say of texts (OpenAI's wire format)",
}

# Response headers: the name, what it says, its type.
_HEADERS: Mapping[str, tuple[str, str]] = {
    "x-request-id": ("The audit id, after `req_`.", "string"),
    "request-id": ("The audit id.", "string"),
    "x-sluis-audit-id": ("The audit id, where the request is on record.", "string"),
    "x-sluis-bundle": ("The digest of the policy bundle that decided.", "string"),
    "x-sluis-sensitivity": ("The level of the request.", "string"),
    "x-sluis-zone": ("The zone of the deployment that answered.", "string"),
    "x-sluis-deployment": ("The deployment that answered.", "string"),
    "x-sluis-redacted": ("The number of values that were redacted.", "integer"),
    "x-sluis-kept": ("The number of values that stay placeholders in the answer.", "integer"),
    "x-sluis-rerouted": ("Why another deployment than the first one answered.", "string"),
    "x-sluis-unread": ("Why a part was not read by every detector.", "string"),
    "x-sluis-warning": ("What the owner of the use case has to see to.", "string"),
    "x-sluis-dropped": ("Fields of the request that were left out.", "string"),
    "x-sluis-replayed": ("`true`: a stored answer under the same Idempotency-Key.", "string"),
    **{
        name: (f"The tightest limit of {kind} a minute: {what}.", type_)
        for kind in (REQUESTS, TOKENS)
        for name, what, type_ in (
            (f"x-ratelimit-limit-{kind}", "the limit", "integer"),
            (f"x-ratelimit-remaining-{kind}", "what is left", "integer"),
            (f"x-ratelimit-reset-{kind}", "when all of it is back, as `12s`", "string"),
        )
    },
}
# Those of an answer with generated text.
_GENERATED: Mapping[str, tuple[str, str]] = {
    "x-sluis-ai-generated": ("`true`: an AI system made the answer.", "string"),
    **{
        f"x-sluis-{duty}-{language}": (f"{text}, where the use case needs it.", "string")
        for duty, text in (
            ("notice", "That the answer comes from an AI system"),
            ("disclosure", "That the text was generated"),
        )
        for language in ("nl", "en")
    },
}
_MESSAGES_HEADERS: Mapping[str, tuple[str, str]] = {
    f"anthropic-ratelimit-{kind}-{part}": (f"The tightest limit of {kind} a minute: {what}.", type_)
    for kind in (REQUESTS, TOKENS)
    for part, what, type_ in (
        ("limit", "the limit", "integer"),
        ("remaining", "what is left", "integer"),
        ("reset", "when all of it is back (RFC 3339)", "string"),
    )
}
_WAITING: Mapping[str, tuple[str, str]] = {
    "retry-after": ("Seconds to wait, where waiting helps.", "integer"),
    "x-should-retry": ("`false`: trying again does not help.", "string"),
}

_EVERY_HEADER = _HEADERS | _GENERATED | _MESSAGES_HEADERS | _WAITING
_CHAT = "chat"  # the operation of routes that generate text
# Request headers of generating routes.
_ASKED: Mapping[str, tuple[str, Schema]] = {
    "x-sluis-purpose": ("The name of a registered use case.", {"type": "string"}),
    "x-sluis-sensitivity": (
        "A level that the caller knows; it only raises what detection finds.",
        {"enum": [level.label for level in Level]},
    ),
    "x-sluis-conversation": ("The caller's name of the conversation.", {"type": "string"}),
    "x-sluis-user": ("The user behind the application, without proof.", {"type": "string"}),
    "x-sluis-on-behalf-of": ("The access token of the user.", {"type": "string"}),
    "idempotency-key": (
        "A repetition with the same key gets the first answer.",
        {"type": "string", "minLength": 1, "maxLength": 255},
    ),
}

# What an answer of a dialect surely has.
_ANSWERS: Mapping[str, tuple[str, ...]] = {
    "chat_completions": ("id", "object", "model", "choices"),
    "responses": ("id", "object", "model", "output"),
    "messages": ("id", "type", "role", "model", "content"),
    "embeddings": ("object", "model", "data"),
}


def document() -> str:
    """The whole document as JSON."""
    return json.dumps(_document(), indent=1, ensure_ascii=False) + "\n"


def _document() -> Schema:
    # No route is called, so that none needs the parts of a pipeline.
    routes = routes_of(cast("Pipeline", SimpleNamespace()))
    paths: dict[str, Schema] = {}
    for route in routes:
        path = route.path + "{model}" if route.path.endswith("/") else route.path
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, path)
    for path in sorted(PATHS):
        paths[path] = {"get": _operational(path)}
    shared = _shared_responses(paths)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Sluis data plane",
            "version": "1",
            "description": "Paths count with and without `/v1`. Bodies have at most "
            f"{MAX_BODY} bytes; a field of a dialect that is not listed here is scanned and sent "
            "where it is text, and dropped otherwise. Fields that choose an endpoint, a "
            "credential or a callback are refused.",
        },
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "api_key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
            },
            "schemas": _components(),
            "responses": shared,
            "headers": {
                name: {"description": what, "schema": {"type": type_}}
                for name, (what, type_) in _EVERY_HEADER.items()
            },
        },
    }


def _shared_responses(paths: Mapping[str, Schema]) -> Schema:
    """Takes equal responses out of their operations, which then refer to them."""
    shared: dict[str, tuple[str, Schema]] = {}
    for path in paths.values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                written = json.dumps(response)
                name, _ = shared.setdefault(written, (f"{status}_{len(shared)}", response))
                operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    return dict(shared.values())


def _operation(route: Route, path: str) -> Schema:
    shapes = ["OpenAIError", "AnthropicError"] if route.of_no_dialect else [_shape(route)]
    known = _CODES.get(route.surface, set(DATA_PLANE) - {"method_not_allowed"})
    messages = isinstance(route.dialect, AnthropicMessages)
    headers = _HEADERS | (_MESSAGES_HEADERS if messages else {})
    generates = route.surface in _ANSWERS and getattr(route.dialect, "operation", "") == _CHAT
    made: Schema = {
        "operationId": f"{route.surface}_{'one' if '{' in path else route.method.lower()}",
        "summary": _SUMMARIES[route.surface],
        "security": _AUTHENTICATION,
        "parameters": list(_parameters(route, path)),
    }
    if route.method == "POST":
        content = {"application/json": {"schema": _body(route)}}
        made["requestBody"] = {"required": True, "content": content}
    success = {
        "description": "The answer.",
        "headers": _refs([*headers, *(_GENERATED if generates else ())]),
        "content": _answer(route, path),
    }
    made["responses"] = {"200": success, **_refusals(known, shapes, headers)}
    return made


def _shape(route: Route) -> str:
    return "AnthropicError" if isinstance(route.dialect, AnthropicMessages) else "OpenAIError"


def _parameters(route: Route, path: str) -> Iterator[Schema]:
    if "{model}" in path:
        yield {"name": "model", "in": "path", "required": True, "schema": {"type": "string"}}
    asked = (
        _ASKED
        if route.surface in _ANSWERS
        else {name: _ASKED[name] for name in ("x-sluis-user", "x-sluis-on-behalf-of")}
    )
    for name, (what, schema) in asked.items():
        yield {"name": name, "in": "header", "description": what, "schema": schema}


def _refusals(known: set[str], shapes: list[str], headers: Mapping[str, Any]) -> Schema:
    """By status: the codes that a route gives, with their meaning."""
    meanings = _meanings()
    by_status: dict[str, list[str]] = {}
    for code, status in DATA_PLANE.items():
        if code in known:
            by_status.setdefault(str(status), []).append(code)
    found = {}
    for status, codes in sorted(by_status.items()):
        of_shape = [_error_with(shape, codes) for shape in shapes]
        schema = of_shape[0] if len(of_shape) == 1 else {"anyOf": of_shape}
        found[status] = {
            "description": " ".join(f"`{code}`: {meanings[code]}" for code in codes),
            "headers": _refs([*headers, *_WAITING]),
            "content": {"application/json": {"schema": schema}},
        }
    return found | _connection_refusals(found)


def _connection_refusals(found: Mapping[str, Schema]) -> Schema:
    """Answers to a connection whose request was not read: statuses that no route gives."""
    meanings, more = _meanings(), {}
    for problem in vars(request_head).values():
        if not isinstance(problem, HttpProblem):
            continue
        (status,) = _PROBLEM_STATUS.match(problem.answer).groups()
        if status.decode() not in found:
            schema = _error_with("OpenAIError", [problem.code])
            more[status.decode()] = {
                "description": f"`{problem.code}`: {meanings[problem.code]}",
                "content": {"application/json": {"schema": schema}},
            }
    return more


def _error_with(shape: str, codes: list[str]) -> Schema:
    inner = {"properties": {"code": {"enum": codes}}}
    return {"allOf": [{"$ref": f"#/components/schemas/{shape}"}, {"properties": {"error": inner}}]}


def _refs(names: Any) -> Schema:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _meanings() -> dict[str, str]:
    """What docs/api-errors.md says of each code, in English."""
    text = (ROOT / "docs" / "api-errors.md").read_text(encoding="utf-8")
    return {
        code: _LINK.sub(r"\1", meaning)
        for _, codes, meaning in _ROW.findall(text)
        for code in re.findall(r"`(\w+)`", codes)
    }


def _answer(route: Route, path: str) -> Schema:
    if route.surface in _ANSWERS:
        names = _ANSWERS[route.surface]
        schema = {"type": "object", "required": list(names)}
        events = {"description": "Events of the dialect, where the request asks for a stream."}
        streams = {"text/event-stream": {"schema": events}}
        return {"application/json": {"schema": schema}} | streams
    one = {"models": "Model" if "{" in path else "Models"}.get(route.surface, route.surface)
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{one}"}}}


def _body(route: Route) -> Schema:
    if route.surface == "privacy_detect":
        text = {"type": "string", "description": "The text to look at."}
        return {"type": "object", "required": ["text"], "properties": {"text": text}}
    if route.surface == "moderations":
        part = _object({"type": {"const": "text"}, "text": {"type": "string"}})
        texts = {"type": "array", "items": {"anyOf": [{"type": "string"}, part]}}
        given = {"anyOf": [{"type": "string"}, texts | {"minItems": 1, "maxItems": 100}]}
        return {"type": "object", "required": ["input"], "properties": {"input": given}}
    fields = _policy()["messages" if route.surface == "count_tokens" else route.dialect.name]
    made = schema_of(fields)
    required = {"embeddings": ["input"], "responses": ["input"]}.get(route.surface, ["messages"])
    made["required"] = ["model", *required]
    made["type"] = "object"
    for name in made["required"]:
        made["properties"][name] = _not_null(made["properties"][name])
    return made


def _not_null(schema: Schema) -> Schema:
    types = schema.get("type", [])
    return schema | {"type": types[0]} if isinstance(types, list) and len(types) == 2 else schema


def _policy() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "policies" / "egress.yaml").read_text(encoding="utf-8"))


def _operational(path: str) -> Schema:
    what = {
        "/healthz": ("Whether the process is alive", "Status"),
        "/readyz": ("Whether the process can serve", "Status"),
        "/openapi.json": ("This document", "Document"),
    }
    if path == "/metrics":
        made = {"summary": "Metrics for Prometheus", "security": [{}, {"bearer": []}]}
        plain = {"text/plain": {"schema": {"type": "string"}}}
        refused = _refusals({"invalid_api_key"}, ["OpenAIError"], {})
        return made | {
            "responses": {"200": {"description": "Metrics.", "content": plain}, **refused}
        }
    summary, schema = what[path]
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    responses: Schema = {"200": {"description": "Yes.", "content": content}}
    if path == "/readyz":
        responses["503"] = {"description": "Not now; `parts` says why.", "content": content}
    return {"summary": summary, "security": [], "responses": responses | _connection_refusals({})}


def _object(required: Mapping[str, Schema], **optional: Schema) -> Schema:
    properties = {**required, **optional}
    return {"type": "object", "required": list(required), "properties": properties}


def _components() -> Schema:
    text: Schema = {"type": "string"}
    number: Schema = {"type": "integer"}
    nullable: Schema = {"type": ["string", "null"]}
    openai = _object({"message": text, "type": text, "param": nullable, "code": text})
    span = _object({
        "start": number,
        "end": number,
        "type": text,
        "score": {"type": "number"},
        "detector": text,
    })
    levels = {"enum": [level.label for level in Level]}
    reason = _object({"level": levels, "why": text, "start": number, "end": number})
    return {
        "OpenAIError": _object({"error": openai}),
        "AnthropicError": _object({
            "type": {"const": "error"},
            "error": openai,
            "request_id": nullable,
        }),
        "Status": _object({"status": text}, reason=text, degraded=text, parts={"type": "object"}),
        "Document": _object({"openapi": text}),
        "Model": _object({"id": text}),
        "Models": _object({
            "data": {"type": "array", "items": {"$ref": "#/components/schemas/Model"}}
        }),
        "count_tokens": _object({"input_tokens": number}),
        "moderations": _object({
            "id": text,
            "model": text,
            "results": {"type": "array", "items": _moderated()},
        }),
        "privacy_detect": _object({
            "language": nullable,
            "languages": {},
            "sensitivity": levels,
            "reasons": {"type": "array", "items": reason},
            "spans": {"type": "array", "items": span},
        }),
    }


def _moderated() -> Schema:
    names = [*OPENAI_CATEGORIES, *OWN_CATEGORIES]
    return _object({
        "flagged": {"type": "boolean"},
        "categories": _object({name: {"type": "boolean"} for name in names}),
        "category_scores": _object({name: {"type": "number"} for name in names}),
        "category_applied_input_types": _object({name: {"type": "array"} for name in names}),
        "rules": {"type": "array", "items": {"type": "string"}},
    })


if __name__ == "__main__":
    TARGET.write_text(document(), encoding="utf-8")
