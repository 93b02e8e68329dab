"""A detector process: texts arrive on standard input, findings leave on standard output.

It has no network, no secret and no file but the model's. Presidio would load torch where it is
installed (535 MB instead of some 150), so torch and transformers cannot be imported here.
Presidio's engines for language pipelines, with spaCy, and its own recognizers are left out as well:
none is used, and they bring an HTTP client, a third of the memory and half of the time to load.
"""

import sys
from types import ModuleType
from typing import Any


class _LeftOut(ModuleType):
    """A module from which any name can be imported and nothing can be used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


_ENGINES = ("no_op", "slim_spacy", "spacy", "stanza", "transformers")
for _name in (
    "spacy",
    "spacy.tokens",
    "presidio_analyzer.predefined_recognizers",
    *(f"presidio_analyzer.nlp_engine.{engine}_nlp_engine" for engine in _ENGINES),
):
    sys.modules[_name] = _LeftOut(_name)
for _name in ("torch", "transformers"):
    sys.modules[_name] = None  # type: ignore[assignment]

import os  # noqa: E402
from typing import BinaryIO  # noqa: E402

import msgspec  # noqa: E402

from gateway.classifiers import chunk_entities  # noqa: E402
from gateway.classifiers.entities.presidio_recognizer import Analyzer  # noqa: E402
from gateway.classifiers.protocol import LENGTH, Entity, Passage, ScanRequest  # noqa: E402


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Send the version, then answer requests until the other side closes."""
    analyzer = Analyzer()
    decoder = msgspec.msgpack.Decoder(ScanRequest)
    _send(sink, msgspec.msgpack.encode(analyzer.version))
    while head := source.read(LENGTH.size):
        (size,) = LENGTH.unpack(head)
        request = decoder.decode(source.read(size))
        found = [_find(analyzer, passage) for passage in request.passages]
        _send(sink, msgspec.msgpack.encode(found))


def _find(analyzer: Analyzer, passage: Passage) -> list[Entity]:
    text = passage.text.decode("utf-8", "surrogatepass")
    return chunk_entities.of_part(analyzer.find(text), passage.context)


def _send(sink: BinaryIO, data: bytes) -> None:
    sink.write(LENGTH.pack(len(data)) + data)
    sink.flush()


def main() -> None:
    """Keep standard output for answers: all other output goes to standard error."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
