"""What a bundle changes of another one: as facts, and as sentences in Dutch and English."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import yaml

from gateway.compiled.policy import compile_policy
from gateway.core.snapshot import bundle_digest
from gateway.core.text import yaml_text
from gateway.decisions import BundleError
from gateway.decisions.cedar_rules import cedar_rules
from gateway.governance.policies.lattice import compare
from gateway.governance.policies.wording import LANGUAGES, texts_of
from gateway.governance.proposals.bundle_report import (
    ChangedNames,
    LatticeChange,
    LatticeReport,
    PolicyDifference,
    RuleChange,
    SettingChange,
)

_CONTENT, _CASES = "content.yaml", "tests/"
_NAMES = ("id", "name", "client", "rule")  # what names an item of a list
_MOST_SHOWN = 200  # characters of a value
_NONE = "-"
Fields = Mapping[str, Any]


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> PolicyDifference:
    """The whole report on two bundles.

    Raises:
        BundleError: when the second one cannot be used.
    """
    changes = ChangedNames(
        added=sorted(after.keys() - before.keys()),
        removed=sorted(before.keys() - after.keys()),
        changed=sorted(path for path in after if before.get(path, after[path]) != after[path]),
    )
    report = PolicyDifference(
        before=bundle_digest(dict(before)),
        after=bundle_digest(dict(after)),
        files=changes,
        lattice=_lattice(before, after),
        authorisation=_rules(_authorisation(before), _authorisation(after)),
        content=_rules(_content(before), _content(after)),
        settings=list(_settings(before, after)),
        cases=_names(_cases(before), _cases(after)),
        sentences={},
    )
    report.sentences = {language: list(_sentences(report, language)) for language in LANGUAGES}
    return report


def _lattice(before: Mapping[str, str], after: Mapping[str, str]) -> LatticeReport | None:
    """The changed combinations; None when the bundle before cannot be used any more."""
    new = compile_policy(dict(after), digest="").authoriser
    try:
        old = compile_policy(dict(before), digest="").authoriser
    except BundleError:
        return None
    found = compare(old, new, (before, after))
    return LatticeReport(
        combinations=found.combinations,
        whole=found.whole,
        changes=[
            LatticeChange(
                before=box.before,
                after=box.after,
                wider=box.wider,
                only={name: list(values) for name, values in box.only.items()},
            )
            for box in found.boxes
        ],
    )


def _authorisation(files: Mapping[str, str]) -> dict[str, Fields]:
    try:
        rules = cedar_rules(files)
    except ValueError:
        return {}
    named = ((rule.id or f"{rule.file}:{rule.line}", rule) for rule in rules)
    return {name: {**rule.body, **rule.notes} for name, rule in named}


def _content(files: Mapping[str, str]) -> dict[str, Fields]:
    try:
        rules = yaml_text.mapping(files.get(_CONTENT, "{}")).get("rules") or []
    except ValueError:
        return {}
    return {str(rule["id"]): rule for rule in rules if isinstance(rule, dict) and "id" in rule}


def _cases(files: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path, text in files.items():
        if path.startswith(_CASES):
            for case in _loaded(text) or ():
                if isinstance(case, dict):
                    found[str(case.get("name"))] = case
    return found


def _loaded(text: str) -> Any:
    """The document in a file; None for a file that is no YAML any more."""
    try:
        return yaml_text.load(text)
    except yaml.YAMLError:
        return None


def _names(before: Mapping[str, Any], after: Mapping[str, Any]) -> ChangedNames:
    return ChangedNames(
        added=sorted(after.keys() - before.keys()),
        removed=sorted(before.keys() - after.keys()),
        changed=sorted(name for name in after if before.get(name, after[name]) != after[name]),
    )


def _rules(before: Mapping[str, Fields], after: Mapping[str, Fields]) -> list[RuleChange]:
    names = _names(before, after)
    found = [RuleChange(rule=name, change="removed", fields=[]) for name in names.removed]
    found += [RuleChange(rule=name, change="added", fields=[]) for name in names.added]
    for name in names.changed:
        old, new = before[name], after[name]
        fields = [key for key in {**old, **new} if old.get(key) != new.get(key)]
        changes = [_setting(key, old.get(key), new.get(key)) for key in fields]
        found.append(RuleChange(rule=name, change="changed", fields=changes))
    return found


def _settings(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[SettingChange]:
    for path in sorted(before.keys() & after.keys()):
        if not path.endswith(".yaml") or path.startswith(_CASES) or before[path] == after[path]:
            continue
        old, new = (dict(_flat("", _plain(path, side[path]))) for side in (before, after))
        for name in dict.fromkeys([*old, *new]):
            if old.get(name) != new.get(name):
                yield _setting(f"{path} {name}", old.get(name), new.get(name))


def _plain(path: str, text: str) -> Any:
    """A file of settings; the rules of content are compared by themselves."""
    document = _loaded(text)
    if path == _CONTENT and isinstance(document, dict):
        return {name: value for name, value in document.items() if name != "rules"}
    return document


def _flat(name: str, node: Any) -> Iterator[tuple[str, Any]]:
    """The leaves of a document by their dotted names; lists of plain values are leaves."""
    if isinstance(node, dict) and node:
        for key, value in node.items():
            yield from _flat(f"{name}.{key}" if name else str(key), value)
    elif isinstance(node, list) and any(isinstance(item, dict) for item in node):
        for index, item in enumerate(node):
            given = item if isinstance(item, dict) else {}
            label = next((str(given[key]) for key in _NAMES if key in given), str(index))
            yield from _flat(f"{name}[{label}]", item)
    elif node is not None:
        yield name, node


def _setting(name: str, old: Any, new: Any) -> SettingChange:
    """A change; of two lists the items that differ."""
    if isinstance(old, list) and isinstance(new, list):
        gone, come = ([one for one in a if one not in b] for a, b in ((old, new), (new, old)))
        old, new = (gone, come) if gone or come else (old, new)
    return SettingChange(name=name, before=_text(old), after=_text(new))


def _text(value: Any) -> str | None:
    if value is None:
        return None
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


# Sentences


def _sentences(report: PolicyDifference, language: str) -> Iterator[str]:
    texts = texts_of(language)

    def say(key: str, **values: object) -> str:
        return texts[key].format(**values)

    if report.lattice is None:
        yield say("no_lattice")
    else:
        yield from (_of_change(change, texts) for change in report.lattice.changes)
        if not report.lattice.whole:
            yield say("not_whole")
        if not report.lattice.changes and report.authorisation:
            yield say("same_decisions", combinations=report.lattice.combinations)
    for kind, rules in (("authorisation", report.authorisation), ("content", report.content)):
        for rule in rules:
            yield say(f"{kind}.{rule.change}", rule=rule.rule, fields=_fields(rule.fields))
    for one in report.settings:
        yield say("setting", name=one.name, before=one.before or _NONE, after=one.after or _NONE)
    yield from _of_names("cases", report.cases, say)
    yield from _of_names("files", report.files, say, only=("removed", "added"))


def _fields(fields: Collection[SettingChange]) -> str:
    return "; ".join(f"{one.name}: {one.before or _NONE} → {one.after or _NONE}" for one in fields)


def _of_change(change: LatticeChange, texts: Mapping[str, str]) -> str:
    """One sentence: what goes where, as it was and as it is, and for whom only."""

    def values(name: str) -> str:
        return ", ".join(texts.get(f"{name}.{one}", one) for one in change.only[name])

    sentence = texts["wider" if change.wider else "stricter"].format(
        levels=values("level"),
        zones=values("zone"),
        before=texts[f"before.{change.before}"],
        after=texts[f"after.{change.after}"],
    )
    others = [name for name in change.only if name not in {"level", "zone"}]
    if not others:
        return sentence
    only = "; ".join(f"{texts[f'dimension.{name}']} {values(name)}" for name in others)
    return f"{sentence} {texts['only'].format(only=only)}"


def _of_names(
    kind: str,
    names: ChangedNames,
    say: Callable[..., str],
    only: tuple[str, ...] = ("removed", "changed", "added"),
) -> Iterator[str]:
    for change in only:
        if listed := getattr(names, change):
            yield say(f"{kind}.{change}", names=", ".join(listed))
