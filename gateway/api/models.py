"""``GET /v1/models`` and ``GET /v1/models/{id}``: what the caller may ask for."""

from gateway.api.asgi import Send, send_json
from gateway.api.headers import headers_of
from gateway.core.errors import UnknownModel
from gateway.request.context import IncomingRequest
from gateway.request.pipeline import Pipeline


class ModelsEndpoint:
    """Lists aliases and deployments of the snapshot in use; no upstream is asked."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    async def __call__(self, incoming: IncomingRequest, send: Send) -> None:
        """One model when the path names one, else all.

        Raises:
            Refusal: when the caller is not known, or the model is not.
        """
        async with self._pipeline.recorded(incoming, "models:list:read") as (handles, principal):
            created = handles.catalogue.created
            names = handles.catalogue.names(principal)
            wanted = incoming.record.path
            if wanted and wanted not in names:
                raise UnknownModel("This model does not exist or your key may not use it.")
        models = [
            {"id": name, "object": "model", "created": created, "owned_by": "sluis"}
            for name in names
            if wanted in ("", name)
        ]
        body = models[0] if wanted else {"object": "list", "data": models}
        await send_json(send, 200, body, headers_of(incoming.record, on_record=True))
