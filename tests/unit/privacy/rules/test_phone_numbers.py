"""Telephone numbers and e-mail addresses: spoken, scanned, in lists, beside their words."""

import pytest

from tests.support.detector import redacted_values


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("tel 0 3 0 - 6 1 5 6 2 7 5", [("PHONE", "0 3 0 - 6 1 5 6 2 7 5")]),
        (
            "bel nul zes twaalf vierendertig zesenvijftig achtenzeventig",
            [("PHONE", "nul zes twaalf vierendertig zesenvijftig achtenzeventig")],
        ),
        ("jan.bakker (at) example (dot) nl", [("EMAIL", "jan.bakker (at) example (dot) nl")]),
        ("cellulare 347 555 08 16", [("PHONE", "347 555 08 16")]),
        ("tel. 0475 .. 56 18 40", [("PHONE", "0475 .. 56 18 40")]),
        (
            "bel nul zes dan twaalf vierendertig zesenvijftig achtenzeventig en dan",
            [("PHONE", "nul zes dan twaalf vierendertig zesenvijftig achtenzeventig")],
        ),
        ("Tel.   : o6 - 4l 77 20 63", [("PHONE", "o6 - 4l 77 20 63")]),
        ("Vragen?  033-4 7O1 88 2", [("PHONE", "033-4 7O1 88 2")]),
        ("hij is 0 6 2 4 5 5 1 9 0 8 (spaties)", [("PHONE", "0 6 2 4 5 5 1 9 0 8")]),
        ("mijn nummer: eerst 06 37\n21 90 58, lukt dat niet", [("PHONE", "06 37\n21 90 58")]),
        ("I saw it there: (01284) 960 733.", [("PHONE", "(01284) 960 733")]),
        ("groep: 0495/77.04.18, de rest", [("PHONE", "0495/77.04.18")]),
        ("a call would be kind: 01205 555 0172, mornings", [("PHONE", "01205 555 0172")]),
        (
            "hers is oh double seven double oh nine double oh three one five",
            [("PHONE", "oh double seven double oh nine double oh three one five")],
        ),
        (
            "o one six nine five double five five o double four",
            [("PHONE", "o one six nine five double five five o double four")],
        ),
        (
            "Broer regelt alles: nul-vier-acht-zes, 47 20 16. Terug",
            [("PHONE", "nul-vier-acht-zes, 47 20 16")],
        ),
        (
            "Nummer: nul zes, drie nul vier vier negen een twee zes\n",
            [("PHONE", "nul zes, drie nul vier vier negen een twee zes")],
        ),
        ("Mi chiami prima di pranzo, 347 555 0913.", [("PHONE", "347 555 0913")]),
        ("phone the candidate on (+44) 07911 552 846 with", [("PHONE", "+44) 07911 552 846")]),
        ("op de mobiele: 06, en dan 2019 en dan 7744.", [("PHONE", "06, en dan 2019 en dan 7744")]),
        ("bonnr 000418\n06-\n28 55 10 94 , liefst", [("PHONE", "06-\n28 55 10 94")]),
        ("o llámenos al 944 15 60 27.", [("PHONE", "944 15 60 27")]),
        (
            "lovely then i'll need his email\nsure it's chidera dot okafor at fennelgrove dot ie\n",
            [("EMAIL", "chidera dot okafor at fennelgrove dot ie")],
        ),
        ("Telefoon ................. 06 (50)12 77 30", [("PHONE", "06 (50)12 77 30")]),
        ("terugbellen over de kaart (0594\n50 28 66)", [("PHONE", "0594\n50 28 66")]),
        ("kontakt, tel. 59 555 01 44, do", [("PHONE", "59 555 01 44")]),
        (
            "ja op nul tweeënzeventig vijf vijf vijf nul drie achttien maar",
            [("PHONE", "nul tweeënzeventig vijf vijf vijf nul drie achttien")],
        ),
        (
            "phone her on oh seven seven double oh nine hundred four five one when",
            [("PHONE", "oh seven seven double oh nine hundred four five one")],
        ),
        (
            "bellen kan op nul zeventig drie vijf vijf acht nul één zes zes",
            [("PHONE", "nul zeventig drie vijf vijf acht nul één zes zes")],
        ),
        ("doe maar 06 19 en dan 44 52 30", [("PHONE", "06 19 en dan 44 52 30")]),
        ("Su móvil es el 654 071 283.", [("PHONE", "654 071 283")]),
    ],
)
def test_exactly_these_values_are_found(text: str, wanted: list[tuple[str, str]]) -> None:
    assert redacted_values(text) == wanted


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        ("Call for a quote: +44 1632 960777.", "PHONE", "+44 1632 960777"),
        ("Teléfono: 688 24 19 03", "PHONE", "688 24 19 03"),
        ("Soumaya Azzouzi, 06-49-02-17-66, ze heeft", "PHONE", "06-49-02-17-66"),
        ("behalve via Edwin, 06 2390 5541.", "PHONE", "06 2390 5541"),
        (
            "his number is plus three five one nine one two three four five six seven eight and",
            "PHONE",
            "plus three five one nine one two three four five six seven eight",
        ),
        (
            "belt u op nul zeventig driehonderdvijftig twaalf achtentachtig tot vijf",
            "PHONE",
            "nul zeventig driehonderdvijftig twaalf achtentachtig",
        ),
        (
            "dat is nul zes negenendertig twee keer de zeven nul één achttien",
            "PHONE",
            "nul zes negenendertig twee keer de zeven nul één achttien",
        ),
    ],
)
def test_the_value_is_among_those_found(text: str, type_: str, value: str) -> None:
    assert (type_, value) in redacted_values(text)
