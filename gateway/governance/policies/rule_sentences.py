"""What the rules of a bundle say, as one sentence each in Dutch and English."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from gateway.core.level import Level, Zone
from gateway.core.origin import EVERYWHERE, Origin
from gateway.core.text import yaml_text
from gateway.core.text.languages import LANGUAGES as LANGUAGES_OF_TEXTS
from gateway.core.text.links import LinkKind
from gateway.decisions import BundleError, ContentRule
from gateway.decisions.cedar_rules import CedarRule, cedar_rules
from gateway.decisions.content_rule import rule_of
from gateway.governance.policies.cedar_words import CedarWords, NotInWords
from gateway.governance.policies.schemas import RuleSentence
from gateway.governance.policies.wording import LANGUAGES, PolicyWording
from gateway.governance.policies.yaml_lines import line_of

_CONTENT, _LEVELS, _FAILURES = "content.yaml", "levels.yaml", "failures.yaml"
_LABELS = tuple(level.label for level in Level)
_STORES: Mapping[str, Mapping[str, Any]] = {  # with what failures.yaml means by leaving out
    "evidence": {
        "mode": "refuse",
        "minutes": 15,
        "megabytes": 256,
        "requests": "inside",
        "level": "restricted",
    },
    "limits": {"mode": "refuse", "replicas": 1},
}
Say = Callable[[PolicyWording], str]


def rule_sentences(files: Mapping[str, str]) -> list[RuleSentence]:
    """The rules of a bundle: authorisation, content, levels and failures, with file and line.

    Raises:
        BundleError: when a file cannot be read.
    """
    try:
        return [
            *_authorisation(files),
            *_content(files.get(_CONTENT, "rules: []")),
            *_levels(files.get(_LEVELS, "types: {}")),
            *_failures(files.get(_FAILURES, "controls: {}")),
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BundleError(f"the rules cannot be read: {error}") from error


def _said(
    kind: str,
    name: str,
    place: tuple[str, int],
    say: Say,
    *,
    owner: str = "",
    action: str = "",
    reasons: Mapping[str, str] | None = None,
) -> RuleSentence:
    return RuleSentence(
        kind=kind,
        id=name,
        file=place[0],
        line=place[1],
        owner=owner,
        action=action,
        sentences={language: say(PolicyWording(language)) for language in LANGUAGES},
        reasons={language: str((reasons or {}).get(language, "")) for language in LANGUAGES},
    )


# Authorisation


def _authorisation(files: Mapping[str, str]) -> Iterator[RuleSentence]:
    for rule in cedar_rules(files):
        yield _said(
            "authorisation",
            rule.id,
            (rule.file, rule.line),
            partial(_of_cedar, rule),
            owner=rule.notes.get("owner", ""),
            action=str(rule.body["effect"]),
            reasons={one: rule.notes.get(f"reason_{one}", "") for one in LANGUAGES},
        )


def _of_cedar(rule: CedarRule, say: PolicyWording) -> str:
    effect = rule.body["effect"]
    try:
        condition = CedarWords(say).condition(rule.body)
    except (NotInWords, KeyError, TypeError, AttributeError):
        condition = say("cedar.own_condition")
    sentence = say(f"cedar.{effect}_if" if condition else f"cedar.{effect}", condition=condition)
    return _owned(sentence, rule.notes.get("owner", ""), say)


def _owned(sentence: str, owner: str, say: PolicyWording) -> str:
    return say("owned", sentence=sentence, owner=owner) if owner else f"{sentence}."


# Content


def _content(text: str) -> Iterator[RuleSentence]:
    line = line_of(text)
    for node in yaml_text.mapping(text).get("rules") or ():
        rule = rule_of(node)
        yield _said(
            "content",
            rule.id,
            (_CONTENT, line("rules", rule.id)),
            partial(_of_content, rule),
            owner=rule.owner,
            action=rule.action,
            reasons=rule.reasons,
        )


def _of_content(rule: ContentRule, say: PolicyWording) -> str:
    stage = "both" if len(rule.stages) > 1 else next(iter(rule.stages))
    withheld = rule.action == "refuse" and rule.scope.zones and "input" in rule.stages
    sentence = say(
        "content_rule",
        what=say.any_of(list(_looked_for(rule, say))),
        where=_where(rule, say) + _languages(rule, say),
        scope=_scope(rule, say),
        follows=say(f"follows.{'withhold' if withheld else rule.action}.{stage}"),
    )
    return _owned(sentence, rule.owner, say)


def _looked_for(rule: ContentRule, say: PolicyWording) -> Iterator[str]:
    """What the rule looks for, as noun phrases."""
    if len(rule.patterns) == 1:
        yield say("looks.pattern", pattern=rule.patterns[0])
    elif rule.patterns:
        yield say("looks.patterns", count=len(rule.patterns))
    if rule.categories:
        names = say.any_of([say.name("category", name) for name in sorted(rule.categories)])
        key = "looks.categories" if rule.threshold is None else "looks.sure_categories"
        yield say(key, categories=names, threshold=rule.threshold)
    if rule.links:
        kinds = [say(f"looks.{kind}") for kind in LinkKind if kind in rule.links.kinds]
        yield say("looks.links", kinds=say.any_of(kinds), length=rule.links.length)
    if rule.secrets:
        yield say("looks.secrets")
    if rule.tools:
        yield from _tools(rule, say)


def _tools(rule: ContentRule, say: PolicyWording) -> Iterator[str]:
    tools = rule.tools
    if tools is None:
        return
    if tools.allow is not None:
        yield say("looks.tool_not_in", names=", ".join(tools.allow))
    if tools.deny:
        yield say("looks.tool_named", names=say.any_of(tools.deny))
    if tools.arguments:
        yield say("looks.arguments", names=say.any_of(sorted(tools.arguments)))


def _where(rule: ContentRule, say: PolicyWording) -> str:
    places = []
    if "input" in rule.stages:
        named = [one for one in Origin if one in rule.positions]
        every = rule.positions == EVERYWHERE
        places += [say("position.all")] if every else [say(f"position.{one}") for one in named]
    if "output" in rule.stages:
        places.append(say("position.answer"))
    return say.any_of(places)


def _languages(rule: ContentRule, say: PolicyWording) -> str:
    named = [say(f"language.{one}") for one in LANGUAGES_OF_TEXTS if one in rule.languages]
    return say("languages", names=say.any_of(named)) if named else ""


def _scope(rule: ContentRule, say: PolicyWording) -> str:
    scope = rule.scope
    levels = [say.name("clearance", level.label) for level in sorted(scope.levels)]
    given: tuple[tuple[str, Sequence[str]], ...] = (
        ("teams", sorted(scope.teams)),
        ("keys", sorted(scope.keys)),
        ("use_cases", sorted(scope.use_cases)),
        ("levels", levels),
        ("zones", [say(f"at.{zone}") for zone in Zone if zone in scope.zones]),
    )
    named = [say(f"scope.{name}", names=say.any_of(values)) for name, values in given if values]
    return say("scope", of=say.all_of(named)) if named else ""


# Levels and failures


def _levels(text: str) -> Iterator[RuleSentence]:
    document, line = yaml_text.mapping(text), line_of(text)
    reasons = document.get("reasons") or {}
    groups: dict[tuple[str, str], list[str]] = {}
    for name, entry in (document.get("types") or {}).items():
        groups.setdefault((entry["level"], entry["reason"]), []).append(name)
    for (level, code), types in groups.items():
        say = partial(_of_level, "types", level, reasons.get(code, {}), types)
        place = _LEVELS, line("types", types[0])
        yield _said("level", code, place, say, reasons=reasons.get(code))
    for name in ("topic", "other"):
        if entry := document.get(name):
            code = str(entry["reason"])
            say = partial(_of_level, name, entry["level"], reasons.get(code, {}), ())
            yield _said("level", code, (_LEVELS, line(name)), say, reasons=reasons.get(code))


def _of_level(
    kind: str, level: str, reason: Mapping[str, str], types: Sequence[str], say: PolicyWording
) -> str:
    return say(
        f"level_rule.{kind}",
        types=say.any_of(types) if types else "",
        level=say.name("clearance", level),
        because=reason.get(say.language, ""),
    )


def _failures(text: str) -> Iterator[RuleSentence]:
    document, line = yaml_text.mapping(text), line_of(text)
    for name, control in (document.get("controls") or {}).items():
        say = partial(_of_failure, name, control.get("on_failure") or {})
        yield _said("failure", name, (_FAILURES, line("controls", name)), say)
    for name, defaults in _STORES.items():
        say = partial(_of_store, name, {**defaults, **(document.get(name) or {})})
        yield _said("failure", name, (_FAILURES, line(name)), say)


def _of_failure(name: str, actions: Mapping[str, str], say: PolicyWording) -> str:
    by_action: dict[str, list[str]] = {}
    for level in _LABELS:
        by_action.setdefault(actions.get(level, "refuse"), []).append(level)
    follows = [
        say(f"fails.{action}", levels=say.any_of([say.name("clearance", one) for one in levels]))
        for action, levels in by_action.items()
    ]
    return say("failure.control", control=say.name("control", name), follows=say.all_of(follows))


def _of_store(name: str, entry: Mapping[str, Any], say: PolicyWording) -> str:
    values = {key: say.name("clearance", value) for key, value in entry.items()}
    if "requests" in entry:
        values["requests"] = say(f"failure.requests.{entry['requests']}")
    return say(f"failure.{name}.{entry['mode']}", **values)
