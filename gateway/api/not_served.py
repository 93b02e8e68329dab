"""Endpoints of OpenAI's API that are not served: why not, and what to use in their place."""

from collections.abc import Mapping

_NOTHING_READS = "Nothing here reads or governs {what}, so it may not leave."
_NOT_STORED = "Sluis lets no provider store {what}."
_CHAT = "Use POST /v1/chat/completions"

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
}


def reason_for(path: str) -> str | None:
    """Why a path is not served, and what to use; None where it is not one of those above."""
    start = "/".join(path.split("/")[:3])
    return NOT_SERVED.get(start)
