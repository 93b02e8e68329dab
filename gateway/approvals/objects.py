"""The governed objects of a snapshot: what may change only on record.

An object is a JSON document under a kind and a name. Signing keys of issuers are left out, since
the issuers rotate them; so is what changes without a decision (times, ended sign-ons).
"""

import hashlib
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from gateway.core.objects.keys import ADMIN_KEY, KEY
from gateway.core.objects.kinds import KINDS, UNGOVERNED
from gateway.core.snapshot import Key, Snapshot

Document = Mapping[str, Any]
Objects = Mapping[tuple[str, str], Document]

_DERIVED = KINDS[KEY].ungoverned - UNGOVERNED
_FETCHED = KINDS["issuer"].ungoverned - UNGOVERNED


def objects_of(snapshot: Snapshot, keys: Objects | None = None) -> dict[tuple[str, str], Document]:
    """The governed objects of a snapshot by kind and name; ``keys`` are its keys, where known."""
    objects: dict[tuple[str, str], Document] = {}
    for kind, items in (
        ("provider", snapshot.providers),
        ("deployment", snapshot.deployments),
        ("alias", snapshot.aliases),
        ("team", snapshot.teams),
        ("use_case", snapshot.use_cases),
        ("mandate", snapshot.mandates),
    ):
        objects |= {(kind, item.name): document_of(item) for item in items}
    for issuer in snapshot.issuers:
        objects["issuer", issuer.name] = document_of(issuer, without=_FETCHED)
    if keys is None:
        for key in snapshot.keys:
            objects[kind_of_key(key), key.id] = document_of_key(key)
    else:
        objects |= keys
    for model in snapshot.models:
        objects["model", f"{model.name}@{model.version}"] = document_of(model)
    for place, until in snapshot.cut_offs.items():
        if until is None:  # a person who has left; an ended sign-on is forgotten in time
            objects["cut_off", place] = {"left": True}
    for kind, names in snapshot.stops.by_kind().items():
        objects |= {("stop", f"{kind}:{name}"): {"stopped": True} for name in names}
    for setting, document in snapshot.settings.items():
        objects["setting", setting] = document
    objects["network", "internal"] = {"networks": list(snapshot.internal_networks)}
    objects["policy", "bundle"] = {"digest": snapshot.bundle_digest}
    terms = document_of(snapshot.terms)
    if terms:
        objects["terms", "terms"] = {side: digest_of(value) for side, value in terms.items()}
    return objects


def document_of(item: msgspec.Struct, *, without: Collection[str] = ()) -> dict[str, Any]:
    """A value of the snapshot as a document, without defaults."""
    document = plain(msgspec.to_builtins(item))
    return {name: value for name, value in document.items() if name not in without}


def document_of_key(key: Key) -> dict[str, Any]:
    """The governed part of a key as a document."""
    return document_of(key, without=_DERIVED)


def plain(document: Document) -> dict[str, Any]:
    """A document without fields that are empty: a value of defaults alone is as good as none."""
    return {name: value for name, value in document.items() if value != {}}


def kind_of_key(key: Key) -> str:
    """The kind of object that a key is: one that has roles is an administrator's, whatever else."""
    return ADMIN_KEY if key.kind == "admin" or key.roles else KEY


def digest_of(value: Any) -> str:
    """The SHA-256 of a JSON value, in hexadecimal."""
    return hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()
