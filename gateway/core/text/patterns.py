"""Many regular expressions over one text in one linear pass.

The engine finds candidates; callers check neighbours, length and checksum. Patterns therefore hold
no look-arounds, back references or anchors to context; ``\\b``, ``\\d`` and ``\\w`` mean ASCII.
"""

import hashlib
import os
import re
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import msgspec

hyperscan: ModuleType | None = None
re2: ModuleType | None = None
with suppress(ImportError):
    import hyperscan
if hyperscan is None:
    with suppress(ImportError):
        import re2  # type: ignore[import-not-found,import-untyped,no-redef,unused-ignore]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression with the name under which its matches are reported.

    With ``once`` only the first match is reported, with start 0.
    """

    id: str
    regex: str
    ignore_case: bool = False
    once: bool = False


class PatternMatch(msgspec.Struct, frozen=True):
    """One match of the pattern ``id``; offsets are code points."""

    id: str
    start: int
    end: int


class _Engine(Protocol):
    def which(self, data: bytes) -> set[int]:
        """Indexes of the patterns that match anywhere."""

    def spans(self, data: bytes) -> list[tuple[int, int, int]]:
        """Pattern index, start and negated end in bytes; includes at least all maximal matches."""


class _Hyperscan:
    """One compiled database; each thread scans with its own scratch space."""

    def __init__(
        self, patterns: Sequence[Pattern], module: Any, *, positions: bool, cache: Path | None
    ) -> None:
        self._module = module
        self._local = threading.local()
        cached_file = (
            None if cache is None else cache / _file_name(patterns, module, positions=positions)
        )
        database = None if cached_file is None else _load_cached(cached_file, module)
        self._database = database or _compiled(patterns, module, positions=positions)
        if cached_file is not None and database is None:
            _store_cached(cached_file, module.dumpb(self._database))

    def which(self, data: bytes) -> set[int]:
        return {index for index, _, _ in self.spans(data)}

    def spans(self, data: bytes) -> list[tuple[int, int, int]]:
        scratch = getattr(self._local, "scratch", None)
        if scratch is None:
            scratch = self._local.scratch = self._module.Scratch(self._database)
        found: list[tuple[int, int, int]] = []
        add = found.append
        self._database.scan(
            data,
            match_event_handler=lambda index, start, end, _flags, _context: add((
                index,
                start,
                -end,
            )),
            scratch=scratch,
        )
        return found


def _compiled(patterns: Sequence[Pattern], module: Any, *, positions: bool) -> Any:
    database = module.Database(mode=module.HS_MODE_BLOCK)
    database.compile(
        expressions=[pattern.regex.encode() for pattern in patterns],
        ids=list(range(len(patterns))),
        elements=len(patterns),
        flags=[
            (
                module.HS_FLAG_SOM_LEFTMOST
                if positions and not p.once
                else module.HS_FLAG_SINGLEMATCH
            )
            | module.HS_FLAG_UTF8 * _beyond_ascii(p.regex)
            | module.HS_FLAG_CASELESS * p.ignore_case
            for p in patterns
        ],
    )
    return database


# Hyperscan 0.9.1 ends the process when it searches the start of such a match, as in "[0-9]+ mg".
_UNBOUNDED_START = re.compile(
    r"(?:^|\||\((?:\?:)?)(?:\[(?:\\.|[^\]])*\]|\\[dDsSwW]|\.)(?:[+*]|\{\d+,\})"
)
_CLASS = re.compile(r"\[(?!\^)(?:\\.|[^\]])*\]")
_ANYTHING = re.compile(r"\[\^|\\[DSW]|(?<!\\)\.")


def _beyond_ascii(regex: str) -> bool:
    """Returns whether a pattern may match letters beyond ASCII: UTF-8 mode costs time."""
    return not regex.isascii() or _ANYTHING.search(_CLASS.sub("", regex)) is not None


def _file_name(patterns: Sequence[Pattern], module: Any, *, positions: bool) -> str:
    """Returns the cache file's name: it depends on the engine, the patterns and their order."""
    identity = repr((
        module.__version__,
        positions,
        [(p.id, p.regex, p.ignore_case, p.once) for p in patterns],
    ))
    return hashlib.sha256(identity.encode()).hexdigest()[:32] + ".hs"


def _load_cached(file: Path, module: Any) -> Any:
    """Returns a compiled database from an earlier start, None without one for this machine."""
    try:
        return module.loadb(file.read_bytes(), mode=module.HS_MODE_BLOCK)
    except (OSError, module.HyperscanError):  # the engine checks platform and checksum
        return None


