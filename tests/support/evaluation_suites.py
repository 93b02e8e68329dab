"""Small suites of model evaluations, for tests."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.evaluation.versions.suite import Suite, read_suite

_ABOUT = """\
name: {name}
version: 1
task: {task}
languages: [nl, en]
licence: CC0-1.0
source: {{nl: eigen werk, en: own work}}
title: {{nl: proef, en: trial}}
description: {{nl: een proef, en: a trial}}
"""


def description(task: str, *, name: str = "trial", labels: Sequence[str] = ()) -> str:
    """The text of a ``suite.yaml``."""
    text = _ABOUT.format(name=name, task=task)
    return text + (f"labels: [{', '.join(labels)}]\n" if labels else "")


def line(id_: str, *, language: str = "nl", ask: str = "Vraag", **fields: Any) -> str:
    """One line of an ``items.jsonl``."""
    messages = [{"role": "user", "content": ask}]
    return json.dumps({"id": id_, "language": language, "messages": messages, **fields})


def items_text(*fields: Mapping[str, Any]) -> str:
    """Lines of an ``items.jsonl``: a Dutch one and an English one in turn."""
    return "\n".join(
        line(f"i-{at}", **{"language": ("nl", "en")[at % 2], **one})
        for at, one in enumerate(fields)
    )


def suite_of(task: str, *fields: Mapping[str, Any], labels: Sequence[str] = ()) -> Suite:
    """A suite of items with these fields."""
    return read_suite(description(task, labels=labels), items_text(*fields))
