"""Streets, postcodes and cities in the forms of many countries."""

import pytest

from tests.support.detector import redacted_values


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("postcode 35ll AP", [("POSTCODE", "35ll AP")]),
        (
            "Lindenallee 5, 47533 Kleve",
            [("STREET_ADDRESS", "Lindenallee 5"), ("POSTCODE", "47533"), ("CITY", "Kleve")],
        ),
        ('{"straat": "Javalaan", "huisnummer": "203"}', [("STREET_ADDRESS", "Javalaan")]),
        ("6042 AT Roermond", [("POSTCODE", "6042 AT"), ("CITY", "Roermond")]),
        (
            "via dei Tintori 27, 40123 Bologna",
            [("STREET_ADDRESS", "via dei Tintori 27"), ("POSTCODE", "40123"), ("CITY", "Bologna")],
        ),
        (
            "lekkage op Skoalstrjitte 8 in Winsum",
            [("STREET_ADDRESS", "Skoalstrjitte 8"), ("CITY", "Winsum")],
        ),
        (
            "Spoorhaven 57, Berkel en Rodenrijs",
            [("STREET_ADDRESS", "Spoorhaven 57"), ("CITY", "Berkel en Rodenrijs")],
        ),
        ("Miejscowość: Nowy Targ\nStanowisko: kierowca", [("CITY", "Nowy Targ")]),
        ("and the postcode?\nl s six one l f", [("POSTCODE", "l s six one l f")]),
        ("Hilleweg\n    3O73 BT  Rotterdam", [("POSTCODE", "3O73 BT")]),
        (
            "lives at The Old Chapel, Sandy Bank, Boston PE22 7LA",
            [
                ("STREET_ADDRESS", "The Old Chapel, Sandy Bank"),
                ("CITY", "Boston"),
                ("POSTCODE", "PE22 7LA"),
            ],
        ),
        (
            "who lives at The Lodge, Cemetery Road, and",
            [("STREET_ADDRESS", "The Lodge, Cemetery Road")],
        ),
        (
            "wonende te 2676 CL Maasdijk aan de Oranjedijk 55, mijn",
            [("POSTCODE", "2676 CL"), ("CITY", "Maasdijk"), ("STREET_ADDRESS", "Oranjedijk 55")],
        ),
        (
            "de woning Kerkstraat 7, bovenwoning, aan",
            [("STREET_ADDRESS", "Kerkstraat 7, bovenwoning")],
        ),
        ("ja ik ben van de molenkade elf ik kijk", [("STREET_ADDRESS", "molenkade elf")]),
        (
            "Zuidvlietdijk 5, 4423 NC\nMail: x",
            [("STREET_ADDRESS", "Zuidvlietdijk 5"), ("POSTCODE", "4423 NC")],
        ),
        ("DE FAMILIE WOONT OP DE LINDENLAAN 4 IN ZWOLLE", [("STREET_ADDRESS", "LINDENLAAN 4")]),
        ("Rosehill Avenue, Ennis, V95 K7P2\nFitted", [("POSTCODE", "V95 K7P2")]),
        ("Eircode: H91X4PD", [("POSTCODE", "H91X4PD")]),
        (
            '{"straat":"Kanaalstraat 118 II","pc":"3531CL"}',
            [("STREET_ADDRESS", "Kanaalstraat 118 II"), ("POSTCODE", "3531CL")],
        ),
        (
            "wonende te 8400 Oostende, Torhoutsesteenweg 12",
            [
                ("POSTCODE", "8400"),
                ("CITY", "Oostende"),
                ("STREET_ADDRESS", "Torhoutsesteenweg 12"),
            ],
        ),
        (
            "Klant: Ds. Talmaweg 29B, 8096am oldebroek",
            [("STREET_ADDRESS", "Ds. Talmaweg 29B"), ("POSTCODE", "8096am")],
        ),
        (
            "a trophy to 52 Wattle Grove Rd, Ballarat VIC 3350.",
            [("STREET_ADDRESS", "52 Wattle Grove Rd"), ("CITY", "Ballarat"), ("POSTCODE", "3350")],
        ),
        (
            "uw postcode en huisnummer zeventien nul drie xd huisnummer",
            [("POSTCODE", "zeventien nul drie xd")],
        ),
        (
            "boven de winkel in de Gasthuisstraat, nummer negen, bel",
            [("STREET_ADDRESS", "Gasthuisstraat, nummer negen")],
        ),
        (
            "opgaf: Noordeinde,\nhuisnummer 214 in",
            [("STREET_ADDRESS", "Noordeinde,\nhuisnummer 214")],
        ),
        (
            "in a holiday park, Duinlaan 3, chalet 58, in",
            [("STREET_ADDRESS", "Duinlaan 3, chalet 58")],
        ),
        (
            "wohnhaft Feldstr. 77, 2. OG links, 39112 Magdeburg",
            [
                ("STREET_ADDRESS", "Feldstr. 77, 2. OG links"),
                ("POSTCODE", "39112"),
                ("CITY", "Magdeburg"),
            ],
        ),
        ("Crescent, Unit B, Abbotsford, BC V2S 4K9\n", [("POSTCODE", "V2S 4K9")]),
        ('{"cap":"20121"}', [("POSTCODE", "20121")]),
        ("Boise still right? ZIP 83706. name", [("POSTCODE", "83706")]),
        ("Park Rise, Singapore 467382. It", [("POSTCODE", "467382")]),
        (
            "7 Tallow Court, Ballarat, NSW 3350.",
            [("STREET_ADDRESS", "7 Tallow Court"), ("CITY", "Ballarat"), ("POSTCODE", "3350")],
        ),
        (
            "Vive en calle del Olmo 14, 2.º B, Getafe",
            [("STREET_ADDRESS", "calle del Olmo 14, 2.º B"), ("CITY", "Getafe")],
        ),
        ("tweede verdieping, 3022 DM Rotterdam.", [("POSTCODE", "3022 DM"), ("CITY", "Rotterdam")]),
        (
            "wat is uw postcode\n\nvijfendertig zesentwintig k v en dan",
            [("POSTCODE", "vijfendertig zesentwintig k v")],
        ),
        ("de postcode weet ik niet wacht even 39 93 d p", [("POSTCODE", "39 93 d p")]),
        ("And the postcode?\nbs3 4qn", [("POSTCODE", "bs3 4qn")]),
        (
            "Sint Nicolaasstraat\n8 zw, 2023\nVK Haarlem.",
            [("POSTCODE", "2023\nVK"), ("CITY", "Haarlem")],
        ),
        (
            "via Fratelli Rosselli 42, Scandicci (50018)",
            [
                ("STREET_ADDRESS", "via Fratelli Rosselli 42"),
                ("CITY", "Scandicci"),
                ("POSTCODE", "50018"),
            ],
        ),
        (
            "Am Schlosspark 3, Hinterhaus, 26603 Aurich",
            [("STREET_ADDRESS", "Am Schlosspark 3"), ("POSTCODE", "26603"), ("CITY", "Aurich")],
        ),
        (
            "geboren te Franeker op\nelf februari negentien-\nhonderd zestig",
            [("CITY", "Franeker"), ("DATE_OF_BIRTH", "elf februari negentien-\nhonderd zestig")],
        ),
        ("wonende te 5283 KM Boxtel", [("POSTCODE", "5283 KM"), ("CITY", "Boxtel")]),
        (
            "via dei Mille 27/b, 35121 Padova",
            [("STREET_ADDRESS", "via dei Mille 27/b"), ("POSTCODE", "35121"), ("CITY", "Padova")],
        ),
    ],
)
def test_exactly_these_values_are_found(text: str, wanted: list[tuple[str, str]]) -> None:
    assert redacted_values(text) == wanted


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        ("kod pocztowy 95-200, PESEL 86031726489", "POSTCODE", "95-200"),
        (
            "lives at Top Flat, 9 Gwaelod Road, Newport",
            "STREET_ADDRESS",
            "Top Flat, 9 Gwaelod Road",
        ),
        ("at Mill House, Church Lane in Reepham", "STREET_ADDRESS", "Mill House, Church Lane"),
        (
            "residente in via dei Salici 19, int. 4, 48018 Faenza.",
            "STREET_ADDRESS",
            "via dei Salici 19, int. 4",
        ),
        ("ben ik bij u (Aarnoutstraat 50-F06).", "STREET_ADDRESS", "Aarnoutstraat 50-F06"),
        ("Adres is Nassauplein 2 (boven), Roosendaal", "STREET_ADDRESS", "Nassauplein 2 (boven)"),
    ],
)
def test_the_value_is_among_those_found(text: str, type_: str, value: str) -> None:
    assert (type_, value) in redacted_values(text)


@pytest.mark.parametrize(
    "text",
    [
        "> Op 13 mei 2024 om 08:52 schreef Ruud van Ginkel:",
        "Op 3 juni 2026 om 9.05 uur schreef Ruud van Ginkel:",
        "Ter zitting van 4 mrt. 2025 in Zwolle verscheen Ruud van Ginkel.",
    ],
)
def test_a_year_behind_a_month_is_no_postcode(text: str) -> None:
    found = redacted_values(text)
    assert ("PERSON", "Ruud van Ginkel") in found
    assert not {"POSTCODE", "STREET_ADDRESS"} & {type_ for type_, _ in found}


def test_a_literal_keeps_its_quotes() -> None:
    text = "{ straat: 'Hollingerstraat 14', plaats: 'Heeg' },"
    assert redacted_values(text) == [("STREET_ADDRESS", "Hollingerstraat 14"), ("CITY", "Heeg")]
