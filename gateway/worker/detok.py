"""From token ids to text that may be shown: whole characters only, and nothing of a stop string."""

from typing import Any

from tokenizers.decoders import DecodeStream


class StopScanner:
    """Releases text piece by piece and holds back what may turn out to begin a stop string."""

    def __init__(self, stops: tuple[str, ...]) -> None:
        self._stops = stops
        self._held = ""
        self.stopped = False

    def push(self, piece: str) -> str:
        """Add a piece; return what can be released. After a stop string nothing is released."""
        if self.stopped:
            return ""
        text = self._held + piece
        found = [at for stop in self._stops if (at := text.find(stop)) >= 0]
        if found:
            self.stopped, self._held = True, ""
            return text[: min(found)]
        keep = self._possible_start(text)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def flush(self) -> str:
        """The text still held back, once no more can come."""
        text, self._held = self._held, ""
        return text

    def _possible_start(self, text: str) -> int:
        """Length of the longest end of text that some stop string begins with."""
        longest = max((len(stop) for stop in self._stops), default=1) - 1
        for length in range(min(longest, len(text)), 0, -1):
            tail = text[len(text) - length :]
            if any(stop.startswith(tail) for stop in self._stops):
                return length
        return 0


class Detokenizer:
    """Text of one answer, token by token; the joined pieces equal decoding all ids at once."""

    def __init__(self, tokenizer: Any, *, stops: tuple[str, ...]) -> None:
        self._tokenizer = tokenizer.backend_tokenizer
        self._stream = DecodeStream(skip_special_tokens=True)
        self._scanner = StopScanner(stops)

    @property
    def stopped(self) -> bool:
        """True once a stop string was met."""
        return self._scanner.stopped

    def push(self, token_id: int) -> str:
        """The text that this token makes certain; empty while a character is incomplete."""
        piece = self._stream.step(self._tokenizer, token_id)
        if piece is None:
            return ""
        return self._scanner.push(piece)

    def flush(self) -> str:
        """What is left at the end; an incomplete character is left out."""
        return "" if self.stopped else self._scanner.flush()
