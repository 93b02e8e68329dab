"""Names by the words, keys and columns beside them."""

import pytest

from tests.support.detector import redacted_values


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "naam;geboortedatum\nOsei Boateng;3-4-1987\n",
            [("PERSON", "Osei Boateng"), ("DATE_OF_BIRTH", "3-4-1987")],
        ),
        ("| id | naam |\n|---|---|\n| 1 | Haverkamp, Lotte |\n", [("PERSON", "Haverkamp, Lotte")]),
        (
            "naam            dob\nLotte de Wit    1987-04-03\n",
            [("PERSON", "Lotte de Wit"), ("DATE_OF_BIRTH", "1987-04-03")],
        ),
        (
            "dhr. F. Baldo (3 april 1987)",
            [("PERSON", "F. Baldo"), ("DATE_OF_BIRTH", "3 april 1987")],
        ),
        ("[12:03] Fatima: ja\n[12:04] Fatima: ok", [("PERSON", "Fatima"), ("PERSON", "Fatima")]),
        (
            "Aan: Koen Uiterwijk; Iris de Groot-Vermeer",
            [("PERSON", "Koen Uiterwijk"), ("PERSON", "Iris de Groot-Vermeer")],
        ),
        (
            "Till jouren: Linnéa Hallström, 920904-6599, kommer",
            [("PERSON", "Linnéa Hallström"), ("NATIONAL_ID", "920904-6599")],
        ),
        (
            "Mr Ambrose Thistlewood\nKeeper's Cottage, Low Row\nHexham\nNE46 1AB\n",
            [
                ("PERSON", "Ambrose Thistlewood"),
                ("STREET_ADDRESS", "Keeper's Cottage, Low Row"),
                ("CITY", "Hexham"),
                ("POSTCODE", "NE46 1AB"),
            ],
        ),
        ("Yours in unity,\nDot Mellor", [("PERSON", "Dot Mellor")]),
        ("DE HEER J. DE GROOT IS VERHUISD", [("PERSON", "J. DE GROOT")]),
        (
            "MEVROUW A. VAN DIJK WOONT OP DE LINDENLAAN 4",
            [("PERSON", "A. VAN DIJK"), ("STREET_ADDRESS", "LINDENLAAN 4")],
        ),
        (
            "Karin Jansen (v), 5 juli '88, opname",
            [("PERSON", "Karin Jansen"), ("DATE_OF_BIRTH", "5 juli '88")],
        ),
        (
            "nr;voorletters;naam;plaats\n40812;M.;Pinas;Oss\n",
            [("PERSON", "M."), ("PERSON", "Pinas"), ("CITY", "Oss")],
        ),
        (
            "Accepted publickey for ovandermeer from 203.0.113.9 port",
            [("PERSON", "ovandermeer"), ("IP_ADDRESS", "203.0.113.9")],
        ),
        ("WARN auth user=tdewaard src=1", [("PERSON", "tdewaard")]),
        ("login ok user=margriet.dehaan mfa", [("PERSON", "margriet.dehaan")]),
        ("audit gebruiker=t.kooistra ok", [("PERSON", "t.kooistra")]),
        ("the import, gestart door hvandermeulen, failed", [("PERSON", "hvandermeulen")]),
        ("connected from user kmcallister on", [("PERSON", "kmcallister")]),
        (
            "Pat.: N. Sewradj-Biharie, v, 23-09-1972",
            [("PERSON", "N. Sewradj-Biharie"), ("DATE_OF_BIRTH", "23-09-1972")],
        ),
        (
            "Mother: Mary Beardy, b. June 3, 1996",
            [("PERSON", "Mary Beardy"), ("DATE_OF_BIRTH", "June 3, 1996")],
        ),
        (
            "> Roelof Brinkhuis\n> Vaart 118\n> 9514 BK  Gasselte",
            [
                ("PERSON", "Roelof Brinkhuis"),
                ("STREET_ADDRESS", "Vaart 118"),
                ("POSTCODE", "9514 BK"),
                ("CITY", "Gasselte"),
            ],
        ),
        ("B\u0435ste L\u043ette, dank", [("PERSON", "L\u043ette")]),
        ("Beste Rene\u0301e, dank", [("PERSON", "Rene\u0301e")]),
    ],
)
def test_exactly_these_values_are_found(text: str, wanted: list[tuple[str, str]]) -> None:
    assert redacted_values(text) == wanted


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        ("Her sister Comfort came too.", "PERSON", "Comfort"),
        ("Gesproken met mevrouw Sijtsma in Drachten.", "PERSON", "Sijtsma"),
        ("Mw. Ferrier uit Almelo wacht sinds dinsdag.", "PERSON", "Ferrier"),
        ("Mw. Ferrier uit den Boogaard wacht.", "PERSON", "Ferrier uit den Boogaard"),
        ("Gesproken met mevrouw Sijtsma in 't Veld.", "PERSON", "Sijtsma in 't Veld"),
        (
            "u spreekt met mevrouw van der zwan van de kerkstraat zeventien",
            "PERSON",
            "van der zwan",
        ),
    ],
)
def test_the_value_is_among_those_found(text: str, type_: str, value: str) -> None:
    assert (type_, value) in redacted_values(text)
