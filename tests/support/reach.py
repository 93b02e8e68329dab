"""What a snapshot lets happen, computed without the rules that judge changes.

Who may send which text for which purpose where, by the gateway's own decisions; who counts as a
person that governs; what may be spent and read. ``gained`` says what one snapshot gives that
another one did not: the oracle of tests of what one person may change alone.
"""

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec

from gateway.compiled.policy import CompiledPolicy, compile_policy
from gateway.compiled.snapshot import CompiledSnapshot
from gateway.core.days import end_of_day
from gateway.core.errors import Refusal
from gateway.core.level import Level
from gateway.core.principal import Principal
from gateway.core.snapshot import (
    AUDIT,
    NO_LIMITS,
    REVEALS_PER_DAY,
    Budget,
    Deployment,
    Issuer,
    Key,
    Limits,
    Provider,
    Snapshot,
    Team,
)
from gateway.core.stop_switches import StopSwitches
from gateway.decisions.use_cases import Review
from gateway.identity.api_key_index import _principal as principal_of_key
from gateway.identity.networks import lies_in
from gateway.identity.rights import NoRights, TokenRights
from gateway.identity.tokens import APPLICATION, PERSON, Claims
from gateway.request.target_decision import decided
from gateway.routing import ModelCatalogue, Target

Grant = tuple[Any, ...]
Holder = tuple[str, ...]
# Epoch seconds at which a use is tried: soon, and in 2030, 2050, 2090 and 2120.
MOMENTS = (1_790_000_000, 1_900_000_000, 2_540_000_000, 3_790_000_000, 4_740_000_000)
ADDRESSES = ("10.1.2.3", "10.1.9.3", "10.9.9.9", "127.0.0.1", "172.20.0.1", "192.0.2.1")
LEVELS = ("public", "internal", "confidential", "restricted")
# Fields that do not say where text goes: they name an object, or decide through the policies.
_NOT_THE_PLACE = frozenset({"name", "zone", "contract", "needs_contract", "private_address"})
_NOT_THE_MODEL = frozenset({
    "name",
    "provider",
    "price",
    "clearance",
    "timeouts",
    "version",
    "needs_version",
})
_NOT_TRUST = frozenset({"name", "keys", "published", "roles", "groups", "applications"})
_CURRENCIES = ("EUR", "USD")
_TOGETHER = "keys of team"


@dataclass(frozen=True, slots=True)
class Reach:
    """``admitted`` is by holder of rights; ``teams`` has the team of each key.

    ``persons`` are statements of who counts as somebody; ``barred`` of whom and what is kept out.
    ``spent`` is the most by place: money by currency, limits by name. ``read`` is what may be seen
    of persons and stored texts.
    """

    admitted: Mapping[Holder, frozenset[Grant]]
    teams: Mapping[Holder, str | None]
    persons: frozenset[Grant]
    barred: frozenset[Grant]
    spent: Mapping[Grant, float]
    read: Mapping[Grant, float]


def reach_of(snapshot: Snapshot) -> Reach:
    """What a snapshot lets happen."""
    holders = dict(_holders(snapshot))
    compiled = _compiled(snapshot)
    cases = [None, *snapshot.use_cases]
    return Reach(
        {
            holder: frozenset(_admitted(compiled, snapshot, principal, cases))
            for holder, principal in holders.items()
        },
        {holder: principal.team for holder, principal in holders.items()},
        frozenset(_persons(snapshot)),
        frozenset(_barred(snapshot)),
        dict(_spent(snapshot)),
        {
            ("names of persons",): float(not snapshot.persons_hidden),
            ("reveals a day",): float(
                snapshot.settings.get(AUDIT, {}).get("reveals_per_day", REVEALS_PER_DAY)
            ),
        },
    )


def gained(before: Reach, after: Reach, *, by: str = "") -> list[str]:
    """What the later one gives that the earlier one did not.

    ``by`` is a person who may have given a key of the own a new secret.
    """
    found = [
        f"{holder} is newly let to {some}"
        for holder, may in after.admitted.items()
        if (some := _beyond(before, after, holder, may))
    ]
    had = {_of_any_secret(one, by) for one in before.persons}
    has = {_of_any_secret(one, by) for one in after.persons}
    found += [f"counts newly: {one}" for one in sorted(has - had, key=repr)]
    found += [f"is let in again: {one}" for one in sorted(before.barred - after.barred, key=repr)]
    found += [
        f"{place}: {most} -> {now}"
        for place, most in {**before.spent, **before.read}.items()
        if (now := {**after.spent, **after.read}.get(place, _gone(place, after))) > most
    ]
    return found + [
        f"{place}: {most} newly"
        for place, most in after.spent.items()
        if place[0] == _TOGETHER and place not in before.spent and most > 0
    ]


