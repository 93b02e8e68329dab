"""Reading suites: what describes one, and its items, checked line by line.

A suite is a directory with ``suite.yaml`` and ``items.jsonl``. Its digest covers every value in
both, whatever their layout.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import jsonschema
import msgspec
import yaml

from gateway.core.text import yaml_text
from gateway.evaluation.versions.checks import check_problem
from gateway.evaluation.versions.items import (
    ITEM_TYPES,
    BiasItem,
    ClassificationItem,
    EvaluationTask,
    ExtractionItem,
    InstructionItem,
    LanguageQualityItem,
    QuestionItem,
    SuiteItem,
)

DESCRIPTION, ITEMS = "suite.yaml", "items.jsonl"
SHIPPED = Path(__file__).parents[1] / "model_suites"
MAX_ITEMS, MAX_TEXT = 20_000, 5_000_000
_FORMAT = 1
_MAX_PROBLEMS = 20
_Short = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


class SuiteError(ValueError):
    """A suite that cannot be used; the message names the file, the lines, and what to change."""


class SuiteTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text in Dutch and in English."""

    nl: _Short
    en: _Short


class SuiteDescription(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What ``suite.yaml`` states; ``labels`` are those of a classification."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    version: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    task: EvaluationTask
    languages: Annotated[tuple[Literal["nl", "en"], ...], msgspec.Meta(min_length=1)]
    licence: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    source: SuiteTexts
    title: SuiteTexts
    description: SuiteTexts
    labels: tuple[_Short, ...] = ()


@dataclass(frozen=True, slots=True)
class Suite:
    """A suite whose every item was checked; ``digest`` covers all of it."""

    about: SuiteDescription
    items: tuple[Any, ...]
    digest: str

    @property
    def name(self) -> str:
        """Its name."""
        return self.about.name


def read_suite(description: str, items: str) -> Suite:
    """Read a suite from the texts of its two files.

    Raises:
        SuiteError: names each line that cannot be used, and why.
    """
    about = _description(description)
    if len(items) > MAX_TEXT:
        raise SuiteError(f"{ITEMS}: is longer than {MAX_TEXT} characters; split the suite.")
    found, problems = _parsed(about, items)
    problems += _across(about, found)
    if problems:
        more = len(problems) - _MAX_PROBLEMS
        shown = [f"{ITEMS}:{line}: {what}" for line, what in sorted(problems)[:_MAX_PROBLEMS]]
        raise SuiteError("\n".join([*shown, *([f"and {more} more"] if more > 0 else [])]))
    ordered = tuple(item for _, item in found)
    return Suite(about, ordered, suite_digest(about, ordered))


def read_directory(directory: Path) -> Suite:
    """Read a suite from its directory.

    Raises:
        SuiteError: when a file is missing, cannot be read, or holds what cannot be used.
    """
    return read_suite(*directory_texts(directory))


def directory_texts(directory: Path) -> tuple[str, str]:
    """The texts of the two files of a suite.

    Raises:
        SuiteError: when one is missing or is not UTF-8.
    """
    texts = []
    for name in (DESCRIPTION, ITEMS):
        try:
            texts.append((directory / name).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise SuiteError(f"{directory.name}/{name}: cannot be read as UTF-8 text.") from error
    return texts[0], texts[1]


def shipped_suites(directory: Path = SHIPPED) -> Mapping[str, Suite]:
    """The suites that come with the release, by name.

    Raises:
        SuiteError: when one cannot be used.
    """
    paths = sorted(path.parent for path in directory.glob(f"*/{DESCRIPTION}"))
    return {suite.name: suite for suite in map(read_directory, paths)}


def suite_digest(about: SuiteDescription, items: Iterable[SuiteItem]) -> str:
    """The digest of a suite, over canonical JSON."""
    document = {
        "format": _FORMAT,
        "suite": msgspec.to_builtins(about),
        "items": [msgspec.to_builtins(item) for item in items],
    }
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _description(text: str) -> SuiteDescription:
    try:
        about = msgspec.convert(yaml_text.mapping(text), SuiteDescription, strict=True)
    except (yaml.YAMLError, ValueError) as error:
        raise SuiteError(f"{DESCRIPTION}: {error}") from error
    if (about.task is EvaluationTask.CLASSIFICATION) != bool(about.labels):
        raise SuiteError(f"{DESCRIPTION}: `labels` are needed for a classification, and only then.")
    if len(set(about.labels)) != len(about.labels) or len(about.labels) == 1:
        raise SuiteError(f"{DESCRIPTION}: `labels` are two or more that differ.")
    return about


_Found = list[tuple[int, Any]]
_Problems = list[tuple[int, str]]


def _parsed(about: SuiteDescription, text: str) -> tuple[_Found, _Problems]:
    decoder = msgspec.json.Decoder(ITEM_TYPES[about.task])
    found: _Found = []
    problems: _Problems = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        if len(found) >= MAX_ITEMS:
            problems.append((number, f"a suite has at most {MAX_ITEMS} items; split it"))
            break
        try:
            _check_unique_keys(line)
            item = decoder.decode(line)
        except (msgspec.MsgspecError, ValueError) as error:
            problems.append((number, str(error)))
            continue
        found.append((number, item))
        problems += [(number, what) for what in _problems_of(about, item)]
    return found, problems


def _check_unique_keys(line: str) -> None:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a key occurs twice in one object")
        return dict(pairs)

    json.loads(line, object_pairs_hook=unique)


def _problems_of(about: SuiteDescription, item: Any) -> list[str]:
    """What is wrong with one item."""
    problems = []
    if item.language not in about.languages:
        problems.append(f"language {item.language} is not among those of {DESCRIPTION}")
    if item.messages[-1].role != "user":
        problems.append("the last message must be of the user")
    for kind, problem in _OF_KIND:
        if isinstance(item, kind):
            problems += problem(about, item)
    return problems


def _label_problems(about: SuiteDescription, item: ClassificationItem) -> list[str]:
    known = item.expected in about.labels
    return [] if known else [f"expected is none of the labels of {DESCRIPTION}"]


def _schema_problems(_: SuiteDescription, item: ExtractionItem) -> list[str]:
    try:
        kind = jsonschema.validators.validator_for(item.schema)
        kind.check_schema(item.schema)
        fits = jsonschema.Draft202012Validator(item.schema).is_valid(item.expected)
    except jsonschema.SchemaError as error:
        return [f"schema is no JSON schema: {error.message}"]
    except jsonschema.exceptions._WrappedReferencingError:  # noqa: SLF001 - has no public name
        return ["schema refers to another document; write it out"]
    return [] if fits else ["expected does not fit the schema"]


def _question_problems(_: SuiteDescription, item: QuestionItem) -> list[str]:
    if bool(item.expected) == item.unanswerable:
        return ["give accepted answers in expected, or unanswerable: true, not both"]
    return []


def _quality_problems(_: SuiteDescription, item: LanguageQualityItem) -> list[str]:
    if bool(item.choices) == bool(item.checks):
        return ["give choices with expected, or checks, not both"]
    if item.choices and item.expected not in item.choices:
        return ["expected is none of the choices"]
    return _check_problems(_, item)


def _check_problems(_: SuiteDescription, item: InstructionItem | LanguageQualityItem) -> list[str]:
    return [problem for check in item.checks if (problem := check_problem(check))]


_OF_KIND: Sequence[tuple[type[SuiteItem], Callable[[SuiteDescription, Any], list[str]]]] = (
    (ClassificationItem, _label_problems),
    (ExtractionItem, _schema_problems),
    (QuestionItem, _question_problems),
    (InstructionItem, _check_problems),
    (LanguageQualityItem, _quality_problems),
)


def _across(about: SuiteDescription, found: _Found) -> _Problems:
    """What is wrong with the items together."""
    if not found:
        return [(1, "there are no items")]
    first: dict[str, int] = {}
    problems = []
    for number, item in found:
        if item.id in first:
            problems.append((number, f"id {item.id} occurs in line {first[item.id]} too"))
        first.setdefault(item.id, number)
    present = {item.language for _, item in found}
    if lacking := sorted(set(about.languages) - present):
        problems.append((1, f"no item is in language {', '.join(lacking)}"))
    return problems + _incomplete_pairs(found)


def _incomplete_pairs(found: _Found) -> _Problems:
    pairs: dict[str, list[tuple[int, BiasItem]]] = {}
    for number, item in found:
        if isinstance(item, BiasItem):
            pairs.setdefault(item.pair, []).append((number, item))
    problems = []
    for name, pair in pairs.items():
        variants = Counter(item.variant for _, item in pair)
        alike = {(item.attribute, item.labels, item.language) for _, item in pair}
        if variants != {"a": 1, "b": 1} or len(alike) != 1:
            what = f"pair {name} needs variants a and b of one language, attribute and labels"
            problems.append((pair[0][0], what))
    return problems
