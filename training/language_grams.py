"""Write gateway/privacy/text/language_grams.txt from the model of py3langid (BSD-3-Clause).

The file keeps the features of four characters without digits, for nine languages. A line holds a
feature and a character for each language: how much more the feature is expected there than in the
other languages.

Example:
  .venv/bin/pip install py3langid==0.4.0
  .venv/bin/python -m training.language_grams OUT_FILE
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
    """Return each feature with its number, by a walk over the automaton that reads bytes."""
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
    """Whether a feature has whole characters, the right length and no white space but the space."""
    excluded = any(sign.isdigit() or sign == "\ufffd" for sign in feature)
    spaced = feature.replace(" ", "").split() == [feature.replace(" ", "")]
    return len(feature) == LENGTH and spaced and not excluded


def line(feature: str, expected: Any) -> str:
    """Return the line of one feature; ``expected`` holds log probabilities by language."""
    steps = (expected - expected.mean()) * STEPS_PER_NAT
    codes = (min(MOST, max(LEAST, MIDDLE + round(float(step)))) for step in steps)
    return feature + "".join(map(chr, codes))


def main(target: Path) -> None:
    """Write the file and print its digest."""
    from py3langid.langid import _load_identifier

    identifier = _load_identifier()
    identifier.set_languages(LANGUAGES)
    columns = [identifier.nb_classes.index(language) for language in LANGUAGES]
    table = identifier.nb_ptc[:, columns].astype("float32")
    known = sorted((text, number) for text, number in features(identifier).items() if usable(text))
    data = "\n".join(line(text, table[number]) for text, number in known).encode()
    target.write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    sys.stdout.write(f"{len(known)} features, {len(data)} bytes, sha256 {digest}\n")


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] in {"-h", "--help"}:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
