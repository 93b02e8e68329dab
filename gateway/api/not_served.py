"""Endpoints that clients know and that are not served: why not, and what to use in their place."""

from collections.abc import Mapping

_NOTHING_READS = "Nothing here reads or governs {what}, so it may not leave."
_NOT_STORED = "Sluis lets no provider store {what}."
_CHAT = "Use POST /v1/chat/completions"
_BASE = "Give the client the base URL of Sluis, ending in /v1,"
_OTHER_API = (
    "The API of {name} is not served."
    " Use one that is: POST /v1/chat/completions, POST /v1/responses or POST /v1/messages."
)
_PROBES = "GET /healthz says whether Sluis runs, and GET /readyz whether it serves."
_ADMINISTERED = "Models and keys are administered on the control plane, not here."

# By the beginning of a path, up to a slash or its end.
NOT_SERVED: Mapping[str, str] = {
    "/v1/audio": _NOTHING_READS.format(what="sound")
    + f" {_CHAT} with the text; turn speech into text inside the organisation first.",
    "/v1/images": _NOTHING_READS.format(what="an image that a model makes or changes")
    + f" {_CHAT} to ask about an image: internal deployments may get one in a message.",
    "/v1/files": _NOT_STORED.format(what="files")
    + f" {_CHAT} with the file in a message (type file, file_data): its text is sent.",
    "/v1/uploads": _NOT_STORED.format(what="files")
    + f" {_CHAT} with the file in a message (type file, file_data): its text is sent.",
    "/v1/batches": _NOT_STORED.format(what="requests to answer them later")
    + f" {_CHAT} or POST /v1/embeddings once for each request.",
    "/v1/realtime": "A realtime session cannot be checked before it leaves."
    f" {_CHAT} with stream: true.",
    "/v1/completions": "Completions without messages are an older form of the API."
    f" {_CHAT} with the prompt as a message of the user.",
    "/v1/fine_tuning": _NOT_STORED.format(what="training data")
    + " Register a finetune of your own with 'sluis models', then ask for it with"
    " POST /v1/chat/completions.",
    "/v1/assistants": _NOT_STORED.format(what="assistants")
    + f" {_CHAT} with the instructions as a system message, and tools.",
    "/v1/threads": _NOT_STORED.format(what="conversations") + f" {_CHAT} with all messages.",
    "/v1/vector_stores": _NOT_STORED.format(what="documents")
    + " Use POST /v1/embeddings and keep the vectors in a store of your own.",
    "/v1/conversations": _NOT_STORED.format(what="conversations")
    + " Use POST /v1/responses with all items, or with previous_response_id where policy keeps"
    " responses.",
    "/v1/responses": "A response cannot be read, counted, cancelled or deleted by its id."
    " Use POST /v1/responses, with previous_response_id to go on where policy keeps responses.",
    "/v1/messages": _NOT_STORED.format(what="requests to answer them later")
    + " Use POST /v1/messages once for each request, and POST /v1/messages/count_tokens to count.",
    "/v1/skills": _NOT_STORED.format(what="skills")
    + " Use POST /v1/messages with the instructions in system, and tools.",
    "/v1/mcp": f"Sluis is no MCP server. {_CHAT} with tools; the client calls its own MCP servers.",
    "/v1/rerank": "No deployment reranks documents."
    " Use POST /v1/embeddings and compare the vectors, or ask for an order with"
    " POST /v1/chat/completions.",
    "/v1/openai": "Azure's paths are not served."
    f" {_BASE} the key as a bearer, and the name of the deployment as model, in a client for OpenAI"
    " and not for Azure: POST /v1/chat/completions, POST /v1/responses, POST /v1/embeddings.",
    "/v1/v1": f"The path has /v1 twice. {_BASE} once: POST /v1/chat/completions. A client that adds"
    " /v1 itself, as Anthropic's do for POST /v1/messages, gets it without.",
    "/v1/v1beta": _OTHER_API.format(name="Gemini"),
    "/v1/api": _OTHER_API.format(name="Ollama"),
    "/v1/model": f"{_ADMINISTERED} {_OTHER_API.format(name='Bedrock')} GET /v1/models lists the"
    " models of a key.",
    "/v1/key": f"{_ADMINISTERED} GET /v1/models lists the models of a key, to use with"
    " POST /v1/chat/completions.",
    "/v1/health": f"{_PROBES} A model answers at POST /v1/chat/completions.",
    "/v1": f"There is no such path. {_PROBES} GET /v1/models lists the models of a key; the"
    " endpoints are POST /v1/chat/completions, POST /v1/messages, POST /v1/responses and POST"
    " /v1/embeddings.",
}
# What a client of the Messages API uses in the place of what is named above.
_FOR_MESSAGES = (
    ("(type file, file_data)", "(type document)"),
    ("as a system message", "in system"),
    (_CHAT, "Use POST /v1/messages"),
)


def reason_for(path: str, *, messages: bool = False) -> str | None:
    """Why a path is not served, and what to use; None where it is not one of those above.

    ``messages``: the client speaks the Messages API.
    """
    reason = NOT_SERVED.get("/".join(path.split("/")[:3]))
    if reason is not None and messages:
        for named, used in _FOR_MESSAGES:
            reason = reason.replace(named, used)
    return reason
