"""Text out of files, and what must never happen while reading them."""

import base64
import contextlib
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.privacy.documents import Document, UnreadableError, read, text_of

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


def _pdf(text: str) -> bytes:
    stream = f"BT /F1 12 Tf 50 700 Td ({text}) Tj ET".encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>"),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]  # fmt: skip
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(out)
    return out + b"xref\n0 6\n0000000000 65535 f \n" + table + (
        b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % start
    )  # fmt: skip


def test_a_docx_with_a_table() -> None:
    cells = "".join(f"<w:tc>{_p(text)}</w:tc>" for text in ("naam", "Lotte Haverkamp"))
    found = read(_docx(_p("Beste Jan,") + f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>"))
    assert found == Document("Beste Jan,\nnaam\tLotte Haverkamp\t\n", complete=True)


def test_headers_comments_and_the_author_are_read() -> None:
    header = f"<w:hdr {_NS}>{_p('Kenmerk 12')}</w:hdr>"
    core = "<c><creator>Sanne de Vries</creator></c>"
    found = read(_docx(_p("x"), word__header1_xml=header, docProps__core_xml=core))
    assert found is not None
    assert "Kenmerk 12" in found.text
    assert "Sanne de Vries" in found.text


def test_a_picture_makes_it_incomplete() -> None:
    found = read(_docx(_p("x"), word__media__image1_png="..."))
    assert found == Document("x\n", complete=False)


@pytest.mark.parametrize("prefix", ["", "data:application/pdf;base64,"])
def test_a_pdf_in_base64(prefix: str) -> None:
    found = read(prefix + base64.b64encode(_pdf("Geachte mevrouw Bakker")).decode())
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
    assert read(data) == Document(text, complete=True)


_ENTITY = f'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><w:document {_NS}>&b;</w:document>'


@pytest.mark.parametrize(
    "data",
    [
        b"", b"%PDF-1.7 broken", b"PK\x03\x04 broken", b"\x00\x01\x02\x03", "no base64 !", "data:image/png",
        "data:image/png,abc", _docx(_p("x"), word__vbaProject_bin="x"), _docx(""), _pdf(""),
        _docx(_p("x"), word__header1_xml=_ENTITY),
    ],
    ids=range(11),
)  # fmt: skip
def test_what_cannot_be_read_is_none(data: str | bytes) -> None:
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
        text_of(_pdf("x"), seconds=-1.0)


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from([_pdf("Jan Bakker"), _docx(_p("Jan Bakker"))]),
    st.integers(0, 400),
    st.binary(max_size=8),
)
def test_damage_gives_text_or_an_error(data: bytes, at: int, new: bytes) -> None:
    with contextlib.suppress(UnreadableError):
        text_of(data[:at] + new + data[at + len(new) :])
