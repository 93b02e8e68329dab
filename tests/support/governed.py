"""Histories of an installation: departures, and changes of what is in force, as entries hold them.

Each function adds entries to a log in memory; by default those of an honest installation.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from gateway.evidence import CLOSE, INTENT
from gateway.evidence.entry import Value
from tests.support.packages import Log

GATEWAY = "gateway/a"
BUNDLE = "sha256:" + "b" * 64
MODEL = "sha256:" + "d" * 64
AUTHOR, DECIDER = ("u_anna", "Anna de Boer"), ("u_bram", "Bram Visser")
DETECTORS = "rules-1 names-1"
PUBLISHED = {
    "detectors": DETECTORS,
    "measured": "2026-11-01",
    "set": "eval",
    "texts": 200,
    "values": 1000,
    "masked": 970,
    "restricted": 40,
    "restricted_too_low": 3,
}


def published(**changed: Any) -> dict[str, bytes]:
    """The part of a package with the figures of detection."""
    figures = {**PUBLISHED, **changed}
    return {"detectors.json": json.dumps({"used": [DETECTORS], "published": figures}).encode()}


def zone_line(provider: str, before: Any, after: Any, **other: Any) -> str:
    """A line of a difference about the zone of a provider."""
    line = {"object": f"provider {provider}", "field": "zone", "before": before, "after": after}
    return json.dumps({**line, "power": "provider.zone", **other})


def bundle_line(before: str | None, after: str) -> str:
    """A line of a difference about the policies."""
    line = {"object": "policy bundle", "field": "digest", "before": before, "after": after}
    return json.dumps({**line, "power": "policies"})


def line(place: str, field: str, before: Any, after: Any) -> str:
    """A line of a difference about any field."""
    return json.dumps({"object": place, "field": field, "before": before, "after": after})


def key_lines(*persons: tuple[str, str]) -> list[str]:
    """Lines of new keys of administrators, each with the name of its owner."""
    return [line(f"admin_key {name}", "owner", None, identity) for identity, name in persons]


def actor(person: tuple[str, str], **more: Value) -> dict[str, Value]:
    """What each entry of the control plane says of who acted."""
    identity, name = person
    about: dict[str, Value] = {
        "principal": f"k_{identity}",
        "via": "api",
        "roles": ["platform_admin"],
        "name": name,
        "person": identity,
    }
    return {**about, **more}


@dataclass
class History:
    """An installation's log."""

    log: Log = field(default_factory=Log)
    numbers: int = 0

    def control(self, event: str, person: tuple[str, str], **more: Value) -> int:
        """An entry of the control plane."""
        return self.log.entry(event, actor(person, **more))

    def opened(self, gateway: str = GATEWAY, after: str | None = None) -> "History":
        """A process opens a log."""
        fields: dict[str, Value] = {"log": gateway, **({"after": after} if after else {})}
        self.log.entry("trail:log:open", fields, log=gateway)
        return self

    def ended(self, gateway: str = GATEWAY) -> "History":
        """A process closes its log in order."""
        self.log.entry("trail:log:close", {"log": gateway}, log=gateway)
        return self

    def depart(
        self, request: str, *, gateway: str = GATEWAY, bundle: str = BUNDLE, **other: Value
    ) -> "History":
        """A body leaves."""
        fields: dict[str, Value] = {
            "principal": "k_app",
            "level": "internal",
            "zone": "eu",
            "provider": "eu",
            "deployment": "gpt-eu",
            "detectors": DETECTORS,
            **other,
        }
        fields = {name: value for name, value in fields.items() if value is not None}
        self.log.entry(INTENT, fields, log=gateway, bundle=bundle, request=request)
        return self

    def answer(self, request: str, *, gateway: str = GATEWAY, **other: Value) -> "History":
        """An answer ends."""
        fields: dict[str, Value] = {"outcome": "ok", **other}
        self.log.entry(CLOSE, fields, log=gateway, bundle=BUNDLE, request=request)
        return self

    def asked(self, request: str, **other: Any) -> "History":
        """A request that was answered."""
        self.depart(request, **other)
        self.answer(request, gateway=other.get("gateway", GATEWAY))
        return self

    def proposed(
        self,
        lines: list[str],
        *,
        author: tuple[str, str] = AUTHOR,
        kind: str = "change",
        **other: Value,
    ) -> str:
        """Somebody proposes a change; gives the proposal."""
        self.numbers += 1
        proposal = f"p{self.numbers}"
        about: dict[str, Value] = {"proposal": proposal, "kind": kind, "subject": "config"}
        self.control(
            "control:proposal:create",
            author,
            **about,
            powers=["provider.zone"],
            lines=lines,
            comment="for the new office",
            **other,
        )
        return proposal

    def approved(
        self,
        proposal: str,
        lines: list[str],
        *,
        by: tuple[str, str] = DECIDER,
        author: tuple[str, str] = AUTHOR,
        **other: Value,
    ) -> "History":
        """Somebody approves it."""
        about: dict[str, Value] = {
            "proposal": proposal,
            "kind": "change",
            "powers": ["provider.zone"],
            "lines": lines,
            "proposed_by": f"k_{author[0]}",
            "author_name": author[1],
            "author_person": author[0],
            "author_comment": "for the new office",
            "comment": "seen",
            "one_person": False,
        }
        self.control("control:proposal:approve", by, **{**about, **other})
        return self

    def applied(
        self, lines: list[str], *, basis: str | None = "two-persons", **other: Value
    ) -> int:
        """A change comes into force."""
        about: dict[str, Value] = {"door": "api", "lines": lines, "number": 1, "author": AUTHOR[0]}
        given: dict[str, Value] = {} if basis is None else {"basis": basis}
        return self.control("control:change:apply", DECIDER, **{**about, **given, **other})

    def zone(self, provider: str, before: str | None, after: str | None) -> "History":
        """A zone that two persons agreed on."""
        lines = [zone_line(provider, before, after)]
        proposal = self.proposed(lines)
        self.approved(proposal, lines)
        self.applied(lines, proposal=proposal)
        return self

    def policy(
        self, digest: str = BUNDLE, before: str | None = None, kind: str = "policy_bundle"
    ) -> "History":
        """A bundle that two persons agreed on."""
        proposal = self.proposed([], kind=kind)
        self.approved(proposal, [], kind=kind)
        self.control("control:policy:activate", DECIDER, digest=digest)
        self.applied([bundle_line(before, digest)], proposal=proposal)
        return self

    def model(
        self, *, by: tuple[str, str] = DECIDER, tag: str = "production", digest: str = MODEL
    ) -> "History":
        """A model version that two persons agreed on, with a tag."""
        about: dict[str, Value] = {"model": "house", "version": "3", "digest": digest}
        self.control("control:model:register", AUTHOR, **about)
        said: dict[str, Value] = {"author_person": AUTHOR[0], "one_person": False}
        self.control("control:model:approve", by, **about, registered_by="k_u_anna", **said)
        self.control("control:model:promote", by, **about, tag=tag)
        return self


def honest() -> History:
    """Zones, a bundle and a model version that two persons approved, and a day of requests."""
    history = History()
    history.zone("eu", None, "eu")
    history.zone("house", None, "internal")
    history.policy()
    history.model()
    history.opened()
    for number in range(4):
        history.asked(f"r{number}")
    history.asked("r4", level="restricted", zone="internal", provider="house", model_digest=MODEL)
    history.answer("r5", level="internal", outcome="insufficient_quota")
    return history
