"""Generated texts with labels: sentences, letters, mail, chat, records and running prose."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from training.entities.augmentation import augmented
from training.entities.corpora import Corpora
from training.entities.long_documents import long_document
from training.entities.names import Names, is_heldout
from training.entities.padding import padded
from training.entities.places import Places
from training.entities.secret_texts import SecretTexts, templates
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
# Where prose addresses the reader, a person can do the same thing.
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
_NOUN_PHRASE = re.compile(
    r"\b(?:[Dd]e|[Hh]et|[Ee]en|[Tt]he|[Aa]n?|[Dd]er|[Dd]ie|[Dd]as|[Ll][ea]|[Uu]ne?|[Ee]l)"
    r" [a-zà-ÿ]{4,}\b"
)
_PERSON_SLOTS = ("{P}", "{F}", "{L}", "{I}", "{F} en {F}", "{F} and {P}", "{A}")
_PERSON_SLOT_SHARES = (0.34, 0.28, 0.13, 0.06, 0.04, 0.04, 0.11)
_SECRET_SHARE = 0.16  # share of texts with a secret, or with a lookalike
_NEUTRAL_PROSE_SHARE = 0.5  # of neutral text; the rest is from templates
_ALONE_SHARE = 0.55  # share of these without other sentences


@dataclass(frozen=True, slots=True)
class Text:
    """A sample with its language and kind, for scores by group."""

    sample: Sample
    language: str
    kind: str


class Generator:
    """Generates texts for training, or held-out ones: other templates, names and prose.

    ``padding`` is the share of texts that come among sentences without personal data.
    """

    def __init__(self, corpora: Corpora, *, evaluation: bool, padding: float = 0.0) -> None:
        self._evaluation = evaluation
        self._padding = padding
        self._names = Names(corpora.sources, evaluation=evaluation)
        surnames = [name for name, count in corpora.last_counts.items() if count > 30]
        surnames = [name for name in surnames if " " not in name]
        self._places = Places(corpora.towns, surnames, evaluation=evaluation)
        known = {n.casefold() for n, count in corpora.last_counts.items() if count > 5}
        known |= {n.casefold() for n, count in corpora.first_counts.items() if count >= 13}
        ordinary = sorted(word for word in corpora.ordinary if len(word) > 3)
        self._words = Words(
            [word for word in ordinary if word not in known],
            [word for word in ordinary if word in known],
        )
        self._prose = {
            language: [p for p in paragraphs if is_heldout(p) is evaluation]
            for language, paragraphs in corpora.prose.items()
        }
        self._templates = {
            f"{language}_{kind}": self._family(f"{language}_{kind}")
            for language, _ in _LANGUAGES
            for kind in ("sentences", "negative")
        }
        self._secrets = SecretTexts(
            templates(evaluation=evaluation), [word for word in ordinary if len(word) < 10]
        )
        self._documents = {
            language: self._documents_of(f"{language}_docs") for language in ("nl", "en")
        }

    def _family(self, name: str) -> list[str]:
        return [
            line
            for family, lines in sections(name).items()
            if family.endswith("!") is self._evaluation
            for line in lines
        ]

    def _documents_of(self, name: str) -> dict[bool, list[str]]:
        grouped: dict[bool, list[str]] = {True: [], False: []}
        for family, texts in documents(name).items():
            if family.endswith("!") is self._evaluation:
                for text in texts:
                    personal = re.search(r"\{(P|F|L|I|LF|N|T\d|A|C|S)\d?\}", text)
                    grouped[personal is not None].append(text)
        return grouped

    def texts(self, seed: int) -> Iterator[Text]:
        """Yield texts without end; the same seed gives the same texts."""
        rng = Random(seed)  # noqa: S311  # texts, no secrets
        languages, shares = zip(*_LANGUAGES, strict=True)
        while True:
            language = rng.choices(languages, shares)[0]
            kind, sample = self._draw(rng, language)
            sample = self.padded(sample, rng, language)
            if sample.text.strip():
                yield Text(augmented(sample.merged(), rng, language, kind), language, kind)

    def padded(self, sample: Sample, rng: Random, language: str) -> Sample:
        """Return a share of the samples among other sentences, the rest as they are."""
        if not self._padding or rng.random() >= self._padding:
            return sample
        templates = self._templates[f"{language}_negative"]
        return padded(sample, lambda: self.filled(rng.choice(templates), rng, language), rng)

    def templates(self, language: str) -> list[str]:
        """Return the short templates of a language: with a person, then without."""
        return [
            one
            for kind in ("sentences", "negative")
            for one in self._templates[f"{language}_{kind}"]
        ]

    def neutral(self, rng: Random, language: str) -> Sample:
        """Return a sentence or a paragraph without a person."""
        prose = self._prose.get(language)
        if prose and rng.random() < _NEUTRAL_PROSE_SHARE:
            return Sample(rng.choice(prose))
        return self.filled(rng.choice(self._templates[f"{language}_negative"]), rng, language)

    def filled(self, template: str, rng: Random, language: str) -> Sample:
        """Fill one template with persons and things of its own."""
        return fill(template, self._scene(rng, language))

    def _scene(self, rng: Random, language: str) -> Scene:
        return Scene(self._names, self._places, rng, language, self._words, self._evaluation)

    def _draw(self, rng: Random, language: str) -> tuple[str, Sample]:
        scene = self._scene(rng, language)
        personal = rng.random() < 0.56
        draw = rng.random()
        if draw < _SECRET_SHARE and language in self._secrets.templates:
            return "secret", self._with_context(scene, self._secrets.text(rng, language))
        if draw < 0.41:
            return "sentences", self._sentences(scene, personal=personal)
        if draw < 0.56 and language in self._documents:
            return "document", fill(rng.choice(self._documents[language][personal]), scene)
        if draw < 0.71 and language in self._documents:

            def line(about: bool) -> str:  # noqa: FBT001  # one argument, by its type
                family = "sentences" if about else "negative"
                return rng.choice(self._templates[f"{language}_{family}"])

            return "paper", long_document(scene, line, rng, personal=personal)
        if draw < 0.82:
            return "record", record(scene, rng, personal=personal)
        if language not in self._prose:
            return "sentences", self._sentences(scene, personal=personal)
        if personal:
            return "prose", self._prose_with_persons(scene)
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
            part = fill(rng.choice(self._templates[f"{scene.language}_{kind}"]), scene)
            if at and rng.random() < 0.5:
                sample, part = part, sample
            joined = Sample(sample.text, list(sample.spans))
            joined.add(gap if sample.text and part.text else "")
            joined.join(part)
            sample = joined
        return sample

    def _with_context(self, scene: Scene, text: Sample) -> Sample:
        """Return a text alone, or with others before and after it."""
        if scene.rng.random() < _ALONE_SHARE:
            return text
        sample = self._sentences(scene, personal=scene.rng.random() < 0.5)
        rest = self._sentences(scene, personal=False) if scene.rng.random() < 0.5 else Sample()
        for part in (text, rest):
            sample.add(scene.rng.choice((" ", "\n", "\n\n")))
            sample.join(part)
        return sample

    def _passage(self, scene: Scene) -> str:
        rng = scene.rng
        count = rng.choices((1, 2, 4), (0.6, 0.25, 0.15))[0]
        return rng.choice(("\n", "\n\n", " ")).join(
            rng.choices(self._prose[scene.language], k=count)
        )

    def _prose_with_persons(self, scene: Scene) -> Sample:
        """Return prose in which persons act, or that contains a sentence about a person."""
        rng, language = scene.rng, scene.language
        form = rng.random()
        if form < 0.3:
            for _ in range(30):
                before = _without_slots(rng.choice(self._prose[language]))
                text = before
                for pattern, person in _SUBJECTS[language]:
                    text = re.sub(pattern, person, text, count=1)
                if text != before:
                    return fill(text, scene)
        if form < 0.65:
            return fill(_with_persons(_without_slots(self._passage(scene)), rng), scene)
        sample = Sample(self._passage(scene) + rng.choice(("\n", " ", "\n\n")))
        sample.join(fill(rng.choice(self._templates[f"{language}_sentences"]), scene))
        sample.add(rng.choice(("\n", " ")) + rng.choice(self._prose[language]))
        return sample


def _without_slots(text: str) -> str:
    """Return the text without the characters that mark slots and choices."""
    return text.translate(str.maketrans("{}[]", "()()"))


def _with_persons(text: str, rng: Random) -> str:
    """Replace some nouns by slots for persons or addresses: names also occur without a cue."""

    def swap(match: re.Match[str]) -> str:
        if rng.random() > 0.25:
            return match[0]
        return rng.choices(_PERSON_SLOTS, _PERSON_SLOT_SHARES)[0]

    return _NOUN_PHRASE.sub(swap, text)