def _of_any_secret(statement: Grant, by: str) -> Grant:
    """A statement about a key, without its secret where it is of this person."""
    if by and statement[:2] == ("key", by):
        return statement[:2] + statement[4:]
    return statement


def _gone(place: Grant, after: Reach) -> float:
    """What may be spent at a place that is no more: nothing, or all where it was a bound alone."""
    return math.inf if place[0] == "team" and (*place[:2], "EUR") in after.spent else -math.inf


def _beyond(before: Reach, after: Reach, holder: Holder, may: frozenset[Grant]) -> list[Grant]:
    """Some of what a holder may do newly.

    A new key is measured by what one key of its team may do, or what its members may issue.
    """
    if holder in before.admitted:
        return list(may - before.admitted[holder])[:2]
    alike: list[frozenset[Grant]] = []
    if holder[0] == "key":
        team = after.teams[holder]
        alike = [
            before.admitted[other]
            for other, of_team in before.teams.items()
            if other[0] in {"key", "self-service"} and of_team == team
        ]
    return min(([*(may - one)][:2] for one in (frozenset[Grant](), *alike)), key=len)


@lru_cache(maxsize=4)
def _policy(digest: str, files: tuple[tuple[str, str], ...]) -> CompiledPolicy:
    return compile_policy(dict(files), digest=digest)


def _compiled(snapshot: Snapshot) -> CompiledSnapshot:
    """All that decides about a request; nothing signs in or is sent."""
    nobody: Any = None
    return CompiledSnapshot(
        snapshot=snapshot,
        policy=_policy(snapshot.bundle_digest, tuple(sorted(snapshot.bundle.items()))),
        authenticator=nobody,
        catalogue=ModelCatalogue(snapshot),
        use_cases={case.name: case for case in snapshot.use_cases},
        egress=nobody,
        stops=StopSwitches(snapshot.stops),
    )


def _holders(snapshot: Snapshot) -> Iterator[tuple[Holder, Principal]]:
    """Who has rights: keys, mappings of tokens, and what members of teams may issue."""
    teams = {team.name: team for team in snapshot.teams}
    for key in snapshot.keys:
        if key.kind != "admin" and not key.blocked and key.id not in snapshot.stops.keys:
            yield ("key", key.id), principal_of_key(key, teams.get(key.team or ""))
    for team in snapshot.teams:
        if own := team.self_service:
            issued = Key(
                id="",
                name="",
                digest="",
                team=team.name,
                models=own.models,
                purposes=own.purposes,
                clearance=own.clearance,
            )
            yield ("self-service", team.name), principal_of_key(issued, team)
    rights = TokenRights(snapshot.issuers, snapshot.teams, pepper=b"pepper")
    for issuer in snapshot.issuers:
        for claims in _claims(issuer):
            try:
                principal = rights.principal_of(claims)
            except NoRights:
                continue
            said = ",".join(sorted((*claims.groups, *map("=".join, claims.attributes))))
            yield (claims.kind, issuer.name, claims.subject, said), principal


def _claims(issuer: Issuer) -> Iterator[Claims]:
    """What tokens say that a mapping names."""
    for one in issuer.groups:
        for when in {frozenset(one.when.items()), frozenset[tuple[str, str]]()}:
            group = frozenset(filter(None, [one.group]))
            yield _token(issuer, "somebody", PERSON, group, when)
    for subject in issuer.applications:
        yield _token(issuer, subject, APPLICATION, frozenset(), frozenset())


def _token(
    issuer: Issuer,
    subject: str,
    kind: str,
    groups: frozenset[str],
    attributes: frozenset[tuple[str, str]],
) -> Claims:
    return Claims(
        issuer=issuer.name,
        subject=subject,
        name=subject,
        kind=kind,
        groups=groups,
        roles=frozenset(),
        client=None,
        session=None,
        issued=0,
        expires=math.inf,
        aliases=frozenset(),
        token_id=None,
        attributes=attributes,
    )


