"""A reader of grammars: text files whose sections hold phrases with slots and alternatives.

``$name = a | b`` defines a slot, ``{name}`` draws from it, ``[a|b|]`` draws one alternative.
``# category/kind`` starts a section. Kind ``S`` holds sentences, one a line. ``N`` holds noun
phrases and ``V`` verb phrases, separated by `` ; ``. A Dutch verb phrase is
``object ~ infinitive``, with a stroke in a separable verb (``op/zetten``).
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

FOLDER = Path(__file__).parent / "grammar"
_SLOT = re.compile(r"\{([^{}]*)\}")
_CHOICE = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")
_LISTS = ("V", "N")
_DEPTH = 12  # the most expansions within one another


@dataclass(slots=True)
class Grammar:
    """The slots and sections of one file."""

    slots: dict[str, list[str]] = field(default_factory=dict)
    sections: dict[str, list[str]] = field(default_factory=dict)

    def filled(self, template: str, rng: Random, own: dict[str, str] | None = None) -> str:
        """Return a template with every slot and every choice drawn.

        Args:
            template: The template.
            rng: Draws the values.
            own: Values of slots that this template alone has.

        Raises:
            ValueError: a slot is unknown, or slots contain one another.
        """
        text = template
        for _ in range(_DEPTH):
            found = _SLOT.search(text)
            while found:
                text = text[: found.start()] + self._value(found[1], rng, own) + text[found.end() :]
                found = _SLOT.search(text)
            while choice := _CHOICE.search(text):
                drawn = rng.choice(choice[1].split("|"))
                text = text[: choice.start()] + drawn + text[choice.end() :]
            if not _SLOT.search(text):
                return " ".join(text.replace(" :", ":").split(" "))
        raise ValueError(f"slots contain one another: {template}")

    def _value(self, name: str, rng: Random, own: dict[str, str] | None) -> str:
        if own and name in own:
            return own[name]
        if name not in self.slots:
            raise ValueError(f"unknown slot {name}")
        return rng.choice(self.slots[name])

    def lines(self, section: str) -> list[str]:
        """Return the templates of a section; none if the file lacks it."""
        return self.sections.get(section, [])


def read(name: str) -> Grammar:
    """Return the grammar in ``grammar/NAME.txt``."""
    found, section = Grammar(), ""
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            section = line[2:].strip()
            found.sections.setdefault(section, [])
        elif line.startswith("$"):
            slot, _, values = line[1:].partition("=")
            found.slots[slot.strip()] = values.strip().split("|")
        elif line.strip():
            many = section.rpartition("/")[2] in _LISTS and not section.startswith((
                "frames",
                "safe",
            ))
            found.sections[section] += line.split(" ; ") if many else [line]
    return found


def verb_forms(phrase: str) -> dict[str, str]:
    """Return the slots of a verb phrase: ``o``, ``v``, ``te v`` and ``kan v``.

    An English phrase has no object apart from its verb, so ``o`` is empty.
    """
    thing, mark, verb = phrase.strip().partition(" ~ ")
    if not mark:
        return {"o": "", "v": phrase.strip(), "te v": phrase.strip(), "kan v": phrase.strip()}
    first, stroke, rest = verb.partition("/")
    whole = verb.replace("/", "")
    to = f"{first} te {rest}" if stroke else f"te {verb}"
    return {"o": thing, "v": whole, "te v": to, "kan v": f"kan {whole}"}
