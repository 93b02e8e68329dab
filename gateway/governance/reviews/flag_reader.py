"""Finds the requests that a content rule flagged, in new entries of the trail."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

import orjson
import yaml

from gateway.evidence import CLOSE, INTENT
from gateway.evidence.entry import values_of
from gateway.evidence.stored_leaf import leaf_of
from gateway.governance.audit.log_heads import log_heads
from gateway.governance.audit.request_group import Ask, parts

_BATCH = 20_000  # entries; the database looks into them, and gives few
_AT_ONCE = 300
_BUNDLES = 16  # whose flagging rules are kept
_NEEDLE = b'"rules":["'  # of stored values with at least one rule
_HOLDS = {True: "instr(disclosure, :needle) > 0", False: "position(:needle in disclosure) > 0"}
_EVENTS = f"'{INTENT}', '{CLOSE}', 'request:refusal:record'"
_NEW = (
    "SELECT DISTINCT request FROM audit_detail WHERE log = :log AND seq > :after AND seq <= :last "
    f"AND event IN ({_EVENTS}) AND {{holds}}"
)
_ENTRIES = (
    "SELECT e.log, e.seq, e.request, e.time, e.event, e.leaf, d.disclosure FROM audit_detail d "
    "JOIN audit_entry e ON e.log = d.log AND e.seq = d.seq "
    f"WHERE d.request IN :requests AND d.event IN ({_EVENTS}) ORDER BY d.time, d.seq"
)
_FACTS = ("team", "principal", "model", "purpose", "level")
_CONTENT, _FLAG = "content.yaml", "flag"


@dataclass(frozen=True, slots=True)
class Flagged:
    """A request, the rules that flagged it, and the facts of its entries by name.

    ``bundle`` is the digest of the policies under which its first entry was written.
    """

    request: str
    time: int
    bundle: str
    rules: tuple[str, ...]
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FlagBatch:
    """What was found in one log up to an entry."""

    log: str
    last: int
    found: Sequence[Flagged]


class Bundles(Protocol):
    """Where the policies of a digest are."""

    async def get(self, digest: str) -> dict[str, str] | None:
        """The files of a bundle."""
        ...


class FlagReader:
    """Reads entries, and knows which rules flag by the policies under which they were written."""

    def __init__(self, ask: Ask, bundles: Bundles, *, is_sqlite: bool) -> None:
        """``ask`` reads the stores of entries of all processes."""
        self._ask = ask
        self._bundles = bundles
        self._new = _NEW.format(holds=_HOLDS[is_sqlite])
        self._flagging: dict[str, frozenset[str]] = {}

    async def next(self, positions: Mapping[str, int]) -> FlagBatch | None:
        """The next entries after these positions; None when all are read."""
        heads = await log_heads(self._ask)
        log = next((one for one in sorted(heads) if heads[one] > positions.get(one, -1)), None)
        if log is None:
            return None
        after = positions.get(log, -1)
        last = min(heads[log], after + _BATCH)
        bounds = {"log": log, "after": after, "last": last, "needle": _NEEDLE}
        requests = sorted({row["request"] for row in await self._ask(self._new, bounds)})
        found: list[Flagged] = []
        for part in parts(requests, _AT_ONCE):
            rows = await self._ask(_ENTRIES, {"requests": part})
            for one in await asyncio.to_thread(partial(_requests, rows)):
                flagging = await self._rules(one.bundle)
                if rules := tuple(rule for rule in one.rules if rule in flagging):
                    found.append(replace(one, rules=rules))
        return FlagBatch(log, last, found)

    async def _rules(self, digest: str) -> frozenset[str]:
        if digest not in self._flagging:
            files = await self._bundles.get(digest) if digest else None
            if len(self._flagging) >= _BUNDLES:
                self._flagging.clear()
            text = (files or {}).get(_CONTENT, "")
            self._flagging[digest] = await asyncio.to_thread(_flagging_rules, text)
        return self._flagging[digest]


def _requests(rows: Iterable[Mapping[str, Any]]) -> list[Flagged]:
    """The entries of each request together; a closing entry holds only what has changed."""
    values: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    rules: defaultdict[str, dict[str, None]] = defaultdict(dict)
    first: dict[str, tuple[int, str]] = {}
    for row in rows:
        if row["disclosure"] is None:
            continue
        stored = values_of(bytes(row["disclosure"]))
        values[row["request"]].update(stored)
        first.setdefault(row["request"], (row["time"], orjson.loads(leaf_of(row))["bundle"]))
        named = stored.get("rules")
        rules[row["request"]].update(dict.fromkeys(named if isinstance(named, list) else ()))
    return [
        Flagged(
            request,
            *first[request],
            tuple(map(str, rules[request])),
            {name: str(stored.get(name) or "") for name in _FACTS},
        )
        for request, stored in values.items()
    ]


def _flagging_rules(text: str) -> frozenset[str]:
    """The ids of rules that flag; the file of a bundle was checked before it was activated."""
    document = yaml.safe_load(text) or {}
    rules = document.get("rules") or ()
    return frozenset(str(rule["id"]) for rule in rules if rule.get("action") == _FLAG)