def _admitted(
    compiled: CompiledSnapshot, snapshot: Snapshot, principal: Principal, cases: Iterable[Any]
) -> Iterator[Grant]:
    """Each purpose, text and destination that a principal is let to, from where and until when."""
    deployments = {one.name: one for one in snapshot.deployments}
    rules = compiled.policy.use_cases
    targets = [
        (target, [*_places(target, deployments[target.name])])
        for target in _targets(compiled, snapshot, principal)
    ]
    addresses = [
        one for one in ADDRESSES if not principal.networks or lies_in(principal.networks, one)
    ]
    for case, now in itertools.product(cases, MOMENTS):
        purpose = case.name if case else ""
        if principal.purposes and purpose not in principal.purposes:
            continue
        if case and (
            purpose in snapshot.stops.use_cases or rules.review(case.review, now) is Review.EXPIRED
        ):
            continue
        if principal.expires is not None and principal.expires <= now:
            continue
        for target, places in targets:
            if target.retired_at(now):
                continue
            floor = Level.parse(case.floor) if case else Level.PUBLIC
            for text in LEVELS:
                decision = decided(
                    compiled,
                    target,
                    target.cleared_at(now),
                    principal,
                    level=max(Level.parse(text), principal.floor, floor),
                    purpose=purpose,
                    case=case,
                )
                if not decision.allowed:
                    continue
                forms = ("redacted",) if decision.redact else ("redacted", "clear")
                for form, place, address in itertools.product(forms, places, addresses):
                    yield purpose, text, form, place, address, now


def _targets(
    compiled: CompiledSnapshot, snapshot: Snapshot, principal: Principal
) -> Iterator[Target]:
    """The deployments that a principal reaches by any name, fallbacks among them."""
    found: dict[str, Target] = {}
    names = [alias.name for alias in snapshot.aliases] + [one.name for one in snapshot.deployments]
    for name in names:
        try:
            chosen = compiled.catalogue.choose(name, principal)
        except Refusal:
            continue
        found |= {target.name: target for target in chosen.candidates}
    yield from found.values()


def _places(target: Target, deployment: Deployment) -> Iterator[str]:
    """Where text goes, with what credential; one place more for each weaker connection."""
    provider = target.provider
    place = _document(provider, _NOT_THE_PLACE | {"plain_http"})
    model = _document(deployment, _NOT_THE_MODEL)
    model["proof"] = target.proof if target.is_unproven else ""
    model["version"] = target.version.name if target.version else ""
    made = msgspec.json.encode([place, model], order="sorted").decode()
    yield made
    if provider.private_address is not False:
        yield f"{made} at a private address"
    if provider.plain_http:
        yield f"{made} without TLS"


def _document(item: Provider | Deployment | Issuer, without: Iterable[str]) -> dict[str, Any]:
    left_out = set(without)
    return {
        name: value
        for name, value in msgspec.to_builtins(item).items()
        if name not in left_out and value != {}
    }


def _persons(snapshot: Snapshot) -> Iterator[Grant]:
    """Who counts as a person or an approver, by which credential; what decides about approvals."""
    for key in snapshot.keys:
        if key.blocked or key.id in snapshot.stops.keys:
            continue
        secrets = [(key.digest, math.inf), (key.former, key.former_until)]
        for role, (digest, until), now in itertools.product(key.roles, secrets, MOMENTS):
            if digest and now < until and (key.expires is None or now < key.expires):
                for address in ADDRESSES:
                    if not key.networks or lies_in(principal_of_key(key, None).networks, address):
                        yield "key", key.owner, digest, key.issued_by, role, address, now
    for issuer in snapshot.issuers:
        trust = msgspec.json.encode(_document(issuer, _NOT_TRUST), order="sorted").decode()
        yield "issuer", issuer.name, trust
        for claim, role in issuer.roles.items():
            yield "role of an issuer", issuer.name, trust, claim, role
    for team in snapshot.teams:
        if team.lead:
            yield "lead", team.name, team.lead
    for case in snapshot.use_cases:
        yield "owner", case.name, case.owner
    for place, most, until in _alone(snapshot):
        named = most if isinstance(most, list) else [""]
        yield from ((*place, name, now) for name in named for now in MOMENTS if now < until)
    for network, address in itertools.product(snapshot.internal_networks, ADDRESSES):
        if lies_in(_networks(network), address):
            yield "an internal address", address
    yield "policies", snapshot.bundle_digest
    approvals = snapshot.settings.get("approvals", {})
    if approvals.get("one_person") not in {"never", "ended"}:
        yield ("one person decides",)
    for name, setting in snapshot.settings.items():
        for field, value in setting.items():
            if (name, field) not in {
                ("approvals", "one_person"),
                (AUDIT, "reveals_per_day"),
                ("privacy", "persons"),
                ("models", "unregistered"),
            }:
                yield "setting", name, field, msgspec.json.encode(value, order="sorted")
    for term in snapshot.terms.allow:
        yield "a term that is no personal data", term


