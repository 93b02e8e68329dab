"""Tables, speech, damaged scans, dates, secrets in prose, labels and topics of unnamed people."""

import pytest

from gateway.core.level import Level
from gateway.privacy import Detector, level_of
from tests.support.levels import LEVELS


def _found(detector: Detector, text: str) -> list[tuple[str, str]]:
    return [(f.type, text[f.start : f.end]) for f in detector.scan(text) if f.redactable]


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
        ("geboren op 3-4-'87", [("DATE_OF_BIRTH", "3-4-'87")]),
        (
            "mijn geboortedatum is zes mei negentienachtenvijftig",
            [("DATE_OF_BIRTH", "zes mei negentienachtenvijftig")],
        ),
        (
            "born on the third of march nineteen eighty",
            [("DATE_OF_BIRTH", "the third of march nineteen eighty")],
        ),
        ("GEB. DATUM : O7 - 11 - l953", [("DATE_OF_BIRTH", "O7 - 11 - l953")]),
        (
            "dhr. F. Baldo (3 april 1987)",
            [("PERSON", "F. Baldo"), ("DATE_OF_BIRTH", "3 april 1987")],
        ),
        ("tel 0 3 0 - 6 1 5 6 2 7 5", [("PHONE", "0 3 0 - 6 1 5 6 2 7 5")]),
        (
            "bel nul zes twaalf vierendertig zesenvijftig achtenzeventig",
            [("PHONE", "nul zes twaalf vierendertig zesenvijftig achtenzeventig")],
        ),
        ("BSN 1234S6782", [("BSN", "1234S6782")]),
        ("NL9lABNA04l7l643O0 IBAN", [("IBAN", "NL9lABNA04l7l643O0")]),
        ("jan.bakker (at) example (dot) nl", [("EMAIL", "jan.bakker (at) example (dot) nl")]),
        ("postcode 35ll AP", [("POSTCODE", "35ll AP")]),
        (
            "Lindenallee 5, 47533 Kleve",
            [("STREET_ADDRESS", "Lindenallee 5"), ("POSTCODE", "47533"), ("CITY", "Kleve")],
        ),
        ('{"straat": "Javalaan", "huisnummer": "203"}', [("STREET_ADDRESS", "Javalaan")]),
        ("[12:03] Fatima: ja\n[12:04] Fatima: ok", [("PERSON", "Fatima"), ("PERSON", "Fatima")]),
        (
            "Aan: Koen Uiterwijk; Iris de Groot-Vermeer",
            [("PERSON", "Koen Uiterwijk"), ("PERSON", "Iris de Groot-Vermeer")],
        ),
        ("het wachtwoord van de nieuwe server is Zomer2024!", [("SECRET", "Zomer2024!")]),
        ("use the passphrase Tr0ub4dor&3 for it", [("SECRET", "Tr0ub4dor&3")]),
        ("pincode 4821", [("SECRET", "4821")]),
        (
            "wat is zijn geboortedatum\n\ndrie juli tweeënvijftig en de achternaam",
            [("DATE_OF_BIRTH", "drie juli tweeënvijftig")],
        ),
        (
            "ik ben van zeven maart negentiennegenenvijftig en ik",
            [("DATE_OF_BIRTH", "zeven maart negentiennegenenvijftig")],
        ),
        ("CHI number 140352 4181", [("NATIONAL_ID", "140352 4181")]),
        ("cellulare 347 555 08 16", [("PHONE", "347 555 08 16")]),
        ("tel. 0475 .. 56 18 40", [("PHONE", "0475 .. 56 18 40")]),
        ("6042 AT Roermond", [("POSTCODE", "6042 AT"), ("CITY", "Roermond")]),
        (
            "Rekening . . . NL91 ABNA 0417\n               164300",
            [("IBAN", "NL91 ABNA 0417\n               164300")],
        ),
        ("hij gaf zijn pincode door: 7731.", [("SECRET", "7731")]),
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
        ("praktijkcode 04-063918", [("AGB_CODE", "04-063918")]),
        (
            "MOLLIE_KEY=live_Wq7TbR2mHx94NcKpVs8DyFzJ3aLgEu",
            [("SECRET", "live_Wq7TbR2mHx94NcKpVs8DyFzJ3aLgEu")],
        ),
        (
            "bel nul zes dan twaalf vierendertig zesenvijftig achtenzeventig en dan",
            [("PHONE", "nul zes dan twaalf vierendertig zesenvijftig achtenzeventig")],
        ),
        ("Tel.   : o6 - 4l 77 20 63", [("PHONE", "o6 - 4l 77 20 63")]),
        ("Vragen?  033-4 7O1 88 2", [("PHONE", "033-4 7O1 88 2")]),
        ("hij is 0 6 2 4 5 5 1 9 0 8 (spaties)", [("PHONE", "0 6 2 4 5 5 1 9 0 8")]),
        ("mijn nummer: eerst 06 37\n21 90 58, lukt dat niet", [("PHONE", "06 37\n21 90 58")]),
        ("I saw it there: (01284) 960 733.", [("PHONE", "(01284) 960 733")]),
        ("and the postcode?\nl s six one l f", [("POSTCODE", "l s six one l f")]),
        (
            "it's g b four five b a r c one zero nine two seven one four one five seven two seven two six ok",
            [
                (
                    "IBAN",
                    "g b four five b a r c one zero nine two seven one four one five seven two seven two six",
                )
            ],
        ),
        (
            "op nl tweeëntachtig abna vier negen vier negen acht nul drie twee vijf zeven kijk",
            [("IBAN", "nl tweeëntachtig abna vier negen vier negen acht nul drie twee vijf zeven")],
        ),
        ("Geboren: 17-III-1992", [("DATE_OF_BIRTH", "17-III-1992")]),
        (
            "date of birth?\nninth of the tenth eighty eight",
            [("DATE_OF_BIRTH", "ninth of the tenth eighty eight")],
        ),
        (
            "Till jouren: Linnéa Hallström, 920904-6599, kommer",
            [("PERSON", "Linnéa Hallström"), ("NATIONAL_ID", "920904-6599")],
        ),
        ("his IND number is 2906118342", [("V_NUMBER", "2906118342")]),
        ("a white one, plate CX 74 209", [("LICENSE_PLATE", "CX 74 209")]),
        ("reg.nr MKR 48D. Ring", [("LICENSE_PLATE", "MKR 48D")]),
        ("$mailer->login('nieuwsbrief', 'Zw@luw-Nest_88');", [("SECRET", "Zw@luw-Nest_88")]),
        ("the login is svc_door / Kestrel!Gorse19 so", [("SECRET", "Kestrel!Gorse19")]),
        ("Sleutelkluisje links van de deur, code 4719. Hond is lief", [("SECRET", "4719")]),
        ("BOEKHOUD_WEBHOOK=whs_5Rk8tYq1NcZ3uB", [("SECRET", "whs_5Rk8tYq1NcZ3uB")]),
        ("pay ref 204 | JX 41 70 23 B | tax code", [("NATIONAL_ID", "JX 41 70 23 B")]),
        ("groep: 0495/77.04.18, de rest", [("PHONE", "0495/77.04.18")]),
        (
            "huisarts (AGB 01-054872), geb. 19-09-1988",
            [("AGB_CODE", "01-054872"), ("DATE_OF_BIRTH", "19-09-1988")],
        ),
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
        ("Date of birth: 12 | 09 | 1985", [("DATE_OF_BIRTH", "12 | 09 | 1985")]),
        (
            "when were you born cy\nnovember the ninth nineteen thirty six in",
            [("DATE_OF_BIRTH", "november the ninth nineteen thirty six")],
        ),
        (
            "and date of birth\ntwenty sixth of the fifth forty nine\n",
            [("DATE_OF_BIRTH", "twenty sixth of the fifth forty nine")],
        ),
        ("| bedrijf | KvK |\n|---|---|\n| een | 93749053 |\n", [("KVK", "93749053")]),
        ("Hilleweg\n    3O73 BT  Rotterdam", [("POSTCODE", "3O73 BT")]),
        (
            "Mr Ambrose Thistlewood\nKeeper's Cottage, Low Row\nHexham\nNE46 1AB\n",
            [
                ("PERSON", "Ambrose Thistlewood"),
                ("STREET_ADDRESS", "Keeper's Cottage, Low Row"),
                ("CITY", "Hexham"),
                ("POSTCODE", "NE46 1AB"),
            ],
        ),
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
        ("Yours in unity,\nDot Mellor", [("PERSON", "Dot Mellor")]),
        ("DE HEER J. DE GROOT IS VERHUISD", [("PERSON", "J. DE GROOT")]),
        (
            "MEVROUW A. VAN DIJK WOONT OP DE LINDENLAAN 4",
            [("PERSON", "A. VAN DIJK"), ("STREET_ADDRESS", "LINDENLAAN 4")],
        ),
        ("DE FAMILIE WOONT OP DE LINDENLAAN 4 IN ZWOLLE", [("STREET_ADDRESS", "LINDENLAAN 4")]),
        ("Według kadr to 98012782988, proszę", [("NATIONAL_ID", "98012782988")]),
        ("De alarmcode van het kantoor is vanaf vandaag 580417.", [("SECRET", "580417")]),
        ("Cupboard code changed to 2580X, don't write it down", [("SECRET", "2580X")]),
        ("sleutelkastje 4471): wond", [("SECRET", "4471")]),
        ("second driver, licence ESPOS 952174 N99AL.", [("DRIVING_LICENCE", "ESPOS 952174 N99AL")]),
        ('"licence": "MORGA 862114 A99TW 31"', [("DRIVING_LICENCE", "MORGA 862114 A99TW 31")]),
        ("the Corolla (191-D-20457) failed on", [("LICENSE_PLATE", "191-D-20457")]),
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
        ("Garage Claeys, BE 0557.416.438.", [("VAT_ID", "BE 0557.416.438")]),
        ("Kunden ska ha pnr 760615-9288 här", [("NATIONAL_ID", "760615-9288")]),
        ("Nr. document: BK3D8PL61", [("PASSPORT_ID", "BK3D8PL61")]),
        ("Verpleegkundige (29051837430) regelt", [("BIG_NUMBER", "29051837430")]),
        ("heeft de installateurscode 770316 doorgegeven", [("SECRET", "770316")]),
        ("key safe at the back, code is now C2580Y. He", [("SECRET", "C2580Y")]),
        ("phone the candidate on (+44) 07911 552 846 with", [("PHONE", "+44) 07911 552 846")]),
        (
            "Sleutelkastje hangt links naast de voordeur, code 8-0-2-6. Wifi",
            [("SECRET", "8-0-2-6")],
        ),
        ("the locker code is 4471. The", [("SECRET", "4471")]),
        ("Ik ben geboren op 10 mei 71. De", [("DATE_OF_BIRTH", "10 mei 71")]),
        ("haar juiste geboortedatum is 310183. Actie", [("DATE_OF_BIRTH", "310183")]),
        ("vrouw heet zo, verj. 4 sept. '69\n", [("DATE_OF_BIRTH", "4 sept. '69")]),
        (
            "Klant: Ds. Talmaweg 29B, 8096am oldebroek",
            [("STREET_ADDRESS", "Ds. Talmaweg 29B"), ("POSTCODE", "8096am")],
        ),
        (
            "the read replica creds are reporting / h7Qk-mallow-29x, rotate",
            [("SECRET", "h7Qk-mallow-29x")],
        ),
        ("de eenmanszaak aan de haven, nr. 30300426, vestigt", [("KVK", "30300426")]),
        (
            "Het rijbewijs van de proefrijder lijkt al een tijd verlopen te zijn: nr. 5182736409, op",
            [("DRIVING_LICENCE", "5182736409")],
        ),
        ("Fahrer | Ausweis | Route\nOltmanns | C4TK81N36 | Nord\n", [("PASSPORT_ID", "C4TK81N36")]),
        (
            "ik kan er niet in, wachtwoord werkt niet. Feyenoord1908! is het toch",
            [("SECRET", "Feyenoord1908!")],
        ),
        (
            "log in with user maint / bladpunt-Borssele-19. The host",
            [("SECRET", "bladpunt-Borssele-19")],
        ),
        ("Remote support, password kies4tand\n", [("SECRET", "kies4tand")]),
        (
            "I put in my password and it said wrong. They were Daffodil.2024 and",
            [("SECRET", "Daffodil.2024")],
        ),
        (
            "the old PSK was there. New one is qF7-zzRk-29sLm-TT0w, typed",
            [("SECRET", "qF7-zzRk-29sLm-TT0w")],
        ),
        ("personeelswifi: Stamppot-1936-Rookworst\n", [("SECRET", "Stamppot-1936-Rookworst")]),
        ("Alarm achterdeur 4471# (na 20.00 u)", [("SECRET", "4471#")]),
        ("alarm uit binnen 30 sec: 0719#\n", [("SECRET", "0719#")]),
        ("kluisje: 83-14-22\n", [("SECRET", "83-14-22")]),
        ("safe 3x left 19-44-07\n", [("SECRET", "19-44-07")]),
        ("| Badge | PIN | Dept |\n|---|---|---|\n| 718 | 8820 | Vault |\n", [("SECRET", "8820")]),
        ("DB_URL: jdbc:postgresql://172.21.0.14:5432/polis", [("IP_ADDRESS", "172.21.0.14")]),
        (
            "Karin Jansen (v), 5 juli '88, opname",
            [("PERSON", "Karin Jansen"), ("DATE_OF_BIRTH", "5 juli '88")],
        ),
        ("op de mobiele: 06, en dan 2019 en dan 7744.", [("PHONE", "06, en dan 2019 en dan 7744")]),
        ("bonnr 000418\n06-\n28 55 10 94 , liefst", [("PHONE", "06-\n28 55 10 94")]),
        ("o llámenos al 944 15 60 27.", [("PHONE", "944 15 60 27")]),
        (
            "nr;voorletters;naam;plaats\n40812;M.;Pinas;Oss\n",
            [("PERSON", "M."), ("PERSON", "Pinas"), ("CITY", "Oss")],
        ),
        (
            "Accepted publickey for ovandermeer from 203.0.113.9 port",
            [("PERSON", "ovandermeer"), ("IP_ADDRESS", "203.0.113.9")],
        ),
        (
            "per ongeluk in de wiki: pk-live-8c1f40a7d2be4e61b930. Pagina",
            [("SECRET", "pk-live-8c1f40a7d2be4e61b930")],
        ),
        ("de kaakchirurg, nr. 29065418802. Verder", [("BIG_NUMBER", "29065418802")]),
        (
            "the wifi for the training room is BramleyGuest / orchard-Tuba-83 but",
            [("SECRET", "orchard-Tuba-83")],
        ),
        (
            "a trophy to 52 Wattle Grove Rd, Ballarat VIC 3350.",
            [("STREET_ADDRESS", "52 Wattle Grove Rd"), ("CITY", "Ballarat"), ("POSTCODE", "3350")],
        ),
        ("I set the PIN to 7306 for now", [("SECRET", "7306")]),
        (
            "The code for the back entrance of the depot is now 4815#, the old",
            [("SECRET", "4815#")],
        ),
        ("WARN auth user=tdewaard src=1", [("PERSON", "tdewaard")]),
        ("login ok user=margriet.dehaan mfa", [("PERSON", "margriet.dehaan")]),
        ("audit gebruiker=t.kooistra ok", [("PERSON", "t.kooistra")]),
        ("the import, gestart door hvandermeulen, failed", [("PERSON", "hvandermeulen")]),
        ("connected from user kmcallister on", [("PERSON", "kmcallister")]),
        (
            "I set a temporary one for you: Tulp-Regen_4471. You must",
            [("SECRET", "Tulp-Regen_4471")],
        ),
        ("backup codes: 4471-0928 8810-3376\n", [("SECRET", "4471-0928 8810-3376")]),
        (
            "  secret_key: pV9s+Kd3xQm7Tz1LrBw0/EhYc8UjNf5Ga2oRiX6S\n",
            [("SECRET", "pV9s+Kd3xQm7Tz1LrBw0/EhYc8UjNf5Ga2oRiX6S")],
        ),
        ("wat was het wachtwoord?\n10:46: Ja, ScanMDL#0925. Niet", [("SECRET", "ScanMDL#0925")]),
        ("uw inlogcode voor Mijn Kluis is 408 117. geef", [("SECRET", "408 117")]),
        ("question: pp_sess=9d1f0c77e2ab4c5d8b. Source", [("SECRET", "9d1f0c77e2ab4c5d8b")]),
        ("BSN of onderwijsnummer: 182395571", [("BSN", "182395571")]),
        ("cardioIoog\nBlG 49061827301", [("BIG_NUMBER", "49061827301")]),
        (
            "Pat.: N. Sewradj-Biharie, v, 23-09-1972",
            [("PERSON", "N. Sewradj-Biharie"), ("DATE_OF_BIRTH", "23-09-1972")],
        ),
        ("Geb. datum:      23 apri1 1950", [("DATE_OF_BIRTH", "23 apri1 1950")]),
        (
            "Geboren    : l2 februari 1970 te Hengelo",
            [("DATE_OF_BIRTH", "l2 februari 1970"), ("CITY", "Hengelo")],
        ),
        (
            "Mother: Mary Beardy, b. June 3, 1996",
            [("PERSON", "Mary Beardy"), ("DATE_OF_BIRTH", "June 3, 1996")],
        ),
        ("Born           05/Apr/1994", [("DATE_OF_BIRTH", "05/Apr/1994")]),
        (
            "geboren zes december negentienvierenzeventig hij",
            [("DATE_OF_BIRTH", "zes december negentienvierenzeventig")],
        ),
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
            "> Roelof Brinkhuis\n> Vaart 118\n> 9514 BK  Gasselte",
            [
                ("PERSON", "Roelof Brinkhuis"),
                ("STREET_ADDRESS", "Vaart 118"),
                ("POSTCODE", "9514 BK"),
                ("CITY", "Gasselte"),
            ],
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
        ("Truck is NG 4471 KR, Polish carrier", [("LICENSE_PLATE", "NG 4471 KR")]),
        ("of your vehicle (HBK 482 EC) has", [("LICENSE_PLATE", "HBK 482 EC")]),
        (
            "number of your identity document, 8202140821087, and",
            [("NATIONAL_ID", "8202140821087")],
        ),
        ("Patient has NHI: ZKC3483", [("NATIONAL_ID", "ZKC3483")]),
        ("il signor (documento YB7742019). La", [("PASSPORT_ID", "YB7742019")]),
        (
            "anyone know the wifi password here? its Haggis_and_neeps_24 but",
            [("SECRET", "Haggis_and_neeps_24")],
        ),
        ("rate_limit client=92.40.178.5 path=/v1/statements", [("IP_ADDRESS", "92.40.178.5")]),
        (
            "Vive en calle del Olmo 14, 2.º B, Getafe",
            [("STREET_ADDRESS", "calle del Olmo 14, 2.º B"), ("CITY", "Getafe")],
        ),
        ("tweede verdieping, 3022 DM Rotterdam.", [("POSTCODE", "3022 DM"), ("CITY", "Rotterdam")]),
        (
            "date of birth the ninth of january nineteen seventy two",
            [("DATE_OF_BIRTH", "the ninth of january nineteen seventy two")],
        ),
        (
            "phone her on oh seven seven double oh nine hundred four five one when",
            [("PHONE", "oh seven seven double oh nine hundred four five one")],
        ),
        (
            "bellen kan op nul zeventig drie vijf vijf acht nul één zes zes",
            [("PHONE", "nul zeventig drie vijf vijf acht nul één zes zes")],
        ),
        (
            "wat is uw postcode\n\nvijfendertig zesentwintig k v en dan",
            [("POSTCODE", "vijfendertig zesentwintig k v")],
        ),
        ("de postcode weet ik niet wacht even 39 93 d p", [("POSTCODE", "39 93 d p")]),
        ("doe maar 06 19 en dan 44 52 30", [("PHONE", "06 19 en dan 44 52 30")]),
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
        ("paspoort\nnummer NP7R42KH5, wonende", [("PASSPORT_ID", "NP7R42KH5")]),
        ("Geb.dat.: 070390\nBSN", [("DATE_OF_BIRTH", "070390")]),
        ("Vader is van 12.5.1939.", [("DATE_OF_BIRTH", "12.5.1939")]),
        ("v_nummer;plek\n2796014438;A\n", [("V_NUMBER", "2796014438")]),
        ("Su móvil es el 654 071 283.", [("PHONE", "654 071 283")]),
        ("wonende te 5283 KM Boxtel", [("POSTCODE", "5283 KM"), ("CITY", "Boxtel")]),
        (
            "via dei Mille 27/b, 35121 Padova",
            [("STREET_ADDRESS", "via dei Mille 27/b"), ("POSTCODE", "35121"), ("CITY", "Padova")],
        ),
        ("B\u0435ste L\u043ette, dank", [("PERSON", "L\u043ette")]),
        ("Beste Rene\u0301e, dank", [("PERSON", "Rene\u0301e")]),
    ],
)
def test_found(detector: Detector, text: str, wanted: list[tuple[str, str]]) -> None:
    assert _found(detector, text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Firmware 1.12.0.6 vervangt 1.12.0.4",
        "bevat 1800 ST van artikel 12",
        "1450 LB netto",
        "kernel 6.12.9.2",
        "Met vriendelijke groet,\nFacilitaire Zaken",
        "ADMIN_PASSWORD=verander_mij",
        "DB_WACHTWOORD=\nADRES=x",
        "De vier varianten:\nA. Niets doen\nB. Uitbreiden",
        "Zet 24 dozen Douwe Egberts klaar",
        "kind: Deployment",
        "Overleg met Finance",
        "collectie 1 February\nPlace: Delft",
        "Typ C, Lagerplatz 12-F",
        "artikel 08-MAX-12 heeft een dubbele EAN",
        '{"sku": "TR-118-M"}',
        "Parketnummer 05/217733-23",
        "Bessey TG40;4008158005560;33",
        "BSN 2255.16.617",
        "sluitcode 123456",
        "Sir B\nThank you for your letter\nI will reply\n",
        "over de snelweg twee uur",
        "op het werkplein vier keer",
        "a Bernina 770, serial 0043-21178",
        "aantal 070390 stuks",
        "a b one two three four",
        "Gesprek: 5283 KM te gaan",
        "Hello, I'd like to dispute the fine",
        "HZ-2077,Basil seed mat,1,2.25",
        "Melrose via A68 stop",
        "04-05-2025 19:11 - hoi allemaal",
        "bulk queue full (cap=2000)",
        "user=svc-backup ok",
        "owner: data-team",
        "login from office",
        "user=mobile_app ok",
        "account=model-server",
        "The code for the report is 4815",
        "de wifi is traag sinds 2024-06",
        "prod-20240101123456",
        "Een tijdelijke kracht: rekening volgt",
        "Parketnummer 05-218443-23",
        "Paracetamol 4 dd 1000 mg, zo nodig",
        '24.2 "Borne" | 4 Mar | 19 Mar',
        "alarm op 12-04-25 getest",
        "Wachtwoord vergeten? Zie ticket INC-2024-0917.",
        "password reset sent for release-notes-2024",
        "The book has number 44-108-22 on it",
        "Bak 18 minuten op 170 °C. Bewaar in een blik",
        "in de zin van artikel 8:1098 BW",
        "Verzamel achter gebouw C. Liften staan stil",
    ],
)
def test_left_alone(detector: Detector, text: str) -> None:
    assert _found(detector, text) == []


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Mijn zoon heeft diabetes.", Level.RESTRICTED),
        ("Onze medewerker is ziekgemeld met een burn-out.", Level.RESTRICTED),
        ("I was diagnosed with epilepsy last year.", Level.RESTRICTED),
        ("She is a union member.", Level.RESTRICTED),
        ("kees heeft hiv", Level.RESTRICTED),
        ("De patiënt heeft longkanker.", Level.RESTRICTED),
        ("Mensen met diabetes eten minder suiker.", Level.PUBLIC),
        ("If a patient has asthma, the protocol applies.", Level.PUBLIC),
        ("De vakbond en de werkgevers praten over loon.", Level.PUBLIC),
        (
            "CONFIDENTIAL - draft bid for the harbour tender, not yet approved by the board.",
            Level.CONFIDENTIAL,
        ),
        ("TLP:RED\nDe aanval liep via de leverancier.", Level.RESTRICTED),
        ("TLP:GREEN update", Level.INTERNAL),
        ("For staff only: the new lone-working policy replaces the old one.", Level.INTERNAL),
        ("Afspraken rond de koelcel (intern, niet voor leveranciers)", Level.INTERNAL),
        (
            "Dit bericht is uitsluitend bestemd voor medewerkers van Claims en mag niet worden doorgestuurd.",
            Level.INTERNAL,
        ),
        ("Storing opgelost (interne mededeling)", Level.INTERNAL),
        ("# scratchpad, internal, do not share with the vendor", Level.INTERNAL),
        ("Notulen week 19 - alleen voor interne verspreiding", Level.INTERNAL),
        ("# wachtboek machinekamer, alleen voor eigen bemanning", Level.INTERNAL),
        ("Subject: the fire doors (internal, not to be passed on yet)", Level.INTERNAL),
        ("Uitsluitend voor medewerkers van de afdeling Wijkbeheer", Level.INTERNAL),
        ("Roosterwijzigingen week 41 — intern, alleen afdeling", Level.INTERNAL),
        ("#winkelvloer-zuid  (alleen intern)", Level.INTERNAL),
        ("Everyone speaks English as it's an odd week, says Lorraine.", Level.CONFIDENTIAL),
        ("De korting geldt alleen voor leden.", Level.PUBLIC),
        ("Deze ingang is niet voor leveranciers.", Level.PUBLIC),
        ("Parking for staff only behind the building.", Level.PUBLIC),
        ("Stg. GEHEIM\nnota", Level.RESTRICTED),
        ("The meeting room is on the third floor.", Level.PUBLIC),
    ],
)
def test_levels(detector: Detector, text: str, level: Level) -> None:
    assert level_of(detector.scan(text), LEVELS).level is level


