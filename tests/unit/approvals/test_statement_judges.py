"""The offline verifier judges a change as the product does: its program repeats the rules."""

from collections.abc import Iterator
from typing import Any

import pytest

from gateway.approvals.rules import RULES, judge
from gateway.core.objects.declare import DeclaredField
from gateway.core.objects.effects import Effect
from gateway.evidence import verify
from tests.support.judged_values import FIELDS, values_of

# The powers over who counts as a person and where bytes go.
DECIDING = {
    "provider.zone",
    "provider.address",
    "deployment.clearance",
    "deployment.provider",
    "alias.candidates",
    "network.internal",
    "issuer.trust",
    "issuer.roles",
    "issuer.rights",
    "key.admin",
    "mandates",
    "use_case.risk",
}
NO_DESTINATION = {("deployment", "price")}  # money alone, under the power over the model


def power_of(kind: str, field: str) -> str | None:
    if field in RULES[kind].harmless:
        return None
    rule = RULES[kind].fields.get(field)
    return rule.power if rule else RULES[kind].power


def changes(kind: str, field: DeclaredField) -> Iterator[tuple[Any, Any]]:
    values = values_of(kind, field.name)
    afters = values if field.required else [None, *values]
    return ((before, after) for before in (None, *values) for after in afters if before != after)


@pytest.mark.parametrize(("kind", "field"), FIELDS, ids=lambda one: getattr(one, "name", one))
def test_the_verifier_knows_what_decides_and_judges_it_alike(
    kind: str, field: DeclaredField
) -> None:
    narrows = verify.narrows_of(kind, field.name)
    decides = power_of(kind, field.name) in DECIDING and (kind, field.name) not in NO_DESTINATION
    assert (narrows is not None) == decides, power_of(kind, field.name)
    for before, after in changes(kind, field) if narrows else ():
        widens = judge(kind, field.name, before, after)[0] is Effect.WIDENS
        assert narrows(before, after) != widens, (before, after)