def _store_cached(file: Path, data: bytes) -> None:
    with suppress(OSError):  # a folder that cannot be written costs a second at each start
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = file.with_suffix(f".{os.getpid()}")
        draft.write_bytes(data)
        draft.replace(file)


class _Re2:
    """Runs the patterns one after another, for machines without a hyperscan wheel."""

    def __init__(self, patterns: Sequence[Pattern], module: Any) -> None:
        self._compiled = []
        self._once = frozenset(at for at, pattern in enumerate(patterns) if pattern.once)
        for pattern in patterns:
            options = module.Options()
            options.longest_match = True
            options.case_sensitive = not pattern.ignore_case
            self._compiled.append(module.compile(pattern.regex.encode(), options))

    def which(self, data: bytes) -> set[int]:
        return {index for index, regex in enumerate(self._compiled) if regex.search(data)}

    def spans(self, data: bytes) -> list[tuple[int, int, int]]:
        found = []
        for index, regex in enumerate(self._compiled):
            match = regex.search(data)
            if index in self._once:
                if match is not None:
                    found.append((index, 0, -match.end()))
                continue
            while match is not None:
                found.append((index, match.start(), -match.end()))
                match = regex.search(data, match.start() + 1)
        return found


class Patterns:
    """A set of patterns, compiled once; safe to use from several threads.

    ``cache`` is a folder for compiled patterns: compiling hundreds takes some seconds.

    Raises:
        ValueError: when a pattern has an empty match, a look-around or another part that the
            engine rejects, or starts with an unbounded repeat.
    """

    def __init__(self, patterns: Iterable[Pattern], *, cache: Path | None = None) -> None:
        self._patterns = tuple(patterns)
        unbounded = [p.regex for p in self._patterns if _UNBOUNDED_START.search(p.regex)]
        if unbounded:
            raise ValueError(f"bound the repeat that these patterns begin with: {unbounded}")
        self._ids = tuple(pattern.id for pattern in self._patterns)
        self._engine = _engine(self._patterns, positions=True, cache=cache)

    def candidates(self, text: str) -> list[PatternMatch]:
        """Returns each pattern's maximal matches, sorted by start and then id."""
        ids = self._ids
        return [PatternMatch(ids[index], start, end) for start, index, end in self.places(text)]

    def places(self, text: str) -> list[tuple[int, int, int]]:
        """Returns the candidates as start, number of the pattern in the order given, and end."""
        ascii_only = text.isascii()
        # A lone surrogate becomes one "?", so that offsets stay right.
        data = text.encode("ascii" if ascii_only else "utf-8", "replace")
        spans = self._engine.spans(data)
        if not spans:
            return []
        found = _maximal(spans)
        if not ascii_only:
            found = _in_code_points(found, data)
        found.sort()
        return found


class PatternSet:
    """Finds which patterns match a text at all; patterns may be larger than with positions.

    Raises:
        ValueError: when a pattern has an empty match or a part that the engine rejects.
    """

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        held = tuple(patterns)
        self._ids = tuple(pattern.id for pattern in held)
        self._engine = _engine(held, positions=False) if held else None

    def matching(self, text: str) -> set[str]:
        """Returns the ids of the patterns that match anywhere."""
        if self._engine is None:
            return set()
        return {self._ids[index] for index in self._engine.which(text.encode("utf-8", "replace"))}


def _engine(patterns: Sequence[Pattern], *, positions: bool, cache: Path | None = None) -> _Engine:
    """The only place that chooses an engine."""
    if hyperscan is not None:
        try:
            return _Hyperscan(patterns, hyperscan, positions=positions, cache=cache)
        except hyperscan.HyperscanError as error:
            raise ValueError(f"a pattern does not compile: {error}") from error
    if re2 is None:
        raise ImportError("install hyperscan or google-re2")
    try:
        return _Re2(patterns, re2)
    except re2.error as error:
        raise ValueError(f"a pattern does not compile: {error}") from error


def _maximal(spans: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Returns start, pattern index and end of the maximal matches among the reported ones."""
    # Engines report different sets of inner matches; the maximal ones are the same in all.
    spans.sort()
    kept = []
    current, reach = -1, -1
    for index, start, end in spans:
        if index != current or -end > reach:
            current, reach = index, -end
            kept.append((start, index, reach))
    return kept


def _in_code_points(spans: list[tuple[int, int, int]], data: bytes) -> list[tuple[int, int, int]]:
    offsets = {0: 0}
    last, count = 0, 0
    for offset in sorted({offset for start, _, end in spans for offset in (start, end)}):
        count += len(data[last:offset].decode())
        offsets[offset] = count
        last = offset
    return [(offsets[start], index, offsets[end]) for start, index, end in spans]
