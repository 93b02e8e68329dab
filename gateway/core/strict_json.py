"""Parsing of request bodies that other parsers would read differently."""

import json
from typing import Any, NoReturn

from gateway.core.errors import InvalidRequest


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise InvalidRequest("The body has a key twice in one object; which one is meant?")
    return made


def _no_constant(_: str) -> NoReturn:
    raise InvalidRequest("NaN and Infinity are not JSON.")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)


def parse(data: bytes) -> Any:
    """The value of a JSON document, with no room for two readings.

    Raises:
        InvalidRequest: for anything that is not UTF-8 JSON, duplicate keys, NaN, lone surrogates,
            huge numbers, or nesting beyond what is sane.
    """
    try:
        text = data.decode("utf-8")
        value = _DECODER.decode(text)
        if "\\u" in text:  # an escape may hide half of a character
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeError as error:
        raise InvalidRequest("The body is not valid UTF-8 text.") from error
    except RecursionError as error:
        raise InvalidRequest("The body is nested too deeply.") from error
    except ValueError as error:
        where = f" at byte {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
        raise InvalidRequest(f"The body is not valid JSON{where}.") from error
    return value
