"""Token ids in the place of texts, as clients send them for embeddings: their text.

The table is a file of litellm, read as a file: litellm is not imported, and nothing is fetched.
"""

import hashlib
from binascii import a2b_base64
from collections.abc import Collection, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from gateway.compiled.snapshot import CompiledSnapshot
from gateway.core.fields.walk import Decode

# Models whose ids are of cl100k_base. Source: ``tiktoken.model`` 0.14, embeddings.
_CL100K = {"text-embedding-ada-002", "text-embedding-3-small", "text-embedding-3-large"}
_FILE = "litellm_core_utils/tokenizers/9b5ad71b2ce5302211f9c61530b329a4922fc6a4"
_DIGEST = "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"
_CUT = 3  # bytes of a character that a client may have cut off at each end
_LOST = "\N{REPLACEMENT CHARACTER}"


def decoder_for(compiled: CompiledSnapshot, body: Any) -> Decode:
    """What gives the text of ids that a client made for a model; None for an unknown encoding.

    A client makes them for the name that it asks for. Of another name the models behind it decide,
    where all are of one encoding.
    """

    def decode(ids: list[int]) -> str | None:
        model = body.get("model")
        if not isinstance(model, str):
            return None
        names = {model} if model in _CL100K else compiled.catalogue.wire_names(model)
        return text_of(ids) if names and _CL100K.issuperset(names) else None

    return decode


def text_of(ids: Collection[int]) -> str | None:
    """The text of ids of cl100k_base; None where they are not the ids of a text."""
    table = _table()
    if not table or min(ids) < 0 or max(ids) >= len(table):
        return None
    data = b"".join([a2b_base64(table[one].partition(b" ")[0]) for one in ids])
    text = data.decode(errors="replace")
    # A long text is sent in pieces, which may begin and end within a character.
    return None if _LOST in text[_CUT:-_CUT] and _LOST.encode() not in data else text


@cache
def _table() -> Sequence[bytes]:
    """A line for each id: its bytes in base64, and the id. Empty where it is not installed."""
    spec = find_spec("litellm")
    path = Path(spec.origin).parent / _FILE if spec and spec.origin else None
    data = path.read_bytes() if path and path.exists() else b""
    return data.splitlines() if hashlib.sha256(data).hexdigest() == _DIGEST else ()
