"""The files of a version: hashed, inspected, and read for the card."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.core.errors import InvalidRequest
from gateway.core.manifest import (
    ALLOWED_NAMES,
    DETECTOR_NAMES,
    DigestMismatch,
    ManifestError,
    manifest_of,
    verify,
)
from gateway.core.snapshot import DETECTOR, LANGUAGE
from gateway.governance.models.inspection import context_of, inspect_model
from gateway.governance.models.model_card import MAX_CARD, ModelCard, card_of

_NAMES = {LANGUAGE: ALLOWED_NAMES, DETECTOR: DETECTOR_NAMES}
_CARDS = ("README.md", "card.md")


@dataclass(frozen=True, slots=True)
class VersionFiles:
    """The digests of the files of a version, the text of its card, and what that states."""

    base: str
    adapter: str | None
    card: str
    stated: ModelCard


def read_files(base: Path, adapter: Path | None, kind: str, card: str | None) -> VersionFiles:
    """Hash and inspect the files; blocks as long as reading them takes.

    ``card`` is the text of the card, None for the README of the adapter or the model.

    Raises:
        InvalidRequest: when a file is forbidden or not what its name says, the adapter is of
            another base, or the card is not one.
    """
    try:
        base_digest = manifest_of(base, _NAMES[kind]).digest
        adapter_digest = manifest_of(adapter).digest if adapter else None
        if kind == LANGUAGE:
            inspect_model(base, adapter)
    except ManifestError as error:
        raise InvalidRequest(str(error)) from error
    text = _card(adapter or base) if card is None else card[:MAX_CARD]
    if kind == DETECTOR:
        return VersionFiles(base_digest, adapter_digest, text, ModelCard())
    stated = card_of(text, context=context_of(base))
    if stated.base_digest not in (None, base_digest):
        raise InvalidRequest(
            f"The card says that the adapter is of the base {stated.base_digest}, and this one is "
            f"{base_digest}: register it with that base."
        )
    return VersionFiles(base_digest, adapter_digest, text, stated)


def check_unchanged(row: Any) -> None:
    """Hash the files of a version again.

    Raises:
        InvalidRequest: when they are not those that were registered.
    """
    if not row.base_dir:
        return  # its files are not here
    try:
        verify(Path(row.base_dir), row.base_digest, _NAMES[row.kind])
        if row.adapter_dir:
            verify(Path(row.adapter_dir), row.adapter_digest)
    except (ManifestError, DigestMismatch) as error:
        raise InvalidRequest(f"The files changed since they were registered: {error}") from error


def _card(directory: Path) -> str:
    for name in _CARDS:
        if (directory / name).exists():
            return (directory / name).read_text(encoding="utf-8", errors="replace")[:MAX_CARD]
    return ""
