"""Documents in requests: extracted and sent as text, or kept internal."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.installation import Installation
from tests.support.openai_api import OpenAIApi
from tests.support.papers import DOCX, bomb, docx, part, pdf, protected_pdf

pytestmark = pytest.mark.e2e
LETTER = pdf("Geachte mevrouw Sanne de Vries,", "Uw BSN is 111222333, uw dossier is klaar.")
Part = dict[str, object]


def request_with(*parts: Part, model: str = "assistant") -> dict[str, object]:
    content = [{"type": "text", "text": "Vat dit samen."}, *parts]
    return {"model": model, "messages": [{"role": "user", "content": content}]}


@pytest.fixture
def external_bodies(eu: OpenAIApi, global_provider: OpenAIApi) -> Iterator[list[bytes]]:
    """The bodies that external providers receive during a test; there must be none."""
    before = len(eu.bodies), len(global_provider.bodies)
    bodies: list[bytes] = []
    yield bodies
    bodies += eu.bodies[before[0] :] + global_provider.bodies[before[1] :]
    assert not bodies


def test_a_pdf_leaves_as_redacted_text_and_comes_back(sluis: Installation, eu: OpenAIApi) -> None:
    answer = sluis.ask(request_with(part(LETTER, "brief Sanne de Vries.pdf"), model="outside"))
    assert answer.status_code == 200, answer.text
    sent = eu.bodies[-1].decode()
    assert "Sanne" not in sent
    assert "111222333" not in sent
    assert base64.b64encode(LETTER).decode()[:40] not in sent
    parts = eu.last()["messages"][0]["content"]
    assert [one["type"] for one in parts] == ["text", "text"]
    assert parts[1]["text"].startswith("Document: brief [PERSON_")
    assert "uw dossier is klaar" in parts[1]["text"]
    content = answer.json()["choices"][0]["message"]["content"]
    assert "Sanne de Vries" in content
    assert "111222333" in content
    assert answer.headers["x-sluis-sensitivity"] == "confidential"
    assert answer.headers["x-sluis-dropped"] == "messages[0].content[1].file"


def test_the_entry_names_the_document_and_no_value(sluis: Installation) -> None:
    answer = sluis.ask(request_with(part(LETTER)))
    intent = sluis.entries(answer.headers["x-sluis-audit-id"])[0]
    assert intent["dropped"] == ["messages[0].content[1].file"]
    assert "unread" not in intent
    assert intent["findings"]["BSN"] == 1
    assert "111222333" not in json.dumps(intent)


def test_a_document_without_personal_data_counts_toward_the_level(
    sluis: Installation, eu: OpenAIApi
) -> None:
    answer = sluis.ask(request_with(part(pdf("Een sluis heeft twee deuren."))))
    assert answer.headers["x-sluis-sensitivity"] == "internal"
    assert answer.headers["x-sluis-zone"] == "eu"
    assert "twee deuren" in eu.last()["messages"][0]["content"][1]["text"]


@pytest.mark.parametrize("kind", ["text/csv", "application/json", "text/plain"])
def test_a_text_file_leaves_as_redacted_text(sluis: Installation, eu: OpenAIApi, kind: str) -> None:
    data = b'"naam";"bsn"\n"Sanne de Vries";"111222333"\n'
    answer = sluis.ask(request_with(part(data, "lijst.csv", kind), model="outside"))
    assert answer.status_code == 200
    assert "111222333" not in eu.bodies[-1].decode()
    assert "naam" in eu.last()["messages"][0]["content"][1]["text"]


@pytest.mark.usefixtures("external_bodies")
def test_a_health_text_in_a_word_file_is_answered_internally_only(
    sluis: Installation, internal_provider: OpenAIApi
) -> None:
    paper = part(docx("Mevrouw Fatima Yilmaz heeft diabetes."), "zorg.docx", DOCX)
    answer = sluis.ask(request_with(paper))
    assert answer.headers["x-sluis-zone"] == "internal"
    assert "Fatima Yilmaz heeft diabetes" in internal_provider.bodies[-1].decode()
    refused = sluis.ask(request_with(paper, model="outside"))
    assert refused.status_code == 403


@pytest.mark.usefixtures("external_bodies")
def test_images_are_left_out_and_the_rest_stays_internal(
    sluis: Installation, internal_provider: OpenAIApi
) -> None:
    answer = sluis.ask(request_with(part(docx("Zie de foto.", picture=True), "f.docx", DOCX)))
    assert answer.headers["x-sluis-sensitivity"] == "restricted"
    text = internal_provider.last()["messages"][0]["content"][1]["text"]
    assert "Zie de foto." in text
    assert "left out" in text


UNREADABLE: dict[str, Part] = {
    "bomb": part(bomb(), "b.docx", DOCX),
    "truncated": part(LETTER[:120]),
    "protected": part(protected_pdf("Een sluis heeft twee deuren.")),
    "no document": part(b"PK\x03\x04 nothing", "b.docx", DOCX),
    "empty": part(b""),
    "picture": part(b"\x89PNG\r\n\x1a\n\x00\x00", "x.png", "image/png"),
    "rich text": part(b"{\\rtf1 1112\\b0 22333}", "x.rtf", "text/rtf"),
    "not base64": {"type": "file", "file": {"file_data": "data:application/pdf;base64,%%%"}},
    "address": {"type": "file", "file": {"file_data": "https://example.org/x.pdf"}},
    "kept elsewhere": {"type": "file", "file": {"file_id": "file-123"}},
    "no file": {"type": "file", "file": "x"},
    "file beside text": {"type": "text", "text": "x", "file": part(LETTER)["file"]},
    "image": {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
    "sound": {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
    "unknown kind": {"type": "video", "video": "UklGRg=="},
    "unknown address": {"type": "text", "text": "x", "picture": "data:image/png;base64,iVBOR"},
}


@pytest.mark.usefixtures("external_bodies")
@pytest.mark.parametrize("name", UNREADABLE)
@pytest.mark.parametrize("role", ["user", "tool"])
def test_an_unreadable_document_is_restricted_and_stays_internal(
    sluis: Installation, name: str, role: str
) -> None:
    messages = [
        {"role": "user", "content": "Vat samen."},
        {"role": role, "content": [UNREADABLE[name]]},
    ]
    answer = sluis.ask({"model": "assistant", "messages": messages})
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-sluis-sensitivity"] == "restricted"
    assert answer.headers["x-sluis-zone"] == "internal"
    entry = sluis.entries(answer.headers["x-sluis-audit-id"])[0]
    assert entry["unread"][0].startswith("messages[1].content[0]")
    assert sluis.ask({"model": "outside", "messages": messages}).status_code == 403


@pytest.mark.usefixtures("external_bodies")
def test_a_file_of_20_megabytes_is_refused(sluis: Installation) -> None:
    answer = sluis.ask(request_with(part(LETTER + b"%" * 20_000_000)))
    assert answer.status_code == 413
    assert sluis.ask("What is a lock?", x_sluis_purpose="inside-only").status_code == 200


@pytest.mark.usefixtures("external_bodies")
def test_a_document_that_takes_too_long_is_unread(
    tmp_path: Path, config: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUIS_DOCUMENT_SECONDS", "0.001")
    hasty = Installation(tmp_path)
    hasty.apply(config)
    try:
        hasty.start("control", "gateway")
        answer = hasty.ask(request_with(part(pdf("Een sluis heeft twee deuren."))))
        assert answer.headers["x-sluis-sensitivity"] == "restricted"
        assert answer.headers["x-sluis-zone"] == "internal"
        assert hasty.ask("What is a lock?", x_sluis_purpose="inside-only").status_code == 200
    finally:
        hasty.stop()
