"""Tasks whose answers a program can score, and when an answer is right."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import yaml

from gateway.core.text import yaml_text

_QUOTES = "\"'`“”‘’„*"


class Criterion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What makes an answer right; all that is given must hold.

    ``exact``: the whole answer, but for outer quotes, white space and a full stop. ``contains`` and
    ``excludes``: whole words that stand or do not stand in it, whatever the case; ``in_order``:
    those of ``contains`` in that order. ``words``: no more words than that, so that repeating the
    whole task is no answer (0: no limit). ``fields``: those of an answer that is a JSON object.
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
        """The texts that must stand in a right answer."""
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
        """The task as a chat."""
        system = [{"role": "system", "content": self.system}] if self.system else []
        return [*system, {"role": "user", "content": self.prompt}]


def load(path: Path) -> list[Task]:
    """The tasks of a YAML file: ``lang``, ``tasks``, and under ``shared`` what several refer to.

    Raises:
        ValueError: the file holds no tasks of this form, or two with one id.
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
    """Whether an answer, with its values restored, meets the criterion."""
    return (
        (not right.exact or _bare(answer) == _bare(right.exact))
        and all(stands(text, answer) for text in right.contains)
        and not any(stands(text, answer) for text in right.excludes)
        and (not right.in_order or _ordered(right.contains, answer))
        and (not right.words or len(answer.split()) <= right.words)
        and (not right.fields or _holds(right.fields, answer))
    )


def stands(text: str, answer: str) -> bool:
    """Whether a text stands in an answer as whole words, whatever the case and white space."""
    return next(_places(text, answer), None) is not None


def _places(text: str, answer: str) -> Iterator[int]:
    sought, within = _even(text), _even(answer)
    at = within.find(sought)
    while at >= 0:
        around = within[at - 1 : at] + within[at + len(sought) : at + len(sought) + 1]
        if not any(map(str.isalnum, around)):
            yield at
        at = within.find(sought, at + 1)


def _ordered(texts: tuple[str, ...], answer: str) -> bool:
    """First places count: a model that goes on to repeat the list has still ordered it."""
    firsts = [next(_places(text, answer), -1) for text in texts]
    return firsts == sorted(firsts)


def _even(text: str) -> str:
    return " ".join(text.casefold().replace("’", "'").split())


def _bare(text: str) -> str:
    return " ".join(text.split()).strip(_QUOTES).removesuffix(".").strip(_QUOTES)


def _holds(fields: dict[str, str], answer: str) -> bool:
    try:
        given = json.loads(answer)
    except ValueError:
        return False
    return isinstance(given, dict) and all(given.get(name) == fields[name] for name in fields)
