"""JSON source as a text for detectors, with a way back: what is not replaced stays byte for byte.

Keys stay beside their values, since a key often says what its value is. Strings are written without
their escapes, JSON inside a string as if it were not in one, and numbers in plain decimals.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

import orjson

from gateway.core.fields.texts import Part, is_number

_MAX_DEPTH = 4  # of JSON in a string of JSON
_LONGEST_NUMBER = 32  # characters of a number that is rewritten in plain decimals
# Valid JSON has no other digits or quotes outside of these tokens.
_STRING_OR_NUMBER = r'"([^"\\]*(?:\\.[^"\\]*)*)"(\s*:)?|(-?[0-9][0-9.eE+-]*)'
_TOKEN = re.compile(_STRING_OR_NUMBER)
_TOKEN_OF_SCHEMA = re.compile(_STRING_OR_NUMBER + "|([{}])")
_EXAMPLES = frozenset({"default", "const", "example", "examples"})


@dataclass(slots=True)
class JsonText:
    """``text`` is what detectors read, ``parts`` are its strings and numbers in order."""

    source: str
    text: str
    parts: list[Part]
    _tokens: list["_Token"] = field(default_factory=list)

    def with_parts(self, replaced: Iterator[str]) -> str:
        """The source with other parts; takes one replacement a part."""
        pieces: list[str] = []
        done = 0
        for token in self._tokens:
            new = token.replaced(replaced)
            if new is not None:
                pieces += [self.source[done : token.start], new]
                done = token.end
        return "".join([*pieces, self.source[done:]])


@dataclass(slots=True)
class _Token:
    """A string or a number of the source; JSON of its own ``inside`` a string."""

    start: int
    end: int
    value: str
    number: bool = False
    inside: JsonText | None = None

    def replaced(self, replacements: Iterator[str]) -> str | None:
        """The token that takes its place; None where it stays."""
        inside = self.inside
        new = next(replacements) if inside is None else inside.with_parts(replacements)
        if new == self.value:
            return None
        return new if self.number and is_number(new) else orjson.dumps(new).decode()


class _Reader:
    """Reads valid JSON source; all of its strings and numbers are parts."""

    pattern = _TOKEN

    def __init__(self, source: str, depth: int) -> None:
        self._source = source
        self._depth = depth
        self._pieces: list[str] = []
        self._parts: list[Part] = []
        self._tokens: list[_Token] = []
        self._size = self._done = 0

    def read(self) -> JsonText:
        for match in self.pattern.finditer(self._source):
            self._token(match)
        self._copy(len(self._source))
        return JsonText(self._source, "".join(self._pieces), self._parts, self._tokens)

    def _token(self, match: re.Match[str]) -> None:
        if match[3] is not None:
            self._number(match)
        elif match[1]:
            self._string(match)

    def _copy(self, end: int) -> None:
        """Adds the source up to a place as it is."""
        self._add(self._source[self._done : end])
        self._done = end

    def _add(self, text: str) -> None:
        self._pieces.append(text)
        self._size += len(text)

    def _string(self, match: re.Match[str]) -> None:
        raw, start, end = match[1], match.start(1), match.end(1)
        value: str = raw if "\\" not in raw else orjson.loads(f'"{raw}"')
        self._copy(start)
        inside = json_text(value, depth=self._depth - 1) if self._depth else None
        self._tokens.append(_Token(start - 1, end + 1, value, inside=inside))
        if inside is None:
            self._parts.append(Part(self._size, self._size + len(value), value))
            self._add(value)
        else:
            at = self._size
            self._parts += [p._replace(start=p.start + at, end=p.end + at) for p in inside.parts]
            self._add(inside.text)
        self._done = end

    def _number(self, match: re.Match[str]) -> None:
        token = match[3]
        self._copy(match.start())
        plain = _plain(token)
        self._tokens.append(_Token(match.start(), match.end(), token, number=True))
        self._parts.append(Part(self._size, self._size + len(plain), token, number=True))
        self._add(plain)
        self._done = match.end()


class _SchemaReader(_Reader):
    """Reads a JSON Schema: its keys are no parts, and an example stands beside its own name.

    ``{"pin": {"default": 1234}}`` is read as ``{"pin": {"pin": 1234}}``.
    """

    pattern = _TOKEN_OF_SCHEMA

    def __init__(self, source: str, depth: int) -> None:
        super().__init__(source, depth)
        self._names: list[str] = [""]  # the last key of each object that is open

    def _token(self, match: re.Match[str]) -> None:
        if match[4] == "{":
            self._names.append("")
        elif match[4] == "}":
            self._names.pop()
        elif match[2] is None:
            super()._token(match)
        else:
            self._key(match)

    def _key(self, match: re.Match[str]) -> None:
        name = match[1]
        if name in _EXAMPLES and self._names[-2]:
            self._copy(match.start(1))
            self._add(self._names[-2])
            self._done = match.end(1)
        self._names[-1] = name


def json_text(source: str, *, schema: bool = False, depth: int = _MAX_DEPTH) -> JsonText | None:
    """The text of JSON source; None where it is no object or list.

    ``schema``: it is a JSON Schema, of which keys are not replaced.
    """
    if source.lstrip()[:1] not in ("{", "["):
        return None
    try:
        orjson.loads(source)
    except orjson.JSONDecodeError:
        return None
    return (_SchemaReader if schema else _Reader)(source, depth).read()


def _plain(number: str) -> str:
    """A whole number without fraction or exponent, as a person would write it."""
    if number.isdecimal() or len(number) > _LONGEST_NUMBER:
        return number
    value = Decimal(number)
    if value.adjusted() > _LONGEST_NUMBER or value != value.to_integral_value():
        return number
    return f"{value:f}".partition(".")[0]
