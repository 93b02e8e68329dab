"""Authorisation by Cedar: may this request go to this deployment, and in which form?

Cedar skips a policy that fails to evaluate, which would let a failing forbid pass. So the schema is
always given, and a decision counts as an allow only when nothing went wrong at all.
"""

import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

import cedarpy
import msgspec

from gateway.core.clearance import Clearance
from gateway.core.decision import Decision
from gateway.core.level import Level, Zone
from gateway.core.principal import Principal
from gateway.decisions.cedar_rules import CedarRule, cedar_rules
from gateway.decisions.policy_slices import Facts, PolicySlices

_CACHE = 4096
_ALL_ZONES = tuple(zone.value for zone in Zone)


class BundleError(Exception):
    """The policy bundle is invalid; the message says where and why."""


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
    """Returns the authorisation request of a principal's request to a deployment."""
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
    """The Cedar policies of one bundle, parsed once. Decisions are cached by request."""

    def __init__(self, files: dict[str, str], *, bundle: str) -> None:
        """Parses and validates the policies.

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
            self._policies = PolicySlices(policies)
            checked = cedarpy.validate_policies(policies, files["schema.cedarschema"])
        except KeyError as error:
            raise BundleError("the bundle has no schema.cedarschema") from error
        except ValueError as error:
            raise BundleError(f"authorisation: {error}") from error
        if not checked.validation_passed:
            rules = cedar_rules(files)  # in the order in which Cedar numbers them
            raise BundleError("; ".join(_placed(rules, one) for one in checked.errors))

    def decide(self, request: AuthorisationRequest) -> Decision:
        """Allows unchanged, allows after redaction, or refuses; any error is a refusal."""
        cached = self._cache.get(request)
        if cached is not None:
            return cached
        decision = self._decide(request)
        self._cache[request] = decision
        if len(self._cache) > _CACHE:
            self._cache.popitem(last=False)
        return decision

    def _decide(self, request: AuthorisationRequest) -> Decision:
        clear = self._evaluate(request, redacted=False)
        if clear.allowed:
            return clear
        redacted = self._evaluate(request, redacted=True)
        return redacted if redacted.allowed else _combine_refusals(clear, redacted)

    def _evaluate(self, request: AuthorisationRequest, *, redacted: bool) -> Decision:
        answer = cedarpy.is_authorized(
            _request(request, redacted=redacted),
            self._policies.of(_facts(request)),
            _entities(request),
            self._schema,
        )
        errors = tuple(self._policies.named(str(error)) for error in answer.diagnostics.errors)
        allowed = answer.decision == cedarpy.Decision.Allow and not errors
        # The ceiling of clearance is code: no bundle can widen it.
        within_clearance = request.cleared.allows(request.level, redacted=redacted)
        ids = answer.diagnostics.id_annotations_by_reason or {}
        return Decision(
            allowed=allowed and within_clearance,
            redact=redacted,
            policies=tuple(sorted(str(name) for name in ids.values() if name)),
            bundle=self._bundle,
            errors=errors,
        )


def _placed(rules: Sequence[CedarRule], fault: cedarpy.ValidationError) -> str:
    """A fault with the place and name of its rule, and what there is of what it did not find."""
    rule = rules[int(fault.policy_id.removeprefix("policy"))]
    what = fault.error.removeprefix(f"for policy `{fault.policy_id}`, ")
    known = f" ({_ATTRIBUTES})" if what.startswith("attribute ") else ""
    return f"{rule.file}:{rule.line}: rule {rule.id!r}: {what}{known}"


def _combine_refusals(clear: Decision, redacted: Decision) -> Decision:
    return Decision(
        allowed=False,
        redact=False,
        policies=tuple(sorted({*clear.policies, *redacted.policies})),
        bundle=clear.bundle,
        errors=(*clear.errors, *redacted.errors),
    )


def _request(request: AuthorisationRequest, *, redacted: bool) -> dict[str, object]:
    return {
        "principal": f"Sluis::Principal::{json.dumps(request.principal_id)}",
        "action": 'Sluis::Action::"send"',
        "resource": f"Sluis::Deployment::{json.dumps(request.deployment)}",
        "context": {
            "level": int(request.level),
            "redacted": redacted,
            "purpose": request.purpose,
            "risk": request.risk,
            "zones": list(request.zones),
        },
    }


def _facts(request: AuthorisationRequest) -> Facts:
    return {
        ("principal", ""): request.principal_id,
        ("principal", "kind"): request.kind,
        ("principal", "team"): request.team,
        ("resource", ""): request.deployment,
        ("resource", "zone"): request.zone.value,
        ("resource", "provider"): request.provider,
        ("context", "purpose"): request.purpose,
        ("context", "risk"): request.risk,
    }


def _entities(request: AuthorisationRequest) -> list[dict[str, object]]:
    principal = {
        "kind": request.kind,
        "team": request.team,
        "roles": sorted(request.roles),
        "clearance": int(request.clearance),
    }
    deployment = {
        "zone": request.zone.value,
        "provider": request.provider,
        "clear": int(request.cleared.clear),
        "redacted": int(request.cleared.redacted),
    }
    return [
        _entity("Sluis::Principal", request.principal_id, principal),
        _entity("Sluis::Deployment", request.deployment, deployment),
    ]


def _attributes() -> str:
    """What policies may read of a request, as every one has it."""
    level, nothing = Level.PUBLIC, ("", "", (), "", "")
    cleared = Clearance(level, level)
    request = AuthorisationRequest(
        "", "app", "", frozenset(), level, level, *nothing, Zone.INTERNAL, cleared
    )
    known: list[Any] = [one["attrs"] for one in _entities(request)]
    known.append(_request(request, redacted=False)["context"])
    named = zip(("principal", "resource", "context"), known, strict=True)
    return "; ".join(f"{variable} has {', '.join(sorted(of))}" for variable, of in named)


def _entity(kind: str, name: str, attributes: Mapping[str, object]) -> dict[str, object]:
    return {"uid": {"type": kind, "id": name}, "attrs": attributes, "parents": []}


_ATTRIBUTES = _attributes()
