"""Judge lines: whether one is source code, and what in it is code, a literal or a comment.

A line is judged by its own words and signs, never by its neighbours. Text around code therefore
changes nothing for the code, and code around a sentence changes nothing for the sentence. Prose,
tables, logs, JSON and the inside of a docstring are text. All patterns are linear in the line.
"""

import re
from bisect import bisect_right
from enum import IntEnum
from itertools import pairwise

import msgspec

from gateway.privacy.lexicons.loader import words

KEYWORDS = words("code_keywords.txt")


class Place(IntEnum):
    """What a stretch of text is part of."""

    TEXT = 0  # everything that is neither source code nor a setting
    SETTING = 1  # a line of one key and one plain value, as in a configuration file
    LITERAL = 2  # a string in source code
    COMMENT = 3
    CODE = 4  # source code outside of literals and comments


class CodeLine(msgspec.Struct, frozen=True, gc=False):
    """A line of code, a comment or a setting, with the stretches of it that are read as text.

    ``weight`` counts the signs of code outside of these stretches; 0 where there are none.
    """

    start: int
    end: int
    weight: int
    texts: tuple[tuple[int, int, Place], ...]

    def place(self, text: str, start: int, end: int) -> Place:
        """Return what a stretch of this line is part of; CODE only where no text is in it."""
        index = bisect_right(self.texts, start, key=_first) - 1
        if index >= 0 and start < self.texts[index][1]:
            begin, last, place = self.texts[index]
            code = place is Place.LITERAL and (end > last or _inserted(text, begin, start))
            return Place.CODE if code else place
        following = self.texts[index + 1] if index + 1 < len(self.texts) else None
        return following[2] if following is not None and following[0] < end else Place.CODE


