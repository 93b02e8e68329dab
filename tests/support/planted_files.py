"""Real source files with persons in literals, comments, SQL, paths, links and mail addresses."""

import io
import re
import sysconfig
import tokenize
from pathlib import Path
from random import Random

from gateway.classifiers.protocol import Entity

NAMES = ("Sanne Dijkgraaf", "Pieter Oldenburg", "Fenna Ruiterkamp", "Willem Zandhuis")
MAILS = ("s.dijkgraaf@zandhuis.nl", "fenna.ruiterkamp@oldenburg.nl")
_PLANTED = (
    "{name}",
    "Bel {name} terug: ",
    "SELECT * FROM klanten WHERE naam = '{name}' ",
    "https://crm.acme.nl/klanten?naam={name}&x=1 ",
    "https://crm.acme.nl/{name}/brief.pdf ",
    "/srv/dossiers/{name}/brief.txt ",
    "C:\\dossiers\\{name}\\brief.txt ",
    "mailto:{mail}?subject=vraag ",
    "curl -d naam={name} https://crm.acme.nl/klanten ",
    "<a href='https://crm.acme.nl/?q={name}' title='{name}'> ",
    "[dossier](https://crm.acme.nl/{name}) ",
    "{mail} ",
    "requests.post(url, data={name}) ",
)
_FIND = re.compile("|".join(map(re.escape, NAMES)))
_ROOT = Path(__file__).resolve().parents[2]
_LARGEST = 16_000  # characters of a file


def entities(text: str) -> list[Entity]:
    """Find the planted names, as a classifier would."""
    return [Entity(at.start(), at.end(), "PERSON", 0.99) for at in _FIND.finditer(text)]


def short_file() -> str:
    """Return a file with a person in each of the places."""
    lines = [form.format(name=NAMES[0], mail=MAILS[0]) for form in _PLANTED]
    return "".join(f"# {line}\n" for line in lines)


def planted_files(count: int, rng: Random, largest: int = _LARGEST) -> list[str]:
    """Return real files with persons in them, half of them of the standard library."""
    library = Path(sysconfig.get_paths()["stdlib"])
    files: list[str] = []
    for paths in (sorted(library.glob("*.py")), sorted((_ROOT / "tests").rglob("test_*.py"))):
        rng.shuffle(paths)
        made = (
            _planted(path.read_text(encoding="utf-8", errors="replace")[:largest], rng)
            for path in paths
        )
        files += [one for _, one in zip(range(count // 2), filter(None, made), strict=False)]
    return files


def _planted(source: str, rng: Random) -> str:
    """A file with some persons; "" for one in which there is no place for them."""
    lines = source.splitlines(keepends=True)
    source = "".join(lines[:-1])
    places = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type in (tokenize.STRING, tokenize.COMMENT) and len(token.string) > 4:
                quotes = re.match(r"[a-zA-Z]*(?:'''|\"\"\"|'|\"|#)", token.string)
                places.append((
                    token.start[0] - 1,
                    token.start[1] + (quotes.end() if quotes else 0),
                ))
    except (tokenize.TokenError, SyntaxError, IndentationError):
        pass  # it was cut
    if len(places) < 8:
        return ""
    lines = source.splitlines(keepends=True)
    for row, column in sorted(rng.sample(places, 8), reverse=True):
        text = rng.choice(_PLANTED).format(name=rng.choice(NAMES), mail=rng.choice(MAILS))
        lines[row] = lines[row][:column] + text + lines[row][column:]
    return "".join(lines)
