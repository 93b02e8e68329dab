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

import msgspec  # noqa: E402

from gateway.classifiers import chunk_entities  # noqa: E402
from gateway.classifiers.content.classifier import ContentClassifier  # noqa: E402
from gateway.classifiers.entities.presidio_recognizer import Analyzer  # noqa: E402
from gateway.classifiers.message_loop import Answer, serve_standard_streams  # noqa: E402
from gateway.classifiers.protocol import CONTENT, Entity, Passage, ScanRequest  # noqa: E402
from gateway.core.text.canonical import canonical_lines  # noqa: E402
from gateway.core.text.scripts import read_part  # noqa: E402


def ready() -> tuple[bytes, Answer]:
    """Load the model; return its version as the first message, and the answers to requests."""
    analyzer, content = Analyzer(), ContentClassifier()
    decoder = msgspec.msgpack.Decoder(ScanRequest)

    def answer(message: bytes) -> bytes:
        passages = decoder.decode(message).passages
        return msgspec.msgpack.encode([_find(analyzer, content, passage) for passage in passages])

    return msgspec.msgpack.encode(analyzer.version), answer


def _find(analyzer: Analyzer, content: ContentClassifier, passage: Passage) -> list[Entity]:
    text = passage.text.decode("utf-8", "surrogatepass")
    found = analyzer.find(text, partial=passage.partial)
    if passage.judged:
        found += [
            Entity(0, len(text), f"{CONTENT}{one.category}", one.probability)
            for one in content.read(canonical_lines(read_part(text)))
        ]
    return chunk_entities.of_part(found, passage.context)


if __name__ == "__main__":
    serve_standard_streams("detector", ready)
