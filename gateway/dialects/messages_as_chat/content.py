"""Content blocks of the Messages dialect as messages and parts of the chat dialect."""

from collections.abc import Iterator
from typing import Any

import orjson

from gateway.dialects.base import Body

_BETWEEN = "\n\n"


def text_of(content: Any) -> str:
    """The text of content that is a string or blocks; other blocks have none."""
    if not isinstance(content, list):
        return content or ""
    return _BETWEEN.join(part["text"] for part in _parts(content) if part["type"] == "text")


def assistant_message(content: Any) -> Iterator[Body]:
    """The turn of a model: its text and its tool calls; nothing where it has neither."""
    blocks = content if isinstance(content, list) else [{"type": "text", "text": content or ""}]
    text = text_of(blocks)
    calls = [_tool_call(block) for block in blocks if block.get("type") == "tool_use"]
    if calls:
        yield {"role": "assistant", "content": text or None, "tool_calls": calls}
    elif text:
        yield {"role": "assistant", "content": text}


def user_messages(content: Any) -> Iterator[Body]:
    """The turn of a user: first the results of tools, then what the user says.

    Chat completions take no image in the result of a tool, so it follows as a part of the user's.
    """
    blocks = content if isinstance(content, list) else [{"type": "text", "text": content or ""}]
    said: list[Body] = []
    for block in blocks:
        if block.get("type") == "tool_result":
            result = block.get("content")
            yield {
                "role": "tool",
                "tool_call_id": block.get("tool_use_id"),
                "content": text_of(result),
            }
            said += [part for part in _parts(result) if part["type"] != "text"]
        else:
            said += _parts([block])
    if said:
        yield {"role": "user", "content": _joined(said)}


def _joined(parts: list[Body]) -> Any:
    """One string where all is text: not every server takes a list."""
    if all(part["type"] == "text" for part in parts):
        return _BETWEEN.join(part["text"] for part in parts)
    return parts


def _parts(content: Any) -> Iterator[Body]:
    for block in content if isinstance(content, list) else ():
        match block.get("type"):
            case "text":
                yield _text(block.get("text") or "")
            case "image":
                yield {"type": "image_url", "image_url": {"url": _url(_source(block))}}
            case "document":
                yield from _document(block)
            case "search_result":
                found = text_of(block.get("content"))
                yield _text(f"{block.get('title') or ''}\n{block.get('source') or ''}\n{found}")
            case _:
                continue


def _document(block: Body) -> Iterator[Body]:
    source = _source(block)
    title, context = block.get("title"), block.get("context")
    if about := "\n".join(text for text in (title, context) if text):
        yield _text(f"Document: {about}")
    match source.get("type"):
        case "text":
            yield _text(source.get("data") or "")
        case "content":
            content = source.get("content")
            yield from [_text(content)] if isinstance(content, str) else _parts(content)
        case "base64":
            file = {"filename": title or "document", "file_data": _url(source)}
            yield {"type": "file", "file": file}
        case "url":
            yield {"type": "file", "file": {"file_url": source.get("url")}}
        case _:
            yield {"type": "file", "file": {"file_id": source.get("file_id")}}


def _tool_call(block: Body) -> Body:
    arguments = orjson.dumps(block.get("input") or {}).decode()
    function = {"name": block.get("name"), "arguments": arguments}
    return {"id": block.get("id"), "type": "function", "function": function}


def _source(block: Body) -> Body:
    source = block.get("source")
    return source if isinstance(source, dict) else {}


def _url(source: Body) -> str:
    if source.get("type") == "base64":
        return f"data:{source.get('media_type')};base64,{source.get('data')}"
    return str(source.get("url") or "")


def _text(text: str) -> Body:
    return {"type": "text", "text": text}
