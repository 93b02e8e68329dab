"""Find surrogates in a text that arrives in pieces: whole words only, the longest first.

A text consists of words (letters and digits) and single signs; an escape of JSON is one sign.
"""

import re
from collections.abc import Iterable

from gateway.core.text.matcher import Event, Match, Plain

SURROGATE = "surrogate"  # the id of its matches
_TOKEN = re.compile(r"[^\W_]+|[\W_]")
_JSON_TOKEN = re.compile(r"\\(?:u[0-9a-fA-F]{4}|[^u]|u[0-9a-fA-F]{0,3})|[^\W_]+|[\W_]")
_UNFINISHED = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?")
_Node = dict[str, "_Node"]
_END: _Node = {}


class SurrogatePatterns:
    """Surrogates ready for matching, in any case."""

    def __init__(self, surrogates: Iterable[str]) -> None:
        self.root: _Node = {}
        self.beginnings: set[str] = set()  # prefixes of their words, and words with a genitive s
        for surrogate in surrogates:
            node = self.root
            for token in _TOKEN.findall(surrogate.lower()):
                node = node.setdefault(token, {})
                self.beginnings.update(token[:size] for size in range(1, len(token) + 1))
            node[""] = _END
            self.beginnings.add(token + "s")


class SurrogateMatcher:
    """Matches of one stream. ``held`` is text that may still become a match."""

    def __init__(self, lexicon: SurrogatePatterns, *, json: bool = False) -> None:
        self._lexicon = lexicon
        self._token = _JSON_TOKEN if json else _TOKEN
        self._json = json
        self._inside = False  # within a word that was released in part
        self.held = ""

    def feed(self, text: str) -> list[Event]:
        """Return the events that this piece settles, in order."""
        return self._run(self.held + text, final=False)

    def finish(self) -> list[Event]:
        """Return the remaining events at the end of the stream."""
        return self._run(self.held, final=True)

    def give_up(self) -> list[Event]:
        """Release the held text as plain text."""
        held, self.held = self.held, ""
        self._inside = held[-1:].isalnum()
        return [Plain(held)] if held else []

    def _run(self, text: str, *, final: bool) -> list[Event]:
        events: list[Event] = []
        at = plain = 0
        root, beginnings = self._lexicon.root, self._lexicon.beginnings
        while at < len(text):
            token = next(self._token.finditer(text, at))
            word, end = token[0].lower(), token.end()
            more = end == len(text) and not final and self._goes_on(word)
            if self._inside and word[0].isalnum():
                self._inside = more
            elif more:
                if word[0] == "\\" or word in beginnings:
                    break
                self._inside = True
            else:
                self._inside = False
                if word in root or word[:-1] in root:
                    found = self._longest(text, at, final=final)
                    if found is None:
                        break
                    if found > at:
                        if at > plain:
                            events.append(Plain(text[plain:at]))
                        events.append(Match(SURROGATE, text[at:found]))
                        self._inside = text[found - 1 : found + 1].isalnum() and found < len(text)
                        at = plain = found
                        continue
            at = end
        if at > plain:
            events.append(Plain(text[plain:at]))
        self.held = text[at:]
        return events

    def _goes_on(self, token: str) -> bool:
        """Whether a token at the end of the input may be part of a longer one."""
        if self._json and token[0] == "\\":
            return _UNFINISHED.fullmatch(token) is not None
        return token[0].isalnum()

    def _longest(self, text: str, at: int, *, final: bool) -> int | None:
        """Return the end of the longest surrogate at a place, the place for none, None if open."""
        node, found = self._lexicon.root, at
        while at < len(text):
            token = next(self._token.finditer(text, at))
            word, at = token[0].lower(), token.end()
            if at == len(text) and not final and self._goes_on(word):
                return None if word[0] == "\\" or word in self._lexicon.beginnings else found
            following = node.get(word)
            if following is None:
                return at - 1 if word[-1] == "s" and "" in node.get(word[:-1], _END) else found
            node = following
            if "" in node:
                found = at
        return found if final or node.keys() <= {""} else None
