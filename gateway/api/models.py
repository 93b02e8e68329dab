"""``GET /v1/models`` and ``GET /v1/models/{id}``: what the caller may ask for.

In Anthropic's shape for its clients, which send ``anthropic-version``; in OpenAI's otherwise.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from gateway.api.asgi import Send, send_json
from gateway.api.headers import headers_of
from gateway.core.errors import UnknownModel
from gateway.request.context import IncomingRequest
from gateway.request.pipeline import Pipeline
from gateway.routing import ModelCatalogue

_ENDS = ("first_id", "last_id")


class ModelsEndpoint:
    """Lists aliases and deployments of the snapshot in use; no upstream is asked."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    async def __call__(self, incoming: IncomingRequest, send: Send) -> None:
        """One model when the path names one, else all.

        Raises:
            Refusal: when the caller is not known, or the model is not.
        """
        async with self._pipeline.recorded(incoming, "models:list:read") as (compiled, principal):
            catalogue = compiled.catalogue
            names = catalogue.names(principal)
            wanted = incoming.record.path
            if wanted and wanted not in names:
                raise UnknownModel("This model does not exist or your key may not use it.")
        named = [wanted] if wanted else names
        shape = _of_anthropic if "anthropic-version" in incoming.headers else _of_openai
        listed = shape(named, catalogue)
        body = listed["data"][0] if wanted else listed
        await send_json(send, 200, body, headers_of(incoming.record, on_record=True))


def _of_openai(names: Sequence[str], catalogue: ModelCatalogue) -> dict[str, Any]:
    models = [
        {
            "id": name,
            "object": "model",
            "created": catalogue.created,
            "owned_by": "sluis",
            "context_window": (takes := catalogue.capabilities(name)).context,
            "capabilities": {"images": takes.images, "tools": takes.tools},
        }
        for name in names
    ]
    return {"object": "list", "data": models}


def _of_anthropic(names: Sequence[str], catalogue: ModelCatalogue) -> dict[str, Any]:
    since = datetime.fromtimestamp(catalogue.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    models = [
        {"type": "model", "id": name, "display_name": name, "created_at": since} for name in names
    ]
    ends = {"first_id": names[0], "last_id": names[-1]} if names else dict.fromkeys(_ENDS)
    return {"data": models, "has_more": False, **ends}
