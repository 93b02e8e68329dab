"""Tasks whose answers a program can score, and the criteria for right answers."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import yaml

from gateway.core.text import yaml_text

_QUOTES = "\"'`“”‘’„*"


class Criterion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The criterion of a right answer; every given part must hold.

    ``exact``: the whole answer, except outer quotes, white space and a full stop. ``contains`` and
    ``excludes``: whole words that it holds or does not hold, in any case; ``in_order``: those of
    ``contains`` in that order. ``words``: the largest number of words (0: no limit), so that a
    repetition of the whole task is wrong. ``fields``: fields of an answer that is a JSON object.
    """

    exact: str = ""
    contains: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    in_order: bool = False
    words: int = 0
    fields: dict[str, str] = {}

    def __post_init__(self) -> None:
        if not (self.exact or self.contains or self.fields):
            raise ValueError("a criterion needs exact, contains or fields")

    @property
    def required(self) -> tuple[str, ...]:
        """The texts that a right answer holds."""
        return (*self.contains, self.exact) if self.exact else self.contains


class Task(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One task; ``schema`` is the JSON schema to which the answer is held, if any."""

    id: str
    kind: str
    prompt: str
    right: Criterion
    lang: str = ""
    system: str = ""
    schema: dict[str, Any] | None = None

    @property
    def messages(self) -> list[dict[str, str]]:
        """The task as messages of a chat."""
        system = [{"role": "system", "content": self.system}] if self.system else []
        return [*system, {"role": "user", "content": self.prompt}]


def load(path: Path) -> list[Task]:
    """Read a YAML file: ``lang``, ``tasks``, and anchors for several tasks under ``shared``.

    Raises:
        ValueError: The file holds no tasks of this form, or two with one id.
    """
    try:
        document = yaml_text.load(path.read_text(encoding="utf-8"))
        lang = document["lang"]
        rows = [{**row, "lang": lang} for row in document["tasks"]]
        tasks = msgspec.convert(rows, list[Task])
    except (yaml.YAMLError, msgspec.ValidationError, KeyError, TypeError) as error:
        raise ValueError(f"{path.name} holds no tasks: {error!r}") from error
    ids = [task.id for task in tasks]
    if len(ids) != len(set(ids)):
        raise ValueError(f"{path.name} gives one id to several tasks")
    return tasks


def fulfilled(right: Criterion, answer: str) -> bool:
    """Return whether an answer, with its values restored, meets the criterion."""
    return (
        (not right.exact or _stripped(answer) == _stripped(right.exact))
        and all(contains_words(text, answer) for text in right.contains)
        and not any(contains_words(text, answer) for text in right.excludes)
        and (not right.in_order or _in_order(right.contains, answer))
        and (not right.words or len(answer.split()) <= right.words)
        and (not right.fields or _has_fields(right.fields, answer))
    )


def contains_words(text: str, answer: str) -> bool:
    """Return whether an answer holds a text as whole words, in any case and white space."""
    return next(_positions(text, answer), None) is not None


def _positions(text: str, answer: str) -> Iterator[int]:
    sought, folded = _folded(text), _folded(answer)
    at = folded.find(sought)
    while at >= 0:
        around = folded[at - 1 : at] + folded[at + len(sought) : at + len(sought) + 1]
        if not any(map(str.isalnum, around)):
            yield at
        at = folded.find(sought, at + 1)


def _in_order(texts: tuple[str, ...], answer: str) -> bool:
    """Return whether the first positions are in order; later repetitions do not count."""
    firsts = [next(_positions(text, answer), -1) for text in texts]
    return firsts == sorted(firsts)


def _folded(text: str) -> str:
    return " ".join(text.casefold().replace("’", "'").split())


def _stripped(text: str) -> str:
    return " ".join(text.split()).strip(_QUOTES).removesuffix(".").strip(_QUOTES)


def _has_fields(fields: dict[str, str], answer: str) -> bool:
    try:
        given = json.loads(answer)
    except ValueError:
        return False
    return isinstance(given, dict) and all(given.get(name) == fields[name] for name in fields)
