"""Parsing of request bodies that other parsers would read differently."""

import json
from math import isfinite
from typing import Any, NoReturn

import orjson

from gateway.core.errors import InvalidRequest

_SPACE = b" \t\r\n"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise InvalidRequest("The body has a key twice in one object; which one is meant?")
    return made


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
    object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_integer, parse_float=_float
)


def parse(data: bytes) -> Any:
    """The value of a JSON document, with no room for two readings.

    Raises:
        InvalidRequest: for anything that is not UTF-8 JSON, duplicate keys, NaN, lone surrogates,
            huge numbers, or nesting beyond what is sane.
    """
    try:
        value = orjson.loads(data)
        # Written back with the same bytes, white space aside: then no key was there twice, which would be
        # gone, and no number or escape that has another form. Nearly twice as fast as to look at each.
        again = orjson.dumps(value)
        if again == data or again.translate(None, _SPACE) == data.translate(None, _SPACE):
            return value
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        pass  # the other parser says what is wrong, and where
    return _parsed_with_care(data)


def _parsed_with_care(data: bytes) -> Any:
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
