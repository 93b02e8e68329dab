"""Whose stored answers are: one caller, one user, one thing."""

from dataclasses import replace

import pytest

from gateway.core.level import Level
from gateway.core.principal import Principal
from gateway.core.snapshot import Limits
from gateway.request.caller import answers_of
from gateway.request.context import AuditRecord
from gateway.telemetry import Timeline

pytestmark = pytest.mark.unit
_KEY = b"k" * 32
_APP = Principal(
    id="k_app",
    name="app",
    kind="app",
    team=None,
    roles=frozenset(),
    models=frozenset(),
    purposes=(),
    clearance=Level.RESTRICTED,
    floor=Level.PUBLIC,
    strict=False,
    limits=Limits(),
)
_JAN = replace(_APP, id="u_jan", kind="person")
_PETRA = replace(_APP, id="u_petra", kind="person")


def name_of(principal: Principal, what: str = "idempotency:1", **fields: str) -> str:
    record = AuditRecord("a" * 32, Timeline(lambda: 0.0))
    record.note(**fields)
    return answers_of(principal, record, what).name(_KEY)


def test_no_two_callers_users_or_things_share_a_name() -> None:
    names = [
        name_of(_APP),
        name_of(_APP, "idempotency:2"),
        name_of(_APP, "response:1"),
        name_of(_APP, asserted_user="a_jan"),
        name_of(_APP, asserted_user="a_petra"),
        name_of(replace(_APP, on_behalf_of=_JAN)),
        name_of(replace(_APP, on_behalf_of=_PETRA)),
        name_of(replace(_APP, id="k_other"), asserted_user="a_jan"),
        name_of(_JAN),
        name_of(_PETRA),
    ]
    assert len(set(names)) == len(names)
    assert name_of(_APP, asserted_user="a_jan") == names[3]
    assert not any("jan" in name or "app" in name for name in names)


def test_a_proven_user_counts_before_an_asserted_one() -> None:
    proven = replace(_APP, on_behalf_of=_JAN)
    assert name_of(proven, asserted_user="a_petra") == name_of(proven)
