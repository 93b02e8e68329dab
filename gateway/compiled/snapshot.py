"""A snapshot made ready for use: everything compiled once, swapped as a whole, never changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from gateway.core.fields import Fields, FieldsError, compile_fields
from gateway.core.snapshot import DETECTOR, Snapshot, UseCase
from gateway.core.text import yaml_text
from gateway.decisions import Authoriser, BundleError, ContentRules, FailureTable
from gateway.egress import Dialect, UpstreamClient
from gateway.identity import Authenticator
from gateway.privacy import LevelTable, RedactionPolicy, Terms, compiled
from gateway.routing import ModelCatalogue

T = TypeVar("T")
SURFACES = ("chat_completions",)


@dataclass(frozen=True, slots=True)
class CompiledPolicy:
    """One bundle, compiled, and the organisation's lists: what both planes decide with."""

    digest: str
    authoriser: Authoriser
    content: ContentRules
    levels: LevelTable
    failures: FailureTable
    redaction: RedactionPolicy
    fields: Mapping[str, Fields]
    terms: Terms | None = None
    withdrawn: frozenset[str] = frozenset()  # detectors whose finds are not relied on


@dataclass(frozen=True, slots=True)
class CompiledSnapshot:
    """What one request is decided by, from its first step to its last."""

    snapshot: Snapshot
    policy: CompiledPolicy
    authenticator: Authenticator
    catalogue: ModelCatalogue
    use_cases: Mapping[str, UseCase]
    egress: UpstreamClient


def compile_policy(
    files: dict[str, str],
    *,
    digest: str,
    terms: Terms | None = None,
    withdrawn: frozenset[str] = frozenset(),
) -> CompiledPolicy:
    """Compiles a bundle; ``terms`` are the organisation's lists, already compiled.

    ``withdrawn`` are versions of detectors that are not relied on any more.

    Raises:
        BundleError: names the file and what is wrong in it.
    """
    content = _read(files, "content.yaml", ContentRules)
    levels = _read(files, "levels.yaml", lambda text: LevelTable.of(yaml_text.mapping(text)))
    failures = _read(files, "failures.yaml", lambda text: FailureTable.of(yaml_text.mapping(text)))
    redaction = _read(
        files, "redaction.yaml", lambda text: RedactionPolicy.of(yaml_text.mapping(text))
    )
    fields = _read(files, "egress.yaml", _fields)
    authoriser = Authoriser(files, bundle=digest)
    return CompiledPolicy(
        digest, authoriser, content, levels, failures, redaction, fields, terms, withdrawn
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


def _fields(text: str) -> dict[str, Fields]:
    table = yaml_text.mapping(text)
    if lacking := [surface for surface in SURFACES if not isinstance(table.get(surface), dict)]:
        raise ValueError(f"has no fields of {', '.join(lacking)}")
    return {surface: compile_fields(table[surface], surface) for surface in SURFACES}


def compile_snapshot(
    snapshot: Snapshot,
    *,
    pepper: bytes,
    secret: Callable[[str], str | None],
    worker_token: str,
    dialects: Mapping[str, Dialect],
    before: CompiledSnapshot | None = None,
) -> CompiledSnapshot:
    """Compiles a snapshot; nothing of it is in use until the caller swaps it in.

    Lists of terms that are as they were in ``before`` are not compiled again.

    Raises:
        BundleError: when its policies cannot be used.
        ValueError: when another part of it contradicts itself.
    """
    terms = compiled(snapshot.terms, before.policy.terms if before else None, key=pepper)
    return CompiledSnapshot(
        snapshot=snapshot,
        policy=compile_policy(
            snapshot.bundle,
            digest=snapshot.bundle_digest,
            terms=terms,
            withdrawn=_withdrawn(snapshot),
        ),
        authenticator=Authenticator(snapshot, pepper=pepper),
        catalogue=ModelCatalogue(snapshot),
        use_cases={case.name: case for case in snapshot.use_cases},
        egress=UpstreamClient(
            snapshot, secret=secret, worker_token=worker_token, dialects=dialects
        ),
    )


def _withdrawn(snapshot: Snapshot) -> frozenset[str]:
    return frozenset(
        model.version
        for model in snapshot.models
        if model.kind == DETECTOR and model.state == "quarantined"
    )
