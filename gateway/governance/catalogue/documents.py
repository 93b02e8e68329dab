"""Documents of the catalogue: all that is stated about an object, of which gateways get a part.

A use case's document also holds what only registers and reports need, and a provider's its
contract. Documents of earlier versions hold the gateways' part alone; the rest of those stands in
the one document ``register``.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
import orjson

from gateway.core.snapshot import Provider, UseCase
from gateway.governance.catalogue.processing_register import PROVIDER_RECORD, USE_CASE_RECORD

T = TypeVar("T", bound=msgspec.Struct)
Document = dict[str, Any]
CONTRACT = "contract"


def use_cases_of(documents: Sequence[bytes]) -> list[UseCase]:
    """The use cases as gateways get them."""
    return [_part(orjson.loads(raw), UseCase) for raw in documents]


def providers_of(documents: Sequence[bytes]) -> list[Provider]:
    """The providers as gateways get them.

    One whose document says nothing of a contract is from before there were any: it is not checked.
    """
    return [provider_of(orjson.loads(raw)) for raw in documents]


def provider_of(document: Document) -> Provider:
    """One provider as gateways get it."""
    contract = document.get(CONTRACT)
    until = None if contract is None else str(contract.get("review", ""))
    return msgspec.structs.replace(_part(document, Provider), contract_until=until)


def registered(raw: bytes | None, found: dict[str, list[bytes]]) -> bytes:
    """The document ``register``, with what the documents of providers and use cases state."""
    stated: Document = orjson.loads(raw) if raw else {}
    for section, kind, fields in (
        ("providers", "provider", PROVIDER_RECORD),
        ("use_cases", "use_case", USE_CASE_RECORD),
    ):
        before = stated.get(section) or {}
        stated[section] = {
            one["name"]: {
                **before.get(one["name"], {}),
                **{name: one[name] for name in fields if one.get(name) is not None},
            }
            for one in map(orjson.loads, found[kind])
        }
    return orjson.dumps(stated)


def _part(document: Document, kind: type[T]) -> T:
    fields = {name: document[name] for name in kind.__struct_fields__ if name in document}
    return msgspec.convert(fields, kind)
