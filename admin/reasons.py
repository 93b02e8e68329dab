"""Explanations of the ids in a decision, read from the policy files in force."""

import re
from collections.abc import Mapping

import yaml

_POLICY = re.compile(r'@id\("([^"]+)"\)((?:\s*@\w+\("[^"]*"\))*)')
_REASON = re.compile(r'@reason_(\w+)\("([^"]*)"\)')


class Reasons:
    """Explanations of policies, content rules and level reasons, in one language."""

    def __init__(self, files: Mapping[str, str], language: str) -> None:
        self._known: dict[str, str] = {}
        for path, text in files.items():
            if path.endswith(".cedar"):
                self._known.update(_policies(text, language))
        self._known.update(_levels(files.get("levels.yaml", ""), language))
        self._known.update(_rules(files.get("content.yaml", ""), language))

    def of(self, identity: str) -> str:
        """The explanation, or an empty text."""
        return self._known.get(identity, "")


def _policies(text: str, language: str) -> dict[str, str]:
    found = {}
    for identity, annotations in _POLICY.findall(text):
        by_language = dict(_REASON.findall(annotations))
        if language in by_language:
            found[identity] = by_language[language]
    return found


def _levels(text: str, language: str) -> dict[str, str]:
    reasons = _mapping(text).get("reasons")
    if not isinstance(reasons, dict):
        return {}
    return {
        code: str(by_language[language])
        for code, by_language in reasons.items()
        if isinstance(by_language, dict) and language in by_language
    }


def _rules(text: str, language: str) -> dict[str, str]:
    rules = _mapping(text).get("rules")
    found = {}
    for rule in rules if isinstance(rules, list) else []:
        reason = rule.get("reason") if isinstance(rule, dict) else None
        if isinstance(reason, dict) and language in reason:
            found[str(rule["id"])] = str(reason[language])
    return found


def _mapping(text: str) -> dict[str, object]:
    try:
        loaded = yaml.safe_load(text)
    except yaml.YAMLError:
        return {}
    return loaded if isinstance(loaded, dict) else {}
