"""Generate labelled Dutch letters; the same seed gives the same letters."""

import json
import random
from dataclasses import dataclass

from training.letters.phrases import HELDOUT, TRAIN, Phrases

CATEGORIES = tuple(TRAIN.cores)
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


_BARE = 0.6  # share of training letters without opening, filler and closing


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter with its labels; ``core`` is the sentence that decides the category."""

    text: str
    category: str
    urgency: str
    core: str

    @property
    def answer(self) -> str:
        """The JSON text of the right answer."""
        return json.dumps({"category": self.category, "urgency": self.urgency})


def training_letters(*, count: int, seed: int) -> list[Letter]:
    """Return letters from the training phrases, categories in equal shares."""
    rng = random.Random(seed)  # noqa: S311 - letters, not secrets
    return [
        _letter(rng, TRAIN, category=CATEGORIES[i % len(CATEGORIES)], core=None)
        for i in range(count)
    ]


def heldout_letters(*, per_core: int = 2, seed: int = 2026) -> list[Letter]:
    """Return each held-out core sentence ``per_core`` times, each time in another letter."""
    rng = random.Random(seed)  # noqa: S311 - letters, not secrets
    return [
        _letter(rng, HELDOUT, category=category, core=core)
        for category, cores in HELDOUT.cores.items()
        for core in cores
        for _ in range(per_core)
    ]


def _letter(rng: random.Random, phrases: Phrases, *, category: str, core: str | None) -> Letter:
    urgency = rng.choice(URGENCIES)
    chosen = core or rng.choice(phrases.cores[category])
    parts = [rng.choice(phrases.fillers), chosen, rng.choice(phrases.urgency[urgency])]
    ends = (rng.choice(phrases.openers), f"{rng.choice(phrases.closers)} {{naam}}")
    if core is None and rng.random() < _BARE:  # the plainest letters train fastest
        parts, ends = parts[1:], ("", "")
    if rng.random() < 0.2:
        parts.reverse()
    body = " ".join([ends[0], *parts, ends[1]])
    text = _register(rng, _filled(rng, body, phrases.slots))
    return Letter(text=text, category=category, urgency=urgency, core=chosen)


def _filled(rng: random.Random, text: str, slots: dict[str, list[str]]) -> str:
    values = {slot: rng.choice(words) for slot, words in slots.items()}
    values["nr"] = f"{rng.randrange(10_000, 999_999)}"
    values["leeftijd"] = f"{rng.randrange(19, 92)}"
    return " ".join(text.format(**values).split())


def _register(rng: random.Random, text: str) -> str:
    """Drop capitals or punctuation, or make a typing error, in some letters."""
    roll = rng.random()
    if roll < 0.12:
        return text.lower()
    if roll < 0.2:
        return text.replace(".", "").replace(",", "")
    if roll < 0.35:
        at = rng.randrange(len(text) - 1)
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text
