"""Strict parsing of request bodies: no input on which two parsers could differ."""

import json
from collections.abc import Callable
from math import isfinite
from typing import Any, NoReturn

import orjson

from gateway.core.errors import InvalidRequest

_SPACE = b" \t\r\n"
_DETAILED = 65_536  # bytes; of a larger document the position of an error is not searched


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    parsed = dict(pairs)
    if len(parsed) != len(pairs):
        raise InvalidRequest("The body has a key twice in one object; which one is meant?")
    return parsed


def _no_constant(_: str) -> NoReturn:
    raise InvalidRequest("NaN and Infinity are not JSON.")


def _integer(digits: str) -> int:
    number = int(digits)
    if not -(2**63) <= number < 2**64:
        raise InvalidRequest("The body has a whole number of more than 64 bits.")
    return number


def _float(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise InvalidRequest("The body has a number that is too large.")
    return number


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique_keys,
    parse_constant=_no_constant,
    parse_int=_integer,
    parse_float=_float,
)


def parse(data: bytes, check: Callable[[Any], None] | None = None) -> Any:
    """Returns the value of a JSON document that all parsers read alike.

    ``check`` sees the value before the slower tests do, and raises where it has too many parts.

    Raises:
        InvalidRequest: for anything that is not UTF-8 JSON, and for duplicate keys, NaN, lone
            surrogates, numbers that are too large and nesting that is too deep.
    """
    try:
        value = orjson.loads(data)
        if check is not None:
            check(value)
        # Encoding gives the same bytes, white space aside: so no key was duplicated, and no number
        # or escape has a second form. This is nearly twice as fast as a check of each value.
        encoded = orjson.dumps(value)
        if encoded == data or encoded.translate(None, _SPACE) == data.translate(None, _SPACE):
            return value
    except (orjson.JSONDecodeError, orjson.JSONEncodeError) as error:
        if len(data) > _DETAILED:
            raise InvalidRequest("The body is not valid JSON.") from error
        # The other parser reports the error and its position.
    return _parse_strictly(data)


def _parse_strictly(data: bytes) -> Any:
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
        position = f" at byte {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
        raise InvalidRequest(f"The body is not valid JSON{position}.") from error
    return value
