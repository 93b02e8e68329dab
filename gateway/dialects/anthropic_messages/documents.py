"""Files in the messages of a Messages request."""

from typing import Any

from gateway.core.fields import Path, value_at
from gateway.dialects.base import Body


class DocumentBlock:
    """The content block of one file; the path is that of its source."""

    def __init__(self, body: Body, path: Path) -> None:
        self._blocks: list[Body] = value_at(body, path[:-2])
        self._index: Any = path[-2]
        self._block = self._blocks[self._index]
        source = self._block.get("source") or {}
        data, media = source.get("data"), source.get("media_type")
        known = isinstance(data, str) and isinstance(media, str)
        self.data: str = f"data:{media};base64,{data}" if known else ""

    def replace(self, text: str) -> str:
        """Puts a text block in the place of the file, under the file's title."""
        title = self._block.get("title")
        named = f"Document: {title}\n\n{text}" if isinstance(title, str) else text
        block = {"type": "text", "text": named}
        if marker := self._block.get("cache_control"):
            block["cache_control"] = marker
        self._blocks[self._index] = block
        return named
