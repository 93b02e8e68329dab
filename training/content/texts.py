"""Drawn texts of attacks, harm and ordinary business, in Dutch and English.

Attacks come from the texts in ``written/`` and from the grammars in ``grammar/``. The same phrases
occur in ordinary texts: quoted, forbidden, reported, prevented. So the wording around a phrase
decides, not the phrase alone.
"""

import json
import re
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from training.content.grammar import Grammar, read, verb_forms
from training.content.noise import noisy
from training.content.templates import SLOT, filled
from training.content.written import Written

HARMS = ("malware", "weapons", "self_harm", "hate", "minors", "intimate", "fraud")
MANIPULATIONS = ("injection", "indirect", "jailbreak", "extraction")
CATEGORY = {
    "injection": "prompt_injection",
    "indirect": "indirect_injection",
    "extraction": "prompt_extraction",
    "intimate": "intimate_imagery",
}
NONE = "none"
LANGUAGES = ("nl", "en")
_BREAK = re.compile(r"(?<=[.!?;])\s+|\n+")
_WRAPPED, _NOISY, _INSIDE = 0.3, 0.3, 0.22
_WRITTEN, _WRITTEN_HARMLESS = 0.55, 0.4  # shares of texts that were written one by one
_HARD = 0.35  # share of hard stretches among ordinary text
_TEMPLATES = 0.25  # share of templates of frameworks, among ordinary text and around attacks
_SENTENCES = 0.5  # share of templates of which only some sentences are read
_BEFORE, _AFTER = 600, 200  # characters of a template around an attack


class Text(NamedTuple):
    """A text and its category; ``none`` for ordinary text."""

    text: str
    category: str


class Texts:
    """Draws texts of all kinds; ``ordinary`` yields one ordinary passage of a language."""

    def __init__(
        self,
        ordinary: Callable[[Random, str], str],
        written: Sequence[Written] = (),
        hard: Sequence[str] = (),
        templates: Sequence[str] = (),
    ) -> None:
        """``hard`` are ordinary stretches that a model before took for an attack.

        ``templates`` are those of frameworks, with slots.
        """
        self._ordinary, self._hard, self._templates = ordinary, hard, templates
        self._written: dict[str, list[str]] = {}
        for one in written:
            self._written.setdefault(one.category, []).append(one.text)
        self._harm = {one: read(f"{one}_harm") for one in LANGUAGES}
        self._manipulation = {one: read(f"{one}_manipulation") for one in LANGUAGES}
        self._own = {one: read(f"{one}_ordinary") for one in LANGUAGES}

    def attack(self, rng: Random) -> Text:
        """Return an attack or a request for harm, of a category drawn evenly."""
        language = rng.choice(LANGUAGES)
        name = rng.choice((*MANIPULATIONS, *MANIPULATIONS, *HARMS))
        own = self._written.get(CATEGORY.get(name, name))
        if own and rng.random() < _WRITTEN:
            return self._as_written(rng, language, rng.choice(own), CATEGORY.get(name, name))
        if name in HARMS:
            text = self._request(rng, language, name)
        else:
            text = self._line(self._manipulation[language], f"{name}/S", rng)
        category = CATEGORY.get(name, name)
        if rng.random() < _INSIDE or (name == "indirect" and rng.random() < 0.6):
            text = self._inside(rng, language, text)
            category = "indirect_injection" if name in {"injection", "indirect"} else category
        elif name in {"injection", "jailbreak"} and rng.random() < 0.25:
            follow = self._request(rng, language, rng.choice(HARMS))
            text = rng.choice((f"{text} {follow}", f"{text}\n\n{follow}"))
        elif name not in HARMS and rng.random() < 0.2:
            other = rng.choice(MANIPULATIONS)
            text += " " + self._line(self._manipulation[language], f"{other}/S", rng)
        return Text(noisy(text, rng, _NOISY), category)

    def _as_written(self, rng: Random, language: str, text: str, category: str) -> Text:
        """Return a text as it was written, sometimes with noise, or among ordinary passages."""
        if rng.random() < _INSIDE * (0.3 if category == "indirect_injection" else 1):
            text = self._inside(rng, language, text)
            category = "indirect_injection" if category == "prompt_injection" else category
        return Text(noisy(text, rng, _NOISY), category)

    def harmless(self, rng: Random) -> Text:
        """Return an ordinary text, often one that resembles an attack."""
        language = rng.choice(LANGUAGES)
        own = self._written.get(NONE)
        if self._templates and rng.random() < _TEMPLATES:
            return Text(self._instructions(rng, language), NONE)
        if self._hard and rng.random() < _HARD:
            return Text(rng.choice(self._hard), NONE)
        if own and rng.random() < _WRITTEN_HARMLESS:
            return self._as_written(rng, language, rng.choice(own), NONE)
        kind = rng.random()
        if kind < 0.18:
            text = self._line(self._own[language], "none/S", rng)
        elif kind < 0.26:
            text = self._safe(rng, language)
        elif kind < 0.35:
            text = self._request(rng, language, "benign")
        elif kind < 0.42:
            text = self._quoted(rng, language)
        elif kind < 0.46:
            text = self._defence(rng, language)
        elif kind < 0.72:
            text = _some_sentences(self._ordinary(rng, language), rng)
        else:
            text = self._ordinary(rng, language)
        if rng.random() < 0.22:
            text = self._inside(rng, language, text)
        return Text(noisy(text, rng, _NOISY), NONE)

    def _line(self, grammar: Grammar, section: str, rng: Random) -> str:
        return grammar.filled(rng.choice(grammar.lines(section)), rng)

    def _slots(self, rng: Random, language: str, name: str, kind: str) -> dict[str, str]:
        grammar = self._harm[language]
        phrase = grammar.filled(rng.choice(grammar.lines(f"{name}/{kind}")), rng)
        return {"n": phrase.strip()} if kind == "N" else verb_forms(phrase)

    def _request(self, rng: Random, language: str, name: str) -> str:
        grammar = self._harm[language]
        kind = rng.choice("VN" if name == "benign" else "VVNNS")
        if kind == "S":
            text = self._line(grammar, f"{name}/S", rng)
        else:
            slots = self._slots(rng, language, name, kind)
            text = grammar.filled(rng.choice(grammar.lines(f"frames/{kind}")), rng, slots)
        text = _begun(text, rng)
        if rng.random() < _WRAPPED:
            around = self._harm[language if rng.random() < 0.85 else rng.choice(LANGUAGES)]
            text = around.filled(rng.choice(around.lines("wrap")), rng, {"s": text})
        return text

    def _safe(self, rng: Random, language: str) -> str:
        grammar, kind = self._harm[language], rng.choice("VN")
        slots = self._slots(rng, language, rng.choice(HARMS), kind)
        frame = rng.choice(grammar.lines(f"safe/{kind}"))
        return _begun(grammar.filled(frame, rng, slots), rng)

    def _quoted(self, rng: Random, language: str) -> str:
        if rng.random() < 0.4:
            phrase = self._request(rng, language, rng.choice(HARMS))
        else:
            name = rng.choice(MANIPULATIONS)
            phrase = self._line(self._manipulation[language], f"{name}/S", rng)
        grammar = self._manipulation[language]
        return grammar.filled(rng.choice(grammar.lines("quote")), rng, {"s": phrase.strip('"')})

    def _defence(self, rng: Random, language: str) -> str:
        grammar = self._manipulation[language]
        lines = grammar.lines("frame_defence")
        drawn = [grammar.filled(one, rng) for one in rng.sample(lines, rng.randint(1, 7))]
        return rng.choice((" ", "\n", "\n- ")).join(drawn)

    def _passage(self, rng: Random, language: str) -> str:
        """Return an ordinary passage, of two that were drawn the shorter."""
        return min(self._ordinary(rng, language), self._ordinary(rng, language), key=len)

    def _instructions(self, rng: Random, language: str) -> str:
        """Return a template with ordinary passages in it, or some of its sentences."""
        passages = iter(lambda: self._passage(rng, language), None)
        text = filled(rng.choice(self._templates), passages)
        return _some_sentences(text, rng) if rng.random() < _SENTENCES else text

    def _asked(self, rng: Random, text: str) -> str:
        """Return a text in a slot of a template, or behind one."""
        before, _, after = rng.choice(self._templates).partition(SLOT)
        parts = (before[-_BEFORE:], text, after[:_AFTER].replace(SLOT, ""))
        return "\n".join(one for one in parts if one)

    def _inside(self, rng: Random, language: str, text: str) -> str:
        """Return a text among ordinary passages, as a document, mail, page or tool result."""
        if self._templates and rng.random() < _TEMPLATES:
            return self._asked(rng, text)
        before = [self._passage(rng, language) for _ in range(rng.choice((0, 1, 1, 2, 3)))]
        after = [self._passage(rng, language) for _ in range(rng.choice((0, 1, 1, 2)))]
        return rng.choice(_FORMS)(before, text, after, rng)


