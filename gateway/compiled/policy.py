"""One policy bundle, compiled: what both planes decide with."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from gateway.compiled import floors
from gateway.core.fields import BodyLimits, Fields, FieldsError, compile_fields
from gateway.core.text import yaml_text
from gateway.decisions import (
    Authoriser,
    BundleError,
    ContentRules,
    EvaluationRules,
    FailureTable,
    UseCaseRules,
)
from gateway.decisions.redacted_places import Stretch, redacted_places
from gateway.dialects.registry import DIALECTS
from gateway.privacy import Boilerplate, LevelTable, RedactionPolicy, Terms, clear_languages
from gateway.privacy.detect.decoding import decoded_parts

T = TypeVar("T")
_LIMITS = "limits"  # the section of the field table that is no dialect


@dataclass(frozen=True, slots=True)
class CompiledPolicy:
    """One bundle, compiled, and the organisation's own terms.

    ``fields`` are the field tables by dialect; a dialect without one is not offered. ``limits`` are
    those on the elements of a body, by dialect; the defaults apply to a dialect without any.
    ``withdrawn`` are versions of detectors whose findings are not relied on. ``boilerplate`` are
    reviewed paragraphs of clients, which need no scan. ``files`` are the bundle, from which another
    process can compile the same policy.
    """

    digest: str
    authoriser: Authoriser
    content: ContentRules
    levels: LevelTable
    failures: FailureTable
    redaction: RedactionPolicy
    fields: Mapping[str, Fields]
    limits: Mapping[str, BodyLimits]
    terms: Terms | None = None
    withdrawn: frozenset[str] = frozenset()
    boilerplate: Boilerplate = field(default_factory=Boilerplate)
    files: Mapping[str, str] = field(default_factory=dict)
    use_cases: UseCaseRules = field(default_factory=UseCaseRules)
    evaluations: EvaluationRules = field(default_factory=EvaluationRules)

    def content_rules(
        self, text: str, categories: Mapping[str, float] | None = None
    ) -> tuple[str, ...]:
        """The content rules that a text matches, also in its encoded parts.

        ``categories`` are the probabilities of attacks and harm that the classifier found. It
        reads no boilerplate, and what only boilerplate says matches no rule.
        """
        fired = self._fired_by(text, categories)
        rest = self.boilerplate.without(text) if fired else text
        return fired if rest == text else self._fired_by(rest, categories)

    def _fired_by(self, text: str, categories: Mapping[str, float] | None) -> tuple[str, ...]:
        decoded = (part.text for part in decoded_parts(text))
        return self.content.fired_by(text, *decoded, categories=categories)

    def redacted_places(self, rule: str, text: str) -> tuple[Stretch, ...] | None:
        """What a redacting rule takes out of a text; None where it would still match after that."""
        return redacted_places(
            text,
            partial(self.content.places, rule),
            lambda rest: rule in self.content_rules(rest),
        )


def compile_policy(
    files: dict[str, str],
    *,
    digest: str,
    terms: Terms | None = None,
    withdrawn: frozenset[str] = frozenset(),
    dialects: Collection[str] = DIALECTS,
) -> CompiledPolicy:
    """Compiles a bundle with its floors; ``terms`` are the organisation's lists, compiled.

    ``withdrawn`` are versions of detectors that are not relied on any more, ``dialects`` the names
    that the field table may have sections for.

    Raises:
        BundleError: names the file and what is wrong in it.
    """
    content = _read(
        files,
        "content.yaml",
        lambda text: ContentRules(text, floor=floors.protected_rules(), languages=clear_languages),
    )
    levels = _read(files, "levels.yaml", lambda text: LevelTable.of(yaml_text.mapping(text)))
    failures = _read(files, "failures.yaml", lambda text: FailureTable.of(yaml_text.mapping(text)))
    redaction = _read(
        files, "redaction.yaml", lambda text: RedactionPolicy.of(yaml_text.mapping(text))
    )
    fields = _read(files, "egress.yaml", lambda text: _fields(text, dialects))
    return CompiledPolicy(
        digest,
        Authoriser(files, bundle=digest),
        content,
        floors.floored_levels(levels),
        failures,
        floors.floored_redaction(redaction),
        fields,
        _read(files, "egress.yaml", _limits),
        terms,
        withdrawn,
        _boilerplate(files),
        files,
        use_case_rules(files),
        evaluation_rules(files),
    )


def _read(files: Mapping[str, str], name: str, make: Callable[[str], T]) -> T:
    """What is made of a file; its faults name it."""
    text = files.get(name)
    if text is None:
        raise BundleError(f"the bundle lacks {name}")
    try:
        return make(text)
    except RecursionError as error:
        raise BundleError(f"{name}: nested too deeply") from error
    except (BundleError, FieldsError, ValueError, TypeError) as error:
        raise BundleError(f"{name}: {error}") from error


def _boilerplate(files: Mapping[str, str]) -> Boilerplate:
    """The reviewed paragraphs; bundles from before there were any have no such file."""
    if "boilerplate.yaml" not in files:
        return Boilerplate()
    return _read(files, "boilerplate.yaml", lambda text: Boilerplate.of(yaml_text.mapping(text)))


def use_case_rules(files: Mapping[str, str]) -> UseCaseRules:
    """The rules for use cases; bundles from before there were any have no such file.

    Raises:
        BundleError: when the file cannot be used.
    """
    if "use_cases.yaml" not in files:
        return UseCaseRules()
    return _read(files, "use_cases.yaml", lambda text: UseCaseRules.of(yaml_text.mapping(text)))


def evaluation_rules(files: Mapping[str, str]) -> EvaluationRules:
    """What evaluations must show; bundles from before there were any have no such file.

    Raises:
        BundleError: when the file cannot be used.
    """
    if "evaluations.yaml" not in files:
        return EvaluationRules()
    return _read(
        files, "evaluations.yaml", lambda text: EvaluationRules.of(yaml_text.mapping(text))
    )


def _limits(text: str) -> dict[str, BodyLimits]:
    """Limits by dialect."""
    table = yaml_text.mapping(text).get(_LIMITS) or {}
    if not isinstance(table, dict):
        raise TypeError(f"{_LIMITS} must be a mapping")
    return {name: BodyLimits.of(node, f"{_LIMITS}.{name}") for name, node in table.items()}


def _fields(text: str, dialects: Collection[str]) -> dict[str, Fields]:
    table = {name: node for name, node in yaml_text.mapping(text).items() if name != _LIMITS}
    if unknown := sorted(table.keys() - set(dialects)):
        raise ValueError(f"has fields of {', '.join(unknown)}; known: {', '.join(dialects)}")
    if not table:
        raise ValueError(f"has no fields of {', '.join(dialects)}")
    for name, fields in table.items():
        if not isinstance(fields, dict):
            raise TypeError(f"the fields of {name} must be a mapping")
    return {
        name: compile_fields(floors.floored_fields(fields), name) for name, fields in table.items()
    }
