"""Names, addresses, secrets, labels, topics, and properties of any text."""

import sys
import time
from subprocess import run

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.finding import FindingKind
from tests.support.detector import DETECTOR


def _found(text: str) -> list[tuple[str, str]]:
    return [(f.type, text[f.start : f.end]) for f in DETECTOR.scan(text)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Beste Marieke, dank", ["Marieke"]),
        ("Mevrouw Jansen belt morgen.", ["Jansen"]),
        ("Mr Smith is away", ["Smith"]),
        ("Geachte heer Van der Plas,", ["Van der Plas"]),
        ("gesproken met mevrouw de vries", ["de vries"]),
        ("Groetjes,\nLotte Haverkamp", ["Lotte Haverkamp"]),
        ("mijn naam is Teun Oudkerk", ["Teun Oudkerk"]),
        ('{"patiënt": "Aafke Bruinsma"}', ["Aafke Bruinsma"]),
        ("naam;stad\nOsei Boateng;Ede\n", ["Osei Boateng"]),
        ("J.P. de Wit belde. De Wit komt.", ["J.P. de Wit", "De Wit"]),
        ("Dear Ms O'Brien-Walsh,", ["O'Brien-Walsh"]),
        ("Willem Aerts' brief en Willem's fiets", ["Willem Aerts", "Willem"]),
        ("lotte.haverkamp@x.nl is van lotte haverkamp", ["lotte haverkamp"]),
    ],
)
def test_names(text: str, names: list[str]) -> None:
    assert [value for type_, value in _found(text) if type_ == "PERSON"] == names


@pytest.mark.parametrize(
    "text",
    [
        "Beste collega",
        "Beste klant,",
        "Geachte heer/mevrouw,",
        "Dear customer,",
        "Dear Sir or Madam",
        "Hoi allemaal",
        "Hello World",
        "dit is de beste Nederlandse film",
        "Mei was warm",
        "Haverkamp & Zonen levert",
        "mevrouw heeft gebeld",
        "naam: onbekend",
        "name: get_weather",
        "Best regards,\nCustomer Support",
        "I am Dutch",
        "This is Amsterdam",
        "de Bakker B.V. leidt",
        "onderweg 3 keer",
        "Snelweg 2 is dicht",
        "een kop thee op de markt 2 keer",
    ],
)
def test_ordinary_words_are_no_names(text: str) -> None:
    assert _found(text) == []


def test_an_address_is_found_as_a_whole() -> None:
    text = "Nieuwegracht 101, 3512 LH Utrecht"
    assert _found(text) == [
        ("STREET_ADDRESS", "Nieuwegracht 101"),
        ("POSTCODE", "3512 LH"),
        ("CITY", "Utrecht"),
    ]


@pytest.mark.parametrize(
    "secret",
    [
        "AKIAJ7XK2MQ9PLT4WZ5B",
        "ghp_" + "aB3dE6gH9j" * 4,
        "glpat-x7K2mQ9pLt4Wz5Bc8D",
        "sk-proj-a8Fk29dLqPz71mXwTbVn40sE",
        "xoxb-1234567890-abcdefGHIJ",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.c2lnbmF0dXJlLWhlcmU",
        "-----BEGIN PRIVATE KEY-----\\nMIIEv\\n-----END PRIVATE KEY-----",
    ],
)
@pytest.mark.parametrize("frame", ["{}", "key={} #", '{{"k": "{}"}}', "```\n{}\n```"])
def test_secrets(secret: str, frame: str) -> None:
    assert ("SECRET", secret) in _found(frame.format(secret))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("wachtwoord is Zomer2025!", "Zomer2025!"),
        ('db_password = "hunter-2-hunter"', "hunter-2-hunter"),
        ("client_secret: 8fA9c2Lq0Zx7", "8fA9c2Lq0Zx7"),
        ("postgres://app:h7Gk2pQx9v@db.intern:5432/x", "h7Gk2pQx9v"),
        ("Authorization: Bearer a1b2c3d4e5f6g7h8i9", "a1b2c3d4e5f6g7h8i9"),
    ],
)
def test_assigned_secrets(text: str, value: str) -> None:
    assert _found(text) == [("SECRET", value)]


