"""The deployments behind a name that can take a request at all, whatever policy says."""

from collections.abc import Sequence

from gateway.compiled.snapshot import CompiledSnapshot
from gateway.core.errors import InvalidRequest
from gateway.request.context import ParsedRequest
from gateway.routing import CandidateSet, Needs, Target, with_capabilities

_CHAT = "chat"
_MOST_CHARACTERS_OF_A_TOKEN = 8  # on average of a long text; usually three to five


def able_targets(
    compiled: CompiledSnapshot, request: ParsedRequest, choice: CandidateSet
) -> Sequence[Target]:
    """The candidates that can answer this kind of request.

    Raises:
        InvalidRequest: when there are candidates, but none of them can.
    """
    offered = choice.candidates
    if choice.named and request.facts.only_model:
        offered = offered[:1]
    able = [one for one in offered if compiled.egress.speaks(request.dialect, one.provider)]
    if offered and not able:
        raise InvalidRequest(
            f"No deployment of this model answers POST {request.dialect.path}. Ask for a model "
            "that does.",
            param="model",
        )
    return with_capabilities(able, _needs_of(request))


def _needs_of(request: ParsedRequest) -> Needs:
    """What the request needs of a model; the inputs of embeddings have a context each."""
    generates = request.dialect.operation == _CHAT
    characters = sum(map(len, request.texts)) if generates else 0
    return Needs(request.images, request.facts.tools, characters // _MOST_CHARACTERS_OF_A_TOKEN)
