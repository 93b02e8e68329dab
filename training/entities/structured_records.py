"""Labelled records as machines write them: JSON, CSV, tables, SQL, logs, YAML, code."""

import json
from collections.abc import Callable
from random import Random

from training.entities.template_files import documents
from training.entities.template_slots import Sample, Scene, fill

# Column names with the slot of their values, Dutch and English.
_COLUMNS: dict[str, tuple[tuple[str, str], ...]] = {
    "nl": (
        ("naam", "P"),
        ("volledige_naam", "P"),
        ("achternaam", "L"),
        ("voornaam", "F"),
        ("klant", "P"),
        ("klantnaam", "P"),
        ("contactpersoon", "P"),
        ("medewerker", "P"),
        ("patiënt", "LF"),
        ("huurder", "P"),
        ("leerling", "P"),
        ("behandelaar", "I"),
        ("aanvrager", "P"),
        ("eigenaar", "N"),
        ("auteur", "P"),
        ("Naam", "LF"),
        ("Deelnemer", "P"),
        ("Chauffeur", "F"),
        ("gemeld door", "P"),
        ("Wie", "F"),
        ("straat", "S"),
        ("adres", "A"),
        ("Adres", "A"),
        ("afleveradres", "A"),
        ("woonplaats", "C"),
        ("plaats", "C"),
        ("Plaats", "C"),
        ("geboorteplaats", "C"),
        ("stad", "C"),
    ),
    "en": (
        ("name", "P"),
        ("full_name", "P"),
        ("lastName", "L"),
        ("last_name", "L"),
        ("firstName", "F"),
        ("first_name", "F"),
        ("customer", "P"),
        ("customerName", "P"),
        ("contact", "P"),
        ("employee", "P"),
        ("patient", "LF"),
        ("tenant", "P"),
        ("student", "P"),
        ("assignee", "P"),
        ("reporter", "N"),
        ("owner", "N"),
        ("author", "P"),
        ("Name", "LF"),
        ("Attendee", "P"),
        ("Driver", "F"),
        ("created_by", "P"),
        ("street", "A"),
        ("address", "A"),
        ("Address", "A"),
        ("shipping_address", "A"),
        ("city", "C"),
        ("City", "C"),
        ("birthplace", "C"),
        ("town", "C"),
    ),
}
_PLAIN: dict[str, tuple[tuple[str, str], ...]] = {
    "nl": (
        ("id", "id"),
        ("datum", "D"),
        ("bedrag", "EUR"),
        ("status", "=open|gesloten|in behandeling|actief|nieuw"),
        ("product", "X"),
        ("artikel", "IT"),
        ("aantal", "n"),
        ("afdeling", "DEP"),
        ("functie", "J"),
        ("bedrijf", "O"),
        ("leverancier", "OS"),
        ("maand", "M"),
        ("dag", "W"),
        ("tijd", "T"),
        ("land", "Y"),
        ("telefoon", "TEL"),
        ("e-mail", "E"),
        ("iban", "IBAN"),
        ("postcode", "PC"),
        ("versie", "V"),
        ("onderwerp", "TOP"),
        ("kleur", "=rood|blauw|groen|zwart"),
        ("locatie", "=Magazijn B|Hal 3|Balie|Kantine|Gebouw West"),
        ("type", "=Standaard|Premium|Zakelijk|Particulier"),
        ("Kenmerk", "id"),
        ("Opmerking", "=geen|spoed|let op: breekbaar|nabellen"),
    ),
    "en": (
        ("id", "id"),
        ("date", "D"),
        ("amount", "EUR"),
        ("status", "=open|closed|pending|active|new"),
        ("product", "X"),
        ("item", "IT"),
        ("quantity", "n"),
        ("department", "DEP"),
        ("role", "J"),
        ("company", "O"),
        ("supplier", "OS"),
        ("month", "M"),
        ("day", "W"),
        ("time", "T"),
        ("country", "Y"),
        ("phone", "TEL"),
        ("email", "E"),
        ("iban", "IBAN"),
        ("postcode", "PC"),
        ("version", "V"),
        ("subject", "TOP"),
        ("colour", "=red|blue|green|black"),
        ("location", "=Warehouse B|Hall 3|Front Desk|Canteen|West Wing"),
        ("type", "=Standard|Premium|Business|Private"),
        ("Reference", "id"),
        ("Remarks", "=none|urgent|fragile|call back"),
    ),
}


def _value(scene: Scene, slot: str, number: str) -> Sample:
    if slot.startswith("="):
        return Sample(scene.rng.choice(slot[1:].split("|")))
    return fill("{" + slot + (number if slot in _NUMBERED else "") + "}", scene)


_NUMBERED = frozenset(("P", "F", "L", "I", "LF", "N", "A", "C", "S", "E"))


def _columns(scene: Scene, *, personal: bool) -> list[tuple[str, str]]:
    rng, language = scene.rng, "nl" if scene.language == "nl" else "en"
    chosen = rng.sample(_PLAIN[language], rng.randint(1, 5) if personal else rng.randint(2, 7))
    if personal:
        chosen += rng.sample(_COLUMNS[language], rng.randint(1, 4))
        rng.shuffle(chosen)
    return chosen


