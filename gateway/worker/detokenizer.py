"""Convert token ids to text: whole characters only, and no part of a stop string."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from tokenizers.decoders import DecodeStream

_NONE: Mapping[int, str] = MappingProxyType({})


class StopScanner:
    """Releases text in pieces and holds back a tail that may begin a stop string."""

    def __init__(self, stops: tuple[str, ...]) -> None:
        self._stops = stops
        self._held = ""
        self.stopped = False
        self.rest = ""  # what came after the stop string, in the same piece

    def push(self, piece: str) -> str:
        """Add a piece; returns the text that can be released. After a stop string nothing is."""
        if self.stopped:
            return ""
        text = self._held + piece
        found = [(at, len(stop)) for stop in self._stops if (at := text.find(stop)) >= 0]
        if found:
            self.stopped, self._held = True, ""
            at, length = min(found)
            self.rest = text[at + length :]
            return text[:at]
        keep = self._possible_start(text)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def flush(self) -> str:
        """Release the text still held back, at the end of the answer."""
        text, self._held = self._held, ""
        return text

    def _possible_start(self, text: str) -> int:
        """Length of the longest tail of ``text`` with which a stop string begins."""
        longest = max((len(stop) for stop in self._stops), default=1) - 1
        for length in range(min(longest, len(text)), 0, -1):
            tail = text[len(text) - length :]
            if any(stop.startswith(tail) for stop in self._stops):
                return length
        return 0


class Detokenizer:
    """Text of one answer, token by token; the joined pieces equal all ids decoded at once."""

    def __init__(
        self, tokenizer: Any, *, stops: tuple[str, ...], shown: Mapping[int, str] = _NONE
    ) -> None:
        """``shown`` are special tokens that are part of the text all the same."""
        self._tokenizer = tokenizer.backend_tokenizer
        self._shown = shown
        self._stream = DecodeStream(skip_special_tokens=True)
        self._scanner = StopScanner(stops)

    @property
    def stopped(self) -> bool:
        """True once a stop string was found."""
        return self._scanner.stopped

    def push(self, token_id: int) -> str:
        """Add a token; returns the text that is now final, empty within a character."""
        piece = self._shown.get(token_id) or self._stream.step(self._tokenizer, token_id)
        if piece is None:
            return ""
        return self._scanner.push(piece)

    def flush(self) -> str:
        """The rest of the text at the end, without an incomplete character."""
        return "" if self.stopped else self._scanner.flush()