def _some_sentences(text: str, rng: Random) -> str:
    """Return one to three sentences of a passage: the product reads sentences alone too."""
    every = [one for one in _BREAK.split(text) if one.strip()] or [text]
    at = rng.randrange(len(every))
    return " ".join(every[at : at + rng.choice((1, 1, 2, 3))])


def _begun(text: str, rng: Random) -> str:
    """Return a sentence with a capital, mostly."""
    text = text.strip()
    return text[:1].upper() + text[1:] if rng.random() < 0.85 else text


def _plain(before: Sequence[str], text: str, after: Sequence[str], rng: Random) -> str:
    return rng.choice((" ", "\n", "\n\n")).join([*before, text, *after])


def _mail(before: Sequence[str], text: str, after: Sequence[str], rng: Random) -> str:
    head = rng.choice((
        "Onderwerp: planning",
        "Subject: update",
        "Re: offerte",
        "From: info@example.com",
    ))
    return head + "\n\n" + "\n\n".join([*before, text, *after])


def _json(before: Sequence[str], text: str, after: Sequence[str], rng: Random) -> str:
    keys = rng.sample(("title", "body", "note", "comment", "result", "description", "status"), 3)
    values = ("\n".join(before), text, "\n".join(after))
    return json.dumps(dict(zip(keys, values, strict=True)), ensure_ascii=False)


def _page(before: Sequence[str], text: str, after: Sequence[str], rng: Random) -> str:
    tag = rng.choice(("p", "div", "li", "td"))
    parts = [f"<{tag}>{one}</{tag}>" for one in (*before, text, *after)]
    if not re.search(r"-->|<span", text) and rng.random() < 0.3:
        parts[len(before)] = rng.choice((f"<!-- {text} -->", f'<p style="display:none">{text}</p>'))
    return "".join(parts)


def _markdown(before: Sequence[str], text: str, after: Sequence[str], rng: Random) -> str:
    return (
        "# "
        + rng.choice(("Verslag", "Report", "README", "FAQ"))
        + "\n\n"
        + "\n- ".join([
            *before,
            text,
            *after,
        ])
    )


_FORMS = (_plain, _plain, _plain, _mail, _json, _page, _markdown)