class CodeLines:
    """The lines of a text, each judged once, when it is first asked for."""

    __slots__ = ("_judged", "_starts", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts: list[int] = []
        self._judged: list[tuple[int, CodeLine | None]] = []  # end of each line, and what it is

    def line_at(self, at: int) -> CodeLine | None:
        """Return the line around a place if it is code, a comment or a setting."""
        index = bisect_right(self._starts, at)
        if index and at <= self._judged[index - 1][0]:
            return self._judged[index - 1][1]
        start = self._text.rfind("\n", 0, at) + 1
        end = self._text.find("\n", at)
        end = len(self._text) if end < 0 else end
        line = judge(self._text, start, end)
        self._starts.insert(index, start)
        self._judged.insert(index, (end, line))
        return line

    def place(self, start: int, end: int) -> Place:
        """Return what a stretch is part of: over several lines, CODE where both ends are code."""
        line = self.line_at(start)
        if line is None:
            return Place.TEXT
        if end <= line.end:
            return line.place(self._text, start, end)
        last = self.line_at(end - 1)
        if last is None or last.place(self._text, end - 1, end) is not Place.CODE:
            return Place.TEXT
        return line.place(self._text, start, line.end)


def _first(text: tuple[int, int, Place]) -> int:
    return text[0]


# An expression in a literal: `${user.name}`, f"{user.name}".
_INSERTED = re.compile(r"\{(?!\s*[\"'])[^{}\"'\n]*\Z")
_LONGEST_INSERTED = 80


def _inserted(text: str, begin: int, start: int) -> bool:
    return _INSERTED.search(text, max(begin, start - _LONGEST_INSERTED), start) is not None


# What other programs put before a line: a diff, `grep -n`, `cat -n`, a quote in a mail.
_PREFIX = re.compile(
    r"(?:[ \t]{0,8}\d{1,6}(?:→|\t| ?\| ?|: )"
    r"|[\w./@-]{0,120}[a-z_]\.[a-z]{1,6}:\d{1,6}[:-](?:\d{1,5}:)?|[+-](?![+-])|> )?"
)
_COMMENT_LINE = re.compile(r"[ \t]*(?:[+-][ \t]+)?(?://|/\*|\*/|\* |\*$|--+ |#+ |;;)")
_LOG = re.compile(
    r"(?:\[[\w.-]{1,40}\] )?[\[(<\s]{0,4}"
    r"(?:\d{4}-\d\d-\d\d[T ,]|\d\d?:\d\d:\d\d|\d\d?/\w{2,3}/\d{4}"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d"
    r"|(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL)\b[\]:)]?(?: |$)"
    r"|\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3} - |[\w.-]{2,40}\[\d{1,7}\]: )"
)
_HL7_SEGMENT = re.compile(r"\W{0,2}[A-Z][A-Z\d]{2}\|")
_SETTING = re.compile(
    r"[ \t]*(?:- |export |set |ENV |ARG )?[\w.\-/\"']{1,60}(?::[ \t]+|=)"
    r"(?![ \t=>])[^()\[\]{};,|&<>]*[ \t]*$"
)
_KEY = re.compile(r"[ \t]*(?:- )?[\w.-]{1,60}:[ \t]")
_LONGEST_SETTING = 200
# Without one of these signs a line is code only by its first word or its last sign.
_SIGN = re.compile(r"[=(\[{}<>;_$`\"'&|\\#@]")
_JOINED = re.compile(r"[a-z][A-Z]|[a-z]\.[A-Za-z]")
_LAST_SIGNS = (",", ":", "\\")
_TEXTS = re.compile(
    r"(?P<comment>(?:(?<![:\w\"'])//|/\*|<!--|(?:(?<=\s)|^)--(?=\s)|(?:(?<=\s)|^)#"
    r"(?!(?:include|define|undef|if|ifdef|ifndef|else|elif|endif|pragma|error|line)\b"
    r"|!?\[|[\w-]{1,40}[ ]?\{)).*?(?:\*/|-->|$))"
    r"|\"\"\".*?(?:\"\"\"|$)|'''.*?(?:'''|$)|\"(?:[^\"\\]|\\.)*+(?:\"|\\?$)|`[^`]*+(?:`|$)"
    r"|(?:(?<![\w)\]<&])|(?<=\b[bfru]))'(?:[^'\\]|\\.)*+(?:'|\\?$)|(?<=>)[^<>{}()=;&|]++(?=</)"
)
# Addresses hold dots and signs, but are no source code.
_ADDRESS = re.compile(
    r"(?<![\w.%+-])<?[\w.%+-]{1,64}@[\w.-]{1,200}>?|\b[a-z]{2,10}://[^\s\"'<>()]{1,2000}"
)
_ALIAS = re.compile(r"[ \t]*alias\s")
_VARIABLE = re.compile(r"[\"' =/]\$(?:[A-Z_a-z]{3}|\{)")  # of a shell; not a sum of money


def judge(text: str, start: int, end: int) -> CodeLine | None:
    """Return a line of a text if it is code, a comment or a setting; None for any other line."""
    if _COMMENT_LINE.match(text, start, end):
        return CodeLine(start, end, 0, ((start, end, Place.COMMENT),))
    if (
        _SIGN.search(text, start, end) is None
        and _JOINED.search(text, start, end) is None
        and not text[start:end].rstrip().endswith(_LAST_SIGNS)
        and _STATEMENT.match(text, start, end) is None
        and _KEY.match(text, start, end) is None
    ):
        return None
    prefix = _PREFIX.match(text, start, end)
    begin = prefix.end() if prefix else start
    line = text[begin:end]
    if _LOG.match(line) or _HL7_SEGMENT.match(line):
        return None
    if len(line) < _LONGEST_SETTING and _SETTING.match(line):
        return CodeLine(start, end, 0, ((start, end, Place.SETTING),))
    texts, code = _split(line, begin)
    if _ALIAS.match(line):  # the value of an alias is a command, not a text
        texts = tuple(text for text in texts if text[2] is Place.COMMENT)
    if texts and not any(map(str.isalnum, code)):
        return CodeLine(start, end, 0, texts)  # a row of values, or a part of an array
    weight = _weight(_ADDRESS.sub("0", code))
    if texts and texts[0][0] > begin and _VARIABLE.search(line):
        weight += 2
    return CodeLine(start, end, weight, texts) if weight else None


def _split(line: str, begin: int) -> tuple[tuple[tuple[int, int, Place], ...], str]:
    """Return literals and comments of a line; and its code, with ``""`` for each literal."""
    texts: list[tuple[int, int, Place]] = []
    parts: list[str] = []
    at = 0
    for match in _TEXTS.finditer(line):
        place = Place.LITERAL if match["comment"] is None else Place.COMMENT
        texts.append((begin + match.start(), begin + match.end(), place))
        parts += (line[at : match.start()], '""' if place is Place.LITERAL else " ")
        at = match.end()
    return tuple(texts), "".join([*parts, line[at:]]).rstrip()


_TYPES = (
    "bool|boolean|str|string|int|number|float|[iuf](?:8|16|32|64|size)|usize|any|true|false|null"
    "|nil|None|True|False|undefined|void"
)
_STRONG = re.compile(
    r"(?<![\w.$-])[A-Za-z_$][\w.$]*+!?\((?!s\))"  # a call, but not ``page(s)``
    r"|\b(?:if|for|while|switch|catch|foreach|until)[ ]?\("
    r"|\w\[(?=[\w\s\"':.-]*\])"
    r"|[=!<>]==?(?!\w)|\)[ ]?=>|\w=>\w|=>[ ]?[({\[]|::(?=\w)|&&"
    r"|\|\||[+*/%|&^-]=|:=|\+\+|\?\.\w|\w \?\? \w|\w->\w|\$\{"
    r"|\w<[\w\[\], ?&']+>"  # type arguments
    rf"|\w\?:[ ]|\w: ?(?:{_TYPES})\b"
    r"|^[ \t]*[\w.]+ = (?:None|null|nil|[Tt]rue|[Ff]alse|\d+|\[\]|\{\}|\(\))[;,]?[ \t]*$"
    r"|\w ?:?= ?\"\"|^[ \t]+\+ ?\"\""
    r"|\)[ ]?\{|[{}][;,)]?[ \t]*$|^[ \t]*[})\]]+[;,]?[ \t]*$|[({\[=][ \t]*$"
    r"|;[ ]*(?:do|then)[ \t]*$|(?<=\s)--[a-z][\w-]+"
    r"|^[ \t]*(?:@\w[\w.]*|#!?\[|#[ \t]*[a-z]+[ \t])"  # decorators, attributes, the preprocessor
    r"|^[ \t]*[)}\]]+[:;,.]|^[ \t]*[\w$]+\.[\w$.]+ [+:]?= "
    r"|^\t+[A-Z]\w*[ ]{2,}[\w.*\[\]]+$"  # a field of a struct in Go
)
_WEAK = re.compile(
    r"\"\"[ ]*[%+,)\];]|[(\[,+=:] ?\"\"|[a-z)\]]\.[A-Za-z_]\w|[a-z0-9]_[a-z]|[A-Z]_[A-Z]|[a-z][A-Z]"
    r"|^[ \t]{4,}[\w.]+(?=,$)|[,:\\][ \t]*$|\$\w|<\w|\[\]|\w=\w|(?<=\()\)"
)
_SPACED_SIGN = re.compile(r" = |[=-]>")  # counts once: notes hold rows of them too
_STATEMENT = re.compile(
    r"[ \t]*(?:(?:if|elif|while|except|class|def|async def|case|match)\b.*:[ \t]*$"
    r"|for\b.*\bin\b.*:[ \t]*$|with\b.*(?:\(|\bas\b).*:[ \t]*$"
    r"|(?:else|try|finally|do|then|fi|done|esac|pass|break|continue|end)[ \t]*[:;]?[ \t]*$"
    r"|from [\w.]+ import |import [\w.{*]+|return [\w.\"'\[({&*!-]+(?:, [\w.\"&*]+)*[;,]?[ \t]*$"
    r"|(?:SELECT|FROM|WHERE|INSERT INTO|UPDATE|DELETE FROM|CREATE|ALTER|DROP|GRANT|JOIN|LEFT JOIN"
    r"|GROUP BY|ORDER BY|VALUES|RETURNING|REFERENCES|LANGUAGE|AS|AND|OR|ON|SET)\b|,[ \t]*\w+\.\w"
    r"|(?:public|private|protected|static|const|let|var|pub|fn|func|function|package|use|type|struct|enum"
    r"|impl|interface|namespace|typedef|extern|export|import|raise|throw|yield|await|assert|del"
    r"|global|local|declare|typeset|alias|readonly|abstract|final|override|virtual)\b"
    r"|#[ \t]*(?:include|define|undef|ifdef|ifndef|if|elif|else|endif|pragma|error|line)\b)"
)
_LEAST_WEIGHT = 2
_MOST_STATEMENTS = 2  # on a line that ends with a semicolon; with more it may be a row of a table
_SENTENCE_END = re.compile(r"[a-zà-ÿ]{2}[.!?] +[A-ZÀ-Þ][a-zà-ÿ]* [a-zà-ÿ]")
_RUN = re.compile(r"(?<![\w'$])[^\W\d_][\w'$]*+(?:[ \t]++[^\W\d_][\w'$]*+)+")
_FUNCTION_WORDS = words("function_words.txt")
_PROSE = 3  # weight of two neighbouring words that are no keywords, against code


def _weight(code: str) -> int:
    """Return the weight of a line without its literals; 0 where it is not clearly source code."""
    if not any(map(str.isalnum, code)):
        return 0
    strong = len(_STRONG.findall(code)) + (_STATEMENT.match(code) is not None)
    strong += code.rstrip().endswith(";") and code.count(";") <= _MOST_STATEMENTS
    weight = 2 * strong + len(_WEAK.findall(code)) + (_SPACED_SIGN.search(code) is not None)
    if weight < _LEAST_WEIGHT:
        return 0
    plain = sum(_plain_pairs(run[0]) for run in _RUN.finditer(code))
    plain += 2 * len(_SENTENCE_END.findall(code))
    return weight if _PROSE * plain < weight else 0


def _plain_pairs(run: str) -> int:
    """Return how many neighbours in a run of words are both no keywords, and its function words."""
    folded = run.lower().split()
    known = [word in KEYWORDS for word in folded]
    pairs = sum(not (left or right) for left, right in pairwise(known))
    return pairs + sum(word in _FUNCTION_WORDS for word in folded)
