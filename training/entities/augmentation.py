"""Augmentation: lost capitals and stops, broken lines, scan errors, quoting, markup."""

import re
from random import Random

from training.entities.template_slots import Sample

_SCAN = {"l": "1", "o": "0", "i": "l", "e": "c", "m": "rn", "I": "l", "O": "0", "S": "5", "B": "8"}
_UNITS = {
    "nl": (
        "een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien"
        " zestien zeventien achttien negentien"
    ),
    "en": (
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
        " sixteen seventeen eighteen nineteen"
    ),
}
_TENS = {
    "nl": "twintig dertig veertig vijftig zestig zeventig tachtig negentig",
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
}


def edit(sample: Sample, edits: list[tuple[int, int, str]]) -> Sample:
    """Replace sorted, disjoint stretches (start, end, text); the labels shift along."""
    parts, at, marks = [], 0, []
    shift = 0
    for start, end, text in edits:
        parts += [sample.text[at:start], text]
        marks.append((start, end, shift, len(text)))
        shift += len(text) - (end - start)
        at = end
    parts.append(sample.text[at:])

    def shifted(place: int, *, closing: bool) -> int:
        total = 0
        for start, end, before, size in marks:
            if place < end or (place == end and (closing and start == end)):
                if place > start and not closing:
                    return start + before + size
                break
            total = before + size - (end - start)
        return place + total

    spans = [
        (shifted(a, closing=False), shifted(b, closing=True), kind) for a, b, kind in sample.spans
    ]
    return Sample("".join(parts), [(a, b, kind) for a, b, kind in spans if a < b])


def recase(sample: Sample, how: str) -> Sample:
    """Return the text in `lower`, `upper` or `title` case, at the same length."""
    text = sample.text
    if how == "title":
        text = re.sub(r"\b[^\W\d_]", lambda match: _one(match[0], "upper"), text)
    else:
        text = "".join(_one(char, how) for char in text)
    return Sample(text, sample.spans)


def _one(char: str, how: str) -> str:
    augmented = char.lower() if how == "lower" else char.upper()
    return augmented if len(augmented) == 1 else char


def lowercase_names(sample: Sample) -> Sample:
    """Lower the case of the names of persons and cities only, as quick typists do."""
    text = sample.text
    for start, end, kind in sample.spans:
        if kind != "STREET_ADDRESS":
            low = "".join(_one(char, "lower") for char in text[start:end])
            text = text[:start] + low + text[end:]
    return Sample(text, sample.spans)


