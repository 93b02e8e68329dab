"""Digests that bind the answers of an evaluation to the entries of its requests.

The gateway notes them for requests by the key of an evaluation, and the control plane computes them
from the suite and the answers that it was given. Nothing else of a request has its text's digest on
record: these texts are those of a suite.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

MAX_ANSWER = 50_000  # characters of an answer that count
_MODEL = "model"


def asked_digest(body: Mapping[str, Any]) -> str:
    """The digest of a request for a chat completion, whatever model it names."""
    return _digest({name: value for name, value in body.items() if name != _MODEL})


def answered_digest(text: str) -> str:
    """The digest of the text of an answer."""
    return _digest(text[:MAX_ANSWER])


def text_of(answer: Mapping[str, Any]) -> str | None:
    """The text of the first choice of a chat completion; None where there is no choice."""
    try:
        text = answer["choices"][0]["message"]["content"]
    except (LookupError, TypeError):
        return None
    return str(text or "")[:MAX_ANSWER]


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
