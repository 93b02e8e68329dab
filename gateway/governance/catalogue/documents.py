"""What registers and reports need of the catalogue, in one document."""

from typing import Any

import orjson

from gateway.governance.catalogue.processing_register import USE_CASE_RECORD

Document = dict[str, Any]


def registered(raw: bytes | None, use_cases: list[bytes]) -> bytes:
    """The document ``register``, with what the documents of use cases state.

    A document of an earlier version states nothing: what the register had of it stays.
    """
    stated: Document = orjson.loads(raw) if raw else {}
    before = stated.get("use_cases") or {}
    stated["use_cases"] = {
        one["name"]: {
            **before.get(one["name"], {}),
            **{name: one[name] for name in USE_CASE_RECORD if one.get(name) is not None},
        }
        for one in map(orjson.loads, use_cases)
    }
    return orjson.dumps(stated)
