"""Where in the files of a bundle an error is that says why it cannot be used."""

import re
from collections.abc import Mapping

import yaml

from gateway.decisions.cedar_rules import cedar_rules
from gateway.governance.policies.yaml_lines import line_of

_AT_LINE = re.compile(r"^(?P<file>[\w./-]+):(?P<line>\d+):")
_IN_FILE = re.compile(r"^(?P<file>[\w./-]+\.(?:yaml|cedar|cedarschema)):")
_YAML_LINE = re.compile(r"line (\d+), column")
_RULE = re.compile(r"^[\w./-]+: rule '([^']+)'")


def place_of(message: str, files: Mapping[str, str]) -> tuple[str, int]:
    """The file and the line; an empty name where the message does not say."""
    if found := _AT_LINE.match(message):
        return found["file"], int(found["line"])
    if found := _IN_FILE.match(message):
        return found["file"], _line(message, files.get(found["file"], ""))
    return _not_cedar(files), 1


def _line(message: str, text: str) -> int:
    if found := _YAML_LINE.search(message):
        return int(found[1])
    rule = _RULE.match(message)
    try:
        return line_of(text)("rules", rule[1]) if rule else 1
    except yaml.YAMLError:
        return 1


def _not_cedar(files: Mapping[str, str]) -> str:
    """The first file of authorisation that does not parse by itself; empty without one."""
    for path, text in sorted(files.items()):
        try:
            cedar_rules({path: text})
        except ValueError:
            return path
    return ""
