"""Numbers that a word beside them, a column or their shape identifies."""

import pytest

from tests.support.detector import redacted_values


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("BSN 1234S6782", [("BSN", "1234S6782")]),
        ("NL9lABNA04l7l643O0 IBAN", [("IBAN", "NL9lABNA04l7l643O0")]),
        ("CHI number 140352 4181", [("NATIONAL_ID", "140352 4181")]),
        (
            "Rekening . . . NL91 ABNA 0417\n               164300",
            [("IBAN", "NL91 ABNA 0417\n               164300")],
        ),
        ("praktijkcode 04-063918", [("AGB_CODE", "04-063918")]),
        (
            (
                "it's g b four five b a r c one zero nine two seven one four one five seven two "
                "seven "
                "two six ok"
            ),
            [
                (
                    "IBAN",
                    (
                        "g b four five b a r c one zero nine two seven one four one five seven two "
                        "seven two six"
                    ),
                )
            ],
        ),
        (
            "op nl tweeëntachtig abna vier negen vier negen acht nul drie twee vijf zeven kijk",
            [("IBAN", "nl tweeëntachtig abna vier negen vier negen acht nul drie twee vijf zeven")],
        ),
        ("his IND number is 2906118342", [("V_NUMBER", "2906118342")]),
        ("a white one, plate CX 74 209", [("LICENSE_PLATE", "CX 74 209")]),
        ("reg.nr MKR 48D. Ring", [("LICENSE_PLATE", "MKR 48D")]),
        ("pay ref 204 | JX 41 70 23 B | tax code", [("NATIONAL_ID", "JX 41 70 23 B")]),
        (
            "huisarts (AGB 01-054872), geb. 19-09-1988",
            [("AGB_CODE", "01-054872"), ("DATE_OF_BIRTH", "19-09-1988")],
        ),
        ("| bedrijf | KvK |\n|---|---|\n| een | 93749053 |\n", [("KVK", "93749053")]),
        ("Według kadr to 98012782988, proszę", [("NATIONAL_ID", "98012782988")]),
        ("second driver, licence ESPOS 952174 N99AL.", [("DRIVING_LICENCE", "ESPOS 952174 N99AL")]),
        ('"licence": "MORGA 862114 A99TW 31"', [("DRIVING_LICENCE", "MORGA 862114 A99TW 31")]),
        ("the Corolla (191-D-20457) failed on", [("LICENSE_PLATE", "191-D-20457")]),
        ("Garage Claeys, BE 0557.416.438.", [("VAT_ID", "BE 0557.416.438")]),
        ("Kunden ska ha pnr 760615-9288 här", [("NATIONAL_ID", "760615-9288")]),
        ("Nr. document: BK3D8PL61", [("PASSPORT_ID", "BK3D8PL61")]),
        ("Verpleegkundige (29051837430) regelt", [("BIG_NUMBER", "29051837430")]),
        ("de eenmanszaak aan de haven, nr. 30300426, vestigt", [("KVK", "30300426")]),
        (
            (
                "Het rijbewijs van de proefrijder lijkt al een tijd verlopen te zijn: nr. "
                "5182736409, "
                "op"
            ),
            [("DRIVING_LICENCE", "5182736409")],
        ),
        ("Fahrer | Ausweis | Route\nOltmanns | C4TK81N36 | Nord\n", [("PASSPORT_ID", "C4TK81N36")]),
        ("DB_URL: jdbc:postgresql://92.40.178.5:5432/polis", [("IP_ADDRESS", "92.40.178.5")]),
        ("de kaakchirurg, nr. 29065418802. Verder", [("BIG_NUMBER", "29065418802")]),
        ("BSN of onderwijsnummer: 182395571", [("BSN", "182395571")]),
        ("cardioIoog\nBlG 49061827301", [("BIG_NUMBER", "49061827301")]),
        ("Truck is NG 4471 KR, Polish carrier", [("LICENSE_PLATE", "NG 4471 KR")]),
        ("of your vehicle (HBK 482 EC) has", [("LICENSE_PLATE", "HBK 482 EC")]),
        (
            "number of your identity document, 8202140821087, and",
            [("NATIONAL_ID", "8202140821087")],
        ),
        ("Patient has NHI: ZKC3483", [("NATIONAL_ID", "ZKC3483")]),
        ("il signor (documento YB7742019). La", [("PASSPORT_ID", "YB7742019")]),
        ("rate_limit client=92.40.178.5 path=/v1/statements", [("IP_ADDRESS", "92.40.178.5")]),
        ("paspoort\nnummer NP7R42KH5, wonende", [("PASSPORT_ID", "NP7R42KH5")]),
        ("v_nummer;plek\n2796014438;A\n", [("V_NUMBER", "2796014438")]),
    ],
)
def test_exactly_these_values_are_found(text: str, wanted: list[tuple[str, str]]) -> None:
    assert redacted_values(text) == wanted


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        (
            "Rit,Rijbewijsnr,Plaats\n1,4178697300,Tiel\n2,4953756639,Ede\n",
            "DRIVING_LICENCE",
            "4953756639",
        ),
        (
            "openvpn[2214]: s.bouzidi/84.241.196.37:51820 TLS: Initial packet",
            "IP_ADDRESS",
            "84.241.196.37",
        ),
        (
            "mislukte aanmelding gebruiker=j.teunissen bron=185.220.101.47 versie=4",
            "IP_ADDRESS",
            "185.220.101.47",
        ),
        ("Identificatie aan de hand van document NFCT9V3M2, gezien", "PASSPORT_ID", "NFCT9V3M2"),
        ("met zetel te Zgierz, NIP 5259291273", "VAT_ID", "5259291273"),
        ("Burgerservicenummer:  6 1 3 3 3 4 5 1 6", "BSN", "6 1 3 3 3 4 5 1 6"),
        ("mit dem grünen Passat (KLE-HW 482) davor", "LICENSE_PLATE", "KLE-HW 482"),
    ],
)
def test_the_value_is_among_those_found(text: str, type_: str, value: str) -> None:
    assert (type_, value) in redacted_values(text)
