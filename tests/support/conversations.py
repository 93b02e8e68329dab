"""Conversations that a seed makes: values of every type, and a model that repeats them its own way.

Each sentence knows what the model sends and what the caller must get. Placeholders come in every
shape of the documented grammar (brackets, emphasis, escapes, case, Dutch words, genitives).
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from gateway.core.finding import PERSONAL_TYPES
from gateway.privacy import Scope, Vault

KEY = b"0123456789abcdef0123456789abcdef"
OTHER_KEY = b"fedcba9876543210fedcba9876543210"
ID_SIGNS = "bcdfghjkmnpqrtvwxz23456789"
Value = tuple[str, str]  # type and text
Spans = list[tuple[int, int, str]]  # start, end and type
Line = tuple[str, str]  # as sent by the model, as the caller must get it
Shape = tuple[str, Callable[[Random, str, str], str]]  # a name, and what writes it
Texts = dict[str, Line]  # the texts of one choice by the Inspector's names

NAMES = [
    "Anne-Fleur van der Vaart",
    "Jan 't Hooft",
    "Ömer Çelik-Yıldız",
    'Pieter "Piet" de Vries',
    "Søren d'Ancona",
    "王小明",
    "Ольга Иванова",
    "Ana\nMaria García",
    "Ed O\\'Brien",
    "M. op den Akker",
    "Fatima-Zahra El Idrissi",
    "Zoë uit het Broek",
    "J.P. von\tHagen",
    "Ann Ijsbrand",
    "Ida 😀 Smit",
]
STREETS = [
    "Lange Voorhout 12\\b",
    "Kerkstraat 5\n2e verdieping",
    'Plein "1945" 3',
    "’s-Gravenweg 7-III",
    "Overtoom 201 hs",
    "Schönfelder Straße 4",
]
CITIES = ["'s-Hertogenbosch", "Den Haag", "Ypres / Ieper", "Gasselternijveenschemond", "Łódź"]
# These change how what follows is read, so that a placeholder behind them may stay.
TRICKY = [
    "x](y",
    "a `b",
    "<b",
    "https://a.example/x",
    "\\\\server\\deel",
    "![x](",
    "curl -d",
    '"',
    "\\",
    "[ref]:",
    "```\nx",
    "<script>",
    "//",
    "%2f",
    "a.example/",
    "\u200b.",
    "\ud7ff\u0000",
    "&lt;",
]
DUTCH = {
    "PERSON": ["Persoon", "NAAM"],
    "STREET_ADDRESS": ["Adres", "STRAAT", "straatadres"],
    "CITY": ["Plaats", "WOONPLAATS"],
    "PHONE": ["telefoon", "TELEFOONNUMMER"],
    "EMAIL": ["E-MAIL"],
    "DATE_OF_BIRTH": ["Geboortedatum"],
    "LICENSE_PLATE": ["KENTEKEN"],
    "PASSPORT_ID": ["paspoort"],
    "DRIVING_LICENCE": ["rijbewijs"],
    "VAT_ID": ["BTW"],
    "IBAN": ["REKENING"],
    "IP_ADDRESS": ["IP"],
}
IN_A_LINE: list[Shape] = [
    ("square", lambda _, word, id_: f"[{word}_{id_}]"),
    ("square space", lambda _, word, id_: f"[ {word} {id_} ]"),
    ("square colon", lambda _, word, id_: f"[{word}: {id_}]"),
    ("square dash", lambda _, word, id_: f"[{word}-{id_}]"),
    ("square joined", lambda _, word, id_: f"[{word}{id_}]"),
    ("emphasis inside", lambda _, word, id_: f"[**{word}_{id_}**]"),
    ("code inside", lambda _, word, id_: f"[`{word}_{id_}`]"),
    ("round", lambda _, word, id_: f"({word}_{id_})"),
    ("curly", lambda _, word, id_: f"{{{word}_{id_}}}"),
    ("two curly", lambda _, word, id_: f"{{{{{word}_{id_}}}}}"),
    ("angle", lambda _, word, id_: f"<{word}_{id_}>"),
    ("escaped angle", lambda _, word, id_: f"&lt;{word}_{id_}&gt;"),
    ("mixed case", lambda rng, word, id_: f"[{_mixed(rng, f'{word}_{id_}')}]"),
    ("bare", lambda _, word, id_: f"{word}_{id_}"),
    ("bare colon", lambda _, word, id_: f"{word}: {id_}"),
    ("bare lower", lambda _, word, id_: f"{word}-{id_}".lower()),
]
SHAPES: list[Shape] = [
    *IN_A_LINE,
    ("markdown escapes", lambda _, word, id_: f"\\[{word}\\_{id_}\\]"),
    ("escaped underscore", lambda _, word, id_: f"[{word}\\_{id_}]"),
    ("line break", lambda _, word, id_: f"[{word}\n{id_}]"),
    ("tab", lambda _, word, id_: f"[{word}\t_{id_}]"),
]
ENDINGS = ["", "", "", "'s", "’s", "s", "-achtig", ".", ",", "!", ";", "…", "?", ")", ": ja"]
CARRIERS = [
    "Beste {},",
    "**{}** belt",
    "> {} zei",
    "- {}",
    "| {} | x |",
    "De brief van {} is er",
    "1. {}",
    '"{}" staat er',
    "Zie https://x.example voor {} en {}",
    "# Over {}",
    "`{}`",
    "Van {} tot {} dus",
    "[dossier](https://x.example/a) van {}",
    "<b>vet</b> {} is er",
    "De shopping bij {} is leuk",
    "Écht: {}; 中文 {} 中文",
    "1 < 2, {}",
    "a/b, {} en zo",
    'Hij zei: "{}"',
]
FENCES = ['```json\n{{"n": "{}"}}\n```', "```\n{}\n```", "~~~yaml\nn: {}\n~~~"]
SPOKEN = [
    "Ik ben {} en woon in {}.",
    "Bel {} of mail {}",
    '"{}" staat op het formulier',
    "- {}\n- {}",
    "| {} | {} |",
    "Graag ({}) op de hoogte houden",
    "Groet, {}",
    "Nummer: {} (of {})",
]


def _mixed(rng: Random, text: str) -> str:
    return "".join(rng.choice((sign.upper(), sign.lower())) for sign in text)


def value_of(rng: Random, type_: str) -> Value:
    """A made-up value of a type."""
    digits = "".join(rng.choices("0123456789", k=9))
    made = {
        "PERSON": rng.choice(NAMES),
        "EMAIL": rng.choice([f"a.{digits}@voorbeeld.nl", f'"q {digits}"@voorbeeld.nl']),
        "STREET_ADDRESS": rng.choice(STREETS),
        "CITY": rng.choice(CITIES),
        "POSTCODE": f"{digits[:4]} {rng.choice('AX')}{rng.choice('BZ')}",
        "PHONE": rng.choice([f"+31 6 {digits[:8]}", f"(020) {digits[:7]}"]),
        "DATE_OF_BIRTH": rng.choice([f"1-2-19{digits[:2]}", f"3 maart 19{digits[:2]}"]),
        "IP_ADDRESS": rng.choice(["10.1.2." + digits[:2], f"2001:db8::{digits[:3]}"]),
        "IBAN": f"NL91 ABNA 0{digits}",
    }
    return type_, made.get(type_, f"{type_[:2]}-{digits}")


def typed_by_user(rng: Random, id_: str) -> str:
    """What looks like a placeholder, in a user's own text."""
    word = rng.choice([*PERSONAL_TYPES, "persoon", "TEXT"])
    return rng.choice(IN_A_LINE[:8])[1](rng, word, id_)