@pytest.mark.parametrize(
    "text",
    [
        "password: changeme",
        "api_key: ${API_KEY}",
        "token: <your-token>",
        "wachtwoord vergeten?",
        "max_tokens: 4096",
        "the secret is patience",
        "password: ********",
    ],
)
def test_placeholders_are_no_secrets(text: str) -> None:
    assert _found(text) == []


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("VERTROUWELIJK\n\nPlan", "LABEL_CONFIDENTIAL"),
        ("[CONFIDENTIAL] x", "LABEL_CONFIDENTIAL"),
        ("Classificatie: geheim", "LABEL_RESTRICTED"),
        ("Strikt vertrouwelijk", "LABEL_RESTRICTED"),
        ("Alleen voor intern gebruik", "LABEL_INTERNAL"),
        ("STRICTLY CONFIDENTIAL", "LABEL_RESTRICTED"),
        ("# Intern\n\ntekst", "LABEL_INTERNAL"),
        ("Classification: Restricted", "LABEL_RESTRICTED"),
        ("dit is niet vertrouwelijk bedoeld", ""),
        ("het geheim van de smid", ""),
        ("interne markt en restricted access", ""),
        ("ik ben confidential in sales", ""),
    ],
)
def test_labels(text: str, label: str) -> None:
    assert [f.type for f in DETECTOR.scan(text) if f.kind is FindingKind.LABEL] == [label] * bool(
        label
    )


@given(st.text(max_size=200))
def test_any_text_gives_valid_sorted_spans(text: str) -> None:
    end = 0
    for finding in DETECTOR.scan(text):
        assert end <= finding.start < finding.end <= len(text)
        end = finding.end


@given(
    st.lists(
        st.sampled_from([
            "Beste",
            "Jan",
            "de",
            "Vries",
            "06-12345678",
            "NL91",
            "a@b.nl",
            "\u200b",
            "é",
            "\n",
            '{"',
            ":",
            "}",
        ]),
        max_size=30,
    )
)
def test_pieces_of_data_never_crash(parts: list[str]) -> None:
    text = " ".join(parts)
    assert DETECTOR.scan(text) == DETECTOR.scan(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "beller nul zes vijftien tweeëntwintig veertig achtendertig\nmedewerker dank u",
            [("PHONE", "nul zes vijftien tweeëntwintig veertig achtendertig")],
        ),
        (
            "caller oh seven seven double oh nine double oh five six two\nagent ok",
            [("PHONE", "oh seven seven double oh nine double oh five six two")],
        ),
        ("uw postcode en huisnummer\nbeller 5641 rt en dan 62", [("POSTCODE", "5641 rt")]),
        ("wordt vrijdag 60 (13-06-1965), niets zeggen", [("DATE_OF_BIRTH", "13-06-1965")]),
        ("morgen wordt 25 graden gehaald, meldt het KNMI op 12-06-2025", []),
        ("she is turning 40 on 12 May 1985", [("DATE_OF_BIRTH", "12 May 1985")]),
        (
            "Calle de la Luna 14, 2.º B, 28004 Madrid",
            [
                ("STREET_ADDRESS", "Calle de la Luna 14, 2.º B"),
                ("POSTCODE", "28004"),
                ("CITY", "Madrid"),
            ],
        ),
        ("1200-194 Lisboa, Portugal", [("POSTCODE", "1200-194"), ("CITY", "Lisboa")]),
        ("his passport number (41807726)", [("PASSPORT_ID", "41807726")]),
        ("document number 41807726", []),
        ("the black one, AK72 WPD, at the back", [("LICENSE_PLATE", "AK72 WPD")]),
        ("part AB35 XYZ", []),
        ("the password we always use (Welcome2Harbour!)", [("SECRET", "Welcome2Harbour!")]),
        ("VAT: NO918 203 447 MVA", [("VAT_ID", "NO918 203 447 MVA")]),
        ("Our VAT number is GB 293 7481 06.", [("VAT_ID", "GB 293 7481 06")]),
        ("order GB 293 7481 06", []),
        ("Licence no.: B072RRE2I55, issued in Germany", [("DRIVING_LICENCE", "B072RRE2I55")]),
        ("serial B072RRE2I55", []),
        ('{"permit": "BAIRD805147E99XY"}', [("DRIVING_LICENCE", "BAIRD805147E99XY")]),
        ("BAIRD899947E99XY", []),
        ("zijn bsn nummer is 111222333", [("BSN", "111222333")]),
        ("geboren d.d. 12 maart 1985", [("DATE_OF_BIRTH", "12 maart 1985")]),
        ("T 06.12.34.56.78", [("PHONE", "06.12.34.56.78")]),
        ("bel 0044 7700 900123", [("PHONE", "0044 7700 900123")]),
        ("ID-bewijs: SPECI2014", [("PASSPORT_ID", "SPECI2014")]),
        ("inloggen met Zomer2024! als wachtwoord", [("SECRET", "Zomer2024!")]),
        (
            "your date of birth first\ncaller the fourth of may nineteen eighty one\nagent lovely",
            [("DATE_OF_BIRTH", "the fourth of may nineteen eighty one")],
        ),
        ("KvK 18077342, btw NL002113408B14", [("KVK", "18077342"), ("VAT_ID", "NL002113408B14")]),
        ("your national number 85041215439, please", [("NATIONAL_ID", "85041215439")]),
        ("your national number 85991215439, please", []),
        ("mysqldump -u backup -pKx7#molenwiek93 leden", [("SECRET", "Kx7#molenwiek93")]),
        ("mysql -p ledenbestand", []),
        ("ww: P@ssw0rd99", [("SECRET", "P@ssw0rd99")]),
    ],
)
def test_numbers_and_codes_spoken_and_written(text: str, found: list[tuple[str, str]]) -> None:
    assert _found(text) == found


