"""Makes language_grams.txt out of the model of py3langid (BSD-3-Clause, see NOTICE).

Run: pip install py3langid==0.4.0, then python scripts/language_grams.py OUT_FILE
Of that model's features those of four characters without digits are taken, and of its languages
nine. A line is a feature and a character for each language: how much more than in the others the
feature is expected there.
"""

import hashlib
import sys
from collections import deque
from pathlib import Path
from typing import Any

LANGUAGES = ("nl", "en", "de", "fr", "es", "it", "pl", "pt", "tr")
LENGTH = 4
STEPS_PER_NAT = 8.0
LEAST, MIDDLE, MOST = 35, 80, 125  # character codes


def features(identifier: Any) -> dict[str, int]:
    """Each feature with its number: a walk over the automaton that reads bytes."""
    found: dict[str, int] = {}
    reached = {0: b""}
    queue = deque([0])
    while queue:
        state = queue.popleft()
        for byte in range(256):
            following = identifier.tk_nextmove[(identifier.tk_row[state] << 8) + byte]
            if following not in reached:
                reached[following] = reached[state] + bytes([byte])
                queue.append(following)
    numbers: set[int] = set()
    for state, read in reached.items():
        number = identifier.tk_output[state]
        if number >= 0 and number not in numbers:
            numbers.add(number)
            found[read.decode("utf-8", "replace")] = number
    return found


def usable(feature: str) -> bool:
    """Whether it is whole characters, of the right length, and no white space but the space."""
    odd = any(sign.isdigit() or sign == "\ufffd" for sign in feature)
    spaced = feature.replace(" ", "").split() == [feature.replace(" ", "")]
    return len(feature) == LENGTH and spaced and not odd


def line(feature: str, expected: Any) -> str:
    """The line of one feature; ``expected`` are log probabilities by language."""
    steps = (expected - expected.mean()) * STEPS_PER_NAT
    codes = (min(MOST, max(LEAST, MIDDLE + round(float(step)))) for step in steps)
    return feature + "".join(map(chr, codes))


def main(out: Path) -> None:
    """Writes the file and prints its digest."""
    from py3langid.langid import _load_identifier

    identifier = _load_identifier()
    identifier.set_languages(LANGUAGES)
    order = [identifier.nb_classes.index(language) for language in LANGUAGES]
    table = identifier.nb_ptc[:, order].astype("float32")
    known = sorted((text, number) for text, number in features(identifier).items() if usable(text))
    data = "\n".join(line(text, table[number]) for text, number in known).encode()
    out.write_bytes(data)
    print(f"{len(known)} features, {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
