"""What is put on record of a request by the key of an evaluation, beside all else."""

from collections.abc import Mapping
from typing import Any

import orjson

from gateway.core.evaluation_digests import answered_digest, asked_digest, text_of
from gateway.core.principal import Principal
from gateway.core.system.off_loop import off_loop


async def noted_request(principal: Principal, data: bytes) -> Mapping[str, str]:
    """The version under evaluation, and the digest of what it is asked; nothing for others."""
    if principal.evaluates is None:
        return {}
    asked = await off_loop(len(data), lambda: asked_digest(orjson.loads(data)))
    return {"evaluates": principal.evaluates, "asked_sha256": asked}


def noted_answer(principal: Principal, answer: Mapping[str, Any]) -> Mapping[str, str]:
    """The digest of the text of an answer; nothing for others."""
    text = text_of(answer) if principal.evaluates is not None else None
    return {} if text is None else {"answered_sha256": answered_digest(text)}