def test_columns_of_an_insert_give_the_types_of_values() -> None:
    text = (
        "INSERT INTO klant (id, voornaam, achternaam, geboortedatum) VALUES\n"
        " (1, 'Roos', 'van Beuningen', '1991-04-17'),\n (2, 'Xiaoling', 'Chen', '1977-07-25');\n"
        "insert into \"order\" (nr, datum) values (7, '1991-04-18')"
    )
    assert _found(text) == [
        ("PERSON", "Roos"),
        ("PERSON", "van Beuningen"),
        ("DATE_OF_BIRTH", "1991-04-17"),
        ("PERSON", "Xiaoling"),
        ("PERSON", "Chen"),
        ("DATE_OF_BIRTH", "1977-07-25"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Who took Sanne J.'s keys?",
        "Dear Sanne R.,\nWho took Jan E.'s keys?",
        "Dear 's",
        "Beste J.'",
    ],
)
def test_an_initial_may_have_a_genitive(text: str) -> None:
    assert all(finding.type == "PERSON" for finding in DETECTOR.scan(text))


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "1",
        "a.",
        "1 ",
        "06 ",
        "A",
        "Jan ",
        "a@",
        "NL91ABNA",
        "password=",
        "straat 1",
        "A.",
        "beste\n",
        "sk-aaaaaaa",
        "a:",
        "Jan\n",
        "1-",
        "-----BEGIN PRIVATE KEY-----",
        "naam,\n",
        "1" * 39 + ", 4 april 1998 ",
        "-" * 39 + "; 4 april 1998 ",
        "zeventien" * 4 + "x 4 april 1998 ",
        "insert into a (naam) values ('",
        "insert into a (naam) values (1), (1), ",
        "insert into ",
        "A" * 120 + "! wrote:\n",
        " Via " + "A" * 60 + "! ",
        "A" * 48 + " straat 1 ",
    ],
)
def test_checks_grow_no_faster_than_the_text(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    candidates = DETECTOR._patterns.candidates(text)
    assert len(candidates) <= 2 * len(text)
    begun = time.thread_time()
    DETECTOR.scan(text)
    assert time.thread_time() - begun < 5


def test_importing_it_stays_small() -> None:
    heavy = "{'presidio_analyzer', 'spacy', 'torch', 'pandas', 'numpy', 'pydantic', 'fastapi'}"
    code = f"import sys, gateway.privacy; print({heavy} & set(sys.modules))"
    result = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"
