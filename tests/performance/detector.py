"""How much processor time the rules take: ``python -m tests.performance.detector [SECONDS]``.

Prints each text of the table as a ratio to an ordinary one, and how time grows with size. With a
number of seconds it generates texts from the patterns of the rules for so long, and prints those
above a ratio of 8 or with more than 2.3 times the time for twice the text.
"""

import random
import re._constants as constants  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import sys
import time
from typing import Any

from gateway.privacy.rules import RULES
from tests.support.detector import DETECTOR
from tests.support.expensive_texts import ordinary, repeated, units

KIB = 1024
SIZES = (16 * KIB, 32 * KIB, 64 * KIB)
RATIO, GROWTH = 8, 2.3
SEPARATORS = (" ", "\n", "", ", ", "; ", "\t")
CLASSES = {
    constants.CATEGORY_DIGIT: "0123456789",
    constants.CATEGORY_WORD: "abcXYZ019",
    constants.CATEGORY_SPACE: " \n",
}


def example(pattern: Any, r: random.Random) -> str:
    """A text that a parsed pattern matches, mostly."""
    return "".join(_one(operation, value, r) for operation, value in pattern)


def _one(operation: Any, value: Any, r: random.Random) -> str:
    if operation is constants.LITERAL:
        return chr(value)
    if operation is constants.IN:
        return _sign(value, r)
    if operation is constants.BRANCH:
        return example(r.choice(value[1]), r)
    if operation is constants.SUBPATTERN:
        return example(value[3], r)
    if operation in (constants.MAX_REPEAT, constants.MIN_REPEAT):
        least, most, inner = value
        return "".join(example(inner, r) for _ in range(r.randint(least, min(most, least + 6))))
    return "x" if operation in (constants.ANY, constants.NOT_LITERAL) else ""


def _sign(options: Any, r: random.Random) -> str:
    signs: list[str] = []
    for operation, value in options:
        if operation is constants.NEGATE:
            return "x"
        if operation is constants.LITERAL:
            signs.append(chr(value))
        elif operation is constants.RANGE:
            signs.append(chr(r.randint(value[0], min(value[1], value[0] + 40))))
        else:
            signs.append(r.choice(CLASSES.get(value, "-")))
    return r.choice(signs)


def cpu_s(text: str) -> float:
    began = time.process_time()
    DETECTOR.scan(text)
    return time.process_time() - began


def row(name: str, text: str, usual_s: float, *, always: bool) -> None:
    """Prints a text's figures, or only those that are out of bounds."""
    small, middle, large = (min(cpu_s(text[:size]), cpu_s(text[:size])) for size in SIZES)
    bad = large > RATIO * usual_s or min(middle / small, large / middle) > GROWTH
    if always or bad:
        print(
            f"{large / usual_s:6.1f} x  {large * 1000:7.1f} ms  growth {middle / small:.1f} "
            f"{large / middle:.1f}  {name}"
        )


def generate(seconds: float, usual_s: float) -> None:
    patterns = [parser.parse(rule.pattern) for rule in RULES]
    ends = time.monotonic() + seconds
    r = random.Random()
    while time.monotonic() < ends:
        chosen = [r.randrange(len(patterns)) for _ in range(r.randint(1, 3))]
        separator = r.choice(SEPARATORS)

        def unit(chosen: list[int] = chosen, separator: str = separator) -> str:
            return example(patterns[r.choice(chosen)], r) + separator or " "

        text = repeated(unit, SIZES[-1])
        row(f"rules {chosen} {text[:48]!r}", text, usual_s, always=False)


def main() -> None:
    usual_s = min(cpu_s(ordinary(SIZES[-1])) for _ in range(3))
    print(f"ordinary text: {usual_s * 1000:.1f} ms for {SIZES[-1] // KIB} KiB")
    if len(sys.argv) > 1:
        generate(float(sys.argv[1]), usual_s)
        return
    for name, unit in units().items():
        row(name, repeated(unit, SIZES[-1]), usual_s, always=True)


if __name__ == "__main__":
    main()
