"""Files in the input of a Responses request."""

from gateway.core.fields import Path, value_at
from gateway.dialects.base import Body

_OF_A_FILE = frozenset({"type", "file_data", "filename"})


class InputFile:
    """The content part of one file. ``data`` is "" where it holds more than a file."""

    def __init__(self, body: Body, path: Path) -> None:
        self._parts = value_at(body, path[:-2])
        self._index = path[-2]
        part: Body = self._parts[self._index]
        data = part["file_data"]
        self.data: str = data if isinstance(data, str) and part.keys() <= _OF_A_FILE else ""
        self._name = part.get("filename")

    def replace(self, text: str) -> str:
        """Puts a text part in the place of the file, under the file's name."""
        named = f"Document: {self._name}\n\n{text}" if isinstance(self._name, str) else text
        self._parts[self._index] = {"type": "input_text", "text": named}
        return named
