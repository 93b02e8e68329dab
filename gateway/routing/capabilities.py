"""Deployments that can take a request: its pictures, its tools, its length."""

from collections.abc import Sequence

import msgspec

from gateway.core.errors import InvalidRequest
from gateway.routing.candidates import Target


class Needs(msgspec.Struct, frozen=True):
    """What a request needs of a model; ``tokens`` of input are certain, there may be more."""

    images: bool
    tools: bool
    tokens: int


def with_capabilities(targets: Sequence[Target], needs: Needs) -> Sequence[Target]:
    """The targets that are not known to be unable.

    Raises:
        InvalidRequest: when there are targets, and all of them are; says what to change.
    """
    able = [target for target in targets if not _lacking(target, needs)]
    if targets and not able:
        raise _refusal(_lacking(targets[0], needs))
    return able


def _lacking(target: Target, needs: Needs) -> str:
    known = target.capabilities
    if needs.images and known.images is False:
        return "images"
    if needs.tools and known.tools is False:
        return "tools"
    return "context" if known.context is not None and needs.tokens > known.context else ""


def _refusal(lacking: str) -> InvalidRequest:
    if lacking == "context":
        return InvalidRequest(
            "The request is longer than any deployment of this model takes. Shorten it, or ask for "
            "a model with a longer context.",
            code="context_length_exceeded",
        )
    return InvalidRequest(
        f"No deployment of this model takes {lacking}. Leave them out, or ask for a model that "
        "takes them: GET /v1/models says which.",
        param="model",
    )