@pytest.mark.parametrize(
    "said",
    [
        "> Op 13 mei 2024 om 08:52 schreef Ruud van Ginkel:",
        "Op 3 juni 2026 om 9.05 uur schreef Ruud van Ginkel:",
        "Ter zitting van 4 mrt. 2025 in Zwolle verscheen Ruud van Ginkel.",
    ],
)
def test_a_year_behind_a_month_is_no_postcode(detector: Detector, said: str) -> None:
    found = _found(detector, said)
    assert ("PERSON", "Ruud van Ginkel") in found
    assert not {"POSTCODE", "STREET_ADDRESS"} & {type_ for type_, _ in found}


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        (
            "Het wachtwoord van de server is tijdelijk gezet op Zomer!Regen88, graag wijzigen.",
            "SECRET",
            "Zomer!Regen88",
        ),
        (
            "Kun je de API-sleutel vervangen? De huidige is Zk7Hq2ZtR9xVb4LwEoN1sKd8 en staat erin.",
            "SECRET",
            "Zk7Hq2ZtR9xVb4LwEoN1sKd8",
        ),
        (
            "Gebruik mk_prod_7Hq2ZtR9xVb4LwEoN1sKd8 niet meer.",
            "SECRET",
            "mk_prod_7Hq2ZtR9xVb4LwEoN1sKd8",
        ),
        (
            "Rit,Rijbewijsnr,Plaats\n1,4178697300,Tiel\n2,4953756639,Ede\n",
            "DRIVING_LICENCE",
            "4953756639",
        ),
        ("Call for a quote: +44 1632 960777.", "PHONE", "+44 1632 960777"),
        ("Teléfono: 688 24 19 03", "PHONE", "688 24 19 03"),
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
        ("kod pocztowy 95-200, PESEL 86031726489", "POSTCODE", "95-200"),
        ("Burgerservicenummer:  6 1 3 3 3 4 5 1 6", "BSN", "6 1 3 3 3 4 5 1 6"),
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
        ("mit dem grünen Passat (KLE-HW 482) davor", "LICENSE_PLATE", "KLE-HW 482"),
        ("Born: 6.xi.1988", "DATE_OF_BIRTH", "6.xi.1988"),
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
        ("wifi voor de monteurs: lekkerdoorlekken\n", "SECRET", "lekkerdoorlekken"),
        ('the passphrase was "three blind badgers 04"', "SECRET", "three blind badgers 04"),
        ("u kunt naar binnen met het woord karnemelk", "SECRET", "karnemelk"),
        ("key safe behind blue pot, 1946, then pull down", "SECRET", "1946"),
        (
            "open https://members.swim.example/reset?t=1233ebaaf8bc026dc134beb6378c892f",
            "SECRET",
            "1233ebaaf8bc026dc134beb6378c892f",
        ),
        ("BSN 218467084 / gd 02-11-1958", "DATE_OF_BIRTH", "02-11-1958"),
        (
            "JWT_GEHEIM=0f9c1de27ab84437b6e15c90d2a8f34e",
            "SECRET",
            "0f9c1de27ab84437b6e15c90d2a8f34e",
        ),
    ],
)
def test_found_by_what_stands_around_it(
    detector: Detector, text: str, type_: str, value: str
) -> None:
    assert (type_, value) in _found(detector, text)


@pytest.mark.parametrize(
    "text",
    [
        "Uw ophaalcode is 731 220 418.",
        "The build is app_test_integration of today.",
        "Ordernummer 0701 740 605 gäller säckarna",
        '"leverancier_ref": "06-4471-2093"',
        "code,description,qty\nLT68 XRB,lambda sensor,4\n",
        "lot;datum;gewicht\n0648812093;2025-02-03;1250\n",
        "https://video.example/watch?t=1h20m30s",
        "Bestelregel: 620531441 draagarm links",
        "Werknr 0648213977.",
        "Your policy: 0044-7710-2291",
        "met betalingskenmerk 4000 0236 2025 8811.",
        "REG PHVKD PAX 141 RPT 1435",
        "Postcode: 1234 AB",
        "lr = 0.77686983991, loss 0.7",
        "Liebe Kolleginnen und Kollegen in der Geschäftsstelle,",
        "wifi beneden: beschikbaar\n",
        'The message says "password incorrect, try again".',
        "In het woord karnemelk staat een k.",
    ],
)
def test_numbers_and_names_of_things_are_left(detector: Detector, text: str) -> None:
    assert _found(detector, text) == []
