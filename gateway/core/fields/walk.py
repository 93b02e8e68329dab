"""One walk over a body: what it finds, and what each class of fields implements."""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import msgspec

from gateway.core.errors import InvalidRequest
from gateway.core.fields.texts import Texts

Path = tuple[str | int, ...]
Enter = Callable[[Path], None]
Decode = Callable[[list[int]], str | None]
DROP: Any = object()  # what a rule returns for a field that is left out


class SealedPlace(NamedTuple):
    """Where a sealed block is; ``key`` is its opaque field, None where it is opaque as a whole."""

    path: Path
    key: str | None = None


class FieldsError(Exception):
    """The field table is wrong; says where."""


def dotted(path: Path) -> str:
    """A path as error messages name it: ``messages[2].content``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def value_at(body: Any, path: Path) -> Any:
    """What is at a place of a body."""
    for step in path:
        body = body[step]
    return body


class Walk(msgspec.Struct):
    """What one walk over a body found.

    ``texts`` gets each text and returns what takes its place. ``enter`` gets the place of each
    field of the body and of each element of a list before its texts. ``decode`` returns the text of
    token ids, None where it does not know the tokenizer. ``rewrites``: the walk replaces texts, so
    sealed blocks are passed over. ``dropped`` are fields left out, ``inside_only`` fields for
    internal deployments only, ``unread`` fields whose content no detector can read, ``documents``
    those among them that may yet be read, ``images`` the pictures among them, ``sealed`` the places
    of sealed blocks, ``internal`` those of fields that are left out for all but internal
    deployments. ``call_ids`` are our own ids by those of the caller, ``cache_key`` is its name for
    a cache of the provider.
    """

    texts: Texts
    decode: Decode | None = None
    enter: Enter | None = None
    rewrites: bool = False
    dropped: list[str] = msgspec.field(default_factory=list)
    inside_only: list[str] = msgspec.field(default_factory=list)
    unread: list[str] = msgspec.field(default_factory=list)
    documents: list[Path] = msgspec.field(default_factory=list)
    images: list[str] = msgspec.field(default_factory=list)
    sealed: list[SealedPlace] = msgspec.field(default_factory=list)
    internal: list[Path] = msgspec.field(default_factory=list)
    call_ids: dict[str, str] = msgspec.field(default_factory=dict)
    cache_key: str = ""


class FieldRule(Protocol):
    """What one field may carry."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        """The value as it may go on, or the drop mark.

        Raises:
            InvalidRequest: when the value has the wrong type or is refused.
        """
        ...


def wrong_type(path: Path, wanted: str) -> InvalidRequest:
    """The refusal of a value of the wrong type."""
    return InvalidRequest(f"'{dotted(path)}' must be {wanted}.", param=dotted(path))
