"""What is personal data in one text of a request leaves in no other, and restores exactly."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.level import Level
from gateway.privacy import Vault
from gateway.request.body_texts import UnscannedText, redacted
from gateway.request.text_scanner import TextScan
from tests.support.outgoing import COMPILED, SCOPE, Outgoing, outgoing


async def sent(*contents: Any, **fields: Any) -> Outgoing:
    messages = [{"role": "user", "content": content} for content in contents]
    return await outgoing({"model": "m", "messages": messages, **fields})


def contents_of(result: Outgoing) -> list[Any]:
    return [message["content"] for message in result.body["messages"]]


# What names the value, and a text in which only the value is: both must lose it.
AGAIN = [
    ("Mijn bsn is 111222333.", "Noteer in dossier /klant/111222333/x", "111222333"),
    ("Mijn bsn is 111222333.", "kenmerk 111.222.333", "222.333"),
    ("Mijn bsn is 111222333.", "ticket klant111222333nl", "111222333"),
    ("telefoon 06-41234567", "https://x.nl/0641234567", "41234567"),
    ("telefoon 06-41234567", "wa.me/31641234567", "41234567"),
    ("Bel +31 6 4123 4567", "nummer=0641234567&x=1", "41234567"),
    ("geboren op 03-02-1980", "op 03-02-1980 was het koud", "1980"),
    ("geboren op 03-02-1980", "record 1980-02-03", "1980-02-03"),
    ("geboren op 03-02-1980", "op 3 februari 1980 begon het", "februari 1980"),
    ("geboren op 3 februari 1980", "sleutel 19800203", "19800203"),
    ("date of birth: 03/02/1980", "since February 3, 1980", "February 3"),
    ("IBAN NL91ABNA0417164300", "map/nl91abna0417164300.pdf", "nl91abna0417164300"),
    ("Mail jan.devries@hotmail.nl", "?to=JAN.DEVRIES%40hotmail.nl", "DEVRIES"),
    ("Mijn wachtwoord is Zomer2024!x", "probeer Zomer2024!x eens", "Zomer2024!x"),
    ("Ik ben Sanne Haverkort.", "https://x.nl/sanne-haverkort/cv", "haverkort"),
    ("Ik ben Sanne Haverkort.", "profiel_Sanne_Haverkort_2024", "Haverkort"),
    ("Ik ben Sanne Haverkort.", "class SanneHaverkort:", "Haverkort"),
    ("Ik ben Sanne Haverkort.", "SANNE HAVERKORT tekent", "HAVERKORT"),
    ("Postcode 2511 CV Den Haag", "zoek?pc=2511cv&n=1", "2511cv"),
    ("Kenteken: 12-ABC-3", "foto 12ABC3 gemaakt", "12ABC3"),
]


@pytest.mark.parametrize(("named", "bare", "value"), AGAIN)
@pytest.mark.parametrize("shape", ["messages", "one text", "reversed", "parts", "arguments"])
async def test_a_value_leaves_in_no_other_text(
    named: str, bare: str, value: str, shape: str
) -> None:
    if shape == "messages":
        result = await sent(named, "Dank je.", bare)
    elif shape == "one text":
        result = await sent(f"{named}\n\n{bare}")
    elif shape == "reversed":
        result = await sent(bare, named)
    elif shape == "parts":
        result = await sent([{"type": "text", "text": named}, {"type": "text", "text": bare}])
    else:
        call = {"name": "f", "arguments": json.dumps({"a": [named], "b": {"c": bare}})}
        message = {"role": "assistant", "tool_calls": [{"id": "a", "function": call}]}
        result = await outgoing({"model": "m", "messages": [message]})
    assert value in "".join(result.request.texts)
    assert value not in result.sent


@pytest.mark.parametrize(
    ("named", "bare"),
    [
        ("De pincode is 1234.", "Er waren 1234 bezoekers in 2024."),
        ("Zij woont in Utrecht.", "De trein naar Amersfoort stopt hier."),
        ("Mijn wachtwoord is welkom", "Iedereen is welkom in de zaal."),
        ("Mijn naam is Mark Down.", "Schrijf het in markdown."),
        ("geboren op 03-02-1980", "versie 3.2.19.80 en 0302 en 1980"),
        ("Mijn bsn is 111222333.", "rij 1 11 222 33 en 11122233"),
        ("Postcode 2511 CV Den Haag", "kost 2511 cvketels"),
        ("Kenteken: 12-ABC-3", "code X12ABC34"),
    ],
)
async def test_short_and_common_values_do_no_damage(named: str, bare: str) -> None:
    assert contents_of(await sent(named, bare))[1] == bare


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Mijn bsn is 1112", "22333"),
        ("1112", "22333 is mijn bsn"),
        ("wachtwoord is Zomer", "2024!geheim"),
        ("IBAN NL91ABNA", "0417164300"),
        ("mail naar jan.devries@", "hotmail.nl graag"),
        ("Wat is uw geboortedatum?", "03/02/1980"),
        ("mijn wachtwoord is", "Zomer2024!geheim"),
    ],
)
async def test_a_value_split_between_neighbours_is_found_in_both(first: str, second: str) -> None:
    whole = await sent(f"{first}{second}")
    if whole.level is Level.PUBLIC:
        whole = await sent(f"{first} {second}")
    messages = await sent(first, second)
    parts = await sent([{"type": "text", "text": first}, {"type": "text", "text": second}])
    assert whole.level == messages.level == parts.level > Level.PUBLIC
    for text in contents_of(messages):
        assert not any(map(str.isdecimal, _without_placeholders(text)))
    assert messages.sent.count("22333") == 0


def _without_placeholders(text: str) -> str:
    return "".join(piece.rpartition("]")[2] for piece in text.split("["))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Mail naar jan.devries@hotmail.nl", "en bel daarna"),
        ("Er zijn 12 stoelen", "34 tafels"),
        ("Het wachtwoord is vergeten", "1 keer"),
        ("Wat is uw naam?", "Hoe laat is het? 12:30"),
    ],
)
async def test_neighbours_that_share_no_value_stay(first: str, second: str) -> None:
    assert contents_of(await sent(first, second))[1] == second


NUMBER = '{"n": 12345678901234567890123, "f": 1.10, "klant": 111222333, "e": [1.11222333e8]}'


async def test_numbers_of_arguments_keep_type_and_digits_and_come_back() -> None:
    call = {"name": "f", "arguments": NUMBER}
    message = {"role": "assistant", "tool_calls": [{"id": "a", "function": call}]}
    result = await outgoing({"model": "m", "messages": [message]})
    arguments = result.body["messages"][0]["tool_calls"][0]["function"]["arguments"]
    assert '"n": 12345678901234567890123, "f": 1.10, ' in arguments
    assert "111222333" not in arguments
    assert "1.11222333" not in arguments
    other = json.loads(arguments)["klant"]
    assert type(other) is int
    assert len(str(other)) == 9
    restorer = result.vault.restorer(json=True)
    assert restorer.feed(arguments) + restorer.finish() == NUMBER
    assert result.vault.restore(f"Bestelling {other} is klaar.") == "Bestelling 111222333 is klaar."


async def test_a_number_that_its_key_calls_something_else_stays() -> None:
    arguments = '{"n": 12345678901234567890123, "f": 1.10, "order": 111222333}'
    call = {"name": "f", "arguments": arguments}
    message = {"role": "assistant", "tool_calls": [{"id": "a", "function": call}]}
    result = await outgoing({"model": "m", "messages": [message]})
    assert result.body["messages"][0]["tool_calls"][0]["function"] == call


async def test_a_secret_number_becomes_a_text() -> None:
    call = {"name": "f", "arguments": '{"pin": 4821, "n": 4821}'}
    message = {"role": "assistant", "tool_calls": [{"id": "a", "function": call}]}
    result = await outgoing({"model": "m", "messages": [message]})
    arguments = result.body["messages"][0]["tool_calls"][0]["function"]["arguments"]
    assert arguments == '{"pin": "[SECRET]", "n": 4821}'


async def test_a_value_of_the_stored_conversation_leaves_in_no_later_text() -> None:
    result = await sent("Open dossier /klant/111222333 van sanne-haverkort, 0641234567.")
    stored = {
        "bcdf23": ("BSN", "111222333"),
        "bcdf24": ("PERSON", "Sanne Haverkort"),
        "bcdf25": ("PHONE", "+31 6 41234567"),
    }
    vault = Vault(b"v" * 32, SCOPE, stored=stored)
    fields = COMPILED.policy.fields["chat_completions"]
    nothing = {text: TextScan((), (), (), False, ()) for text in result.request.texts}
    body = redacted(result.request.body, fields, nothing, vault, stored.values())
    text = body["messages"][0]["content"]
    assert "[BSN_bcdf23]" in text
    assert not any(value in text for value in ("haverkort", "0641234567", "111222333"))
    assert vault.restore(text.replace("/", " ")) == (
        result.request.body["messages"][0]["content"].replace("/", " ")
    )


VALUES = [
    ("Mijn bsn is {}.", "111222333"),
    ("Telefoon {}", "06-41234567"),
    ("IBAN {}", "NL91ABNA0417164300"),
    ("E-mail: {}", "jan.devries@hotmail.nl"),
    ("geboren op {}", "03-02-1980"),
    ("Mijn naam is {}.", "Sanne Haverkort"),
]
AROUND = [" ", "(", "\n", "-> ", ", "]
IN_A_LINK = ["/", "?q=", "#", '"']  # where values are found, and never restored
_DIRECTIVE = re.compile(r"^[ >]*\.\.\s", re.MULTILINE)  # of reStructuredText: names a target
_CALL = re.compile(r"[a-e]\.[a-e]+\(")  # what stands in a call could be fetched
FILLER = st.text(st.sampled_from("abc de. ,\n"), max_size=12)


@settings(deadline=None)
@given(
    st.sampled_from(VALUES),
    st.sampled_from(AROUND + IN_A_LINK),
    st.sampled_from(AROUND + IN_A_LINK),
    FILLER,
    st.integers(0, 3),
    st.booleans(),
)
async def test_what_is_redacted_once_leaves_nowhere_and_restores_exactly(
    named: tuple[str, str], left: str, right: str, filler: str, at: int, joined: bool
) -> None:
    form, value = named
    texts = [filler or "Dag", "Tweede bericht.", "Derde bericht."]
    texts.insert(at, f"{filler}{left}{value}{right}{filler}")
    texts.append(form.format(value))
    if joined:
        texts = ["\n\n".join(texts)]
    result = await sent(*texts)
    assert value not in result.sent
    # A placeholder stays in both.
    kept = any(_DIRECTIVE.search(text) or _CALL.search(text) for text in texts)
    if left in AROUND and right in AROUND and not kept:
        assert [result.vault.restore(text) for text in contents_of(result)] == texts


async def test_a_text_that_was_not_scanned_does_not_leave() -> None:
    result = await sent("Mijn bsn is 111222333.", "Dag")
    fields = COMPILED.policy.fields["chat_completions"]
    scans = {t: scan for t, scan in result.scan.scans.items() if t != "Dag"}
    with pytest.raises(UnscannedText):
        redacted(result.request.body, fields, scans, Vault(b"v" * 32, SCOPE))
