"""Source code is no person, place or plate; literals and comments in it are text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.classifiers.protocol import Entity
from gateway.core.finding import Finding
from gateway.privacy import level_of
from gateway.privacy.detect.propagation import names_of, with_names
from tests.support.detector import DETECTOR
from tests.support.levels import LEVELS


def _scan(text: str, *parts: str, type_: str = "PERSON") -> list[tuple[str, str]]:
    """Scan with these parts as entities of the classifier."""
    entities = [
        Entity(text.index(part), text.index(part) + len(part), type_, 0.95) for part in parts
    ]
    return [(f.type, text[f.start : f.end]) for f in DETECTOR.scan(text, entities) if f.redactable]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("    elif len(node.children) == 6:", "elif len"),
        ("def include(elem, loader=None):", "elem"),
        ("            except OSError as e:", "OSError"),
        ("    for (kwargs, args) in calls(maxsize):", "kwargs"),
        ("    while i < len(elem):", "elem"),
        ("        return elem[i], Max(elem)", "Max"),
        ("let q=(0,I.useCallback)(()=>{B(e)},[B,e])", "I.useCallback"),
        ("\tcmd.Stdout = c.Stdout", "c.Stdout"),
        ("#[derive(Parser, PartialEq, Debug)]", "Parser, PartialEq"),
        ("class AsyncBaseTransport(Transport):", "AsyncBaseTransport"),
        ('print(f"Beste {sanne},")', "sanne"),
        ("src/a.py:12:    def parse(elem):", "elem"),
        ("+        elif elem == 3:", "elif elem"),
        ("Gebruik `kwargs` in plaats van een lijst.", "kwargs"),
        ('"var", "break", "if", "elif", "else",', "elif"),
        ("x = f(1)  # calls GZipDecoder for each part", "GZipDecoder"),
        ("/// see [`Gitignore`] and gitignore.rs", "gitignore.rs"),
        ("## Build with Cython and GNU Lesser", "Cython"),
        ("# under the terms of the GNU Lesser licence", "GNU Lesser"),
        ("alias update='sudo pacman -Syu'", "sudo pacman -Syu"),
    ],
)
def test_code_is_no_person(text: str, part: str) -> None:
    assert _scan(text, part) == []
    assert _scan(text, part, type_="CITY") == []


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('    raise ValueError("klant Ouafae Zemmouri bestaat niet")', "Ouafae Zemmouri"),
        ("const driver = 'Winston Blijd';", "Winston Blijd"),
        ('members.insert(11, Member { name: "Hodan", balance: -250 });', "Hodan"),
        ('    "monday":  "Chidera Nwosu",', "Chidera Nwosu"),
        ("AND behandelaar = 'Stellingwerf'", "Stellingwerf"),
        ("x = f(y)  # vraag Ouafae", "Ouafae"),
        ("// Ouafae vraagt of `f(x)` sneller kan", "Ouafae"),
        (" * @author Ugljesa Jovanovic", "Ugljesa Jovanovic"),
        ("# Copyright (c) 2003 by Fredrik Lundh", "Fredrik Lundh"),
        ("owner = Ouafae Zemmouri", "Ouafae Zemmouri"),
        ("  reviewer: hodan", "hodan"),
        ("Sanne = ziek; Hodan = thuis; Kofi = vrij;", "Hodan"),
        ("Hodan -> maandag, Kofi -> dinsdag", "Hodan"),
        ("Hodan(HR) en Kofi(IT) komen", "Hodan"),
        ("Hodan: zie foo(bar), baz[0]", "Hodan"),
        ("Sanne, f(x); g(y, z[0]);", "Sanne"),
        ("    Sanne,", "Sanne"),
        ("    Hodan,", "Hodan"),
        ("f(x); vraag Sanne, g(y, z[0]);", "Sanne"),
        ("Beste Sanne, f(x); g(y, z[0]);", "Sanne"),
        ('  "owner": "ouafae_z",', "ouafae_z"),
        ('issue = create(title, owner="ouafae_z", tags=[])', "ouafae_z"),
        ('{"id": 3, "reviewer": "ouafae_z", "ok": true},', "ouafae_z"),
        ("* Hodan(HR) neemt het over", "Hodan"),
        ("# Verslag van Case, KOFI en Hodan", "KOFI"),
        ("* Case belt morgen", "Case"),
        ('"KOFI","Asante","Ede"', "KOFI"),
        ('open("cv_Hodan.pdf")', "Hodan"),
        ('open("cv_hodan.pdf")', "hodan"),
        ("Elif Yilmaz belt morgen over parse(elem).", "Elif Yilmaz"),
        ("Bel `Hodan` over de functie.", "Hodan"),
        ("2026-03-04 08:12:51 WARN user=okan.aydin took 12 ms (shard=4)", "okan.aydin"),
        ("| `elif` in de parser | Noortje Wiersma | open |", "Noortje Wiersma"),
        ('{"id": 4471, "assignee": "Joris Veltkamp"},', "Joris Veltkamp"),
        ("a1b2c3d (Ouafae Zemmouri 2024-05-01 10:00 12) return None", "Ouafae Zemmouri"),
    ],
)
def test_people_beside_and_within_code_are_found(text: str, part: str) -> None:
    assert ("PERSON", part) in _scan(text, part)


def test_a_city_that_is_a_library_too_is_a_city() -> None:
    assert _scan("De conferentie in Cairo gaat door.", "Cairo", type_="CITY") == [("CITY", "Cairo")]


def test_a_wrong_name_does_not_spread() -> None:
    text = "elem = load(path)\nfor child in elem:\n    elem.append(child)\n# each elem is checked\n"
    assert _scan(text, "elem") == []


def test_a_name_spreads_to_literals_and_comments_but_not_to_identifiers() -> None:
    text = 'a = "Sanne Bakker"\nx = Sanne(2, b[3])\n# Sanne belt\nprint("dag Sanne")\n'
    assert _scan(text) == [
        ("PERSON", "Sanne Bakker"),
        ("PERSON", "Sanne"),
        ("PERSON", "Sanne"),
    ]


def test_a_name_of_the_request_is_no_identifier_in_another_text() -> None:
    said = "Sanne Bakker belt over de route."
    names = names_of([(said, DETECTOR.scan(said))])
    assert names is not None
    code = "route = Sanne(2, b[3])\n# Sanne Bakker rijdt\n"
    found = with_names(code, (), names)
    assert [code[f.start : f.end] for f in found] == ["Sanne Bakker"]


@pytest.mark.parametrize(
    "text",
    [
        'ENCODINGS = {"utf-16-le": "UTF-16-LE"}',
        '        "requester_ip_address": "STRING",',
        "ALTER FUNCTION dblink_connect(text) PARALLEL RESTRICTED;",
        "    if (options.disabled || this.confidential) { return internal.state; }",
        'return fetch("http://10.0.0.12/x", { from: "noreply@example.com", via: "192.0.2.1" });',
        "UPSTREAM=10.0.0.12",
        "      MAIL_FROM: noreply@example.com",
    ],
)
def test_code_has_no_finding(text: str) -> None:
    assert DETECTOR.scan(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Log: verbinding met 10.20.3.88 verbroken, zegt de helpdesk.",
        "Log: verbinding met 198.51.100.23 verbroken, zegt de helpdesk.",
        "De server met adres 2001:db8::17 is weg.",
        "Stuur het naar noreply@example.com, dan komt het goed.",
    ],
)
def test_example_and_private_addresses_are_replaced_without_a_level(text: str) -> None:
    findings = DETECTOR.scan(text)
    assert [f.redactable for f in findings] == [True]
    assert level_of(findings, LEVELS).level.label == "public"


@pytest.mark.parametrize(
    "text", ["Mail jan@bedrijf.example.com even.", "Mail jan@bedrijf.example even."]
)
def test_domains_below_example_stand_for_real_ones(text: str) -> None:
    assert level_of(DETECTOR.scan(text), LEVELS).level.label == "confidential"


class TestTopics:
    def test_a_topic_in_code_says_nothing_about_the_author(self) -> None:
        text = "# Author: Jorrit Bangma\n" + "x = f(1)\n" * 60 + "# the cache is disabled here\n"
        assert [f.type for f in DETECTOR.scan(text)] == ["PERSON"]

    def test_a_diagnosis_beside_a_person_in_a_fixture_counts(self) -> None:
        text = 'patient = Patient(\n    name="Jorrit Bangma",\n    diagnose="burn-out",\n)\n'
        assert level_of(DETECTOR.scan(text), LEVELS).level.label == "restricted"


_SENTENCES = [
    "Kun je Sanne Bakker bellen over de offerte?",
    "Mail j.bangma@ziggopost.nl, zegt mevrouw Hofstra.",
    "BSN van Jan de Vries is 111222333.",
    "Het wachtwoord is Zomer2024!x, niet doorgeven.",
    "User Jan de Vries logged in from 84.241.17.203",
    "| Sanne Bakker | teamleider |",
    '{"naam": "Sanne Bakker", "plaats": "Ede"}',
    "# vraag Sanne Bakker hierover",
    'naam = "Sanne Bakker"',
]
_CODE = [
    "def parse(elem, **kwargs):",
    "    elif isinstance(elem, str):",
    "        return {elem: self.parse(elem[0])}",
    "const x = useCallback(() => { e.state(); }, []);",
    "#include <stdio.h>",
    'raise ValueError("not found: %s" % (path,))',
    "",
    "```python",
    '"""',
    "/*",
]


