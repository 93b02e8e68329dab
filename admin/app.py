"""The console: sign-in, language, and the menu of pages that the user may open."""

import os
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import streamlit as st
from streamlit.navigation.page import StreamlitPage

from admin import approval_sign_on, client, return_address, session
from admin.client import Client, ControlError, CurrentUser, Document
from admin.components import show_error
from admin.i18n import LANGUAGES, Localizer, escape, preferred_language, time_zone
from admin.page_context import PageContext
from admin.views import (
    access,
    audit,
    complaints,
    data_subjects,
    deadlines,
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
    requests,
    reviews,
    sign_in,
    terms,
    usage,
)

_HOME, _HOME_S = "app.home", 5.0
_IDLE_S = float(os.environ.get("SLUIS_CONSOLE_IDLE_S", "1800"))
_WATCH_S = 30.0
_COUNTED = {  # what the menu entry of a page counts
    "proposals": ("proposals", "models"),
    "reviews": ("reviews",),
    "incidents": ("incidents",),
    "complaints": ("complaints",),
    "requests": ("requests",),
}
_LOGO = Path(__file__).with_name("logo.svg")
_STYLE = Path(__file__).with_name("console.css")


@dataclass(frozen=True, slots=True)
class View:
    """A page, the permissions of which each opens it, and its section of the menu."""

    name: str
    section: str
    icon: str
    permission: str
    draw: Callable[[PageContext], None]


VIEWS = (
    View("home", "watch", "home", "", home.page),
    View("own", "watch", "badge", "use_cases:own teams:own", own.page),
    View("overview", "watch", "monitoring", "overview:read", overview.page),
    View("usage", "watch", "bar_chart", "usage:read", usage.page),
    View("audit", "watch", "fact_check", "audit:read", audit.page),
    View("reports", "watch", "summarize", "reports:read", reports.page),
    View("subjects", "watch", "person_search", "subjects:find", data_subjects.page),
    View("holds", "watch", "gavel", "holds:read", holds.page),
    View("reviews", "watch", "flag", "reviews:read", reviews.page),
    View("incidents", "watch", "e911_emergency", "incidents:read", incidents.page),
    View("complaints", "watch", "contact_support", "complaints:read", complaints.page),
    View("requests", "watch", "contact_mail", "requests:read", requests.page),
    View("deadlines", "watch", "event", "deadlines:read", deadlines.page),
    View("policies", "rules", "policy", "policies:read", policies.page),
    View("change", "rules", "edit_document", "policies:propose", policy_change.page),
    View("proposals", "rules", "approval", "proposals:read", proposals.page),
    View("try", "rules", "science", "policies:try", playground.page),
    View("terms", "rules", "dictionary", "terms:read", terms.page),
    View("models", "manage", "deployed_code", "models:read", models.page),
    View("access", "manage", "hub", "catalogue:read", access.page),
    View("keys", "manage", "key", "keys:read", keys.page),
)


@st.cache_resource
def _transport(control_url: str) -> httpx.Client:
    # The default context honours SSL_CERT_FILE, for a control plane with a private authority.
    return client.transport(control_url, verify=ssl.create_default_context())


def _client(credential: session.Credential) -> Client:
    return Client(_transport(os.environ["SLUIS_CONTROL_URL"]), credential.bearer)


def main() -> None:
    """Draw the console; Streamlit calls this at each rerun."""
    st.set_page_config(page_title="Sluis", page_icon=str(_LOGO), layout="wide")
    st.html(_STYLE)
    st.logo(str(_LOGO), size="large")
    localize = _language()
    credential = _active()
    user, error = _signed_in_user(credential)
    if credential is None or user is None:
        _sign_in(localize, error)
        return
    own = _client(credential)
    context = PageContext(localize, own, user, _home(own))
    session.note_activity()
    chosen = _menu(context)
    _account(context, credential)
    if chosen is None:
        st.info(localize("app.no_permissions"), icon=":material/lock:")
        return
    _alarms(context)
    if approval_sign_on.came_back():
        approval_sign_on.page(context)
        return
    chosen.run()
    if credential.single_sign_on:
        return_address.follow(_IDLE_S)
    if _IDLE_S:
        _watch()


def _active() -> session.Credential | None:
    """The credential of this rerun; None without one, or after too long without activity."""
    credential = session.current()
    if credential is not None and session.is_idle(_IDLE_S):
        session.end_idle(credential, _client(credential).sign_out)
        return None
    return credential