@dataclass
class Conversation:
    """One seed's conversation; ``tricky`` values may change how what follows is read."""

    rng: Random
    scope: Scope
    values: list[Value]
    tricky: bool
    written: list[str] = field(default_factory=list)  # the shapes that the model used

    @classmethod
    def of(cls, seed: int) -> "Conversation":
        rng = Random(seed)
        scope = Scope("tenant", f"key-{seed % 7}", f"user-{seed % 11}", f"conversation-{seed}")
        tricky = seed % 5 == 4
        types = rng.sample(PERSONAL_TYPES, 3)
        types[0] = rng.choice([types[0], "PERSON"])
        values = [value_of(rng, type_) for type_ in types]
        if rng.random() < 0.4:  # another spelling, so that ids share a beginning
            values.append((values[0][0], values[0][1].upper()))
        if tricky:
            values.append(("PERSON", rng.choice(TRICKY) + rng.choice(["", " Jan", "Jan"])))
        return cls(rng, scope, list(dict.fromkeys(values)), tricky)

    def spoken(self, typed: str) -> tuple[str, Spans]:
        """A user's turn, and where its values stand."""
        text = ""
        spans: Spans = []
        for part in self.rng.sample(SPOKEN, self.rng.choice([1, 2])):
            for carrier in part.split("{}")[:-1]:
                type_, value = self.rng.choice(self.values)
                text += carrier
                spans.append((len(text), len(text) + len(value), type_))
                text += value
            text += part.split("{}")[-1] + "\n"
        return text + f"En {typed} dan", spans

    def said(self, vault: Vault, unknown: Sequence[str]) -> list[Texts]:
        """What a model answers: one or two choices with their texts and calls."""
        choices = []
        for _ in range(self.rng.choice([1, 1, 1, 2])):
            texts: Texts = {"content": self._prose(vault, unknown)}
            if self.rng.random() < 0.3:
                texts["reasoning_content"] = self._line(vault)
            for call in range(self.rng.choice([0, 0, 0, 1, 2])):
                texts[f"tool:{call}"] = self.arguments(vault)
            choices.append(texts)
        return choices

    def _prose(self, vault: Vault, unknown: Sequence[str]) -> Line:
        lines = [self._line(vault) for _ in range(self.rng.choice([1, 1, 2]))]
        if self.rng.random() < 0.4:
            strange = f"Ook {self.rng.choice(unknown)} en meer"
            lines.insert(self.rng.randrange(len(lines) + 1), (strange, strange))
        gap = self.rng.choice(["\n", "\n\n"])
        return gap.join(sent for sent, _ in lines), gap.join(back for _, back in lines)

    def _line(self, vault: Vault) -> Line:
        carriers = CARRIERS if self.rng.random() < 0.85 else FENCES
        carrier = self.rng.choice(carriers).replace("{{", "\1").replace("}}", "\2")
        parts = [part.replace("\1", "{").replace("\2", "}") for part in carrier.split("{}")]
        sent, back = parts[0], parts[0]
        for part in parts[1:]:
            repeated, value = self.repeated(vault)
            ending = self.rng.choice(ENDINGS) if part[:1] in ("", " ", ",") else ""
            sent += repeated + ending + part
            back += value + ending + part
        return sent, back

    def repeated(self, vault: Vault) -> tuple[str, str]:
        """A placeholder as a model writes it, and the value that it stands for."""
        type_, value = self.rng.choice(self.values)
        id_ = id_of(vault, type_, value)
        words = [type_, type_, *DUTCH.get(type_, [])]
        if self.rng.random() < 0.05:
            words = list(PERSONAL_TYPES)  # a wrong type: the id alone opens
        name, shape = self.rng.choice(SHAPES)
        self.written.append(name)
        return shape(self.rng, self.rng.choice(words), id_), value

    def arguments(self, vault: Vault) -> Line:
        """The arguments of a call, as JSON source; values stand in keys too."""
        one, two = (self._line(vault) for _ in range(2))
        key = self.repeated(vault)
        style: dict[str, Any] = {
            "ensure_ascii": self.rng.random() < 0.5,
            "indent": self.rng.choice([None, None, 1]),
        }
        sent, back = ({"a": [one[n], 7, None], key[n]: {"é": two[n]}} for n in (0, 1))
        return json.dumps(sent, **style), json.dumps(back, **style)

    def of_others(self) -> list[str]:
        """Placeholders that the same values have for others, and ids that nobody gave out."""
        scope, (type_, value) = self.scope, self.rng.choice(self.values)
        others = [
            Vault(OTHER_KEY, scope),
            Vault(KEY, Scope("other", scope.key_id, scope.user, scope.conversation)),
            Vault(KEY, Scope(scope.tenant, "other", scope.user, scope.conversation)),
            Vault(KEY, Scope(scope.tenant, scope.key_id, "other", scope.conversation)),
            Vault(KEY, Scope(scope.tenant, scope.key_id, scope.user, "other")),
        ]
        own = id_of(Vault(KEY, scope), type_, value)
        ids = [id_of(vault, type_, value) for vault in others]
        ids += ["".join(self.rng.choices(ID_SIGNS, k=6)), own[:-1] + "b2", own + "g", own[:5]]
        written = [
            shape(self.rng, type_, id_)
            for id_ in ids
            for _, shape in IN_A_LINE[:1] + IN_A_LINE[7:12]
        ]
        return [*written, "[SECRET]"]


def id_of(vault: Vault, type_: str, value: str) -> str:
    """The id of a value in a vault, which it gives out if it has not yet."""
    placeholder = vault.redact(value, [(0, len(value), type_)])
    return placeholder.removeprefix(f"[{type_}_").removesuffix("]")
