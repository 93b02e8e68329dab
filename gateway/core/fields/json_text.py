"""JSON source as a text for detectors, with a way back: what is not replaced stays byte for byte.

Keys stay beside their values, since a key often says what its value is. Strings are written without
their escapes, JSON inside a string as if it were not in one, and numbers in plain decimals.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

import orjson

from gateway.core.fields.texts import Part, is_number
from gateway.core.fields.walk import FieldsError

_MAX_DEPTH = 4  # of JSON in a string of JSON
_LONGEST_NUMBER = 32  # characters of a number that is rewritten in plain decimals
# Valid JSON has no other digits or quotes outside of these tokens.
_STRING_OR_NUMBER = r'"([^"\\]*(?:\\.[^"\\]*)*)"(\s*:)?|(-?[0-9][0-9.eE+-]*)'
_TOKEN = re.compile(_STRING_OR_NUMBER)
_TOKEN_OF_SCHEMA = re.compile(_STRING_OR_NUMBER + "|([{}])")
_BRACKETS = ("{", "[")
_OPENING = frozenset("{[ \t\r\n")
_EXAMPLES = frozenset({"default", "const", "example", "examples"})
# A number of eight digits or more with an empty fraction or an exponent.
_FRACTION = re.compile(r"\.(?:0|[0-9]{7,}[eE])")  # quick, since it begins with one sign
_NOT_PLAIN = re.compile(r"[0-9]{8}\.0|[0-9]\.[0-9]{7,}[eE][+0-9]")
# Source up to a string with an escape, and that string. Possessive: nothing is tried twice.
_TO_ESCAPE = re.compile(r'((?:[^"]++|"[^"\\]*+")*+)(?:"([^"\\]*+(?:\\.[^"\\]*+)++)")?', re.DOTALL)


class JsonText:
    """A document of JSON source: its parts are its strings and numbers."""

    def __init__(self, source: str, *, schema: bool, depth: int) -> None:
        self.source = source
        self._schema = schema
        self._depth = depth

    @property
    def text(self) -> str:
        """What detectors read."""
        source = self.source
        if _is_not_plain(source) or (self._schema and _has_example(source)):
            return self._read.text
        return _without_escapes(source, self._depth) if "\\" in source else source

    @property
    def parts(self) -> Sequence[Part]:
        """Strings and numbers, with their places in ``text``.

        Raises:
            FieldsError: when the places would be of another text, which is a fault of this module.
        """
        if self._read.text != self.text:
            raise FieldsError("JSON was read in two ways, so that nothing of it can be redacted.")
        return self._read.parts

    def with_parts(self, replaced: Iterator[str]) -> str:
        """The source with other parts; takes one replacement a part."""
        pieces: list[str] = []
        done = 0
        for token in self._read.tokens:
            new = token.replaced(replaced)
            if new is not None:
                pieces += [self.source[done : token.start], new]
                done = token.end
        return "".join([*pieces, self.source[done:]])

    @cached_property
    def _read(self) -> "_Reader":
        reader = (_SchemaReader if self._schema else _Reader)(self.source, self._depth)
        reader.read()
        return reader


class _Token(NamedTuple):
    """A string or a number of the source; JSON of its own ``inside`` a string."""

    start: int
    end: int
    value: str
    number: bool = False
    inside: "JsonText | None" = None

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
        self._size = self._done = 0
        self.text = ""
        self.parts: list[Part] = []
        self.tokens: list[_Token] = []

    def read(self) -> None:
        """Fills text, parts and tokens."""
        for match in self.pattern.finditer(self._source):
            self._token(match)
        self._add(len(self._source), "", len(self._source))
        self.text = "".join(self._pieces)

    def _token(self, match: re.Match[str]) -> None:
        if match[3] is not None:
            self._number(match)
        elif match[1]:
            self._string(match)

    def _add(self, end: int, text: str, after: int) -> int:
        """Adds the source up to a place, and a text for what is before another; its offset."""
        self._pieces += [self._source[self._done : end], text]
        at = self._size + end - self._done
        self._size = at + len(text)
        self._done = after
        return at

    def _string(self, match: re.Match[str]) -> None:
        raw = match[1]
        start, end = match.span(1)
        if "\\" not in raw and raw[0] not in _OPENING:  # it stays as it is
            at = self._size + start - self._done
            self.tokens.append(_Token(start - 1, end + 1, raw))
            self.parts.append(Part(at, at + end - start, raw))
            return
        value: str = raw if "\\" not in raw else orjson.loads(f'"{raw}"')
        inside = json_text(value, depth=self._depth - 1) if self._depth else None
        self.tokens.append(_Token(start - 1, end + 1, value, inside=inside))
        if inside is None:
            at = self._add(start, value, end)
            self.parts.append(Part(at, at + len(value), value))
        else:
            quote = int("\\" in raw)  # left out, since the first quote inside would end it
            at = self._add(start - quote, inside.text, end + quote)
            self.parts += [part.moved(at) for part in inside.parts]

    def _number(self, match: re.Match[str]) -> None:
        token = match[3]
        start, end = match.span()
        plain = _plain(token)
        at = self._size + start - self._done if plain == token else self._add(start, plain, end)
        self.tokens.append(_Token(start, end, token, number=True))
        self.parts.append(Part(at, at + len(plain), token, number=True))


class _SchemaReader(_Reader):
    """Reads a JSON Schema: its keys are no parts, and an example is read beside its own name.

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
        raw = match[1]
        name: str = raw if "\\" not in raw else orjson.loads(f'"{raw}"')
        written = self._names[-2] if name in _EXAMPLES else ""
        if written or name != raw:
            self._add(match.start(1), written or name, match.end(1))
        self._names[-1] = name


def json_text(source: str, *, depth: int = _MAX_DEPTH) -> JsonText | None:
    """The text of JSON source; None where it is no object or list."""
    if source[:1] not in _OPENING or source.lstrip()[:1] not in _BRACKETS:
        return None
    try:
        orjson.loads(source)
    except orjson.JSONDecodeError:
        return None
    return JsonText(source, schema=False, depth=depth)


def schema_text(source: str) -> JsonText:
    """The text of a JSON Schema; its keys are not replaced."""
    return JsonText(source, schema=True, depth=_MAX_DEPTH)


def _without_escapes(source: str, depth: int) -> str:
    """The text of source in which only escapes are written otherwise."""
    pieces: list[str] = []
    for match in _TO_ESCAPE.finditer(source):
        pieces.append(match[1])
        if match[2] is not None:
            value: str = orjson.loads(f'"{match[2]}"')
            inside = json_text(value, depth=depth - 1) if depth else None
            pieces += ['"', value, '"'] if inside is None else [inside.text]
    return "".join(pieces)


def _has_example(source: str) -> bool:
    return any(f'"{name}"' in source for name in _EXAMPLES)


def _is_not_plain(source: str) -> bool:
    """Whether a long whole number may be written with a fraction or an exponent."""
    return _FRACTION.search(source) is not None and _NOT_PLAIN.search(source) is not None


def _plain(number: str) -> str:
    """A long whole number without fraction or exponent, as a person would write it."""
    if len(number) > _LONGEST_NUMBER or not _is_not_plain(number):
        return number
    value = Decimal(number)
    if value.adjusted() > _LONGEST_NUMBER or value != value.to_integral_value():
        return number
    return f"{value:f}".partition(".")[0]
