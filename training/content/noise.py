"""Light noise on texts: what remains of spelling and disguise after the canonical form."""

import re
from random import Random

_SHORT = 4  # characters of a text that stays as it is
_LEET = str.maketrans("aeiost", "431057")
_PLAIN = str.maketrans("áéíóúëïöüèàç’“”", "aeioueiouea" + 'c\'""')


def noisy(text: str, rng: Random, share: float) -> str:
    """Return the text, changed in one or two ways with a probability of ``share``."""
    if rng.random() >= share:
        return text
    for _ in range(rng.choice((1, 1, 2))):
        text = rng.choice(_CHANGES)(text, rng)
    return text


def _lower(text: str, rng: Random) -> str:
    return text.lower()


def _upper(text: str, rng: Random) -> str:
    return text.upper() if rng.random() < 0.5 else text.title()


def _plain(text: str, rng: Random) -> str:
    return text.translate(_PLAIN)


def _without_signs(text: str, rng: Random) -> str:
    return re.sub(r"[.,;:!?\"']", "", text)


def _spelled(text: str, rng: Random) -> str:
    """Return the text with some letters swapped, doubled or left out."""
    letters = list(text)
    if len(letters) < _SHORT:
        return text
    for _ in range(max(1, len(letters) // 60)):
        at = rng.randrange(len(letters) - 1)
        change = rng.random()
        if change < 0.4:
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
        elif change < 0.7:
            letters[at] = ""
        else:
            letters[at] *= 2
    return "".join(letters)


def _leet(text: str, rng: Random) -> str:
    words = text.split(" ")
    return " ".join(one.translate(_LEET) if rng.random() < 0.3 else one for one in words)


def _lines(text: str, rng: Random) -> str:
    words = text.split(" ")
    return "".join(one + ("\n" if rng.random() < 0.1 else " ") for one in words).strip()


def _emphasis(text: str, rng: Random) -> str:
    mark = rng.choice(("**", "*", "_", "`"))
    return f"{mark}{text}{mark}" if len(text) < 300 else text


_CHANGES = (
    _lower,
    _lower,
    _upper,
    _plain,
    _without_signs,
    _spelled,
    _spelled,
    _leet,
    _lines,
    _emphasis,
)