def number_in_words(number: int, language: str) -> str:
    """Return a number below 100 in Dutch or English words; others stay digits."""
    if number not in range(1, 100) or language not in _UNITS:
        return str(number)
    units, tens = _UNITS[language].split(), _TENS[language].split()
    if number < 20:
        return units[number - 1]
    ten, unit = tens[number // 10 - 2], number % 10
    if not unit:
        return ten
    if language == "nl":
        return units[unit - 1] + ("ën" if units[unit - 1].endswith("e") else "en") + ten
    return f"{ten} {units[unit - 1]}"


def spell_numbers(sample: Sample, rng: Random, language: str) -> Sample:
    """Write some house numbers in words."""
    edits = []
    for start, end, kind in sorted(sample.spans):
        if kind == "STREET_ADDRESS":
            for match in re.finditer(r"\b\d{1,2}\b", sample.text[start:end]):
                if rng.random() < 0.5:
                    words = number_in_words(int(match[0]), language)
                    edits.append((start + match.start(), start + match.end(), words))
    return edit(sample, edits)


def transcribed(sample: Sample, rng: Random, language: str) -> Sample:
    """Turn the text into a transcript: no capitals, no punctuation, some fillers."""
    low = recase(spell_numbers(sample, rng, language), "lower")
    edits = []
    for match in re.finditer(r"[.,;:!?()\"\[\]|>*#\s]+", low.text):
        if match[0] != " ":
            inside = match.end() < len(low.text) and match[0] in {".", ",", ":"}
            figure = inside and low.text[match.start() - 1].isdigit()
            edits.append((match.start(), match.end(), match[0] if figure else " "))
    fillers = iter(re.finditer(r" ", low.text))
    taken = {spot for a, b, _ in edits for spot in range(a, b)}
    for match in fillers:
        if match.start() not in taken and rng.random() < 0.02:
            edits.append((
                match.start(),
                match.end(),
                rng.choice((" eh ", " uh ", " um ", " nou ja ", " dus ")),
            ))
    return edit(low, sorted(edits))


def wrapped(sample: Sample, rng: Random) -> Sample:
    """Break the lines at some width, sometimes within a word, with a hyphen."""
    width, hyphens = rng.choice((28, 40, 60, 72, 76)), rng.random() < 0.3
    edits, line = [], 0
    for match in re.finditer(r"[ \n]", sample.text):
        if match[0] == "\n":
            line = match.end()
        elif match.start() - line >= width:
            edits.append((match.start(), match.end(), "\n"))
            line = match.end()
            rest = re.match(r"[a-z]{8,}", sample.text[match.end() :])
            if hyphens and rest:
                middle = match.end() + len(rest[0]) // 2
                edits.append((middle, middle, "-\n"))
    return edit(sample, edits)


def scanned(sample: Sample, rng: Random) -> Sample:
    """Add scan errors: wrong letters, doubled spaces, line breaks."""
    edits = []
    for at, char in enumerate(sample.text):
        draw = rng.random()
        if char in _SCAN and draw < 0.015:
            edits.append((at, at + 1, _SCAN[char]))
        elif char == " " and draw < 0.02:
            edits.append((at, at + 1, rng.choice(("  ", " ", "\n", " \n"))))
    return wrapped(edit(sample, edits), rng) if rng.random() < 0.6 else edit(sample, edits)


def quoted(sample: Sample, rng: Random) -> Sample:
    """Prefix every line with a quote sign, as in an answered mail."""
    sign = rng.choice(("> ", "> ", ">> ", "| ", ">"))
    starts = [0, *(match.end() for match in re.finditer(r"\n", sample.text))]
    return edit(sample, [(at, at, sign) for at in starts])


def emphasised(sample: Sample, rng: Random) -> Sample:
    """Put markup or quotation marks around some labelled spans."""
    left, right = rng.choice((
        ("**", "**"),
        ("_", "_"),
        ("*", "*"),
        ('"', '"'),
        ("'", "'"),
        ("(", ")"),
        ("[", "]"),
        ("<b>", "</b>"),
        ("`", "`"),
    ))
    text = Sample()
    at = 0
    for start, end, kind in sorted(sample.spans):
        mark = rng.random() < 0.5
        text.add(sample.text[at:start] + (left if mark else ""))
        text.add(sample.text[start:end], kind)
        text.add(right if mark else "")
        at = end
    text.add(sample.text[at:])
    return text


def without_full_stops(sample: Sample) -> Sample:
    """Drop the full stops at the ends of sentences, as in chat."""
    return edit(
        sample, [(m.start(), m.end(), "") for m in re.finditer(r"[.](?=\s|$)", sample.text)]
    )


def augmented(sample: Sample, rng: Random, language: str, kind: str) -> Sample:
    """Return the sample unchanged (59 %), or after one of the changes above."""
    draw = rng.random()
    if draw < 0.59:
        return sample
    if draw < 0.63:
        return lowercase_names(sample)
    if draw < 0.73:
        return recase(sample, "lower")
    if draw < 0.80 and kind != "record":
        return transcribed(sample, rng, language)
    if draw < 0.83:
        return recase(sample, "upper")
    if draw < 0.85:
        return recase(sample, "title")
    if draw < 0.90:
        return wrapped(sample, rng)
    if draw < 0.93:
        return scanned(sample, rng)
    if draw < 0.95:
        return quoted(sample, rng)
    if draw < 0.97:
        return emphasised(sample, rng)
    return without_full_stops(sample)
