"""The page of an owner and lead draws what it is given, and acts on that alone."""

import pytest
from streamlit.testing.v1 import AppTest

from admin.i18n import LANGUAGES

pytestmark = [pytest.mark.unit, pytest.mark.filterwarnings("ignore")]


def draw(language: str, permissions: list[str]) -> None:
    """A script that Streamlit runs: it has no access to the names of this module."""
    from types import SimpleNamespace
    from typing import Any, cast

    from admin.client import CurrentUser
    from admin.i18n import Localizer
    from admin.page_context import PageContext
    from admin.views import own

    total = {"requests": 12, "refused": 1, "cost_micros": {"EUR": 2_500_000}}
    budget = {"budget_micros": 50_000_000, "used_micros": 2_500_000, "currency": "EUR"}
    line = {"object": "use_case letters", "field": "risk", "before": None, "after": "limited"}
    waits = {"id": "5f", "author": "Adam", "proposed": 1.0, "lines": [line], "approved": False}
    case = {"name": "letters", "risk": "limited", "review": None, "stopped": False}
    key = {"name": "bot", "owner": None, "models": [], "purposes": ["letters"], "expires": None}
    calls = SimpleNamespace(
        own_approvals=lambda: [waits, {**waits, "id": "6f", "approved": True}],
        own_use_cases=lambda: [{"use_case": case, "reviews": 3, "open_reviews": 1}],
        own_teams=lambda: [
            {"team": {"name": "press"}, "keys": [{**key, "revoked": None}, {**key, "revoked": 1}]}
        ],
        own_usage=lambda places, _name: {
            "total": total,
            "budgets": [budget] if places == "own-teams" else [],
        },
    )
    user = cast("CurrentUser", SimpleNamespace(may=lambda one: one in permissions))
    own.page(PageContext(Localizer(language), cast("Any", calls), user))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_owner_and_lead_sees_all_parts(language: str) -> None:
    arguments = (language, ["use_cases:own", "teams:own"])
    drawn = AppTest.from_function(draw, default_timeout=30, args=arguments).run()
    assert not drawn.exception
    assert not drawn.error
    assert len(drawn.subheader) == 3
    tables = [table.value for table in drawn.dataframe]
    assert [len(table) for table in tables] == [1, 1, 1, 1, 1]  # a revoked key is not shown
    assert tables[2].iloc[0, 0] == "letters"
    assert [one.key for one in drawn.button] == ["own.5f", "own.reject.5f", "own.stop"]


@pytest.mark.parametrize(("permission", "buttons"), [("use_cases:own", 3), ("teams:own", 0)])
def test_each_sees_the_own_part(permission: str, buttons: int) -> None:
    drawn = AppTest.from_function(draw, default_timeout=30, args=("en", [permission])).run()
    assert not drawn.exception
    assert len(drawn.button) == buttons