def json_record(scene: Scene, *, personal: bool) -> Sample:
    """Return one object, or a list of them."""
    rng = scene.rng
    indent = rng.choice(("\n  ", "\n    ", " ", ""))
    rows = rng.choice((1, 1, 1, 2, 3))
    sample = Sample("[" if rows > 1 else "")
    columns = _columns(scene, personal=personal)
    for row in range(rows):
        sample.add(", " if row else "")
        sample.add("{")
        for at, (key, slot) in enumerate(columns):
            sample.add(("," if at else "") + indent)
            sample.add(json.dumps(key, ensure_ascii=False) + rng.choice((": ", ": ", ":")))
            value = _value(scene, slot, str(row + 1))
            quoted = '"' if slot != "n" else ""
            sample.add(quoted)
            sample.join(value)
            sample.add(quoted)
        sample.add(("\n" if "\n" in indent else "") + "}")
    sample.add("]" if rows > 1 else "")
    return sample


def csv_rows(scene: Scene, *, personal: bool) -> Sample:
    """Return rows with separators, mostly with a header."""
    rng = scene.rng
    mark = rng.choice((",", ";", ";", "\t", "|"))
    columns = _columns(scene, personal=personal)
    sample = Sample()
    if rng.random() < 0.85:
        sample.add(mark.join(key for key, _ in columns) + "\n")
    for row in range(rng.randint(1, 8)):
        for at, (_, slot) in enumerate(columns):
            value = _value(scene, slot, str(row + 1))
            quote = '"' if mark in value.text else ""
            sample.add((mark if at else "") + quote)
            sample.join(value)
            sample.add(quote)
        sample.add("\n")
    return sample


def markdown_table(scene: Scene, *, personal: bool) -> Sample:
    """Return a Markdown table."""
    rng = scene.rng
    columns = _columns(scene, personal=personal)
    sample = Sample("| " + " | ".join(key.capitalize() for key, _ in columns) + " |\n")
    sample.add("|" + "|".join(rng.choice(("---", " --- ", ":---")) for _ in columns) + "|\n")
    for row in range(rng.randint(1, 7)):
        for _, slot in columns:
            sample.add("| ")
            sample.join(_value(scene, slot, str(row + 1)))
            sample.add(" ")
        sample.add("|\n")
    return sample


def key_values(scene: Scene, *, personal: bool) -> Sample:
    """Return one line for each key, as in forms and settings."""
    rng = scene.rng
    mark = rng.choice((": ", ": ", " = ", "=", " : ", ":\t"))
    sample = Sample()
    for key, slot in _columns(scene, personal=personal):
        name = rng.choice((key, key.capitalize(), key.upper() if rng.random() < 0.2 else key))
        sample.add(rng.choice(("", "", "- ", "  ")) + name.replace("_", rng.choice(" _")) + mark)
        sample.join(_value(scene, slot, "1"))
        sample.add("\n")
    return sample


def sql(scene: Scene, *, personal: bool) -> Sample:
    """Return a statement that inserts or selects a row."""
    rng = scene.rng
    table = rng.choice((
        "klanten",
        "customers",
        "employees",
        "orders",
        "patient",
        "hr.medewerker",
        "users",
    ))
    columns = _columns(scene, personal=personal)
    names = ", ".join(key.replace(" ", "_") for key, _ in columns)
    if rng.random() < 0.4:
        key, slot = rng.choice(columns)
        sample = Sample(f"SELECT * FROM {table} WHERE {key.replace(' ', '_')} = '")
        sample.join(_value(scene, slot, "1"))
        sample.add(rng.choice(("';", "' ORDER BY id DESC LIMIT 10;", "' AND status = 'open';")))
        return sample
    sample = Sample(f"INSERT INTO {table} ({names}) VALUES\n(")
    for at, (_, slot) in enumerate(columns):
        sample.add(", '" if at else "'")
        sample.join(_value(scene, slot, "1"))
        sample.add("'")
    sample.add(");")
    return sample


def log_lines(scene: Scene, *, personal: bool) -> Sample:
    """Return lines of logs and code, each from templates/records.txt."""
    rng, sample = scene.rng, Sample()
    held = "!" if scene.evaluation else ""
    for at in range(rng.randint(1, 6)):
        kind = personal and (at == 0 or rng.random() < 0.4)
        family = ("personal" if kind else "plain") + held
        sample.join(fill(rng.choice(documents("records")[family]), scene))
        sample.add("\n")
    return sample


def name_list(scene: Scene, *, personal: bool) -> Sample:
    """Return a list of names, or of things."""
    rng = scene.rng
    slots = (
        ("P", "F", "LF", "I")
        if personal
        else ("IT", "X", "J", "DEP", "O", "OS", "K", "M", "Y", "TOP")
    )
    slot, sample = rng.choice(slots), Sample()
    lead = rng.choice(("", "", "- ", "* ", "1. ", "• ", "[ ] "))
    mark = rng.choice(("\n", "\n", "\n", ", ", "; ", " / "))
    for at in range(rng.randint(2, 8)):
        sample.add((mark if at else "") + (lead if "\n" in mark else ""))
        sample.join(fill("{" + slot + "}", scene))
        if "\n" in mark and rng.random() < 0.2:
            sample.add(rng.choice((" - ", ": ", " (", ", ")) + fill("{J}", scene).text)
    return sample


RecordWriter = Callable[..., Sample]
RECORD_WRITERS: tuple[RecordWriter, ...] = (
    json_record,
    json_record,
    csv_rows,
    csv_rows,
    markdown_table,
    key_values,
    key_values,
    sql,
    log_lines,
    log_lines,
    name_list,
)


def record(scene: Scene, rng: Random, *, personal: bool) -> Sample:
    """Return one record of a random form; without personal data where personal is false."""
    return rng.choice(RECORD_WRITERS)(scene, personal=personal)
