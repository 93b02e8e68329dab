"""Each identifier: valid, wrong checksum, separators, surroundings, look-alikes."""

import pytest

from gateway.privacy import Detector

_VALID = [
    ("BSN", "BSN ", "123456782"),
    ("BSN", "bsn: ", "1234.56.782"),
    ("BSN", "bsn ", "123 456 782"),
    ("RSIN", "RSIN ", "123456782"),
    ("KVK", "KvK-nummer ", "68750110"),
    ("IBAN", "over te maken op\n", "NL91 ABNA\n0417 1643 00"),
    ("IBAN", "", "NL91ABNA0417164300"),
    ("IBAN", "", "NL91 ABNA 0417 1643 00"),
    ("IBAN", "", "nl91 abna 0417 1643 00"),
    ("IBAN", "", "DE89 3704 0044 0532 0130 00"),
    ("CREDIT_CARD", "", "4111 1111 1111 1111"),
    ("CREDIT_CARD", "", "5500005555555559"),
    ("CREDIT_CARD", "", "3782-822463-10005"),
    ("VAT_ID", "btw ", "NL123456782B90"),
    ("VAT_ID", "", "NL1234.56.782.B90"),
    ("VAT_ID", "USt-IdNr. ", "DE136695976"),
    ("LICENSE_PLATE", "", "GV-123-X"),
    ("LICENSE_PLATE", "kenteken ", "12abc3"),
    ("PASSPORT_ID", "paspoort ", "NPR7C4K29"),
    ("DRIVING_LICENCE", "rijbewijs ", "5123456789"),
    ("V_NUMBER", "V-nummer ", "2765432109"),
    ("BIG_NUMBER", "BIG-nummer ", "19041234501"),
    ("AGB_CODE", "AGB-code ", "01012345"),
    ("EMAIL", "", "jan.de.wit+x@voorbeeld.nl"),
    ("EMAIL", "mailto:", "josé@exämple.de"),
    ("PHONE", "", "06-12345678"),
    ("PHONE", "", "+31 (0)6 1234 5678"),
    ("PHONE", "", "020 - 624 11 11"),
    ("PHONE", "tel ", "(030) 2345678"),
    ("PHONE", "", "+44 20 7946 0958"),
    ("DATE_OF_BIRTH", "geboren op ", "7 juni 1951"),
    ("DATE_OF_BIRTH", "DOB: ", "1979-11-02"),
    ("DATE_OF_BIRTH", "geb. ", "14-02-1967"),
    ("IP_ADDRESS", "", "83.161.24.7"),
    ("IP_ADDRESS", "", "2001:db8::8a2e:370:7334"),
    ("NATIONAL_ID", "", "85.07.30-033.28"),
    ("NATIONAL_ID", "IdNr ", "86095742719"),
    ("NATIONAL_ID", "DNI ", "12345678Z"),
    ("NATIONAL_ID", "", "RSSMRA85T10A562S"),
    ("NATIONAL_ID", "PESEL ", "44051401359"),
    ("NATIONAL_ID", "", "QQ123456C".replace("QQ", "AB")),
    ("NATIONAL_ID", "SSN ", "536-22-8145"),
    ("POSTCODE", "", "3512 LH"),
    ("POSTCODE", "", "SW1A 1AA"),
    ("STREET_ADDRESS", "", "Kerkstraat 12-bis"),
    ("STREET_ADDRESS", "", "Laan van Meerdervoort 88"),
    ("STREET_ADDRESS", "", "14B Orchard Lane"),
]
_INVALID = [
    "BSN 123456789",
    "order 123456782",
    "factuurnummer 111222333",
    "NL91ABNA0417164301",
    "4111 1111 1111 1112",
    "NL123456789B90",
    "68750110",
    "versie 10.0.19.45",
    "12:34:56",
    "1200 KG",
    "1.234.567,89",
    "123456782-01",
    "2024-11-02",
    "geldig tot 14-02-2031",
    "NPR7C4K29",
    "300.1.2.3",
    "in 2024 EN later",
    "85.07.30-033.29",
    "12345678A",
    "jan@localhost",
    "@mention",
    "550e8400-e29b-41d4-a716-446655440000",
    "3f2a9c1d7e8b4a6f90c1d2e3f4a5b6c7d8e9f0a1",
    "127.0.0.1",
    "+31 12",
    "kenteken onbekend",
    "artikel 06-2024",
    "bsn volgt nog",
]
_FRAMES = ["{}", "{}.", "({})", "{}, en", "{}\n", '{{"a": "{}"}}', "x;{};y", "een {} hier"]


@pytest.mark.parametrize("frame", _FRAMES)
@pytest.mark.parametrize(("type_", "before", "value"), _VALID)
def test_valid_ones_are_found(
    detector: Detector, type_: str, before: str, value: str, frame: str
) -> None:
    text = frame.format(before + value)
    found = [(f.type, text[f.start : f.end]) for f in detector.scan(text)]
    assert (type_, value) in found


@pytest.mark.parametrize("text", _INVALID)
def test_look_alikes_are_left(detector: Detector, text: str) -> None:
    assert [f.type for f in detector.scan(text)] == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("BSN 123\u00a0456\u00a0782", "123\u00a0456\u00a0782"),
        ("BSN 1234\u200b56782!", "1234\u200b56782"),
        ("bel 06\u201112345678", "06\u201112345678"),
        (
            "BSN \uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff12",
            "\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff12",
        ),
        ("\u00ad\u00adIBAN NL91ABNA\u00ad0417164300", "NL91ABNA\u00ad0417164300"),
    ],
)
def test_disguised_characters_map_back(detector: Detector, text: str, value: str) -> None:
    assert value in [text[f.start : f.end] for f in detector.scan(text)]


def test_the_nearest_word_decides(detector: Detector) -> None:
    text = "KvK 68750110 en AGB 01012345, BSN 123456782, factuur 111222333"
    assert [f.type for f in detector.scan(text)] == ["KVK", "AGB_CODE", "BSN"]
