"""Cheap disguises of a value: each is found, and redacted to its last character."""

import base64
import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.privacy import Detector, Scope, Vault, spans_of
from gateway.privacy.detect.decoding import decoded_parts
from gateway.privacy.text.normalized_text import NormalizedText

BSN = "111222333"
SAID = f"Mijn bsn is {BSN} en mijn mail is jan@hotmail.nl"


def b64(data: bytes, size: int = 0, between: str = "\n") -> str:
    code = base64.b64encode(data).decode()
    return between.join(code[at : at + size] for at in range(0, len(code), size)) if size else code


def tags(text: str) -> str:
    return "".join(chr(0xE0000 + ord(character)) for character in text)


# The text around it, what is redacted, and its type.
DISGUISED = {
    "circled digits": ("bsn {}", "①①①②②②③③③", "BSN"),
    "negative circled digits": ("bsn {}", "❶❶❶❷❷❷❸❸❸", "BSN"),
    "superscripts": ("bsn {}", "¹¹¹²²²³³³", "BSN"),
    "subscripts": ("bsn {}", "₁₁₁₂₂₂₃₃₃", "BSN"),
    "keycaps": ("bsn {} dus", "".join(f"{digit}\ufe0f\u20e3" for digit in BSN), "BSN"),
    "tags between": ("bsn {}", "111\U000e0000222\U000e0001333", "BSN"),
    "tags": ("hallo {} daar", tags(BSN), "BSN"),
    "Braille blanks": ("bsn {}", "111\u2800222\u2800333", "BSN"),
    "Hangul fillers": ("bsn {}", "111\u3164222\u3164333", "BSN"),
    "Braille blanks in a name": ("Beste\u2800{}, dag", "Jan\u2800de\u2800Vries", "PERSON"),
    "underscore": ("zie bsn_{} hier", BSN, "BSN"),
    "underscores": ("zie BSN_nr_{} hier", BSN, "BSN"),
    "underscore before an account": ("iban_{}", "NL91ABNA0417164300", "IBAN"),
    "bars": ("bsn {}", "111|222|333", "BSN"),
    "full stops": ("bsn {} dus", "1.1.1.2.2.2.3.3.3", "BSN"),
    "three lines": ("bsn {}", "111\n222\n333", "BSN"),
    "nine lines": ("bsn:\n{}\n", "\n".join(BSN), "BSN"),
    "short base64": ("zie {} hier", b64(BSN.encode()), "BSN"),
    "short base64 of an address": ("zie {} hier", b64(b"jan@x.nl"), "EMAIL"),
    "base64 in lines of 20": ("zie\n{}\neinde", b64(SAID.encode(), 20), "EMAIL"),
    "base64 in lines of 12": ("zie\n{}\neinde", b64(SAID.encode(), 12), "EMAIL"),
    "base64 in groups of 4": ("zie {} einde", b64(SAID.encode(), 4, " "), "EMAIL"),
    "base64 in groups of 8": ("zie {} einde", b64(SAID.encode(), 8, " "), "EMAIL"),
    "gzip in base64": ("zie {} hier", b64(gzip.compress(SAID.encode(), mtime=0)), "EMAIL"),
    "zlib in base64": ("zie {} hier", b64(zlib.compress(SAID.encode())), "EMAIL"),
    "UTF-16LE in base64": ("zie {} hier", b64(SAID.encode("utf-16-le")), "EMAIL"),
    "UTF-16BE in base64": ("zie {} hier", b64(SAID.encode("utf-16-be")), "EMAIL"),
    "Latin-1 in base64": ("zie {} hier", b64(f"één: {SAID}".encode("latin-1")), "EMAIL"),
    "hex with spaces": ("zie {} hier", BSN.encode().hex(" "), "BSN"),
    "hex with 0x": ("zie {} hier", " ".join(f"0x{byte:02x}" for byte in BSN.encode()), "BSN"),
    "hex after 0x": ("zie {} hier", f"0x{BSN.encode().hex()}", "BSN"),
    "hex with colons": ("zie {} hier", SAID.encode().hex(":"), "EMAIL"),
    "spaces around signs": ("mail {} graag", "jan.devries @ hotmail . nl", "EMAIL"),
    "spaces around @": ("mail {} graag", "jan.devries @ gmail.com", "EMAIL"),
}


@pytest.mark.parametrize("name", DISGUISED)
def test_a_disguised_value_is_redacted_as_a_whole(detector: Detector, name: str) -> None:
    around, value, type_ = DISGUISED[name]
    text = around.format(value)
    hidden = [f for f in detector.scan(text) if f.redactable]
    assert [(f.type, text[f.start : f.end]) for f in hidden] == [(type_, value)]


@pytest.mark.parametrize("name", DISGUISED)
def test_a_disguised_value_does_not_leave_and_comes_back(detector: Detector, name: str) -> None:
    around, value, _ = DISGUISED[name]
    text = around.format(value)
    vault = Vault(b"k" * 32, Scope("t", "k", "u", "c"))
    redacted = vault.redact(text, spans_of(text, detector.scan(text)))
    assert value not in redacted
    restorer = vault.restorer(json=False)
    assert restorer.feed(redacted) + restorer.finish() == text


# Nothing of this is personal data, in a disguise or not.
INNOCENT = [
    "Een oppervlakte van 12 m² en 30 m³, zie voetnoot¹ en bijlage² bij 12345678².",
    "Stap ① openen, stap ② lezen, stap ③ sluiten; 1️⃣ eerst dit en 2️⃣ dan dat 👍️",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f wint",
    "img_123456782.jpg en file_20240312_123456.pdf in order_123456782",
    "De bytes 31 32 33 34 35 36 37 38 39 30 en 0x31, 0x32, 0x33",
    "y = x @ weights.T + a @ b . shape",
    "getElementById addEventListener HTMLCollection StringBuilder IOException",
    "Hoofdstuk 1.1.1.2.2.2.3.3.3 en regel 111|222|333 van de tabel",
    "deze zijn over maar naar voor door ooit veel meer dan ooit deze week",
]


@pytest.mark.parametrize("text", INNOCENT)
def test_what_only_looks_disguised_is_left_alone(detector: Detector, text: str) -> None:
    assert [text[f.start : f.end] for f in detector.scan(text) if f.redactable] == []


def test_what_is_packed_is_unpacked_to_a_limit() -> None:
    bomb = b64(gzip.compress(b"a" * 50_000_000))
    assert sum(len(part.text) for part in decoded_parts(bomb)) <= 4 * len(bomb)


def test_a_part_that_is_too_large_hides_no_part_behind_it() -> None:
    packed = b64(zlib.compress(b"a" * 4000))
    text = f"{packed} {packed} {packed} {b64(SAID.encode())}"
    assert SAID in [part.text for part in decoded_parts(text)]


DISGUISES = st.sampled_from([
    "\u200b",
    "\U000e0000",
    "\U000e0041",
    "\ufe0f\u20e3",
    "\u2800",
    "\u0301",
    "é",
    "①",
    "a",
    "1",
])


@given(st.lists(DISGUISES, max_size=30).map("".join))
def test_places_in_the_original_are_in_order_and_within(text: str) -> None:
    view = NormalizedText(text)
    places = [view.original(at, at + 1) for at in range(len(view.text))]
    assert places == sorted(places)
    assert all(0 <= start < end <= len(text) for start, end in places)
