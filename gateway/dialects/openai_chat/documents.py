"""Files in the messages of a chat request."""

from gateway.core.fields import Path, value_at
from gateway.dialects.base import Body


class FilePart:
    """The content part of one file. ``data`` is "" where it holds no file, such as a file id."""

    def __init__(self, body: Body, path: Path) -> None:
        *_, self._index, name = ("", *path)
        self._parts = value_at(body, path[:-2])
        part = value_at(body, path[:-1])
        alone = isinstance(self._parts, list) and set(part) == {"type", name}
        file = part[name] if alone and part["type"] == "file" else None
        self._file: Body = file if isinstance(file, dict) else {}
        data = self._file.get("file_data")
        self.data: str = data if isinstance(data, str) else ""

    def replace(self, text: str) -> str:
        """Puts a text part in the place of the file, under the file's name."""
        name = self._file.get("filename")
        named = f"Document: {name}\n\n{text}" if isinstance(name, str) else text
        self._parts[self._index] = {"type": "text", "text": named}
        return named
