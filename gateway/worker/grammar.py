"""Compiled grammars: they constrain a JSON answer by a mask over the next token."""

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import xgrammar

from gateway.core.errors import InvalidRequest

_SCHEMA_LIMIT_BYTES = 64 * 1024
_CACHE_SIZE = 64
ANY_OBJECT: dict[str, Any] = {"type": "object"}


class GrammarCache:
    """Compiles JSON schemas for one tokenizer and keeps the most recently used.

    Compiling takes tens to hundreds of milliseconds: call it off the event loop.
    """

    def __init__(self, tokenizer: Any, *, vocab_size: int, stop_ids: tuple[int, ...]) -> None:
        info = xgrammar.TokenizerInfo.from_huggingface(
            tokenizer, vocab_size=vocab_size, stop_token_ids=list(stop_ids)
        )
        self._compiler = xgrammar.GrammarCompiler(info, max_threads=1, cache_enabled=False)
        self._cache: OrderedDict[str, xgrammar.CompiledGrammar] = OrderedDict()
        self._lock = threading.Lock()

    def compiled(self, schema: dict[str, Any]) -> xgrammar.CompiledGrammar:
        """The grammar of a schema.

        Raises:
            InvalidRequest: when it is too large or not a schema.
        """
        return self._cached(schema, self._compile, "response_format")

    def of_tools(self, tag: dict[str, Any]) -> xgrammar.CompiledGrammar:
        """The grammar of a structural tag, by which an answer is a tool call.

        Raises:
            InvalidRequest: when the parameters of a tool are too large or no schema.
        """
        return self._cached(tag, self._compile_tag, "tools")

    def _cached(
        self,
        source: dict[str, Any],
        compile_: Callable[[dict[str, Any]], xgrammar.CompiledGrammar],
        param: str,
    ) -> xgrammar.CompiledGrammar:
        text = json.dumps(source, sort_keys=True)
        if len(text) > _SCHEMA_LIMIT_BYTES:
            raise InvalidRequest("The JSON schema is larger than 64 KiB.", param=param)
        key = hashlib.sha256(f"{param} {text}".encode()).hexdigest()
        with self._lock:
            if key not in self._cache:
                self._cache[key] = compile_(source)
            self._cache.move_to_end(key)
            while len(self._cache) > _CACHE_SIZE:
                self._cache.popitem(last=False)
            return self._cache[key]

    def _compile(self, schema: dict[str, Any]) -> xgrammar.CompiledGrammar:
        # Free whitespace lets a small model write blanks until it runs out of tokens.
        try:
            return self._compiler.compile_json_schema(schema, any_whitespace=False)
        except (RuntimeError, ValueError) as error:
            raise InvalidRequest(
                "The JSON schema cannot be used to constrain an answer.", param="response_format"
            ) from error

    def _compile_tag(self, tag: dict[str, Any]) -> xgrammar.CompiledGrammar:
        try:
            return self._compiler.compile_structural_tag(tag)
        except (RuntimeError, ValueError) as error:
            raise InvalidRequest(
                "The parameters of a tool cannot be used to constrain a call.", param="tools"
            ) from error
