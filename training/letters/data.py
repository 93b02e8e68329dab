"""Makes labelled Dutch letters by script: the same seed always gives the same letters."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

from training.letters import phrases_heldout, phrases_train

CATEGORIES = tuple(phrases_train.CORES)
URGENCIES = ("laag", "normaal", "hoog")
SYSTEM_PROMPT = (
    "Sorteer deze brief. Kies category uit: klacht, bezwaar, betaling, verhuizing, zorg, "
    "vergunning, informatie, opzegging. Kies urgency uit: laag, normaal, hoog. Antwoord in JSON."
)
ANSWER_SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {
        "category": {"type": "string", "enum": list(CATEGORIES)},
        "urgency": {"type": "string", "enum": list(URGENCIES)},
    },
    "required": ["category", "urgency"],
    "additionalProperties": False,
}


_BARE = 0.6


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter with its labels; core names the sentence it was built around."""

    text: str
    category: str
    urgency: str
    core: str

    @property
    def answer(self) -> str:
        """The JSON text that a right answer consists of."""
        return json.dumps({"category": self.category, "urgency": self.urgency})


def training_letters(*, count: int, seed: int) -> list[Letter]:
    """Count letters from the training phrases, categories in equal shares."""
    rng = random.Random(seed)  # noqa: S311 - letters, not secrets
    return [
        _letter(rng, phrases_train, category=CATEGORIES[i % len(CATEGORIES)], core=None)
        for i in range(count)
    ]


def heldout_letters(*, per_core: int = 2, seed: int = 2026) -> list[Letter]:
    """Every held-out core sentence per_core times, each time in another letter."""
    rng = random.Random(seed)  # noqa: S311 - letters, not secrets
    return [
        _letter(rng, phrases_heldout, category=category, core=core)
        for category, cores in phrases_heldout.CORES.items()
        for core in cores
        for _ in range(per_core)
    ]


def _letter(rng: random.Random, phrases: ModuleType, *, category: str, core: str | None) -> Letter:
    urgency = rng.choice(URGENCIES)
    chosen = core or rng.choice(phrases.CORES[category])
    parts = [rng.choice(phrases.FILLERS), chosen, rng.choice(phrases.URGENCY[urgency])]
    ends = (rng.choice(phrases.OPENERS), f"{rng.choice(phrases.CLOSERS)} {{naam}}")
    if core is None and rng.random() < _BARE:  # the plainest mails teach fastest
        parts, ends = parts[1:], ("", "")
    if rng.random() < 0.2:
        parts.reverse()
    body = " ".join([ends[0], *parts, ends[1]])
    text = _register(rng, _filled(rng, body, phrases.SLOTS))
    return Letter(text=text, category=category, urgency=urgency, core=chosen)


def _filled(rng: random.Random, text: str, slots: dict[str, Sequence[str]]) -> str:
    values = {slot: rng.choice(words) for slot, words in slots.items()}
    values["nr"] = f"{rng.randrange(10_000, 999_999)}"
    values["leeftijd"] = f"{rng.randrange(19, 92)}"
    return " ".join(text.format(**values).split())


def _register(rng: random.Random, text: str) -> str:
    """Some people write without capitals or full stops, or make a typing error."""
    roll = rng.random()
    if roll < 0.12:
        return text.lower()
    if roll < 0.2:
        return text.replace(".", "").replace(",", "")
    if roll < 0.35:
        at = rng.randrange(len(text) - 1)
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text
