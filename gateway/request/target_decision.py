"""What policy decides for one destination: the same for deployments and for guardrails."""

from functools import partial

from gateway.compiled.snapshot import CompiledSnapshot
from gateway.core.clearance import Clearance
from gateway.core.decision import Decision
from gateway.core.level import Level
from gateway.core.principal import Principal
from gateway.core.snapshot import UseCase
from gateway.decisions import authorisation_request
from gateway.routing import Target


def decided(
    compiled: CompiledSnapshot,
    target: Target,
    cleared: Clearance,
    principal: Principal,
    *,
    level: Level,
    purpose: str,
    case: UseCase | None,
) -> Decision:
    """Whether a target may receive text of a level, and in which form.

    ``cleared`` is its clearance now. Policy may refuse the user what it allows the application.
    """
    ask = partial(_decided, compiled, target, cleared, level=level, purpose=purpose, case=case)
    decision = ask(principal)
    if principal.on_behalf_of:
        return decision.narrowed_by(ask(principal.on_behalf_of))
    return decision


def _decided(
    compiled: CompiledSnapshot,
    target: Target,
    cleared: Clearance,
    principal: Principal,
    *,
    level: Level,
    purpose: str,
    case: UseCase | None,
) -> Decision:
    return compiled.policy.authoriser.decide(
        authorisation_request(
            principal,
            level=level,
            purpose=purpose,
            risk=case.risk if case else "",
            zones=tuple(case.zones) if case else (),
            deployment=target.name,
            provider=target.provider.name,
            zone=target.zone,
            cleared=cleared,
        )
    )
