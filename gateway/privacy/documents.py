"""Text of PDF and DOCX files, extracted in a child process with limits on memory, time and size.

Run as a script, it is that child. It executes nothing in a file: no macro, script, link or entity.
"""

import base64
import binascii
import io
import json
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote_to_bytes

MAX_BYTES: Final = 20 * 1024 * 1024
MAX_TEXT: Final = 2_000_000  # characters
_PAGES = 300
_UNPACKED = 64 * 1024 * 1024
_ENTRIES = 4000
_MEMORY = 1024 * 1024 * 1024
_SECONDS = 10.0
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PARTS = ("document", "header", "footer", "footnotes", "endnotes", "comments", "glossary/document")
_TEXT_TAGS = frozenset(_WORD + name for name in ("t", "delText", "instrText"))
_BREAKS = {
    f"{_WORD}tab": "\t",
    f"{_WORD}br": "\n",
    f"{_WORD}cr": "\n",
    f"{_WORD}noBreakHyphen": "-",
}
_ENDS = {f"{_WORD}p": "\n", f"{_WORD}tr": "\n"}
# What the libraries raise on damaged files.
_DAMAGED = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RuntimeError,
    OSError,
    EOFError,
    SyntaxError,
    MemoryError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
)
_TEXT_TYPES = (
    "text/",
    "application/json",
    "application/xml",
    "application/x-yaml",
    "application/csv",
)


@dataclass(frozen=True, slots=True)
class ExtractedDocument:
    """The text of a file; ``complete`` is false if it also has content such as pictures."""

    text: str
    complete: bool


class UnreadableError(Exception):
    """The file is of no known kind, damaged, protected, or too large."""


def read(file_data: str | bytes, *, seconds: float = _SECONDS) -> ExtractedDocument | None:
    """Return the text of a PDF, DOCX or text file; None if it is unreadable within the limits.

    Args:
        file_data: the bytes of the file, or a data URL or base64 of them.
        seconds: how long reading may take.
    """
    data = _bytes(file_data) if isinstance(file_data, str) else file_data
    if data is None or not data or len(data) > MAX_BYTES:
        return None
    if not data.startswith((b"%PDF-", b"PK\x03\x04")):
        return _plain(data)
    command = [sys.executable, "-I", str(Path(__file__)), str(seconds)]
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=seconds + 2, check=False, env={}
        )
        text, complete = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError, TypeError, OSError):
        return None
    return ExtractedDocument(text, complete)


def _bytes(file_data: str) -> bytes | None:
    if len(file_data) > 2 * MAX_BYTES:
        return None
    head, comma, body = file_data.partition(",")
    if not file_data.startswith("data:"):
        head, body = ";base64", file_data
    elif not comma:
        return None
    try:
        if head.endswith(";base64"):
            return base64.b64decode("".join(body.split()), validate=True)
        if head == "data:" or head.removeprefix("data:").startswith(_TEXT_TYPES):
            return unquote_to_bytes(body)
    except (ValueError, binascii.Error):
        return None
    return None


def _plain(data: bytes) -> ExtractedDocument | None:
    """Return a plain text file; None for formats that are written as text, such as RTF."""
    if data.startswith(b"{\\rtf") or b"%PDF-" in data[:1024]:
        return None
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        return None
    strange = sum(not (sign.isprintable() or sign.isspace()) for sign in text[:10_000])
    readable = len(text) <= MAX_TEXT and strange * 100 <= len(text[:10_000])
    return ExtractedDocument(text, complete=True) if readable and text.strip() else None


def text_of(data: bytes, *, seconds: float = _SECONDS) -> ExtractedDocument:
    """Return the text of a file, as ``read`` does in its child, without the limit on memory.

    Raises:
        UnreadableError: the file cannot be read.
    """
    until = time.monotonic() + seconds
    try:
        document = _pdf(data, until) if data.startswith(b"%PDF-") else _docx(data)
    except UnreadableError:
        raise
    except _DAMAGED as error:
        raise UnreadableError(type(error).__name__) from error
    if not document.text.strip() or len(document.text) > MAX_TEXT:
        raise UnreadableError("no text, or too much of it")
    return document