def _alone(snapshot: Snapshot) -> Iterator[tuple[Grant, Any, float]]:
    """Who acts alone on what, within which bound, and until when."""
    for one in snapshot.mandates:
        for grant in one.grants:
            for team, (field, most) in itertools.product(
                grant.teams, msgspec.to_builtins(grant.most).items()
            ):
                place = ("acts alone", one.holder, one.role, grant.kind, team, field)
                yield place, most, end_of_day(one.until)


def _barred(snapshot: Snapshot) -> Iterator[Grant]:
    """Persons who have left, and terms that count as personal data."""
    yield from (("left", place) for place, until in snapshot.cut_offs.items() if until is None)
    yield from (("term", *term) for term in snapshot.terms.deny.items())


def _networks(network: str) -> Any:
    key = Key(id="", name="", digest="", networks=[network])
    return principal_of_key(key, None).networks


def _spent(snapshot: Snapshot) -> Iterator[tuple[Grant, float]]:
    """The most that may be spent and asked, by place."""
    for key in snapshot.keys:
        yield from _bounds(("key", key.id), key.budget, key.limits)
    for team in snapshot.teams:
        yield from _of_team(snapshot, team)
    for case in snapshot.use_cases:
        yield from _bounds(("use case", case.name), case.budget, case.limits)
    for issuer in snapshot.issuers:
        for group in issuer.groups:
            place = ("group", issuer.name, str(group.group), repr(sorted(group.when.items())))
            yield from _bounds(place, group.budget, group.limits)
        for subject, rights in issuer.applications.items():
            yield from _bounds(("application", issuer.name, subject), rights.budget, rights.limits)
    for place, most, _ in _alone(snapshot):
        if isinstance(most, dict):  # limits, or a budget
            of = most.get("currency", "")
            numbers = {name: one for name, one in most.items() if isinstance(one, int | float)}
            yield from (((*place, of, name), one) for name, one in numbers.items())
        elif isinstance(most, int):
            yield place, most
        elif isinstance(most, str):
            yield place, LEVELS.index(most) * (-1 if place[-1] == "floor" else 1)
    for one in snapshot.deployments:
        for field, value in msgspec.to_builtins(one.price).items():
            if field.endswith("per_million"):
                # For the same money more is got at a lower price.
                yield ("price", one.name, one.price.currency, field), -float(value or 0)


def _of_team(snapshot: Snapshot, team: Team) -> Iterator[tuple[Grant, float]]:
    """The bounds of a team; and of all its keys together, where a new one adds to them."""
    yield from _bounds(("team", team.name), team.budget, team.limits)
    yield from _bounds(("each of team", team.name), team.per_person.budget, team.per_person.limits)
    for model, allowance in team.per_model.items():
        yield from _bounds(("team", team.name, model), allowance.budget, allowance.limits)
    for currency in _CURRENCIES:
        own = [
            _money(key.budget, currency)
            for key in snapshot.keys
            if key.team == team.name and key.kind != "admin"
        ]
        bound = _money(team.budget, currency)
        together = math.fsum(own) if math.isinf(bound) else bound
        yield (_TOGETHER, team.name, currency), together if own else 0.0


def _bounds(
    place: Grant, budget: Budget | None, limits: Limits = NO_LIMITS
) -> Iterator[tuple[Grant, float]]:
    for currency in _CURRENCIES:
        yield (*place, currency), _money(budget, currency)
    for name, value in msgspec.structs.asdict(limits).items():
        yield (*place, name), math.inf if value is None else float(value)


def _money(budget: Budget | None, currency: str) -> float:
    return budget.amount if budget and budget.currency == currency else math.inf
