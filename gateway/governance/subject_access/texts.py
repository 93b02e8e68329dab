"""The explanation of a package, in plain Dutch and English."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class PackageDescription:
    """The facts of the explanation: package, organisation, retention."""

    made: int
    types: list[str]
    values: int
    requests: int
    bodies: int
    cases: int
    organisation: Mapping[str, Any]
    use_cases: list[dict[str, Any]]
    providers: list[dict[str, Any]]
    retention: Mapping[str, Mapping[str, int | None]]


WORDS = {
    "nl": {
        "title": "Wat er over u is opgeslagen",
        "intro": (
            "U vroeg welke gegevens over u in de taalmodel-gateway staan (artikel 15 AVG). Dit "
            "pakket is "
            "gemaakt op {made}. Er is gezocht op: {types}. De gateway zoekt op precies deze "
            "gegevens; "
            "bent u ook onder een andere naam of een ander adres bekend, vraag dan om daarop te "
            "zoeken."
        ),
        "who": "Verantwoordelijk voor deze verwerking: {name}.",
        "contact": "Vragen en verzoeken: {contact}.",
        "officer": "Functionaris voor gegevensbescherming: {officer}.",
        "found": (
            "Gevonden: {values} opgeslagen waarden die u aanwijzen, {requests} verzoeken waarin u "
            "voorkomt, en {bodies} bewaarde teksten daarvan."
        ),
        "files": (
            "values.json: waarden die u aanwijzen, met de dag waarop zij verdwijnen.\n"
            "entries.csv en entries.json: elk verzoek waarin u voorkomt: wanneer, door welke "
            "toepassing, "
            "met welk doel, welk model, in welke zone en bij welke aanbieder.\n"
            "bodies/: de teksten zoals zij zijn bewaard. Uw eigen gegevens zijn ingevuld waar de "
            "gateway ze "
            "nog kent; die van anderen zijn vervangen door een aanduiding tussen blokhaken."
        ),
        "cases": (
            "cases.json: {cases} zaken (incidenten, klachten, verzoeken) waarin u voorkomt, zonder "
            "hun teksten. In die teksten kunnen gegevens van anderen staan (artikel 15, vierde "
            "lid, AVG): een medewerker bekijkt per zaak wat u daarvan krijgt."
        ),
        "why": "Doelen, en de grondslag van elk:",
        "case": "- {name}: grondslag {basis}; verantwoordelijk {owner}.",
        "where": "Ontvangers (aanbieders van taalmodellen) en hun zone:",
        "provider": "- {name}: zone {zone}.",
        "how_long": "Bewaartermijnen in dagen, per klasse van gebruik:",
        "kept": "- {name}: {parts}.",
        "parts": {
            "bodies": "teksten",
            "values": "waarden",
            "mentions": "vindbaarheid",
            "disclosures": "gegevens van het verzoek",
        },
        "source": (
            "De gegevens komen uit teksten die medewerkers en toepassingen aan een taalmodel "
            "stuurden. De "
            "gateway beslist alleen waar een tekst heen mag; hij neemt geen besluit over u."
        ),
        "rights": (
            "U kunt vragen om verbetering, verwijdering of beperking, en bezwaar maken. Bent u het "
            "niet "
            "eens met het antwoord, dan kunt u een klacht indienen bij de Autoriteit "
            "Persoonsgegevens."
        ),
        "none": "niet opgegeven",
    },
    "en": {
        "title": "What is stored about you",
        "intro": (
            "You asked which data about you are in the language model gateway (article 15 GDPR). "
            "This "
            "package was made on {made}. The search was for: {types}. The gateway looks for "
            "exactly these "
            "data; if you are also known by another name or address, ask for a search on that too."
        ),
        "who": "Responsible for this processing: {name}.",
        "contact": "Questions and requests: {contact}.",
        "officer": "Data protection officer: {officer}.",
        "found": (
            "Found: {values} stored values that identify you, {requests} requests that mention "
            "you, and "
            "{bodies} stored texts of those."
        ),
        "files": (
            "values.json: values that identify you, with the day on which they go.\n"
            "entries.csv and entries.json: each request that mentions you: when, by which "
            "application, for "
            "which purpose, which model, in which zone and at which provider.\n"
            "bodies/: the texts as they are stored. Your own data are filled in where the gateway "
            "still "
            "knows them; those of others are replaced by a mark in square brackets."
        ),
        "cases": (
            "cases.json: {cases} cases (incidents, complaints, requests) that name you, without "
            "their texts. Those texts can hold data of others (article 15(4) GDPR): a person looks "
            "at each case and decides what of it you are given."
        ),
        "why": "Purposes, and the legal basis of each:",
        "case": "- {name}: legal basis {basis}; responsible {owner}.",
        "where": "Recipients (providers of language models) and their zone:",
        "provider": "- {name}: zone {zone}.",
        "how_long": "How long it is kept, in days, by class of use:",
        "kept": "- {name}: {parts}.",
        "parts": {
            "bodies": "texts",
            "values": "values",
            "mentions": "being found",
            "disclosures": "facts of the request",
        },
        "source": (
            "The data come from texts that employees and applications sent to a language model. "
            "The gateway "
            "only decides where a text may go; it takes no decision about you."
        ),
        "rights": (
            "You may ask for correction, erasure or restriction, and object. If you do not agree "
            "with the "
            "answer you may complain to the supervisory authority of your country."
        ),
        "none": "not stated",
    },
}


def explanation(language: str, about: PackageDescription) -> str:
    """The explanation in a language."""
    words: Any = WORDS[language]
    lines = [words["title"], "=" * len(words["title"]), ""]
    lines += [words["intro"].format(made=moment(about.made), types=", ".join(about.types)), ""]
    lines += [*_organisation(words, about.organisation)]
    facts = {"values": about.values, "requests": about.requests, "bodies": about.bodies}
    lines += [words["found"].format(**facts), "", words["files"]]
    lines += [words["cases"].format(cases=about.cases), "", words["why"]]
    lines += [
        words["case"].format(
            name=one["name"],
            basis=one.get("legal_basis") or words["none"],
            owner=one.get("owner") or words["none"],
        )
        for one in about.use_cases
    ]
    lines += ["", words["where"]]
    lines += [words["provider"].format(name=o["name"], zone=o["zone"]) for o in about.providers]
    lines += ["", words["how_long"]]
    for name, kept in about.retention.items():
        parts = ", ".join(f"{words['parts'][part]} {days}" for part, days in kept.items() if days)
        lines.append(words["kept"].format(name=name, parts=parts))
    return "\n".join([*lines, "", words["source"], "", words["rights"], ""])


def moment(milliseconds: int) -> str:
    """A moment in UTC, in the same format for every language."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _organisation(words: Any, organisation: Mapping[str, Any]) -> list[str]:
    lines = [words["who"].format(name=organisation.get("name") or words["none"])]
    if contact := organisation.get("contact"):
        lines.append(words["contact"].format(contact=contact))
    if officer := organisation.get("data_protection_officer"):
        lines.append(words["officer"].format(officer=officer))
    return [*lines, ""]
