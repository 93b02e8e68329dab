"""A detector process: texts come in on standard input, findings go out on standard output.

It has no network, no secret and no file but the model's. Presidio would load torch where that is
installed (535 MB instead of some 150), so both torch and transformers are made impossible to import.
So is spaCy's command line, which downloads models: nothing here may, and it costs a fifth of a second.
Presidio's own recognizers stay out as well: none is asked, and they bring an HTTP client and 15 MB.
"""

import sys
from types import ModuleType
from typing import Any


class _LeftOut(ModuleType):
    """A module of which any name can be imported and nothing can be used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


sys.modules["presidio_analyzer.predefined_recognizers"] = _LeftOut("predefined_recognizers")
sys.modules["torch"] = None  # type: ignore[assignment]
sys.modules["transformers"] = None  # type: ignore[assignment]
sys.modules["spacy.cli"] = ModuleType("spacy.cli")
sys.modules["spacy.cli.info"] = ModuleType("spacy.cli.info")
sys.modules["spacy.cli.info"].info = None  # type: ignore[attr-defined]

import os  # noqa: E402
from typing import BinaryIO  # noqa: E402

import msgspec  # noqa: E402

from gateway.privacy.analysis import Analyzer  # noqa: E402
from gateway.privacy.reading import LENGTH  # noqa: E402


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answers until the other side closes; says its version first."""
    analyzer = Analyzer()
    _send(sink, msgspec.msgpack.encode(analyzer.version))
    while head := source.read(LENGTH.size):
        (size,) = LENGTH.unpack(head)
        text = source.read(size).decode("utf-8", "surrogatepass")
        _send(sink, msgspec.msgpack.encode(analyzer.find(text)))


def _send(sink: BinaryIO, data: bytes) -> None:
    sink.write(LENGTH.pack(len(data)) + data)
    sink.flush()


def main() -> None:
    """Keeps standard output for answers: whatever else is printed goes to standard error."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
