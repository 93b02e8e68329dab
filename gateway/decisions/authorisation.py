"""Authorisation by Cedar: may this request go to this deployment, and in which form?

Cedar skips a policy that fails to evaluate, which would let a failing forbid pass. So the schema is
always given, and a decision counts as an allow only when nothing went wrong at all.
"""

import json
from collections import OrderedDict
from collections.abc import Mapping

import cedarpy
import msgspec

from gateway.core.clearance import Clearance
from gateway.core.decision import Decision
from gateway.core.level import Level, Zone
from gateway.core.principal import Principal

_CACHE = 4096
_ALL_ZONES = tuple(zone.value for zone in Zone)


class BundleError(Exception):
    """The policy bundle cannot be used; the message says where and why."""


class AuthorisationRequest(msgspec.Struct, frozen=True):
    """One request and one deployment, reduced to what policies may depend on.

    ``zones`` are those that the use case may use, ``risk`` its risk class.
    """

    principal_id: str
    kind: str
    team: str
    roles: frozenset[str]
    clearance: Level
    level: Level
    purpose: str
    risk: str
    zones: tuple[str, ...]
    deployment: str
    provider: str
    zone: Zone
    cleared: Clearance


def authorisation_request(
    principal: Principal,
    *,
    level: Level,
    purpose: str,
    risk: str,
    zones: tuple[str, ...],
    deployment: str,
    provider: str,
    zone: Zone,
    cleared: Clearance,
) -> AuthorisationRequest:
    """The question that a principal's request to a deployment poses."""
    return AuthorisationRequest(
        principal_id=principal.id,
        kind=principal.kind,
        team=principal.team or "",
        roles=principal.roles,
        clearance=principal.clearance,
        level=level,
        purpose=purpose,
        risk=risk or "none",
        zones=zones or _ALL_ZONES,
        deployment=deployment,
        provider=provider,
        zone=zone,
        cleared=cleared,
    )


class Authoriser:
    """The Cedar policies of one bundle, parsed once; decisions are cached by their question."""

    def __init__(self, files: dict[str, str], *, bundle: str) -> None:
        """Parses and validates.

        Raises:
            BundleError: when a policy or the schema is not valid, or a policy has no ``@id``.
        """
        self._bundle = bundle
        self._cache: OrderedDict[AuthorisationRequest, Decision] = OrderedDict()
        policies = "\n".join(
            text for path, text in sorted(files.items()) if path.endswith(".cedar")
        )
        try:
            self._schema = cedarpy.Schema.from_str(files["schema.cedarschema"])
            self._policies = cedarpy.PolicySet.from_str(policies)
            checked = cedarpy.validate_policies(policies, files["schema.cedarschema"])
        except KeyError as error:
            raise BundleError("the bundle has no schema.cedarschema") from error
        except ValueError as error:
            raise BundleError(f"authorisation: {error}") from error
        if not checked.validation_passed:
            raise BundleError("; ".join(f"{e.policy_id}: {e.error}" for e in checked.errors))

    def decide(self, asked: AuthorisationRequest) -> Decision:
        """Allow as it is, allow after redaction, or refuse; any error is a refusal."""
        known = self._cache.get(asked)
        if known is not None:
            return known
        decision = self._decide(asked)
        self._cache[asked] = decision
        if len(self._cache) > _CACHE:
            self._cache.popitem(last=False)
        return decision

    def _decide(self, asked: AuthorisationRequest) -> Decision:
        clear = self._ask(asked, redacted=False)
        if clear.allowed:
            return clear
        redacted = self._ask(asked, redacted=True)
        return redacted if redacted.allowed else _joined(clear, redacted)

    def _ask(self, asked: AuthorisationRequest, *, redacted: bool) -> Decision:
        answer = cedarpy.is_authorized(
            _request(asked, redacted=redacted), self._policies, _entities(asked), self._schema
        )
        errors = tuple(str(error) for error in answer.diagnostics.errors)
        allowed = answer.decision == cedarpy.Decision.Allow and not errors
        # The floor of clearance is code: no bundle can widen it.
        within = asked.cleared.allows(asked.level, redacted=redacted)
        ids = answer.diagnostics.id_annotations_by_reason or {}
        return Decision(
            allowed=allowed and within,
            redact=redacted,
            policies=tuple(sorted(str(name) for name in ids.values() if name)),
            bundle=self._bundle,
            errors=errors,
        )


def _joined(clear: Decision, redacted: Decision) -> Decision:
    return Decision(
        allowed=False,
        redact=False,
        policies=tuple(sorted({*clear.policies, *redacted.policies})),
        bundle=clear.bundle,
        errors=(*clear.errors, *redacted.errors),
    )


def _request(asked: AuthorisationRequest, *, redacted: bool) -> dict[str, object]:
    return {
        "principal": f"Sluis::Principal::{json.dumps(asked.principal_id)}",
        "action": 'Sluis::Action::"send"',
        "resource": f"Sluis::Deployment::{json.dumps(asked.deployment)}",
        "context": {
            "level": int(asked.level),
            "redacted": redacted,
            "purpose": asked.purpose,
            "risk": asked.risk,
            "zones": list(asked.zones),
        },
    }


def _entities(asked: AuthorisationRequest) -> list[dict[str, object]]:
    principal = {
        "kind": asked.kind,
        "team": asked.team,
        "roles": sorted(asked.roles),
        "clearance": int(asked.clearance),
    }
    deployment = {
        "zone": asked.zone.value,
        "provider": asked.provider,
        "clear": int(asked.cleared.clear),
        "redacted": int(asked.cleared.redacted),
    }
    return [
        _entity("Sluis::Principal", asked.principal_id, principal),
        _entity("Sluis::Deployment", asked.deployment, deployment),
    ]


def _entity(kind: str, name: str, attributes: Mapping[str, object]) -> dict[str, object]:
    return {"uid": {"type": kind, "id": name}, "attrs": attributes, "parents": []}
