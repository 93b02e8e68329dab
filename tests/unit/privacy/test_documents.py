"""Text of files, and what must never happen during extraction."""

import base64
import contextlib
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.privacy.documents import ExtractedDocument, UnreadableError, read, text_of
from tests.support.effort import examples
from tests.support.papers import pdf, protected_pdf

_NS = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def _docx(body: str, **more: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "word/document.xml", f"<w:document {_NS}><w:body>{body}</w:body></w:document>"
        )
        for name, content in more.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return out.getvalue()


def _p(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def test_a_docx_with_a_table() -> None:
    cells = "".join(f"<w:tc>{_p(text)}</w:tc>" for text in ("naam", "Lotte Haverkamp"))
    found = read(_docx(_p("Beste Jan,") + f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>"))
    assert found == ExtractedDocument("Beste Jan,\nnaam\tLotte Haverkamp\t\n", complete=True)


def test_headers_comments_and_the_author_are_read() -> None:
    header = f"<w:hdr {_NS}>{_p('Kenmerk 12')}</w:hdr>"
    core = "<c><creator>Sanne de Vries</creator></c>"
    found = read(_docx(_p("x"), word__header1_xml=header, docProps__core_xml=core))
    assert found is not None
    assert "Kenmerk 12" in found.text
    assert "Sanne de Vries" in found.text


def test_a_picture_makes_it_incomplete() -> None:
    found = read(_docx(_p("x"), word__media__image1_png="..."))
    assert found == ExtractedDocument("x\n", complete=False)


@pytest.mark.parametrize("prefix", ["", "data:application/pdf;base64,"])
def test_a_pdf_in_base64(prefix: str) -> None:
    found = read(prefix + base64.b64encode(pdf("Geachte mevrouw Bakker")).decode())
    assert found is not None
    assert "Geachte mevrouw Bakker" in found.text
    assert found.complete


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("data:text/plain,Jan%20Bakker", "Jan Bakker"),
        ("SmFuIEJha2tlcg==", "Jan Bakker"),
        (b"naam;tel\n", "naam;tel\n"),
    ],
)
def test_text_files(data: str | bytes, text: str) -> None:
    assert read(data) == ExtractedDocument(text, complete=True)


_ENTITY = (
    f'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b '
    f'"&a;&a;&a;&a;">]><w:document {_NS}>&b;</w:document>'
)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.7 broken",
        b"PK\x03\x04 broken",
        b"\x00\x01\x02\x03",
        "no base64 !",
        "data:image/png",
        "data:image/png,abc",
        _docx(_p("x"), word__vbaProject_bin="x"),
        _docx(""),
        pdf(""),
        _docx(_p("x"), word__header1_xml=_ENTITY),
        protected_pdf("x"),
        b"{\\rtf1 x}",
        b"\n%PDF-1.7 x",
        "data:text/plain,\ud800",
    ],
    ids=range(15),
)
def test_an_unreadable_file_is_none(data: str | bytes) -> None:
    assert read(data) is None


def test_a_bomb_is_not_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * (80 * 1024 * 1024))
    assert len(out.getvalue()) < 1_000_000
    with pytest.raises(UnreadableError, match="unpacked"):
        text_of(out.getvalue())


def test_time_is_limited() -> None:
    with pytest.raises(UnreadableError, match="too long"):
        text_of(pdf("x"), seconds=-1.0)


@settings(max_examples=examples(50), deadline=None)
@given(
    st.sampled_from([pdf("Jan Bakker"), _docx(_p("Jan Bakker"))]),
    st.integers(0, 400),
    st.binary(max_size=8),
)
def test_damage_gives_text_or_an_error(data: bytes, at: int, new: bytes) -> None:
    with contextlib.suppress(UnreadableError):
        text_of(data[:at] + new + data[at + len(new) :])