def _pdf(data: bytes, until: float) -> ExtractedDocument:
    import pypdf
    import pypdf.errors

    try:
        return _pdf_text(pypdf.PdfReader(io.BytesIO(data), strict=False), until)
    except pypdf.errors.PyPdfError as error:
        raise UnreadableError(type(error).__name__) from error


def _pdf_text(reader: Any, until: float) -> ExtractedDocument:
    if reader.is_encrypted and not reader.decrypt(""):
        raise UnreadableError("protected")
    if len(reader.pages) > _PAGES:
        raise UnreadableError("too many pages")
    parts = [str(value) for value in (reader.metadata or {}).values() if isinstance(value, str)]
    complete = not _attached(reader)
    size = 0
    for page in reader.pages:
        text = page.extract_text()
        parts.append(text)
        size += len(text)
        complete = complete and bool(text.strip()) and not _pictures(page)
        if time.monotonic() > until or size > MAX_TEXT:
            raise UnreadableError("too long")
        parts += _notes(page)
    fields = reader.get_fields() or {}
    parts += [f"{name}: {field.value}" for name, field in fields.items() if field.value]
    return ExtractedDocument("\n".join(parts), complete)


def _attached(reader: Any) -> bool:
    names = reader.root_object.get("/Names")
    return names is not None and "/EmbeddedFiles" in names.get_object()


def _pictures(page: Any) -> bool:
    resources = page.get("/Resources")
    objects = resources.get_object().get("/XObject") if resources is not None else None
    return objects is not None and any(
        part.get_object().get("/Subtype") == "/Image" for part in objects.get_object().values()
    )


def _notes(page: Any) -> list[str]:
    notes = [note.get_object() for note in page.get("/Annots") or ()]
    return [str(note["/Contents"]) for note in notes if "/Contents" in note]


def _docx(data: bytes) -> ExtractedDocument:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        names = [entry.filename for entry in entries]
        if len(entries) > _ENTRIES or sum(entry.file_size for entry in entries) > _UNPACKED:
            raise UnreadableError("too large when unpacked")
        if "word/document.xml" not in names:
            raise UnreadableError("no document")
        if any(name.endswith("vbaProject.bin") for name in names):
            raise UnreadableError("macros")
        parts = [
            _paragraphs(_unpacked(archive, name))
            for name in names
            if name.startswith("word/")
            and name.endswith(".xml")
            and name.removeprefix("word/").rstrip("0123456789.xml").startswith(_PARTS)
        ]
        if "docProps/core.xml" in names:
            parts.append(_properties(_unpacked(archive, "docProps/core.xml")))
        other = ("word/media/", "word/embeddings/", "word/activeX/")
        return ExtractedDocument(
            "\n".join(parts), complete=not any(name.startswith(other) for name in names)
        )


def _unpacked(archive: zipfile.ZipFile, name: str) -> bytes:
    # The size in the directory may be false.
    with archive.open(name) as entry:
        data = entry.read(_UNPACKED + 1)
    if len(data) > _UNPACKED:
        raise UnreadableError("too large when unpacked")
    return data


def _paragraphs(data: bytes) -> str:
    from defusedxml.ElementTree import iterparse

    parts: list[str] = []
    for _, element in iterparse(io.BytesIO(data), forbid_dtd=True):
        tag = element.tag
        if tag in _TEXT_TAGS:
            parts.append(element.text or "")
        elif tag in _BREAKS:
            parts.append(_BREAKS[tag])
        elif tag in _ENDS:
            parts.append(_ENDS[tag])
        elif tag == f"{_WORD}tc" and parts and parts[-1] == "\n":
            parts[-1] = "\t"
    return "".join(parts)


def _properties(data: bytes) -> str:
    from defusedxml.ElementTree import fromstring

    return "\n".join(element.text for element in fromstring(data, forbid_dtd=True) if element.text)


def _child() -> None:
    import resource

    seconds = float(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        document = text_of(sys.stdin.buffer.read(MAX_BYTES + 1), seconds=seconds)
    except UnreadableError:
        sys.exit(1)
    text = document.text.encode("utf-8", "replace").decode()
    sys.stdout.write(json.dumps([text, document.complete]))


if __name__ == "__main__":
    _child()
