"""Texts with labels, without end: sentences, letters, mail, chat, records, and running prose."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from training.entities.augmentation import changed
from training.entities.corpora import Materials
from training.entities.long_documents import paper
from training.entities.names import Names, kept_out
from training.entities.places import Places
from training.entities.secret_texts import SecretTexts, carriers
from training.entities.structured_records import record
from training.entities.template_files import documents, sections
from training.entities.template_slots import Sample, Scene, Words, fill

_LANGUAGES = (
    ("nl", 0.51),
    ("en", 0.36),
    ("de", 0.04),
    ("fr", 0.03),
    ("es", 0.025),
    ("it", 0.012),
    ("pl", 0.012),
    ("sv", 0.011),
)
# Where prose speaks to a reader, a person can do the same thing.
_SUBJECTS = {
    "nl": (
        (r"\bU kunt\b", "{N} kan"),
        (r"\bU moet\b", "{N} moet"),
        (r"\b[Dd]e gebruiker\b", "{N}"),
        (r"^LibreOffice (?=[a-z])", "{N} "),
    ),
    "en": (
        (r"\bYou can\b", "{N} can"),
        (r"\bYou must\b", "{N} must"),
        (r"\b[Tt]he user\b", "{N}"),
        (r"^LibreOffice (?=[a-z])", "{N} "),
    ),
    "de": ((r"\bSie können\b", "{N} kann"), (r"\b[Dd]er Benutzer\b", "{N}")),
    "fr": ((r"\bVous pouvez\b", "{N} peut"), (r"\b[Ll]'utilisateur\b", "{N}")),
    "es": ((r"\b[Ee]l usuario\b", "{N}"), (r"\bPuede (?=[a-z])", "{N} puede ")),
}
_THINGS = re.compile(
    r"\b(?:[Dd]e|[Hh]et|[Ee]en|[Tt]he|[Aa]n?|[Dd]er|[Dd]ie|[Dd]as|[Ll][ea]|[Uu]ne?|[Ee]l)"
    r" [a-zà-ÿ]{4,}\b"
)
_STRANGERS = ("{P}", "{F}", "{L}", "{I}", "{F} en {F}", "{F} and {P}", "{A}")
_STRANGER_SHARES = (0.34, 0.28, 0.13, 0.06, 0.04, 0.04, 0.11)
_SECRETS = 0.16  # share of texts that hold a secret, or look as if they did
_ALONE = 0.55  # share of these that stand alone


@dataclass(frozen=True, slots=True)
class Text:
    """A sample with where it came from, for reports by language and kind."""

    sample: Sample
    language: str
    kind: str


class Generator:
    """Texts for training, or for the evaluation: other carriers, other names, other prose."""

    def __init__(self, materials: Materials, *, evaluation: bool) -> None:
        self._evaluation = evaluation
        self._names = Names(materials.sources, evaluation=evaluation)
        surnames = [name for name, count in materials.last_counts.items() if count > 30]
        surnames = [name for name in surnames if " " not in name]
        self._places = Places(materials.towns, surnames, evaluation=evaluation)
        known = {n.casefold() for n, count in materials.last_counts.items() if count > 5}
        known |= {n.casefold() for n, count in materials.first_counts.items() if count >= 13}
        ordinary = sorted(word for word in materials.ordinary if len(word) > 3)
        self._words = Words(
            [word for word in ordinary if word not in known],
            [word for word in ordinary if word in known],
        )
        self._prose = {
            language: [p for p in paragraphs if kept_out(p) is evaluation]
            for language, paragraphs in materials.prose.items()
        }
        self._carriers = {
            f"{language}_{kind}": self._family(f"{language}_{kind}")
            for language, _ in _LANGUAGES
            for kind in ("sentences", "negative")
        }
        self._secrets = SecretTexts(
            carriers(evaluation=evaluation), [word for word in ordinary if len(word) < 10]
        )
        self._documents = {language: self._papers(f"{language}_docs") for language in ("nl", "en")}

    def _family(self, name: str) -> list[str]:
        return [
            line
            for family, lines in sections(name).items()
            if family.endswith("!") is self._evaluation
            for line in lines
        ]

    def _papers(self, name: str) -> dict[bool, list[str]]:
        papers: dict[bool, list[str]] = {True: [], False: []}
        for family, texts in documents(name).items():
            if family.endswith("!") is self._evaluation:
                for text in texts:
                    personal = re.search(r"\{(P|F|L|I|LF|N|T\d|A|C|S)\d?\}", text)
                    papers[personal is not None].append(text)
        return papers

    def texts(self, seed: int) -> Iterator[Text]:
        """Texts without end, the same for the same seed."""
        rng = Random(seed)  # noqa: S311  # texts, no secrets
        languages, shares = zip(*_LANGUAGES, strict=True)
        while True:
            language = rng.choices(languages, shares)[0]
            kind, sample = self._draw(rng, language)
            if sample.text.strip():
                yield Text(changed(sample.merged(), rng, language, kind), language, kind)

    def carriers(self, language: str) -> list[str]:
        """The short carriers of a language: of somebody, then of nobody."""
        return [
            one
            for kind in ("sentences", "negative")
            for one in self._carriers[f"{language}_{kind}"]
        ]

    def filled(self, carrier: str, rng: Random, language: str) -> Sample:
        """One carrier with people and things of its own."""
        return fill(carrier, self._scene(rng, language))

    def _scene(self, rng: Random, language: str) -> Scene:
        return Scene(self._names, self._places, rng, language, self._words, self._evaluation)

    def _draw(self, rng: Random, language: str) -> tuple[str, Sample]:
        scene = self._scene(rng, language)
        personal = rng.random() < 0.56
        draw = rng.random()
        if draw < _SECRETS and language in self._secrets.carriers:
            return "secret", self._among(scene, self._secrets.text(rng, language))
        if draw < 0.41:
            return "sentences", self._sentences(scene, personal=personal)
        if draw < 0.56 and language in self._documents:
            return "document", fill(rng.choice(self._documents[language][personal]), scene)
        if draw < 0.71 and language in self._documents:

            def line(about: bool) -> str:  # noqa: FBT001  # one argument, by its type
                family = "sentences" if about else "negative"
                return rng.choice(self._carriers[f"{language}_{family}"])

            return "paper", paper(scene, line, rng, personal=personal)
        if draw < 0.82:
            return "record", record(scene, rng, personal=personal)
        if language not in self._prose:
            return "sentences", self._sentences(scene, personal=personal)
        if personal:
            return "prose", self._peopled(scene)
        return "prose", Sample(self._passage(scene))

    def _sentences(self, scene: Scene, *, personal: bool) -> Sample:
        rng, sample = scene.rng, Sample()
        gap = rng.choice((" ", " ", " ", "\n", "\n\n", "\n- "))
        count = rng.choices((1, 2, 3, 4, 6, 9), (0.3, 0.25, 0.2, 0.12, 0.08, 0.05))[0]
        for at in range(count):
            kind = "sentences" if personal and (at == 0 or rng.random() < 0.5) else "negative"
            if rng.random() < 0.15:
                scene.people.clear()
                scene.fixed.clear()
            part = fill(rng.choice(self._carriers[f"{scene.language}_{kind}"]), scene)
            if at and rng.random() < 0.5:
                sample, part = part, sample
            joined = Sample(sample.text, list(sample.spans))
            joined.add(gap if sample.text and part.text else "")
            joined.join(part)
            sample = joined
        return sample

    def _among(self, scene: Scene, told: Sample) -> Sample:
        """A text as it is, or with others before and behind it."""
        if scene.rng.random() < _ALONE:
            return told
        sample = self._sentences(scene, personal=scene.rng.random() < 0.5)
        rest = self._sentences(scene, personal=False) if scene.rng.random() < 0.5 else Sample()
        for part in (told, rest):
            sample.add(scene.rng.choice((" ", "\n", "\n\n")))
            sample.join(part)
        return sample

    def _passage(self, scene: Scene) -> str:
        rng = scene.rng
        count = rng.choices((1, 2, 4), (0.6, 0.25, 0.15))[0]
        return rng.choice(("\n", "\n\n", " ")).join(
            rng.choices(self._prose[scene.language], k=count)
        )

    def _peopled(self, scene: Scene) -> Sample:
        """Prose in which persons act, or into which a sentence about a person has slipped."""
        rng, language = scene.rng, scene.language
        form = rng.random()
        if form < 0.3:
            for _ in range(30):
                before = _plain(rng.choice(self._prose[language]))
                text = before
                for pattern, person in _SUBJECTS[language]:
                    text = re.sub(pattern, person, text, count=1)
                if text != before:
                    return fill(text, scene)
        if form < 0.65:
            return fill(_swapped(_plain(self._passage(scene)), rng), scene)
        sample = Sample(self._passage(scene) + rng.choice(("\n", " ", "\n\n")))
        sample.join(fill(rng.choice(self._carriers[f"{language}_sentences"]), scene))
        sample.add(rng.choice(("\n", " ")) + rng.choice(self._prose[language]))
        return sample


def _plain(text: str) -> str:
    """Without the signs that mean something in a carrier."""
    return text.translate(str.maketrans("{}[]", "()()"))


def _swapped(text: str, rng: Random) -> str:
    """Some things in the text replaced by persons, now and then by addresses.

    So a name is also met where nothing announces it.
    """

    def swap(match: re.Match[str]) -> str:
        if rng.random() > 0.25:
            return match[0]
        return rng.choices(_STRANGERS, _STRANGER_SHARES)[0]

    return _THINGS.sub(swap, text)
