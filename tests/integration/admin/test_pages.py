"""Every page of the console draws against a real control plane, in both languages."""

import json
from types import ModuleType

import pytest
from streamlit.testing.v1 import AppTest

from admin.i18n import LANGUAGES
from admin.views import (
    audit,
    complaints,
    data_subjects,
    holds,
    home,
    incidents,
    keys,
    models,
    overview,
    own,
    playground,
    policies,
    policy_change,
    proposals,
    reports,
    terms,
    usage,
)
from tests.support.installation import Installation
from tests.support.tiny_model import make_tiny

pytestmark = [
    pytest.mark.integration,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),
]
PAGES = (
    home,
    overview,
    audit,
    reports,
    data_subjects,
    holds,
    incidents,
    complaints,
    policies,
    policy_change,
    proposals,
    playground,
    terms,
    models,
    keys,
    usage,
    own,
)
ROLES = (
    "platform_admin",
    "policy_author",
    "policy_approver",
    "model_owner",
    "compliance_officer",
    "data_protection_officer",
    "use_case_owner",
    "team_lead",
)


@pytest.fixture(scope="module")
def bearer(sluis: Installation, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A key with all roles, on an installation that has something on every page."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "terms.txt").write_text("Kwijtelaar\n", encoding="utf-8")
    propose = ("--kind", "deny", "--file", str(folder / "terms.txt"), "--reason", "a test")
    sluis.sluis("terms", "propose", *propose)
    sluis.sluis("models", "register", "drawn", "1", "--base", str(make_tiny(folder / "tiny")))
    # Of a request that no test makes: a wider hold would stop what other tests erase.
    hold = ("--audit-id", "0" * 32, "--review", "2030-01-01", "--reason", "a test")
    sluis.sluis("holds", "create", *hold)
    incident = ("--kind", "other", "--aware", "2026-01-05T10:00", "--description", "a test")
    sluis.sluis("incidents", "open", *incident)
    sluis.ask("Mijn naam is Jan de Vries.")
    roles = [option for role in ROLES for option in ("--role", role)]
    made = sluis.sluis("keys", "create", "all-pages", "--kind", "admin", *roles, "--json")
    return str(json.loads(made.stdout)["secret"])


def draw(
    page: str, language: str, url: str, bearer: str, request: str = "", entry: str = ""
) -> None:
    """A script that Streamlit runs: it has no access to the names of this module."""
    import sys

    import streamlit as st

    from admin.client import Client, transport
    from admin.i18n import Localizer
    from admin.page_context import PageContext

    if request:
        st.query_params["request"] = request
    if entry:
        st.query_params["entry"] = entry
    with transport(url) as http:
        client = Client(http, bearer)
        context = PageContext(Localizer(language), client, client.current_user())
        sys.modules[page].page(context)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__.rpartition(".")[2])
def test_a_page_is_drawn(sluis: Installation, bearer: str, page: ModuleType, language: str) -> None:
    arguments = (page.__name__, language, sluis.control, bearer)
    drawn = AppTest.from_function(draw, default_timeout=60, args=arguments).run()
    assert not drawn.exception
    assert not drawn.error
    assert drawn.title


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "**Versions of models that you may approve: "),
        ("nl", "**Modelversies die u mag goedkeuren: "),
    ],
)
def test_home_names_the_versions_that_wait(
    sluis: Installation, bearer: str, language: str, title: str
) -> None:
    arguments = (home.__name__, language, sluis.control, bearer)
    drawn = AppTest.from_function(draw, default_timeout=60, args=arguments).run()
    shown = [one.value for one in drawn.markdown]
    assert any(text.startswith(title) for text in shown)
    assert any("drawn" in text for text in shown)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_timeline_of_a_request_is_drawn(
    sluis: Installation, bearer: str, language: str
) -> None:
    request = sluis.ask("Mijn naam is Jan de Vries.").headers["x-sluis-audit-id"]
    arguments = (audit.__name__, language, sluis.control, bearer, request)
    drawn = AppTest.from_function(draw, default_timeout=60, args=arguments).run()
    assert not drawn.exception
    assert len(drawn.subheader) == 7  # six sections, and the stored bodies
    drawn.selectbox[-1].select("complaint")
    drawn.text_input[0].input("to answer complaint 12")
    drawn.button[-1].click().run()
    assert not drawn.exception
    assert any("[PERSON_" in code.value for code in drawn.code)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_entry_of_no_request_is_drawn(sluis: Installation, bearer: str, language: str) -> None:
    found = sluis.admin("GET", "/audit", bearer, params={"event": "control:hold:create"}).json()
    entry = found["entries"][0]
    place = f"{entry['log']}:{entry['seq']}"
    arguments = (audit.__name__, language, sluis.control, bearer, "", place)
    drawn = AppTest.from_function(draw, default_timeout=60, args=arguments).run()
    assert not drawn.exception
    assert not drawn.error
    assert entry["principal"] in str(drawn.dataframe[0].value)
    arguments = (*arguments[:-1], "control:999999")
    missing = AppTest.from_function(draw, default_timeout=60, args=arguments).run()
    assert missing.error
    assert not missing.exception