@st.fragment(run_every=min(_WATCH_S, max(1.0, _IDLE_S / 2)))
def _watch() -> None:
    """Replace the page by the sign-in page once this tab has been idle for too long."""
    if session.is_idle(_IDLE_S):
        st.rerun()


def _signed_in_user(
    credential: session.Credential | None,
) -> tuple[CurrentUser | None, ControlError | None]:
    """The current user, requested at each rerun: a revoked key or role takes effect at once."""
    if credential is None:
        return None, None
    try:
        return _client(credential).current_user(), None
    except ControlError as error:
        if error.code == "invalid_api_key" and not credential.single_sign_on:
            session.clear()
        return None, error


def _language() -> Localizer:
    st.session_state.setdefault("language", preferred_language(st.context.locale))
    localize = Localizer(st.session_state["language"], time_zone(st.context.timezone))
    with st.sidebar:
        st.selectbox(
            localize("app.language"),
            list(LANGUAGES),
            key="language",
            format_func=lambda code: LANGUAGES[code],
        )
    return localize


def _sign_in(localize: Localizer, error: ControlError | None) -> None:
    """Draw the sign-in page under every address, so that signing in keeps the address."""
    pages = [
        st.Page(
            _never_drawn,
            title=localize.raw(f"{view.name}.title"),
            url_path=view.name,
            default=not index,
        )
        for index, view in enumerate(VIEWS)
    ]
    st.navigation(pages, position="hidden")
    has_sign_on = os.environ.get("SLUIS_CONSOLE_SIGN_ON") == "1"
    if has_sign_on:
        return_address.keep()
    sign_in.page(localize, single_sign_on=has_sign_on, error=error)


def _never_drawn() -> None:
    """Serve as the body of pages that are registered for their address only."""


def _menu(context: PageContext) -> StreamlitPage | None:
    sections: dict[str, list[StreamlitPage]] = {}
    first = True
    for view in VIEWS:
        needed = view.permission.split() or context.user.permissions
        if any(map(context.user.may, needed)):
            title, waiting = context.localize.raw(f"{view.name}.title"), _waiting(context, view)
            page = st.Page(
                _renderer(view, context),
                title=f"{title} ({waiting})" if waiting else title,
                icon=f":material/{view.icon}:",
                url_path=view.name,
                default=first,
            )
            context.pages[view.name] = page
            sections.setdefault(context.localize.raw(f"section.{view.section}"), []).append(page)
            first = False
    return st.navigation(sections, expanded=True) if sections else None


def _waiting(context: PageContext, view: View) -> str:
    """How many wait on a page for this user; empty without one."""
    parts = [context.home.get(name) for name in _COUNTED.get(view.name, ())]
    found = [part for part in parts if part and part["count"]]
    count = sum(part["count"] for part in found)
    more = "+" if any(part.get("more") for part in found) else ""
    return f"{count}{more}" if count else ""


def _home(user_client: Client) -> Document:
    """What waits, asked at most once in some seconds; empty where it cannot be had."""
    asked, found = st.session_state.get(_HOME, (0.0, {}))
    if time.monotonic() - asked > _HOME_S:
        try:
            found = user_client.home()
        except ControlError:
            found = {}
        st.session_state[_HOME] = (time.monotonic(), found)
    return dict(found)


def _alarms(context: PageContext) -> None:
    """Draw damage of the trail on every page."""
    damage = context.home.get("damage")
    if damage:
        st.error(context.localize("home.damage", reason=damage), icon=":material/gpp_bad:")


def _renderer(view: View, context: PageContext) -> Callable[[], None]:
    def draw() -> None:
        try:
            view.draw(context)
        except ControlError as error:
            show_error(context.localize, error)

    return draw


def _account(context: PageContext, credential: session.Credential) -> None:
    localize = context.localize
    with st.sidebar:
        st.text(context.user.name)
        roles = ", ".join(localize.name("role", role) for role in context.user.roles)
        st.caption(escape(roles) or localize("app.no_roles"))
        st.caption(localize("app.until", when=localize.moment(credential.expires)))
        if st.button(localize("app.sign_out"), icon=":material/logout:", width="stretch"):
            session.sign_out(credential, context.client.sign_out)


main()
