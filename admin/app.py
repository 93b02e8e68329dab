"""The console's page: who is signed in, in which language, and which pages that opens."""

import os
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import streamlit as st
from streamlit.navigation.page import StreamlitPage

from admin import client, session
from admin.client import Client, ControlError, CurrentUser
from admin.components import problem
from admin.i18n import LANGUAGES, Localizer, plain, preferred, zone_of
from admin.page_context import PageContext
from admin.views import (
    audit,
    complaints,
    data_subjects,
    holds,
    incidents,
    keys,
    models,
    overview,
    playground,
    policies,
    policy_change,
    proposals,
    reports,
    sign_in,
    terms,
)

_LOGO = Path(__file__).with_name("logo.svg")


@dataclass(frozen=True, slots=True)
class View:
    """A page, the permission that opens it, and where it stands in the menu."""

    name: str
    section: str
    icon: str
    permission: str
    draw: Callable[[PageContext], None]


VIEWS = (
    View("overview", "watch", "monitoring", "overview:read", overview.page),
    View("audit", "watch", "fact_check", "audit:read", audit.page),
    View("reports", "watch", "summarize", "reports:read", reports.page),
    View("subjects", "watch", "person_search", "subjects:find", data_subjects.page),
    View("holds", "watch", "gavel", "holds:read", holds.page),
    View("incidents", "watch", "e911_emergency", "incidents:read", incidents.page),
    View("complaints", "watch", "contact_support", "complaints:read", complaints.page),
    View("policies", "rules", "policy", "policies:read", policies.page),
    View("change", "rules", "edit_document", "policies:propose", policy_change.page),
    View("proposals", "rules", "approval", "proposals:read", proposals.page),
    View("try", "rules", "science", "policies:try", playground.page),
    View("terms", "rules", "dictionary", "terms:read", terms.page),
    View("models", "manage", "deployed_code", "models:read", models.page),
    View("keys", "manage", "key", "keys:read", keys.page),
)


@st.cache_resource
def _transport(control_url: str) -> httpx.Client:
    # The default context honours SSL_CERT_FILE, for a control plane with a private authority.
    return client.transport(control_url, verify=ssl.create_default_context())


def main() -> None:
    """One rerun."""
    st.set_page_config(page_title="Sluis", page_icon=str(_LOGO), layout="wide")
    st.logo(str(_LOGO), size="large")
    say = _language()
    credential = session.current()
    me, error = _who(credential)
    if credential is None or me is None:
        _closed(say, error)
        return
    here = PageContext(
        say, Client(_transport(os.environ["SLUIS_CONTROL_URL"]), credential.bearer), me
    )
    chosen = _menu(here)
    _signed_in(here, credential)
    if chosen is None:
        st.info(say("app.no_permissions"), icon=":material/lock:")
        return
    chosen.run()


def _who(credential: session.Credential | None) -> tuple[CurrentUser | None, ControlError | None]:
    """Asked at each rerun, so that a revoked key or role ends here and not at the next sign-in."""
    if credential is None:
        return None, None
    try:
        return Client(_transport(os.environ["SLUIS_CONTROL_URL"]), credential.bearer).me(), None
    except ControlError as error:
        if error.code == "invalid_api_key" and not credential.single_sign_on:
            session.forget()
        return None, error


def _language() -> Localizer:
    st.session_state.setdefault("language", preferred(st.context.locale))
    say = Localizer(st.session_state["language"], zone_of(st.context.timezone))
    with st.sidebar:
        st.selectbox(
            say("app.language"),
            list(LANGUAGES),
            key="language",
            format_func=lambda code: LANGUAGES[code],
        )
    return say


def _closed(say: Localizer, error: ControlError | None) -> None:
    """The sign-in page under every address, so that the address is still there afterwards."""
    pages = [
        st.Page(
            _nothing, title=say.bare(f"{view.name}.title"), url_path=view.name, default=not index
        )
        for index, view in enumerate(VIEWS)
    ]
    st.navigation(pages, position="hidden")
    has_sign_on = os.environ.get("SLUIS_CONSOLE_SIGN_ON") == "1"
    sign_in.page(say, single_sign_on=has_sign_on, error=error)


def _nothing() -> None:
    """A page that is never run."""


def _menu(here: PageContext) -> StreamlitPage | None:
    sections: dict[str, list[StreamlitPage]] = {}
    first = True
    for view in VIEWS:
        if here.me.may(view.permission):
            page = st.Page(
                _drawn(view, here),
                title=here.say.bare(f"{view.name}.title"),
                icon=f":material/{view.icon}:",
                url_path=view.name,
                default=first,
            )
            sections.setdefault(here.say.bare(f"section.{view.section}"), []).append(page)
            first = False
    return st.navigation(sections) if sections else None


def _drawn(view: View, here: PageContext) -> Callable[[], None]:
    def draw() -> None:
        try:
            view.draw(here)
        except ControlError as error:
            problem(here.say, error)

    return draw


def _signed_in(here: PageContext, credential: session.Credential) -> None:
    say = here.say
    with st.sidebar:
        st.text(here.me.name)
        roles = ", ".join(say.name("role", role) for role in here.me.roles)
        st.caption(plain(roles) or say("app.no_roles"))
        if credential.expires is not None:
            st.caption(say("app.until", when=say.moment(credential.expires)))
        if st.button(say("app.sign_out"), icon=":material/logout:", width="stretch"):
            session.sign_out(credential)


main()