def _values(text: str, findings: tuple[Finding, ...]) -> set[tuple[str, str]]:
    return {(f.type, text[f.start : f.end]) for f in findings}


@given(
    st.sampled_from(_SENTENCES),
    st.lists(st.sampled_from(_CODE), max_size=8),
    st.lists(st.sampled_from(_CODE), max_size=8),
)
def test_code_around_a_sentence_hides_nothing(
    sentence: str, before: list[str], after: list[str]
) -> None:
    text = "\n".join([*before, sentence, *after])
    alone = _values(sentence, DETECTOR.scan(sentence))
    assert alone <= _values(text, DETECTOR.scan(text))


@given(
    st.lists(st.sampled_from(_CODE), min_size=1, max_size=8),
    st.lists(st.sampled_from(_SENTENCES), max_size=3),
)
def test_prose_around_code_damages_nothing(code: list[str], prose: list[str]) -> None:
    block = "\n".join(code)
    text = "\n".join([*prose, block, *prose])
    start = sum(len(line) + 1 for line in prose)
    found = [f for f in DETECTOR.scan(text) if start <= f.start < start + len(block)]
    assert found == []


@pytest.mark.parametrize("name", ["Hodan", "Sanne"])
@pytest.mark.parametrize(
    "form",
    [
        "{} => maandag, Piet => dinsdag, Kofi => vrijdag, Noor => nooit",
        "{}: ok; Piet: nee; Kofi: ja;",
        "{} (HR), Piet (IT), Kofi (DevOps)",
        "{}/Piet/Kofi",
        "- {}: 3x, Piet: 2x",
        "{} == ziek",
        "wat {}??",
        "{}!! Kofi!!",
        "**{}** belt",
        "`{}`",
        "<{}>",
        "{};Kofi;Noor",
        "{} = 12,50; Kofi = 3,00; Noor = 7",
        "a) {} b) Kofi c) Noor",
        "cc: {}; bcc: Kofi;",
        "if {} komt:",
        "for {}:",
        "return {}",
        "import {}",
        "with {}:",
        "van {}[1]",
        "{}_2024.pdf",
        "{},",
        "{} ->",
        "{} || Kofi",
    ],
)
def test_a_name_in_a_note_is_found(form: str, name: str) -> None:
    text = form.format(name)
    assert ("PERSON", name) in _scan(text, name)
